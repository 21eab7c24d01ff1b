// A module that is loaded again and again: what is told, and how loudly.

import { describe, expect, test } from 'vitest';
import { instanceAccumulation } from '../../src/analyze/leaks/instance-accumulation.ts';
import type { ModuleInstance } from '../../src/recording/types.ts';
import { buildRecording, MB } from './build-recording.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** One is loaded every ten seconds, and used for the next ten. */
function loadedInTurn(count: number): ModuleInstance[] {
  return Array.from({ length: count }, (_, at) => ({
    loadedAt: at * 10 * SECOND,
    usedAt: (at + 1) * 10 * SECOND,
    bytes: 16 * MB,
  }));
}

function find(alive: readonly ModuleInstance[], { released = 0, duration = 5 * MINUTE } = {}) {
  const recording = buildRecording({ instances: [{ module: 'GEGL 0.4.62', released, alive }] });
  return instanceAccumulation({ ...recording, clock: { ...recording.clock, duration } });
}

const severities = (...given: Parameters<typeof find>) =>
  find(...given).map(({ severity }) => severity);

describe('instances of one module', () => {
  test('that have not been used for a minute since a later one was loaded, and of which none was released, are a warning', () => {
    const [finding, ...others] = find(loadedInTurn(6));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      type: 'instance_accumulation',
      severity: 'warning',
      message:
        '6 instances of GEGL 0.4.62 are alive; 5 of them, with 80 MB of memory, have done nothing since a later one was loaded.',
      details: {
        kind: 'GEGL 0.4.62',
        count: 5,
        alive: 6,
        released: 0,
        bytes: 80 * MB,
        bytesPerHour: (80 * MB * 60) / (50 / 60),
      },
    });
  });

  test('are info while they are few, or as long as they may just not be collected yet', () => {
    expect(severities(loadedInTurn(5))).toEqual(['info']);
    expect(severities(loadedInTurn(3))).toEqual(['info']);
    expect(severities(loadedInTurn(8), { duration: 90 * SECOND })).toEqual(['info']);
  });

  test('are info where earlier ones were released', () => {
    expect(severities(loadedInTurn(8), { released: 1 })).toEqual(['info']);
  });

  test('are no finding where they are used beside each other, or but two', () => {
    expect(find(loadedInTurn(2))).toEqual([]);
    const used = loadedInTurn(8).map((instance) => ({ ...instance, usedAt: 4 * MINUTE }));
    expect(find(used)).toEqual([]);
  });

  test('are info where nobody knows whether they are used', () => {
    const untracked = loadedInTurn(8).map((instance) => ({ ...instance, usedAt: null }));
    const [finding] = find(untracked);
    expect(finding?.severity).toBe('info');
    expect(finding?.message).toContain('Whether they are used is not known');
  });
});
