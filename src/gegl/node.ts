// GeglNode: one operation in a graph, or a graph itself.

import type { GeglBuffer } from './buffer.ts';
import { GeglError } from './errors.ts';
import { boundingBox } from './files.ts';
import { bytesOf, checkLength, createPixelArray, findFormat, type PixelArray } from './formats.ts';
import { addressIn, GeglObject } from './object.ts';
import { catalogOf, checkPad, findProperty, type OperationDescription } from './operations.ts';
import { GeglProcessor } from './processor.ts';
import { type PropertyValue, setNodeProperty } from './properties.ts';
import {
  checkRectangle,
  describeSize,
  isEmpty,
  isInfinite,
  type Rectangle,
  type RectangleInit,
} from './rectangle.ts';
import type { Runtime } from './runtime.ts';

export interface ConnectOptions {
  /** The pad of the node that gives; `'output'` when left out. */
  readonly output?: string;
  /** The pad of the node that takes; `'input'` when left out. */
  readonly input?: string;
}

export interface BlitOptions<Into extends ArrayBufferView = PixelArray> {
  /** The format of the array; `'RGBA float'` when left out. */
  readonly format?: string;
  /** The result is scaled by this; the rectangle is meant in scaled coordinates. */
  readonly scale?: number;
  /** An array to be filled and returned; its length must be right. */
  readonly into?: Into;
}

/** A graph: it owns the nodes made in it, and destroys them with itself. */
export class GeglGraph extends GeglObject {
  readonly kind = 'nodes';
  readonly #nodes = new Set<GeglNode>();

  /** @internal Use `Gegl.createGraph()`. */
  constructor(runtime: Runtime) {
    super(
      runtime,
      runtime.run((module) => module._gegl_wasm_graph_new()),
    );
    this.announce();
  }

  describe(): string {
    return 'graph';
  }

  /** The nodes made in this graph and not destroyed. */
  get nodes(): ReadonlySet<GeglNode> {
    return this.#nodes;
  }

  /**
   * Adds a node. `'gegl:blur'` is an alias of `'gegl:gaussian-blur'`.
   *
   * @param properties as for `setProperty`; when one is refused, no node is made.
   * @throws GeglError `UNKNOWN_OPERATION`, `UNKNOWN_PROPERTY`, `INVALID_VALUE`.
   */
  createNode(
    operation: string,
    properties: Readonly<Record<string, PropertyValue>> = {},
  ): GeglNode {
    const graph = this.address;
    const description = catalogOf(this.runtime).describe(operation);
    const address = this.runtime.run((module) =>
      module._gegl_wasm_node_new(graph, this.runtime.string(description.name)),
    );
    try {
      for (const [name, value] of Object.entries(properties)) {
        setNodeProperty(this.runtime, address, findProperty(description, name), value);
      }
    } catch (error) {
      if (this.runtime.state === 'running') this.#remove(address);
      throw error;
    }
    const node = new GeglNode(this.runtime, address, this, description);
    this.#nodes.add(node);
    return node;
  }

  /** @internal */
  disown(node: GeglNode, address: number): void {
    this.#nodes.delete(node);
    this.#remove(address);
  }

  protected override release(address: number): void {
    for (const node of this.#nodes) node.destroy();
    super.release(address);
  }

  #remove(node: number): void {
    const graph = this.address;
    this.runtime.run((module) => {
      module._gegl_wasm_node_remove(graph, node);
      module._gegl_wasm_unref(node);
    });
  }
}

/** One operation of a graph. It lives until it or its graph is destroyed. */
export class GeglNode extends GeglObject {
  readonly kind = 'nodes';
  readonly #graph: GeglGraph;
  readonly #operation: OperationDescription;

  /** @internal Use `graph.createNode()`. */
  constructor(
    runtime: Runtime,
    address: number,
    graph: GeglGraph,
    operation: OperationDescription,
  ) {
    super(runtime, address);
    this.#graph = graph;
    this.#operation = operation;
    this.announce();
  }

  describe(): string {
    return `node ${this.#operation.name}`;
  }

  get operation(): OperationDescription {
    return this.#operation;
  }

  get graph(): GeglGraph {
    return this.#graph;
  }

  /**
   * Numbers, booleans and strings as they are; an enum by its name; a color as `GeglColor`, string
   * or linear components; a buffer as `GeglBuffer` or null; a curve as points; a vector path as
   * SVG path text; a format by its name.
   *
   * @throws GeglError `UNKNOWN_PROPERTY`, `INVALID_VALUE`, `INVALID_COLOR`, `UNKNOWN_FORMAT`.
   */
  setProperty(name: string, value: PropertyValue): this {
    setNodeProperty(this.runtime, this.address, findProperty(this.#operation, name), value);
    return this;
  }

  /**
   * The value: a number, boolean or string (enums by name, colors and paths as text), the points
   * of a curve, or null for what JavaScript can't hold (a buffer).
   *
   * @throws GeglError `UNKNOWN_PROPERTY`.
   */
  getProperty(name: string): unknown {
    findProperty(this.#operation, name);
    const address = this.address;
    const text = this.runtime.run((module) =>
      this.runtime.takeString(
        module._gegl_wasm_node_get_property(address, this.runtime.string(name)),
      ),
    );
    return text === null ? null : JSON.parse(text);
  }

  /**
   * Gives this node's result to `sink`. What its pad had before is disconnected.
   *
   * @returns `sink`.
   * @throws GeglError `UNKNOWN_PAD`, `CYCLE`.
   */
  connectTo(sink: GeglNode, options: ConnectOptions = {}): GeglNode {
    const { output = 'output', input = 'input' } = options;
    const source = this.address;
    const target = addressIn(this.runtime, sink);
    checkPad(this.#operation, 'outputs', output);
    checkPad(sink.#operation, 'inputs', input);
    this.runtime.run((module) => {
      if (module._gegl_wasm_node_has_source(source, target)) {
        throw new GeglError(
          'CYCLE',
          `${this.describe()} depends on ${sink.describe()} already; connecting them would close a cycle.`,
        );
      }
      const connected = module._gegl_wasm_node_connect(
        source,
        this.runtime.string(output),
        target,
        this.runtime.string(input),
      );
      if (!connected) {
        throw this.runtime.failure(
          'GEGL_FAILED',
          `${this.describe()} could not be connected to ${sink.describe()}.`,
        );
      }
    });
    return sink;
  }

  /** @throws GeglError `UNKNOWN_PAD`. @returns whether something was connected. */
  disconnect(input = 'input'): boolean {
    checkPad(this.#operation, 'inputs', input);
    const address = this.address;
    return (
      this.runtime.run((module) =>
        module._gegl_wasm_node_disconnect(address, this.runtime.string(input)),
      ) !== 0
    );
  }

  /** Connects output to input all the way: `a.link(b, c)` is a to b, b to c. @returns the last. */
  link(...nodes: GeglNode[]): GeglNode {
    return nodes.reduce<GeglNode>((source, sink) => source.connectTo(sink), this);
  }

  /** In pixels; GEGL's infinite plane is told by `isInfinite(rectangle)`. Empty: width 0. */
  getBoundingBox(): Rectangle {
    return boundingBox(this.runtime, this.address);
  }

  /**
   * Does the node's whole work: a sink (a saver, `gegl:write-buffer`) does its effect, another
   * node fills its cache.
   *
   * @throws GeglError `DISCONNECTED_INPUT`, `INFINITE_EXTENT`, `OUT_OF_MEMORY`.
   */
  process(): void {
    this.#wholeExtent();
    const address = this.address;
    this.runtime.run((module) => module._gegl_wasm_node_process(address));
  }

  /**
   * Renders a rectangle (by default the bounding box).
   *
   * @returns row by row from the top, width x height x components values.
   * @throws GeglError `DISCONNECTED_INPUT`, `INFINITE_EXTENT`, `UNKNOWN_FORMAT`,
   *   `INVALID_RECTANGLE`, `WRONG_LENGTH`, `OUT_OF_MEMORY`.
   */
  blit<Into extends ArrayBufferView = PixelArray>(
    rect?: RectangleInit,
    options: BlitOptions<Into> = {},
  ): Into {
    const { scale = 1 } = options;
    if (!(Number.isFinite(scale) && scale > 0)) {
      throw new GeglError('INVALID_ARGUMENT', `A scale must be a positive number, not ${scale}.`);
    }
    const node = this.address;
    const format = findFormat(this.runtime, options.format ?? 'RGBA float');
    const whole = this.#checkInputs();
    const { x, y, width, height } = checkRectangle(
      rect ?? this.#finite(whole),
      format.bytesPerPixel,
    );
    const result =
      options.into ?? (createPixelArray(format, width * height) as ArrayBufferView as Into);
    const target = bytesOf(result);
    const bytes = width * height * format.bytesPerPixel;
    checkLength(target, bytes, `${describeSize({ x, y, width, height })} ${format.name}`);
    this.runtime.run((module) =>
      this.runtime.withBlock(bytes, (staging) => {
        const name = this.runtime.string(format.name);
        module._gegl_wasm_node_blit(node, scale, x, y, width, height, name, staging, 0);
        target.set(module.HEAPU8.subarray(staging, staging + bytes));
      }),
    );
    return result;
  }

  /**
   * Renders into a buffer, without a copy through JavaScript.
   *
   * @param rect of the node's result, and where it goes in the buffer; the buffer's extent when
   *   left out.
   * @throws GeglError `DISCONNECTED_INPUT`, `INVALID_RECTANGLE`, `OUT_OF_MEMORY`.
   */
  blitToBuffer(target: GeglBuffer, rect: RectangleInit = target.getExtent()): void {
    const node = this.address;
    const buffer = addressIn(this.runtime, target);
    this.#checkInputs();
    const { x, y, width, height } = checkRectangle(rect);
    this.runtime.run((module) =>
      module._gegl_wasm_node_blit_buffer(node, buffer, x, y, width, height),
    );
  }

  /**
   * A processor, which does the node's work in steps.
   *
   * @param rect the bounding box when left out.
   * @throws GeglError `DISCONNECTED_INPUT`, `INFINITE_EXTENT`, `INVALID_RECTANGLE`.
   */
  createProcessor(rect?: RectangleInit): GeglProcessor {
    const node = this.address;
    if (rect) this.#checkInputs();
    const area = checkRectangle(rect ?? this.#wholeExtent());
    return new GeglProcessor(this.runtime, node, this.#operation.name, area);
  }

  protected override release(address: number): void {
    this.#graph.disown(this, address);
  }

  #wholeExtent(): Rectangle {
    return this.#finite(this.#checkInputs());
  }

  #finite(extent: Rectangle): Rectangle {
    if (isInfinite(extent)) {
      throw new GeglError(
        'INFINITE_EXTENT',
        `The result of ${this.describe()} has no end; name a rectangle, or put gegl:crop after it.`,
      );
    }
    return extent;
  }

  /** GEGL yields nothing, silently, where an input is missing: the bounding box is empty then. */
  #checkInputs(): Rectangle {
    const address = this.address;
    const text = this.runtime.run((module) =>
      this.runtime.takeString(module._gegl_wasm_node_find_disconnected(address)),
    );
    const missing: { operation: string; pad: string; self: boolean } | null =
      text === null ? null : JSON.parse(text);
    // A sink asks its input for the bounding box, and has none to ask.
    const isSink = this.#operation.outputs.length === 0;
    const extent = missing?.self && isSink ? null : this.getBoundingBox();
    if (missing && (extent === null || isEmpty(extent))) {
      throw new GeglError(
        'DISCONNECTED_INPUT',
        `Nothing is connected to the pad "${missing.pad}" of ${missing.operation}${missing.self ? '' : `, which ${this.describe()} depends on`}.`,
      );
    }
    return extent ?? { x: 0, y: 0, width: 0, height: 0 };
  }
}
