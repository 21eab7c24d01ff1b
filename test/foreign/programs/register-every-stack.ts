// As gegl-memory-profiler/register in the mode all, but every stack is taken, however long that takes: else what
// JavaScript asks for itself is an estimate, which depends on how busy the machine is.

import '../../../src/record/heap/index.ts';
import { heapTracking } from '../../../src/record/heap/tracking.ts';
import { greetThreads, ownGreeting, passOnToWorkers } from '../../../src/register/node-threads.ts';

passOnToWorkers();
const greeting = ownGreeting();
heapTracking()?.instrument(
  { mode: 'all', budget: 1 },
  { onGreeting: greetThreads, ...(greeting && { greeting }) },
);
