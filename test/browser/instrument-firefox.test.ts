import { describeInstrumentInBrowser } from './instrument-in-browser.ts';

describeInstrumentInBrowser('firefox');
