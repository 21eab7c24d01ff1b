// Rewritten modules of each WebAssembly feature, run by a browser's engine beside their originals.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADDED_EXPORTS, HOOKS } from '../../src/instrument/abi.ts';
import { instrumentWasm } from '../../src/instrument/index.ts';
import { FEATURES } from '../instrument/features.ts';
import { HOOK_BRIDGES } from '../instrument/hook-log.ts';
import type { BrowserPage, EngineName } from './harness/engines.ts';
import { startServer, type TestServer } from './harness/server.ts';
import { retryOf, useEngine } from './harness/use-engine.ts';

interface Outcome {
  /** Whether the engine takes the original. */
  readonly isKnown: boolean;
  readonly original: readonly string[];
  readonly rewritten: readonly string[];
  readonly allocations: number;
}

/** Runs in the page. */
const RUN = `async ({ original, rewritten, bridge, calls, memory, hooks, names }) => {
  const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  if (!WebAssembly.validate(decode(original))) return { isKnown: false, original: [], rewritten: [], allocations: 0 };
  const start = async (text) => (await WebAssembly.instantiate(decode(text),
    memory ? { env: { memory: new WebAssembly.Memory(memory) } } : {})).instance.exports;
  const run = (exports) => calls.map(([name, ...parameters]) => String(exports[name](
    ...parameters.map((value) => typeof value === 'string' ? BigInt(value) : value))));
  const before = run(await start(original));
  const exports = await start(rewritten);
  let allocations = 0;
  const log = Object.fromEntries(Object.keys(hooks).map((hook) => [hook, () => {
    if (hook === 'allocated' || hook === 'freeing') allocations += 1;
    return 0;
  }]));
  const bridged = (await WebAssembly.instantiate(decode(bridge), { log })).instance.exports;
  for (const [hook, place] of Object.entries(hooks)) exports[names.hooks].set(place, bridged[hook]);
  exports[names.enabled].value = 1;
  return { isKnown: true, original: before, rewritten: run(exports), allocations };
}`;

/** What each engine must know at least; the rest depends on its version. */
const KNOWN_BY_ALL =
  /nothing but|older exceptions|tail calls|SIMD|start|imported|several results|empty/;

export function describeInstrumentInBrowser(name: EngineName): void {
  describe(`rewritten modules in ${name}`, retryOf(name), () => {
    const { open } = useEngine(name);
    let server: TestServer;
    let page: BrowserPage | undefined;

    beforeAll(async () => {
      server = await startServer({ mounts: {}, files: { '/empty.html': '<!doctype html>' } });
    });
    afterAll(() => server?.close());
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') page = undefined;
    });

    it.each(FEATURES)('$name', async (feature) => {
      const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
      for (const contexts of [false, true]) {
        const { bytes } = instrumentWasm(feature.bytes, {
          contexts,
          probes: [{ name: 'use', kind: 'scope' }],
        });
        const parameters = JSON.stringify({
          original: base64(feature.bytes),
          rewritten: base64(bytes),
          bridge: base64(HOOK_BRIDGES[feature.pointer]),
          calls: feature.calls.map((call) =>
            call.map((value) => (typeof value === 'bigint' ? String(value) : value)),
          ),
          memory: feature.memory,
          hooks: HOOKS,
          names: ADDED_EXPORTS,
        });
        page ??= await open(server.url('/empty.html'));
        const outcome = await page.evaluate<Outcome>(`(${RUN})(${parameters})`);
        if (KNOWN_BY_ALL.test(feature.name)) expect(outcome.isKnown).toBe(true);
        if (!outcome.isKnown) return;
        expect(outcome.rewritten).toEqual(outcome.original);
        expect(outcome.allocations).toBe(feature.hooks);
      }
    });
  });
}
