// What a finding rests on, as a person reads it: how sure, how fast, where, who holds it, what to do. Taken from its
// details, whose shape differs by type.

import { formatBytes, formatNumber, formatShare } from '../../analyze/figures.ts';
import type { CreationSite } from '../../analyze/leaks/evidence.ts';
import type { Finding } from '../../recording/types.ts';
import { withoutRoot } from './parts.ts';
import { parseStack } from './stack.ts';

export interface Evidence {
  /** Most objects first. */
  readonly places: readonly Place[];
  /** `confidence 99.5 %`, `1.2 MB per hour`. */
  readonly facts: readonly string[];
  /** From a root to what is leaked; empty where that is not known. */
  readonly path: readonly string[];
  readonly advice: string | null;
  /** What grew because of it, the whole first: `207 MB of live memory`, `843 more GeglNode`. */
  readonly explains: readonly string[];
}

export interface Place {
  /** `40 x buffer 480 x 320 RGBA float, together 93.8 MB`; null where the finding's message says it. */
  readonly what: string | null;
  /** `#edit (editor.mjs:245:86)`, innermost first. */
  readonly frames: readonly string[];
}

/** @param root what paths begin with that is left out: a folder or an origin. */
export function evidenceOf({ details }: Finding, root = ''): Evidence {
  const { confidence, bytesPerHour, stack, sites, path, advice, explains } = details;
  const created = createdAt(Array.isArray(sites) ? sites.filter(isSite) : [], root);
  return {
    places: created.length > 0 || typeof stack !== 'string' ? created : [placeOf(stack, root)],
    facts: [
      ...(typeof confidence === 'number' ? [`confidence ${formatShare(confidence)}`] : []),
      ...(typeof bytesPerHour === 'number' ? [`${formatBytes(bytesPerHour)} per hour`] : []),
    ],
    path: Array.isArray(path) ? path.map(String) : [],
    advice: typeof advice === 'string' ? advice : null,
    explains: (Array.isArray(explains) ? explains.filter(isFinding) : [])
      .toSorted((a, b) => Number(isOfWhole(b)) - Number(isOfWhole(a)))
      .map((finding) => withoutRoot(growthOf(finding), root)),
  };
}

function isFinding(value: unknown): value is Finding {
  return typeof value === 'object' && value !== null && 'message' in value && 'details' in value;
}

function isOfWhole({ type }: Finding): boolean {
  return type === 'continuous_growth' || type === 'growth_rate';
}

function growthOf(finding: Finding): string {
  const { type, message, details } = finding;
  const { kind, growth, bytes } = details;
  if (isOfWhole(finding)) return `${formatBytes(Number(growth))} of live memory`;
  if (type === 'type_growth') return `${formatNumber(Number(growth))} more ${kind}`;
  if (type === 'site_growth') {
    return `${formatBytes(Number(bytes))} from ${String(kind).split('\n')[0]}`;
  }
  return message;
}

function placeOf(stack: string, root: string): Place {
  const frames = stack.split('\n').map((frame) => withoutRoot(frame.replace(/^at /, ''), root));
  return { what: null, frames };
}

interface Merged extends Pick<CreationSite, 'count' | 'bytes' | 'description'> {
  readonly frames: readonly string[];
}

/** Where objects were made. Stacks that differ only in frames of the platform are one place to a reader. */
function createdAt(sites: readonly CreationSite[], root: string): Place[] {
  const merged = new Map<string, Merged>();
  for (const { stack, count, bytes, description } of sites) {
    const frames = parseStack(stack ?? '', root).map(({ name, place }) =>
      name === '' ? place : `${name} (${place})`,
    );
    const key = frames.join('\n');
    const same = merged.get(key);
    merged.set(key, {
      count: count + (same?.count ?? 0),
      bytes: same?.bytes == null ? bytes : same.bytes + (bytes ?? 0),
      description: same?.description ?? description,
      frames,
    });
  }
  return [...merged.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ count, bytes, description, frames }) => {
      const together = count === 1 ? '' : 'together ';
      const size = bytes === null ? '' : `, ${together}${formatBytes(bytes)}`;
      const unknown = frames.length === 0 ? ', made at an unknown place' : '';
      return { what: `${count} x ${description}${size}${unknown}`, frames };
    });
}

function isSite(value: unknown): value is CreationSite {
  return typeof value === 'object' && value !== null && 'stack' in value && 'count' in value;
}
