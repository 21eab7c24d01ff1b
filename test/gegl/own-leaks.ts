// What GEGL, GLib and babl leak themselves, as docs/leaks-in-gegl.md says.

import type { UnreachableGroup } from '../../src/profiler/heap-snapshot.ts';

/** The number of the leak in that list; null: none of them. */
export function ownLeak({ stack }: Pick<UnreachableGroup, 'stack'>): number | null {
  const text = (stack ?? []).join(' < ');
  const place = LEAKS.findIndex((leak) => leak.test(text));
  return place < 0 ? null : place + 1;
}

/** In the order of the list. A frame ends with ' < '; numbers behind a name are the linker's. */
const LEAKS: readonly RegExp[] = [
  /^gio_source_init < .*gegl_jpg_load_/,
  /g_file_new_for_path < gegl_gio_open_input_stream < gegl_jpg_load_process/,
  /^dynCall_ii < (invoke_ii [^<]*< )?gegl_buffer_import_png/,
  /gegl_color_duplicate < prepare\.\d+ < gegl_operation_prepare/,
  /^fattal02_process < /,
  /^ctx_new_for_framebuffer < process\.\d+ < gegl_operation_filter_process/,
  /^attach\.\d+ < gegl_operation_attach/,
  /^g_param_spec_pool_list < .*gegl_operation_list_properties < gegl_create_chain_argv/,
  /^gegl_random_new_with_seed < set_property/,
  /^(g_slist_prepend < )?gegl_processor_work/,
  /^(g_strdup < )?gegl_buffer_load < /,
  /^g_strdup < gegl_op_class_intern_init/,
];
