// One running GEGL module: every call into it goes through `run`, which keeps the wasm stack
// straight and turns whatever goes wrong into a GeglError.

import { GeglError, type GeglErrorCode, type GeglMessage } from './errors.ts';
import { type GeglModule, messageOf } from './module.ts';

export type MessageHandler = (message: GeglMessage) => void;

const LEVELS: readonly [bit: number, level: GeglMessage['level']][] = [
  [1 << 2, 'error'],
  [1 << 3, 'critical'],
  [1 << 4, 'warning'],
  [1 << 5, 'message'],
  [1 << 6, 'info'],
  [1 << 7, 'debug'],
];

/** Beyond this, strings go to the heap rather than to the wasm stack. */
const LONGEST_STACK_STRING = 16 * 1024;

export class Runtime {
  readonly #module: GeglModule;
  readonly #onMessage: MessageHandler;
  readonly #onAborted: () => void;
  #state: 'running' | 'exited' | 'aborted' = 'running';
  #depth = 0;
  #quiet = false;
  #lastMessage: GeglMessage | null = null;
  #heapStrings: number[] = [];

  /** @param onAborted called once, when the module has stopped for good. */
  constructor(module: GeglModule, onMessage: MessageHandler, onAborted: () => void) {
    this.#module = module;
    this.#onMessage = onMessage;
    this.#onAborted = onAborted;
    module.geglOnMessage = (domain, level, text) => {
      const known = LEVELS.find(([bit]) => (level & bit) !== 0);
      this.receive({ domain, text, level: known ? known[1] : 'print' });
    };
  }

  get module(): GeglModule {
    return this.#module;
  }

  get state(): 'running' | 'exited' | 'aborted' {
    return this.#state;
  }

  /** The last message of the call under way, or of the last one. */
  get lastMessage(): GeglMessage | null {
    return this.#lastMessage;
  }

  receive(message: GeglMessage): void {
    // Emscripten's word at the end of an abort says less than what was said before it.
    if (!message.text.startsWith('Aborted(')) this.#lastMessage = message;
    if (this.#quiet) return;
    try {
      this.#onMessage(message);
    } catch (error) {
      // It must not unwind through GEGL's frames.
      console.error('gegl-memory-profiler: onMessage failed', error);
    }
  }

  /**
   * Calls into the module.
   *
   * @throws GeglError `OUT_OF_MEMORY` when memory could not be had (the module lives on),
   *   `MODULE_ABORTED` when it stopped for good, `NOT_INITIALIZED` after exit.
   */
  run<T>(action: (module: GeglModule) => T): T {
    this.assertRunning();
    const module = this.#module;
    const stack = module.stackSave();
    if (this.#depth === 0) this.#lastMessage = null;
    this.#depth += 1;
    try {
      return action(module);
    } catch (error) {
      throw this.#translate(error);
    } finally {
      this.#depth -= 1;
      if (this.#state === 'running') {
        module.stackRestore(stack);
        if (this.#depth === 0) for (const text of this.#heapStrings.splice(0)) module._free(text);
      }
    }
  }

  /** As `run`, but messages reach only `lastMessage`: for calls whose failure becomes an error. */
  runQuietly<T>(action: (module: GeglModule) => T): T {
    const before = this.#quiet;
    this.#quiet = true;
    try {
      return this.run(action);
    } finally {
      this.#quiet = before;
    }
  }

  assertRunning(): void {
    if (this.#state === 'running') return;
    throw this.#state === 'aborted'
      ? new GeglError('MODULE_ABORTED', 'The GEGL module has stopped; start a new one with init().')
      : new GeglError('NOT_INITIALIZED', 'GEGL has exited; start it again with init().');
  }

  markExited(): void {
    if (this.#state === 'running') this.#state = 'exited';
  }

  /** An error that carries the last message of the call. */
  failure(code: GeglErrorCode, text: string): GeglError {
    return new GeglError(code, text, { glibMessage: this.#lastMessage });
  }

  /** The address of `text` as C string; valid until the outermost `run` returns. */
  string(text: string): number {
    if (text.includes('\0')) {
      throw new GeglError(
        'INVALID_ARGUMENT',
        `A text must not contain NUL: ${JSON.stringify(text)}`,
      );
    }
    const module = this.#module;
    const bytes = module.lengthBytesUTF8(text) + 1;
    let address: number;
    if (bytes <= LONGEST_STACK_STRING) {
      address = module.stackAlloc(bytes) >>> 0;
    } else {
      address = this.allocate(bytes);
      this.#heapStrings.push(address);
    }
    module.stringToUTF8(text, address, bytes);
    return address;
  }

  /** Reads and frees a C string that the module made; null for NULL. */
  takeString(address: number): string | null {
    if (address === 0) return null;
    const text = this.#module.UTF8ToString(address >>> 0);
    this.#module._free(address);
    return text;
  }

  /** @throws GeglError `OUT_OF_MEMORY`. The caller frees. */
  allocate(bytes: number): number {
    const address = this.#module._malloc(bytes) >>> 0;
    if (address === 0) throw outOfMemory(bytes);
    return address;
  }

  /** Calls `action` with the address of a block of `bytes` that is freed afterwards. */
  withBlock<T>(bytes: number, action: (address: number) => T): T {
    const address = this.allocate(bytes);
    try {
      return action(address);
    } finally {
      if (this.#state === 'running') this.#module._free(address);
    }
  }

  doubles(address: number, count: number): Float64Array {
    return new Float64Array(this.#module.HEAPU8.buffer, address, count);
  }

  ints(address: number, count: number): Int32Array {
    return new Int32Array(this.#module.HEAPU8.buffer, address, count);
  }

  #translate(error: unknown): unknown {
    if (error instanceof GeglError) return error;
    if (error instanceof Error && error.name === 'GeglOutOfMemory' && 'bytes' in error) {
      return outOfMemory(Number(error.bytes));
    }
    if (error instanceof Error && error.name === 'GeglCallFailed') {
      return this.failure('GEGL_FAILED', 'GEGL could not do it.');
    }
    if (!endsModule(error)) return error;
    this.#state = 'aborted';
    this.#onAborted();
    return new GeglError('MODULE_ABORTED', `The GEGL module has stopped: ${messageOf(error)}`, {
      glibMessage: this.#lastMessage,
      cause: error,
    });
  }
}

/** A trap, abort(), exit() or an exhausted stack; after these the module's state is unknown. */
function endsModule(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  if (!(error instanceof Error)) return true;
  return error.name === 'ExitStatus' || /call stack|too much recursion/i.test(error.message);
}

function outOfMemory(bytes: number): GeglError {
  return new GeglError(
    'OUT_OF_MEMORY',
    `The module's memory cannot grow by ${bytes} bytes more. Destroy what is not needed, or work on a smaller rectangle.`,
  );
}
