// Modules that are tracked as they load, on real pages, in Chromium.

import { describeTrackingInBrowser } from './tracking-in-browser.ts';

describeTrackingInBrowser('chromium');
