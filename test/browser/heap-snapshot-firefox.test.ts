// Heap snapshots on a real page, in Firefox.

import { describeHeapSnapshotIn } from './heap-snapshot-in-browser.ts';

describeHeapSnapshotIn('firefox', 20_000);
