// The live panel on the page. Its code is a file of its own, which loads when the panel is asked for first.

import { ProfilerError } from './errors.ts';
import type { MemoryProfiler } from './memory-profiler.ts';

const TAG = 'gegl-memory-panel';

/** @throws ProfilerError `PANEL_UNAVAILABLE` */
export async function showPanel(
  profiler: MemoryProfiler,
  startProfiling: () => boolean,
): Promise<HTMLElement> {
  if (typeof document !== 'object') fail('there is no page to show it in.');
  try {
    await import('../present/panel/index.ts');
  } catch (error) {
    fail(`serve memory-panel.js beside memory-profiler.js. ${error}`);
  }
  const panel = document.querySelector(TAG) ?? document.createElement(TAG);
  Object.assign(panel, { profiler, startProfiling });
  panel.hidden = false;
  // Outside of the body, which may be moved or scaled with all that is in it.
  if (!panel.isConnected) document.documentElement.append(panel);
  return panel;
}

export function hidePanel(): void {
  if (typeof document === 'object') document.querySelector(TAG)?.remove();
}

function fail(why: string): never {
  throw new ProfilerError('PANEL_UNAVAILABLE', `The panel can't be shown: ${why}`);
}
