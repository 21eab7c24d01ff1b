// Where the panel is docked and how large it is: by pointer and by keyboard, remembered from page to page.

import { element, icon } from './dom.ts';

export const POSITIONS = ['right', 'left', 'bottom'] as const;
export type Position = (typeof POSITIONS)[number];

const KEY = 'gegl-memory-profiler/panel';
/** Pixels by which an arrow key resizes. */
const STEP = 24;
const LEAST = { width: 300, height: 160 };
const PLACES: Readonly<Record<Position, string>> = {
  right: 'bottom right',
  left: 'bottom left',
  bottom: 'bottom, full width',
};

interface Stored {
  readonly position?: unknown;
  readonly collapsed?: unknown;
  readonly width?: unknown;
  readonly height?: unknown;
}

export class Placement {
  readonly moveButton = element('button', { type: 'button', class: 'quiet' });
  readonly resizeHandle = element('button', {
    type: 'button',
    class: 'resize',
    'aria-label': 'Resize the panel: arrow keys, or drag',
    title: 'Resize: drag, or arrow keys',
  });
  readonly #host: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #place = icon([16, 16], '');

  /** @param host has the attributes `position` and `collapsed`. */
  constructor(host: HTMLElement, panel: HTMLElement) {
    this.#host = host;
    this.#panel = panel;
    this.moveButton.append(this.#place.root);
    this.moveButton.addEventListener('click', () => this.#move());
    this.resizeHandle.addEventListener('keydown', (event) => this.#resizeByKey(event));
    this.resizeHandle.addEventListener('pointerdown', (event) => this.#resizeByPointer(event));
    this.#restore();
    this.show();
  }

  get position(): Position {
    const given = this.#host.getAttribute('position');
    return POSITIONS.find((position) => position === given) ?? 'right';
  }

  get isCollapsed(): boolean {
    return this.#host.hasAttribute('collapsed');
  }

  collapse(isCollapsed: boolean): void {
    this.#host.toggleAttribute('collapsed', isCollapsed);
    this.#store();
  }

  /** After the attributes have changed. */
  show(): void {
    const { position } = this;
    this.#panel.dataset.position = position;
    this.#panel.toggleAttribute('data-collapsed', this.isCollapsed);
    const text = `Move the panel (now ${PLACES[position]})`;
    this.moveButton.setAttribute('aria-label', text);
    this.moveButton.title = text;
    const [x, y, width, height] = {
      right: [8, 7, 6, 6],
      left: [2, 7, 6, 6],
      bottom: [2, 9, 12, 4],
    }[position];
    this.#place.draw(`M1.5 2.5h13v11h-13zM${x} ${y}h${width}v${height}h-${width}z`);
  }

  #move(): void {
    const next = POSITIONS[(POSITIONS.indexOf(this.position) + 1) % POSITIONS.length];
    this.#host.setAttribute('position', next ?? 'right');
    this.#store();
  }

  #resizeByKey(event: KeyboardEvent): void {
    const { position } = this;
    const outwards = position === 'left' ? 'ArrowRight' : 'ArrowLeft';
    const [width, height] = {
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP],
      ArrowLeft: [outwards === 'ArrowLeft' ? STEP : -STEP, 0],
      ArrowRight: [outwards === 'ArrowRight' ? STEP : -STEP, 0],
    }[event.key] ?? [0, 0];
    if (width === 0 && height === 0) return;
    event.preventDefault();
    const now = this.#panel.getBoundingClientRect();
    this.#resize(now.width + (width ?? 0), now.height + (height ?? 0));
    this.#store();
  }

  #resizeByPointer(event: PointerEvent): void {
    const { width, height } = this.#panel.getBoundingClientRect();
    const sign = this.position === 'left' ? -1 : 1;
    const follow = ({ clientX, clientY }: PointerEvent) =>
      this.#resize(width + sign * (event.clientX - clientX), height + event.clientY - clientY);
    const { resizeHandle: handle } = this;
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', follow);
    handle.addEventListener(
      'lostpointercapture',
      () => {
        handle.removeEventListener('pointermove', follow);
        this.#store();
      },
      { once: true },
    );
  }

  /** The style sheet keeps it within the window. */
  #resize(width: number, height: number): void {
    const { style } = this.#panel;
    if (this.position !== 'bottom') {
      style.setProperty('--width', `${Math.max(width, LEAST.width)}px`);
    }
    style.setProperty('--height', `${Math.max(height, LEAST.height)}px`);
  }

  #store(): void {
    const { position, isCollapsed: collapsed } = this;
    const [width, height] = ['--width', '--height'].map((name) =>
      Number.parseFloat(this.#panel.style.getPropertyValue(name)),
    );
    try {
      localStorage.setItem(KEY, JSON.stringify({ position, collapsed, width, height }));
    } catch {
      // Storage may be forbidden; then the next page begins anew.
    }
  }

  /** What the page's author wrote as attributes stays. */
  #restore(): void {
    const { position, collapsed, width, height } = readStored();
    const known = POSITIONS.find((one) => one === position);
    if (known && !this.#host.hasAttribute('position')) this.#host.setAttribute('position', known);
    if (collapsed === true) this.#host.toggleAttribute('collapsed', true);
    const { style } = this.#panel;
    if (typeof width === 'number') style.setProperty('--width', `${width}px`);
    if (typeof height === 'number') style.setProperty('--height', `${height}px`);
  }
}

function readStored(): Stored {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? stored : {};
  } catch {
    return {};
  }
}
