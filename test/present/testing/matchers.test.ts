// The matchers by themselves, in this process: what passes, what fails, and what they refuse.

import { MemoryProfiler, memoryProfiler } from 'gegl-memory-profiler';
import { Gegl, type GeglBuffer } from 'gegl-memory-profiler/gegl';
import 'gegl-memory-profiler/testing/vitest';
import { matchers } from 'gegl-memory-profiler/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildRecording, MB } from '../../analyze/build-recording.ts';

const kept: GeglBuffer[] = [];
const leak = () => kept.push(Gegl.createBuffer({ width: 10, height: 10 }));
const work = () => Gegl.createBuffer({ width: 10, height: 10 }).destroy();

describe('toLeak', () => {
  it('refuses to pass where no heap is tracked', async () => {
    await expect(matchers.toLeak(() => {}, { iterations: 3 })).rejects.toMatchObject({
      code: 'NOTHING_WATCHED',
    });
  });

  it('refuses wrong suppressions before the action has run', async () => {
    let runs = 0;
    const suppressions = 'stack:without-a-reason';
    await expect(matchers.toLeak(() => runs++, { suppressions })).rejects.toMatchObject({
      code: 'INVALID_SUPPRESSION',
      line: 1,
    });
    expect(runs).toBe(0);
  });

  describe('with a tracked module', () => {
    beforeAll(() => Gegl.init().then(() => {}));

    it('tells what leaks from what does not, and collects garbage for that', async () => {
      expect(globalThis.gc).toBeUndefined();
      await expect(leak).toLeak({ iterations: 3 });
      await expect(async () => work()).not.toLeak({ iterations: 5 });
      expect(globalThis.gc).toBeUndefined();
    });

    it('fails with the finding and its stack, or with the balance', async () => {
      await expect(expect(leak).not.toLeak({ iterations: 3 })).rejects.toThrow(
        /^expected the action not to leak\n\n1 leak in 7 runs\n(.*\n)*.*at leak \(test\/present\/testing\/matchers\.test\.ts:\d+:\d+\)/,
      );
      const { pass, message } = await matchers.toLeak(work, { iterations: 5 });
      expect(message()).toMatch(
        /^expected the action to leak\n\nNo leaks in 5 runs\n\nA run, on average\n/,
      );
      expect(pass).toBe(false);
      expect(message()).not.toMatch(/Garbage could not be collected/);
    });

    it('passes over what is accepted', async () => {
      const suppressions = 'stack:matchers.test -- kept on purpose';
      await expect(leak).not.toLeak({ iterations: 3, suppressions });
    });

    it('passes on what the action throws', async () => {
      const failing = () => {
        throw new RangeError('out of paint');
      };
      await expect(expect(failing).not.toLeak()).rejects.toThrow('out of paint');
    });

    it('takes the profiler itself for its recording', () => {
      memoryProfiler.start({ sampleInterval: 1_000_000 });
      memoryProfiler.stop();
      expect(memoryProfiler).toStayWithin({ liveBytes: { end: '64 MB' }, types: { GeglNode: 0 } });
    });
  });

  it('takes functions only', async () => {
    await expect(matchers.toLeak(5)).rejects.toMatchObject({ code: 'WRONG_SUBJECT' });
  });
});

describe('toStayWithin', () => {
  const recording = buildRecording({ heapUsed: [MB, 3 * MB] });

  it('takes a recording or its text', () => {
    for (const given of [recording, JSON.stringify(recording)]) {
      expect(given).toStayWithin({ liveBytes: { peak: '3 MB' } });
      expect(given).not.toStayWithin({ liveBytes: { peak: '2 MB' } });
    }
  });

  it('does not pass for a profiler that never started', () => {
    const idle = new MemoryProfiler();
    expect(idle).not.toStayWithin({ leaks: { error: 0 } });
    expect(idle).not.toStayWithin({ objects: { buffers: 100 } });
  });

  it('fails with a table of what broke, or of what was kept', () => {
    expect(() => expect(recording).toStayWithin({ liveBytes: { peak: '2 MB' } })).toThrow(
      /^expected the recording to stay within its budget\n\nBudget broken: 1 of 1 limit\n(.*\n)* {2}liveBytes.peak +2 MB +3 MB +over by 1 MB\n/,
    );
    expect(() => expect(recording).not.toStayWithin({ liveBytes: { peak: '3 MB' } })).toThrow(
      /not to stay within its budget\n\nWithin the budget: 1 limit kept\n(.*\n)* {2}liveBytes.peak +3 MB +3 MB +kept\n/,
    );
  });

  it('refuses what is no recording, and what is no budget', () => {
    const budget = { liveBytes: { end: 1 } };
    expect(() => matchers.toStayWithin(7, budget)).toThrow(/takes a recording, its text/);
    expect(() => matchers.toStayWithin({}, budget)).toThrow(/This is no recording/);
    expect(() => matchers.toStayWithin(recording, { liveBytes: { end: 'much' } })).toThrow(
      /The budget is wrong at liveBytes.end/,
    );
  });
});
