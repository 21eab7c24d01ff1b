// Figures of a table's cell, a card or an axis as text.

import { formatBytes, formatShare } from '../../../analyze/figures.ts';
import type { FigureKind } from './table.ts';

const NOT_KNOWN = '–';
const MINUS = '\u2212';

export function figureText(kind: FigureKind, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NOT_KNOWN;
  const size = Math.abs(value);
  const text = kind === 'bytes' || kind === 'change' ? formatBytes(size) : countText(size);
  if (value < 0) return `${MINUS}${text}`;
  return value > 0 && kind.startsWith('change') ? `+${text}` : text;
}

/** Estimated counts are no whole numbers, and nobody wants their digits. */
function countText(value: number): string {
  return value < 100 && !Number.isInteger(value)
    ? value.toFixed(1)
    : Math.round(value).toLocaleString('en-US');
}

/** `99.5 %`. */
export function shareText(share: number | null): string {
  return share === null ? NOT_KNOWN : formatShare(share);
}

/** `0.25 s`, `12.5 s`, `3:05`, `2:10:00`: short enough for an axis. */
export function timeText(milliseconds: number, digits = 1): string {
  const seconds = milliseconds / 1000;
  if (Math.abs(seconds) < 60) return `${Number(seconds.toFixed(digits + 1))} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
