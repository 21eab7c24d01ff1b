// What the trackers of this thread tell, for programs that are run with and without register.
// @ts-nocheck: the registry has no types here.

const registry = globalThis[Symbol.for('gegl-memory-profiler/heaps@1')];

export function figures() {
  return [...(registry?.heaps ?? [])].flatMap((reference) => {
    const { tracker, report } = reference.deref() ?? {};
    if (!tracker) return [];
    const { source, confidence } = report.allocator;
    return { ...tracker.counters(), mode: tracker.mode, source, confidence };
  });
}

export function warnings() {
  return registry?.warnings ?? [];
}

/** @param {object} result */
export function tell(result) {
  console.log(JSON.stringify(result));
}
