// Folded stacks: a line a site, `main;paint;malloc 4096`, the outermost frame first. For flamegraph.pl, inferno,
// speedscope and other tools.

import { frameText } from '../../recording/frame-text.ts';
import { frameAt, framePlaces } from '../../recording/site-tables.ts';
import type { Format } from './format.ts';
import { SITE_FIGURES, sitesIn, UNKNOWN_STACK } from './site-figures.ts';

export const folded: Format<string> = {
  name: 'folded',
  extension: 'folded.txt',
  description: 'a line a stack for flamegraph.pl, inferno and speedscope',
  oneFigure: true,
  write(recording, { figure = 'live' } = {}) {
    const sites = sitesIn(recording);
    const values = sites.figures[SITE_FIGURES[figure].column];
    const names = sites.frames.function.map((_, frame) =>
      oneWord(frameText(frameAt(sites, frame))),
    );
    return sites.figures.stack
      .map((stack, site) => {
        const frames = framePlaces(sites, stack).reverse();
        const path = frames.map((frame) => names[frame]).join(';') || UNKNOWN_STACK;
        return { path, value: Math.round(values[site] ?? 0) };
      })
      .filter(({ value }) => value > 0)
      .map(({ path, value }) => `${path} ${value}\n`)
      .join('');
  },
};

/** What would end a frame or a line. */
function oneWord(text: string): string {
  return text.replaceAll(';', ':').replaceAll(/\s+/g, ' ');
}
