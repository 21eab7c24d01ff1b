// Whether this session is among the sampled ones: a lot is drawn once, for a tab or a run of a program.

const KEY = 'gegl-memory-profiler/lot';
let lot: number | null = null;

/** @param rate the share of sessions to profile, 0 to 1. */
export function isSampled(rate: number): boolean {
  if (rate >= 1) return true;
  lot ??= drawLot();
  return lot < rate;
}

/** Another page of the tab may have drawn it. */
function drawLot(): number {
  let drawn = Math.random();
  try {
    const stored = Number.parseFloat(sessionStorage.getItem(KEY) ?? '');
    if (stored >= 0 && stored < 1) drawn = stored;
    sessionStorage.setItem(KEY, String(drawn));
  } catch {
    // There may be no storage, or it may be forbidden; then each page decides for itself.
  }
  return drawn;
}
