import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { requireFresh } from './packages.ts';

interface Statement {
  run(values: readonly unknown[]): void;
  free(): void;
}
interface Database {
  run(sql: string): void;
  exec(sql: string): { values: unknown[][] }[];
  prepare(sql: string): Statement;
  export(): Uint8Array;
  close(): void;
}
type InitSql = () => Promise<{ Database: new (bytes?: Uint8Array) => Database }>;

const ROWS = 4000;

describeForeign({
  name: 'sql.js',
  modules: [{ source: 'glue', allocator: 'dlmalloc', blocks: 10_000 }],
  // Names of its temporary files are random.
  isDeterministic: false,
  async run() {
    const SQL = await requireFresh<InitSql>('sql.js/dist/sql-wasm.js')();
    const database = new SQL.Database();
    database.run('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, town TEXT, face BLOB)');
    database.run('CREATE TABLE visits (person INTEGER, at REAL, note TEXT)');
    database.run('BEGIN');
    const person = database.prepare('INSERT INTO people VALUES (?, ?, ?, ?)');
    const visit = database.prepare('INSERT INTO visits VALUES (?, ?, ?)');
    for (let id = 0; id < ROWS; id++) {
      person.run([id, `name ${(id * 7919) % ROWS}`, `town ${id % 37}`, new Uint8Array(id % 300)]);
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
    database.run('DELETE FROM people WHERE id % 3 = 0');
    database.run('VACUUM');
    const file = database.export();
    database.close();
    const copy = new SQL.Database(file);
    const [left] = copy.exec('SELECT count(*), sum(length(face)) FROM people');
    return { towns: towns?.values, file, left: left?.values };
  },
  check({ left }) {
    const kept = Array.from({ length: ROWS }, (_, id) => id).filter((id) => id % 3 !== 0);
    expect(left).toEqual([[kept.length, kept.reduce((sum, id) => sum + (id % 300), 0)]]);
  },
});
