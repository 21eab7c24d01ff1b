// Where the code of a module has gone: what debug information and stack frames need to be read.

/** A stretch of code that stands elsewhere now; byte offsets in the whole module. */
export interface OffsetSpan {
  readonly original: number;
  readonly rewritten: number;
  readonly length: number;
}

/** By `original`, without overlaps. Bytes in none of the spans have no counterpart. */
export type OffsetMap = readonly OffsetSpan[];

/** Appends a stretch, or makes the last one longer where it goes on. */
export function addSpan(spans: OffsetSpan[], span: OffsetSpan): void {
  const last = spans.at(-1);
  if (
    last &&
    last.original + last.length === span.original &&
    last.rewritten + last.length === span.rewritten
  ) {
    spans[spans.length - 1] = { ...last, length: last.length + span.length };
  } else if (span.length > 0) spans.push(span);
}

/** Where a byte of the rewritten module stood; null for what was added. */
export function toOriginal(map: OffsetMap, offset: number): number | null {
  const span = map.find(
    ({ rewritten, length }) => offset >= rewritten && offset < rewritten + length,
  );
  return span ? offset - span.rewritten + span.original : null;
}

/** Where a byte of the original module stands now; null for what has no counterpart. */
export function toRewritten(map: OffsetMap, offset: number): number | null {
  const span = map.find(({ original, length }) => offset >= original && offset < original + length);
  return span ? offset - span.original + span.rewritten : null;
}
