// Two recordings side by side: memory over time on one scale, what changed, and which findings are new.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ReportData, ReportedDiff, ReportedRecording } from '../data/types.ts';
import { diffTable } from '../model/diff.ts';
import { chartData, indexColumn } from '../model/downsample.ts';
import { figureText, timeText } from '../model/figures.ts';
import { findingsInRange } from '../model/findings-in-range.ts';
import { DataTable } from './data-table.tsx';
import { FindingList } from './findings.tsx';
import { Choice } from './header.tsx';

interface Properties {
  readonly recordings: ReportData['recordings'];
  readonly diff: ReportedDiff;
}

export function DiffPanel({ recordings, diff }: Properties): JSX.Element {
  const [shown, show] = useState(diff.tables[0]?.title ?? '');
  const table = useMemo(() => {
    const chosen = diff.tables.find(({ title }) => title === shown);
    return chosen ? diffTable(chosen) : null;
  }, [diff, shown]);
  const groups = useMemo(() => groupFindings(diff), [diff]);
  return (
    <section class="panel" aria-label="Both recordings compared">
      {diff.caveats.map((caveat) => (
        <p key={caveat} class="caveat">
          {caveat}
        </p>
      ))}
      <Charts recordings={recordings} />
      <table class="plain">
        <thead>
          <tr>
            {['Memory', 'Before', 'After', 'Change'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {diff.memory.map(({ name, unit, before, after, change }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{figureText(unit, before)}</td>
              <td>{figureText(unit, after)}</td>
              <td class={change ? (change > 0 ? 'up' : 'down') : ''}>
                {figureText(unit === 'bytes' ? 'change' : 'change-count', change)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>What changed at the end</h3>
      <Choice
        legend="Rows of"
        options={diff.tables.map(({ title }) => [title, title])}
        chosen={shown}
        onChoose={show}
      />
      {table && <DataTable key={shown} table={table} label={`Changes of ${shown}`} />}
      {groups.map(([status, findings]) => (
        <div key={status}>
          <h3>
            Findings: {status} ({findings.length})
          </h3>
          <FindingList findings={findings} />
        </div>
      ))}
    </section>
  );
}

function groupFindings({ findings }: ReportedDiff) {
  const statuses = [...new Set(findings.map(({ status }) => status))];
  return statuses.map((status) => {
    const group = findings.filter((one) => one.status === status);
    return [
      status,
      findingsInRange(
        group.map(({ finding }) => finding),
        null,
      ).inside,
    ] as const;
  });
}

const WIDTH = 300;
const HEIGHT = 90;

/** Live bytes of both, in the same time and to the same height. */
function Charts({ recordings }: Pick<Properties, 'recordings'>): JSX.Element {
  const lines = useMemo(() => recordings.map(lineOf), [recordings]);
  const greatest = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const longest = Math.max(1, ...lines.map(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0)));
  return (
    <div class="columns">
      {lines.map(({ title, times, values }, at) => (
        <figure key={`${at} ${title}`}>
          <figcaption>
            <b>{at === 0 ? 'Before' : 'After'}</b> <bdi>{title}</bdi>
          </figcaption>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`Live bytes up to ${figureText('bytes', Math.max(0, ...values.map((value) => value ?? 0)))} in ${timeText((times.at(-1) ?? 0) - (times[0] ?? 0))}`}
          >
            <path
              d={pathOf(times, values, longest, greatest)}
              fill="none"
              stroke="var(--liveBytes)"
              vector-effect="non-scaling-stroke"
              stroke-width="2"
            />
          </svg>
        </figure>
      ))}
    </div>
  );
}

function lineOf({ title, elapsed, timeline }: ReportedRecording) {
  const column = timeline.liveBytes ?? timeline.heapUsed ?? timeline.heapSize;
  if (!column || elapsed.length === 0) return { title, times: [], values: [] };
  const whole = { from: elapsed[0] ?? 0, to: Math.max(elapsed.at(-1) ?? 0, 1) };
  const [times, values = []] = chartData(elapsed, [indexColumn(column)], whole, WIDTH);
  return { title, times, values };
}

/** Where nothing is known, there is no line. */
function pathOf(
  times: readonly number[],
  values: readonly (number | null)[],
  longest: number,
  greatest: number,
): string {
  const start = times[0] ?? 0;
  let isDown = false;
  return values
    .map((value, at) => {
      if (value === null) {
        isDown = false;
        return '';
      }
      const x = (((times[at] ?? 0) - start) / longest) * WIDTH;
      const y = HEIGHT - 2 - (value / greatest) * (HEIGHT - 4);
      const command = isDown ? 'L' : 'M';
      isDown = true;
      return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
