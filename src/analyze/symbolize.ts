// Names for the functions of a recording that was made of a module without any: from a symbol map, or from
// the same module with its names.

import { foldStack } from '../recording/fold.ts';
import { SiteTables, sitesOf } from '../recording/site-tables.ts';
import type { Recording, SiteSeries } from '../recording/types.ts';
import { sumColumns } from './figures.ts';
import { isScriptLine, nameIn } from './stacks.ts';

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
  const passing = new Set(forwarders);
  const evidence = nameEvidence(recording, (stack) => nameTexts(stack, symbols, passing));
  if (!heap.sites) return { ...recording, ...evidence, heap: { ...heap, module } };
  const tables = new SiteTables();
  for (const [frames, row] of sitesOf(heap.sites)) {
    const named = frames.map((frame) =>
      frame.kind === 'wasm' && frame.index !== null
        ? { ...frame, name: frame.name ?? symbols.get(frame.index) ?? null }
        : frame,
    );
    tables.add(foldStack(named, passing), row);
  }
  const sites = tables.build(heap.sites.sampling, heap.sites.omitted);
  return { ...recording, ...evidence, heap: { ...heap, module, sites } };
}

type NameStack = (stack: readonly string[]) => readonly string[];

/** Stacks that findings are made of: over time, and in heap snapshots. */
function nameEvidence({ series, heapSnapshots }: Recording, name: NameStack) {
  const named = <Place extends { readonly stack: readonly string[] | null }>(place: Place) => ({
    ...place,
    stack: place.stack && name(place.stack),
  });
  return {
    series: series && { ...series, sites: nameSites(series.sites, name) },
    heapSnapshots: heapSnapshots.map((snapshot) => ({
      ...snapshot,
      unreachable: snapshot.unreachable.map(named),
      remnants: snapshot.remnants?.map(named) ?? null,
      staticPlaces:
        snapshot.staticPlaces?.map((place) => ({ ...place, stack: name(place.stack) })) ?? null,
    })),
  };
}

function nameSites(sites: readonly SiteSeries[], name: NameStack): SiteSeries[] {
  const known = new Map<string, SiteSeries>();
  for (const { stack: given, liveBytes, liveBlocks } of sites) {
    const stack = name(given);
    const key = stack.join('\n');
    const same = known.get(key);
    known.set(key, {
      stack,
      liveBytes: same ? sumColumns([same.liveBytes, liveBytes]) : liveBytes,
      liveBlocks: same ? sumColumns([same.liveBlocks, liveBlocks]) : liveBlocks,
    });
  }
  return [...known.values()];
}

/** Of frames as text, as `frameText()` writes them. */
function nameTexts(
  stack: readonly string[],
  symbols: ReadonlyMap<number, string>,
  forwarders: ReadonlySet<string>,
): readonly string[] {
  const frames = stack.map((text) => {
    const [unnamed, index] = /^wasm-function\[(\d+)\]/.exec(text) ?? [];
    const name = unnamed === undefined ? undefined : symbols.get(Number(index));
    const shown =
      unnamed === undefined || name === undefined ? text : text.replace(unnamed, () => name);
    // Scripts have no index.
    return { text: shown, name: nameIn(shown), index: isScriptLine(shown) ? null : 0 };
  });
  return foldStack(frames, forwarders).map(({ text }) => text);
}
