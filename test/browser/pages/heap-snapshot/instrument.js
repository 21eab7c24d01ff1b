// @ts-nocheck: what is global here comes from other scripts.
memoryProfiler.instrument({ mean: 1024, budget: 1, seed: 1, scrub: true });
// Workers that this page starts.
globalThis.workers = [];
globalThis.Worker = class extends Worker {
  constructor(...parameters) {
    super(...parameters);
    workers.push(String(parameters[0]));
  }
};
