/* What GEGL says of its operations, properties and pixel formats. */
#include "binding.h"

#include <stdlib.h>

static const char *
property_type (GParamSpec *spec)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (spec);

  if (GEGL_IS_PARAM_SPEC_SEED (spec))      return "seed";
  if (GEGL_IS_PARAM_SPEC_FILE_PATH (spec)) return "file-path";
  if (GEGL_IS_PARAM_SPEC_URI (spec))       return "uri";
  if (GEGL_IS_PARAM_SPEC_FORMAT (spec))    return "format";
  if (g_type_is_a (type, GEGL_TYPE_COLOR))  return "color";
  if (g_type_is_a (type, GEGL_TYPE_BUFFER)) return "buffer";
  if (g_type_is_a (type, GEGL_TYPE_CURVE))  return "curve";
  if (g_type_is_a (type, GEGL_TYPE_PATH))   return "path";
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN: return "boolean";
    case G_TYPE_INT: case G_TYPE_UINT: case G_TYPE_LONG: case G_TYPE_ULONG:
    case G_TYPE_INT64: case G_TYPE_UINT64: return "int";
    case G_TYPE_FLOAT: case G_TYPE_DOUBLE: return "double";
    case G_TYPE_ENUM:    return "enum";
    case G_TYPE_STRING:  return "string";
    case G_TYPE_POINTER: return "pointer";
    default:             return "object";
    }
}

static void
append_bounds (GString *json, const char *low, double minimum, const char *high, double maximum)
{
  g_string_append_printf (json, ",\"%s\":", low);
  json_append_number (json, minimum);
  g_string_append_printf (json, ",\"%s\":", high);
  json_append_number (json, maximum);
}

static void
append_range (GString *json, GParamSpec *spec)
{
#define RANGE(type, Type) \
  if (G_IS_PARAM_SPEC_##type (spec)) \
    append_bounds (json, "minimum", G_PARAM_SPEC_##type (spec)->minimum, \
                   "maximum", G_PARAM_SPEC_##type (spec)->maximum);
  RANGE (INT, Int)
  RANGE (UINT, UInt)
  RANGE (LONG, Long)
  RANGE (ULONG, ULong)
  RANGE (INT64, Int64)
  RANGE (UINT64, UInt64)
  RANGE (FLOAT, Float)
  RANGE (DOUBLE, Double)
#undef RANGE
  if (GEGL_IS_PARAM_SPEC_DOUBLE (spec))
    append_bounds (json, "uiMinimum", GEGL_PARAM_SPEC_DOUBLE (spec)->ui_minimum,
                   "uiMaximum", GEGL_PARAM_SPEC_DOUBLE (spec)->ui_maximum);
  if (GEGL_IS_PARAM_SPEC_INT (spec))
    append_bounds (json, "uiMinimum", GEGL_PARAM_SPEC_INT (spec)->ui_minimum,
                   "uiMaximum", GEGL_PARAM_SPEC_INT (spec)->ui_maximum);
}

static void
append_enum_values (GString *json, GParamSpec *spec)
{
  GEnumClass *klass    = G_PARAM_SPEC_ENUM (spec)->enum_class;
  GSList     *excluded = GEGL_IS_PARAM_SPEC_ENUM (spec)
                         ? GEGL_PARAM_SPEC_ENUM (spec)->excluded_values : NULL;
  gboolean    first    = TRUE;

  g_string_append (json, ",\"values\":[");
  for (guint i = 0; i < klass->n_values; i++)
    {
      if (g_slist_find (excluded, GINT_TO_POINTER (klass->values[i].value)))
        continue;
      if (! first)
        g_string_append_c (json, ',');
      first = FALSE;
      json_append_string (json, klass->values[i].value_nick);
    }
  g_string_append_c (json, ']');
}

static void
append_property (GString *json, GParamSpec *spec)
{
  GValue value = G_VALUE_INIT;

  g_string_append (json, "{\"name\":");
  json_append_string (json, spec->name);
  json_append_member (json, "type", property_type (spec));
  json_append_member (json, "valueType", g_type_name (G_PARAM_SPEC_VALUE_TYPE (spec)));
  json_append_member (json, "title", g_param_spec_get_nick (spec));
  json_append_member (json, "description", g_param_spec_get_blurb (spec));
  g_string_append_printf (json, ",\"writable\":%s", spec->flags & G_PARAM_WRITABLE ? "true" : "false");
  append_range (json, spec);
  if (G_IS_PARAM_SPEC_ENUM (spec))
    append_enum_values (json, spec);
  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  g_param_value_set_default (spec, &value);
  g_string_append (json, ",\"default\":");
  json_append_value (json, &value);
  g_value_unset (&value);
  g_string_append_c (json, '}');
}

static void
append_pads (GString *json, const char *operation)
{
  GeglNode *node   = gegl_node_new ();
  GeglNode *child  = gegl_node_new_child (node, "operation", operation, NULL);
  gchar   **inputs = gegl_node_list_input_pads (child);

  g_string_append (json, ",\"inputs\":[");
  for (int i = 0; inputs && inputs[i]; i++)
    {
      if (i)
        g_string_append_c (json, ',');
      json_append_string (json, inputs[i]);
    }
  g_string_append_printf (json, "],\"outputs\":[%s]",
                          gegl_node_has_pad (child, "output") ? "\"output\"" : "");
  g_strfreev (inputs);
  g_object_unref (node);
}

EXPORT int
gegl_wasm_has_operation (const char *name)
{
  return gegl_has_operation (name);
}

/* names, separated by newlines */
EXPORT char *
gegl_wasm_list_operations (void)
{
  guint   n;
  gchar **names = gegl_list_operations (&n);
  char   *text  = g_strjoinv ("\n", names);

  g_free (names); /* the strings belong to the operation classes */
  return text;
}

EXPORT char *
gegl_wasm_describe_operation (const char *name)
{
  GString     *json = g_string_new ("{\"name\":");
  guint        n;
  GParamSpec **specs = gegl_operation_list_properties (name, &n);

  json_append_string (json, name);
  json_append_member (json, "title", gegl_operation_get_key (name, "title"));
  json_append_member (json, "description", gegl_operation_get_key (name, "description"));
  json_append_member (json, "categories", gegl_operation_get_key (name, "categories"));
  json_append_member (json, "license", gegl_operation_get_key (name, "license"));
  append_pads (json, name);
  g_string_append (json, ",\"properties\":[");
  for (guint i = 0; i < n; i++)
    {
      if (i)
        g_string_append_c (json, ',');
      append_property (json, specs[i]);
    }
  g_string_append (json, "]}");
  g_free (specs);
  return g_string_free (json, FALSE);
}

/* NULL where babl knows no such format */
EXPORT char *
gegl_wasm_describe_format (const char *name)
{
  const Babl *format;
  GString    *json;

  if (! babl_format_exists (name))
    return NULL;
  format = babl_format (name);
  json = g_string_new ("{\"name\":");
  json_append_string (json, babl_get_name (format));
  json_append_member (json, "type", babl_get_name (babl_format_get_type (format, 0)));
  json_append_member (json, "model", babl_get_name (babl_format_get_model (format)));
  g_string_append_printf (json, ",\"components\":%d,\"bytesPerPixel\":%d,\"hasAlpha\":%s}",
                          babl_format_get_n_components (format),
                          babl_format_get_bytes_per_pixel (format),
                          babl_format_has_alpha (format) ? "true" : "false");
  return g_string_free (json, FALSE);
}
