// The findings as they come: each with its evidence, new ones told to screen readers.

import { findingKey } from '../../analyze/finding-key.ts';
import { isScriptLine } from '../../analyze/stacks.ts';
import type { Finding } from '../../recording/types.ts';
import { evidenceOf, type Place } from '../text/evidence.ts';
import { element, KeyedList, type Row, setText } from './dom.ts';

/** Listed before the reader asks for all. */
const LISTED = 5;

export class Findings {
  readonly root: HTMLElement;
  /** What a screen reader says by itself: new findings, and nothing else. */
  readonly announcer = element('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  readonly #none = element('p', { class: 'none' }, 'None so far.');
  readonly #list = new KeyedList<Finding>(
    element('ul', { class: 'findings' }),
    findingKey,
    createRow,
  );
  readonly #more = element('button', { type: 'button', class: 'more', hidden: '' });
  #found = new Map<string, Finding>();
  #limit = LISTED;

  constructor() {
    this.root = element('div', {}, this.#none, this.#list.root, this.#more);
    this.#more.addEventListener('click', () => {
      this.#limit = Number.POSITIVE_INFINITY;
      // The button goes; the focus stays where the reader is.
      this.#draw();
      this.#list.root.children[LISTED]?.querySelector('summary')?.focus();
    });
  }

  /** Those that are no mere notes. */
  get leaks(): number {
    return [...this.#found.values()].filter(({ severity }) => severity !== 'info').length;
  }

  /** One that was just found. */
  add(finding: Finding): void {
    this.show([
      ...[...this.#found.values()].filter((one) => findingKey(one) !== findingKey(finding)),
      finding,
    ]);
  }

  /** All that are known now. */
  show(findings: readonly Finding[]): void {
    const fresh = findings.filter((finding) => !this.#found.has(findingKey(finding)));
    this.#found = new Map(findings.map((finding) => [findingKey(finding), finding]));
    this.#draw();
    if (fresh.length > 0) setText(this.announcer, fresh.map(({ message }) => message).join(' '));
  }

  #draw(): void {
    const all = [...this.#found.values()];
    this.#list.show(all.slice(0, this.#limit));
    this.#none.hidden = all.length > 0;
    this.#more.hidden = all.length <= this.#limit;
    setText(this.#more, `Show all ${all.length}`);
  }
}

function createRow(): Row<Finding> {
  const severity = element('span', { class: 'severity' });
  const message = element('span', { class: 'message' });
  const line = element('span', { class: 'line' });
  const facts = element('span', { class: 'facts' });
  const evidence = element('div', { class: 'evidence' });
  const root = element(
    'li',
    {},
    element('details', {}, element('summary', {}, severity, message, line, facts), evidence),
  );
  return {
    root,
    update(finding) {
      const { places, facts: known, path, advice, explains } = evidenceOf(finding, location.origin);
      root.dataset.severity = finding.severity;
      setText(severity, finding.severity);
      setText(message, finding.message);
      const frames = places[0]?.frames ?? [];
      setText(line, frames.find(isScriptLine) ?? frames[0] ?? '');
      setText(facts, [finding.type, ...known].join(', '));
      const parts = [
        ...places.map(describePlace),
        ...(path.length > 0 ? [element('p', {}, `Held by ${path.join(' > ')}`)] : []),
        ...(explains.length > 0
          ? [element('p', {}, `Grew because of it: ${explains.join(', ')}`)]
          : []),
        ...(advice === null ? [] : [element('p', { class: 'advice' }, advice)]),
      ];
      if (parts.map((part) => part.textContent).join('') !== evidence.textContent) {
        evidence.replaceChildren(...parts);
      }
    },
  };
}

function describePlace({ what, frames }: Place): HTMLElement {
  return element(
    'div',
    { class: 'place' },
    ...(what === null ? [] : [element('p', {}, what)]),
    frameList(frames),
  );
}

const FRAMES = 8;

/** Innermost first. */
export function frameList(frames: readonly string[]): HTMLElement {
  const more = frames.length - FRAMES;
  return element(
    'ol',
    { class: 'frames' },
    ...frames.slice(0, FRAMES).map((frame) => element('li', {}, frame)),
    ...(more > 0 ? [element('li', {}, `and ${more} more`)] : []),
  );
}
