// npm run bench:report
import { runBenchmark } from '../run-benchmark.mjs';

await runBenchmark('report', {
  flags: ['--max-old-space-size=8192'],
  external: ['puppeteer-core', 'selenium-webdriver'],
});
