// Where things lie in the kernel's memory, in bytes, and what both of its sides, AssemblyScript and JavaScript, know of
// words and edges.

/** Malloc's alignment: addresses are multiples of it, so that programs keep tags in the bits below. */
export const ALIGNMENT = 8;

/** Blocks of LARGE bytes and more are held by addresses in their first DEEP bytes only; block-index.ts says which not. */
export const LARGE = 0x2_0000;
export const DEEP = 4096;

/** Flags of an edge; see graph-types.ts. */
export const WEAK = 1;
export const INTERIOR = 2;
export const TAGGED = 4;

/** By a mask of four lanes: the bytes of those in the mask, moved together. */
export const SHUFFLES = 0x400;

/** The parts of a window that are scanned: their first byte, their end, flags for all edges, and how many edges up to its end. */
export const RANGES = 0x1000;
export const RANGE_BYTES = 16;
export const MOST_RANGES = 0x1000;

/** A piece of the heap. Up to 16 bytes behind it are read. */
export const WINDOW = 0x1_1000;
export const WINDOW_BYTES = 0x2_0000;

/** Of the range at hand, the words that may be pointers: how far they are above the first block. */
export const CANDIDATES = 0x3_2000;

/** The edges of a window. */
export const TARGETS = 0x5_3000;
export const FLAGS = 0x7_4000;

/** The table of blocks; when all is scanned, the graph. */
export const TABLE = 0x8_0000;

/** Bytes behind each column of the graph; a search asks early for what stands a little ahead. */
export const GAP = 64;

/** Edges that a search looks at before it pauses. */
export const EDGES_AT_ONCE = 0x8000;
