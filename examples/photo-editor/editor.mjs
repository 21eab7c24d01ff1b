// A small photo editor on GEGL: open, edit, undo, export, close. It runs in Node and in pages alike.
//
// A GEGL object lives until it is destroyed, so each one made here has an owner that does it. In four
// places, one for each kind of object, the editor forgets that when `leaks` says so: look for LEAK.

/** @import { GeglBuffer, GeglEngine, GeglGraph, GeglNode, ImageDataLike, ObjectKind, RectangleInit } from 'gegl-memory-profiler/gegl' */

/** 16 bytes a pixel: filters lose nothing. */
const FORMAT = 'RGBA float';
const BRUSH_RADIUS = 14;

/** @type {readonly ObjectKind[]} */
export const LEAKS = ['buffers', 'nodes', 'processors', 'colors'];

export class PhotoEditor {
  /** The kinds of objects that are leaked, each in one place. */
  leaks;
  #gegl;
  #undoLimit;
  /** @type {GeglBuffer | null} */
  #image = null;
  /** @type {GeglBuffer[]} */
  #undoSteps = [];

  /**
   * @param {GeglEngine} gegl
   * @param {{ undoLimit?: number, leaks?: boolean }} [options]
   */
  constructor(gegl, { undoLimit = 5, leaks = false } = {}) {
    this.#gegl = gegl;
    this.#undoLimit = undoLimit;
    this.leaks = new Set(leaks ? LEAKS : []);
  }

  get isOpen() {
    return this.#image !== null;
  }

  /** How often `undo()` can be called now. */
  get undoSteps() {
    return this.#undoSteps.length;
  }

  /** How many undo steps are kept at most. */
  get undoLimit() {
    return this.#undoLimit;
  }

  get size() {
    const { width, height } = this.#opened.getExtent();
    return { width, height };
  }

  /** @param {Uint8Array} file a PNG, JPEG, GIF, PPM or Radiance HDR */
  open(file) {
    this.close();
    this.#image = this.#gegl.createBufferFromFile(file, FORMAT);
  }

  close() {
    for (const buffer of [this.#image, ...this.#undoSteps]) buffer?.destroy();
    this.#image = null;
    this.#undoSteps = [];
  }

  /** @param {number} radius in pixels */
  blur(radius) {
    this.#edit((source, graph) =>
      source.link(
        graph.createNode('gegl:gaussian-blur', { 'std-dev-x': radius, 'std-dev-y': radius }),
      ),
    );
  }

  /** @param {{ exposure?: number, contrast?: number, temperature?: number }} changes */
  adjustColors({ exposure = 0, contrast = 1, temperature = 6500 }) {
    this.#edit((source, graph) =>
      source.link(
        graph.createNode('gegl:exposure', { exposure }),
        graph.createNode('gegl:brightness-contrast', { contrast }),
        graph.createNode('gegl:color-temperature', { 'intended-temperature': temperature }),
      ),
    );
  }

  addVignette() {
    this.#edit((source, graph) =>
      source.link(graph.createNode('gegl:vignette', { radius: 1.3, softness: 0.9 })),
    );
  }

  /**
   * Puts a second picture onto the image.
   *
   * @param {Uint8Array} file
   * @param {{ x?: number, y?: number, opacity?: number }} [placement]
   */
  addLayer(file, { x = 0, y = 0, opacity = 1 } = {}) {
    const layer = this.#gegl.createBufferFromFile(file, FORMAT);
    try {
      this.#edit((source, graph) => {
        const over = graph.createNode('gegl:over');
        graph
          .createNode('gegl:buffer-source', { buffer: layer })
          .link(
            graph.createNode('gegl:translate', { x, y }),
            graph.createNode('gegl:opacity', { value: opacity }),
          )
          .connectTo(over, { input: 'aux' });
        return source.link(over);
      });
    } finally {
      layer.destroy();
    }
  }

  /** @param {RectangleInit} area */
  crop({ x = 0, y = 0, width, height }) {
    this.#edit(
      (source, graph) =>
        source.link(
          graph.createNode('gegl:crop', { x, y, width, height }),
          graph.createNode('gegl:translate', { x: -x, y: -y }),
        ),
      { width, height },
    );
  }

  /**
   * Paints soft round dabs along a line.
   *
   * @param {string} colorName
   * @param {readonly (readonly [x: number, y: number])[]} points
   */
  paintBrushStroke(colorName, points) {
    const color = this.#gegl.createColor(colorName);
    const [red, green, blue] = color.get();
    this.#edit((source, graph) =>
      points.reduce((below, [x, y]) => {
        const over = graph.createNode('gegl:over');
        const dab = graph.createNode('gegl:radial-gradient', {
          'start-x': x,
          'start-y': y,
          'end-x': x + BRUSH_RADIUS,
          'end-y': y,
          'start-color': color,
          'end-color': [red, green, blue, 0],
        });
        const [left, top] = [x - BRUSH_RADIUS, y - BRUSH_RADIUS];
        const size = { width: 2 * BRUSH_RADIUS, height: 2 * BRUSH_RADIUS };
        dab
          .link(graph.createNode('gegl:crop', { x: left, y: top, ...size }))
          .connectTo(over, { input: 'aux' });
        return below.link(over);
      }, source),
    );
    // LEAK: the nodes took copies; the color itself is dropped.
    if (!this.leaks.has('colors')) color.destroy();
  }

  /**
   * Sharpens in steps between which the page stays alive.
   *
   * @param {{ isCancelled?: () => boolean, pause?: () => Promise<void> }} [options]
   * @returns {Promise<boolean>} false when it was cancelled: then the image is as before.
   */
  async sharpenInSteps({ isCancelled = () => false, pause = async () => {} } = {}) {
    const result = this.#gegl.createBuffer(this.#opened.getExtent(), FORMAT);
    const graph = this.#gegl.createGraph();
    let isDone = false;
    try {
      const sink = graph.createNode('gegl:write-buffer', { buffer: result });
      graph
        .createNode('gegl:buffer-source', { buffer: this.#opened })
        .link(graph.createNode('gegl:unsharp-mask', { 'std-dev': 1.5, scale: 0.6 }), sink);
      const processor = sink.createProcessor();
      while (!isDone && !isCancelled()) {
        isDone = !processor.work();
        await pause();
      }
      // LEAK: cancelled work is abandoned together with its processor.
      if (isDone || !this.leaks.has('processors')) processor.destroy();
      if (isDone) this.#replaceImage(result);
    } finally {
      graph.destroy();
      if (!isDone) result.destroy();
    }
    return isDone;
  }

  /**
   * A small copy to show, 8-bit sRGB with alpha.
   *
   * @param {number} width in pixels
   * @returns {ImageDataLike}
   */
  renderPreview(width) {
    const image = this.#opened.getExtent();
    const height = Math.max(1, Math.round((image.height * width) / image.width));
    const graph = this.#gegl.createGraph();
    const data = new Uint8ClampedArray(width * height * 4);
    graph
      .createNode('gegl:buffer-source', { buffer: this.#opened })
      .link(graph.createNode('gegl:scale-size', { x: width, y: height }))
      .blit({ width, height }, { format: "R'G'B'A u8", into: data });
    // LEAK: the graph, its nodes, and what the nodes hold on to.
    if (!this.leaks.has('nodes')) graph.destroy();
    return { data, width, height };
  }

  /** The image as it is, 8-bit sRGB with alpha. */
  toImageData() {
    return this.#opened.toImageData();
  }

  /** @returns {boolean} false when there was nothing to undo */
  undo() {
    const step = this.#undoSteps.pop();
    if (!step) return false;
    this.#image?.destroy();
    this.#image = step;
    return true;
  }

  /** @param {'png' | 'jpeg'} type */
  export(type) {
    return this.#opened.saveFile(type, type === 'jpeg' ? { quality: 85 } : { bitdepth: 8 });
  }

  get #opened() {
    if (!this.#image) throw new Error('No picture is open.');
    return this.#image;
  }

  /**
   * Runs the image through a graph that lives only as long.
   *
   * @param {(source: GeglNode, graph: GeglGraph) => GeglNode} build the last node of the chain
   * @param {RectangleInit} extent of the new image
   */
  #edit(build, extent = this.#opened.getExtent()) {
    const result = this.#gegl.createBuffer(extent, FORMAT);
    const graph = this.#gegl.createGraph();
    try {
      build(graph.createNode('gegl:buffer-source', { buffer: this.#opened }), graph).blitToBuffer(
        result,
      );
    } catch (error) {
      result.destroy();
      throw error;
    } finally {
      graph.destroy();
    }
    this.#replaceImage(result);
  }

  /** @param {GeglBuffer} result */
  #replaceImage(result) {
    this.#keepUndoStep();
    this.#opened.destroy();
    this.#image = result;
  }

  /** A duplicate costs little: it shares its pixels with the image until one of both changes. */
  #keepUndoStep() {
    this.#undoSteps.push(this.#opened.dup());
    if (this.#undoSteps.length <= this.#undoLimit) return;
    const oldest = this.#undoSteps.shift();
    // LEAK: the oldest step leaves the list, but not the memory.
    if (!this.leaks.has('buffers')) oldest?.destroy();
  }
}
