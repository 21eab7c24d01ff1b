// The report page in WebKit.

import { describeReportInBrowser } from './report-in-browser.ts';

describeReportInBrowser('webkit');
