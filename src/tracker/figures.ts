// Figures of a heap, of all threads, read from the memory of its tracker.

import * as layout from './assembly/layout.ts';
import type {
  Block,
  HeapCounters,
  InstanceFigures,
  SampleFigures,
  ScopeFigures,
  SiteFigures,
  SizeClass,
} from './types.ts';

/** Little-endian, as WebAssembly's memory is. */
class Reader {
  readonly #memory: WebAssembly.Memory;
  #view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
  }

  u16(address: number): number {
    return this.#at(address).getUint16(address, true);
  }

  u32(address: number): number {
    return this.#at(address).getUint32(address, true);
  }

  /** Exact up to 2^53. In one access, as other threads may be writing. */
  u64(address: number): number {
    return Number(this.#at(address).getBigUint64(address, true));
  }

  f64(address: number): number {
    return this.#at(address).getFloat64(address, true);
  }

  /** Other threads may make the memory larger at any time. */
  #at(address: number): DataView {
    if (address + 8 > this.#view.byteLength) this.#view = new DataView(this.#memory.buffer);
    return this.#view;
  }

  list(head: number, next: number): number[] {
    const items: number[] = [];
    for (let at = this.u32(head); at !== 0; at = this.u32(at + next)) items.push(at);
    return items;
  }
}

export class HeapFigures {
  /** Of the tracker, not of the module. Hand it to the module's other threads, which join with it. */
  readonly memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** True when the tracker ran out of memory and stopped: its figures stand as they were then. */
  get failed(): boolean {
    return new Reader(this.memory).u32(layout.FAILED) !== 0;
  }

  counters(): HeapCounters {
    const reader = new Reader(this.memory);
    const threads = reader.list(layout.THREADS, layout.THREAD_NEXT);
    const sum = (offset: number) => sumOf(threads, (thread) => reader.u64(thread + offset));
    const liveBytes = reader.u64(layout.LIVE);
    const classes = readClasses(reader, threads);
    const total = (key: keyof ClassTotals) => sumOf(classes, (one) => one[key]);
    const allocatedBlocks = total('allocatedBlocks');
    const freedBlocks = total('freedBlocks');
    return {
      liveBytes,
      liveBlocks: allocatedBlocks - freedBlocks,
      peakBytes: Math.max(liveBytes, ...threads.map((thread) => peakOf(reader, thread))),
      allocatedBytes: total('allocatedBytes'),
      allocatedBlocks,
      freedBytes: total('freedBytes'),
      freedBlocks,
      unknownFrees: sum(layout.THREAD_UNKNOWN_FREES),
      duplicateAllocations: sum(layout.THREAD_DUPLICATES),
      misaligned: sum(layout.THREAD_MISALIGNED),
      unknownInstances: sum(layout.THREAD_UNKNOWN_INSTANCES),
      sequence: reader.u32(layout.SEQUENCE),
    };
  }

  /** The classes in which blocks were ever allocated, by size. */
  sizeClasses(): SizeClass[] {
    const reader = new Reader(this.memory);
    return readClasses(reader, reader.list(layout.THREADS, layout.THREAD_NEXT))
      .map(({ allocatedBlocks, allocatedBytes, freedBlocks, freedBytes }, bits) => ({
        least: bits === 0 ? 0 : 2 ** (bits - 1),
        liveBytes: allocatedBytes - freedBytes,
        liveBlocks: allocatedBlocks - freedBlocks,
        allocatedBytes,
        allocatedBlocks,
      }))
      .filter(({ allocatedBlocks }) => allocatedBlocks > 0);
  }

  /** Bytes that a thread has allocated. */
  protected allocatedBy(thread: number): number {
    return sumOf(readClasses(new Reader(this.memory), [thread]), (one) => one.allocatedBytes);
  }

  sites(): SiteFigures[] {
    const reader = new Reader(this.memory);
    return [reader.u32(layout.UNKNOWN_SITE), ...reader.list(layout.SITES, layout.SITE_NEXT)]
      .map((site) => ({
        site,
        live: readSample(reader, site + layout.SITE_LIVE, site + layout.SITE_LIVE_VARIANCE),
        total: readSample(reader, site + layout.SITE_TOTAL, site + layout.SITE_TOTAL_VARIANCE),
        peakBytes: reader.f64(site + layout.SITE_PEAK_BYTES),
        peakCount: reader.f64(site + layout.SITE_PEAK_COUNT),
      }))
      .filter(({ total }) => total.samples > 0);
  }

  /** Of `sites()`, the estimates alone: many times as fast. The unknown site is left out, what was given back exactly 0. */
  forEachSite(
    visit: (
      site: number,
      liveBlocks: number,
      liveBytes: number,
      totalBlocks: number,
      totalBytes: number,
    ) => void,
  ): void {
    const reader = new Reader(this.memory);
    for (const site of reader.list(layout.SITES, layout.SITE_NEXT)) {
      const live = site + layout.SITE_LIVE;
      const total = site + layout.SITE_TOTAL;
      const isLive = reader.f64(live) !== 0;
      visit(
        site,
        isLive ? reader.f64(live + 8) : 0,
        isLive ? reader.f64(live + 16) : 0,
        reader.f64(total + 8),
        reader.f64(total + 16),
      );
    }
  }

  /**
   * The stack as the engine wrote it, '' where it could not. Its topmost frames are the tracker's: one of JavaScript,
   * then those of the tracker's wasm up to the wrapper, which is the first frame with the index of a watched function.
   */
  stackOf(site: number): string {
    // A copy: shared bytes can't be decoded.
    return new TextDecoder().decode(this.textOf(site).slice());
  }

  protected textOf(site: number): Uint8Array {
    const reader = new Reader(this.memory);
    const length = reader.u32(site + layout.SITE_TEXT_BYTES);
    return new Uint8Array(this.memory.buffer, reader.u32(site + layout.SITE_TEXT), length);
  }

  /** Those of one kind of scope, by id. */
  scopes(): ScopeFigures[] {
    const reader = new Reader(this.memory);
    const ids = Array.from({ length: reader.u32(layout.SCOPE_COUNT) }, (_, index) => index + 1);
    return [...ids, layout.OTHER_SCOPES]
      .map((id) => {
        const chunk = reader.u32(layout.SCOPES + (id >> 8) * 4);
        const scope = chunk + ((id & 0xff) << layout.SCOPE_BITS);
        const allocatedBytes = reader.u64(scope + layout.SCOPE_ALLOCATED_BYTES);
        const allocatedBlocks = reader.u64(scope + layout.SCOPE_ALLOCATED_BLOCKS);
        return {
          id,
          probe: id === layout.OTHER_SCOPES ? null : reader.u32(scope),
          key: reader.u32(scope + 4),
          runs: reader.u64(scope + layout.SCOPE_RUNS),
          allocatedBytes,
          allocatedBlocks,
          liveBytes: allocatedBytes - reader.u64(scope + layout.SCOPE_FREED_BYTES),
          liveBlocks: allocatedBlocks - reader.u64(scope + layout.SCOPE_FREED_BLOCKS),
          peakBytes: reader.u64(scope + layout.SCOPE_PEAK),
        };
      })
      .filter(({ runs }) => runs > 0);
  }

  instanceTypes(): InstanceFigures[] {
    const reader = new Reader(this.memory);
    return reader.list(layout.TYPES, layout.TYPE_NEXT).map((type) => {
      const created = reader.u64(type + layout.TYPE_CREATED);
      const freed = reader.u64(type + layout.TYPE_FREED);
      return {
        probe: reader.u32(type),
        key: reader.u32(type + 4),
        created,
        freed,
        live: created - freed,
      };
    });
  }

  forEachInstance(visit: (address: number, probe: number, key: number) => void): void {
    const reader = new Reader(this.memory);
    const table = reader.u32(layout.TYPE_OF_INSTANCE);
    for (let place = reader.u32(table); place >= 0; place--) {
      const entry = table + layout.TABLE_ENTRIES + place * 2 ** layout.ENTRY_BITS;
      const address = reader.u32(entry);
      const type = reader.u32(entry + 8);
      if (address !== 0) visit(address, reader.u32(type), reader.u32(type + 4));
    }
  }

  /** By rising address, those that begin in [from, to). Meanwhile the module must not run in this thread. */
  forEachBlock(
    visit: (address: number, size: number, site: number, scope: number, sequence: number) => void,
    from = 0,
    to = Infinity,
  ): void {
    const reader = new Reader(this.memory);
    const granule = 2 ** reader.u32(layout.SHIFT);
    let words = new Uint32Array(this.memory.buffer);
    const leafBytes = granule * 2 ** layout.LEAF_BITS;
    const end = Math.min(2 ** layout.TOP_BITS, Math.ceil(to / leafBytes));
    for (let top = Math.floor(from / leafBytes); top < end; top++) {
      const leaf = words[layout.TOP / 4 + top];
      if (!leaf) continue;
      const first = leaf / 4;
      const slots = 1 << layout.LEAF_BITS;
      if (first + slots * 2 > words.length) words = new Uint32Array(this.memory.buffer);
      // Most slots are empty: this loop is what a large heap costs.
      for (let slot = 0; slot < slots; slot++) {
        const low = words[first + slot * 2];
        if (!low) continue;
        const high = words[first + slot * 2 + 1] ?? 0;
        const { size, site, scope, sequence } = readBlock(reader, low, high);
        const address = (top * 2 ** layout.LEAF_BITS + slot) * granule + placeIn(low);
        if (address >= from && address < to) visit(address, size, site, scope, sequence);
      }
    }
  }

  /** The live block that begins at the address. */
  blockAt(address: number): Block | null {
    const reader = new Reader(this.memory);
    const granule = 2 ** reader.u32(layout.SHIFT);
    const index = Math.floor(address / granule);
    if (!(index >= 0 && index < 2 ** 32)) return null;
    const leaf = reader.u32(layout.TOP + Math.floor(index / 2 ** layout.LEAF_BITS) * 4);
    const slot = leaf + (index % 2 ** layout.LEAF_BITS) * 2 ** layout.SLOT_BITS;
    const low = reader.u32(slot);
    if (low === 0 || index * granule + placeIn(low) !== address) return null;
    return { address, ...readBlock(reader, low, reader.u32(slot + 4)) };
  }
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

/** Each open scope knows the peak of the time in which it was the innermost. */
function peakOf(reader: Reader, thread: number): number {
  let peak = reader.u64(thread + layout.THREAD_PEAK);
  for (let depth = reader.u32(thread + layout.THREAD_DEPTH); depth >= 0; depth--) {
    const frame = thread + layout.THREAD_FRAMES + depth * layout.FRAME_BYTES;
    peak = Math.max(peak, reader.u64(frame + layout.FRAME_PEAK));
  }
  return peak;
}

interface ClassTotals {
  allocatedBlocks: number;
  allocatedBytes: number;
  freedBlocks: number;
  freedBytes: number;
}

function readClasses(reader: Reader, threads: readonly number[]): ClassTotals[] {
  return Array.from({ length: layout.CLASSES }, (_, bits) => {
    const place = layout.THREAD_CLASSES + (bits << layout.CLASS_BITS);
    const sum = (field: number) => sumOf(threads, (thread) => reader.u64(thread + place + field));
    return {
      allocatedBlocks: sum(0),
      allocatedBytes: sum(8),
      freedBlocks: sum(16),
      freedBytes: sum(24),
    };
  });
}

/** Without samples, what is left is rounding. */
function readSample(reader: Reader, figures: number, variances: number): SampleFigures {
  const samples = reader.f64(figures);
  const read = (place: number) => (samples === 0 ? 0 : Math.max(reader.f64(place), 0));
  return {
    samples,
    count: read(figures + 8),
    bytes: read(figures + 16),
    countVariance: read(variances),
    bytesVariance: read(variances + 8),
  };
}

/** Bytes from the beginning of its granule to that of its block. */
function placeIn(low: number): number {
  return ((low >>> layout.PLACE) & layout.PLACE_MASK) << layout.UNIT_BITS;
}

/** @param low and `high`: the halves of its slot. */
function readBlock(reader: Reader, low: number, high: number): Omit<Block, 'address'> {
  if (low & layout.INLINE) {
    return {
      size: (low >>> layout.INLINE_SIZE) & layout.INLINE_SIZE_MASK,
      scope: low >>> layout.INLINE_SCOPE,
      site: 0,
      sequence: high,
    };
  }
  const record = low - (low % layout.RECORD_UNIT);
  return {
    size: reader.u32(record) + reader.u16(record + 4) * 2 ** 32,
    scope: reader.u16(record + 6),
    site: reader.u32(record + layout.RECORD_SITE),
    sequence: high,
  };
}
