// The samples that the panel draws, by column, as many as its width can show.

import { combineKnown } from '../../analyze/figures.ts';
import type { Snapshot } from '../../profiler/report.ts';
import { OBJECT_KINDS, type ObjectKind } from '../../recording/types.ts';

/** What the chart shows; bytes, null where it is not known. */
export type Figure = 'heapSize' | 'live' | 'caches';
export const FIGURES: readonly Figure[] = ['heapSize', 'live', 'caches'];

/** The first that is kept of every two once there are more: at most twice as wide as a panel is. */
const LIMIT = 1200;

export class Samples {
  /** Milliseconds since the start; strictly increasing. */
  elapsed: number[] = [];
  figures: Record<Figure, (number | null)[]> = { heapSize: [], live: [], caches: [] };
  objects: Record<ObjectKind, number[]> = { buffers: [], nodes: [], processors: [], colors: [] };

  get length(): number {
    return this.elapsed.length;
  }

  get last(): Readonly<Record<Figure, number | null>> {
    const { heapSize, live, caches } = this.figures;
    return {
      heapSize: heapSize.at(-1) ?? null,
      live: live.at(-1) ?? null,
      caches: caches.at(-1) ?? null,
    };
  }

  /** One that is not later than the last begins a new recording. */
  add({ elapsed, wasmMemory, gegl, objectCounts }: Snapshot): void {
    if (elapsed <= (this.elapsed.at(-1) ?? -1)) this.#keep(() => false);
    if (this.length >= LIMIT) this.#thin();
    this.elapsed.push(elapsed);
    this.figures.heapSize.push(wasmMemory.heapSize);
    this.figures.live.push(wasmMemory.heapUsed);
    this.figures.caches.push(gegl && combineKnown([gegl.tileCache, gegl.scratch], (a, b) => a + b));
    for (const kind of OBJECT_KINDS) this.objects[kind].push(objectCounts[kind]);
  }

  /** Of every two neighbours the higher stays, so that no peak is lost, and the first of all. */
  #thin(): void {
    const { live, heapSize } = this.figures;
    const height = (index: number) => live[index] ?? heapSize[index] ?? 0;
    this.#keep((index) => {
      const other = index ^ 1;
      const difference = height(index) - height(other);
      return index === 0 || difference > 0 || (difference === 0 && index < other);
    });
  }

  #keep(isKept: (index: number) => boolean): void {
    const kept = this.elapsed.map((_, index) => isKept(index));
    const only = <Value>(column: readonly Value[]) => column.filter((_, index) => kept[index]);
    this.elapsed = only(this.elapsed);
    for (const figure of FIGURES) this.figures[figure] = only(this.figures[figure]);
    for (const kind of OBJECT_KINDS) this.objects[kind] = only(this.objects[kind]);
  }
}
