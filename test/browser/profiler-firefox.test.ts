// The profiler on real pages, in Firefox.

import { describeProfilerInBrowser } from './profiler-in-browser.ts';

describeProfilerInBrowser('firefox');
