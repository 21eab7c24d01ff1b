// Findings from heap snapshots and from what GEGL's objects were left as, and how they are suppressed.

import { describe, expect, test } from 'vitest';
import { findLeaks } from '../../src/analyze/leaks/index.ts';
import {
  applySuppressions,
  nameTest,
  parseSuppressions,
  SuppressionError,
} from '../../src/analyze/suppressions.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import type {
  Finding,
  RecordedHeapSnapshot,
  Remnant,
  UnreachableGroup,
} from '../../src/recording/types.ts';
import { HEAP } from '../recording/heap-part.ts';
import {
  buildHeapSnapshot,
  buildRecording,
  buildUnreachable,
  KB,
  range,
} from './build-recording.ts';

const group = (changes: Partial<UnreachableGroup> = {}) =>
  buildUnreachable({ operation: 'gegl:blur', ...changes });

const snapshot = (changes: Partial<RecordedHeapSnapshot> = {}) =>
  buildHeapSnapshot({ elapsed: 1000, unreachableBlocks: 4, unreachableBytes: 4 * KB, ...changes });

const find = (...heapSnapshots: RecordedHeapSnapshot[]) =>
  findLeaks(buildRecording({ heapSnapshots }), geglKnowledge);

describe('unreachable blocks', () => {
  test('of one snapshot are a warning: a pointer may be kept in a form that no scan sees', () => {
    const [finding, ...others] = find(snapshot({ unreachable: [group()] }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      type: 'unreachable_block',
      severity: 'warning',
      details: { bytes: 4 * KB, count: 4, operation: 'gegl:blur', path: [], bytesPerHour: null },
    });
    expect(finding?.details.stack).toBe('at g_strdup\nat gegl_op_prepare\nat paint (app.js:1:2)');
    expect(finding?.message).toContain('4 blocks, 4 KB, allocated at paint (app.js:1:2)');
  });

  test('of which a later snapshot has more are an error, with the rate', () => {
    const [finding] = find(
      snapshot({ unreachable: [group()] }),
      snapshot({ elapsed: 1000 + 1_800_000, unreachable: [group({ blocks: 8, bytes: 8 * KB })] }),
    );
    expect(finding?.severity).toBe('error');
    expect(finding?.details.bytesPerHour).toBeCloseTo(8 * KB);
  });

  test('that stay as many stay a warning; those that are gone are no finding', () => {
    const both = find(snapshot({ unreachable: [group()] }), snapshot({ unreachable: [group()] }));
    expect(both.map(({ severity }) => severity)).toEqual(['warning']);
    expect(find(snapshot({ unreachable: [group()] }), snapshot())).toEqual([]);
  });

  test('of a place that frees them later are known to the program: info; a warning where more are overdue', () => {
    const severity = (freed: number, overdue: number) =>
      find(
        snapshot({ unreachable: [group()] }),
        snapshot({ unreachable: [group({ blocks: 8, freed, overdue })] }),
      ).map((finding) => [finding.severity, finding.details.keepsProducing]);
    expect(severity(0, 0)).toEqual([['error', true]]);
    expect(severity(3, 0)).toEqual([['info', false]]);
    expect(severity(3, 3)).toEqual([['info', false]]);
    expect(severity(3, 4)).toEqual([['warning', true]]);
  });

  describe('of a module whose objects in JavaScript nobody knows', () => {
    const severities = (...counts: readonly (readonly [blocks: number, structures: number])[]) =>
      find(
        ...counts.map(([blocks, structures]) =>
          snapshot({ knowsHandles: false, unreachable: [group({ blocks, structures })] }),
        ),
      ).map(({ severity }) => severity);

    test('are info: JavaScript may keep them', () => {
      const [finding] = find(snapshot({ knowsHandles: false, unreachable: [group()] }));
      expect(finding?.severity).toBe('info');
      expect(finding?.message).toContain('nothing in the heap points to them');
      expect(finding?.details.advice).toContain(
        'Not all that JavaScript keeps of this module is known',
      );
    });

    test('are a warning where ever more of them stand alone, seen by three heap snapshots', () => {
      expect(severities([4, 2], [8, 4])).toEqual(['info']);
      expect(severities([4, 2], [8, 4], [12, 6])).toEqual(['warning']);
      expect(severities([4, 2], [8, 4], [8, 4])).toEqual(['info']);
      expect(severities([12, 6], [8, 4], [14, 7])).toEqual(['info']);
    });

    test('are info while only what hangs on them becomes more: somebody who knows them adds to them', () => {
      expect(severities([4, 1], [8, 1], [12, 1], [40, 1])).toEqual(['info']);
    });

    test('are info where earlier ones were freed, however many are left', () => {
      const found = (freed: number) =>
        find(
          ...[2, 4, 6].map((structures) =>
            snapshot({
              knowsHandles: false,
              unreachable: [group({ structures, freed, overdue: 5 })],
            }),
          ),
        ).map(({ severity }) => severity);
      expect(found(0)).toEqual(['warning']);
      expect(found(1)).toEqual(['info']);
    });
  });

  test('that a later snapshot finds for the first time are a warning: nothing was seen to stay', () => {
    const [finding] = find(snapshot(), snapshot({ unreachable: [group()] }));
    expect(finding?.severity).toBe('warning');
    expect(finding?.details.keepsProducing).toBe(true);
  });

  test('whose allocations are spread over the session keep coming', () => {
    const recording = (lastSequence: number) => ({
      ...buildRecording({ heapSnapshots: [snapshot({ unreachable: [group({ lastSequence })] })] }),
      heap: { ...HEAP, totals: { ...HEAP.totals, allocated: { bytes: 1e6, blocks: 10_000 } } },
    });
    const keepsProducing = (last: number) =>
      findLeaks(recording(last), geglKnowledge)[0]?.details.keepsProducing;
    expect(keepsProducing(1_100)).toBe(true);
    expect(keepsProducing(200)).toBe(false);
  });

  test('of a baseline are no finding', () => {
    expect(find(snapshot({ isBaseline: true, unreachable: [group()] }))).toEqual([]);
  });
});

function remnant(changes: Partial<Remnant>): Remnant {
  return {
    kind: 'node-without-graph',
    count: 1,
    bytes: 200,
    stack: null,
    path: ['static data', 'GeglNode'],
    operation: 'gegl:crop',
    ...changes,
  };
}

describe('what GEGL’s objects were left as', () => {
  test.each([
    ['node-without-graph', 'node_without_graph'],
    ['buffer-of-dead-operation', 'dead_operation_buffer'],
    ['color-in-property', 'color_in_property'],
  ] as const)('%s is the finding %s, with who holds it and advice', (kind, type) => {
    const [finding, ...others] = find(snapshot({ remnants: [remnant({ kind })] }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      type,
      severity: 'warning',
      details: { bytes: 200, path: ['static data', 'GeglNode'], operation: 'gegl:crop' },
    });
    expect(String(finding?.details.advice).length).toBeGreaterThan(40);
  });

  test('those of the baseline are not counted, and without evidence there is no finding', () => {
    const base = snapshot({ isBaseline: true, remnants: [remnant({ count: 2 })] });
    expect(find(base, snapshot({ remnants: [remnant({ count: 2 })] }))).toEqual([]);
    const more = snapshot({ remnants: [remnant({ count: 5, bytes: 500 })] });
    expect(find(base, more)[0]?.details).toMatchObject({ count: 3, bytes: 300 });
    expect(find(base, more)[0]?.message).toMatch(/ \(300 B\)/);
    expect(find(base, snapshot({ remnants: null }))).toEqual([]);
  });

  const buffer = { id: 3, kind: 'buffers' as const, bytes: 64 * KB, stack: 0 };
  const processor = { id: 4, kind: 'processors' as const, stack: 1, createdAt: 0 };
  const stacks = ['at open (app.js:1:1)', 'at render (app.js:2:1)'];
  const counts = { buffers: 1, nodes: 0, processors: 1, colors: 0 };

  test('a buffer that lives when GEGL exits is told with the place that made it', () => {
    const exits = [{ elapsed: 500, counts, objects: [buffer, processor] }];
    const findings = findLeaks(buildRecording({ exits, stacks }), geglKnowledge);
    expect(findings.map(({ type }) => type)).toEqual(['buffer_alive_at_exit']);
    expect(findings[0]).toMatchObject({
      message: '1 buffer was alive when GEGL exited (64 KB of pixels).',
      details: { bytes: 64 * KB, stack: stacks[0], count: 1 },
    });
  });

  test('a processor that was never finished is told of at the exit, or after a minute', () => {
    const exits = [{ elapsed: 500, counts: { ...counts, buffers: 0 }, objects: [processor] }];
    const [atExit] = findLeaks(buildRecording({ exits, stacks, unfinished: [4] }), geglKnowledge);
    expect(atExit).toMatchObject({ type: 'unfinished_processor', severity: 'warning' });
    const live = (seconds: number, unfinished: number[]) =>
      findLeaks(
        buildRecording({
          live: [processor],
          stacks,
          unfinished,
          processors: range(seconds + 1, () => 1),
        }),
        geglKnowledge,
      );
    // It has lived for as long as the recording.
    const recorded = buildRecording({ live: [processor], stacks, unfinished: [0] });
    expect(recorded.objects.unfinished).toEqual([0]);
    expect(live(59, [4])).toEqual([]);
    expect(live(61, [])).toEqual([]);
    const [idle] = live(61, [4]);
    expect(idle).toMatchObject({ severity: 'info', details: { stack: stacks[1], count: 1 } });
  });
});

describe('every finding', () => {
  test('has the common fields', () => {
    const recording = buildRecording({
      heapUsed: range(300, (i) => 1e7 + i * 5000),
      nodes: range(300, (i) => i),
      heapSnapshots: [snapshot({ unreachable: [group()], remnants: [remnant({})] })],
      totals: { colors: { collected: 1 } },
      exits: [
        {
          elapsed: 1,
          counts: { buffers: 1, nodes: 0, processors: 0, colors: 0 },
          objects: [],
        },
      ],
    });
    const findings = findLeaks(recording, geglKnowledge);
    expect(new Set(findings.map(({ type }) => type)).size).toBe(6);
    for (const { type, details } of findings) {
      expect(Object.keys(details), type).toEqual(
        expect.arrayContaining(['confidence', 'bytes', 'bytesPerHour', 'stack', 'path', 'advice']),
      );
      expect(String(details.advice), type).toMatch(/\w/);
    }
    const severities = findings.map(({ severity }) => severity);
    expect(severities).toEqual(
      [...severities].sort((a, b) => (a === b ? 0 : a === 'error' ? -1 : 1)),
    );
  });
});

describe('suppressions', () => {
  const findings: Finding[] = [
    {
      type: 'unreachable_block',
      severity: 'warning',
      message: '',
      details: { stack: 'at g_strdup\nat gegl_op_warp_class_init\nat start (src/start.js:1:1)' },
    },
    {
      type: 'type_growth',
      severity: 'warning',
      message: '',
      details: { kind: 'GeglColor', stack: null },
    },
    {
      type: 'collected_handle',
      severity: 'error',
      message: '',
      details: { kind: 'buffers', sites: [{ stack: 'undo@src/undo.js:1:2', count: 1 }] },
    },
  ];

  test.each([
    ['function:gegl_op_*_class_init', 0],
    ['function:undo', 2],
    ['stack:src/start.js', 0],
    ['stack:src/undo.js', 2],
    ['type:Gegl*', 1],
    ['type:buffers', 2],
    ['finding:type_*', 1],
  ])('%s suppresses one finding', (rule, place) => {
    const {
      findings: left,
      used,
      unused,
    } = applySuppressions(findings, parseSuppressions(`${rule} -- known`));
    expect(left).toEqual(findings.filter((_, at) => at !== place));
    expect(used).toEqual([expect.objectContaining({ reason: 'known', count: 1 })]);
    expect(unused).toEqual([]);
  });

  test.each([
    'function:gegl_op',
    'function:class_init',
    'type:Color',
    'finding:growth',
    'stack:.*',
  ])('%s fits none: names are whole, and only * stands for anything', (rule) => {
    const { findings: left, unused } = applySuppressions(
      findings,
      parseSuppressions(`${rule} -- r`),
    );
    expect(left).toEqual(findings);
    expect(unused).toHaveLength(1);
  });

  test.each([
    ['a*', 'a', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*b*', 'abc', true],
    ['*', '', true],
    ['a*c*e', 'abcde', true],
    ['a*c*ce', 'abce', false],
    ['a.c', 'abc', false],
    ['gegl*', 'the gegl', false],
    ['*a'.repeat(40), `${'a'.repeat(400)}b`, false],
  ])('the pattern %s and the name %s: %s', (pattern, name, fits) => {
    expect(nameTest(pattern)(name)).toBe(fits);
  });

  test('are read from text with comments; a reason may have hyphens', () => {
    const text = '# of GEGL\n\n  function:f* --  known -- upstream \r\nstack:a b.js -- why\n';
    expect(parseSuppressions(text)).toEqual([
      { what: 'function', pattern: 'f*', reason: 'known -- upstream' },
      { what: 'stack', pattern: 'a b.js', reason: 'why' },
    ]);
  });

  test.each([
    ['function:f', /line 2: the reason is missing/],
    ['function:f --', /line 2: the reason is missing/],
    ['function: -- why', /line 2: the pattern is missing/],
    ['leak:f -- why', /line 2: it must begin with/],
  ])('%s is refused with its line', (line, message) => {
    expect(() => parseSuppressions(`# first\n${line}`)).toThrow(SuppressionError);
    expect(() => parseSuppressions(`# first\n${line}`)).toThrow(message);
  });
});
