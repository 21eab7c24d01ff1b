// What a file format is. Each is a file in this folder, and a line in index.ts.

import type { Finding, Recording } from '../../recording/types.ts';
import type { SiteFigure } from './site-figures.ts';

/** `Written`: text, or bytes where it is binary or may be longer than a text can be. */
export interface Format<Written extends string | Uint8Array = string | Uint8Array> {
  /** As `convert --to` takes it. */
  readonly name: string;
  /** Of its files, without a dot in front: `pb.gz`. */
  readonly extension: string;
  /** What is in it and which tool opens it, in a line. */
  readonly description: string;
  /** Whether a file has one figure of each site, so that it must be chosen. */
  readonly oneFigure?: true;
  /** Whether findings are in it. */
  readonly hasFindings?: true;
  /**
   * The same recording and options give the same file.
   *
   * @throws FormatError where the recording does not hold what the format is made of.
   */
  write(recording: Recording, options?: FormatOptions): Written;
}

export interface FormatOptions {
  /** `live` when left out. */
  readonly figure?: SiteFigure;
  /** Where a format shows findings. None are looked for when left out. */
  readonly findLeaks?: (recording: Recording) => readonly Finding[];
}

export type FormatErrorCode = 'NOTHING_TO_WRITE';

/** The recording does not hold what a format is made of. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly code: FormatErrorCode = 'NOTHING_TO_WRITE';
}
