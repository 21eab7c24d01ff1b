/* More of what held-out.c does, for the scenarios of the test set that came on 2026-11-30. Whoever works on detectors
 * doesn't read this either. */
#include "leaks.h"

/* --- looks like a leak, and is none --- */

/* Notes of all that is done, in one block. When they are too long, they begin anew with a summary. */
static char  *notes = NULL;
static size_t notes_length = 0;

EXPORT void
clean_note (int size, int most, int summary)
{
  if (notes_length + size > (size_t) most)
    {
      char *anew = used (malloc (summary), summary);

      free (notes);
      notes = anew;
      notes_length = summary;
    }
  notes = realloc (notes, notes_length + size);
  used (notes + notes_length, size);
  notes_length += size;
}

EXPORT void
clean_notes_close (void)
{
  free (notes);
  notes = NULL;
  notes_length = 0;
}

/* What is due, by its time: a tree whose links say how far it is from where they lie, as in files that are mapped into
 * memory. 0 is to nothing. */
typedef gintptr Link;
typedef struct { int time; Link before, after; char data[]; } Due;

static Link dues = 0;

static Due *linked (const Link *link) { return *link ? (Due *) ((char *) link + *link) : NULL; }

static void
link_to (Link *link, const Due *due)
{
  *link = due ? (const char *) due - (char *) link : 0;
}

EXPORT void
clean_due_add (int time, int size)
{
  Due  *due = used (malloc (sizeof (Due) + size), sizeof (Due) + size);
  Link *link = &dues;

  for (Due *at; (at = linked (link));)
    link = time < at->time ? &at->before : &at->after;
  due->time = time;
  due->before = due->after = 0;
  link_to (link, due);
}

/* does nothing where nothing is due */
EXPORT void
clean_due_first (void)
{
  Link *link = &dues;
  Due  *first = linked (link);

  if (! first)
    return;
  for (; first->before; first = linked (link))
    link = &first->before;
  link_to (link, linked (&first->after));
  free (first);
}

/* Cells of one size, fifteen in a slab. A slab that is full is in no list: it is found from its cells, of which each
 * knows its place. */
#define CELLS 15
typedef struct { guint8 place, is_taken; char data[62]; } Cell;
typedef struct Slab Slab;
struct Slab { Slab *next; int taken; Cell cells[CELLS]; };

static Slab *roomy = NULL;

EXPORT void *
clean_cell_take (void)
{
  Slab *slab = roomy;
  int   place = 0;

  if (! slab)
    slab = roomy = g_new0 (Slab, 1);
  while (slab->cells[place].is_taken)
    place++;
  slab->cells[place] = (Cell) { place, TRUE, "a point of a path" };
  if (++slab->taken == CELLS)
    roomy = slab->next;
  return slab->cells[place].data;
}

EXPORT void
clean_cell_give (void *data)
{
  Cell  *cell = (Cell *) ((char *) data - offsetof (Cell, data));
  Slab  *slab = (Slab *) ((char *) (cell - cell->place) - offsetof (Slab, cells));
  Slab **link = &roomy;

  cell->is_taken = FALSE;
  if (slab->taken-- == CELLS)
    {
      slab->next = roomy;
      roomy = slab;
    }
  if (slab->taken > 0)
    return;
  while (*link != slab)
    link = &(*link)->next;
  *link = slab->next;
  g_free (slab);
}

/* one color of each number, for as long as anybody has it: the table has no share in it */
#define SWATCHES 16
static GeglColor *swatches[SWATCHES];

static void
swatch_gone (gpointer swatch, GObject *color)
{
  *(GeglColor **) swatch = NULL;
}

EXPORT GeglColor *
clean_swatch (int number)
{
  GeglColor **swatch = &swatches[number % SWATCHES];

  if (*swatch)
    return g_object_ref (*swatch);
  *swatch = gegl_color_new ("rgb(0.3, 0.2, 0.1)");
  g_object_weak_ref (G_OBJECT (*swatch), swatch_gone, swatch);
  return *swatch;
}

EXPORT void clean_swatch_release (GeglColor *color) { g_object_unref (color); }

/* --- leaks --- */

/* A picture is halved until it is small enough. Once is enough for most; where it is not, all between the first and
 * the last are lost. */
CULPRIT guchar *
culprit_halve (const guchar *pixels, int side)
{
  int     half = side / 2;
  guchar *halved = g_malloc (half * half);

  for (int y = 0; y < half; y++)
    for (int x = 0; x < half; x++)
      halved[y * half + x] = pixels[2 * y * side + 2 * x];
  return halved;
}

EXPORT int
leaks_thumbnail (int side)
{
  guchar *pixels = used (g_malloc (side * side), side * side);
  guchar *small = culprit_halve (pixels, side);
  int     shown;

  for (side /= 2; side > 256; side /= 2)
    small = culprit_halve (small, side);
  shown = small[0];
  g_free (small);
  g_free (pixels);
  return shown;
}

/* what is asked of a node, the caller has a share in */
CULPRIT double
culprit_peek_color (GeglNode *node)
{
  GeglColor *color = NULL;
  double     red, green, blue, alpha;

  gegl_node_get (node, "value", &color, NULL);
  gegl_color_get_rgba (color, &red, &green, &blue, &alpha);
  return red + green + blue;
}

EXPORT int leaks_peek_color (GeglNode *node) { return culprit_peek_color (node) > 1; }

/* to be called when there is nothing else to do: by a main loop, and here runs none */
static gboolean update (gpointer layer) { return G_SOURCE_REMOVE; }

CULPRIT void
culprit_update_later (int number)
{
  int *layer = g_new (int, 1);

  *layer = number;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, update, layer, g_free);
}

EXPORT void leaks_update_later (int number) { culprit_update_later (number); }

/* states of drawing, each on the one before */
typedef struct State State;
struct State { State *below; double matrix[6]; };

static State *states = NULL;

CULPRIT void
culprit_save_state (void)
{
  State *state = used (malloc (sizeof (State)), sizeof (State));

  state->below = states;
  states = state;
}

EXPORT void leaks_save_state (void) { culprit_save_state (); }

EXPORT void
leaks_restore_state (void)
{
  State *state = states;

  states = state->below;
  free (state);
}
