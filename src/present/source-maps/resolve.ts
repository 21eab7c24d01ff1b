// Shows the stacks of a recording by the sources that were written, where the scripts have source maps. For
// Node, not for the page: scripts and maps are as large as the application.

import { AnyMap, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';
import { isGlueFunction } from '../../recording/fold.ts';
import { type SiteFrame, SiteTables, sitesOf } from '../../recording/site-tables.ts';
import { splitFrame } from '../../recording/split-frame.ts';
import type { Recording } from '../../recording/types.ts';

/** The text of a script or map; null where it can't be had. Asked once for each address. */
export type LoadText = (address: string) => Promise<string | null> | string | null;

export interface SourceMapOptions {
  readonly load: LoadText;
  /** The source map of the module itself, by byte offsets, as `-gsource-map` writes it. */
  readonly wasmSourceMap?: string;
}

interface Place {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The recording with places in the sources that were written. Stacks of scripts without a map, or with one that
 * can't be read, stay as they are; function names stay as the engine wrote them.
 */
export async function resolveSourceMaps(
  recording: Recording,
  { load, wasmSourceMap }: SourceMapOptions,
): Promise<Recording> {
  const { objects, heap } = recording;
  const sites = heap?.sites ?? null;
  const placed = sites ? [...sitesOf(sites)] : [];
  const scripts = new Set(
    [
      ...objects.stacks.flatMap((stack) => [...placesOf(stack)].map(({ url }) => url)),
      ...placed.flatMap(([frames]) =>
        frames.map(({ url, line }) => (line === null || url === null ? '' : url)),
      ),
    ].filter((url) => url !== ''),
  );
  const maps = new Map<string, TraceMap>();
  for (const url of scripts) {
    const map = await loadMap(url, load);
    if (map) maps.set(url, map);
  }
  const wasmMap = wasmSourceMap === undefined ? null : readMap(wasmSourceMap, heap?.module.url);
  const original = (place: Place) => lookUp(maps.get(place.url), place.line, place.column);
  const resolved: Recording = {
    ...recording,
    objects: { ...objects, stacks: objects.stacks.map((stack) => withPlaces(stack, original)) },
  };
  if (!heap || !sites || (maps.size === 0 && !wasmMap)) return resolved;

  const tables = new SiteTables();
  const isMapped = new Set<SiteFrame>();
  const frames = placed.map(([stack, row]) => {
    const shown = stack.map((frame) => {
      const place = wasmMap && frame.offset !== null ? lookUp(wasmMap, 1, frame.offset + 1) : null;
      if (place) return { ...frame, ...place };
      const { url, line, column } = frame;
      if (url === null || line === null || column === null) return frame;
      const found = original({ url, line, column });
      if (!found) return frame;
      const mapped = { ...frame, ...found };
      isMapped.add(mapped);
      return mapped;
    });
    return { shown, row };
  });
  // One bundle had one kind; its sources have theirs.
  const glue = new Set(
    frames.flatMap(({ shown }) =>
      shown.flatMap(({ name, url, kind }, at) =>
        kind !== 'wasm' && url !== null && isGlueFunction(name, shown[at - 1]?.name) ? [url] : [],
      ),
    ),
  );
  for (const { shown, row } of frames) {
    tables.add(
      shown.map((frame) => (isMapped.has(frame) ? { ...frame, kind: kindOf(frame, glue) } : frame)),
      row,
    );
  }
  return { ...resolved, heap: { ...heap, sites: tables.build(sites.sampling, sites.omitted) } };
}

function kindOf({ url, kind }: SiteFrame, glue: ReadonlySet<string>): SiteFrame['kind'] {
  if (kind !== 'application' && kind !== 'glue') return kind;
  if (/\/gegl-memory-profiler\/(src|dist|js)\//.test(url ?? '')) return 'profiler';
  return glue.has(url ?? '') ? 'glue' : 'application';
}

const PLACE = /^(?<url>(?:[a-z]+:\/\/|\/|[A-Z]:\\).*):(?<line>\d+):(?<column>\d+)$/;

function placeOf(frame: string): Place | null {
  const groups = PLACE.exec(splitFrame(frame).place)?.groups;
  if (!groups) return null;
  const { url = '', line, column } = groups;
  return { url, line: Number(line), column: Number(column) };
}

function placesOf(stack: string): Place[] {
  return stack.split('\n').flatMap((frame) => placeOf(frame) ?? []);
}

function withPlaces(stack: string, original: (place: Place) => Place | null): string {
  return stack
    .split('\n')
    .map((frame) => {
      const place = placeOf(frame);
      const found = place && original(place);
      if (!found) return frame;
      const { place: text } = splitFrame(frame);
      const at = frame.lastIndexOf(text);
      const shown = `${found.url}:${found.line}:${found.column}`;
      return frame.slice(0, at) + shown + frame.slice(at + text.length);
    })
    .join('\n');
}

/** Columns of stacks begin at 1, those of maps at 0. */
function lookUp(map: TraceMap | null | undefined, line: number, column: number): Place | null {
  if (!map || line < 1 || column < 1) return null;
  const found = originalPositionFor(map, { line, column: column - 1 });
  return found.source === null
    ? null
    : { url: found.source, line: found.line, column: found.column + 1 };
}

const MAPPING_URL = /^[ \t]*\/[/*][#@] ?sourceMappingURL=(\S+?)[ \t]*(?:\*\/)?[ \t]*$/gm;

async function loadMap(script: string, load: LoadText): Promise<TraceMap | null> {
  const text = await loadSafely(script, load);
  // The last one counts; others stand in text that the script holds.
  const address = [...(text ?? '').matchAll(MAPPING_URL)].at(-1)?.[1];
  if (address === undefined) return null;
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(address);
  if (inline) {
    const [, isBase64, data = ''] = inline;
    const map = isBase64 ? Buffer.from(data, 'base64').toString() : decode(data);
    return map === null ? null : readMap(map, script);
  }
  const url = resolve(address, script);
  const map = url === null ? null : await loadSafely(url, load);
  return map === null ? null : readMap(map, url);
}

async function loadSafely(address: string, load: LoadText): Promise<string | null> {
  try {
    return await load(address);
  } catch {
    // A script that can't be had is shown as it is.
    return null;
  }
}

export function isSourceMap(text: string): boolean {
  return readMap(text, null) !== null;
}

function readMap(text: string, url: string | null | undefined): TraceMap | null {
  try {
    // Some servers put a line before it that is no JSON.
    return AnyMap(JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, '')), url);
  } catch {
    return null;
  }
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Paths of Node are no addresses, but resolve as such. */
function resolve(address: string, base: string): string | null {
  const isPath = !/^[a-z][a-z+.-]+:/i.test(base);
  try {
    const { href } = new URL(address, isPath ? `file://${base}` : base);
    return isPath && href.startsWith('file://') ? decodeURIComponent(href.slice(7)) : href;
  } catch {
    return null;
  }
}
