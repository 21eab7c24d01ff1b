// Marks in a chart of time by uPlot: dashed lines, with their names where there is room.

import type uPlot from 'uplot';
import type { RecordedMark } from '../../recording/types.ts';

export interface MarkColors {
  readonly line: string;
  readonly text: string;
}

/** In CSS pixels: the size of a name, the most that one is wide, and what lies between two. */
const SIZE = 11;
const WIDTH = 120;
const SPACE = 8;
const LENGTH = 40;

/** For uPlot's hook `draw`; the scale `x` is elapsed time in milliseconds. */
export function drawMarks(
  { ctx, bbox, valToPos }: uPlot,
  marks: readonly RecordedMark[],
  colors: MarkColors,
): void {
  const ratio = devicePixelRatio;
  const end = bbox.left + bbox.width;
  ctx.save();
  ctx.font = `${SIZE * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.strokeStyle = colors.line;
  ctx.fillStyle = colors.text;
  let free = bbox.left;
  for (const { elapsed, name } of marks) {
    const at = valToPos(elapsed, 'x', true);
    if (at < bbox.left || at > end) continue;
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    const text = name.slice(0, LENGTH);
    const width = Math.min(ctx.measureText(text).width, WIDTH * ratio);
    // Left of its line at the end of the chart.
    const left = Math.min(at + 3 * ratio, end - width);
    if (left < free) continue;
    ctx.fillText(text, left, bbox.top + ratio, WIDTH * ratio);
    free = left + width + SPACE * ratio;
  }
  ctx.restore();
}
