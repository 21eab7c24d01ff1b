// Draws the boxes of a flame graph. Lines of scripts are warm, functions of modules cool, each in one of a few shades.

import type { FlameBox, FlameMatches, FlameTree } from '../model/flame.ts';
import { color } from './theme.ts';

export const ROW_HEIGHT = 20;

const SHADES = 4;
const PADDING = 5;
/** Hostile names are longer than anything that could be measured in time. */
const LONGEST_TEXT = 500;
/** Narrower boxes have no text. */
const NARROWEST_TEXT = 28;

interface Drawing {
  readonly tree: FlameTree;
  readonly boxes: readonly FlameBox[];
  readonly width: number;
  readonly height: number;
  readonly matches: FlameMatches | null;
  /** The node that has an outline. */
  readonly marked: number;
}

export function drawFlame(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const { tree, boxes, width, height, matches, marked } = drawing;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const shades = (name: string) =>
    Array.from({ length: SHADES }, (_, at) => color(`--${name}-${at}`));
  const colors = { script: shades('script'), module: shades('module') };
  const [whole, match, other, text] = ['--whole', '--match', '--no-match', '--box-text'].map(color);
  for (const { node, depth, left, width: boxWidth } of boxes) {
    const frame = tree.frame[node] ?? -1;
    const name = frame < 0 ? 'all' : (tree.texts[frame] ?? '');
    const kind = tree.isScript[frame] === 1 ? colors.script : colors.module;
    const plain = frame < 0 ? whole : kind[shadeOf(name)];
    const found = matches ? (matches.isMatch[frame] === 1 ? match : other) : plain;
    context.fillStyle = found ?? '';
    const y = depth * ROW_HEIGHT;
    context.fillRect(left, y, Math.max(boxWidth - 0.5, 0.5), ROW_HEIGHT - 1);
    if (boxWidth >= NARROWEST_TEXT) {
      context.fillStyle = text ?? '';
      const room = boxWidth - 2 * PADDING;
      context.fillText(
        clip(context, withoutFolder(name.slice(0, LONGEST_TEXT)), room),
        left + PADDING,
        y + ROW_HEIGHT / 2,
      );
    }
  }
  const box = boxes.find(({ node }) => node === marked);
  if (!box) return;
  context.strokeStyle = color('--text');
  context.lineWidth = 2;
  const inner = Math.max(box.width - 2.5, 1);
  context.strokeRect(box.left + 1, box.depth * ROW_HEIGHT + 1, inner, ROW_HEIGHT - 3);
}

/** The same for the same function, wherever it stands. */
function shadeOf(name: string): number {
  let hash = 0;
  for (let at = 0; at < Math.min(name.length, 40); at++) {
    hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
  }
  return Math.abs(hash) % SHADES;
}

/** There is little room, and the line is what counts: `f (editor.mjs:12:7)`. */
function withoutFolder(frame: string): string {
  return frame.replace(/(^|\()[^()]*\/(?=[^/]*$)/, '$1');
}

function clip(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`;
}
