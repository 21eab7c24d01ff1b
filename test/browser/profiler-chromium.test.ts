// The profiler on real pages, in Chromium.

import { describeProfilerInBrowser } from './profiler-in-browser.ts';

describeProfilerInBrowser('chromium');
