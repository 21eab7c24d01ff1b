// Bytes and blocks of a site, a type, an operation or a heap: what is live, and what ever was.

export interface Figures {
  readonly bytes: number;
  readonly blocks: number;
  /** Ever allocated. */
  readonly totalBytes: number;
  readonly totalBlocks: number;
}

export const NO_FIGURES: Figures = { bytes: 0, blocks: 0, totalBytes: 0, totalBlocks: 0 };

export function addFigures(a: Figures, b: Figures): Figures {
  return {
    bytes: a.bytes + b.bytes,
    blocks: a.blocks + b.blocks,
    totalBytes: a.totalBytes + b.totalBytes,
    totalBlocks: a.totalBlocks + b.totalBlocks,
  };
}

/** Of a single thing of that size. */
export function figuresOfOne(bytes: number): Figures {
  return { bytes, blocks: 1, totalBytes: bytes, totalBlocks: 1 };
}
