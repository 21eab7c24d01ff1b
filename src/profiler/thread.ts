// In a worker that was started by this script instead of its own, this comes to nothing else.

import { startAsThread } from '../record/heap/track-loads.ts';

export const isThread = startAsThread();
