/* GEGL's own figures (GeglStats) and settings (GeglConfig), by property name. */
#include "binding.h"

#include <stdlib.h>

static GObject *
figures (int config)
{
  return config ? G_OBJECT (gegl_config ()) : G_OBJECT (gegl_stats ());
}

/* every property with its value, as one JSON object */
EXPORT char *
gegl_wasm_figures (int config)
{
  GObject     *object = figures (config);
  guint        n;
  GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  GString     *json  = g_string_new ("{");

  for (guint i = 0; i < n; i++)
    {
      GValue value = G_VALUE_INIT;

      g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (specs[i]));
      g_object_get_property (object, specs[i]->name, &value);
      if (i)
        g_string_append_c (json, ',');
      json_append_string (json, specs[i]->name);
      g_string_append_c (json, ':');
      json_append_value (json, &value);
      g_value_unset (&value);
    }
  g_string_append_c (json, '}');
  g_free (specs);
  return g_string_free (json, FALSE);
}

static int
set_config (const char *name, const GValue *from)
{
  GObject    *config = figures (TRUE);
  GParamSpec *spec   = g_object_class_find_property (G_OBJECT_GET_CLASS (config), name);
  GValue      value  = G_VALUE_INIT;
  int         result = SET_OK;

  if (! spec)
    return SET_NO_PROPERTY;
  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  if (! g_value_transform (from, &value))
    result = SET_WRONG_TYPE;
  else if (g_param_value_validate (spec, &value))
    result = SET_BAD_VALUE;
  else
    g_object_set_property (config, name, &value);
  g_value_unset (&value);
  return result;
}

EXPORT int
gegl_wasm_config_set_number (const char *name, double number)
{
  GValue      value = G_VALUE_INIT;
  GParamSpec *spec  = g_object_class_find_property (G_OBJECT_GET_CLASS (figures (TRUE)), name);

  /* GLib transforms doubles to numbers, but not to booleans */
  if (spec && G_IS_PARAM_SPEC_BOOLEAN (spec))
    {
      g_value_init (&value, G_TYPE_BOOLEAN);
      g_value_set_boolean (&value, number != 0);
    }
  else
    {
      g_value_init (&value, G_TYPE_DOUBLE);
      g_value_set_double (&value, number);
    }
  return set_config (name, &value);
}

EXPORT int
gegl_wasm_config_set_string (const char *name, const char *text)
{
  GValue value = G_VALUE_INIT;
  int    result;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  result = set_config (name, &value);
  g_value_unset (&value);
  return result;
}
