// What the details of every finding have: how sure, how much, where, who holds it, and what to do.

/** Milliseconds. */
export const HOUR = 3_600_000;

export interface CommonDetails {
  /** 0 to 1; null where the evidence is no statistics and leaves no odds to give. */
  readonly confidence: number | null;
  /** What is leaked so far; null where that is not known. */
  readonly bytes: number | null;
  /** At the rate that was seen. */
  readonly bytesPerHour: number | null;
  /** Where it was allocated: a frame a line, innermost first. */
  readonly stack: string | null;
  /** Who holds it, from the root to it. */
  readonly path: readonly string[] | null;
  /** What to do. */
  readonly advice: string;
}

const UNKNOWN: Omit<CommonDetails, 'advice'> = {
  confidence: null,
  bytes: null,
  bytesPerHour: null,
  stack: null,
  path: null,
};

/** What is not given is unknown. */
export function common(
  known: Partial<CommonDetails> & Pick<CommonDetails, 'advice'>,
): CommonDetails {
  return { ...UNKNOWN, ...known };
}
