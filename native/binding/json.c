/* JSON texts for the descriptions that the wrapper reads (operations, formats, property values). */
#include "binding.h"

#include <math.h>

void
json_append_string (GString *json, const char *text)
{
  if (! text)
    {
      g_string_append (json, "null");
      return;
    }
  g_string_append_c (json, '"');
  for (const unsigned char *c = (const unsigned char *) text; *c; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (json, "\\%c", *c);
      else if (*c < 0x20)
        g_string_append_printf (json, "\\u%04x", *c);
      else
        g_string_append_c (json, *c);
    }
  g_string_append_c (json, '"');
}

void
json_append_member (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, ",\"%s\":", name);
  json_append_string (json, text);
}

void
json_append_number (GString *json, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  /* JSON has no infinity; the wrapper reads null as "no bound" */
  if (isfinite (number))
    g_string_append (json, g_ascii_dtostr (digits, sizeof digits, number));
  else
    g_string_append (json, "null");
}

static void
append_object (GString *json, GObject *object)
{
  char *text = NULL;

  if (GEGL_IS_COLOR (object))
    {
      g_object_get (object, "string", &text, NULL);
      json_append_string (json, text);
    }
  else if (GEGL_IS_PATH (object))
    {
      text = gegl_path_to_string (GEGL_PATH (object));
      json_append_string (json, text);
    }
  else if (GEGL_IS_CURVE (object))
    {
      GeglCurve *curve = GEGL_CURVE (object);

      g_string_append_c (json, '[');
      for (guint i = 0; i < gegl_curve_num_points (curve); i++)
        {
          double x, y;

          gegl_curve_get_point (curve, i, &x, &y);
          g_string_append (json, i ? ",[" : "[");
          json_append_number (json, x);
          g_string_append_c (json, ',');
          json_append_number (json, y);
          g_string_append_c (json, ']');
        }
      g_string_append_c (json, ']');
    }
  else
    {
      g_string_append (json, "null");
    }
  g_free (text);
}

void
json_append_value (GString *json, const GValue *value)
{
  GType type = G_VALUE_TYPE (value);

  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
      g_string_append (json, g_value_get_boolean (value) ? "true" : "false");
      break;
    case G_TYPE_STRING:
      json_append_string (json, g_value_get_string (value));
      break;
    case G_TYPE_ENUM:
      {
        GEnumClass *klass = g_type_class_ref (type);
        GEnumValue *entry = g_enum_get_value (klass, g_value_get_enum (value));

        json_append_string (json, entry ? entry->value_nick : NULL);
        g_type_class_unref (klass);
        break;
      }
    case G_TYPE_OBJECT:
      append_object (json, g_value_get_object (value));
      break;
    case G_TYPE_POINTER:
      /* the only pointers that operations take as properties are babl formats */
      if (type == G_TYPE_POINTER && g_value_get_pointer (value)
          && babl_get_name (g_value_get_pointer (value)))
        json_append_string (json, babl_get_name (g_value_get_pointer (value)));
      else
        g_string_append (json, "null");
      break;
    default:
      if (g_value_type_transformable (type, G_TYPE_DOUBLE))
        {
          GValue number = G_VALUE_INIT;

          g_value_init (&number, G_TYPE_DOUBLE);
          g_value_transform (value, &number);
          json_append_number (json, g_value_get_double (&number));
        }
      else
        {
          g_string_append (json, "null");
        }
    }
}
