// Names for the functions of a recording that was made of a module without any: from a symbol map, or from
// the same module with its names.

import { foldStack } from '../recording/fold.ts';
import { SiteTables, sitesOf } from '../recording/site-tables.ts';
import type { Recording } from '../recording/types.ts';

export interface SymbolizeOptions {
  /** Functions that only pass allocations on: they are left out on top of stacks. */
  readonly forwarders?: readonly string[];
}

/**
 * The recording with names in its stacks. Sites that the names show to be one (they differed in thunks only) are
 * one. Instances and operations stay unknown: what was not watched can't be told afterwards.
 *
 * @param symbols names by function index of the original module: what `parseSymbolMap()` reads of a symbol map, or
 *   `readSymbols()` of the same module linked with names.
 */
export function symbolize(
  recording: Recording,
  symbols: ReadonlyMap<number, string>,
  { forwarders = [] }: SymbolizeOptions = {},
): Recording {
  const { heap } = recording;
  if (!heap || symbols.size === 0) return recording;
  const module = { ...heap.module, hasNames: true };
  if (!heap.sites) return { ...recording, heap: { ...heap, module } };
  const tables = new SiteTables();
  const passing = new Set(forwarders);
  for (const [frames, row] of sitesOf(heap.sites)) {
    const named = frames.map((frame) =>
      frame.kind === 'wasm' && frame.index !== null
        ? { ...frame, name: frame.name ?? symbols.get(frame.index) ?? null }
        : frame,
    );
    tables.add(foldStack(named, passing), row);
  }
  const sites = tables.build(heap.sites.sampling, heap.sites.omitted);
  return { ...recording, heap: { ...heap, module, sites } };
}
