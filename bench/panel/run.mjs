// npm run bench:panel
import { runBenchmark } from '../run-benchmark.mjs';

// The demo's server finds its files from where it lies.
await runBenchmark('panel', { external: ['puppeteer-core', '../../examples/*'] });
