// Reads a tracked heap into the tables of a recording.

import { symbolsFor } from '../../instrument/names.ts';
import type {
  AgeColumns,
  HolderColumns,
  InstanceColumns,
  OperationColumns,
  RecordedHeap,
  SizeClassColumns,
  TrackMode,
} from '../../recording/heap-types.ts';
import { HeapContents } from './contents.ts';
import { HeapMemory } from './memory.ts';
import { ModuleFunctions } from './module-functions.ts';
import type { BoundProbes, Charge, Instance, ProbeBinding } from './probe-binding.ts';
import type { TrackedHeap } from './registry.ts';
import { SiteReader } from './sites.ts';
import { UNVERIFIED, type Verification, verify } from './verify.ts';

/** Single instances that a recording lists. */
const MAX_HOLDERS = 200;
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
        foundBy: report?.allocator.source ?? 'user',
        confidence: report?.allocator.confidence ?? 'likely',
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
      sizeClasses: this.#sizeClasses(),
      ages: agesOf(contents, marks),
      sites: this.#takesStacks() ? this.#sites.read() : null,
      ...instances,
      operations: this.#operations(),
    };
  }

  #takesStacks(): boolean {
    return this.mode === 'sampled' || this.mode === 'all' || this.heap.tracker.captures.count > 0;
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

  #sizeClasses(): SizeClassColumns {
    const classes = this.heap.tracker.sizeClasses();
    return {
      from: classes.map(({ least }) => least),
      liveBytes: classes.map((row) => row.liveBytes),
      liveBlocks: classes.map((row) => row.liveBlocks),
      totalBytes: classes.map((row) => row.allocatedBytes),
      totalBlocks: classes.map((row) => row.allocatedBlocks),
    };
  }

  #isWatched(...kinds: readonly string[]): boolean {
    const { report } = this.heap;
    // A module that was rewritten ahead of time doesn't say; then figures do.
    if (!report) return this.heap.tracker.instanceTypes().length > 0;
    return report.probes.some(({ probe, index }) => index !== null && kinds.includes(probe.kind));
  }

  #nameOf(probe: number, key: number): string {
    const name = this.#bound?.nameOf(probe, key);
    if (name) return name;
    const watched = this.heap.report?.probes[probe]?.probe.name ?? `probe ${probe}`;
    return `${watched} 0x${(key >>> 0).toString(16)}`;
  }

  #instances(contents: HeapContents): {
    instances: InstanceColumns | null;
    holders: HolderColumns | null;
  } {
    if (!this.#isWatched('created')) return { instances: null, holders: null };
    const { tracker } = this.heap;
    const types = new Map<string, { created: number; freed: number; live: number }>();
    for (const { probe, key, created, freed, live } of tracker.instanceTypes()) {
      const name = this.#nameOf(probe, key);
      const known = types.get(name) ?? { created: 0, freed: 0, live: 0 };
      types.set(name, {
        created: known.created + created,
        freed: known.freed + freed,
        live: known.live + live,
      });
    }
    const live: Instance[] = [];
    const own = new Map<string, number>();
    tracker.forEachInstance((address, probe, key) => {
      const type = this.#nameOf(probe, key);
      live.push({ address, type });
      const block = contents.find(address);
      if (block >= 0) own.set(type, (own.get(type) ?? 0) + (contents.sizes[block] ?? 0));
    });
    const charges = this.#memory && this.#bound ? this.#bound.charge(contents, live) : null;
    const charged = new Map<string, number>();
    for (const { instance, bytes } of charges ?? []) {
      charged.set(instance.type, (charged.get(instance.type) ?? 0) + bytes);
    }
    const rows = [...types].sort(([, a], [, b]) => b.live - a.live);
    const names = rows.map(([name]) => name);
    return {
      instances: {
        type: names,
        created: rows.map(([, row]) => row.created),
        freed: rows.map(([, row]) => row.freed),
        live: rows.map(([, row]) => row.live),
        ownBytes: names.map((name) => own.get(name) ?? null),
        chargedBytes: names.map((name) => charged.get(name) ?? null),
      },
      holders: charges && holdersOf(charges, names),
    };
  }

  #operations(): OperationColumns | null {
    if (!this.#isWatched('scope')) return null;
    const rows = new Map<string, Omit<OperationRow, 'name'>>();
    for (const { probe, key, ...figures } of this.heap.tracker.scopes()) {
      const name = probe === null ? 'others' : this.#nameOf(probe, key);
      const known = rows.get(name);
      rows.set(name, {
        runs: figures.runs + (known?.runs ?? 0),
        totalBytes: figures.allocatedBytes + (known?.totalBytes ?? 0),
        totalBlocks: figures.allocatedBlocks + (known?.totalBlocks ?? 0),
        liveBytes: figures.liveBytes + (known?.liveBytes ?? 0),
        liveBlocks: figures.liveBlocks + (known?.liveBlocks ?? 0),
        peakBytes: Math.max(figures.peakBytes, known?.peakBytes ?? 0),
      });
    }
    const sorted = [...rows].sort(([, a], [, b]) => b.totalBytes - a.totalBytes);
    const column = (name: keyof Omit<OperationRow, 'name'>) => sorted.map(([, row]) => row[name]);
    return {
      name: sorted.map(([name]) => name),
      runs: column('runs'),
      totalBytes: column('totalBytes'),
      totalBlocks: column('totalBlocks'),
      liveBytes: column('liveBytes'),
      liveBlocks: column('liveBlocks'),
      peakBytes: column('peakBytes'),
    };
  }
}

type OperationRow = {
  readonly [Name in keyof OperationColumns]: OperationColumns[Name][number];
};

export type SymbolNames = ReadonlyMap<number, string>;

/** What the caller knows goes before what is in the module. */
function namesOf(heap: TrackedHeap, symbols: SymbolNames | undefined): SymbolNames {
  const names = heap.names();
  return names.size > 0 ? names : symbolsFor(heap.report?.functions ?? Infinity, symbols);
}

function isShared(memory: WebAssembly.Memory | null): boolean {
  return typeof SharedArrayBuffer === 'function' && memory?.buffer instanceof SharedArrayBuffer;
}

/** Blocks by the marks between which they were allocated: numbers of allocations go round at 2^32. */
function agesOf({ sequences, sizes }: HeapContents, marks: readonly AgeMark[]): AgeColumns {
  const bytes = new Array<number>(marks.length + 1).fill(0);
  const blocks = [...bytes];
  sequences.forEach((sequence, place) => {
    let row = marks.length;
    while (row > 0 && isNotAfter(sequence, marks[row - 1]?.sequence ?? 0)) row -= 1;
    bytes[row] = (bytes[row] ?? 0) + (sizes[place] ?? 0);
    blocks[row] = (blocks[row] ?? 0) + 1;
  });
  return { from: [null, ...marks.map(({ elapsed }) => elapsed)], bytes, blocks };
}

function isNotAfter(sequence: number, mark: number): boolean {
  return ((mark - sequence) | 0) >= 0;
}

function holdersOf(charges: readonly Charge[], types: readonly string[]): HolderColumns {
  const places = new Map(types.map((type, place) => [type, place]));
  const biggest = charges
    .filter(({ instance }) => places.has(instance.type))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MAX_HOLDERS);
  return {
    instance: biggest.map(({ instance }) => places.get(instance.type) ?? 0),
    address: biggest.map(({ instance }) => instance.address),
    chargedBytes: biggest.map(({ bytes }) => bytes),
    chargedBlocks: biggest.map(({ blocks }) => blocks),
  };
}
