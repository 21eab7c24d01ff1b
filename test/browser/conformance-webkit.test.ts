// The conformance cases on real pages, in WebKitGTK.

import { conformanceCases } from '../gegl/conformance/index.ts';
import { describeCasesInBrowser } from './harness/run-cases.ts';

describeCasesInBrowser('webkit', conformanceCases, {
  module: new URL('../gegl/conformance/index.ts', import.meta.url),
  exportName: 'conformanceCases',
});
