// Text that may be longer than a string can be, as bytes.

const BATCH = 1 << 20;

/** UTF-8. */
export function bytesOf(pieces: Iterable<string>): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < BATCH) continue;
    parts.push(encoder.encode(batch));
    batch = '';
  }
  parts.push(encoder.encode(batch));
  return Buffer.concat(parts);
}
