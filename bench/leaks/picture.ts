// What scenarios draw with: small pictures in a format that GEGL converts nothing of.

import type { GeglBuffer, GeglGraph, GeglNode } from '../../src/gegl/index.ts';
import type { Engine } from './scenario.ts';

/** What blurs work in, so that babl, which picks its conversions by timing, has none to pick. */
export const FORMAT = 'RaGaBaA float';
/** GEGL's tiles are so many pixels wide and high. */
export const TILE = 128;
export const SMALL = { width: 32, height: 32 };

const tile = new Float32Array(TILE * TILE * 4).map((_, index) => (index % 251) / 251);

/** A buffer of whole tiles, all of them written. */
export function createPicture(engine: Engine, tiles = 1): GeglBuffer {
  const buffer = engine.createBuffer({ width: TILE * tiles, height: TILE }, FORMAT);
  for (let column = 0; column < tiles; column += 1) paintTile(buffer, column, 0);
  return buffer;
}

export function paintTile(buffer: GeglBuffer, column: number, row: number): void {
  const rect = { x: column * TILE, y: row * TILE, width: TILE, height: TILE };
  buffer.setPixels(tile, { rect, format: FORMAT });
}

/** One edit as an application makes it: a graph, run and dropped. */
export function edit(engine: Engine, source: GeglBuffer, target: GeglBuffer, by = 1): void {
  const graph = engine.createGraph();
  const input = graph.createNode('gegl:buffer-source', { buffer: source });
  const move = graph.createNode('gegl:translate', { x: -by, y: by, sampler: 'nearest' });
  const crop = graph.createNode('gegl:crop', { width: TILE, height: TILE });
  input.link(move, crop).blitToBuffer(target);
  graph.destroy();
}

/** A graph of three nodes that reads from a buffer; it is the caller's. */
export function createGraph(engine: Engine, source: GeglBuffer) {
  const graph = engine.createGraph();
  const input = graph.createNode('gegl:buffer-source', { buffer: source });
  const move = graph.createNode('gegl:translate', { x: 3, y: 4, sampler: 'nearest' });
  const invert = graph.createNode('gegl:opacity', { value: 0.5 });
  input.link(move, invert);
  return { graph, output: invert };
}

/** A graph that ends, so far, where it begins; it is the caller's. */
export function beginStack(
  engine: Engine,
  buffer: GeglBuffer,
): { graph: GeglGraph; top: GeglNode } {
  const graph = engine.createGraph();
  return { graph, top: graph.createNode('gegl:buffer-source', { buffer }) };
}

export function destroyAll(objects: Iterable<{ destroy(): void }>): void {
  for (const object of objects) object.destroy();
}
