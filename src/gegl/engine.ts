// GeglEngine: one GEGL in one wasm module; the public entry of the wrapper.

import type { ObjectCounts } from '../recording/types.ts';
import { GeglBuffer, type ImageDataLike } from './buffer.ts';
import { type ColorInit, GeglColor } from './color.ts';
import { GeglError, type GeglMessage } from './errors.ts';
import { decode, decodeInto } from './files.ts';
import { announceEnd, announceEngine, registerScript, type TrackedEngine } from './lifecycle.ts';
import { type GeglModule, loadModule, type ModuleSource } from './module.ts';
import { GeglGraph } from './node.ts';
import { catalogOf, type OperationDescription } from './operations.ts';
import type { RectangleInit } from './rectangle.ts';
import { type MessageHandler, Runtime } from './runtime.ts';
import { createConfig, type GeglConfig, type GeglStats, readStats } from './statistics.ts';

export interface InitOptions extends ModuleSource {
  /** `'GPL3'` shows the operations that are under the GPL 3 or later. */
  readonly license?: string;
  /** Receives what GLib, GEGL and babl say. Without it, warnings go to the console. */
  readonly onMessage?: MessageHandler;
}

export class GeglEngine implements TrackedEngine {
  #runtime: Runtime | null = null;
  #config: GeglConfig | null = null;
  #isStarting = false;
  #versions: Readonly<Record<string, string>> = {};

  /**
   * Loads the module and starts GEGL.
   *
   * In a page after `<script src="gegl.js">`, and in Node, no option is needed.
   *
   * @throws GeglError `MODULE_LOAD_FAILED`, `ALREADY_INITIALIZED`.
   */
  async init(options: InitOptions = {}): Promise<this> {
    if (this.#isStarting || this.#runtime?.state === 'running') {
      throw new GeglError('ALREADY_INITIALIZED', 'This engine runs already; call exit() first.');
    }
    this.#isStarting = true;
    try {
      await this.#start(options);
    } finally {
      this.#isStarting = false;
    }
    announceEngine('engine-started', this);
    return this;
  }

  /**
   * Ends GEGL. Handles that were not destroyed are dead from now on; their memory goes with the
   * module. `init()` starts anew, with a new module.
   *
   * @returns how many objects of each kind were not destroyed, collected handles among them.
   */
  exit(): ObjectCounts {
    const runtime = this.#running;
    const counts: ObjectCounts = { buffers: 0, nodes: 0, processors: 0, colors: 0 };
    for (const { kind } of announceEnd(runtime, 'exit')) counts[kind] += 1;
    announceEngine('engine-exited', this);
    runtime.run((module) => module._gegl_wasm_exit());
    runtime.markExited();
    return counts;
  }

  get isRunning(): boolean {
    return this.#runtime?.state === 'running';
  }

  /** The Emscripten module. @throws GeglError `NOT_INITIALIZED`. */
  get module(): GeglModule {
    return this.#running.module;
  }

  /** `{ gegl, babl, glib }`, such as `'0.4.62'`. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /**
   * @param format a babl format; its components are stored as they are, unpremultiplied for `'RGBA float'`.
   * @throws GeglError `INVALID_RECTANGLE`, `UNKNOWN_FORMAT`.
   */
  createBuffer(extent: RectangleInit, format = 'RGBA float'): GeglBuffer {
    return GeglBuffer.create(this.#running, extent, format);
  }

  /** A buffer of a picture's size: PNG, JPEG, GIF, PPM or Radiance HDR. @throws GeglError `INVALID_FILE`. */
  createBufferFromFile(bytes: Uint8Array, format = "R'G'B'A u8"): GeglBuffer {
    const runtime = this.#running;
    const { width, height } = decode(runtime, bytes, () => {});
    const buffer = this.createBuffer({ width, height }, format);
    try {
      decodeInto(runtime, bytes, buffer.address, buffer.getExtent());
    } catch (error) {
      buffer[Symbol.dispose]();
      throw error;
    }
    return buffer;
  }

  createBufferFromImageData(image: ImageDataLike, format = "R'G'B'A u8"): GeglBuffer {
    return this.createBuffer(image, format).setImageData(image);
  }

  createGraph(): GeglGraph {
    return new GeglGraph(this.#running);
  }

  /** @throws GeglError `INVALID_COLOR`. */
  createColor(init: ColorInit): GeglColor {
    return new GeglColor(this.#running, init);
  }

  /** Every operation that may be used, with its pads and properties, sorted by name. */
  operations(): OperationDescription[] {
    const catalog = catalogOf(this.#running);
    return catalog.names().map((name) => catalog.describe(name));
  }

  /** One operation. @throws GeglError `UNKNOWN_OPERATION`. */
  operation(name: string): OperationDescription {
    return catalogOf(this.#running).describe(name);
  }

  /** GEGL's own figures, as of now. */
  stats(): GeglStats {
    return readStats(this.#running);
  }

  /** GEGL's settings, readable and settable. */
  get config(): GeglConfig {
    const runtime = this.#running;
    this.#config ??= configOf(runtime);
    return this.#config;
  }

  get #running(): Runtime {
    if (!this.#runtime) {
      throw new GeglError('NOT_INITIALIZED', 'GEGL is not started: await init() first.');
    }
    this.#runtime.assertRunning();
    return this.#runtime;
  }

  async #start(options: InitOptions): Promise<void> {
    const onMessage = options.onMessage ?? logMessage;
    let runtime: Runtime | null = null;
    const printer = (domain: string) => (text: string) => {
      const message = { level: 'print', domain, text } as const;
      if (runtime) runtime.receive(message);
      else onMessage(message);
    };
    const module = await loadModule(options, {
      print: printer('stdout'),
      printErr: printer('stderr'),
    });
    const started = new Runtime(module, onMessage, () => {
      announceEnd(started);
      announceEngine('engine-exited', this);
    });
    runtime = started;
    const result = runtime.run((loaded) => loaded._gegl_wasm_init());
    if (result !== 0) throw runtime.failure('MODULE_LOAD_FAILED', 'GEGL did not start.');
    this.#versions = JSON.parse(
      runtime.run((loaded) => runtime?.takeString(loaded._gegl_wasm_versions())) ?? '{}',
    );
    let config: GeglConfig | null = null;
    if (options.license !== undefined) {
      config = configOf(started);
      config.applicationLicense = options.license;
    }
    // Last: what failed before has started nothing.
    this.#runtime = started;
    this.#config = config;
  }
}

function configOf(runtime: Runtime): GeglConfig {
  return createConfig(runtime, () => catalogOf(runtime).forgetNames());
}

function logMessage(message: GeglMessage): void {
  const { level, domain, text } = message;
  const log = { error: console.error, critical: console.error, warning: console.warn };
  (log[level as keyof typeof log] ?? console.info)(`${domain} ${level}: ${text.trimEnd()}`);
}

registerScript();

/** The engine of this page or process. More of them: `new GeglEngine()`. */
export const Gegl = new GeglEngine();
