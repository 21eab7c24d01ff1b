// Whether this session is among the sampled ones: a lot is drawn once, for a tab or a run of a program.

const KEY = 'gegl-memory-profiler/lot';
let lot: number | null = null;

/** @param rate the share of sessions to profile, 0 to 1. */
export function isSampled(rate: number): boolean {
  if (rate >= 1) return true;
  lot ??= storedLot() ?? Math.random();
  try {
    globalThis.sessionStorage?.setItem(KEY, String(lot));
  } catch {
    // Storage may be forbidden; then each page of the tab decides for itself.
  }
  return lot < rate;
}

function storedLot(): number | null {
  try {
    const stored = Number.parseFloat(globalThis.sessionStorage?.getItem(KEY) ?? '');
    return stored >= 0 && stored < 1 ? stored : null;
  } catch {
    return null;
  }
}
