// The built GEGL module as JavaScript sees it, and how it is found and loaded.

import { GeglError } from './errors.ts';

/** Functions of native/binding; addresses are byte offsets, strings are NUL-terminated UTF-8. */
interface BindingFunctions {
  _gegl_wasm_init(): number;
  _gegl_wasm_exit(): void;
  _gegl_wasm_versions(): number;
  _gegl_wasm_static_bytes(): number;
  _gegl_wasm_stack_bytes(): number;
  _gegl_wasm_has_operation(name: number): number;
  _gegl_wasm_list_operations(): number;
  _gegl_wasm_describe_operation(name: number): number;
  _gegl_wasm_describe_format(name: number): number;
  _gegl_wasm_unref(object: number): void;
  _gegl_wasm_buffer_new(
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
  ): number;
  _gegl_wasm_buffer_dup(buffer: number): number;
  // biome-ignore format: one line a function
  _gegl_wasm_buffer_set(buffer: number, x: number, y: number, width: number, height: number, format: number, source: number, stride: number): void;
  // biome-ignore format: one line a function
  _gegl_wasm_buffer_get(buffer: number, x: number, y: number, width: number, height: number, scale: number, format: number, target: number, stride: number): void;
  _gegl_wasm_buffer_extent(buffer: number, extent: number): void;
  _gegl_wasm_buffer_format(buffer: number): number;
  _gegl_wasm_buffer_flush(buffer: number): void;
  _gegl_wasm_graph_new(): number;
  _gegl_wasm_node_new(graph: number, operation: number): number;
  _gegl_wasm_node_remove(graph: number, child: number): void;
  _gegl_wasm_node_set_number(node: number, name: number, value: number): number;
  _gegl_wasm_node_set_string(node: number, name: number, text: number): number;
  _gegl_wasm_node_set_object(node: number, name: number, object: number): number;
  _gegl_wasm_node_set_curve(node: number, name: number, points: number, count: number): number;
  _gegl_wasm_node_get_property(node: number, name: number): number;
  _gegl_wasm_node_has_source(node: number, source: number): number;
  _gegl_wasm_node_connect(source: number, output: number, sink: number, input: number): number;
  _gegl_wasm_node_disconnect(sink: number, input: number): number;
  _gegl_wasm_node_find_disconnected(node: number): number;
  _gegl_wasm_node_process(node: number): void;
  _gegl_wasm_node_bounding_box(node: number, box: number): void;
  // biome-ignore format: one line a function
  _gegl_wasm_node_blit(node: number, scale: number, x: number, y: number, width: number, height: number, format: number, target: number, stride: number): void;
  // biome-ignore format: one line a function
  _gegl_wasm_node_blit_buffer(node: number, target: number, x: number, y: number, width: number, height: number): void;
  _gegl_wasm_processor_new(
    node: number,
    x: number,
    y: number,
    width: number,
    height: number,
  ): number;
  _gegl_wasm_processor_work(processor: number, progress: number): number;
  _gegl_wasm_color_new(text: number): number;
  _gegl_wasm_color_get(color: number, rgba: number): void;
  _gegl_wasm_color_set(color: number, rgba: number): void;
  _gegl_wasm_figures(config: number): number;
  _gegl_wasm_config_set_number(name: number, value: number): number;
  _gegl_wasm_config_set_string(name: number, text: number): number;
}

/** The instance that `createGegl()` resolves to. */
export interface GeglModule extends BindingFunctions {
  readonly HEAPU8: Uint8Array;
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void;
    readFile(path: string): Uint8Array;
    unlink(path: string): void;
    analyzePath(path: string): { exists: boolean };
  };
  geglOnMessage?: (domain: string, level: number, text: string) => void;
  _malloc(bytes: number): number;
  _free(address: number): void;
  stackSave(): number;
  stackRestore(address: number): void;
  stackAlloc(bytes: number): number;
  UTF8ToString(address: number): string;
  stringToUTF8(text: string, address: number, maximumBytes: number): void;
  lengthBytesUTF8(text: string): number;
}

/** `createGegl` of the built `gegl.js`. */
export type GeglModuleFactory = (overrides?: Record<string, unknown>) => Promise<unknown>;

export interface ModuleSource {
  /** A factory, an instance, or a promise of either. Without it the global `createGegl` is taken
   * and, in Node, the module that this package was built with. */
  readonly module?: unknown;
  /** Where the `.wasm` file is, when it does not lie beside its script: a URL, or a path in Node. */
  readonly wasmUrl?: string | URL;
}

const usedModules = new WeakSet<object>();

/**
 * @throws GeglError `MODULE_LOAD_FAILED` when there is no module, or it could not be started;
 *   `ALREADY_INITIALIZED` when the instance has run GEGL before.
 */
export async function loadModule(
  source: ModuleSource,
  overrides: Record<string, unknown>,
): Promise<GeglModule> {
  const given = await (source.module ?? defaultFactory());
  let module: unknown = given;
  if (isFactory(given)) {
    try {
      module = await given({ ...overrides, ...(await wasmLocation(source.wasmUrl)) });
    } catch (cause) {
      throw new GeglError(
        'MODULE_LOAD_FAILED',
        `The GEGL module could not be started: ${messageOf(cause)}. Check that gegl.wasm is served beside gegl.js, or pass wasmUrl.`,
        { cause },
      );
    }
  }
  if (!isGeglModule(module)) {
    throw new GeglError(
      'MODULE_LOAD_FAILED',
      'What was given as module is neither the createGegl function of gegl.js nor an instance that it made.',
    );
  }
  if (usedModules.has(module)) {
    throw new GeglError(
      'ALREADY_INITIALIZED',
      'This module instance has run GEGL before, and GEGL starts once an instance. Make a new one: pass createGegl itself.',
    );
  }
  usedModules.add(module);
  return module;
}

function isFactory(value: unknown): value is GeglModuleFactory {
  return typeof value === 'function';
}

function isGeglModule(value: unknown): value is GeglModule {
  return typeof value === 'object' && value !== null && '_gegl_wasm_init' in value;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether this is Node (an Electron page has `process`, too, but also a document). */
function isNode(): boolean {
  return typeof process === 'object' && !!process.versions?.node && typeof document === 'undefined';
}

/** From js/, and from dist/esm, dist/cjs and src/gegl. */
const BUILT_MODULE = ['../native/out/gegl.js', '../../native/out/gegl.js'] as const;

function canResolve(require: NodeJS.Require, path: string): boolean {
  try {
    return require.resolve(path) !== '';
  } catch {
    return false;
  }
}

async function defaultFactory(): Promise<unknown> {
  const global = globalThis as { createGegl?: unknown };
  if (global.createGegl) return global.createGegl;
  if (!isNode()) {
    throw new GeglError(
      'MODULE_LOAD_FAILED',
      'There is no createGegl: load gegl.js with a script tag before, or pass it as init({ module: createGegl }).',
    );
  }
  try {
    const { createRequire } = await import(/* webpackIgnore: true */ 'node:module');
    const require = createRequire(import.meta.url);
    return require(BUILT_MODULE.find((path) => canResolve(require, path)) ?? BUILT_MODULE[0]);
  } catch (cause) {
    throw new GeglError(
      'MODULE_LOAD_FAILED',
      'The GEGL module is not built yet: run "npm run build:gegl", or pass one as init({ module }).',
      { cause },
    );
  }
}

async function wasmLocation(wasmUrl: string | URL | undefined): Promise<Record<string, unknown>> {
  if (wasmUrl === undefined) return {};
  const url = String(wasmUrl);
  if (isNode() && !/^https?:/.test(url)) {
    const { readFile } = await import(/* webpackIgnore: true */ 'node:fs/promises');
    return { wasmBinary: await readFile(url.startsWith('file:') ? new URL(url) : url) };
  }
  return {
    locateFile: (path: string, folder: string) => (path.endsWith('.wasm') ? url : folder + path),
  };
}
