// Reads a tracked heap into the tables of a recording.

import { isShared } from '../../instrument/load/memory-kind.ts';
import { symbolsFor } from '../../instrument/names.ts';
import { byName } from '../../recording/by-name.ts';
import { frameText } from '../../recording/frame-text.ts';
import {
  type AgeColumns,
  HEAP_TABLES,
  type HolderColumns,
  type InstanceColumns,
  type OperationColumns,
  type RecordedHeap,
  type RowOf,
  type TrackMode,
} from '../../recording/heap-types.ts';
import { ownFrames, type SiteFrame } from '../../recording/site-tables.ts';
import { HeapContents } from './contents.ts';
import type { HeapKnowledge } from './image/capture.ts';
import { type LiveFigures, readLive, takesStacks } from './live.ts';
import { HeapMemory } from './memory.ts';
import { ModuleFunctions } from './module-functions.ts';
import type { BoundProbes, Instance, ProbeBinding } from './probe-binding.ts';
import type { TrackedHeap } from './registry.ts';
import { SiteReader } from './sites.ts';
import { UNVERIFIED, type Verification, verify } from './verify.ts';

/** Single instances that a recording lists. */
const MAX_HOLDERS = 200;
/** Frames that a site's stack is told by. */
const MAX_FRAMES = 32;
/** The share of time that asking the allocator may take. */
const VERIFY_BUDGET = 0.05;

/** The number of the last allocation at an elapsed time of a recording. */
export interface AgeMark {
  readonly elapsed: number;
  readonly sequence: number;
}

/** Two readers of one heap share what they learned of it. */
export class HeapReader {
  readonly heap: TrackedHeap;
  readonly functions: ModuleFunctions;
  readonly #bound: BoundProbes | null = null;
  readonly #memory: HeapMemory | null;
  readonly #sites: SiteReader;
  verification: Verification = UNVERIFIED;
  #nextVerification = 0;

  constructor(heap: TrackedHeap, binding: ProbeBinding | null, symbols?: SymbolNames) {
    this.heap = heap;
    this.functions = new ModuleFunctions(heap, namesOf(heap, symbols));
    this.#memory = heap.memory && new HeapMemory(heap.memory, heap.pointerBits);
    this.#sites = new SiteReader(heap, this.functions, binding?.forwarders ?? []);
    if (this.#memory && binding) this.#bound = binding.bind(this.#memory);
  }

  get mode(): TrackMode {
    return this.heap.tracker.mode;
  }

  event(probe: number, first: number, second: number): void {
    this.#bound?.event(probe, first, second);
  }

  live(): LiveFigures {
    return readLive(this.heap.tracker, (probe, key) => this.#nameOf(probe, key));
  }

  /** Innermost first, as text. None where it is not known. */
  stackOf(site: number): readonly string[] {
    return this.#framesOf(site).map(frameText);
  }

  #framesOf(site: number): readonly SiteFrame[] {
    return ownFrames(this.#sites.framesOf(site)).slice(0, MAX_FRAMES);
  }

  /** Bytes from one sample to the next; null where no stacks are taken. */
  get sampleMean(): number | null {
    return takesStacks(this.heap.tracker) ? this.heap.tracker.mean : null;
  }

  /** @param allocatorBytes asks `mallinfo`; null where it can't be asked, as while the module runs. */
  record(marks: readonly AgeMark[], allocatorBytes: () => number | null): RecordedHeap {
    const { tracker, report, url, pointerBits, memory } = this.heap;
    const contents = new HeapContents(tracker);
    const { liveBytes, liveBlocks, peakBytes, ...counted } = tracker.counters();
    const instances = this.#instances(contents);
    return {
      module: {
        url,
        allocator: report?.allocator.allocator ?? null,
        foundBy: report?.allocator.source ?? null,
        confidence: report?.allocator.confidence ?? null,
        pointerBits,
        sharedMemory: report?.sharedMemory ?? isShared(memory),
        hasNames: this.functions.haveNames,
      },
      mode: this.mode,
      accounting: {
        unknownFrees: counted.unknownFrees,
        duplicateAllocations: counted.duplicateAllocations,
        ...this.#verify(contents, allocatorBytes),
      },
      totals: {
        live: { bytes: liveBytes, blocks: liveBlocks },
        peak: { bytes: peakBytes, blocks: null },
        allocated: { bytes: counted.allocatedBytes, blocks: counted.allocatedBlocks },
        freed: { bytes: counted.freedBytes, blocks: counted.freedBlocks },
      },
      sizeClasses: toColumns(
        'sizeClasses',
        tracker.sizeClasses().map(({ least: from, ...row }) => ({ from, ...withTotals(row) })),
      ),
      ages: agesOf(contents, marks),
      sites: takesStacks(this.heap.tracker) ? this.#sites.read() : null,
      ...instances,
      operations: this.#operations(),
      explained: null,
      trackerBytes: tracker.memory.buffer.byteLength,
    };
  }

  /** What an image of the heap is taken with. Null where the module has no memory. */
  knowledge(): HeapKnowledge | null {
    const { heap } = this;
    const { memory, tracker } = heap;
    if (!memory) return null;
    return {
      heap: { ...heap, memory },
      framesOf: (site) => this.#framesOf(site),
      scopeNames: () =>
        new Map(tracker.scopes().map(({ id, probe, key }) => [id, this.#scopeName(probe, key)])),
      instances: () => this.#liveInstances(),
      types: () => this.#bound?.types() ?? [],
    };
  }

  #liveInstances(): Instance[] {
    const live: Instance[] = [];
    this.heap.tracker.forEachInstance((address, probe, key) => {
      live.push({ address, type: this.#nameOf(probe, key) });
    });
    return live;
  }

  #verify(contents: HeapContents, allocatorBytes: () => number | null): Verification {
    const { tracker, report } = this.heap;
    const now = performance.now();
    if (!this.#memory || !tracker.complete || tracker.failed) return UNVERIFIED;
    if (now < this.#nextVerification) return this.verification;
    const before = tracker.counters();
    const found = verify(
      this.#memory,
      contents,
      report?.allocator.allocator === 'dlmalloc',
      allocatorBytes,
    );
    const after = tracker.counters();
    // Another thread may have been at it; then nothing is shown.
    const isQuiet =
      before.sequence === after.sequence &&
      before.freedBlocks === after.freedBlocks &&
      contents.addresses.length === after.liveBlocks;
    this.verification = isQuiet ? found : UNVERIFIED;
    this.#nextVerification = now + (performance.now() - now) / VERIFY_BUDGET;
    return this.verification;
  }

  #isWatched(kind: 'scope' | 'created'): boolean {
    const { report, tracker } = this.heap;
    // A module that was rewritten ahead of time doesn't say; then figures do.
    if (!report) return (kind === 'scope' ? tracker.scopes() : tracker.instanceTypes()).length > 0;
    return report.probes.some(({ probe, index }) => index !== null && probe.kind === kind);
  }

  #nameOf(probe: number, key: number): string {
    const name = this.#bound?.nameOf(probe, key);
    if (name) return name;
    const watched = this.heap.report?.probes[probe]?.probe.name ?? `probe ${probe}`;
    return `${watched} 0x${(key >>> 0).toString(16)}`;
  }

  #scopeName(probe: number | null, key: number): string {
    return probe === null ? 'others' : this.#nameOf(probe, key);
  }

  #instances(contents: HeapContents): {
    instances: InstanceColumns | null;
    holders: HolderColumns | null;
  } {
    if (!this.#isWatched('created')) return { instances: null, holders: null };
    const { tracker } = this.heap;
    const live = this.#liveInstances();
    const own = new Map<string, number>();
    for (const { address, type } of live) {
      const size = contents.sizes[contents.find(address)];
      if (size !== undefined) own.set(type, (own.get(type) ?? 0) + size);
    }
    const charges = this.#bound?.charge(contents, live) ?? null;
    const charged = new Map<string, number>();
    for (const { instance, bytes } of charges ?? []) {
      charged.set(instance.type, (charged.get(instance.type) ?? 0) + bytes);
    }
    const types = sumByName(
      tracker
        .instanceTypes()
        .map(({ probe, key, ...figures }) => [this.#nameOf(probe, key), figures]),
    ).sort(([, a], [, b]) => b.live - a.live);
    return {
      instances: toColumns(
        'instances',
        types.map(([type, figures]) => ({
          type,
          ...figures,
          ownBytes: own.get(type) ?? null,
          chargedBytes: charged.get(type) ?? null,
        })),
      ),
      holders:
        charges &&
        toColumns(
          'holders',
          charges
            .toSorted((a, b) => b.bytes - a.bytes)
            .slice(0, MAX_HOLDERS)
            .map(({ instance, bytes, blocks }) => ({
              instance: types.findIndex(([type]) => type === instance.type),
              address: instance.address,
              chargedBytes: bytes,
              chargedBlocks: blocks,
            })),
        ),
    };
  }

  #operations(): OperationColumns | null {
    if (!this.#isWatched('scope')) return null;
    const rows = sumByName(
      this.heap.tracker
        .scopes()
        .map(({ id: _, probe, key, ...figures }) => [
          this.#scopeName(probe, key),
          withTotals(figures),
        ]),
    ).sort(([, a], [, b]) => b.totalBytes - a.totalBytes);
    return toColumns(
      'operations',
      rows.map(([name, figures]) => ({ name, ...figures })),
    );
  }
}

type Allocated = { readonly allocatedBytes: number; readonly allocatedBlocks: number };

/** As a recording calls them. */
function withTotals<Figures extends Allocated>({
  allocatedBytes: totalBytes,
  allocatedBlocks: totalBlocks,
  ...figures
}: Figures) {
  return { ...figures, totalBytes, totalBlocks };
}

/** Figures of one name together; of peaks, the highest. */
function sumByName<Figures extends { readonly [Name in keyof Figures]: number }>(
  rows: readonly (readonly [string, Figures])[],
): [string, Figures][] {
  const sums = new Map<string, Figures>();
  for (const [name, figures] of rows) {
    const sum = sums.get(name);
    const keys = Object.keys(figures) as (keyof Figures & string)[];
    const add = (key: keyof Figures & string) =>
      sum
        ? key === 'peakBytes'
          ? Math.max(sum[key], figures[key])
          : sum[key] + figures[key]
        : figures[key];
    sums.set(name, byName(keys, add) as Figures);
  }
  return [...sums];
}

type Tables = typeof HEAP_TABLES;

function toColumns<Name extends keyof Tables>(
  table: Name,
  rows: readonly RowOf<NonNullable<RecordedHeap[Name]>>[],
): NonNullable<RecordedHeap[Name]> {
  const names = HEAP_TABLES[table].map(([name]) => name) as (keyof (typeof rows)[number])[];
  return byName(names as string[], (name) =>
    rows.map((row) => row[name as keyof typeof row]),
  ) as unknown as NonNullable<RecordedHeap[Name]>;
}

export type SymbolNames = ReadonlyMap<number, string>;

/** What the caller knows goes before what is in the module. */
function namesOf(heap: TrackedHeap, symbols: SymbolNames | undefined): SymbolNames {
  const names = heap.names();
  return names.size > 0 ? names : symbolsFor(heap.report?.functions ?? Infinity, symbols);
}

/** Blocks by the marks between which they were allocated: numbers of allocations go round at 2^32. */
function agesOf({ sequences, sizes }: HeapContents, marks: readonly AgeMark[]): AgeColumns {
  const ages = [null, ...marks.map(({ elapsed }) => elapsed)].map((from) => ({
    from,
    bytes: 0,
    blocks: 0,
  }));
  sequences.forEach((sequence, place) => {
    let row = marks.length;
    while (row > 0 && isNotAfter(sequence, marks[row - 1]?.sequence ?? 0)) row -= 1;
    const age = ages[row];
    if (!age) return;
    age.bytes += sizes[place] ?? 0;
    age.blocks += 1;
  });
  return toColumns('ages', ages);
}

function isNotAfter(sequence: number, mark: number): boolean {
  return ((mark - sequence) | 0) >= 0;
}
