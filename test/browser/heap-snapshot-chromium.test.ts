// Heap snapshots on a real page, in Chromium.

import { describeHeapSnapshotIn } from './heap-snapshot-in-browser.ts';

describeHeapSnapshotIn('chromium', 300_000);
