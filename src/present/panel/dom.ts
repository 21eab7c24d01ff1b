// Small means to make elements and to change only what is not so already, since the panel is drawn again and again.

type Children = readonly (Node | string)[];

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Children
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A picture beside a text that says the same, with one path in the current color. */
export function icon(size: readonly [width: number, height: number], path: string) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size.join(' ')}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return { root: svg, draw: (changed: string) => line.setAttribute('d', changed) };
}

export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** A row of a list, which can show another state of its item. */
export interface Row<Item> {
  readonly root: HTMLElement;
  update(item: Item): void;
}

/** Rows that stay what they are while their items change: open ones stay open, the focus stays where it is. */
export class KeyedList<Item> {
  readonly root: HTMLElement;
  readonly #keyOf: (item: Item) => string;
  readonly #create: () => Row<Item>;
  #rows = new Map<string, Row<Item>>();

  constructor(root: HTMLElement, keyOf: (item: Item) => string, create: () => Row<Item>) {
    this.root = root;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  show(items: readonly Item[]): void {
    const rows = new Map<string, Row<Item>>();
    for (const item of items) {
      const key = this.#keyOf(item);
      const row = this.#rows.get(key) ?? this.#create();
      row.update(item);
      rows.set(key, row);
    }
    for (const [key, { root }] of this.#rows) if (!rows.has(key)) root.remove();
    let at = 0;
    for (const { root } of rows.values()) {
      const there = this.root.children[at];
      // Moving an element would take the focus from it.
      if (there !== root) this.root.insertBefore(root, there ?? null);
      at += 1;
    }
    this.#rows = rows;
  }
}
