// Heap snapshots on a real page, in WebKit.

import { describeHeapSnapshotIn } from './heap-snapshot-in-browser.ts';

describeHeapSnapshotIn('webkit', 20_000);
