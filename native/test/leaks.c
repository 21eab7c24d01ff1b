/* What leaks on purpose, and what only looks like it: functions for bench:leaks, linked into the variant `leaks`
 * alone. What the test set of the benchmark does in C is in held-out.c and held-out-more.c. */
#include "leaks.h"

/* --- blocks that are dropped --- */

CULPRIT void culprit_drop_block (size_t size) { used (malloc (size), size); }

EXPORT void leaks_drop_block (int size) { culprit_drop_block (size); }

CULPRIT void culprit_every_nth (size_t size) { used (g_malloc (size), size); }

/* a block of `size` bytes, which every n-th call, by its number from 0, forgets to free */
EXPORT void
leaks_drop_every (int n, int number, int size)
{
  if (number % n == n - 1)
    culprit_every_nth (size);
  else
    free (used (malloc (size), size));
}

CULPRIT int
culprit_parse (const char *text)
{
  char *copy = g_strdup (text);

  if (! g_str_has_prefix (copy, "ok"))
    return 0; /* and `copy` is forgotten */
  g_free (copy);
  return 1;
}

EXPORT int leaks_parse (const char *text) { return culprit_parse (text); }

CULPRIT void
culprit_forget_list (int length)
{
  GSList *list = NULL;

  for (int i = 0; i < length; i++)
    list = g_slist_prepend (list, GINT_TO_POINTER (i));
  __asm__ volatile ("" : : "r" (list) : "memory");
}

EXPORT void leaks_forget_list (int length) { culprit_forget_list (length); }

/* frees the owner, and not what it owns */
typedef struct { char *title; void *pixels; } Layer;

CULPRIT void
culprit_shallow_free (size_t size)
{
  Layer *layer = g_new0 (Layer, 1);

  layer->title  = g_strdup ("a layer");
  layer->pixels = used (g_malloc (size), size);
  g_free (layer->title);
  g_free (layer);
}

EXPORT void leaks_shallow_free (int size) { culprit_shallow_free (size); }

/* overwrites the only pointer */
static char *last_message = NULL;

CULPRIT void
culprit_overwrite (int number)
{
  last_message = g_strdup_printf ("message %d", number);
}

EXPORT void leaks_overwrite (int number) { culprit_overwrite (number); }

CULPRIT void *culprit_export_bitmap (size_t size) { return used (malloc (size), size); }

EXPORT void
leaks_export (int size, int is_forgotten)
{
  void *bitmap = culprit_export_bitmap (size);

  if (! is_forgotten)
    free (bitmap);
}

/* an iterator that is left in its middle, and not stopped */
CULPRIT int
culprit_find_pixel (GeglBuffer *buffer)
{
  GeglBufferIterator *iterator = gegl_buffer_iterator_new (
    buffer, NULL, 0, NULL, GEGL_ACCESS_READ, GEGL_ABYSS_NONE, 1);

  while (gegl_buffer_iterator_next (iterator))
    if (*(float *) iterator->items[0].data < 2)
      return 1;
  return 0;
}

EXPORT int leaks_find_pixel (GeglBuffer *buffer) { return culprit_find_pixel (buffer); }

/* --- GObjects --- */

/* two objects that hold each other */
CULPRIT void
culprit_cycle (void)
{
  GObject *a = g_object_new (G_TYPE_OBJECT, NULL), *b = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_set_data_full (a, "peer", b, g_object_unref);
  g_object_set_data_full (b, "peer", a, g_object_unref);
}

EXPORT void leaks_cycle (void) { culprit_cycle (); }

/* one reference too many: the application releases its own, and the object lives on */
CULPRIT void culprit_extra_ref (GObject *object) { g_object_ref (object); }

EXPORT void leaks_extra_ref (GObject *object) { culprit_extra_ref (object); }

CULPRIT void
culprit_lost_color (void)
{
  GeglColor *color = gegl_color_new ("rgb(0.1, 0.2, 0.3)");

  gegl_color_set_rgba (color, 1, 1, 1, 1);
}

EXPORT void leaks_lost_color (void) { culprit_lost_color (); }

CULPRIT void
culprit_lost_iterator_buffer (GeglBuffer *buffer)
{
  GeglBuffer *copy = gegl_buffer_dup (buffer);

  gegl_buffer_clear (copy, GEGL_RECTANGLE (0, 0, 1, 1));
}

EXPORT void leaks_lost_duplicate (GeglBuffer *buffer) { culprit_lost_iterator_buffer (buffer); }

static void on_notify (GObject *object, GParamSpec *spec, gpointer data) {}

/* a handler more each time, on an object that lives long */
CULPRIT void
culprit_connect_again (GObject *object)
{
  g_signal_connect_data (object, "notify", G_CALLBACK (on_notify), g_malloc0 (32),
                         (GClosureNotify) g_free, 0);
}

EXPORT void leaks_connect_again (GObject *object) { culprit_connect_again (object); }

/* connects, and disconnects again */
EXPORT void
clean_connect (GObject *object)
{
  gulong handler = g_signal_connect_data (object, "notify", G_CALLBACK (on_notify), g_malloc0 (32),
                                          (GClosureNotify) g_free, 0);

  g_signal_handler_disconnect (object, handler);
}

/* --- held, and without a bound --- */

static GSList *history = NULL;

CULPRIT void culprit_history (size_t size) { history = g_slist_prepend (history, used (g_malloc (size), size)); }

EXPORT void leaks_history (int size) { culprit_history (size); }

static GSList *palette = NULL;

/* colors that nobody but a list in C knows */
CULPRIT void culprit_keep_color (void) { palette = g_slist_prepend (palette, gegl_color_new ("red")); }

EXPORT void leaks_keep_color (void) { culprit_keep_color (); }

static GHashTable *thumbnails = NULL;

CULPRIT void
culprit_cache (int key)
{
  if (! thumbnails)
    thumbnails = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_free);
  g_hash_table_insert (thumbnails, GINT_TO_POINTER (key), used (g_malloc (200), 200));
}

EXPORT void leaks_cache (int key) { culprit_cache (key); }

static GString *journal = NULL;

/* one block, larger and larger */
CULPRIT void
culprit_journal (int length)
{
  if (! journal)
    journal = g_string_new (NULL);
  for (int i = 0; i < length; i++)
    g_string_append_c (journal, 'a' + i % 26);
}

EXPORT void leaks_journal (int length) { culprit_journal (length); }

static char *log_text = NULL;
static size_t log_length = 0;

/* one block, larger by as much each time */
CULPRIT void
culprit_append (size_t size)
{
  log_text = realloc (log_text, log_length + size);
  used (log_text + log_length, size);
  log_length += size;
}

EXPORT void leaks_append (int size) { culprit_append (size); }

/* an atom for each new text: GLib never frees these */
CULPRIT void
culprit_intern (int number)
{
  char *text = g_strdup_printf ("/documents/%0100d/layers/%060d.xml", number, number);

  g_intern_string (text);
  g_free (text);
}

EXPORT void leaks_intern (int number) { culprit_intern (number); }

/* --- looks like a leak, and is none --- */

/* a ring with a bound, allocated from low in the stack */
#define MOST 64
static void *ring[MOST];

EXPORT void
clean_ring (int index, int size)
{
  int place = index % MOST;

  free (ring[place]);
  ring[place] = used (malloc (size), size);
}

EXPORT void
clean_ring_empty (void)
{
  for (int i = 0; i < MOST; i++)
    {
      free (ring[i]);
      ring[i] = NULL;
    }
}

/* a vector that doubles, up to `most` */
static int *vector = NULL;
static int  length = 0, room = 0;

EXPORT void
clean_vector (int values, int most)
{
  for (int i = 0; i < values && length < most; i++)
    {
      if (length == room)
        vector = realloc (vector, sizeof (int) * (room = room ? 2 * room : 16));
      vector[length++] = i;
    }
}

EXPORT void
clean_vector_empty (void)
{
  free (vector);
  vector = NULL;
  length = room = 0;
}

/* many blocks, of which every other one is freed: holes, and then all of them */
static void *pieces[256];

EXPORT void
clean_fragments (int phase, int size)
{
  for (int i = 0; i < 256; i++)
    {
      if (phase == 0 && ! pieces[i])
        pieces[i] = used (malloc (size + 8 * (i % 7)), size);
      else if (phase == 1 ? i % 2 : phase == 2)
        {
          free (pieces[i]);
          pieces[i] = NULL;
        }
    }
}

/* a table made when it is first asked for, and kept for good */
EXPORT int
clean_table (int index)
{
  static int *tables[16];
  int       **table = &tables[index % 16];

  if (! *table)
    *table = used (malloc (4096), 4096);
  return **table;
}

/* blocks known by pointers into their middle, with a mark in the lowest bit */
static guintptr handles[MOST];

EXPORT void
clean_tagged (int index, int size)
{
  guintptr *handle = &handles[index % MOST];

  if (*handle)
    free ((void *) ((*handle & ~(guintptr) 1) - 16));
  *handle = size ? ((guintptr) used (malloc (size + 16), size + 16) + 16) | 1 : 0;
}

/* blocks known by a number that is no pointer: no scan sees who holds them */
static guintptr hidden[MOST];

EXPORT void
clean_hidden (int index, int size)
{
  guintptr *handle = &hidden[index % MOST];

  if (*handle)
    free ((void *) ~*handle);
  *handle = size ? ~(guintptr) used (malloc (size), size) : 0;
}

/* two objects that hold each other, until one lets go */
EXPORT void
clean_cycle (void)
{
  GObject *a = g_object_new (G_TYPE_OBJECT, NULL), *b = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_set_data_full (a, "peer", b, g_object_unref);
  g_object_set_data_full (b, "peer", a, g_object_unref);
  g_object_steal_data (b, "peer");
  g_object_unref (a);
}

/* the error path that cleans up */
EXPORT int
clean_parse (const char *text)
{
  char *copy = g_strdup (text);
  int   ok   = g_str_has_prefix (copy, "ok");

  g_free (copy);
  return ok;
}

/* a cache with a bound: the oldest goes */
static GQueue bounded = G_QUEUE_INIT;

EXPORT void
clean_queue (int most, int size)
{
  g_queue_push_tail (&bounded, used (g_malloc (size), size));
  while (g_queue_get_length (&bounded) > (guint) most)
    g_free (g_queue_pop_head (&bounded));
}

EXPORT void clean_queue_empty (void) { g_queue_clear_full (&bounded, g_free); }
