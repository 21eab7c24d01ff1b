// A worker that loads a module of its own. With the argument "own", it has an environment of its own.

import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { figures, tell, warnings } from './figures.mjs';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), process.argv[2] === 'own' ? { env: {} } : {});
  worker.once('message', (result) => {
    tell({ ...result, main: figures() });
    worker.terminate();
  });
} else {
  const initSqlJs = createRequire(import.meta.url)('sql.js');
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run("create table t (a); insert into t values ('some text'), (2)");
  const before = figures();
  database.close();
  parentPort?.postMessage({ before, figures: figures(), warnings: warnings() });
}
