// One leak, one finding: what grows with lost objects hangs on them, and a second leak still stands.

import { describe, expect, test } from 'vitest';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { evidenceOf } from '../../src/present/text/evidence.ts';
import { formatFindings } from '../../src/present/text/format-findings.ts';
import { LeakCheck } from '../../src/profiler/leak-check.ts';
import type { Finding, ObjectKind } from '../../src/recording/types.ts';
import {
  buildHeapSnapshot,
  buildRecording,
  buildUnreachable,
  KB,
  type RecordingParts,
  range,
} from './build-recording.ts';

const ROWS = 150;
const SECOND = 1000;
const LOSE = 'at lose (app.js:5:3)\nat main (app.js:90:1)';
const rows = (value: (row: number) => number) => range(ROWS, value);

interface Session {
  readonly types?: Readonly<Record<string, readonly number[]>>;
  readonly sites?: Readonly<Record<string, readonly number[]>>;
  readonly heapUsed?: readonly number[];
  readonly bytes?: number;
  /** Rows from one loss to the next. */
  readonly every?: number;
  /** Row after which nothing is lost any more. */
  readonly until?: number;
}

/** Handles of a kind are lost at one line, and found a row later. */
function lose(
  kind: ObjectKind,
  { types = {}, sites = {}, every = 2, until = ROWS, ...others }: Session,
) {
  const count = Math.floor(until / every);
  const parts: RecordingParts = {
    heapUsed: others.heapUsed ?? rows(() => 5000 * KB),
    stacks: [LOSE],
    totals: { [kind]: { created: count, collected: count } },
    collected: range(count, (i) => ({
      kind,
      createdAt: i * every * SECOND,
      collectedAt: (i * every + 1) * SECOND,
      bytes: others.bytes ?? null,
      stack: 0,
    })),
    series: {
      elapsed: rows((i) => i * SECOND),
      sequence: rows((i) => i + 1),
      sampleMean: 1,
      types: Object.entries(types).map(([name, live]) => ({ name, live })),
      sites: Object.entries(sites).map(([stack, blocks]) => ({
        stack: stack.split('\n'),
        liveBlocks: blocks,
        liveBytes: blocks.map((number) => number * 64),
      })),
      operations: [],
    },
  };
  return findLeaks(buildRecording(parts), geglKnowledge);
}

const lost = (every: number, times = 1) => rows((i) => Math.floor(i / every + 1) * times);
const names = (findings: unknown) =>
  (findings as readonly Finding[]).map(({ type, details }) => `${type} ${details.kind}`);

describe('growth that lost objects explain', () => {
  test('hangs on them: their type, what each of them holds, and what their line allocates', () => {
    const findings = lose('nodes', {
      types: {
        GeglNode: lost(2, 3),
        GBinding: lost(2, 20),
        gegl_op_nop: lost(2).map((count, i) => count + (i % 7)),
      },
      sites: {
        'g_type_create_instance\ng_object_new\nlose (app.js:5:3)': lost(2, 3),
        'g_strdup\ngegl_node_set\nlose (app.js:8:3)': lost(2),
      },
    });
    expect(names(findings)).toEqual(['collected_handle nodes']);
    expect(names(findings[0]?.details.explains)).toEqual([
      'type_growth GBinding',
      'type_growth GeglNode',
      'type_growth gegl_op_nop',
      'site_growth lose (app.js:5:3)',
      'site_growth lose (app.js:8:3)',
    ]);
  });

  test('is told shortly, the whole first', () => {
    const findings = lose('buffers', {
      bytes: 64 * KB,
      heapUsed: lost(2, 64 * KB).map((bytes, i) => bytes + 100 * (i % 9)),
      types: { GeglBuffer: lost(2) },
    });
    expect(names(findings)).toEqual(['collected_handle buffers']);
    const [finding] = findings;
    expect(finding && evidenceOf(finding).explains).toEqual([
      expect.stringMatching(/^4\.\d+ MB of live memory$/),
      expect.stringMatching(/^\d+ more GeglBuffer$/),
    ]);
    expect(formatFindings(findings)).toMatch(
      /Grew because of it: 4\.\d+ MB of live memory, \d+ more/,
    );
  });

  test('also where very many are lost, of which only the first are described', () => {
    const count = 5000;
    const findings = findLeaks(
      buildRecording({
        heapUsed: rows(() => 5000 * KB),
        totals: { colors: { created: count, collected: count } },
        stacks: [LOSE],
        collected: range(500, (i) => ({
          kind: 'colors' as const,
          createdAt: (i * ROWS * SECOND) / count,
          collectedAt: (i * ROWS * SECOND) / count,
          stack: 0,
        })),
        series: {
          elapsed: rows((i) => i * SECOND),
          sequence: rows((i) => i + 1),
          sampleMean: null,
          types: [{ name: 'GeglColor', live: rows((i) => (i * count) / ROWS) }],
          sites: [],
          operations: [],
        },
      }),
      geglKnowledge,
    );
    expect(names(findings)).toEqual(['collected_handle colors']);
  });

  test('also where it has ended: nothing goes on of which no handle is left', () => {
    const until = 128;
    const counts = lost(2, 3).map((count, row) => Math.min(count, (3 * until) / 2 + (row % 2)));
    const findings = lose('nodes', { until, types: { GeglNode: counts } });
    expect(names(findings)).toEqual(['collected_handle nodes']);
    expect(names(findings[0]?.details.explains)).toEqual(['type_growth GeglNode']);
  });

  test('of accumulating handles hangs on these', () => {
    const kept = rows((i) => i);
    const findings = findLeaks(
      buildRecording({
        heapUsed: rows(() => 5000 * KB),
        buffers: kept,
        stacks: ['at keep (app.js:7:1)'],
        live: range(ROWS, (i) => ({ createdAt: i * SECOND, stack: 0 })),
        series: {
          elapsed: rows((i) => i * SECOND),
          sequence: rows((i) => i + 1),
          sampleMean: null,
          types: [{ name: 'GeglBuffer', live: kept }],
          sites: [],
          operations: [],
        },
      }),
      geglKnowledge,
    );
    expect(names(findings)).toEqual(['object_accumulation buffers']);
    expect(names(findings[0]?.details.explains)).toEqual(['type_growth GeglBuffer']);
  });
});

describe('growth that blocks which nobody can reach explain', () => {
  const nobodyHolds = (blocks: number) =>
    findLeaks(
      buildRecording({
        heapUsed: rows(() => 5000 * KB),
        series: {
          elapsed: rows((i) => i * SECOND),
          sequence: rows((i) => i + 1),
          sampleMean: null,
          types: [{ name: 'GeglColor', live: rows((i) => 2 * i) }],
          sites: [],
          operations: [],
        },
        heapSnapshots: [20, 50].map((row) =>
          buildHeapSnapshot({
            elapsed: row * SECOND,
            unreachable: [buildUnreachable({ type: 'GeglColor', blocks: (blocks * row) / 50 })],
          }),
        ),
      }),
      geglKnowledge,
    );

  test('hangs on them, also where it went on since the last heap snapshot', () => {
    const findings = nobodyHolds(100);
    expect(findings.map(({ type }) => type)).toEqual(['unreachable_block']);
    expect(names(findings[0]?.details.explains)).toEqual(['type_growth GeglColor']);
  });

  test('but stands where they were few of those that there were then', () => {
    expect(nobodyHolds(10).map(({ type }) => type)).toEqual(['unreachable_block', 'type_growth']);
  });
});

describe('a second leak stands beside lost objects', () => {
  test('of the same type, at the same time: a lost buffer has one GeglBuffer, not two', () => {
    const findings = lose('buffers', { types: { GeglBuffer: lost(2, 2) } });
    expect(names(findings)).toEqual(['collected_handle buffers', 'type_growth GeglBuffer']);
  });

  test('of the same type at another place', () => {
    const findings = lose('buffers', {
      types: { GeglBuffer: lost(2).map((count, i) => count + Math.floor(i / 5)) },
      sites: {
        'g_type_create_instance\ngegl_buffer_new\nlose (app.js:5:3)': lost(2),
        'g_type_create_instance\ngegl_buffer_new\nforget (app.js:30:3)': rows((i) => i / 5),
      },
    });
    expect(names(findings)).toEqual([
      'collected_handle buffers',
      'type_growth GeglBuffer',
      'site_growth forget (app.js:30:3)',
    ]);
  });

  test('in another line of the function that loses them, where it makes objects there', () => {
    const findings = lose('colors', {
      sites: {
        'g_type_create_instance\ngegl_color_new\nlose (app.js:5:3)': lost(2),
        'g_type_create_instance\ngegl_color_new\nlose (app.js:9:3)': lost(2),
      },
    });
    expect(names(findings)).toEqual(['collected_handle colors', 'site_growth lose (app.js:9:3)']);
  });

  test('but lines that do not meet, as with source maps, are compared by their functions', () => {
    const site = 'g_type_create_instance\ngegl_color_new\nlose (app.js:900:3)';
    expect(names(lose('colors', { sites: { [site]: lost(2) } }))).toEqual([
      'collected_handle colors',
    ]);
  });

  test('at another rate, of what lost nodes could hold', () => {
    const findings = lose('nodes', {
      every: 6,
      types: { GeglNode: lost(6), MyTexture: rows((i) => Math.floor(i / 4)) },
    });
    expect(names(findings)).toEqual(['collected_handle nodes', 'type_growth MyTexture']);
  });

  test('that began only in the middle', () => {
    const late = lost(2).map((count, i) => count + Math.max(0, i - 60) / 2);
    const findings = lose('nodes', { types: { GeglNode: late } });
    expect(names(findings)).toContain('type_growth GeglNode');
  });

  test('in memory, of which they explain little', () => {
    const heapUsed = rows((i) => 5000 * KB + i * 64 * KB);
    const findings = lose('buffers', { bytes: 4 * KB, heapUsed });
    expect(names(findings)).toEqual([
      'collected_handle buffers',
      expect.stringMatching(/^continuous_growth/),
    ]);
  });
});

test('a type and the line that makes its objects are one finding, and the event tells what the report does', () => {
  const parts: RecordingParts = {
    heapUsed: rows((row) => 5000 * KB + 2 * KB * row),
    series: {
      elapsed: rows((i) => i * SECOND),
      sequence: rows((i) => i + 1),
      sampleMean: 1,
      types: [{ name: 'GeglColor', live: rows((i) => 30 + i) }],
      sites: [
        {
          stack: ['g_type_create_instance', 'culprit', 'keep (app.js:7:1)'],
          liveBlocks: rows((i) => i),
          liveBytes: rows((i) => 2 * KB * i),
        },
        {
          stack: ['g_strdup', 'other (app.js:50:1)'],
          liveBlocks: rows((i) => i >> 1),
          liveBytes: rows((i) => 8 * i),
        },
      ],
      operations: [],
    },
  };
  const recording = buildRecording(parts);
  const report = findLeaks(recording, geglKnowledge);
  expect(report.map(({ type }) => type)).toEqual(['type_growth', 'site_growth']);
  const explained = report[0]?.details.explains as Finding[];
  expect(explained.map(({ type }) => type)).toEqual(['site_growth', 'continuous_growth']);
  expect(report[0]?.details.stack).toContain('at culprit');
  expect(report[1]?.details.stack).toContain('other');
  const check = new LeakCheck();
  const read = () => recording;
  expect(check.runAtOnce(70 * SECOND, read, [])).toEqual([]);
  expect(check.runAtOnce(150 * SECOND, read, [])).toEqual(report);
});
