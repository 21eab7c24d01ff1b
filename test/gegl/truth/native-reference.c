/* The native side of the truth test: renders with the system's GEGL what truth.test.ts describes on
 * stdin, one command a line, words separated by tabs. Each command with an arrow below is answered by one line on
 * stdout, "ok ..."; the first thing that goes wrong in a case by "error ...", and the rest of the case is skipped.
 * One process serves many cases; `begin` forgets the last one.
 *
 *   begin
 *   buffer  PAD FILE X Y WIDTH HEIGHT FORMAT   pixels for the pad "input" or "aux" of the first node
 *   node    OPERATION                          appended to the chain, output to input
 *   set     PROPERTY VALUE                     on the newest node
 *   render  FILE X Y WIDTH HEIGHT FORMAT       of the newest node -> ok
 *   process                                    the newest node, a file saver -> ok
 *   version                                    -> ok GEGL_VERSION BABL_VERSION
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gegl.h>

#define MAX_WORDS 16

static GeglNode *graph, *newest;
static GeglBuffer *pads[2];           /* "input", "aux" of the first node */
static const char *pad_names[2] = { "input", "aux" };
static int failed;                    /* an answer for this case was already given as an error */

static void
answer_error (const char *what, const char *detail)
{
  if (! failed)
    printf ("error %s: %s\n", what, detail);
  failed = 1;
}

static void
begin (void)
{
  g_clear_object (&graph);
  g_clear_object (&pads[0]);
  g_clear_object (&pads[1]);
  graph = gegl_node_new ();
  newest = NULL;
  failed = 0;
}

static GeglRectangle
rectangle (char **words)
{
  GeglRectangle r = { atoi (words[0]), atoi (words[1]), atoi (words[2]), atoi (words[3]) };
  return r;
}

static void
read_buffer (const char *pad, const char *file, GeglRectangle extent, const char *format_name)
{
  int which = strcmp (pad, "aux") == 0;
  const Babl *format = babl_format (format_name);
  gchar *bytes = NULL;
  gsize length = 0, expected = (gsize) extent.width * extent.height * babl_format_get_bytes_per_pixel (format);

  if (! g_file_get_contents (file, &bytes, &length, NULL) || length != expected)
    {
      answer_error ("pixels missing or of another size", file);
      g_free (bytes);
      return;
    }
  g_clear_object (&pads[which]);
  pads[which] = gegl_buffer_new (&extent, format);
  gegl_buffer_set (pads[which], &extent, 0, format, bytes, GEGL_AUTO_ROWSTRIDE);
  g_free (bytes);
}

static void
append_node (const char *operation)
{
  GeglNode *node;

  if (! gegl_has_operation (operation))
    {
      answer_error ("no such operation", operation);
      return;
    }
  node = gegl_node_new_child (graph, "operation", operation, NULL);
  if (newest)
    gegl_node_link (newest, node);
  else
    for (int i = 0; i < 2; i++)
      if (pads[i])
        {
          GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", pads[i], NULL);
          gegl_node_connect_to (source, "output", node, pad_names[i]);
        }
  newest = node;
}

static void
set_property (const char *name, const char *text)
{
  GParamSpec *spec = newest ? gegl_node_find_property (newest, name) : NULL;
  GValue value = G_VALUE_INIT;
  GType type;

  if (! spec)
    {
      answer_error ("no such property", name);
      return;
    }
  type = G_PARAM_SPEC_VALUE_TYPE (spec);
  g_value_init (&value, type);
  if (type == G_TYPE_STRING)
    g_value_set_string (&value, text);
  else if (type == G_TYPE_BOOLEAN)
    g_value_set_boolean (&value, strcmp (text, "true") == 0);
  else if (g_type_is_a (type, G_TYPE_ENUM))
    {
      GEnumClass *names = g_type_class_ref (type);
      GEnumValue *entry = g_enum_get_value_by_nick (names, text);
      if (entry)
        g_value_set_enum (&value, entry->value);
      else
        answer_error ("no such enum nick", text);
      g_type_class_unref (names);
    }
  else if (g_type_is_a (type, GEGL_TYPE_COLOR))
    g_value_take_object (&value, gegl_color_new (text));
  else if (type == G_TYPE_POINTER)
    g_value_set_pointer (&value, (gpointer) babl_format (text));
  else
    {
      GValue number = G_VALUE_INIT;
      g_value_init (&number, G_TYPE_DOUBLE);
      g_value_set_double (&number, g_ascii_strtod (text, NULL));
      if (! g_value_transform (&number, &value))
        answer_error ("a property of a type that this program can't set", name);
      g_value_unset (&number);
    }
  if (! failed)
    gegl_node_set_property (newest, name, &value);
  g_value_unset (&value);
}

static void
render (const char *file, GeglRectangle area, const char *format_name)
{
  const Babl *format = babl_format (format_name);
  gsize length = (gsize) area.width * area.height * babl_format_get_bytes_per_pixel (format);
  gchar *bytes = g_malloc0 (length);
  FILE *out;

  gegl_node_blit (newest, 1.0, &area, format, bytes, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
  /* Not g_file_set_contents, which syncs to the disk. */
  out = fopen (file, "wb");
  if (! out || fwrite (bytes, 1, length, out) != length)
    answer_error ("can't write", file);
  if (out)
    fclose (out);
  g_free (bytes);
  if (! failed)
    printf ("ok\n");
}

int
main (int argc, char **argv)
{
  char line[8192];

  /* Before gegl_init: set later, it makes GEGL load every module a second time. */
  g_object_set (gegl_config (), "application-license", "GPL3", NULL);
  gegl_init (&argc, &argv);
  begin ();

  while (fgets (line, sizeof line, stdin))
    {
      char *words[MAX_WORDS] = { NULL }, *rest = line;
      int n = 0;

      line[strcspn (line, "\n")] = '\0';
      while (n < MAX_WORDS && (words[n] = strsep (&rest, "\t")))
        n++;

      if (strcmp (words[0], "begin") == 0)
        begin ();
      else if (strcmp (words[0], "version") == 0)
        {
          int gegl[3], babl[3];
          gegl_get_version (&gegl[0], &gegl[1], &gegl[2]);
          babl_get_version (&babl[0], &babl[1], &babl[2]);
          printf ("ok %d.%d.%d %d.%d.%d\n", gegl[0], gegl[1], gegl[2], babl[0], babl[1], babl[2]);
        }
      else if (failed)
        ; /* the case's one answer is out */
      else if (strcmp (words[0], "buffer") == 0 && n == 8)
        read_buffer (words[1], words[2], rectangle (words + 3), words[7]);
      else if (strcmp (words[0], "node") == 0 && n == 2)
        append_node (words[1]);
      else if (strcmp (words[0], "set") == 0 && n == 3)
        set_property (words[1], words[2]);
      else if (strcmp (words[0], "render") == 0 && n == 7 && newest)
        render (words[1], rectangle (words + 2), words[6]);
      else if (strcmp (words[0], "process") == 0 && newest)
        {
          gegl_node_process (newest);
          printf ("ok\n");
        }
      else
        answer_error ("a command that this program doesn't know", words[0]);
      fflush (stdout);
    }

  begin ();
  g_clear_object (&graph);
  gegl_exit ();
  return 0;
}
