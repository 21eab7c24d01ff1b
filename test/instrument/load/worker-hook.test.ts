// Workers that start by our script, on a stand-in for a page: what can't be made to happen in a real one, such as
// address space that runs out. Real pages: test/browser.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  type InstalledWorkerHook,
  installWorkerHook,
} from '../../../src/instrument/load/worker-hook.ts';

class StandIn {
  readonly messages: unknown[] = [];
  readonly address: string;
  constructor(address: string) {
    this.address = address;
  }
  postMessage(message: unknown): void {
    this.messages.push(message);
  }
}

let hook: InstalledWorkerHook;
let greet: () => unknown;
let warnings: string[];

beforeEach(() => {
  vi.stubGlobal('Worker', StandIn);
  vi.stubGlobal('location', new URL('https://example.org/app/'));
  greet = () => 'hello';
  warnings = [];
  hook = installWorkerHook({
    script: () => 'https://example.org/js/memory-profiler.js',
    matches: () => true,
    greet: () => greet(),
    onWarning: (code, message) => void warnings.push(`${code}: ${message}`),
  });
});
afterEach(() => {
  hook.uninstall();
  vi.unstubAllGlobals();
});

const start = () => new Worker('worker.js') as unknown as StandIn;
const noMemory = () => {
  throw new Error('no memory');
};

it('greets a worker before the application does', () => {
  const { address, messages } = start();
  expect(address).toContain('/js/memory-profiler.js#');
  expect(messages).toEqual([{ 'gegl-memory-profiler/thread@1': 'hello' }]);
  expect(warnings).toEqual([]);
});

it('gives the application its worker where there is nothing to greet it with', () => {
  greet = noMemory;
  expect(start()).toBeInstanceOf(StandIn);
  expect(warnings).toEqual([
    'thread-untracked: What a worker allocates is not seen, since nothing can be shared with it: Error: no memory',
  ]);
});

it('tells of what fails, and nobody else fails', () => {
  start();
  expect(() => hook.tell(noMemory)).not.toThrow();
  expect(warnings).toHaveLength(1);
});
