// Allocation sites as a table: a row each, most live bytes first.

import { listSites } from '../../analyze/sites.ts';
import { SITE_TABLES } from '../../recording/heap-types.ts';
import { csvText } from './csv-text.ts';
import type { Format } from './format.ts';
import { sitesIn } from './site-figures.ts';

export const csvSites: Format<Uint8Array> = {
  name: 'csv-sites',
  extension: 'sites.csv',
  description: 'a row an allocation site, with its stack and all its figures',
  write(recording) {
    const names = SITE_TABLES.figures.flatMap(([name]) => (name === 'stack' ? [] : [name]));
    const sites = listSites(sitesIn(recording), Number.POSITIVE_INFINITY);
    return csvText(
      ['site', 'allocatedBy', 'stack', ...names],
      sites.map((site) => [
        site.title,
        site.allocatedBy,
        site.frames.map(({ text }) => text).join('\n') || null,
        ...names.map((name) => site[name]),
      ]),
    );
  },
};
