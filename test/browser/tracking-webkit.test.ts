// Modules that are tracked as they load, on real pages, in WebKitGTK.

import { describeTrackingInBrowser } from './tracking-in-browser.ts';

describeTrackingInBrowser('webkit');
