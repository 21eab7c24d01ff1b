// Budgets: what keeps and what breaks them, and what is refused; the schema says the same.

import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Budget, checkBudget } from '../../src/analyze/budget/index.ts';
import { parseSuppressions } from '../../src/analyze/suppressions.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import type { Recording } from '../../src/recording/types.ts';
import { HEAP } from '../recording/heap-part.ts';
import { buildRecording, MB, type RecordingParts } from './build-recording.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../src/analyze/budget/budget.schema.json', import.meta.url), 'utf8'),
);
const conforms = new Ajv().compile(schema);

const parts: RecordingParts = {
  heapUsed: [3 * MB, 2 * MB],
  heapSize: [16 * MB, 32 * MB],
  totals: { buffers: { created: 5, live: 3, collected: 2 } },
  stacks: ['at paint (https://a.test/brush.js:12:7)'],
  collected: [1, 2].map((id) => ({ id, kind: 'buffers' as const, stack: 0 })),
};
/** Two buffers lost, 1.1 MB +- 210 KB at one site, two GeglBuffers. */
const recording: Recording = buildRecording({ ...parts, heap: HEAP });
const untracked: Recording = buildRecording(parts);
/** The mode was off for a time, so that the tracker's figures are those of a part. */
const incomplete: Recording = { ...untracked, heap: { ...HEAP, mode: 'off' } };

const verdicts = (budget: Budget, of = recording, accepted = '') =>
  checkBudget(of, budget, geglKnowledge, parseSuppressions(accepted)).rows.map(
    ({ actual, verdict, isBroken }) => `${actual} ${verdict}${isBroken ? ', broken' : ''}`,
  );

describe('a budget of', () => {
  it('heap size and live bytes looks at the end and at the peak', () => {
    const budget: Budget = {
      heapSize: { peak: '31 MB', end: 32 * MB },
      liveBytes: { peak: '1MiB', end: '1.5 MB' },
    };
    expect(verdicts(budget)).toEqual([
      `${32 * MB} over, broken`,
      `${32 * MB} within`,
      '1148740 over, broken',
      '1048740 within',
    ]);
    // What was sampled counts where nothing was tracked.
    expect(verdicts({ liveBytes: { peak: '3 MB', end: MB } }, untracked)).toEqual([
      `${3 * MB} within`,
      `${2 * MB} over, broken`,
    ]);
  });

  it('objects and types counts what is live, and sums up what a pattern fits', () => {
    const { type, live } = HEAP.instances ?? { type: [], live: [] };
    const all = live.reduce((sum, count) => sum + count, 0);
    expect(type.length).toBeGreaterThan(1);
    expect(
      verdicts({
        objects: { buffers: 2, nodes: 0 },
        types: { '*': all, [String(type[0])]: 0, Unseen: 0 },
      }),
    ).toEqual([
      '3 over, broken',
      '0 within',
      `${all} within`,
      `${live[0]} over, broken`,
      '0 within',
    ]);
  });

  it('sites is broken beyond two standard errors, and shows the stacks', () => {
    const sites = (limit: number) => ({ sites: { 'function:paint': limit } });
    expect(verdicts(sites(1_100_000))).toEqual(['1100000 within']);
    expect(verdicts(sites(700_000))).toEqual(['1100000 noise']);
    expect(verdicts(sites(600_000))).toEqual(['1100000 over, broken']);
    const { rows } = checkBudget(
      recording,
      { sites: { 'stack:src/brush.js:12': 0 } },
      geglKnowledge,
    );
    expect(rows[0]?.sites).toEqual([
      {
        title: expect.stringMatching(/^paint \(.*brush\.js:12:7\)$/),
        frames: expect.arrayContaining(['gegl_tile_alloc']),
      },
    ]);
    expect(rows[0]?.error).toBe(210_000);
    expect(verdicts({ sites: { 'function:pain': 0 } })).toEqual(['0 within']);
  });

  it('leaks counts by severity what is not accepted, and keeps the findings', () => {
    const budget: Budget = { leaks: { error: 0, warning: 0 } };
    expect(verdicts(budget)).toEqual(['1 over, broken', '0 within']);
    expect(checkBudget(recording, budget, geglKnowledge).leaks.map(({ type }) => type)).toEqual([
      'collected_handle',
    ]);
    expect(verdicts(budget, recording, 'type:buffers -- known')).toEqual(['0 within', '0 within']);
    expect(verdicts({ leaks: { error: 1 } })).toEqual(['1 within']);
  });

  it('what is not known is broken, unless that is allowed', () => {
    const budget: Budget = { types: { GeglBuffer: 1 }, sites: { 'stack:a': 1 } };
    expect(verdicts(budget, untracked)).toEqual(['null unknown, broken', 'null unknown, broken']);
    expect(verdicts({ ...budget, allowUnknown: true }, untracked)).toEqual([
      'null unknown',
      'null unknown',
    ]);
  });

  it('what a tracker tells that was off for a time is not known', () => {
    const budget: Budget = {
      liveBytes: { end: '1.5 MB' },
      types: { '*': 100 },
      sites: { 'stack:brush.js': '100 MB' },
    };
    expect(verdicts(budget, incomplete)).toEqual([
      `${2 * MB} over, broken`,
      'null unknown, broken',
      'null unknown, broken',
    ]);
  });

  it('whatever was never sampled is not known', () => {
    const budget: Budget = { objects: { buffers: 1 }, leaks: { error: 0 } };
    const empty = buildRecording();
    expect(empty.snapshots.sequence).toEqual([]);
    expect(verdicts(budget, empty)).toEqual(['null unknown, broken', 'null unknown, broken']);
    // What was seen all the same counts.
    const lost = { ...recording, snapshots: empty.snapshots };
    expect(verdicts({ leaks: { error: 0 } }, lost)).toEqual(['1 over, broken']);
  });
});

describe('the schema takes and refuses what the check does:', () => {
  it.each([
    [{ heapSize: { peak: '256 MB', end: 0 } }],
    [{ liveBytes: { end: '1.5GiB' }, allowUnknown: true, $schema: 'budget.schema.json' }],
    [{ objects: { buffers: 1, nodes: 2, processors: 0, colors: 9 } }],
    [{ types: { 'gegl_op_*': 3 }, sites: { 'function:f': '10 B' }, leaks: { info: 4 } }],
  ])('%j', (budget) => {
    expect(conforms(budget)).toBe(true);
    expect(() => checkBudget(recording, budget, geglKnowledge)).not.toThrow();
  });

  it.each([
    [[], ''],
    [{}, ''],
    [{ allowUnknown: true }, ''],
    [{ heap: { peak: 1 } }, 'heap'],
    [{ heapSize: 5 }, 'heapSize'],
    [{ heapSize: {}, leaks: { error: 0 } }, 'heapSize'],
    [{ heapSize: { start: 5 } }, 'heapSize.start'],
    [{ liveBytes: { end: '5 megabytes' } }, 'liveBytes.end'],
    [{ liveBytes: { end: -1 } }, 'liveBytes.end'],
    [{ objects: { layers: 1 } }, 'objects.layers'],
    [{ objects: { buffers: 1.5 } }, 'objects.buffers'],
    [{ types: { GeglNode: '3' } }, 'types.GeglNode'],
    [{ sites: { 'src/undo.js': 1 } }, 'sites.src/undo.js'],
    [{ leaks: { fatal: 1 } }, 'leaks.fatal'],
    [{ leaks: { error: 0 }, allowUnknown: 'yes' }, 'allowUnknown'],
  ])('%j, at %s', (budget, path) => {
    expect(conforms(budget)).toBe(false);
    expect(() => checkBudget(recording, budget as Budget, geglKnowledge)).toThrow(
      expect.objectContaining({ code: 'INVALID_BUDGET', path }),
    );
  });
});
