// WebAssembly that is part of a script, as text: scripts/build-tracker.mjs writes it.

/** See asText() there. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let more = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 35) more = (code - 31) * 91;
    else {
      bytes.push(more + 126 - code - Number(code < 92));
      more = 0;
    }
  }
  return Uint8Array.from(bytes);
}
