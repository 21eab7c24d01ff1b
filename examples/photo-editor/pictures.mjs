// Pictures for the photo editor, painted and encoded by GEGL itself.

/** @import { GeglEngine, GeglGraph, GeglNode, RectangleInit } from 'gegl-memory-profiler/gegl' */

/**
 * A landscape.
 *
 * @param {GeglEngine} gegl
 * @returns {Uint8Array} a PNG file
 */
export function paintLandscape(gegl, width = 480, height = 320) {
  const x = (/** @type {number} */ share) => Math.round(share * width);
  const y = (/** @type {number} */ share) => Math.round(share * height);
  const ridge = (/** @type {number} */ top, /** @type {number} */ sway) =>
    `M${-width},${y(top)} C${x(0.2)},${y(top - sway)} ${x(0.3)},${y(top + sway)} ${x(0.5)},${y(top)}` +
    ` C${x(0.7)},${y(top - sway)} ${x(0.85)},${y(top + sway / 2)} ${2 * width},${y(top)}` +
    ` L${2 * width},${2 * height} L${-width},${2 * height} Z`;
  return paint(gegl, { width, height }, (graph) =>
    graph
      .createNode('gegl:linear-gradient', {
        'start-x': 0,
        'start-y': 0,
        'end-x': 0,
        'end-y': y(0.8),
        'start-color': '#24477f',
        'end-color': '#f7b77a',
      })
      .link(
        graph.createNode('gegl:fill-path', {
          d: disc(x(0.68), y(0.34), y(0.11)),
          color: '#fff0c0',
        }),
        graph.createNode('gegl:fill-path', { d: ridge(0.62, 0.14), color: '#141c30' }),
        graph.createNode('gegl:fill-path', { d: ridge(0.78, -0.1), color: '#04140c' }),
      ),
  );
}

/**
 * A round sticker, transparent around.
 *
 * @param {GeglEngine} gegl
 * @returns {Uint8Array} a PNG file
 */
export function paintSticker(gegl, size = 96) {
  const middle = size / 2;
  return paint(gegl, { width: size, height: size }, (graph) =>
    graph.createNode('gegl:color', { value: 'rgba(0, 0, 0, 0)' }).link(
      graph.createNode('gegl:fill-path', { d: disc(middle, middle, middle - 2), color: '#e0492e' }),
      graph.createNode('gegl:fill-path', {
        d: disc(middle, middle, middle * 0.6),
        color: '#fff4dc',
      }),
    ),
  );
}

/**
 * @param {GeglEngine} gegl
 * @param {RectangleInit} extent
 * @param {(graph: GeglGraph) => GeglNode} build
 */
function paint(gegl, extent, build) {
  const graph = gegl.createGraph();
  const buffer = gegl.createBuffer(extent, "R'G'B'A u8");
  try {
    build(graph).blitToBuffer(buffer);
    return buffer.saveFile('png', { bitdepth: 8 });
  } finally {
    buffer.destroy();
    graph.destroy();
  }
}

/** A circle as SVG path. */
function disc(/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ radius) {
  const control = radius * 0.5523;
  const [left, right, top, bottom] = [x - radius, x + radius, y - radius, y + radius];
  return [
    `M${right},${y}`,
    `C${right},${y + control} ${x + control},${bottom} ${x},${bottom}`,
    `C${x - control},${bottom} ${left},${y + control} ${left},${y}`,
    `C${left},${y - control} ${x - control},${top} ${x},${top}`,
    `C${x + control},${top} ${right},${y - control} ${right},${y} Z`,
  ].join(' ');
}
