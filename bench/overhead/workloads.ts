// What is run under each way: the same work each time, so that allocations can be compared first.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Gegl, type GeglBuffer } from '../../src/gegl/index.ts';
import { memoryProfilerFactory } from './memoryprofiler.ts';

export const WORKS = { gegl: ['blur', 'edits'], sql: ['sql'] } as const;
export type ModuleName = keyof typeof WORKS;
export type Work = (typeof WORKS)[ModuleName][number];

export interface Workload {
  /** Does the work once. @returns a digest of what came out. */
  run(work: Work): string;
  readonly module: object;
}

export const EDGE = 1000;
export const STD_DEV = 8;
export const STEPS = 24;
const TILE = 128;
/** What GEGL's blur works in, so that babl converts nothing: by which path it would, it picks by timing. */
export const FORMAT = 'RaGaBaA float';

export function isModuleName(name: string | undefined): name is ModuleName {
  return name !== undefined && Object.hasOwn(WORKS, name);
}

export async function startWorkload(name: ModuleName, memoryprofiler: boolean): Promise<Workload> {
  if (name === 'sql') return startSql();
  const require = createRequire(import.meta.url);
  const module: unknown = memoryprofiler
    ? memoryProfilerFactory()
    : require(join(process.cwd(), 'native/out/gegl.js'));
  await Gegl.init({ module });
  const source = makeSource(EDGE);
  return {
    module: Gegl.module,
    run: (work) => (work === 'blur' ? blur(source) : edit(source)),
  };
}

/** One large blur, as in bench:gegl: long loops, large blocks. */
function blur(source: GeglBuffer): string {
  const graph = Gegl.createGraph();
  const target = Gegl.createBuffer(source.getExtent(), FORMAT);
  const node = graph.createNode('gegl:gaussian-blur', {
    'std-dev-x': STD_DEV,
    'std-dev-y': STD_DEV,
  });
  graph.createNode('gegl:buffer-source', { buffer: source }).connectTo(node);
  node.blitToBuffer(target);
  graph.destroy();
  const digest = digestOf(target, 64);
  target.destroy();
  return digest;
}

/** Small edits: graphs made, run and dropped, many small blocks. The same as edit() of ../gegl/native-blur.c. */
function edit(source: GeglBuffer): string {
  const target = Gegl.createBuffer({ width: TILE, height: TILE }, FORMAT);
  for (let step = 0; step < STEPS; step += 1) {
    const graph = Gegl.createGraph();
    const input = graph.createNode('gegl:buffer-source', { buffer: source });
    const move = graph.createNode('gegl:translate', { x: -step, y: -step, sampler: 'nearest' });
    const crop = graph.createNode('gegl:crop', { width: TILE, height: TILE });
    const blurred = graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 1, 'std-dev-y': 1 });
    input.connectTo(move);
    move.connectTo(crop);
    crop.connectTo(blurred);
    blurred.blitToBuffer(target);
    graph.destroy();
  }
  const digest = digestOf(target, 64);
  target.destroy();
  return digest;
}

function digestOf(buffer: GeglBuffer, edge: number): string {
  const pixels = new Float32Array(edge * edge * 4);
  buffer.getPixels({ rect: { x: 0, y: 0, width: edge, height: edge }, into: pixels });
  return createHash('sha256').update(pixels).digest('hex').slice(0, 12);
}

/** The same picture as make_source() of ../gegl/native-blur.c. */
function makeSource(edge: number): GeglBuffer {
  const buffer = Gegl.createBuffer({ width: edge, height: edge }, FORMAT);
  const row = new Float32Array(edge * 4);
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1)
      for (let c = 0; c < 4; c += 1) row[x * 4 + c] = ((x * 31 + y * 17 + c * 57) & 255) / 256;
    buffer.setPixels(row, { rect: { x: 0, y, width: edge, height: 1 } });
  }
  return buffer;
}

interface Statement {
  run(values: readonly unknown[]): void;
  free(): void;
}
interface Database {
  run(sql: string): void;
  exec(sql: string): { values: unknown[][] }[];
  prepare(sql: string): Statement;
  close(): void;
}
type InitSql = () => Promise<{ Database: new () => Database }>;

const ROWS = 1500;

/** A database that is made, filled, asked and closed: many small blocks. */
async function startSql(): Promise<Workload> {
  const initSql: InitSql = createRequire(import.meta.url)('sql.js/dist/sql-wasm.js');
  const SQL = await initSql();
  const { Database } = SQL;
  const faces = Array.from({ length: 300 }, (_, size) => new Uint8Array(size));
  const run = () => {
    const database = new Database();
    database.run('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, town TEXT, face BLOB)');
    database.run('CREATE TABLE visits (person INTEGER, at REAL, note TEXT)');
    database.run('BEGIN');
    const person = database.prepare('INSERT INTO people VALUES (?, ?, ?, ?)');
    const visit = database.prepare('INSERT INTO visits VALUES (?, ?, ?)');
    for (let id = 0; id < ROWS; id += 1) {
      person.run([id, `name ${(id * 7919) % ROWS}`, `town ${id % 37}`, faces[id % 300]]);
      visit.run([(id * 31) % ROWS, id / 3, 'note '.repeat(id % 20)]);
    }
    person.free();
    visit.free();
    database.run('COMMIT');
    database.run('CREATE INDEX by_town ON people (town, name)');
    const [towns] = database.exec(
      `SELECT town, count(*), max(length(note)), group_concat(DISTINCT substr(name, 1, 6))
       FROM people JOIN visits ON person = id GROUP BY town ORDER BY 2 DESC, 1`,
    );
    for (let id = 0; id < 200; id += 1)
      database.exec(`SELECT name, length(face) FROM people WHERE id = ${(id * 7) % ROWS}`);
    database.run('DELETE FROM people WHERE id % 3 = 0');
    database.close();
    return createHash('sha256').update(JSON.stringify(towns)).digest('hex').slice(0, 12);
  };
  return { module: SQL, run };
}
