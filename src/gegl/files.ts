// Pictures in memory, by way of GEGL's own loaders and savers and the module's in-memory files.

import { GeglError, nearestNames } from './errors.ts';
import type { GeglModule } from './module.ts';
import { catalogOf, checkNumber, findProperty } from './operations.ts';
import { isEmpty, type Rectangle } from './rectangle.ts';
import type { Runtime } from './runtime.ts';

/** What `saveFile` writes. */
export type FileType = 'png' | 'jpeg' | 'ppm' | 'rgbe' | 'npy';

const SAVERS: Readonly<Record<FileType, string>> = {
  png: 'gegl:png-save',
  jpeg: 'gegl:jpg-save',
  ppm: 'gegl:ppm-save',
  rgbe: 'gegl:rgbe-save',
  npy: 'gegl:npy-save',
};

/** How a file begins, and the operation that loads it. */
const LOADERS: readonly [begins: RegExp, operation: string][] = [
  [/^\x89PNG\r\n/, 'gegl:png-load'],
  [/^\xff\xd8\xff/, 'gegl:jpg-load'],
  [/^GIF8[79]a/, 'gegl:gif-load'],
  [/^P[36]\s/, 'gegl:ppm-load'],
  [/^#\?(RADIANCE|RGBE)/, 'gegl:rgbe-load'],
];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes `bytes` and hands the node that yields the picture to `use`.
 *
 * @throws GeglError `INVALID_FILE`.
 */
export function decode(
  runtime: Runtime,
  bytes: Uint8Array,
  use: (graph: number, node: number, size: Size) => void,
): Size {
  const operation = findLoader(bytes);
  return withFile(runtime, (path, files) => {
    files.writeFile(path, bytes);
    try {
      return runtime.runQuietly(() =>
        withGraph(runtime, (graph) => decodeFile(runtime, graph, operation, path, use)),
      );
    } catch (error) {
      if (error instanceof GeglError && error.code === 'GEGL_FAILED') {
        throw damaged(runtime, operation);
      }
      throw error;
    }
  });
}

/** Loaders say that a file is damaged by a warning, and then yield an empty picture. */
function decodeFile(
  runtime: Runtime,
  graph: number,
  operation: string,
  path: string,
  use: (graph: number, node: number, size: Size) => void,
): Size {
  const node = addNode(runtime, graph, operation);
  runtime.module._gegl_wasm_node_set_string(node, runtime.string('path'), runtime.string(path));
  const box = boundingBox(runtime, node);
  const { width, height } = box;
  if (!isEmpty(box) && !runtime.lastMessage) {
    use(graph, node, { width, height });
    if (!runtime.lastMessage) return { width, height };
  }
  throw runtime.failure('GEGL_FAILED', `${operation} gave no picture.`);
}

/** Decodes onto a buffer, the picture's corner at the extent's corner. */
export function decodeInto(
  runtime: Runtime,
  bytes: Uint8Array,
  buffer: number,
  extent: Rectangle,
): Size {
  return decode(runtime, bytes, (graph, node, size) => {
    const { module } = runtime;
    const translate = addNode(runtime, graph, 'gegl:translate');
    module._gegl_wasm_node_set_number(translate, runtime.string('x'), extent.x);
    module._gegl_wasm_node_set_number(translate, runtime.string('y'), extent.y);
    connect(runtime, node, translate);
    const width = Math.min(size.width, extent.width);
    const height = Math.min(size.height, extent.height);
    module._gegl_wasm_node_blit_buffer(translate, buffer, extent.x, extent.y, width, height);
  });
}

/** Encodes the extent of a buffer. */
export function encode(
  runtime: Runtime,
  buffer: number,
  type: FileType,
  options: Readonly<Record<string, number | boolean>>,
): Uint8Array {
  const operation = SAVERS[type];
  if (!operation) {
    const types = Object.keys(SAVERS);
    throw new GeglError(
      'INVALID_ARGUMENT',
      `Files are saved as ${types.join(', ')}, not ${JSON.stringify(type)}.`,
      { suggestions: nearestNames(String(type), types) },
    );
  }
  const description = catalogOf(runtime).describe(operation);
  const settings = Object.entries(options).map(([name, value]) => {
    const property = findProperty(description, name);
    return [name, checkNumber(property, value)] as const;
  });
  return withFile(runtime, (path, files) => {
    runtime.run((module) =>
      withGraph(runtime, (graph) => {
        const source = addNode(runtime, graph, 'gegl:buffer-source');
        const saver = addNode(runtime, graph, operation);
        module._gegl_wasm_node_set_object(source, runtime.string('buffer'), buffer);
        module._gegl_wasm_node_set_string(saver, runtime.string('path'), runtime.string(path));
        for (const [name, value] of settings) {
          module._gegl_wasm_node_set_number(saver, runtime.string(name), value);
        }
        connect(runtime, source, saver);
        module._gegl_wasm_node_process(saver);
      }),
    );
    if (!files.analyzePath(path).exists) {
      throw runtime.failure('GEGL_FAILED', `${operation} wrote no file.`);
    }
    return files.readFile(path);
  });
}

function findLoader(bytes: Uint8Array): string {
  if (!(bytes instanceof Uint8Array)) {
    throw new GeglError('INVALID_ARGUMENT', 'A picture is a Uint8Array of the bytes of its file.');
  }
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  const found = LOADERS.find(([begins]) => begins.test(head));
  if (!found) {
    throw new GeglError(
      'INVALID_FILE',
      'The bytes do not begin as a PNG, JPEG, GIF, PPM or Radiance HDR file does.',
    );
  }
  return found[1];
}

function damaged(runtime: Runtime, operation: string): GeglError {
  return runtime.failure('INVALID_FILE', `The picture is damaged: ${operation} cannot read it.`);
}

let fileCount = 0;

function withFile<T>(runtime: Runtime, action: (path: string, files: GeglModule['FS']) => T): T {
  runtime.assertRunning();
  const files = runtime.module.FS;
  fileCount += 1;
  const path = `/tmp/picture-${fileCount}`;
  try {
    return action(path, files);
  } finally {
    if (files.analyzePath(path).exists) files.unlink(path);
  }
}

function withGraph<T>(runtime: Runtime, action: (graph: number) => T): T {
  const graph = runtime.module._gegl_wasm_graph_new();
  try {
    return action(graph);
  } finally {
    if (runtime.state === 'running') runtime.module._gegl_wasm_unref(graph);
  }
}

/** A node that its graph alone owns. */
function addNode(runtime: Runtime, graph: number, operation: string): number {
  const node = runtime.module._gegl_wasm_node_new(graph, runtime.string(operation));
  runtime.module._gegl_wasm_unref(node);
  return node;
}

function connect(runtime: Runtime, source: number, sink: number): void {
  runtime.module._gegl_wasm_node_connect(
    source,
    runtime.string('output'),
    sink,
    runtime.string('input'),
  );
}

/** Of a node's result; empty where it has none. */
export function boundingBox(runtime: Runtime, node: number): Rectangle {
  return runtime.run((module) => {
    const ints = module.stackAlloc(16) >>> 0;
    module._gegl_wasm_node_bounding_box(node, ints);
    const [x = 0, y = 0, width = 0, height = 0] = runtime.ints(ints, 4);
    return { x, y, width, height };
  });
}
