// Modules that are tracked as they load, on real pages, in WebKitGTK.

import { describeTrackingInBrowser } from './tracking-in-browser.ts';

// Unlike Safari, WebKitGTK has threads only where it is told so.
process.env.JSC_useSharedArrayBuffer = '1';

describeTrackingInBrowser('webkit');
