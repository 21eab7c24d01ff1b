/* The native side of bench:gegl. Says "ready INIT_MS GEGL_VERSION TILE_CACHE_BYTES" on stdout, then obeys one
 * command a line on stdin, answering each by one line:
 *
 *   source WIDTH HEIGHT FORMAT   makes the picture that blurs read; four floats a pixel -> ok
 *   blur STD_DEV                 into a new buffer of the same format, by gegl_node_blit_buffer -> ok MS
 *   edits STEPS                  small graphs made, run and dropped -> ok MS
 *   save FILE                    the last result, raw -> ok
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <gegl.h>

static GeglBuffer *source, *result;
static const Babl *format;

static double
now_ms (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static GeglBuffer *
new_buffer (int width, int height)
{
  return gegl_buffer_new (GEGL_RECTANGLE (0, 0, width, height), format);
}

/* The same picture as makeSource() of benchmark.ts. */
static void
make_source (int width, int height, const char *format_name)
{
  gfloat *row = g_new (gfloat, width * 4);

  format = babl_format (format_name);
  g_clear_object (&source);
  source = new_buffer (width, height);
  for (int y = 0; y < height; y++)
    {
      for (int x = 0; x < width; x++)
        for (int c = 0; c < 4; c++)
          row[x * 4 + c] = ((x * 31 + y * 17 + c * 57) & 255) / 256.0f;
      gegl_buffer_set (source, GEGL_RECTANGLE (0, y, width, 1), 0, format, row,
                       GEGL_AUTO_ROWSTRIDE);
    }
  g_free (row);
}

/* Graph and target are new each time, so that nothing is cached from the last; they are not timed. */
static double
blur (double std_dev)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (source);
  GeglNode *graph = gegl_node_new ();
  GeglNode *input = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", source, NULL);
  GeglNode *node = gegl_node_new_child (graph, "operation", "gegl:gaussian-blur",
                                        "std-dev-x", std_dev, "std-dev-y", std_dev, NULL);
  double start, end;

  gegl_node_link (input, node);
  g_clear_object (&result);
  result = new_buffer (extent->width, extent->height);
  start = now_ms ();
  gegl_node_blit_buffer (node, result, extent, 0, GEGL_ABYSS_NONE);
  end = now_ms ();
  g_object_unref (graph);
  return end - start;
}

/* The same as edit() of ../overhead/workloads.ts. */
static double
edit (int steps)
{
  const GeglRectangle extent = { 0, 0, 128, 128 };
  GeglBuffer *target = new_buffer (extent.width, extent.height);
  double start = now_ms ();

  for (int step = 0; step < steps; step++)
    {
      GeglNode *graph = gegl_node_new ();
      GeglNode *input = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", source, NULL);
      GeglNode *move = gegl_node_new_child (graph, "operation", "gegl:translate", "x", (double) -step,
                                            "y", (double) -step, "sampler", GEGL_SAMPLER_NEAREST, NULL);
      GeglNode *crop = gegl_node_new_child (graph, "operation", "gegl:crop", "width", (double) extent.width,
                                            "height", (double) extent.height, NULL);
      GeglNode *blurred = gegl_node_new_child (graph, "operation", "gegl:gaussian-blur",
                                               "std-dev-x", 1.0, "std-dev-y", 1.0, NULL);

      gegl_node_link_many (input, move, crop, blurred, NULL);
      gegl_node_blit_buffer (blurred, target, &extent, 0, GEGL_ABYSS_NONE);
      g_object_unref (graph);
    }
  g_object_unref (target);
  return now_ms () - start;
}

static int
save (const char *file)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (result);
  gsize row_bytes = (gsize) extent->width * 16;
  void *row = g_malloc (row_bytes);
  FILE *out = fopen (file, "wb");
  int good = out != NULL;

  for (int y = 0; good && y < extent->height; y++)
    {
      gegl_buffer_get (result, GEGL_RECTANGLE (0, y, extent->width, 1), 1.0, format, row,
                       GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
      good = fwrite (row, 1, row_bytes, out) == row_bytes;
    }
  g_free (row);
  return out && fclose (out) == 0 && good;
}

int
main (int argc, char **argv)
{
  char line[4096], file[4096], format_name[64];
  int width, height, steps, version[3];
  guint64 cache;
  double std_dev, start = now_ms ();

  /* As the module does. */
  g_object_set (gegl_config (), "application-license", "GPL3", NULL);
  gegl_init (&argc, &argv);
  start = now_ms () - start;
  gegl_get_version (&version[0], &version[1], &version[2]);
  g_object_get (gegl_config (), "tile-cache-size", &cache, NULL);
  printf ("ready %.3f %d.%d.%d %" G_GUINT64_FORMAT "\n", start, version[0], version[1], version[2], cache);
  fflush (stdout);

  while (fgets (line, sizeof line, stdin))
    {
      if (sscanf (line, "source %d %d %63[^\n]", &width, &height, format_name) == 3)
        {
          make_source (width, height, format_name);
          printf ("ok\n");
        }
      else if (sscanf (line, "blur %lf", &std_dev) == 1 && source)
        printf ("ok %.3f\n", blur (std_dev));
      else if (sscanf (line, "edits %d", &steps) == 1 && source)
        printf ("ok %.3f\n", edit (steps));
      else if (sscanf (line, "save %4095s", file) == 1 && result && save (file))
        printf ("ok\n");
      else
        printf ("error %s", line);
      fflush (stdout);
    }
  g_clear_object (&source);
  g_clear_object (&result);
  gegl_exit ();
  return 0;
}
