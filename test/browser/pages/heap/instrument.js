// @ts-nocheck: what is global here comes from other scripts.
memoryProfiler.instrument({ mean: 1024, budget: 1, seed: 1, ...globalThis.instrumentOptions });
