// Allocation sites of a tracked heap: stacks as their engine wrote them become frames of the application and
// the original module.

import { ownScripts } from '../../gegl/lifecycle.ts';
import { OWN_SCRIPT } from '../../instrument/load/index.ts';
import { foldStack, isGlueFunction } from '../../recording/fold.ts';
import type { RecordedSites, SourceKind } from '../../recording/heap-types.ts';
import { type SiteFrame, type SiteRow, SiteTables } from '../../recording/site-tables.ts';
import type { SiteFigures } from '../../tracker/index.ts';
import type { ModuleFunctions } from './module-functions.ts';
import type { TrackedHeap } from './registry.ts';
import { FrameParser, type ParsedFrame } from './stack-frames.ts';
import { inSource } from './written-place.ts';

export class SiteReader {
  readonly #heap: Pick<TrackedHeap, 'tracker' | 'url'>;
  readonly #functions: ModuleFunctions;
  readonly #forwarders: ReadonlySet<string>;
  /** By site: a stack is taken apart once. */
  readonly #stacks = new Map<number, readonly ParsedFrame[]>();
  readonly #parser = new FrameParser();
  readonly #shown = new Map<ParsedFrame, SiteFrame>();
  readonly #glue = new Set<string>();

  constructor(
    heap: Pick<TrackedHeap, 'tracker' | 'url'>,
    functions: ModuleFunctions,
    forwarders: readonly string[],
  ) {
    this.#heap = heap;
    this.#functions = functions;
    this.#forwarders = new Set(forwarders);
  }

  read(): RecordedSites {
    const { tracker } = this.#heap;
    const sites = tracker.sites();
    // What is glue shows in all stacks together.
    const glue = this.#glue.size;
    for (const { site } of sites) this.#parse(site);
    if (this.#glue.size > glue) this.#shown.clear();
    const tables = new SiteTables();
    for (const site of sites) tables.add(this.framesOf(site.site), rowOf(site));
    const { count: captures, time } = tracker.captures;
    const { mean } = tracker;
    return tables.build({ mean, captures, time });
  }

  #parse(site: number): readonly ParsedFrame[] {
    const known = this.#stacks.get(site);
    if (known) return known;
    const frames = this.#parser.parse(this.#heap.tracker.stackOf(site));
    this.#stacks.set(site, frames);
    frames.forEach(({ name, url, isWasm }, at) => {
      if (url && !isWasm && isGlueFunction(name, frames[at - 1]?.name)) this.#glue.add(url);
    });
    return frames;
  }

  /** Innermost first; none where the stack is not known. */
  framesOf(site: number): readonly SiteFrame[] {
    const parsed = this.#parse(site);
    const first = this.#findWrapper(parsed);
    if (first < 0) return [];
    const url = parsed[first]?.url ?? null;
    const frames: SiteFrame[] = [];
    let isOnTop = true;
    /** The function whose body was met last: its wrapper calls it. */
    let body: number | null = null;
    for (const [at, frame] of parsed.entries()) {
      if (at < first) continue;
      if (!frame.isWasm || frame.url !== url || frame.index === null) {
        body = null;
        isOnTop = false;
        frames.push(this.#once(frame, () => this.#scriptFrame(frame)));
        continue;
      }
      const { index, part } = this.#functions.original(frame.index, parsed[at + 1]?.index);
      if (isOnTop && this.#functions.isAllocator(index)) continue;
      isOnTop = false;
      const isWrapper = part !== 'body' && body === index;
      if (part !== 'wrapper') body = part === 'body' ? index : null;
      if (!isWrapper) frames.push(this.#once(frame, () => this.#wasmFrame(index, frame)));
    }
    return foldStack(frames, this.#forwarders);
  }

  /** On top stand frames of the tracker: one of JavaScript, then those of its wasm. */
  #findWrapper(frames: readonly ParsedFrame[]): number {
    const top = frames.findIndex(({ isWasm }) => isWasm);
    const tracker = frames[top]?.url;
    const isWrapper = ({ index }: ParsedFrame) =>
      index !== null && this.#functions.isAllocator(this.#functions.original(index).index);
    // Where engines tell modules apart, by the module; else by what is known of the index.
    const other = frames.findIndex((frame) => frame.url !== tracker && isWrapper(frame));
    return other >= 0 ? other : frames.findIndex((frame, at) => at > top && isWrapper(frame));
  }

  #once(frame: ParsedFrame, make: () => SiteFrame): SiteFrame {
    const known = this.#shown.get(frame);
    if (known) return known;
    const shown = make();
    this.#shown.set(frame, shown);
    return shown;
  }

  #wasmFrame(index: number, { offset }: ParsedFrame): SiteFrame {
    return {
      name: this.#functions.nameOf(index),
      url: this.#heap.url,
      kind: 'wasm',
      index,
      line: null,
      column: null,
      offset: offset === null ? null : this.#functions.originalOffset(offset),
    };
  }

  #scriptFrame(frame: ParsedFrame): SiteFrame {
    const { name, url, index, line, column, offset } = inSource(frame);
    return { name, url, kind: this.#kindOf(url), index, line, column, offset };
  }

  #kindOf(url: string | null): SourceKind {
    // What drives or extends the browser is as little the application's.
    if (url === null || /^(node:|<|pptr:|[a-z-]+-extension:)/.test(url)) return 'platform';
    if ([...ownScripts()].some((script) => url.includes(script))) return 'profiler';
    // A bundle of all: the application's lines can't be told from the rest.
    if (url === OWN_SCRIPT) return 'application';
    const base = baseOf(this.#heap.url);
    const isGlue = this.#glue.has(url) || (base !== null && baseOf(url) === base);
    return isGlue ? 'glue' : 'application';
  }
}

/** `gegl` of `https://app.test/wasm/gegl.wasm?1`. */
function baseOf(url: string | null): string | null {
  return /([^/\\]+?)\.(?:c?js|mjs|wasm)(?:[?#].*)?$/.exec(url ?? '')?.[1] ?? null;
}

function rowOf({ live, total, peakBytes, peakCount }: SiteFigures): SiteRow {
  return {
    liveBytes: live.bytes,
    liveBytesError: errorOf(live.bytesVariance),
    liveBlocks: live.count,
    liveBlocksError: errorOf(live.countVariance),
    totalBytes: total.bytes,
    totalBytesError: errorOf(total.bytesVariance),
    totalBlocks: total.count,
    totalBlocksError: errorOf(total.countVariance),
    peakBytes,
    peakBlocks: peakCount,
    samples: total.samples,
    liveSamples: live.samples,
  };
}

/** Variances of what is live are sums and differences: rounding may leave a little below 0. */
function errorOf(variance: number): number {
  return Math.sqrt(Math.max(0, variance));
}
