// Where live memory comes from: the places in the code, and the operations, that hold most of it.

import { formatBytes } from '../../analyze/figures.ts';
import type { ReportedSite } from '../../analyze/sites.ts';
import type { Report } from '../../profiler/report.ts';
import { withoutRoot } from '../text/parts.ts';
import { element, KeyedList, type Row, setText } from './dom.ts';
import { frameList } from './findings.ts';

const LISTED = 6;

type Operation = NonNullable<Report['operations']>[number];

interface Share<Item> {
  readonly item: Item;
  /** Of the live bytes of the first one. */
  readonly share: number;
}

export class HeapLists {
  readonly sites: HTMLElement;
  readonly operations: HTMLElement;
  readonly #showSites: (sites: readonly ReportedSite[] | null) => void;
  readonly #showOperations: (operations: readonly Operation[] | null) => void;

  constructor() {
    [this.sites, this.#showSites] = createList(siteKey, createSite, 'No stacks are taken.');
    [this.operations, this.#showOperations] = createList(
      ({ name }) => name,
      createOperation,
      'Operations are not watched.',
    );
  }

  showReport({ sites, operations, heap }: Report): void {
    // Nothing can be told of a heap that nobody tracks.
    this.#showSites(heap && sites);
    this.#showOperations(heap && operations);
  }
}

function createList<Item extends { readonly liveBytes: number }>(
  keyOf: (item: Item) => string,
  create: () => Row<Share<Item>>,
  unknown: string,
): [HTMLElement, (items: readonly Item[] | null) => void] {
  const note = element('p', { class: 'none' }, 'Not known yet.');
  const list = new KeyedList<Share<Item>>(
    element('ul', { class: 'holders' }),
    ({ item }) => keyOf(item),
    create,
  );
  const show = (items: readonly Item[] | null) => {
    const live = (items ?? [])
      .filter(({ liveBytes }) => liveBytes > 0)
      .toSorted((a, b) => b.liveBytes - a.liveBytes)
      .slice(0, LISTED);
    const most = live[0]?.liveBytes ?? 1;
    list.show(live.map((item) => ({ item, share: item.liveBytes / most })));
    setText(note, items ? 'None holds memory.' : unknown);
    note.hidden = live.length > 0;
  };
  return [element('div', {}, note, list.root), show];
}

function siteKey({ frames }: ReportedSite): string {
  return frames.map(({ text }) => text).join('\n');
}

function createSite(): Row<Share<ReportedSite>> {
  const parts = createParts();
  const frames = element('div');
  const details = element('details', {}, element('summary', {}, ...parts.all), frames);
  return {
    root: element('li', {}, details),
    update({ item, share }) {
      const title = withoutRoot(item.title, location.origin);
      const error = item.liveBytesError > 0 ? ` ± ${formatBytes(item.liveBytesError)}` : '';
      parts.show(title, `${formatBytes(item.liveBytes)}${error}`, share);
      if (frames.childElementCount > 0) return;
      // The key of a row is its stack, which stays.
      frames.append(frameList(item.frames.map(({ text }) => withoutRoot(text, location.origin))));
    },
  };
}

function createOperation(): Row<Share<Operation>> {
  const parts = createParts();
  return {
    root: element('li', { class: 'plain' }, ...parts.all),
    update({ item, share }) {
      const runs = `${item.runs} run${item.runs === 1 ? '' : 's'}`;
      parts.show(`${item.name}, ${runs}`, formatBytes(item.liveBytes), share);
    },
  };
}

function createParts() {
  const name = element('span', { class: 'name' });
  const figure = element('span', { class: 'figure' });
  const bar = element('span', { class: 'bar' });
  return {
    all: [name, figure, bar],
    show(title: string, bytes: string, share: number) {
      setText(name, title);
      name.title = title;
      setText(figure, bytes);
      bar.style.setProperty('--share', String(share));
    },
  };
}
