// npm run bench:gegl
import { runBenchmark } from '../run-benchmark.mjs';

await runBenchmark('gegl');
