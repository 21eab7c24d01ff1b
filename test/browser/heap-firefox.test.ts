// Allocation sites on real pages, in Firefox.

import { describeHeapInBrowser } from './heap-in-browser.ts';

describeHeapInBrowser('firefox');
