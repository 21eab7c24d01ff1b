// The panel where there is no page: it says so. In pages it is tested by test/browser/panel-*.test.ts.

import { expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';

it('can not be shown in Node, with an error that says why', async () => {
  const profiler = new MemoryProfiler();
  await expect(profiler.showPanel()).rejects.toMatchObject({
    name: 'ProfilerError',
    code: 'PANEL_UNAVAILABLE',
    message: expect.stringContaining('no page'),
  });
  expect(() => profiler.hidePanel()).not.toThrow();
});
