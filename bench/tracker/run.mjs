// npm run bench:tracker
import { buildTracker } from '../../scripts/build-tracker.mjs';
import { runBenchmark } from '../run-benchmark.mjs';

await buildTracker();
await runBenchmark('tracker', { external: ['binaryen'] });
