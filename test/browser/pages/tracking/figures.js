// What the trackers of this page, or worker, tell.
// @ts-nocheck: a page's script.

const HEAPS = Symbol.for('gegl-memory-profiler/heaps@1');

/** Of every heap that is tracked: its counters, and how its allocator was found. */
globalThis.heapFigures = function heapFigures() {
  return [...(globalThis[HEAPS]?.heaps ?? [])].flatMap((reference) => {
    const heap = reference.deref();
    if (!heap) return [];
    const { tracker, report, url, memory } = heap;
    const { source, confidence } = report.allocator;
    return {
      ...tracker.counters(),
      mode: tracker.mode,
      source,
      confidence,
      url,
      names: heap.names().size,
      heapSize: memory.buffer.byteLength,
      isShared: report.sharedMemory,
      stacks: tracker.sites().map(({ site }) => tracker.stackOf(site)),
    };
  });
};

/** What could not be tracked. */
globalThis.loadWarnings = () => globalThis[HEAPS]?.warnings ?? [];
