// npx playwright test --config examples/testing/playwright

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

export default defineConfig({
  timeout: 120_000,
  // GEGL takes its time to start on a busy machine.
  expect: { timeout: 60_000 },
  workers: 1,
  outputDir: join(tmpdir(), 'gegl-memory-profiler-playwright'),
  use: {
    launchOptions: {
      // The browser that is installed; left out, it is the one that Playwright has downloaded.
      executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
      args: [
        // Lets the profiler collect garbage between the runs of an action.
        '--js-flags=--expose-gc',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
});
