// A page that is driven from outside, by puppeteer or Playwright: puts the profiler into it, and looks for leaks of an
// action that the driver performs.

import type { FoundLeaks, Repetition } from '../../profiler/find-leaks.ts';
import type { TrackMode } from '../../recording/heap-types.ts';

/** What pages of puppeteer and of Playwright have in common. */
export interface DrivenPage {
  exposeFunction(name: string, callback: () => unknown): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
}

export interface InjectOptions {
  readonly trackAllocations: TrackMode;
  /** Milliseconds; null: it does not start, and only follows the modules that load. */
  readonly sampleInterval: number | null;
}

export class PageError extends Error {
  override readonly name = 'PageError';
  readonly code: 'NO_PROFILER' | 'PAGE_LEFT' | 'PAGE_CRASHED' | 'PAGE_CLOSED';

  constructor(code: PageError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What became of a page while it was watched. */
export const PAGE_GONE = {
  PAGE_LEFT:
    'The action left the page, and the heap went with it. An action has to stay on one page.',
  PAGE_CRASHED:
    'The page crashed, and what was recorded went with it. Pages crash where they run out of memory: run the action less often, or follow fewer allocations (counts).',
  PAGE_CLOSED:
    'The page or its browser was closed or crashed, and what was recorded went with it. Where the action does not close it, it may have run out of memory: run the action less often.',
} as const;

/** Where the page keeps the profiler that was put into it, whatever the page itself loads. */
const KEY = 'gegl-memory-profiler/driven@1';
const PROFILER = `(globalThis[Symbol.for(${JSON.stringify(KEY)})] ?? globalThis.memoryProfiler)`;

/** By its name the profiler knows its own frames in stacks. */
const SOURCE_URL = 'gegl-memory-profiler:///memory-profiler.js';

/**
 * @param profiler what `profilerText()` reads.
 * @returns a script to run in each document before its own, in the top window only.
 */
export function profilerScript(profiler: string, options: InjectOptions): string {
  const { trackAllocations, sampleInterval } = options;
  return `if (globalThis.top === globalThis) {
${profiler}
Object.defineProperty(globalThis, Symbol.for(${JSON.stringify(KEY)}), { value: memoryProfiler });
memoryProfiler.instrument(${JSON.stringify({ trackAllocations })});
${sampleInterval === null ? '' : `memoryProfiler.start(${JSON.stringify({ sampleInterval })});`}
}
//# sourceURL=${SOURCE_URL}
`; // Its last line is ended, since Firefox gets it as the body of a function.
}

/** Of each page, how often something was exposed to it: it stays, under its name. */
const exposed = new WeakMap<DrivenPage, number>();

/**
 * As `memoryProfiler.findLeaks()` of the page; the action is performed from outside.
 *
 * @throws what the action throws; PageError.
 */
export async function findLeaksInPage(
  page: DrivenPage,
  action: () => unknown,
  options: Repetition,
): Promise<FoundLeaks> {
  await requireProfiler(page);
  const number = (exposed.get(page) ?? 0) + 1;
  exposed.set(page, number);
  const name = `__geglMemoryProfilerAction${number}`;
  let failure: { readonly error: unknown } | null = null;
  await page.exposeFunction(name, async () => {
    try {
      await action();
    } catch (error) {
      failure = { error };
      throw error;
    }
  });
  const asked = JSON.stringify(options);
  const text = await page
    .evaluate(
      `${PROFILER}.findLeaks(() => globalThis.${name}(), ${asked}).then((found) => JSON.stringify(found))`,
    )
    .catch((cause: unknown) => {
      if (failure) throw failure.error;
      const code = goneBy(cause);
      throw code === null ? cause : new PageError(code, PAGE_GONE[code], { cause });
    });
  return JSON.parse(String(text));
}

/** What the profiler in the page has recorded so far, as text. */
export async function exportFromPage(page: Pick<DrivenPage, 'evaluate'>): Promise<string> {
  await requireProfiler(page);
  return String(await page.evaluate(`(${PROFILER}.takeSnapshot(), ${PROFILER}.exportData())`));
}

async function requireProfiler(page: Pick<DrivenPage, 'evaluate'>): Promise<void> {
  if (await page.evaluate(`typeof ${PROFILER} === 'object'`)) return;
  throw new PageError(
    'NO_PROFILER',
    'The page has no memory profiler: load js/memory-profiler.js with data-track before its modules, or put it into the page before it opens.',
  );
}

/** As puppeteer, of Chromium and of Firefox, and Playwright say it; null: it is something else. */
const GONE: readonly (readonly [keyof typeof PAGE_GONE, RegExp])[] = [
  ['PAGE_CRASHED', /crashed/i],
  ['PAGE_CLOSED', /closed|disconnected/i],
  [
    'PAGE_LEFT',
    /context (was|is) destroyed|no such frame|because of a navigation|detached|frame got/i,
  ],
];

function goneBy(error: unknown): keyof typeof PAGE_GONE | null {
  if (!(error instanceof Error)) return null;
  return GONE.find(([, said]) => said.test(error.message))?.[0] ?? null;
}
