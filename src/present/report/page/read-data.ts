// The data in the page: base64 of gzip of the packed report.

import { unpackData } from '../data/container.ts';
import type { ReportData } from '../data/types.ts';

/** @param pieces of base64, each whole. */
export async function readData(pieces: readonly string[]): Promise<ReportData> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  // What is wrong with the bytes, the reading side tells, too.
  for (const piece of pieces) writer.write(decodeBase64(piece)).catch(() => {});
  writer.close().catch(() => {});
  const packed = new Uint8Array(await new Response(readable).arrayBuffer());
  // Written by the same program, together with this script.
  return unpackData(packed) as ReportData;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const decode: unknown = Reflect.get(Uint8Array, 'fromBase64');
  if (typeof decode === 'function') return decode.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
