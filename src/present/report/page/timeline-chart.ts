// The chart of the timeline, by uPlot. It is given as many points as it has pixels, whatever the recording has.

import uPlot from 'uplot';
import { drawMarks } from '../../charts/marks.ts';
import type { ReportedRecording, TimelineColumn } from '../data/types.ts';
import { chartData, type IndexedColumn } from '../model/downsample.ts';
import { figureText, timeText } from '../model/figures.ts';
import { pan, type Range, rowAt, zoom } from '../model/range.ts';
import { color } from './theme.ts';

export type ChartLine = IndexedColumn & { readonly name: TimelineColumn };

export interface ChartEvents {
  /** What is shown first. */
  readonly range: Range;
  select(range: Range): void;
  reset(): void;
  /** The row under the pointer; null: the pointer is elsewhere. */
  point(row: number | null): void;
  wheel(change: (range: Range, whole: Range) => Range): void;
}

export interface TimelineChart {
  show(range: Range): void;
  destroy(): void;
}

const HEIGHT = 230;
/** Of a million samples, a stretch as wide as this shows its extremes: half the lines of one pixel, to be drawn in time. */
const PIXELS_A_STRETCH = 2;
const AXIS_FONT = '11px system-ui, sans-serif';
/** Steps of the axis of bytes: round ones of 1024. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

export function createChart(
  place: HTMLElement,
  recording: ReportedRecording,
  lines: readonly ChartLine[],
  events: ChartEvents,
): TimelineChart {
  let { range } = events;
  const axis = {
    stroke: color('--muted'),
    font: AXIS_FONT,
    grid: { stroke: color('--grid'), width: 1 },
  };
  const options: uPlot.Options = {
    width: Math.max(place.clientWidth, 200),
    height: HEIGHT,
    pxAlign: false,
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      y: false,
      bind: {
        dblclick: () => () => {
          events.reset();
          return null;
        },
      },
    },
    scales: {
      x: { time: false, range: () => [range.from, range.to] },
      y: { range: (_, __, greatest) => [0, Math.max(greatest ?? 0, 1024) * 1.08] },
    },
    axes: [
      { ...axis, space: 90, size: 34, values: (_, times) => times.map((time) => timeText(time)) },
      {
        ...axis,
        size: 70,
        incrs: BYTE_STEPS,
        values: (_, values) => values.map((value) => figureText('bytes', value)),
      },
    ],
    series: [
      {},
      ...lines.map(({ name }) => ({
        width: lineWidth(name, false),
        stroke: color(`--${name}`),
        ...(name === 'liveBytes' && { fill: color('--liveBytes-fill') }),
        // A heap grows in steps.
        ...(name === 'heapSize' &&
          uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
        points: { show: false },
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawGaps(plot, recording)],
      draw: [
        (plot) => {
          drawMarks(plot, recording.marks, { line: color('--mark'), text: color('--text') });
          drawHeapSnapshots(plot, recording);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 3) return;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.select({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') });
        },
      ],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor;
          const isIn = left !== undefined && left >= 0;
          events.point(isIn ? rowAt(recording.elapsed, plot.posToVal(left, 'x')) : null);
        },
      ],
    },
  };
  const plot = new uPlot(options, [[]], place);
  const draw = () => {
    const stretches = Math.round(Math.max(options.width - 80, 100) / PIXELS_A_STRETCH);
    const data = chartData(recording.elapsed, lines, range, stretches);
    const isDense = data[0].length > stretches;
    lines.forEach(({ name }, at) => {
      const series = plot.series[at + 1];
      if (series) series.width = lineWidth(name, isDense);
    });
    plot.setData(data);
  };
  draw();
  const resizing = new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width < 1 || width === options.width) return;
    options.width = width;
    plot.setSize({ width, height: HEIGHT });
    draw();
  });
  resizing.observe(place);
  const onWheel = (event: WheelEvent) => {
    const isZoom = event.ctrlKey || event.metaKey;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (!isZoom && Math.abs(sideways) < Math.abs(event.shiftKey ? 1 : event.deltaY)) return;
    event.preventDefault();
    const { left } = plot.over.getBoundingClientRect();
    const at = plot.posToVal(event.clientX - left, 'x');
    events.wheel((shown, whole) =>
      isZoom
        ? zoom(shown, event.deltaY > 0 ? 1.2 : 1 / 1.2, whole, at)
        : pan(shown, sideways / plot.over.clientWidth, whole),
    );
  };
  place.addEventListener('wheel', onWheel, { passive: false });
  return {
    show(next) {
      if (next.from === range.from && next.to === range.to) return;
      range = next;
      draw();
    },
    destroy() {
      resizing.disconnect();
      place.removeEventListener('wheel', onWheel);
      plot.destroy();
    },
  };
}

/**
 * In CSS pixels. Where points are as dense as pixels, a pixel of the screen: such a line is drawn many times faster,
 * since it has no outline to be filled.
 */
function lineWidth(name: TimelineColumn, isDense: boolean): number {
  if (isDense) return 1 / devicePixelRatio;
  return name === 'liveBytes' || name === 'heapUsed' ? 2 : 1.25;
}

/** Stretches without samples are shaded. */
function drawGaps(plot: uPlot, { gaps }: ReportedRecording): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color('--gap');
  for (const { from, to } of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** Dots at the bottom. */
function drawHeapSnapshots(plot: uPlot, { heapSnapshots }: ReportedRecording): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color('--mark');
  for (const { elapsed } of heapSnapshots) {
    const x = plot.valToPos(elapsed, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.arc(x, bbox.top + bbox.height, 4 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
