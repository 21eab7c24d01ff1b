// The data in the page: base64 of gzip of the packed report.

import { unpackData } from '../data/container.ts';
import type { ReportData } from '../data/types.ts';

export async function readData(base64: string): Promise<ReportData> {
  const packed = await unzip(decodeBase64(base64));
  // Written by the same program, together with this script.
  return unpackData(packed) as ReportData;
}

/** All at once: a stream of pieces takes longer. */
async function unzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  // What is wrong with the bytes, the reading side tells, too.
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const decode: unknown = Reflect.get(Uint8Array, 'fromBase64');
  if (typeof decode === 'function') return decode.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
