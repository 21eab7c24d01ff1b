// What GEGL's functions tell of its heap: which GObjects are alive, what each operation allocates, and which
// tiles a buffer holds. Layouts are those of GEGL 0.4 and GLib 2 on wasm32, and are checked as they are read.

import type { Probe } from '../instrument/abi.ts';
import type { HeapMemory } from '../record/heap/memory.ts';
import type { BoundProbes, ProbeBinding } from '../record/heap/probe-binding.ts';
import { chargeTiles } from './tiles.ts';

const OPERATION = 0;
const PROBES: readonly Probe[] = [
  { name: 'gegl_operation_process', kind: 'scope', key: 'pointee' },
  { name: 'g_type_create_instance', kind: 'created', key: 'pointee' },
  { name: 'g_type_free_instance', kind: 'freeing', key: 'pointee' },
  // Their second parameter is the type's name, their result the type.
  { name: 'g_type_register_static', kind: 'result' },
  { name: 'g_type_register_dynamic', kind: 'result' },
  { name: 'g_type_register_fundamental', kind: 'result' },
];

/** Functions of GLib, GEGL and babl that hand on what malloc gave them. */
const FORWARDERS: readonly string[] = [
  ...['malloc', 'malloc0', 'realloc', 'malloc_n', 'malloc0_n', 'realloc_n'].flatMap((name) => [
    `g_${name}`,
    `g_try_${name}`,
  ]),
  ...['g_slice_alloc', 'g_slice_alloc0', 'g_slice_copy', 'g_memdup', 'g_memdup2'],
  ...['g_aligned_alloc', 'g_aligned_alloc0', 'gegl_malloc', 'gegl_try_malloc', 'gegl_calloc'],
  ...['gegl_scratch_alloc', 'gegl_scratch_alloc0', 'babl_malloc', 'babl_calloc', 'babl_realloc'],
];

/** `GeglOperationClass` begins with a `GObjectClass` of 17 words; then comes the operation's name. */
const OPERATION_NAME = 17;
const OPERATION_SHAPE = /^[\w-]+:[\w.-]+$/;

export const geglProbes: ProbeBinding = {
  probes: PROBES,
  forwarders: FORWARDERS,
  bind: (memory) => new GeglProbes(memory),
};

class GeglProbes implements BoundProbes {
  readonly #memory: HeapMemory;
  /** Names of GTypes. */
  readonly #types = new Map<number, string>();
  /** Names by class: a class that was once seen keeps its name. */
  readonly #classes = new Map<string, string>();

  constructor(memory: HeapMemory) {
    this.#memory = memory;
  }

  /** A type was registered. Its name may be gone later. */
  event(_probe: number, name: number, type: number): void {
    const text = this.#memory.text(name);
    if (text !== null && type !== 0) this.#types.set(type, text);
  }

  nameOf(probe: number, key: number): string | null {
    const id = `${probe === OPERATION} ${key}`;
    const name =
      this.#classes.get(id) ?? (probe === OPERATION ? this.#operation(key) : this.#type(key));
    if (name !== null) this.#classes.set(id, name);
    return name;
  }

  charge: BoundProbes['charge'] = (contents, instances) =>
    this.#memory.pointerBits === 32 ? chargeTiles(this.#memory, contents, instances) : null;

  types(): Iterable<number> {
    return this.#types.keys();
  }

  #operation(operationClass: number): string | null {
    const { pointerBits } = this.#memory;
    const name = this.#memory.pointer(operationClass + OPERATION_NAME * (pointerBits / 8));
    const text = name === null ? null : this.#memory.text(name);
    return text !== null && OPERATION_SHAPE.test(text) ? text : this.#type(operationClass);
  }

  /** A class begins with its GType. */
  #type(typeClass: number): string | null {
    const type = this.#memory.pointer(typeClass);
    return type === null ? null : (this.#types.get(type) ?? null);
  }
}
