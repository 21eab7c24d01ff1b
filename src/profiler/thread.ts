// In a worker that was started by this script instead of its own, or for its own work, this comes to nothing else.

import { startAsThread } from '../record/heap/track-loads.ts';
import { startAsAnalyst } from './heap-worker.ts';

export const isThread = startAsAnalyst() || startAsThread();
