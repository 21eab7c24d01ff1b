// The state of a run of conformance cases, as the page keeps it and the tests in Node read it.

export interface CaseResult {
  /** In the whole list of cases. */
  readonly index: number;
  readonly name: string;
  readonly ok: boolean;
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
  readonly durationMs: number;
}

export interface CaseRun {
  state: 'loading' | 'running' | 'finished' | 'failed';
  /** Why no case could be run, or no more of them. */
  failure?: string;
  /** The case that was started last. */
  current?: string;
  readonly results: CaseResult[];
}

export type RunUpdate =
  | { readonly type: 'case-started'; readonly name: string }
  | { readonly type: 'case-finished'; readonly result: CaseResult }
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly failure: string };

/** The page's global that holds its `CaseRun`. */
export const RUN_GLOBAL = 'conformanceRun';

export function newRun(): CaseRun {
  return { state: 'loading', results: [] };
}

export function applyUpdate(run: CaseRun, update: RunUpdate): void {
  // What comes after the end is a late effect of it.
  if (run.state === 'failed' || run.state === 'finished') return;
  switch (update.type) {
    case 'case-started':
      run.state = 'running';
      run.current = update.name;
      break;
    case 'case-finished':
      run.results.push(update.result);
      break;
    case 'finished':
      run.state = 'finished';
      break;
    case 'failed':
      run.state = 'failed';
      run.failure = update.failure;
      break;
  }
}
