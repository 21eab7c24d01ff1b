// The report page in Firefox.

import { describeReportInBrowser } from './report-in-browser.ts';

describeReportInBrowser('firefox');
