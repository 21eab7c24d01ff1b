// Whether the scenarios of bench:leaks do what they say: by the tracker's exact counts, without any detector.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mismatch } from '../../bench/leaks/grade.ts';
import type { Truth } from '../../bench/leaks/messages.ts';
import type { Scenario } from '../../bench/leaks/scenario.ts';
import { type Part, parts, scenarios } from '../../bench/leaks/scenarios/index.ts';
import { tellTruth } from '../../bench/leaks/session.ts';
import { GeglEngine } from '../../src/gegl/index.ts';
import { MemoryProfiler, memoryProfiler } from '../../src/profiler/index.ts';

function find(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`There is no scenario ${name}.`);
  return found;
}

async function truthOf(name: string): Promise<Truth> {
  const engine = new GeglEngine();
  const require = createRequire(import.meta.url);
  await engine.init({ module: require('../../native/out-leaks/gegl.js'), onMessage: () => {} });
  const profiler = new MemoryProfiler();
  profiler.start({ sampleInterval: 60_000 });
  try {
    return await tellTruth(find(name), engine, profiler);
  } finally {
    profiler.stop();
    engine.exit();
  }
}

describe('the scenarios of the leak benchmark', () => {
  it('are thirty clean ones and thirty leaking ones and more to develop with, and a third in the test set', () => {
    const count = (part: Part) => {
      const clean = parts[part].filter(({ leaks }) => leaks === null).length;
      return { clean, leaking: parts[part].length - clean };
    };
    expect(count('development').clean).toBeGreaterThanOrEqual(30);
    expect(count('development').leaking).toBeGreaterThanOrEqual(30);
    expect(count('test').clean).toBeGreaterThanOrEqual(20);
    expect(count('test').leaking).toBeGreaterThanOrEqual(20);
    expect(parts.test.length / scenarios.length).toBeGreaterThanOrEqual(1 / 3);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  describe('leave what they say', () => {
    let tracking: { stop(): void };
    beforeAll(() => {
      // Where the module of the tests is built, this only links.
      execFileSync(process.execPath, ['native/build.mjs', '--variant=leaks']);
      setFlagsFromString('--expose-gc');
      Reflect.set(globalThis, 'gc', runInNewContext('gc'));
      tracking = memoryProfiler.instrument({ trackAllocations: 'counts' });
    }, 600_000);
    afterAll(() => tracking.stop());

    it.each([
      ['undo-stack-with-a-bound'],
      ['sawtooth'],
      ['released-by-the-garbage-collector'],
      ['operations-loaded-lazily'],
      ['hidden-pointers'],
      ['redo-branch-cut-off-by-an-edit'],
      ['queue-linked-by-exclusive-or'],
    ])('clean: %s leaves not a block', async (name) => {
      const truth = await truthOf(name);
      expect(truth).toMatchObject({ blocks: 0, bytes: 0, planted: { leaks: 0 } });
      expect(mismatch(find(name), truth)).toBe(null);
    });

    it.each([
      ['block-dropped-in-c', 60, 60 * 64],
      ['every-hundredth-action', 1, 1000],
      ['error-path-in-c', 9, 9 * 22],
      ['slot-taken-though-it-is-in-use', 9, 9 * 300],
    ])('leaking: %s leaves %i blocks of %i bytes', async (name, blocks, bytes) => {
      const truth = await truthOf(name);
      expect(truth).toMatchObject({ blocks, bytes, planted: { leaks: blocks } });
      expect(mismatch(find(name), truth)).toBe(null);
      // And a scenario that leaks is not one that may pass as clean.
      expect(mismatch({ ...find(name), leaks: null }, { ...truth, planted: none })).toContain(
        `${blocks} blocks`,
      );
    });

    it.each([['buffers-dropped'], ['reference-cycle-of-objects'], ['one-reference-too-many']])(
      'leaking: %s leaves at least its objects',
      async (name) => {
        const truth = await truthOf(name);
        expect(truth.planted.leaks).toBe(60);
        expect(truth.blocks).toBeGreaterThanOrEqual(truth.planted.blocks);
        expect(mismatch(find(name), truth)).toBe(null);
        expect(mismatch(find(name), { ...truth, blocks: 0 })).not.toBe(null);
      },
    );
  });
});

const none = { leaks: 0, blocks: 0, bytes: 0 };
