// All formats that a recording is converted to. A new one is a file beside this one and a line below: the command
// line and its help are made from this list.

import { chromeTrace } from './chrome-trace.ts';
import { csv } from './csv.ts';
import { csvSites } from './csv-sites.ts';
import { csvTypes } from './csv-types.ts';
import { folded } from './folded.ts';
import type { Format } from './format.ts';
import { heapprofile } from './heapprofile.ts';
import { pprof } from './pprof.ts';
import { speedscope } from './speedscope.ts';

export const FORMATS: readonly Format[] = [
  pprof,
  speedscope,
  heapprofile,
  folded,
  chromeTrace,
  csv,
  csvSites,
  csvTypes,
];
