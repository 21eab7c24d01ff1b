// Modules that are loaded again and again: real GEGL, and one that nobody here wrote.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/index.ts';
import { InstanceTable } from '../../src/record/instances.ts';
import { pathOf } from '../foreign/packages.ts';
import { collectGarbageUntil } from './garbage.ts';
import { openEngine } from './real-gegl.ts';

type InitSql = () => Promise<{ Database: new () => { run(sql: string): void; close(): void } }>;

const profiler = new MemoryProfiler();
let tracking: { stop(): void };
beforeEach(() => {
  tracking = profiler.instrument({ trackAllocations: 'counts' });
});
afterEach(() => tracking.stop());

describe('instances of GEGL', () => {
  it('are alive until they are collected, each with the time at which it was last used', async () => {
    const table = new InstanceTable();
    let first: Awaited<ReturnType<typeof openEngine>> | null = await openEngine();
    table.sample(10);
    const second = await openEngine();
    table.sample(20);
    first.engine.createColor('red').destroy();
    table.sample(30);
    table.sample(40);
    const bytes = expect.any(Number);
    expect(table.record()).toEqual([
      {
        module: 'GEGL 0.4.62',
        released: 0,
        alive: [
          { loadedAt: null, usedAt: 30, bytes },
          { loadedAt: 20, usedAt: 20, bytes },
        ],
      },
    ]);
    first.end();
    table.sample(50);
    expect(table.record()).toMatchObject([{ released: 0, alive: [{}, { loadedAt: 20 }] }]);
    first = null;
    await collectGarbageUntil(() => {
      table.sample(60);
      return table.record()[0]?.alive.length === 1;
    });
    expect(table.record()).toMatchObject([{ released: 1, alive: [{ loadedAt: 20 }] }]);
    second.end();
  });

  it('that are not tracked are known, too, but not whether they are used', async () => {
    tracking.stop();
    const { end } = await openEngine();
    const table = new InstanceTable();
    await collectGarbageUntil(() => {
      table.sample(10);
      return table.record()[0]?.alive.length === 1;
    });
    expect(table.record()).toMatchObject([{ alive: [{ loadedAt: null, usedAt: null }] }]);
    end();
    table.sample(20);
    expect(table.record()).toEqual([]);
  });
});

describe('findLeaks() of an action that loads a module each time', () => {
  beforeAll(() => {
    // As with --expose-gc.
    globalThis.gc = runInNewContext('gc');
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, 'gc');
  });

  const file = pathOf('sql.js/dist/sql-wasm.js');
  // Node keeps what was required, also where its cache forgets it.
  const start = new Function(
    ...['exports', 'module', 'require', '__dirname', '__filename'],
    readFileSync(file, 'utf8'),
  );

  async function load(): Promise<object> {
    const module: { exports?: InitSql } = {};
    start({}, module, createRequire(file), dirname(file), file);
    const SQL = await module.exports?.();
    if (!SQL) throw new Error('sql.js is loaded in another way now');
    const database = new SQL.Database();
    database.run('CREATE TABLE people (id INTEGER PRIMARY KEY)');
    database.close();
    return SQL;
  }

  it('tells of instances that are kept', async () => {
    const kept: object[] = [];
    const { findings, balance } = await profiler.findLeaks(async () => {
      kept.push(await load());
    });
    expect(findings).toMatchObject([
      { type: 'iteration_leak', severity: 'error', details: { iterations: 7 } },
    ]);
    const [kind = ''] = String(findings[0]?.details.kind).split('\n');
    expect(kind).toContain('instances of a module');
    expect(findings[0]?.details.bytes).toBeGreaterThan(7 * 16 * 1024 * 1024 - 1);
    expect(balance.handles[kind]).toBe(1);
  }, 120_000);

  it('tells of none that are dropped', async () => {
    const { findings } = await profiler.findLeaks(async () => {
      await load();
    });
    expect(findings).toEqual([]);
  }, 120_000);
});
