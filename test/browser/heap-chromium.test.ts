// Allocation sites on real pages, in Chromium.

import { describeHeapInBrowser } from './heap-in-browser.ts';

describeHeapInBrowser('chromium');
