// Allocation sites on real pages, in WebKit.

import { describeHeapInBrowser } from './heap-in-browser.ts';

describeHeapInBrowser('webkit');
