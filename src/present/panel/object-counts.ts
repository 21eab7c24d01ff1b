// How many objects the application holds, by kind, each with its course in small.

import type { Report } from '../../profiler/report.ts';
import { OBJECT_KINDS, type ObjectKind } from '../../recording/types.ts';
import { element, icon, setText } from './dom.ts';
import type { Samples } from './samples.ts';

const WIDTH = 64;
const HEIGHT = 16;

interface Cell {
  readonly root: HTMLElement;
  readonly count: HTMLElement;
  readonly lost: HTMLElement;
  draw(values: readonly number[]): void;
}

export class ObjectCounts {
  readonly root: HTMLElement;
  readonly #cells = new Map<ObjectKind, Cell>(OBJECT_KINDS.map((kind) => [kind, createCell(kind)]));

  constructor() {
    this.root = element(
      'dl',
      { class: 'counts' },
      ...[...this.#cells.values()].map(({ root }) => root),
    );
  }

  draw(samples: Samples): void {
    for (const [kind, cell] of this.#cells) {
      const values = samples.objects[kind];
      setText(cell.count, String(values.at(-1) ?? 'unknown'));
      cell.draw(values);
    }
  }

  /** Handles that were lost show only in a report. */
  showReport({ objects }: Report): void {
    for (const [kind, { lost }] of this.#cells) {
      const { collected } = objects.totals[kind];
      setText(lost, collected > 0 ? `${collected} lost` : '');
    }
  }
}

function createCell(kind: ObjectKind): Cell {
  const count = element('span', { class: 'count', 'data-count': kind });
  const lost = element('span', { class: 'lost', title: 'Garbage-collected without release' });
  const { root: line, draw } = icon([WIDTH, HEIGHT], '');
  line.classList.add('sparkline');
  return {
    root: element('div', {}, element('dt', {}, kind), element('dd', {}, count, lost, line)),
    count,
    lost,
    draw: (values) => draw(sparkline(values)),
  };
}

/** From 0 at the bottom to the highest value at the top, a point for every pixel at most. */
function sparkline(values: readonly number[]): string {
  const points = Math.min(values.length, WIDTH);
  const top = Math.max(1, ...values);
  return Array.from({ length: points }, (_, point) => {
    const share = points > 1 ? point / (points - 1) : 1;
    const value = values[Math.round(share * (values.length - 1))] ?? 0;
    const x = (share * WIDTH).toFixed(1);
    const y = (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1);
    return `${point === 0 ? 'M' : 'L'}${x} ${y}`;
  }).join('');
}
