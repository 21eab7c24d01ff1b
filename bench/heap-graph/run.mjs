// npm run bench:heap-graph
import { buildTracker } from '../../scripts/build-tracker.mjs';
import { runBenchmark } from '../run-benchmark.mjs';

await buildTracker();
await runBenchmark('heap-graph');
