// Memory over time: heap size, live bytes and GEGL's caches, with the marks, by uPlot.

import uPlot from 'uplot';
import { formatBytes } from '../../analyze/figures.ts';
import { byName } from '../../recording/by-name.ts';
import type { RecordedMark } from '../../recording/types.ts';
import { drawMarks } from '../charts/marks.ts';
import { timeText } from '../report/model/figures.ts';
import { element, setText } from './dom.ts';
import { FIGURES, type Figure, type Samples } from './samples.ts';

const NAMES: Readonly<Record<Figure, string>> = {
  heapSize: 'heap size',
  live: 'live',
  caches: 'caches',
};

const HEIGHT = 124;
/** Steps of the axes that are whole numbers in the units shown. */
const BYTE_STEPS = [1, 2, 3, 4].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** power),
);
const TIME_STEPS = [1_000, 60_000, 3_600_000].flatMap((unit) =>
  [1, 2, 5, 10, 15, 30].map((step) => step * unit),
);

export class TimeChart {
  readonly root: HTMLElement;
  readonly #plot: HTMLElement;
  readonly #legend: Readonly<Record<Figure, { swatch: HTMLElement; value: HTMLElement }>>;
  readonly #time = element('span', { class: 'time' });
  #uplot: uPlot | null = null;
  #marks: readonly RecordedMark[] = [];
  #colors = { text: '', line: '', ...byName(FIGURES, () => '') };

  constructor() {
    this.#legend = byName(FIGURES, (figure) => ({
      swatch: element('span', { class: `swatch ${figure}` }),
      value: element('span', { class: 'value', 'data-figure': figure }, 'unknown'),
    }));
    this.#plot = element('div', { class: 'plot', role: 'img', 'aria-label': 'Memory over time' });
    this.root = element(
      'div',
      { class: 'chart' },
      element(
        'div',
        { class: 'legend' },
        ...FIGURES.map((figure) => {
          const { swatch, value } = this.#legend[figure];
          return element('span', {}, swatch, `${NAMES[figure]} `, value);
        }),
      ),
      this.#plot,
      this.#time,
    );
  }

  /** Draws; makes the plot when it is first drawn, since only then its size and colors are known. */
  draw(samples: Samples, marks: readonly RecordedMark[]): void {
    this.#marks = marks;
    const data: uPlot.AlignedData = [
      samples.elapsed,
      ...FIGURES.map((figure) => samples.figures[figure]),
    ];
    if (this.#uplot) this.#uplot.setData(data);
    else this.#uplot = this.#create(data);
    this.#showLegend(this.#uplot.cursor.idx ?? null);
    const { heapSize, live, caches } = samples.last;
    this.#plot.setAttribute(
      'aria-label',
      `Memory over ${timeText(samples.elapsed.at(-1) ?? 0)}: now heap size ` +
        `${shown(heapSize)}, live ${shown(live)}, GEGL caches ${shown(caches)}`,
    );
  }

  fit(): void {
    const width = this.#plot.clientWidth;
    if (width > 0 && this.#uplot && this.#uplot.width !== width) {
      this.#uplot.setSize({ width, height: HEIGHT });
    }
  }

  /** After a change between light and dark. */
  recolor(): void {
    this.#readColors();
    this.#uplot?.redraw(false);
  }

  destroy(): void {
    this.#uplot?.destroy();
    this.#uplot = null;
  }

  #readColors(): void {
    const colorOf = (node: Element, name: 'color' | 'backgroundColor') =>
      getComputedStyle(node)[name];
    this.#colors = {
      text: colorOf(this.#time, 'color'),
      line: getComputedStyle(this.#plot).borderTopColor,
      ...byName(FIGURES, (figure) => colorOf(this.#legend[figure].swatch, 'backgroundColor')),
    };
  }

  #create(data: uPlot.AlignedData): uPlot {
    this.#readColors();
    const text = () => this.#colors.text;
    const axis: uPlot.Axis = {
      stroke: text,
      font: '10px system-ui, sans-serif',
      grid: { stroke: () => this.#colors.line, width: 1 },
      ticks: { show: false },
    };
    return new uPlot(
      {
        width: this.#plot.clientWidth,
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
        scales: {
          x: {
            time: false,
            range: (_, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 1000)],
          },
          // Room for the names of marks above.
          y: { range: (_, __, max) => [0, (max ?? 1) * 1.2] },
        },
        axes: [
          {
            ...axis,
            size: 20,
            gap: 2,
            space: 60,
            incrs: TIME_STEPS,
            values: (_, at) => at.map((time) => timeText(time)),
          },
          {
            ...axis,
            size: 52,
            gap: 4,
            space: 26,
            incrs: BYTE_STEPS,
            values: (_, at) => at.map(formatBytes),
          },
        ],
        series: [{}, ...FIGURES.map((figure) => this.#series(figure))],
        hooks: {
          draw: [(plot) => drawMarks(plot, this.#marks, { line: text(), text: text() })],
          setCursor: [({ cursor }) => this.#showLegend(cursor.idx ?? null)],
        },
      },
      data,
      this.#plot,
    );
  }

  #series(figure: Figure): uPlot.Series {
    const { stepped } = uPlot.paths;
    return {
      label: NAMES[figure],
      width: figure === 'heapSize' ? 1 : 1.5,
      stroke: () => this.#colors[figure],
      points: { show: false },
      // The allocator is asked for live bytes only now and then where that takes long.
      spanGaps: true,
      ...(figure === 'live' ? { fill: () => withAlpha(this.#colors.live, 0.18) } : {}),
      ...(figure === 'heapSize' && stepped ? { paths: stepped({ align: -1 }) } : {}),
    };
  }

  /** @param pointed the sample under the pointer; else the last one is shown. */
  #showLegend(pointed: number | null): void {
    const [x, ...columns] = this.#uplot?.data ?? [[]];
    const index = pointed ?? x.length - 1;
    FIGURES.forEach((figure, column) => {
      setText(this.#legend[figure].value, shown(columns[column]?.[index] ?? null));
    });
    setText(this.#time, pointed === null ? '' : `at ${timeText(x[index] ?? 0)}`);
  }
}

function shown(value: number | null): string {
  return value === null ? 'unknown' : formatBytes(value);
}

/** Of a computed color, `rgb(1, 2, 3)`. */
function withAlpha(color: string, alpha: number): string {
  return color.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);
}
