import { setFlagsFromString } from 'node:v8';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { instrumentWasm } from '../../src/instrument/index.ts';
import { FEATURES, type FeatureModule } from './features.ts';
import { logHooks } from './hook-log.ts';

// As rewrite.test.ts does, which may have run in this process before: else it would decide what is skipped here.
setFlagsFromString('--experimental-wasm-memory64');

type Exports = Record<string, (...parameters: (number | bigint)[]) => unknown>;

function instantiate(bytes: Uint8Array, { memory }: FeatureModule): WebAssembly.Instance {
  const imports = memory ? { env: { memory: new WebAssembly.Memory(memory) } } : {};
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), imports);
}

function results({ exports }: WebAssembly.Instance, { calls }: FeatureModule): unknown[] {
  return calls.map(([name, ...parameters]) => (exports as Exports)[name]?.(...parameters));
}

/** Whether another reader and validator than ours takes it. */
function isValid(bytes: Uint8Array): boolean {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(binaryen.Features.All);
    return module.validate() === 1;
  } finally {
    module.dispose();
  }
}

describe.each([false, true])('with contexts %s', (contexts) => {
  describe.each(FEATURES)('a module with $name', (feature) => {
    const { bytes, report } = instrumentWasm(feature.bytes, {
      contexts,
      probes: [{ name: 'use', kind: 'scope' }],
    });

    it('is valid afterwards', () => {
      expect(isValid(bytes)).toBe(true);
      expect(report.pointerBits).toBe(feature.pointer === 'i64' ? 64 : 32);
      expect(report.sharedMemory).toBe(feature.memory?.shared ?? false);
    });

    // What this Node can't run runs in the browsers (test/browser/instrument-*.test.ts).
    it.runIf(WebAssembly.validate(new Uint8Array(feature.bytes)))(
      'does the same, and tells',
      () => {
        const wanted = results(instantiate(feature.bytes, feature), feature);
        const instance = instantiate(bytes, feature);
        const events = logHooks(instance.exports, feature.pointer);
        expect(results(instance, feature)).toEqual(wanted);
        expect(events.filter(([name]) => /allocated|freeing/.test(name))).toHaveLength(
          feature.hooks,
        );
        expect(results(instantiate(bytes, feature), feature)).toEqual(wanted);
      },
    );
  });
});
