// The panel's buttons: start and stop, snapshot, mark, export, heap snapshot, garbage collection.

import type { MemoryProfiler } from '../../profiler/memory-profiler.ts';
import type { RecordedMark } from '../../recording/types.ts';
import { element, setText } from './dom.ts';

/** What the buttons ask for; whatever one throws is shown and does no harm. */
export interface ToolbarOptions {
  readonly profiler: MemoryProfiler;
  readonly start: () => boolean;
  readonly onMark: (mark: RecordedMark) => void;
  /** After each action: what is shown may be old now. */
  readonly onDone: () => void;
}

/** Where the engine lets pages ask for a collection, as Chromium with `--js-flags=--expose-gc`. */
function garbageCollector(): (() => unknown) | null {
  const collect: unknown = Reflect.get(globalThis, 'gc');
  return typeof collect === 'function' ? () => collect() : null;
}

/** Milliseconds after which a download has begun. */
const DOWNLOADED = 10_000;

export class Toolbar {
  readonly root = element('div', { class: 'toolbar', role: 'group', 'aria-label': 'Profiler' });
  readonly #options: ToolbarOptions;
  readonly #note = element('p', { class: 'note' });
  readonly #name = element('input', {
    type: 'text',
    maxlength: '200',
    'aria-label': 'Name of the mark',
  });
  readonly #toggle = this.#button('Start', () => this.#startOrStop());
  /** Those that make sense only while profiling. */
  readonly #live = [
    this.#button('Snapshot', () => this.#takeSnapshot()),
    this.#button('Mark', () => this.#mark()),
  ];
  #download: string | null = null;
  #isClosed = false;

  constructor(options: ToolbarOptions) {
    this.#options = options;
    const collect = garbageCollector();
    this.#name.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') this.#live[1]?.click();
    });
    const [snapshot, mark] = this.#live;
    this.root.append(
      this.#toggle,
      ...(snapshot ? [snapshot] : []),
      element('span', { class: 'mark' }, this.#name, ...(mark ? [mark] : [])),
      this.#button('Export', () => this.#export()),
      this.#button('Heap snapshot', () => this.#takeHeapSnapshot()),
      ...(collect ? [this.#button('GC', collect)] : []),
      this.#note,
    );
  }

  /** @param marks how many there are. */
  update(marks: number): void {
    const { isProfiling } = this.#options.profiler;
    this.#name.placeholder = `mark ${marks + 1}`;
    setText(this.#toggle, isProfiling ? 'Stop' : 'Start');
    for (const control of [...this.#live, this.#name]) control.disabled = !isProfiling;
  }

  say(text: string): void {
    setText(this.#note, text);
  }

  close(): void {
    this.#isClosed = true;
    this.#revoke();
  }

  #revoke(): void {
    if (this.#download !== null) URL.revokeObjectURL(this.#download);
    this.#download = null;
  }

  #button(label: string, action: () => unknown): HTMLButtonElement {
    const button = element('button', { type: 'button' }, label);
    button.addEventListener('click', async () => {
      button.setAttribute('aria-busy', 'true');
      try {
        const said = await action();
        this.say(typeof said === 'string' ? said : '');
      } catch (error) {
        this.say(error instanceof Error ? error.message : String(error));
      } finally {
        button.removeAttribute('aria-busy');
        this.#options.onDone();
      }
    });
    return button;
  }

  #startOrStop(): string {
    const { profiler, start } = this.#options;
    if (profiler.isProfiling) {
      profiler.stop();
      return 'Stopped; what was recorded stays.';
    }
    return start() ? '' : 'This session is not profiled.';
  }

  #takeSnapshot(): string {
    return this.#options.profiler.takeSnapshot() ? 'Took a sample.' : 'No sample could be taken.';
  }

  #mark(): string {
    const name = this.#name.value.trim() || this.#name.placeholder;
    const snapshot = this.#options.profiler.mark(name);
    if (!snapshot) return 'No sample could be taken.';
    this.#name.value = '';
    this.#options.onMark({ elapsed: snapshot.elapsed, name });
    return `Marked "${name}".`;
  }

  #export(): string {
    return this.#save('json', 'application/json', this.#options.profiler.exportData());
  }

  async #takeHeapSnapshot(): Promise<string> {
    this.say('Taking a heap snapshot…');
    const snapshot = await this.#options.profiler.takeHeapSnapshot();
    return this.#save('heapsnapshot', 'application/json', snapshot.toHeapSnapshot());
  }

  /** Offers it as a download. */
  #save(extension: string, type: string, text: string): string {
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    const name = `memory-${time}.${extension}`;
    this.#revoke();
    this.#download = URL.createObjectURL(new Blob([text], { type }));
    element('a', { href: this.#download, download: name }).click();
    // A heap snapshot takes a while, in which the panel may have been closed.
    if (this.#isClosed) setTimeout(() => this.#revoke(), DOWNLOADED);
    return `Saved ${name}.`;
  }
}
