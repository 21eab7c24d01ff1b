// The data in the page: base64 of gzip of the packed report.

import { unpackData } from '../data/container.ts';
import type { ReportData } from '../data/types.ts';

export async function readData(base64: string): Promise<ReportData> {
  const stream = new Blob([decodeBase64(base64)])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  // Written by the same program, together with this script.
  return unpackData(packed) as ReportData;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
