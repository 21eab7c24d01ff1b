/* What the test set of bench:leaks does in C: its scenarios are bench/leaks/scenarios/held-out. Whoever works on
 * detectors doesn't read this. */
#include "leaks.h"

/* --- looks like a leak, and is none --- */

/* items known by a link in their middle, as in the kernel's lists */
typedef struct Link Link;
struct Link { Link *previous, *next; };
typedef struct { char name[40]; Link link; char data[]; } Item;

static Link items = { &items, &items };

static Link *
link_at (int place)
{
  Link *at = items.next;

  while (place-- > 0 && at != &items)
    at = at->next;
  return at;
}

EXPORT void
clean_list_insert (int place, int size)
{
  Item *item = used (malloc (sizeof (Item) + size), sizeof (Item) + size);
  Link *next = link_at (place);

  item->link.next = next;
  item->link.previous = next->previous;
  next->previous->next = &item->link;
  next->previous = &item->link;
}

/* does nothing where there is none */
EXPORT void
clean_list_remove (int place)
{
  Link *at = link_at (place);

  if (at == &items)
    return;
  at->previous->next = at->next;
  at->next->previous = at->previous;
  free ((char *) at - offsetof (Item, link));
}

/* jobs, first in, first out, each with its pixels */
typedef struct Job Job;
struct Job { Job *next; void *pixels; };

static Job *first_job = NULL, **last_job = &first_job;

EXPORT void
clean_job_push (int size)
{
  Job *job = g_new0 (Job, 1);

  job->pixels = used (malloc (size), size);
  *last_job = job;
  last_job = &job->next;
}

EXPORT void
clean_job_pop (void)
{
  Job *job = first_job;

  if (! job)
    return;
  first_job = job->next;
  if (! first_job)
    last_job = &first_job;
  free (job->pixels);
  g_free (job);
}

/* an array that doubles when it is full, and is halved when three quarters are empty */
static double *array = NULL;
static int     array_room = 0;

EXPORT void
clean_array (int wanted)
{
  int room = array_room;

  while (room < wanted)
    room = room ? 2 * room : 16;
  while (room > 16 && wanted < room / 4)
    room /= 2;
  if (wanted == 0)
    room = 0;
  if (room == array_room)
    return;
  if (room)
    array = realloc (array, room * sizeof (double));
  else
    {
      free (array);
      array = NULL;
    }
  array_room = room;
}

/* one copy of each word, for good */
EXPORT void
clean_word (const char *word)
{
  static GHashTable *words = NULL;

  if (! words)
    words = g_hash_table_new (g_str_hash, g_str_equal);
  if (! g_hash_table_contains (words, word))
    g_hash_table_add (words, g_strdup (word));
}

/* a queue whose items know of both neighbours by one word: the addresses' exclusive or */
typedef struct { guintptr both; char data[120]; } Xored;

static Xored *xored_head = NULL, *xored_tail = NULL;

EXPORT void
clean_xored_push (void)
{
  Xored *item = used (malloc (sizeof (Xored)), sizeof (Xored));

  item->both = (guintptr) xored_tail;
  if (xored_tail)
    xored_tail->both ^= (guintptr) item;
  else
    xored_head = item;
  xored_tail = item;
}

EXPORT void
clean_xored_pop (void)
{
  Xored *item = xored_head;

  if (! item)
    return;
  xored_head = (Xored *) item->both;
  if (xored_head)
    xored_head->both ^= (guintptr) item;
  else
    xored_tail = NULL;
  free (item);
}

/* memory in chunks, given back together */
typedef struct Chunk Chunk;
struct Chunk { Chunk *next; size_t size, taken; char data[]; };

#define CHUNK 4096

static Chunk *
new_chunk (Chunk *next, size_t size)
{
  Chunk *chunk = malloc (sizeof (Chunk) + size);

  chunk->next = next;
  chunk->size = size;
  chunk->taken = 0;
  return chunk;
}

static void
free_chunks (Chunk *chunk)
{
  while (chunk)
    {
      Chunk *next = chunk->next;

      free (chunk);
      chunk = next;
    }
}

static Chunk *arena = NULL;

EXPORT void
clean_arena_take (int size)
{
  if (! arena || arena->size - arena->taken < (size_t) size)
    arena = new_chunk (arena, MAX (size, CHUNK));
  used (arena->data + arena->taken, size);
  arena->taken += size;
}

EXPORT void
clean_arena_reset (void)
{
  free_chunks (arena);
  arena = NULL;
}

/* What is drawn, from near to far: packed as a file has it, so that no pointer lies where words do. */
typedef struct __attribute__ ((packed)) { char kind; void *shape; short depth; char layer; } Drawn;

#define DRAWN 64
static __attribute__ ((aligned (8))) Drawn display[DRAWN];
static int drawn = 0;

/* does nothing when it is full */
EXPORT void
clean_display (int depth, int size)
{
  int at = drawn;

  if (drawn == DRAWN)
    return;
  for (; at > 0 && display[at - 1].depth > depth; at--)
    display[at] = display[at - 1];
  display[at] = (Drawn) { 's', used (malloc (size), size), depth, 1 };
  drawn++;
}

/* the nearest are left, and are farther off */
EXPORT void
clean_cull (int left, int by)
{
  while (drawn > left)
    {
      Drawn *last = &display[--drawn];

      free (last->shape);
      last->shape = NULL;
    }
  for (int i = 0; i < drawn; i++)
    display[i].depth += by;
}

/* --- leaks --- */

/* An arena like that, but for what is larger than a chunk: that has a list of its own, of which the reset knows
 * nothing. */
static Chunk *strokes = NULL, *large_strokes = NULL;

CULPRIT void culprit_large_stroke (size_t size) { large_strokes = new_chunk (large_strokes, size); }

EXPORT void
leaks_stroke_take (int size)
{
  if (size > CHUNK)
    {
      culprit_large_stroke (size);
      return;
    }
  if (! strokes || strokes->size - strokes->taken < (size_t) size)
    strokes = new_chunk (strokes, CHUNK);
  strokes->taken += size;
}

EXPORT void
leaks_stroke_reset (void)
{
  free_chunks (strokes);
  strokes = large_strokes = NULL;
}

/* an object that is pinned for a while, and never released again */
CULPRIT void culprit_pin (GObject *object) { g_object_ref (object); }

EXPORT void leaks_pin (GObject *object) { culprit_pin (object); }

/* a tip with a count of its own: whoever cancels a stroke forgets his share */
typedef struct { int references; void *mask; } Tip;

CULPRIT Tip *
culprit_brush_tip (size_t size)
{
  Tip *tip = g_new (Tip, 1);

  tip->references = 1;
  tip->mask = used (g_malloc (size), size);
  return tip;
}

static void
tip_unref (Tip *tip)
{
  if (--tip->references > 0)
    return;
  g_free (tip->mask);
  g_free (tip);
}

EXPORT void
leaks_stroke (int size, int is_cancelled)
{
  Tip *tip = culprit_brush_tip (size);

  tip->references++;
  tip_unref (tip);
  if (! is_cancelled)
    tip_unref (tip);
}

/* a hundred of the same, of which one is forgotten */
CULPRIT void *culprit_point (void) { return used (malloc (24), 24); }

EXPORT void
leaks_points (int count, int forgotten)
{
  for (int i = 0; i < count; i++)
    {
      void *point = culprit_point ();

      if (i != forgotten)
        free (point);
    }
}

/* a table that frees its values, and not its keys */
static GHashTable *layers = NULL;

CULPRIT void
culprit_register (int number)
{
  if (! layers)
    layers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_hash_table_insert (layers, g_strdup_printf ("layer number %08d", number), g_malloc0 (48));
}

EXPORT void
leaks_register (int number, int removed)
{
  char key[40];

  culprit_register (number);
  g_snprintf (key, sizeof key, "layer number %08d", removed);
  g_hash_table_remove (layers, key);
}

/* GEGL's list is the caller's to free */
CULPRIT int
culprit_count_operations (void)
{
  guint count = 0;

  gegl_list_operations (&count);
  return count;
}

EXPORT int leaks_count_operations (void) { return culprit_count_operations (); }

/* four items that know their neighbours by exclusive or, and nobody knows the first */
CULPRIT void
culprit_xored_path (void)
{
  Xored *previous = NULL;

  for (int i = 0; i < 4; i++)
    {
      Xored *item = used (malloc (sizeof (Xored)), sizeof (Xored));

      item->both = (guintptr) previous;
      if (previous)
        previous->both ^= (guintptr) item;
      previous = item;
    }
  __asm__ volatile ("" : : "r" (previous) : "memory");
}

EXPORT void leaks_xored_path (void) { culprit_xored_path (); }

/* no objects, and in a cycle */
typedef struct Group Group;
typedef struct { Group *parent; char name[52]; } Member;
struct Group { Member *member; char name[92]; };

CULPRIT void
culprit_group (void)
{
  Group  *group = used (malloc (sizeof (Group)), sizeof (Group));
  Member *member = used (malloc (sizeof (Member)), sizeof (Member));

  group->member = member;
  member->parent = group;
}

EXPORT void leaks_group (void) { culprit_group (); }

/* data by a name that is new each time, on an object that lives long */
CULPRIT void
culprit_attach (GObject *object, int number)
{
  char *key = g_strdup_printf ("preview-%d", number);

  g_object_set_data_full (object, key, g_malloc0 (64), g_free);
  g_free (key);
}

EXPORT void leaks_attach (GObject *object, int number) { culprit_attach (object, number); }

/* a layer is merged by way of a copy: where there is nothing to be seen, nobody releases it */
CULPRIT GeglBuffer *culprit_merge_copy (GeglBuffer *layer) { return gegl_buffer_dup (layer); }

EXPORT void
leaks_merge_down (GeglBuffer *layer, int is_hidden)
{
  GeglBuffer *copy = culprit_merge_copy (layer);

  if (is_hidden)
    return;
  gegl_buffer_clear (copy, GEGL_RECTANGLE (0, 0, 8, 8));
  g_object_unref (copy);
}
