// The live panel on a real page, in Firefox.

import { describePanelInBrowser } from './panel-in-browser.ts';

describePanelInBrowser('firefox');
