// npx vitest run --root examples/testing/vitest

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Gives expect() the matchers, and tracks the modules that the tests load.
    setupFiles: ['gegl-memory-profiler/testing/vitest'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Not for you: here the package is not in node_modules, where Vitest leaves it as it is.
    server: { deps: { external: [/\/dist\//] } },
  },
});
