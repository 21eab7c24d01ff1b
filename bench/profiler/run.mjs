// npm run bench:profiler
import { runBenchmark } from '../run-benchmark.mjs';

// A million objects need more than the usual heap.
await runBenchmark('profiler', { flags: ['--expose-gc', '--max-old-space-size=8192'] });
