// In a worker that a page has started by this script instead of its own, this comes to nothing else.

import { startAsThread } from '../record/heap/track-loads.ts';

export const isThread = startAsThread();
