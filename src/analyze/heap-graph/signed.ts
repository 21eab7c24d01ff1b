// Columns as numbers with a sign. Engines keep these in machine words; the sum of one with a sign and one without they
// take for a floating-point number, which costs more than all else in a loop over edges.

/** The same memory. All its numbers must be below 2^31. */
export function signed(column: Uint32Array): Int32Array {
  return new Int32Array(column.buffer, column.byteOffset, column.length);
}
