// What grows by a whole multiple of the runs of an action, and what only seems to.

import { describe, expect, test } from 'vitest';
import { balanceOf } from '../../src/analyze/repeated/balance.ts';
import { findRepeated } from '../../src/analyze/repeated/find-repeated.ts';
import { findingsOf } from '../../src/analyze/repeated/findings.ts';
import { type Mark, multipleOf } from '../../src/analyze/repeated/marks.ts';
import { geglKnowledge } from '../../src/gegl/knowledge.ts';
import { range, seeded } from './build-recording.ts';

const RUNS = 7;

describe('a multiple of the runs', () => {
  test.each([
    ['one each', range(RUNS + 1, (i) => i), 1],
    ['three each', range(RUNS + 1, (i) => 10 + 3 * i), 3],
    ['more each time', [0, 1, 3, 6, 10, 15, 21, 28], 2],
    ['all but one', [0, 1, 2, 2, 3, 4, 5, 6], 1],
    ['never less, with a burst', [0, 2, 4, 90, 92, 94, 96, 98], 2],
    ['each of three', [0, 1, 2, 3], 1],
    ['five of six', [0, 1, 2, 2, 3, 4, 5], 1],
  ])('%s', (_, values, count) => {
    expect(multipleOf(values)).toBe(count);
  });

  test.each([
    ['nothing', range(RUNS + 1, () => 5)],
    ['the first runs only', [0, 1, 2, 3, 3, 3, 3, 3]],
    ['a doubling', [1, 2, 2, 4, 4, 4, 4, 8]],
    ['once', [0, 0, 0, 50, 50, 50, 50, 50]],
    ['two runs without', [0, 1, 1, 2, 2, 3, 4, 5]],
    ['given back at the end', [0, 1, 2, 3, 4, 5, 6, 0]],
    ['given back in the middle', [0, 1, 2, 3, 0, 1, 2, 3]],
    ['given back a little', [0, 3, 6, 9, 8, 11, 14, 17]],
    ['two of three', [0, 1, 1, 2]],
    ['four of five', [0, 1, 2, 2, 3, 4]],
    ['ever less', range(RUNS + 1, (i) => 20 - i)],
  ])('%s is none', (_, values) => {
    expect(multipleOf(values)).toBeNull();
  });

  test('random walks and noise pass for one in about a hundred cases', () => {
    const random = seeded(17);
    let passed = 0;
    for (let trial = 0; trial < 2000; trial++) {
      let walk = 100;
      const values = range(RUNS + 1, () => {
        walk += Math.sign(random.normal()) * Math.ceil(3 * random.next());
        return walk;
      });
      if (multipleOf(values) !== null) passed += 1;
    }
    console.log(`walks of whole steps that pass: ${passed} of 2000`);
    // By the sign test, 1 of 128.
    expect(passed / 2000).toBeLessThan(1 / 128 + 0.007);
  });
});

const figures = (blocks: number, bytes = blocks * 16) => ({
  blocks,
  bytes,
  totalBlocks: blocks * 3,
  totalBytes: bytes * 3,
});

function markOf(parts: Partial<Mark>): Mark {
  return {
    heap: null,
    types: new Map(),
    sites: new Map(),
    operations: new Map(),
    handles: new Map(),
    ...parts,
  };
}

function marksOf(at: (run: number) => Partial<Mark>): Mark[] {
  return range(RUNS + 1, (run) => markOf(at(run)));
}

const LINE = 'paint (app.js:5:3)';
const WRITE = 'paint (app.js:6:3)';

describe('findings', () => {
  test('join a handle with the blocks of its line, and what GEGL allocates in its function', () => {
    const marks = marksOf((run) => ({
      handles: new Map([[`buffers\nat ${LINE}`, figures(run, run * 64)]]),
      sites: new Map([
        [`g_object_new\ngegl_buffer_new\n${LINE}`, figures(run, run * 168)],
        [`gegl_tile_alloc\ngegl_buffer_set\n${WRITE}`, figures(run, run * 4096)],
        [`other (lib.js:1:1)`, figures(2 * run, run * 10)],
      ]),
      types: new Map([['GeglBuffer', figures(run, 0)]]),
    }));
    const [buffer, other, ...rest] = findingsOf(marks, geglKnowledge);
    expect(rest).toEqual([]);
    expect(buffer?.message).toContain('1 more buffers');
    expect(buffer?.details).toMatchObject({
      bytesPerIteration: 168 + 4096,
      bytes: RUNS * (168 + 4096),
      types: [{ name: 'GeglBuffer', count: 1 }],
      stack: `at ${LINE}`,
    });
    expect(buffer?.siteNames).toHaveLength(2);
    expect(other?.message).toContain('2 more blocks (other)');
  });

  test('leave alone what only a cache takes in', () => {
    const marks = marksOf((run) => ({
      sites: new Map([[`babl_fish_path\nbabl_fish\n${LINE}`, figures(run)]]),
    }));
    expect(findRepeated(marks, 'sites')).toHaveLength(1);
    expect(findingsOf(marks, geglKnowledge)).toEqual([]);
  });

  test('are by type, by operation or of the heap where no place is known', () => {
    const grow = (part: 'types' | 'operations', name: string) =>
      findingsOf(
        marksOf((run) => ({ [part]: new Map([[name, figures(run)]]) })),
        geglKnowledge,
      );
    expect(grow('types', 'GeglNode')[0]?.message).toContain('1 more GeglNode');
    expect(grow('operations', 'gegl:blur')[0]?.message).toContain('1 more blocks of gegl:blur');
    const heap = findingsOf(
      marksOf((run) => ({ heap: figures(0, 1000 + 64 * run) })),
      geglKnowledge,
    );
    expect(heap[0]?.details).toMatchObject({ kind: 'heap', bytesPerIteration: 64 });
  });

  test('have the odds of the sign test', () => {
    const confidence = (values: readonly number[]) =>
      findRepeated(
        marksOf((run) => ({ types: new Map([['A', figures(values[run] ?? 0)]]) })),
        'types',
      )[0]?.confidence;
    expect(confidence(range(RUNS + 1, (i) => i))).toBeCloseTo(1 - 1 / 128);
    expect(confidence([0, 1, 2, 2, 3, 4, 5, 6])).toBeCloseTo(1 - 1 / 64);
  });
});

describe('what runs give back of older things', () => {
  const OLD = 'restore (app.js:90:3)';
  const gain = (run: number) => figures(10 + run);
  const loss = (run: number) => figures(50 - run);
  const find = (at: (run: number) => Partial<Mark>) =>
    findingsOf(
      marksOf((run) => ({ heap: figures(1000), ...at(run) })),
      geglKnowledge,
    );

  test('makes a ring of what looked like a leak, however its older blocks were come to', () => {
    const sites = (run: number) =>
      new Map([
        [`ring_add\nstep (app.js:3:1)\n${LINE}`, gain(run)],
        [`ring_add\nstep (app.js:3:1)\n${OLD}`, loss(run)],
      ]);
    expect(find((run) => ({ sites: sites(run) }))).toEqual([]);
  });

  test('makes a bounded undo stack of handles, also of those that were made before all', () => {
    const handles = (old: string) => (run: number) => ({
      handles: new Map([
        [`buffers\nat ${LINE}`, gain(run)],
        [`buffers\n${old}`, loss(run)],
      ]),
    });
    expect(find(handles(''))).toEqual([]);
    expect(find(handles(`at ${LINE}\nat ${OLD}`))).toEqual([]);
  });

  test('does not hide a leak beside it, nor one that is faster', () => {
    const beside = find((run) => ({
      sites: new Map([
        [`ring_add\n${LINE}`, gain(run)],
        [`ring_add\n${OLD}`, loss(run)],
        [`g_strdup\n${WRITE}`, figures(run)],
      ]),
    }));
    expect(beside.map(({ details }) => details.stack)).toEqual([`at g_strdup\nat ${WRITE}`]);
    const faster = find((run) => ({
      sites: new Map([
        [`ring_add\n${LINE}`, figures(3 * run)],
        [`ring_add\n${OLD}`, loss(run)],
      ]),
    }));
    expect(faster[0]?.message).toContain('2 more blocks');
    const otherKind = find((run) => ({
      handles: new Map([
        [`nodes\nat ${LINE}`, gain(run)],
        [`buffers\nat ${LINE}`, loss(run)],
      ]),
    }));
    expect(otherKind[0]?.message).toContain('1 more nodes');
  });

  test('makes a warning of an error where the origin of the older blocks is not known', () => {
    const sites = (run: number) => ({ sites: new Map([[`ring_add\n${LINE}`, gain(run)]]) });
    expect(find((run) => ({ ...sites(run), heap: figures(1000 + run) }))[0]?.severity).toBe(
      'error',
    );
    const [doubtful] = find(sites);
    expect(doubtful?.severity).toBe('warning');
    expect(doubtful?.message).toContain('Each also frees an older block');
  });
});

describe('what looks like a leak in the watched runs', () => {
  const ROUNDS = 3;
  /** At the end of each watched run, and of each further round of seven. */
  const find = (at: (run: number) => Partial<Mark>) => {
    const all = [...range(RUNS + 1, (run) => run), ...range(ROUNDS, (i) => RUNS * (i + 2))];
    const marks = all.map((run) => markOf(at(run)));
    return findingsOf(marks.slice(0, RUNS + 1), geglKnowledge, marks.slice(RUNS + 1));
  };
  const site = (name: string, blocks: number, bytes?: number) => ({
    sites: new Map([[name, figures(blocks, bytes)]]),
  });
  const NAME = `g_strdup\n${LINE}`;

  test('is one where it goes on in further rounds, and is told by the watched runs', () => {
    const [leak] = find((run) => site(NAME, run));
    expect(leak?.details).toMatchObject({ iterations: RUNS, bytes: RUNS * 16 });
    expect(find((run) => site(NAME, run - Math.floor(run / RUNS)))).toHaveLength(1);
  });

  test('need not be more in a round that was cut short than its runs but one add', () => {
    const cutAfter = (runs: number, blocks: number) => {
      const watched = range(RUNS + 1, (run) => markOf(site(NAME, run)));
      return findingsOf(watched, geglKnowledge, [{ ...markOf(site(NAME, RUNS + blocks)), runs }]);
    };
    expect(cutAfter(3, 2)).toHaveLength(1);
    expect(cutAfter(3, 1)).toEqual([]);
    expect(cutAfter(1, 1)).toHaveLength(1);
    expect(cutAfter(1, 0)).toEqual([]);
  });

  test.each([
    ['a cache that is full after twenty', (run: number) => Math.min(run, 20)],
    ['one that is trimmed to a half', (run: number) => (run < 12 ? run : 6 + (run % 6))],
    ['growth that slows down', (run: number) => (run <= RUNS ? run : RUNS + (run - RUNS) / 2)],
  ])('is none where it is %s', (_, blocks) => {
    expect(find((run) => site(NAME, blocks(run)))).toEqual([]);
    const handles = (run: number) => new Map([[`colors\nat ${LINE}`, figures(blocks(run))]]);
    expect(find((run) => ({ handles: handles(run) }))).toEqual([]);
    expect(find((run) => ({ types: new Map([['A', figures(blocks(run))]]) }))).toEqual([]);
    expect(find((run) => ({ heap: figures(0, 999 + blocks(run)) }))).toEqual([]);
  });

  test('is none where several older ones are given up for it, by other lines', () => {
    const way = 'g_type_create_instance\ngegl_node_new_child';
    const lines = ['a (app.js:1:1)', 'b (app.js:2:1)', 'c (app.js:3:1)'];
    const graphs = (run: number) => ({
      sites: new Map([
        ...lines.map((line) => [`${way}\n${line}`, figures(run)] as const),
        [`${way}\nearlier (app.js:9:1)`, figures(90 - 3 * run)],
      ]),
      handles: new Map([
        ...lines.map((line) => [`nodes\nat ${line}`, figures(run)] as const),
        ['nodes\n', figures(90 - 3 * run)],
      ]),
    });
    expect(find(graphs)).toEqual([]);
  });

  test('is none where older ones are given up now and then', () => {
    const older = (run: number) => 60 - 3 * Math.floor(run / 3);
    const undo = (run: number) => ({
      sites: new Map([
        [`g_malloc\ngegl_buffer_dup\n${LINE}`, figures(run)],
        [`g_malloc\ngegl_buffer_dup\nearlier (app.js:9:1)`, figures(older(run))],
      ]),
      handles: new Map([
        [`buffers\nat ${LINE}`, figures(run)],
        ['buffers\n', figures(older(run))],
      ]),
    });
    expect(find(undo)).toEqual([]);
    // A few that go are not all that come.
    const few = (run: number) => ({
      handles: new Map([
        [`buffers\nat ${LINE}`, figures(run)],
        ['buffers\n', figures(60 - Math.min(3, run >> 1))],
      ]),
    });
    expect(find(few)).toHaveLength(1);
  });

  test('is none where only a cache takes it in, whichever operation fills that', () => {
    const cached = (run: number) => ({
      ...site(`gegl_tile_alloc\n${LINE}`, run),
      operations: new Map([['gegl:blur', figures(run)]]),
      heap: figures(run, 1000 + 16 * run),
    });
    expect(find(cached)).toEqual([]);
  });

  test('is told where one block becomes larger', () => {
    const [log] = find((run) => site(NAME, 1, 500 + 100 * run));
    expect(log?.message).toContain('leaves larger blocks (g_strdup) behind, 100 B');
    // The first run may have brought it to its stack.
    expect(log?.details).toMatchObject({ bytesPerIteration: 100, bytes: (RUNS - 1) * 100 });
    expect(find((run) => site(NAME, Math.min(run, 1), run && 500 + 100 * run))).toHaveLength(1);
    expect(find((run) => site(NAME, Math.min(run, 1), run && 500))).toEqual([]);
    expect(find((run) => site(NAME, 1, 500 + 100 * Math.min(run, 20)))).toEqual([]);
  });
});

test('the balance is a run’s, and adds up', () => {
  const { heap, sites, handles, iterations } = balanceOf(
    marksOf((run) => ({
      heap: figures(run),
      sites: new Map([
        ['a', figures(run)],
        ['b', figures(5)],
      ]),
      handles: new Map([
        ['nodes\nat a', figures(run)],
        ['nodes\nat b', figures(2 * run)],
      ]),
    })),
  );
  expect({ iterations, handles }).toEqual({ iterations: RUNS, handles: { nodes: 3 } });
  expect(heap).toEqual({
    allocatedBytes: 48,
    allocatedBlocks: 3,
    freedBytes: 32,
    freedBlocks: 2,
    keptBytes: 16,
    keptBlocks: 1,
  });
  expect(sites.map(({ name }) => name)).toEqual(['a']);
});
