// One showing of the panel: what it is made of, when it is drawn, and all that it listens to until it is closed.

import { formatBytes } from '../../analyze/figures.ts';
import type { MemoryProfiler, MemoryProfilerEvents } from '../../profiler/memory-profiler.ts';
import type { RecordedMark } from '../../recording/types.ts';
import { plural } from '../text/parts.ts';
import { element, icon, setText } from './dom.ts';
import { Findings } from './findings.ts';
import { HeapLists } from './heap-lists.ts';
import { ObjectCounts } from './object-counts.ts';
import { Placement } from './placement.ts';
import { Samples } from './samples.ts';
import { TimeChart } from './time-chart.ts';
import { Toolbar } from './toolbar.ts';

/** Drawn at most this often, however often samples are taken; milliseconds. */
const DRAW_INTERVAL = 250;
/** A report is asked for as often as this share of the time allows, between these limits; milliseconds. */
const REPORT_SHARE = 0.004;
const REPORT_INTERVAL = { least: 5_000, most: 60_000 };

export class LivePanel {
  readonly #host: HTMLElement;
  readonly #profiler: MemoryProfiler;
  readonly #samples = new Samples();
  readonly #panel = element('section', { class: 'panel', 'aria-label': 'GEGL memory' });
  readonly #summary = element('span', { class: 'summary' });
  readonly #toggle: HTMLButtonElement;
  readonly #chart = new TimeChart();
  readonly #counts = new ObjectCounts();
  readonly #findings = new Findings();
  readonly #lists = new HeapLists();
  readonly #toolbar: Toolbar;
  readonly #placement: Placement;
  readonly #sections: readonly HTMLDetailsElement[];
  /** Undo what the panel did outside of itself. */
  readonly #closers: (() => void)[] = [];
  #marks: readonly RecordedMark[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #reportDue = 0;
  #hasFailed = false;

  /** @param start what the button does; returns whether the session is profiled. */
  constructor(host: HTMLElement, root: ShadowRoot, profiler: MemoryProfiler, start: () => boolean) {
    this.#host = host;
    this.#profiler = profiler;
    this.#toolbar = new Toolbar({
      profiler,
      start,
      onMark: (mark) => {
        this.#marks = [...this.#marks, mark];
      },
      onDone: () => this.#refresh(),
    });
    this.#placement = new Placement(host, this.#panel);
    this.#toggle = element(
      'button',
      { type: 'button', class: 'toggle' },
      element('span', { class: 'dot', 'aria-hidden': 'true' }),
      this.#summary,
      icon([16, 16], 'M4 6l4 4 4-4').root,
    );
    this.#sections = [
      section('Objects', this.#counts.root),
      section('Findings', this.#findings.root),
      section('Where live memory was allocated', this.#lists.sites),
      section('Live memory by operation', this.#lists.operations),
    ];
    this.#build(root);
    this.#listen();
    for (const snapshot of profiler.snapshots) this.#samples.add(snapshot);
    this.changed();
  }

  /** After an attribute of the host has changed. */
  changed(): void {
    this.#guard(() => {
      this.#placement.show();
      this.#toggle.setAttribute('aria-expanded', String(!this.#placement.isCollapsed));
      this.#chart.recolor();
      this.#refresh();
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const closer of this.#closers.splice(0)) this.#guard(closer);
    this.#chart.destroy();
    this.#toolbar.close();
    this.#panel.remove();
  }

  #build(root: ShadowRoot): void {
    const close = element('button', {
      type: 'button',
      class: 'quiet',
      'aria-label': 'Close the panel',
      title: 'Close',
    });
    close.append(icon([16, 16], 'M4 4l8 8M12 4l-8 8').root);
    close.addEventListener('click', () => this.#host.remove());
    this.#toggle.addEventListener('click', () =>
      this.#placement.collapse(!this.#placement.isCollapsed),
    );
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.#placement.isCollapsed) return;
      event.stopPropagation();
      this.#placement.collapse(true);
      this.#toggle.focus();
    });
    const { moveButton, resizeHandle } = this.#placement;
    for (const opened of this.#sections) opened.addEventListener('toggle', () => this.#refresh());
    this.#panel.append(
      element('header', {}, this.#toggle, moveButton, close),
      resizeHandle,
      element(
        'div',
        { class: 'body', tabindex: '0', role: 'region', 'aria-label': 'GEGL memory, details' },
        element('div', { class: 'over-time' }, this.#chart.root, this.#toolbar.root),
        ...this.#sections,
      ),
      this.#findings.announcer,
    );
    root.replaceChildren(this.#panel);
  }

  #listen(): void {
    this.#on('snapshot', (snapshot) => {
      this.#samples.add(snapshot);
      this.#drawSoon();
    });
    this.#on('leak', (finding) => {
      this.#findings.add(finding);
      // What else is known of it.
      this.#reportDue = Math.min(this.#reportDue, performance.now() + DRAW_INTERVAL);
      this.#drawSoon();
    });
    this.#on('warning', ({ message }) => this.#toolbar.say(message));
    this.#listenTo(document, 'visibilitychange', () => this.#drawSoon());
    this.#listenTo(matchMedia('(prefers-color-scheme: dark)'), 'change', () =>
      this.#chart.recolor(),
    );
    const observer = new ResizeObserver(() => this.#guard(() => this.#chart.fit()));
    observer.observe(this.#panel);
    this.#closers.push(() => observer.disconnect());
  }

  #on<Name extends keyof MemoryProfilerEvents>(
    name: Name,
    hear: (detail: MemoryProfilerEvents[Name]) => void,
  ): void {
    const listener = ({ detail }: CustomEvent<MemoryProfilerEvents[Name]>) =>
      this.#guard(() => hear(detail));
    this.#profiler.addEventListener(name, listener);
    this.#closers.push(() => this.#profiler.removeEventListener(name, listener));
  }

  #listenTo(target: EventTarget, name: string, hear: () => void): void {
    const listener = () => this.#guard(hear);
    target.addEventListener(name, listener);
    this.#closers.push(() => target.removeEventListener(name, listener));
  }

  /** Nothing that goes wrong here may reach the page. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      console.warn('gegl-memory-profiler: the panel failed:', error);
    }
  }

  /** Draws at once what can be seen, with a new report. */
  #refresh(): void {
    this.#reportDue = 0;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.#drawSoon();
  }

  #drawSoon(): void {
    // Events of what was in the panel may come after it is closed.
    if (this.#isClosed || document.hidden || this.#host.hidden) return;
    clearTimeout(this.#timer);
    const wait = this.#drawnAt + DRAW_INTERVAL - performance.now();
    this.#timer = setTimeout(() => this.#guard(() => this.#draw()), Math.max(0, wait));
  }

  #draw(): void {
    if (document.hidden || this.#host.hidden) return;
    this.#drawnAt = performance.now();
    const isOpen = !this.#placement.isCollapsed;
    if (isOpen && this.#drawnAt >= this.#reportDue) this.#guard(() => this.#showReport());
    this.#panel.toggleAttribute('data-profiling', this.#profiler.isProfiling);
    this.#panel.toggleAttribute('data-leaking', this.#findings.leaks > 0);
    setText(this.#summary, this.#summarize());
    if (!isOpen) return;
    this.#toolbar.update(this.#marks.length);
    this.#chart.draw(this.#samples, this.#marks);
    this.#counts.draw(this.#samples);
  }

  #showReport(): void {
    if (!this.#sections.some(({ open }) => open)) return;
    const { least, most } = REPORT_INTERVAL;
    const before = performance.now();
    this.#reportDue = before + most;
    const report = this.#profiler.getReport();
    const took = performance.now() - before;
    this.#reportDue = before + Math.min(Math.max(took / REPORT_SHARE, least), most);
    this.#marks = report.recording.marks;
    this.#findings.show(report.leaks);
    this.#counts.showReport(report);
    this.#lists.showReport(report);
  }

  #summarize(): string {
    const { heapSize, live } = this.#samples.last;
    if (this.#samples.length === 0) return 'no sample yet';
    const heap = heapSize === null ? 'unknown' : formatBytes(heapSize);
    const used = live === null ? `heap ${heap}` : `live ${formatBytes(live)} of ${heap}`;
    const state = this.#profiler.isProfiling ? '' : ' | stopped';
    return `${used} | ${plural(this.#findings.leaks, 'leak')}${state}`;
  }
}

function section(title: string, content: HTMLElement): HTMLDetailsElement {
  return element('details', { class: 'section', open: '' }, element('summary', {}, title), content);
}
