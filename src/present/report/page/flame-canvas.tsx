// The flame graph's canvas: boxes, a tooltip, and a frame that is moved about by pointer or keys.

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { figureText } from '../model/figures.ts';
import {
  ancestors,
  type FlameBox,
  type FlameMatches,
  type FlameTree,
  layOut,
} from '../model/flame.ts';
import { drawFlame, ROW_HEIGHT } from './flame-draw.ts';

interface Properties {
  readonly tree: FlameTree;
  /** The node that is as wide as the canvas. */
  readonly top: number;
  readonly onTop: (node: number) => void;
  readonly matches: FlameMatches | null;
  /** Changes with the colors. */
  readonly theme: string;
}

export function FlameCanvas({ tree, top, onTop, matches, theme }: Properties): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(place);
  const [current, setCurrent] = useState(top);
  const [pointer, setPointer] = useState<{ x: number; y: number; node: number } | null>(null);
  useEffect(() => setCurrent(top), [top, tree]);
  const boxes = useMemo(() => layOut(tree, top, width), [tree, top, width]);
  const depth = boxes.reduce((deepest, box) => Math.max(deepest, box.depth), 0);
  const height = (depth + 1) * ROW_HEIGHT;
  const marked = pointer?.node ?? current;
  useEffect(() => {
    if (canvas.current && width > 0) {
      drawFlame(canvas.current, { tree, boxes, width, height, matches, marked });
    }
  }, [tree, boxes, width, height, matches, marked, theme]);

  const boxAt = (event: MouseEvent): FlameBox | undefined => {
    const bounds = canvas.current?.getBoundingClientRect();
    if (!bounds) return undefined;
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const row = Math.floor(y / ROW_HEIGHT);
    return boxes.findLast((box) => box.depth === row && x >= box.left && x < box.left + box.width);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = step(tree, current, event.key);
    if (next !== null) setCurrent(next);
    else if (event.key === 'Enter' || event.key === ' ') onTop(current);
    else if (event.key === 'Escape' || event.key === 'Backspace') {
      onTop(event.key === 'Escape' ? 0 : (tree.parent[top] ?? 0));
    } else return;
    event.preventDefault();
    setPointer(null);
  };
  return (
    <>
      <div
        class="flame"
        ref={place}
        role="tree"
        aria-label="Flame graph"
        aria-describedby="flame-help"
        aria-activedescendant="flame-current"
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          onMouseMove={(event) => {
            const box = boxAt(event);
            const { left = 0, top: above = 0 } = place.current?.getBoundingClientRect() ?? {};
            setPointer(
              box ? { x: event.clientX - left, y: event.clientY - above, node: box.node } : null,
            );
          }}
          onMouseLeave={() => setPointer(null)}
          onClick={(event) => {
            const box = boxAt(event);
            if (box) onTop(box.node);
          }}
        />
        {pointer && (
          <div
            class="tip"
            style={{
              left: `${Math.min(pointer.x + 12, Math.max(width - 380, 0))}px`,
              top: `${pointer.y + 16}px`,
            }}
          >
            {describe(tree, pointer.node)}
          </div>
        )}
        <div
          class="current"
          id="flame-current"
          role="treeitem"
          aria-selected="true"
          tabIndex={-1}
          aria-level={ancestors(tree, marked).length}
          aria-live="polite"
        >
          <bdi>{describe(tree, marked)}</bdi>
        </div>
      </div>
      <p class="help" id="flame-help">
        Click, or Enter, makes a frame as wide as the graph; Escape shows all. Arrows go to the
        caller, the biggest callee, and the frames beside. The same places are rows of the table
        “Sites”.
      </p>
    </>
  );
}

function describe(tree: FlameTree, node: number): string {
  const value = tree.value[node] ?? 0;
  const share = (value / (tree.value[0] || 1)) * 100;
  const name = node === 0 ? 'all' : (tree.texts[tree.frame[node] ?? -1] ?? '');
  return `${figureText('bytes', value)} (${share.toFixed(1)} %) ${name}`;
}

/** Where an arrow leads; null: the key is none. */
function step(tree: FlameTree, node: number, key: string): number | null {
  const above = tree.parent[node] ?? 0;
  const beside = node === 0 ? [0] : tree.children(above);
  const at = beside.indexOf(node);
  switch (key) {
    case 'ArrowUp':
      return above;
    case 'ArrowDown':
      return tree.children(node)[0] ?? node;
    case 'ArrowLeft':
      return beside[at - 1] ?? node;
    case 'ArrowRight':
      return beside[at + 1] ?? node;
    default:
      return null;
  }
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!place.current) return;
    const element = place.current;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
