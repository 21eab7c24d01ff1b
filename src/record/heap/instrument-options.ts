// What modules are rewritten with: one place for pages, Node and the command line, so that the same module and
// options give the same bytes everywhere.

import { geglProbes } from '../../gegl/probes.ts';
import type { Probe } from '../../instrument/abi.ts';
import type { InstrumentOptions } from '../../instrument/index.ts';
import type { TrackOptions } from './track-options.ts';

/** The project's own come first: probes are told apart by their place, also in a module that was rewritten before. */
export function allProbes(probes: readonly Probe[] = []): readonly Probe[] {
  return [...geglProbes.probes, ...probes];
}

/** Functions that only pass allocations on, by name. */
export const FORWARDERS = geglProbes.forwarders;

export function instrumentOptions(
  options: Pick<TrackOptions, 'mode' | 'symbols' | 'allocator' | 'probes' | 'contexts'>,
): Omit<InstrumentOptions, 'glue'> {
  const { symbols, allocator, probes, contexts = options.mode === 'all' } = options;
  return {
    contexts,
    ...(symbols && { symbols }),
    ...(allocator && { allocator }),
    ...(probes && { probes }),
  };
}
