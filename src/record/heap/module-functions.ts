// Functions of a rewritten module, told as those of the original: watched ones consist of a wrapper in the old
// place and a body that has moved, and are one function to a reader.

import type { TrackedHeap } from './registry.ts';

/** The slot is where the function was; what stands there calls the body, or an added wrapper that does. */
export type FunctionPart = 'slot' | 'body' | 'wrapper';

export interface OriginalFunction {
  /** In the original module. */
  readonly index: number;
  readonly part: FunctionPart;
}

/** Where nothing else says which functions are the allocator's. */
const ALLOCATOR_NAME =
  /^(dl|mi_|emmalloc_|emscripten_builtin_|__libc_)?(malloc|free|calloc|realloc|reallocarray|memalign|posix_memalign|aligned_alloc)$/;
const ADDED_NAME = /^memprof:(original|wrapper) (.*)$/s;

export class ModuleFunctions {
  readonly #names: ReadonlyMap<number, string>;
  readonly #added = new Map<number, OriginalFunction>();
  readonly #allocator: ReadonlySet<number> | null;
  /** Where nobody says what was added: functions from here on were, with a name or without. */
  #firstAdded = Infinity;
  /** Spans of code by where they stand now. */
  readonly #spans: readonly {
    readonly original: number;
    readonly rewritten: number;
    readonly length: number;
  }[];

  constructor({ report, names }: Pick<TrackedHeap, 'report' | 'names'>, symbols = names()) {
    this.#names = symbols;
    this.#allocator = report && new Set(report.allocator.functions.map(({ index }) => index));
    this.#spans = report?.offsetMap.toSorted((a, b) => a.rewritten - b.rewritten) ?? [];
    if (report) {
      const { moved, functions } = report;
      // Bodies are in the order of their indices; what was added after them begins anew.
      let bodies = 1;
      while (bodies < moved.length && (moved[bodies] ?? 0) > (moved[bodies - 1] ?? 0)) bodies += 1;
      moved.forEach((index, at) => {
        this.#added.set(functions + at, { index, part: at < bodies ? 'body' : 'wrapper' });
      });
    } else this.#learnFromNames(symbols);
  }

  get haveNames(): boolean {
    return this.#names.size > 0;
  }

  /** @param caller of the frame below: a body without a name is called by its own wrapper. */
  original(index: number, caller: number | null = null): OriginalFunction {
    const known = this.#added.get(index);
    if (known) return known;
    return index >= this.#firstAdded && caller !== null
      ? { index: caller, part: 'body' }
      : { index, part: 'slot' };
  }

  /** By index in the original module. */
  nameOf(index: number): string | null {
    return this.#names.get(index) ?? null;
  }

  isAllocator(index: number): boolean {
    return this.#allocator
      ? this.#allocator.has(index)
      : ALLOCATOR_NAME.test(this.nameOf(index) ?? '');
  }

  /** Byte offset in the original module; null for code that was added. */
  originalOffset(offset: number): number | null {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle]?.rewritten ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const span = this.#spans[low - 1];
    if (!span || offset >= span.rewritten + span.length) return null;
    return offset - span.rewritten + span.original;
  }

  /** A module that was rewritten ahead of time says in its names what was added. */
  #learnFromNames(names: ReadonlyMap<number, string>): void {
    for (const [index, name] of names) {
      if (!ADDED_NAME.test(name)) this.#firstAdded = index + 1;
    }
    const byName = new Map([...names].map(([index, name]) => [name, index]));
    for (const [index, name] of names) {
      const [, part, original = ''] = ADDED_NAME.exec(name) ?? [];
      const at = byName.get(original) ?? (/^\d+$/.test(original) ? Number(original) : undefined);
      if (part && at !== undefined) {
        this.#added.set(index, { index: at, part: part === 'original' ? 'body' : 'wrapper' });
      }
    }
  }
}
