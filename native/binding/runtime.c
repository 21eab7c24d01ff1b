/* Starting and ending GEGL in a wasm module: the static operation modules, GLib's messages,
 * and memory that can't be had. */
#include "binding.h"

#include <stdint.h>
#include <gegl-config.h>
#include <module/geglmodule.h>

#include "operation-modules.h"

/* --- messages --- */

EM_JS (void, emit_message, (const char *domain, int level, const char *text), {
  if (Module['geglOnMessage']) Module['geglOnMessage'](UTF8ToString(domain), level, UTF8ToString(text));
  else err(UTF8ToString(domain) + ': ' + UTF8ToString(text));
});

static GLogWriterOutput
write_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *domain = "", *text = "";

  for (gsize i = 0; i < n_fields; i++)
    {
      if (! strcmp (fields[i].key, "GLIB_DOMAIN")) domain = fields[i].value;
      if (! strcmp (fields[i].key, "MESSAGE"))     text   = fields[i].value;
    }
  if (! g_log_writer_default_would_drop (level, domain))
    emit_message (domain, level & G_LOG_LEVEL_MASK, text);
  return G_LOG_WRITER_HANDLED;
}

static void print_out   (const char *text) { emit_message ("stdout", 0, text); }
static void print_error (const char *text) { emit_message ("stderr", 0, text); }

/* --- failures that would end the program --- */

EM_JS (void, throw_out_of_memory, (double bytes), {
  var error = new Error('out of memory: ' + bytes + ' bytes could not be had');
  error.name = 'GeglOutOfMemory';
  error.bytes = bytes;
  throw error;
});

/* Of the build's edit of GObject: an exception unwinds the frames on which emissions are listed. */
void gegl_wasm_forget_emissions (void);

/* GLib and babl end the program when an allocation fails; the build's edits make them call this
 * instead. A JavaScript exception unwinds to the wrapper, so the module lives on: what was
 * half-built on the way is lost, nothing else. */
_Noreturn void
gegl_wasm_out_of_memory (size_t bytes)
{
  gegl_wasm_forget_emissions ();
  throw_out_of_memory ((double) bytes);
  __builtin_unreachable ();
}

EM_JS (void, throw_call_failed, (void), {
  var error = new Error('the call failed');
  error.name = 'GeglCallFailed';
  throw error;
});

/* libjpeg's error handler would exit(); it has cleaned up, and said why, when it comes here. */
_Noreturn void
gegl_wasm_call_failed (void)
{
  gegl_wasm_forget_emissions ();
  throw_call_failed ();
  __builtin_unreachable ();
}

/* --- the operations, linked in rather than found on disk --- */

#define DECLARE(name) gboolean gegl_module_register_##name (GTypeModule *module);
OPERATION_MODULES (DECLARE)
#undef DECLARE

/* One operation file takes its GTypeModule for a GeglModule and reads its `module` field, so the
 * type is derived from GeglModule and that field holds a GModule that stays resident. */
typedef GeglModule      StaticModule;
typedef GeglModuleClass StaticModuleClass;

G_DEFINE_TYPE (StaticModule, static_module, GEGL_TYPE_MODULE)

static gboolean
static_module_load (GTypeModule *module)
{
#define REGISTER(name) if (! gegl_module_register_##name (module)) return FALSE;
  OPERATION_MODULES (REGISTER)
#undef REGISTER
  return TRUE;
}

static void
static_module_unload (GTypeModule *module)
{
}

static void
static_module_class_init (StaticModuleClass *klass)
{
  G_TYPE_MODULE_CLASS (klass)->load   = static_module_load;
  G_TYPE_MODULE_CLASS (klass)->unload = static_module_unload;
}

static void
static_module_init (StaticModule *module)
{
  /* GModule is opaque; only its `is_resident` bit is written. 64 zeroed bytes hold one. */
  static guint64 resident[8];

  module->module = (GModule *) resident;
}

/* --- life cycle --- */

EXPORT int
gegl_wasm_init (void)
{
  GTypeModule *operations;

  g_log_set_writer_func (write_message, NULL, NULL);
  g_set_print_handler (print_out);
  g_set_printerr_handler (print_error);

  /* Threads hang, a swap folder and OpenCL abort in a module without pthreads and dlopen. */
  g_setenv ("GEGL_THREADS", "1", TRUE);
  g_setenv ("GEGL_SWAP", "RAM", TRUE);
  g_setenv ("GEGL_USE_OPENCL", "no", TRUE);
  g_setenv ("GEGL_PATH", "/nonexistent", TRUE);
  g_setenv ("BABL_INHIBIT_CACHE", "1", TRUE);
  /* A look-up table of 256 MB, made only to be timed, would stay in the heap's size for ever. */
  g_setenv ("BABL_LUT", "0", TRUE);

  gegl_init (NULL, NULL);

  operations = g_object_new (static_module_get_type (), NULL);
  g_type_module_set_name (operations, "static operations");
  return g_type_module_use (operations) ? 0 : -1;
}

EXPORT void
gegl_wasm_exit (void)
{
  gegl_exit ();
}

EXPORT char *
gegl_wasm_versions (void)
{
  GString *json = g_string_new ("{");
  int      major, minor, micro;

  gegl_get_version (&major, &minor, &micro);
  g_string_append_printf (json, "\"gegl\":\"%d.%d.%d\"", major, minor, micro);
  babl_get_version (&major, &minor, &micro);
  g_string_append_printf (json, ",\"babl\":\"%d.%d.%d\"", major, minor, micro);
  g_string_append_printf (json, ",\"glib\":\"%u.%u.%u\"}",
                          glib_major_version, glib_minor_version, glib_micro_version);
  return g_string_free (json, FALSE);
}

/* --- the layout of the memory outside the heap, in bytes --- */

extern unsigned char __global_base, __data_end;

#include <emscripten/stack.h>

EXPORT unsigned gegl_wasm_static_bytes (void) { return (uintptr_t) &__data_end - (uintptr_t) &__global_base; }
EXPORT unsigned gegl_wasm_stack_bytes  (void) { return emscripten_stack_get_base () - emscripten_stack_get_end (); }
