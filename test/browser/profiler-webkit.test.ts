// The profiler on real pages, in WebKit.

import { describeProfilerInBrowser } from './profiler-in-browser.ts';

describeProfilerInBrowser('webkit');
