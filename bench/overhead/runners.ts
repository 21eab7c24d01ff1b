// Children of the benchmark: started, told to run, ended.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answer, Counted, Order, Timed } from './messages.ts';
import type { Way } from './ways.ts';
import type { ModuleName, Work } from './workloads.ts';

export class Runner {
  readonly way: Way;
  readonly #child: ChildProcess;

  static async start(module: ModuleName, way: Way): Promise<Runner> {
    const program = join(process.cwd(), 'dist/bench/overhead/child.mjs');
    const child = fork(program, [module, way.name], { execArgv: ['--expose-gc'] });
    const runner = new Runner(way, child);
    await runner.#answer();
    return runner;
  }

  private constructor(way: Way, child: ChildProcess) {
    this.way = way;
    this.#child = child;
  }

  async run(work: Work, twice: boolean): Promise<Timed> {
    const answer = await this.#ask({ what: 'run', work, twice });
    if (!('time' in answer)) throw new Error(`${this.way.name} told no time.`);
    return answer;
  }

  async count(work: Work): Promise<Counted> {
    const answer = await this.#ask({ what: 'count', work, twice: false });
    if (!('digest' in answer)) throw new Error(`${this.way.name} did not count.`);
    return answer;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  #ask(order: Order): Promise<Answer> {
    this.#child.send(order);
    return this.#answer();
  }

  #answer(): Promise<Answer> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (answer: Answer) => {
        child.off('exit', onExit);
        resolve(answer);
      };
      const onExit = () => {
        child.off('message', onMessage);
        reject(new Error(`${this.way.name}: its process ended before its time.`));
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
    });
  }
}
