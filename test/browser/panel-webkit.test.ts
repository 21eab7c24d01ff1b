// The live panel on a real page, in WebKitGTK.

import { describePanelInBrowser } from './panel-in-browser.ts';

describePanelInBrowser('webkit');
