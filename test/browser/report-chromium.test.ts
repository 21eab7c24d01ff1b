// The report page in Chromium.

import { describeReportInBrowser } from './report-in-browser.ts';

describeReportInBrowser('chromium');
