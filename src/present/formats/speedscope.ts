// speedscope's own JSON: a profile for each figure of the allocation sites. See file-format-schema.json of speedscope.

import { functionName } from '../../recording/frame-text.ts';
import { frameAt, framePlaces } from '../../recording/site-tables.ts';
import type { Format } from './format.ts';
import { howMeasured, SITE_FIGURES, sitesIn, titleOf, UNKNOWN_STACK } from './site-figures.ts';

export const speedscope: Format<string> = {
  name: 'speedscope',
  extension: 'speedscope.json',
  description: 'flame graphs of live, total and peak bytes and live blocks for speedscope.app',
  write(recording) {
    const sites = sitesIn(recording);
    const { figures } = sites;
    const unknown = sites.frames.function.length;
    const stacks = figures.stack.map((stack) =>
      stack === null ? [unknown] : framePlaces(sites, stack).reverse(),
    );
    const about = sites.sampling.mean === 1 ? '' : ' (estimated)';
    return JSON.stringify({
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      exporter: `${recording.profiler.name}@${recording.profiler.version}`,
      name: `${titleOf(recording)}. ${howMeasured(sites)}`,
      activeProfileIndex: 0,
      shared: {
        frames: [
          ...sites.frames.function.map((_, place) => {
            const frame = frameAt(sites, place);
            const { url, line, column } = frame;
            return {
              name: functionName(frame),
              ...(url !== null && { file: url }),
              ...(line !== null && { line }),
              ...(column !== null && { col: column }),
            };
          }),
          { name: UNKNOWN_STACK },
        ],
      },
      profiles: Object.values(SITE_FIGURES).map(({ column, label, unit }) => {
        const rows = figures[column]
          .map((weight, site) => ({ weight, samples: stacks[site] ?? [unknown] }))
          .filter(({ weight }) => weight > 0)
          .sort((a, b) => b.weight - a.weight);
        return {
          type: 'sampled',
          name: `${label}${about}`,
          unit,
          startValue: 0,
          endValue: rows.reduce((sum, { weight }) => sum + weight, 0),
          samples: rows.map(({ samples }) => samples),
          weights: rows.map(({ weight }) => weight),
        };
      }),
    });
  },
};
