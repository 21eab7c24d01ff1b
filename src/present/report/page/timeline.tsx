// Memory over time: a chart to drag over, with marks, gaps and heap snapshots. The stretch that it shows is the one
// that everything below follows.

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ReportedRecording, TimelineColumn } from '../data/types.ts';
import { TIMELINE_COLUMNS } from '../data/types.ts';
import { indexColumn } from '../model/downsample.ts';
import { figureText, timeText } from '../model/figures.ts';
import { pan, type Range, rowAt, zoom } from '../model/range.ts';
import { createChart, type TimelineChart } from './timeline-chart.ts';

export const LINES: Readonly<Record<TimelineColumn, string>> = {
  heapSize: 'Heap size',
  heapUsed: 'In use',
  liveBytes: 'Live bytes',
  tileCache: 'Tile cache',
  tileAlloc: 'Tiles',
  scratch: 'Scratch',
  usedJSHeapSize: 'JavaScript heap',
};
/** Shown from the start on, where they are known. */
const SHOWN: readonly TimelineColumn[] = [
  'heapSize',
  'heapUsed',
  'liveBytes',
  'tileCache',
  'tileAlloc',
];

const STEP = 0.15;
const KEYS: Readonly<Record<string, (range: Range, whole: Range) => Range>> = {
  ArrowLeft: (range, whole) => pan(range, -STEP, whole),
  ArrowRight: (range, whole) => pan(range, STEP, whole),
  '+': (range, whole) => zoom(range, 0.5, whole),
  '=': (range, whole) => zoom(range, 0.5, whole),
  '-': (range, whole) => zoom(range, 2, whole),
  '0': (_, whole) => whole,
  Escape: (_, whole) => whole,
};

interface Properties {
  readonly recording: ReportedRecording;
  readonly whole: Range;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  /** Changes with the colors. */
  readonly theme: string;
}

export function Timeline({ recording, whole, range, onRange, theme }: Properties): JSX.Element {
  const columns = useMemo(() => knownColumns(recording), [recording]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(TIMELINE_COLUMNS.filter((name) => !SHOWN.includes(name))),
  );
  const [row, setRow] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<TimelineChart | null>(null);
  // The chart calls what it was given when it was made.
  const latest = useRef({ range, whole, onRange });
  latest.current = { range, whole, onRange };

  const lines = columns.filter(({ name }) => !hidden.has(name));
  const shownNames = lines.map(({ name }) => name).join();
  useEffect(() => {
    if (!place.current) return;
    const made = createChart(place.current, recording, lines, {
      range: latest.current.range,
      select: (selected) => latest.current.onRange(selected),
      reset: () => latest.current.onRange(latest.current.whole),
      point: setRow,
      wheel: (change) => latest.current.onRange(change(latest.current.range, latest.current.whole)),
    });
    chart.current = made;
    return () => made.destroy();
  }, [recording, shownNames, theme]);
  useEffect(() => chart.current?.show(range), [range]);

  const move = (change: (typeof KEYS)[string] | undefined) =>
    change && onRange(change(range, whole));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const change = KEYS[event.key];
    if (!change) return;
    event.preventDefault();
    move(change);
  };
  const at = row ?? rowAt(recording.elapsed, range.to);
  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <div class="bar">
        <h2 id="timeline-title">Memory over time</h2>
        <span class="at">at {timeText(recording.elapsed[at] ?? 0, 2)}</span>
        <ul class="lines">
          {columns.map(({ name, values }) => (
            <li key={name}>
              <label>
                <input
                  type="checkbox"
                  checked={!hidden.has(name)}
                  onChange={() => setHidden(toggled(hidden, name))}
                />
                <span class={`swatch ${name}`} aria-hidden="true" />
                {LINES[name]} <b>{figureText('bytes', values[at])}</b>
              </label>
            </li>
          ))}
        </ul>
        <div class="buttons">
          <button type="button" onClick={() => move(KEYS['+'])} aria-label="Zoom in">
            +
          </button>
          <button type="button" onClick={() => move(KEYS['-'])} aria-label="Zoom out">
            −
          </button>
          <button type="button" onClick={() => move(KEYS.Escape)}>
            Whole
          </button>
        </div>
      </div>
      <div
        class="chart"
        ref={place}
        role="slider"
        aria-label="Stretch of time that is shown"
        aria-valuemin={whole.from}
        aria-valuemax={whole.to}
        aria-valuenow={range.from}
        aria-valuetext={`${timeText(range.from)} to ${timeText(range.to)}`}
        aria-describedby="timeline-help"
        tabIndex={0}
        onKeyDown={onKeyDown}
      />
      <p class="help" id="timeline-help">
        Shaded: no samples. Drag to choose a stretch, double click for the whole. Keys: left and
        right move, + and − zoom, 0 shows the whole.
      </p>
      <Marks recording={recording} whole={whole} onRange={onRange} />
    </section>
  );
}

/** Each mark, to look at what came from there to the next. */
function Marks({ recording, whole, onRange }: Pick<Properties, 'recording' | 'whole' | 'onRange'>) {
  const { marks } = recording;
  if (marks.length === 0) return null;
  return (
    <ul class="marks" aria-label="Marks: look at what came after one, up to the next">
      {marks.map(({ name, elapsed }, at) => (
        <li key={`${at} ${elapsed}`}>
          <button
            type="button"
            onClick={() => onRange({ from: elapsed, to: marks[at + 1]?.elapsed ?? whole.to })}
          >
            <bdi>{name}</bdi> <span>{timeText(elapsed)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function knownColumns({ timeline }: ReportedRecording) {
  return TIMELINE_COLUMNS.flatMap((name) => {
    const values = timeline[name];
    return values ? [{ name, ...indexColumn(values) }] : [];
  });
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const changed = new Set(names);
  if (!changed.delete(name)) changed.add(name);
  return changed;
}
