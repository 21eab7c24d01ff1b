// <gegl-memory-panel>: the element, its attributes and its style. It shows something while it is in the document.

import uplotStyle from 'uplot/dist/uPlot.min.css';
import type { MemoryProfiler } from '../../profiler/memory-profiler.ts';
import { LivePanel } from './live-panel.ts';
import panelStyle from './panel.css';

export const PANEL_TAG = 'gegl-memory-panel';

/** Constructed, since a strict policy forbids style elements; one for all panels. */
let styles: readonly CSSStyleSheet[] | null = null;

function getStyles(): readonly CSSStyleSheet[] {
  styles ??= [uplotStyle, panelStyle].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return styles;
}

/** A server that renders an application's pages has no elements: there the module loads, and does nothing. */
const Element: typeof HTMLElement = Reflect.get(globalThis, 'HTMLElement') ?? Object;

/**
 * Attributes: `position` (`right`, `left` or `bottom`), `collapsed`, `hidden`, and `theme` (`light` or `dark`; left
 * out: as the reader prefers).
 */
export class MemoryPanel extends Element {
  static readonly observedAttributes = ['position', 'collapsed', 'hidden', 'theme'];

  #profiler: MemoryProfiler | null = null;
  #shown: LivePanel | null = null;
  /** What the button Start does. Returns whether the session is profiled. */
  startProfiling: () => boolean = () => this.profiler?.start() ?? false;

  /** What is shown; the global `memoryProfiler` when none was set. */
  get profiler(): MemoryProfiler | null {
    return (
      this.#profiler ?? (globalThis as { memoryProfiler?: MemoryProfiler }).memoryProfiler ?? null
    );
  }

  set profiler(profiler: MemoryProfiler | null) {
    this.#profiler = profiler;
    if (!this.isConnected) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  connectedCallback(): void {
    try {
      const { profiler } = this;
      if (!profiler) {
        // A module that imports this one sets it after the elements of the page are made.
        setTimeout(() => {
          if (!this.isConnected || this.profiler) return;
          console.warn(
            'gegl-memory-profiler: there is no profiler to show in the panel; set its property `profiler`',
          );
        });
        return;
      }
      // Without a box of its own nothing that the page says of its elements moves the panel.
      this.style.setProperty('display', 'contents', 'important');
      const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [...getStyles()];
      this.#shown = new LivePanel(this, root, profiler, () => this.startProfiling());
    } catch (error) {
      console.warn('gegl-memory-profiler: the panel could not be shown:', error);
    }
  }

  disconnectedCallback(): void {
    this.#shown?.close();
    this.#shown = null;
  }

  attributeChangedCallback(): void {
    this.#shown?.changed();
  }
}
