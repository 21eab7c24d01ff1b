// Modules that are tracked as they load, on real pages, in Firefox.

import { describeTrackingInBrowser } from './tracking-in-browser.ts';

describeTrackingInBrowser('firefox');
