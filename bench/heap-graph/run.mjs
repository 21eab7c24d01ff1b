// npm run bench:heap-graph
import { runBenchmark } from '../run-benchmark.mjs';

await runBenchmark('heap-graph');
