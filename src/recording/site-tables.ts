// Makes the tables of allocation sites: each stack, frame and function once; sites with one stack are one row.

import { byName } from './by-name.ts';
import {
  type RecordedSites,
  SITE_TABLES,
  type SiteColumns,
  type SourceKind,
} from './heap-types.ts';

/** A function of JavaScript or wasm, as the tables keep it. */
export interface SiteFunction {
  readonly name: string | null;
  /** What it was loaded from; null where that is not known. */
  readonly url: string | null;
  readonly kind: SourceKind;
  readonly index: number | null;
}

export interface SiteFrame extends SiteFunction {
  readonly line: number | null;
  readonly column: number | null;
  readonly offset: number | null;
}

/** The figures of one site. */
export type SiteRow = { readonly [Name in Exclude<keyof SiteColumns, 'stack'>]: number };

const NUMBERS = SITE_TABLES.figures
  .map(([name]) => name)
  .filter((name): name is keyof SiteRow => name !== 'stack');
const HUNDREDTHS: ReadonlySet<string> = new Set(NUMBERS.filter((name) => name.includes('Blocks')));
/** More than anybody looks at; each costs a few hundred bytes of a recording. */
const MAX_SITES = 2_000;

interface Site {
  readonly frames: readonly SiteFrame[];
  row: SiteRow;
}

export class SiteTables {
  readonly #frames = new FrameNumbers();
  readonly #sites = new Map<string, Site>();

  /** @param frames innermost first; none where the stack is not known. */
  add(frames: readonly SiteFrame[], row: SiteRow): void {
    const key = frames.map((frame) => this.#frames.of(frame)).join();
    const known = this.#sites.get(key);
    if (known) known.row = addRows(known.row, row);
    else this.#sites.set(key, { frames, row });
  }

  /**
   * @param omitted how many sites were left out before.
   * @param limit the most sites to list; the rest goes into the row without a stack.
   */
  build(sampling: RecordedSites['sampling'], omitted = 0, limit = MAX_SITES): RecordedSites {
    const kept = chooseSites([...this.#sites.values()], limit);
    const left = [...this.#sites.values()].filter((site) => !kept.has(site));
    const rest = left.map(({ row }) => row).reduce<SiteRow | null>(addRows, null);
    const rows = [...kept].sort((a, b) => b.row.liveBytes - a.row.liveBytes);
    const tables = new Interner();
    const stacks = rows.map(({ frames }) => tables.stack(frames));
    const figures = rows.map(({ row }) => row);
    if (rest) {
      stacks.push(null);
      figures.push(rest);
    }
    return {
      sampling,
      omitted: omitted + left.filter(({ frames }) => frames.length > 0).length,
      ...tables.tables,
      figures: {
        stack: stacks,
        ...byName(NUMBERS, (name) => figures.map((row) => rounded(name, row[name]))),
      },
    };
  }
}

/** The sites of a recording again, as they were added. */
export function* sitesOf(sites: RecordedSites): Generator<readonly [SiteFrame[], SiteRow]> {
  const { figures } = sites;
  // Stacks have most of their frames in common.
  const frames: SiteFrame[] = [];
  const frameOf = (frame: number) => {
    frames[frame] ??= frameAt(sites, frame);
    return frames[frame];
  };
  for (const [site, stack] of figures.stack.entries()) {
    yield [
      framePlaces(sites, stack).map(frameOf),
      byName(NUMBERS, (name) => figures[name][site] ?? 0),
    ];
  }
}

/** Frames that a reader wants: of scripts, only the application's where it has any. */
export function ownFrames<Frame extends Pick<SiteFunction, 'kind'>>(
  frames: readonly Frame[],
): Frame[] {
  const hasApplication = frames.some(({ kind }) => kind === 'application');
  return frames.filter(({ kind }) =>
    hasApplication ? kind === 'application' || kind === 'wasm' : kind !== 'platform',
  );
}

/** The frames of a stack, innermost first. */
export function framesOf(sites: RecordedSites, stack: number | null): SiteFrame[] {
  return framePlaces(sites, stack).map((frame) => frameAt(sites, frame));
}

/** Places in `frames`, innermost first. */
export function framePlaces({ stacks }: RecordedSites, stack: number | null): number[] {
  const found: number[] = [];
  for (let at = stack; at !== null; at = stacks.caller[at] ?? null) {
    found.push(stacks.frame[at] ?? 0);
  }
  return found;
}

export function frameAt(sites: RecordedSites, frame: number): SiteFrame {
  const { frames } = sites;
  return {
    ...functionAt(sites, frames.function[frame] ?? 0),
    line: frames.line[frame] ?? null,
    column: frames.column[frame] ?? null,
    offset: frames.offset[frame] ?? null,
  };
}

export function functionAt({ sources, functions }: RecordedSites, called: number): SiteFunction {
  const source = functions.source[called] ?? null;
  return {
    name: functions.name[called] ?? null,
    url: source === null ? null : (sources.url[source] ?? null),
    kind: (source === null ? null : sources.kind[source]) ?? 'platform',
    index: functions.index[called] ?? null,
  };
}

/** Equal frames have one number. Most frames are the same object again, for which no text is made. */
class FrameNumbers {
  readonly #byObject = new Map<SiteFrame, number>();
  readonly #byText = new Map<string, number>();

  of(frame: SiteFrame): number {
    const known = this.#byObject.get(frame);
    if (known !== undefined) return known;
    const { url, kind, index, name, line, column, offset } = frame;
    const text = `${url} ${kind} ${index ?? name} ${line} ${column} ${offset}`;
    const number = this.#byText.get(text) ?? this.#byText.size;
    this.#byText.set(text, number);
    this.#byObject.set(frame, number);
    return number;
  }
}

/** Estimates add up, and so do the squares of their errors. */
export function addRows(a: SiteRow | null, b: SiteRow): SiteRow {
  if (!a) return b;
  return byName(NUMBERS, (name) =>
    name.endsWith('Error') ? Math.hypot(a[name], b[name]) : a[name] + b[name],
  );
}

function rounded(name: keyof SiteRow, value: number): number {
  return HUNDREDTHS.has(name) ? Math.round(value * 100) / 100 : Math.round(value);
}

/** Those that hold most, and those that allocated most, in turn. */
function chooseSites(sites: readonly Site[], limit: number): ReadonlySet<Site> {
  const known = sites.filter(({ frames }) => frames.length > 0);
  if (known.length <= limit) return new Set(known);
  const orders = (['liveBytes', 'peakBytes', 'totalBytes'] as const).map((name) =>
    known.toSorted((a, b) => b.row[name] - a.row[name]),
  );
  const chosen = new Set<Site>();
  for (let place = 0; chosen.size < limit; place++) {
    for (const order of orders) {
      const site = order[place];
      if (site && chosen.size < limit) chosen.add(site);
    }
  }
  return chosen;
}

type Mutable<Table> = {
  [Name in keyof Table]: Table[Name] extends readonly (infer Value)[] ? Value[] : never;
};

/** Tables in which each row stands once. */
class Interner {
  readonly tables: {
    readonly sources: Mutable<RecordedSites['sources']>;
    readonly functions: Mutable<RecordedSites['functions']>;
    readonly frames: Mutable<RecordedSites['frames']>;
    readonly stacks: Mutable<RecordedSites['stacks']>;
  } = {
    sources: { url: [], kind: [] },
    functions: { name: [], source: [], index: [] },
    frames: { function: [], line: [], column: [], offset: [] },
    stacks: { frame: [], caller: [] },
  };
  readonly #places = new Map<string, number>();
  readonly #frames = new Map<SiteFrame, number>();
  /** Of a frame, by caller. */
  readonly #stacks = new Map<number, Map<number | null, number>>();

  stack(frames: readonly SiteFrame[]): number | null {
    let caller: number | null = null;
    for (const frame of frames.toReversed()) {
      const place = this.#frame(frame);
      const callers = this.#stacks.get(place) ?? new Map<number | null, number>();
      this.#stacks.set(place, callers);
      let stack = callers.get(caller);
      if (stack === undefined) {
        this.tables.stacks.caller.push(caller);
        stack = this.tables.stacks.frame.push(place) - 1;
        callers.set(caller, stack);
      }
      caller = stack;
    }
    return caller;
  }

  #frame(frame: SiteFrame): number {
    const known = this.#frames.get(frame);
    if (known !== undefined) return known;
    const place = this.#addFrame(frame);
    this.#frames.set(frame, place);
    return place;
  }

  #addFrame(frame: SiteFrame): number {
    const { functions, frames } = this.tables;
    const { line, column, offset } = frame;
    const source = this.#source(frame);
    const called = this.#once(`() ${source} ${frame.index ?? frame.name}`, () => {
      functions.source.push(source);
      functions.index.push(frame.index);
      return functions.name.push(frame.name);
    });
    return this.#once(`: ${called} ${line} ${column} ${offset}`, () => {
      frames.line.push(line);
      frames.column.push(column);
      frames.offset.push(offset);
      return frames.function.push(called);
    });
  }

  #source({ url, kind }: SiteFrame): number | null {
    if (url === null && kind === 'platform') return null;
    return this.#once(`@ ${kind} ${url}`, () => {
      this.tables.sources.kind.push(kind);
      return this.tables.sources.url.push(url);
    });
  }

  /** @param add appends a row, and returns how many there are then. */
  #once(key: string, add: () => number): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = add() - 1;
    this.#places.set(key, place);
    return place;
  }
}
