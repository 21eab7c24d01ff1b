// The wasm side of the truth test: the same cases, by the wrapper.
import { Gegl, type GeglBuffer } from '../../../src/gegl/index.ts';
import type { FileCase, Picture, TruthCase } from './cases.ts';
import { type PixelArray, paint } from './pixels.ts';

export function renderInWasm(truthCase: TruthCase): PixelArray {
  const { width, height, steps, area, output } = truthCase;
  const graph = Gegl.createGraph();
  const buffers: GeglBuffer[] = [];
  try {
    const nodes = steps.map(({ operation, properties }) => graph.createNode(operation, properties));
    const [first, ...rest] = nodes;
    if (!first) throw new Error('A case without a step');
    for (const pad of ['input', 'aux'] as const) {
      const picture = truthCase[pad];
      if (!picture) continue;
      const buffer = createBuffer(picture, width, height);
      buffers.push(buffer);
      graph.createNode('gegl:buffer-source', { buffer }).connectTo(first, { input: pad });
    }
    return first.link(...rest).blit<PixelArray>(area, { format: output });
  } finally {
    graph.destroy();
    for (const buffer of buffers) buffer.destroy();
  }
}

/** The case's picture as a file that GEGL's saver wrote. */
export function encodeInWasm({ type, properties, input, width, height }: FileCase): Uint8Array {
  using buffer = createBuffer(input, width, height);
  return buffer.saveFile(type, properties);
}

/** The pixels of a file, as GEGL's loader reads it. */
export function decodeInWasm(file: Uint8Array, { output }: FileCase): PixelArray {
  using buffer = Gegl.createBufferFromFile(file, output);
  return buffer.getPixels<PixelArray>();
}

function createBuffer({ format, seed }: Picture, width: number, height: number) {
  return Gegl.createBuffer({ width, height }, format).setPixels(paint(format, width, height, seed));
}
