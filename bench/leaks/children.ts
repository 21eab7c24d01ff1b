// Runs scenarios in processes of their own, one a core at a time.

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Answer, Order } from './messages.ts';

/** Milliseconds after which a run is given up: some minutes are needed for an action that takes ever longer, more on a busy machine. */
const PATIENCE = 900_000;

/** The answers in the order of the orders; an error where a run failed. */
export async function runAll(
  orders: readonly Order[],
  onDone: (done: number) => void,
): Promise<(Answer | Error)[]> {
  const answers: (Answer | Error)[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let place = next++; place < orders.length; place = next++) {
      const order = orders[place];
      if (order) answers[place] = await run(order).catch((error: Error) => error);
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return answers;
}

function run(order: Order): Promise<Answer> {
  const program = join(process.cwd(), 'dist/bench/leaks/child.js');
  const child = fork(program, [JSON.stringify(order)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints += text;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill(), PATIENCE);
    let answer: Answer | null = null;
    child.once('message', (message: Answer) => {
      answer = message;
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (answer) resolve(answer);
      else reject(new Error(`ended with ${signal ?? code}\n${complaints.slice(-2000)}`));
    });
  });
}
