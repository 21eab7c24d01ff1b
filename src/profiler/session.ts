// Whether this session is among the sampled ones: decided once, for a tab or a run of a program.

const KEY = 'gegl-memory-profiler/sampled';
let decided: boolean | null = null;

/** @param rate the share of sessions to profile, 0 to 1. */
export function isSampled(rate: number): boolean {
  if (rate >= 1) return true;
  decided ??= readDecision() ?? Math.random() < rate;
  try {
    globalThis.sessionStorage?.setItem(KEY, String(decided));
  } catch {
    // Storage may be forbidden; then each page of the tab decides for itself.
  }
  return decided;
}

function readDecision(): boolean | null {
  try {
    const stored = globalThis.sessionStorage?.getItem(KEY) ?? null;
    return stored === null ? null : stored === 'true';
  } catch {
    return null;
  }
}
