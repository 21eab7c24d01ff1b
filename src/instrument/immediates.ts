// What follows an opcode, for all instructions: the kind of their immediates, and how long those are.

// Kinds of immediates.
const UNKNOWN = 0;
export const NONE = 1;
export const INDEX = 2;
export const TWO_INDICES = 3;
export const MEMORY_ACCESS = 4;
export const MEMORY_ACCESS_AND_LANE = 5;
export const INTEGER = 6;
export const BYTE = 7;
export const FOUR_BYTES = 8;
export const EIGHT_BYTES = 9;
export const SIXTEEN_BYTES = 10;
export const BLOCK_TYPE = 11;
export const HEAP_TYPE = 12;
export const TYPES = 13;
export const LABELS = 14;
export const CATCHES = 15;
export const CAST_BRANCH = 16;

/** Kinds of immediates, by prefix, and there in runs: the last number of a run, and the kind of all up to it. */
const RUNS: readonly (readonly number[])[] = [
  [
    ...[0x01, NONE, 0x04, BLOCK_TYPE, 0x05, NONE, 0x06, BLOCK_TYPE, 0x09, INDEX, 0x0b, NONE],
    ...[0x0d, INDEX, 0x0e, LABELS, 0x0f, NONE, 0x10, INDEX, 0x11, TWO_INDICES, 0x12, INDEX],
    ...[0x13, TWO_INDICES, 0x15, INDEX, 0x17, UNKNOWN, 0x18, INDEX, 0x1b, NONE, 0x1c, TYPES],
    ...[0x1e, UNKNOWN, 0x1f, CATCHES, 0x26, INDEX, 0x27, UNKNOWN, 0x3e, MEMORY_ACCESS],
    ...[0x40, INDEX, 0x42, INTEGER, 0x43, FOUR_BYTES, 0x44, EIGHT_BYTES, 0xc4, NONE],
    ...[0xcf, UNKNOWN, 0xd0, HEAP_TYPE, 0xd1, NONE, 0xd2, INDEX, 0xd4, NONE, 0xd6, INDEX],
  ],
  [
    ...[0x01, INDEX, 0x05, TWO_INDICES, 0x07, INDEX, 0x0a, TWO_INDICES, 0x0e, INDEX, 0x0f, NONE],
    ...[0x10, INDEX, 0x13, TWO_INDICES, 0x17, HEAP_TYPE, 0x19, CAST_BRANCH, 0x1e, NONE],
  ],
  [
    ...[0x07, NONE, 0x08, TWO_INDICES, 0x09, INDEX, 0x0a, TWO_INDICES, 0x0b, INDEX],
    ...[0x0c, TWO_INDICES, 0x0d, INDEX, 0x0e, TWO_INDICES, 0x11, INDEX, 0x12, UNKNOWN, 0x16, NONE],
  ],
  [
    ...[11, MEMORY_ACCESS, 13, SIXTEEN_BYTES, 20, NONE, 34, BYTE, 83, NONE],
    ...[91, MEMORY_ACCESS_AND_LANE, 93, MEMORY_ACCESS, 153, NONE, 154, UNKNOWN, 161, NONE],
    ...[162, UNKNOWN, 164, NONE, 166, UNKNOWN, 174, NONE, 176, UNKNOWN, 177, NONE, 180, UNKNOWN],
    ...[186, NONE, 187, UNKNOWN, 193, NONE, 194, UNKNOWN, 196, NONE, 198, UNKNOWN, 206, NONE],
    ...[208, UNKNOWN, 209, NONE, 212, UNKNOWN, 225, NONE, 226, UNKNOWN, 237, NONE],
    ...[238, UNKNOWN, 275, NONE],
  ],
  [0x02, MEMORY_ACCESS, 0x03, BYTE, 0x0f, UNKNOWN, 0x4e, MEMORY_ACCESS],
];
/** All instructions with a prefix have a number below this. */
export const PAGE = 512;
export const FIRST_PREFIX = 0xfb;
export const LAST_PREFIX = 0xfe;
export const KINDS = new Uint8Array(PAGE * RUNS.length);
RUNS.forEach((runs, page) => {
  let from = page * PAGE;
  for (let run = 0; run < runs.length; run += 2) {
    const to = page * PAGE + (runs[run] ?? 0) + 1;
    KINDS.fill(runs[run + 1] ?? UNKNOWN, from, to);
    from = to;
  }
});

/** Behind alignment: the access names a memory. */
export const HAS_MEMORY_INDEX = 0x40;

// What `nextOf` goes by, for opcodes without a prefix: how long the instruction is if its last number has one byte; the
// bit by which that byte says that there are more; bits of the first immediate byte for which the instruction is read.
export const BY_READING = 0xfe;
export const STOP = 0xff;
/** By kind; all that may be longer are numbers. */
const LENGTH_OF_KIND = [BY_READING, 1, 2, BY_READING, 3, BY_READING, 2, BY_READING, 5, 9];
export const LENGTHS = new Uint8Array(PAGE).fill(BY_READING);
/** Behind the lengths, by opcode: STOP for an instruction that stops only where its number has more bytes than one. */
export const LONG = 256;
export const GOES_ON = new Uint8Array(PAGE);
export const FLAGS = new Uint8Array(PAGE);
for (let opcode = 0; opcode < FIRST_PREFIX; opcode++) {
  const length = LENGTH_OF_KIND[KINDS[opcode] ?? UNKNOWN] ?? BY_READING;
  LENGTHS[opcode] = length;
  GOES_ON[opcode] = length === 2 || length === 3 ? 0x80 : 0;
  FLAGS[opcode] = length === 3 ? 0x80 | HAS_MEMORY_INDEX : 0;
}
