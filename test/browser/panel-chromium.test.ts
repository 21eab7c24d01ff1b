// The live panel on a real page, in Chromium.

import { describePanelInBrowser } from './panel-in-browser.ts';

describePanelInBrowser('chromium');
