// Places in the code as a flame graph: whose bytes, by which way.

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ReportedRecording } from '../data/types.ts';
import { figureText } from '../model/figures.ts';
import { ancestors, buildFlame, type FlameTree, searchFlame } from '../model/flame.ts';
import type { Range } from '../model/range.ts';
import { type SiteFigures, siteFigures } from '../model/site-figures.ts';
import { FlameCanvas } from './flame-canvas.tsx';
import { Choice } from './header.tsx';

const METRICS = {
  liveBytes: 'Live',
  growth: 'Growth',
  totalBytes: 'Allocated',
  peakBytes: 'Peak',
} as const satisfies Partial<Record<keyof SiteFigures, string>>;
type Metric = keyof typeof METRICS;

interface Properties {
  readonly recording: ReportedRecording;
  readonly range: Range | null;
  readonly theme: string;
}

export function FlamePanel({ recording, range, theme }: Properties): JSX.Element {
  const [metric, setMetric] = useState<Metric>('liveBytes');
  const [isInverted, setInverted] = useState(false);
  const [words, setWords] = useState('');
  const [top, setTop] = useState(0);
  const figures = useMemo(() => siteFigures(recording, range), [recording, range]);
  const stacks = recording.sites?.stacks;
  const tree = useMemo(
    () => figures && stacks && buildFlame(stacks, figures.stack, figures[metric], isInverted),
    [figures, stacks, metric, isInverted],
  );
  // Nodes of another tree are others.
  useEffect(() => setTop(0), [stacks, isInverted]);
  const matches = useMemo(() => (tree ? searchFlame(tree, words) : null), [tree, words]);
  if (!tree) {
    return (
      <p class="none">No stacks were taken: record with trackAllocations "sampled" or "all".</p>
    );
  }
  const shown = top < tree.frame.length ? top : 0;
  return (
    <section class="panel" aria-label="Flame graph of places in the code">
      <div class="bar">
        <Choice
          legend="Bytes"
          options={Object.entries(METRICS)}
          chosen={metric}
          onChoose={(name) => setMetric(isMetric(name) ? name : 'liveBytes')}
        />
        <label class="check">
          <input type="checkbox" checked={isInverted} onChange={() => setInverted(!isInverted)} />
          Inverted
        </label>
        <label class="search">
          <span class="hidden">Search frames</span>
          <input
            type="search"
            placeholder="Search frames"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </label>
        <span class="found" aria-live="polite">
          {matches &&
            `${matches.frames} frames match, ${figureText('bytes', matches.value)} of ${figureText('bytes', tree.value[0])}`}
        </span>
      </div>
      <p class="help">{explain(recording, metric, range)}</p>
      <Way tree={tree} node={shown} onChoose={setTop} />
      {(tree.value[0] ?? 0) > 0 ? (
        <FlameCanvas tree={tree} top={shown} onTop={setTop} matches={matches} theme={theme} />
      ) : (
        <p class="none">Nothing in this stretch of time.</p>
      )}
    </section>
  );
}

/** Whose callees are shown, and the way back. */
function Way({
  tree,
  node,
  onChoose,
}: {
  readonly tree: FlameTree;
  readonly node: number;
  readonly onChoose: (node: number) => void;
}) {
  if (node === 0) return null;
  return (
    <nav class="way" aria-label="Frames above">
      {ancestors(tree, node).map((above) => (
        <button key={above} type="button" disabled={above === node} onClick={() => onChoose(above)}>
          <bdi>{above === 0 ? 'all' : tree.texts[tree.frame[above] ?? -1]}</bdi>
        </button>
      ))}
    </nav>
  );
}

function isMetric(name: string): name is Metric {
  return name in METRICS;
}

function explain(
  { sites, series }: ReportedRecording,
  metric: Metric,
  range: Range | null,
): string {
  const estimated = sites?.isEstimated ? ' Estimated from samples.' : '';
  const followed = `the ${series?.sites.length ?? 0} places that were followed over time`;
  if (metric === 'growth')
    return `What came to be live in the stretch above and still was at its end, of ${followed}; what shrank is left out.${estimated}`;
  if (metric === 'liveBytes' && range)
    return `What was live at the end of the stretch above, of ${followed}.${estimated}`;
  if (range) return `Of the whole recording: these are not known over time.${estimated}`;
  return metric === 'liveBytes'
    ? `What was live at the end.${estimated}`
    : `Of the whole recording.${estimated}`;
}
