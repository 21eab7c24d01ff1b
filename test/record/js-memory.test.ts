// Where figures of JavaScript's memory come from. In browsers it is shown on real pages
// (test/browser/profiler-*.test.ts); what no browser here does is shown on stand-ins of its interface.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { JsMemoryReader } from '../../src/record/js-memory.ts';

interface Browser {
  document?: object;
  crossOriginIsolated?: boolean;
}
const browser = globalThis as Browser;
const sources = performance as { memory?: object; measureUserAgentSpecificMemory?: unknown };

/** Makes this process look like an isolated page with the given sources of figures. */
function pretend(given: typeof sources, crossOriginIsolated = true): void {
  browser.document = {};
  browser.crossOriginIsolated = crossOriginIsolated;
  Object.assign(sources, given);
}

afterEach(() => {
  vi.useRealTimers();
  delete browser.document;
  delete browser.crossOriginIsolated;
  delete sources.memory;
  delete sources.measureUserAgentSpecificMemory;
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('JavaScript memory', () => {
  it('is measured where only the slow measurement exists, and unknown until its answer', async () => {
    const breakdown = [
      { bytes: 100, types: ['JavaScript'], attribution: [{ url: 'https://secret/' }] },
      { bytes: 0, types: [] },
      { bytes: 23, types: ['DOM'] },
    ];
    pretend({ measureUserAgentSpecificMemory: async () => ({ bytes: 123, breakdown }) });
    const reader = new JsMemoryReader();
    expect(reader.source).toBe('measureUserAgentSpecificMemory');
    const fail = vi.fn();
    const unknown = { usedJSHeapSize: null, totalJSHeapSize: null, jsHeapSizeLimit: null };
    expect(reader.read(fail)).toEqual(unknown);
    await settle();
    expect(reader.read(fail)).toEqual({ ...unknown, usedJSHeapSize: 123 });
    expect(reader.breakdown).toEqual([
      { bytes: 100, types: ['JavaScript'] },
      { bytes: 23, types: ['DOM'] },
    ]);
    expect(fail).not.toHaveBeenCalled();
  });

  it('is asked for one at a time, and not again for a while', async () => {
    let answer = (_: object) => {};
    const measure = vi.fn(() => new Promise<object>((resolve) => (answer = resolve)));
    pretend({ measureUserAgentSpecificMemory: measure });
    const now = vi.spyOn(performance, 'now');
    const reader = new JsMemoryReader();
    for (let count = 0; count < 5; count += 1) reader.read(() => {});
    expect(measure).toHaveBeenCalledOnce();
    answer({ bytes: 1, breakdown: [] });
    await settle();
    reader.read(() => {});
    expect(measure).toHaveBeenCalledOnce();
    now.mockReturnValue(performance.now() + 11_000);
    reader.read(() => {});
    expect(measure).toHaveBeenCalledTimes(2);
    now.mockRestore();
  });

  it('that is refused is told of once, and not asked for again', async () => {
    const measure = vi.fn(() => Promise.reject(new Error('SecurityError')));
    pretend({ measureUserAgentSpecificMemory: measure });
    const reader = new JsMemoryReader();
    const fail = vi.fn();
    for (let count = 0; count < 5; count += 1) {
      expect(reader.read(fail).usedJSHeapSize).toBeNull();
      await settle();
    }
    expect(fail).toHaveBeenCalledOnce();
    expect(measure).toHaveBeenCalledOnce();
  });

  it('is not measured in a page that is not isolated, where it would be refused', () => {
    const measure = vi.fn();
    pretend({ measureUserAgentSpecificMemory: measure }, false);
    const reader = new JsMemoryReader();
    expect(reader.source).toBe('none');
    reader.read(() => {});
    expect(measure).not.toHaveBeenCalled();
  });

  it('is performance.memory where it exists, with the breakdown beside it', async () => {
    const memory = { usedJSHeapSize: 1, totalJSHeapSize: 2, jsHeapSizeLimit: 3 };
    const measured = { bytes: 9, breakdown: [{ bytes: 9, types: ['JavaScript'] }] };
    pretend({ memory, measureUserAgentSpecificMemory: async () => measured });
    const reader = new JsMemoryReader();
    expect(reader.source).toBe('performance.memory');
    reader.read(() => {});
    await settle();
    expect(reader.read(() => {})).toEqual(memory);
    expect(reader.breakdown).toEqual(measured.breakdown);
  });
});
