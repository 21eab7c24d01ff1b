// The conformance cases on real pages, in WebKitGTK.

import { afterAll } from 'vitest';
import { conformanceCases } from '../gegl/conformance/index.ts';
import { describeCasesInBrowser } from './harness/run-cases.ts';

// What GEGL computes is the same by all compilers of WebKit, also by the one that other files leave out.
process.env.JSC_useOMGJIT = '1';
afterAll(() => {
  delete process.env.JSC_useOMGJIT;
});

describeCasesInBrowser('webkit', conformanceCases, {
  module: new URL('../gegl/conformance/index.ts', import.meta.url),
  exportName: 'conformanceCases',
});
