/* Buffers, nodes, processors and colors. Every constructor gives the caller a reference of its
 * own, released with gegl_wasm_unref. Rectangles are four ints: x, y, width, height. */
#include "binding.h"

#include <stdlib.h>
#include <string.h>

EXPORT void gegl_wasm_unref (gpointer object) { g_object_unref (object); }

/* --- buffers --- */

EXPORT GeglBuffer *
gegl_wasm_buffer_new (int x, int y, int width, int height, const char *format)
{
  return gegl_buffer_new (GEGL_RECTANGLE (x, y, width, height), babl_format (format));
}

EXPORT GeglBuffer *
gegl_wasm_buffer_dup (GeglBuffer *buffer)
{
  return gegl_buffer_dup (buffer);
}

/* a NULL source clears the rectangle; stride 0 is GEGL_AUTO_ROWSTRIDE */
EXPORT void
gegl_wasm_buffer_set (GeglBuffer *buffer, int x, int y, int width, int height,
                      const char *format, const void *source, int stride)
{
  if (source)
    gegl_buffer_set (buffer, GEGL_RECTANGLE (x, y, width, height), 0, babl_format (format), source, stride);
  else
    gegl_buffer_clear (buffer, GEGL_RECTANGLE (x, y, width, height));
}

EXPORT void
gegl_wasm_buffer_get (GeglBuffer *buffer, int x, int y, int width, int height, double scale,
                      const char *format, void *target, int stride)
{
  gegl_buffer_get (buffer, GEGL_RECTANGLE (x, y, width, height), scale, babl_format (format),
                   target, stride, GEGL_ABYSS_NONE);
}

EXPORT void
gegl_wasm_buffer_extent (GeglBuffer *buffer, GeglRectangle *extent)
{
  *extent = *gegl_buffer_get_extent (buffer);
}

EXPORT char *
gegl_wasm_buffer_format (GeglBuffer *buffer)
{
  return g_strdup (babl_get_name (gegl_buffer_get_format (buffer)));
}

EXPORT void gegl_wasm_buffer_flush (GeglBuffer *buffer) { gegl_buffer_flush (buffer); }

/* --- nodes --- */

EXPORT GeglNode *gegl_wasm_graph_new (void) { return gegl_node_new (); }

EXPORT GeglNode *
gegl_wasm_node_new (GeglNode *graph, const char *operation)
{
  return g_object_ref (gegl_node_new_child (graph, "operation", operation, NULL));
}

/* takes the child out of its graph; the caller's own reference stays */
EXPORT void
gegl_wasm_node_remove (GeglNode *graph, GeglNode *child)
{
  gegl_node_remove_child (graph, child);
}

static GParamSpec *
begin_set (GeglNode *node, const char *name, GValue *value)
{
  GParamSpec *spec = gegl_node_find_property (node, name);

  if (spec)
    g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (spec));
  return spec;
}

static int
end_set (GeglNode *node, const char *name, GValue *value, int result)
{
  if (result == SET_OK)
    gegl_node_set_property (node, name, value);
  g_value_unset (value);
  return result;
}

EXPORT int
gegl_wasm_node_set_number (GeglNode *node, const char *name, double number)
{
  GValue value  = G_VALUE_INIT;
  int    result = SET_OK;

  if (! begin_set (node, name, &value))
    return SET_NO_PROPERTY;
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (&value)))
    {
    case G_TYPE_BOOLEAN: g_value_set_boolean (&value, number != 0); break;
    case G_TYPE_INT:     g_value_set_int (&value, (gint) number); break;
    case G_TYPE_UINT:    g_value_set_uint (&value, (guint) number); break;
    case G_TYPE_LONG:    g_value_set_long (&value, (glong) number); break;
    case G_TYPE_ULONG:   g_value_set_ulong (&value, (gulong) number); break;
    case G_TYPE_INT64:   g_value_set_int64 (&value, (gint64) number); break;
    case G_TYPE_UINT64:  g_value_set_uint64 (&value, (guint64) number); break;
    case G_TYPE_FLOAT:   g_value_set_float (&value, (gfloat) number); break;
    case G_TYPE_DOUBLE:  g_value_set_double (&value, number); break;
    default:             result = SET_WRONG_TYPE;
    }
  return end_set (node, name, &value, result);
}

static int
set_enum (GValue *value, const char *nick)
{
  GEnumClass *klass = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *entry = g_enum_get_value_by_nick (klass, nick);

  if (entry)
    g_value_set_enum (value, entry->value);
  g_type_class_unref (klass);
  return entry ? SET_OK : SET_BAD_VALUE;
}

/* strings, file paths, URIs, enum nicks, colors, vector paths and babl formats */
EXPORT int
gegl_wasm_node_set_string (GeglNode *node, const char *name, const char *text)
{
  GValue      value  = G_VALUE_INIT;
  int         result = SET_OK;
  GParamSpec *spec   = begin_set (node, name, &value);
  GType       type;

  if (! spec)
    return SET_NO_PROPERTY;
  type = G_VALUE_TYPE (&value);
  if (type == G_TYPE_STRING)
    g_value_set_string (&value, text);
  else if (g_type_is_a (type, G_TYPE_ENUM))
    result = set_enum (&value, text);
  else if (g_type_is_a (type, GEGL_TYPE_COLOR))
    g_value_take_object (&value, gegl_color_new (text));
  else if (g_type_is_a (type, GEGL_TYPE_PATH))
    g_value_take_object (&value, gegl_path_new_from_string (text));
  else if (G_TYPE_FUNDAMENTAL (type) == G_TYPE_POINTER)
    {
      if (babl_format_exists (text))
        g_value_set_pointer (&value, (gpointer) babl_format (text));
      else
        result = SET_BAD_VALUE;
    }
  else
    result = SET_WRONG_TYPE;
  return end_set (node, name, &value, result);
}

EXPORT int
gegl_wasm_node_set_object (GeglNode *node, const char *name, GObject *object)
{
  GValue value  = G_VALUE_INIT;
  int    result = SET_OK;

  if (! begin_set (node, name, &value))
    return SET_NO_PROPERTY;
  if (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (&value)) == G_TYPE_POINTER)
    g_value_set_pointer (&value, object);
  else if (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (&value)) != G_TYPE_OBJECT)
    result = SET_WRONG_TYPE;
  else if (object && ! g_type_is_a (G_OBJECT_TYPE (object), G_VALUE_TYPE (&value)))
    result = SET_BAD_VALUE;
  else
    g_value_set_object (&value, object);
  return end_set (node, name, &value, result);
}

/* points: x0, y0, x1, y1, ...; the curve maps [x_minimum, x_maximum] */
EXPORT int
gegl_wasm_node_set_curve (GeglNode *node, const char *name, const double *points, int n_points)
{
  GValue     value = G_VALUE_INIT;
  GeglCurve *curve;

  if (! begin_set (node, name, &value))
    return SET_NO_PROPERTY;
  if (! g_type_is_a (G_VALUE_TYPE (&value), GEGL_TYPE_CURVE))
    return end_set (node, name, &value, SET_WRONG_TYPE);
  curve = gegl_curve_new (0.0, 1.0);
  for (int i = 0; i < n_points; i++)
    gegl_curve_add_point (curve, points[2 * i], points[2 * i + 1]);
  g_value_take_object (&value, curve);
  return end_set (node, name, &value, SET_OK);
}

/* NULL where the node has no such property */
EXPORT char *
gegl_wasm_node_get_property (GeglNode *node, const char *name)
{
  GValue   value = G_VALUE_INIT;
  GString *json;

  if (! begin_set (node, name, &value))
    return NULL;
  gegl_node_get_property (node, name, &value);
  json = g_string_new (NULL);
  json_append_value (json, &value);
  g_value_unset (&value);
  return g_string_free (json, FALSE);
}

static gboolean
has_source (GeglNode *node, GeglNode *source, GHashTable *seen)
{
  gchar  **pads;
  gboolean found = node == source;

  if (found || ! g_hash_table_add (seen, node))
    return found;
  pads = gegl_node_list_input_pads (node);
  for (int i = 0; pads && pads[i] && ! found; i++)
    {
      GeglNode *producer = gegl_node_get_producer (node, pads[i], NULL);

      found = producer && has_source (producer, source, seen);
    }
  g_strfreev (pads);
  return found;
}

/* whether `node` is `source` or depends on it */
EXPORT int
gegl_wasm_node_has_source (GeglNode *node, GeglNode *source)
{
  GHashTable *seen  = g_hash_table_new (NULL, NULL);
  gboolean    found = has_source (node, source, seen);

  g_hash_table_unref (seen);
  return found;
}

EXPORT int
gegl_wasm_node_connect (GeglNode *source, const char *output, GeglNode *sink, const char *input)
{
  return gegl_node_connect (source, output, sink, input);
}

EXPORT int
gegl_wasm_node_disconnect (GeglNode *sink, const char *input)
{
  return gegl_node_disconnect (sink, input);
}

/* The first node upstream whose main input has nothing connected, as
 * {"operation", "pad", "self"}; NULL where there is none. */
static char *
find_disconnected (GeglNode *node, GeglNode *start, GHashTable *seen)
{
  gchar **pads;
  char   *found = NULL;

  if (! g_hash_table_add (seen, node))
    return NULL;
  pads = gegl_node_list_input_pads (node);
  for (int i = 0; pads && pads[i] && ! found; i++)
    {
      GeglNode *producer = gegl_node_get_producer (node, pads[i], NULL);

      if (producer)
        found = find_disconnected (producer, start, seen);
      else if (! strcmp (pads[i], "input"))
        {
          GString *json = g_string_new ("{\"operation\":");

          json_append_string (json, gegl_node_get_operation (node));
          json_append_member (json, "pad", pads[i]);
          g_string_append_printf (json, ",\"self\":%s}", node == start ? "true" : "false");
          found = g_string_free (json, FALSE);
        }
    }
  g_strfreev (pads);
  return found;
}

EXPORT char *
gegl_wasm_node_find_disconnected (GeglNode *node)
{
  GHashTable *seen  = g_hash_table_new (NULL, NULL);
  char       *found = find_disconnected (node, node, seen);

  g_hash_table_unref (seen);
  return found;
}

EXPORT void gegl_wasm_node_process (GeglNode *node) { gegl_node_process (node); }

EXPORT void
gegl_wasm_node_bounding_box (GeglNode *node, GeglRectangle *box)
{
  *box = gegl_node_get_bounding_box (node);
}

EXPORT void
gegl_wasm_node_blit (GeglNode *node, double scale, int x, int y, int width, int height,
                     const char *format, void *target, int stride)
{
  gegl_node_blit (node, scale, GEGL_RECTANGLE (x, y, width, height), babl_format (format),
                  target, stride, GEGL_BLIT_DEFAULT);
}

EXPORT void
gegl_wasm_node_blit_buffer (GeglNode *node, GeglBuffer *target, int x, int y, int width, int height)
{
  gegl_node_blit_buffer (node, target, GEGL_RECTANGLE (x, y, width, height), 0, GEGL_ABYSS_NONE);
}

/* --- processors --- */

EXPORT GeglProcessor *
gegl_wasm_processor_new (GeglNode *node, int x, int y, int width, int height)
{
  return gegl_node_new_processor (node, GEGL_RECTANGLE (x, y, width, height));
}

EXPORT int
gegl_wasm_processor_work (GeglProcessor *processor, double *progress)
{
  return gegl_processor_work (processor, progress);
}

/* --- colors --- */

EXPORT GeglColor *gegl_wasm_color_new (const char *text) { return gegl_color_new (text); }

EXPORT void
gegl_wasm_color_get (GeglColor *color, double *rgba)
{
  gegl_color_get_rgba (color, rgba, rgba + 1, rgba + 2, rgba + 3);
}

EXPORT void
gegl_wasm_color_set (GeglColor *color, const double *rgba)
{
  gegl_color_set_rgba (color, rgba[0], rgba[1], rgba[2], rgba[3]);
}
