// Each way to load a module, with the hook beside the way it was without it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDED_EXPORTS } from '../../../src/instrument/abi.ts';
import { installLoadHook, type LoadedInstance } from '../../../src/instrument/load/index.ts';
import { logHooks } from '../hook-log.ts';
import { ALLOCATING, IMPORTING, NO_MODULE, PLAIN, THREADED } from './modules.ts';

const native = Object.getOwnPropertyDescriptors(WebAssembly);
const prototypes = [WebAssembly.Module.prototype, WebAssembly.Instance.prototype];

function restore(): void {
  Object.defineProperties(WebAssembly, native);
  for (const prototype of prototypes) {
    Object.defineProperty(prototype, 'constructor', {
      value: prototype === prototypes[0] ? native.Module.value : native.Instance.value,
    });
  }
}

let loaded: LoadedInstance[] = [];
let warnings: string[] = [];
let hook: { uninstall(): void };

function install(options: Partial<Parameters<typeof installLoadHook>[0]> = {}) {
  hook = installLoadHook({
    onInstance: (instance) => void loaded.push(instance),
    onWarning: (code, message) => void warnings.push(`${code}: ${message}`),
    ...options,
  });
}

beforeEach(() => {
  loaded = [];
  warnings = [];
});
afterEach(() => {
  hook.uninstall();
  for (const [name, { value }] of Object.entries(native)) {
    expect(Reflect.get(WebAssembly, name), name).toBe(value);
  }
});

const wasmType = { headers: { 'content-type': 'application/wasm' } };
const respond = (bytes: Uint8Array<ArrayBuffer>, init: ResponseInit = wasmType) =>
  new Response(bytes, init);

function call({ exports }: WebAssembly.Instance, name: string, parameter: number): number {
  const { [name]: exported } = exports;
  if (typeof exported !== 'function') throw new Error(`there is no function ${name}`);
  return Number(Reflect.apply(exported, undefined, [parameter]));
}

/** An instance of the module, by each way to get one. */
const WAYS: Record<
  string,
  (bytes: Uint8Array<ArrayBuffer>, imports?: WebAssembly.Imports) => Promise<WebAssembly.Instance>
> = {
  'instantiate(bytes)': async (bytes, imports) =>
    (await WebAssembly.instantiate(bytes, imports)).instance,
  'instantiate(buffer)': async (bytes, imports) =>
    (await WebAssembly.instantiate(bytes.slice().buffer, imports)).instance,
  'instantiateStreaming(response)': async (bytes, imports) =>
    (await WebAssembly.instantiateStreaming(respond(bytes), imports)).instance,
  'instantiateStreaming(promise)': async (bytes, imports) =>
    (await WebAssembly.instantiateStreaming(Promise.resolve(respond(bytes)), imports)).instance,
  'compile() and instantiate(module)': async (bytes, imports) =>
    WebAssembly.instantiate(await WebAssembly.compile(bytes), imports),
  'compileStreaming() and new Instance()': async (bytes, imports) =>
    new WebAssembly.Instance(await WebAssembly.compileStreaming(respond(bytes)), imports),
  'new Module() and new Instance()': async (bytes, imports) =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), imports),
  'new Module() and instantiate(module)': async (bytes, imports) =>
    WebAssembly.instantiate(new WebAssembly.Module(bytes), imports),
};

describe.each(Object.entries(WAYS))('%s', (_, start) => {
  it('gives an instance that is told of and reports its allocations', async () => {
    install();
    const instance = await start(ALLOCATING);
    expect(loaded).toHaveLength(1);
    expect(loaded[0]?.instance).toBe(instance);
    expect(loaded[0]?.report?.allocator.functions.map(({ role }) => role).sort()).toEqual([
      'free',
      'malloc',
    ]);
    const events = logHooks(instance.exports);
    const address = call(instance, 'malloc', 24);
    call(instance, 'free', address);
    expect(events).toEqual([
      ['allocated', address, 24, 0],
      ['freeing', address],
    ]);
    expect(warnings).toEqual([]);
  });

  it('is told before the application has the instance', async () => {
    const order: string[] = [];
    install({ onInstance: () => void order.push('told') });
    await start(ALLOCATING).then(() => order.push('has it'));
    expect(order).toEqual(['told', 'has it']);
  });

  it('passes imports on, and calls the start function once', async () => {
    install();
    const calls: number[] = [];
    await start(IMPORTING, { env: { log: (value: number) => void calls.push(value) } });
    expect(calls).toEqual([7]);
    expect(loaded).toHaveLength(1);
  });

  it('leaves a module without an allocator as it is, and says why', async () => {
    install();
    const { exports } = await start(PLAIN);
    expect(Object.keys(exports)).toEqual(['answer']);
    expect(loaded).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^no-allocator: A module is not tracked: /)]);
  });

  it('leaves a module that does not match as it is, silently', async () => {
    install({ match: () => false });
    expect(ADDED_EXPORTS.hooks in (await start(ALLOCATING)).exports).toBe(false);
    expect([loaded, warnings]).toEqual([[], []]);
  });

  it.each([
    [
      'when rewriting fails',
      () => {
        throw new Error('too hard');
      },
    ],
    [
      'when the engine refuses what was written',
      (bytes: Uint8Array) => ({ bytes: bytes.subarray(0, -3), report: REPORT }),
    ],
  ])('runs the module as given, with one warning, %s', async (_reason, rewrite) => {
    install({ rewrite });
    for (let round = 0; round < 2; round++) {
      const calls: number[] = [];
      const instance = await start(IMPORTING, {
        env: { log: (value: number) => void calls.push(value) },
      });
      expect(instance.exports).toHaveProperty('malloc');
      expect(calls).toEqual([7]);
    }
    expect(loaded).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^not-instrumented: A module runs as it is/);
  });

  it('switches the hooks off again, with one warning, where the listener fails', async () => {
    install({
      onInstance({ instance }) {
        logHooks(instance.exports);
        throw new Error('no room');
      },
    });
    const { exports } = await start(ALLOCATING);
    expect(exports[ADDED_EXPORTS.enabled]).toMatchObject({ value: 0 });
    expect(warnings).toEqual(['not-attached: The heap of a module is not tracked: no room']);
  });

  it('does nothing any more after uninstall()', async () => {
    install();
    hook.uninstall();
    expect(ADDED_EXPORTS.hooks in (await start(ALLOCATING)).exports).toBe(false);
  });
});

/** Of a module that was rewritten, for stand-ins. */
const REPORT = await (async () => {
  const { instrumentWasm } = await import('../../../src/instrument/index.ts');
  return instrumentWasm(ALLOCATING).report;
})();

/** How a call ends, as far as an application can tell. */
async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    const value: unknown = await call();
    return `gives ${Object.prototype.toString.call(value)}`;
  } catch (error) {
    return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
  }
}

type Calls = Record<string, () => unknown>;
const any = (value: unknown): never => value as never;

/** All that can go wrong, by which entry point it does. */
const FAILURES: Calls = {
  'instantiate() of no module': () => WebAssembly.instantiate(NO_MODULE),
  'instantiate() of empty bytes': () => WebAssembly.instantiate(new Uint8Array()),
  'instantiate() of a string': () => WebAssembly.instantiate(any('text')),
  'instantiate() of nothing': () => WebAssembly.instantiate(any(undefined)),
  'instantiate() of a detached buffer': () => {
    const { buffer } = ALLOCATING.slice();
    structuredClone(buffer, { transfer: [buffer] });
    return WebAssembly.instantiate(buffer);
  },
  'instantiate() without imports': () => WebAssembly.instantiate(IMPORTING),
  'instantiate() with a number for imports': () => WebAssembly.instantiate(IMPORTING, any(5)),
  'instantiate() of no module with a number for imports': () =>
    WebAssembly.instantiate(NO_MODULE, any(5)),
  'instantiate() with an import missing': () => WebAssembly.instantiate(IMPORTING, { env: {} }),
  'instantiate() with a wrong memory': () =>
    WebAssembly.instantiate(THREADED, { env: { memory: new WebAssembly.Memory({ initial: 1 }) } }),
  'instantiate() with a start function that throws': () =>
    WebAssembly.instantiate(IMPORTING, {
      env: {
        log() {
          throw new RangeError('from the page');
        },
      },
    }),
  'instantiate() with imports that throw': () =>
    WebAssembly.instantiate(IMPORTING, {
      get env(): never {
        throw new RangeError('from a getter');
      },
    }),
  'instantiate(module) with an import missing': async () =>
    WebAssembly.instantiate(await WebAssembly.compile(IMPORTING), { env: {} }),
  'compile() of no module': () => WebAssembly.compile(NO_MODULE),
  'compile() of a module that is cut off': () => WebAssembly.compile(ALLOCATING.slice(0, -4)),
  'compile() of an array': () => WebAssembly.compile(any([0, 97])),
  'new Module() of no module': () => new WebAssembly.Module(NO_MODULE),
  'new Module() of a string': () => new WebAssembly.Module(any('text')),
  'Module() without new': () => Reflect.apply(WebAssembly.Module, undefined, [ALLOCATING]),
  'new Instance() of bytes': () => new WebAssembly.Instance(any(ALLOCATING)),
  'new Instance() with an import missing': () =>
    new WebAssembly.Instance(new WebAssembly.Module(IMPORTING), { env: {} }),
  'compileStreaming() of a wrong type': () =>
    WebAssembly.compileStreaming(respond(ALLOCATING, { headers: { 'content-type': 'text/html' } })),
  'compileStreaming() without a type': () => WebAssembly.compileStreaming(respond(ALLOCATING, {})),
  'compileStreaming() of a type with a parameter': () =>
    WebAssembly.compileStreaming(
      respond(ALLOCATING, { headers: { 'content-type': 'application/wasm; charset=utf-8' } }),
    ),
  'compileStreaming() of a failure': () =>
    WebAssembly.compileStreaming(respond(ALLOCATING, { ...wasmType, status: 404 })),
  'compileStreaming() of what was read before': async () => {
    const response = respond(ALLOCATING);
    await response.text();
    return WebAssembly.compileStreaming(response);
  },
  'compileStreaming() of no module': () => WebAssembly.compileStreaming(respond(NO_MODULE)),
  'compileStreaming() of a number': () => WebAssembly.compileStreaming(any(5)),
  'compileStreaming() of a promise that is rejected': () =>
    WebAssembly.compileStreaming(Promise.reject(new RangeError('no network'))),
  'instantiateStreaming() of a body that breaks': () =>
    WebAssembly.instantiateStreaming(
      new Response(
        new ReadableStream({
          start: (controller) => controller.error(new RangeError('cable cut')),
        }),
        wasmType,
      ),
    ),
  'instantiateStreaming() with an import missing': () =>
    WebAssembly.instantiateStreaming(respond(IMPORTING), { env: {} }),
  'instantiateStreaming() of no module': () => WebAssembly.instantiateStreaming(respond(NO_MODULE)),
};

describe('what goes wrong', () => {
  it.each(Object.entries(FAILURES))('is as it was: %s', async (_, call) => {
    const before = await outcomeOf(call);
    expect(before).not.toMatch(/^gives/);
    install();
    // Code lies elsewhere in a rewritten module.
    expect(withoutOffsets(await outcomeOf(call))).toBe(withoutOffsets(before));
    expect([loaded, warnings]).toEqual([[], []]);
  });
});

function withoutOffsets(text: string): string {
  return text.replace(/ @\+\d+/, '');
}

describe('what can be seen of the entry points', () => {
  it('has the names, lengths and texts that it had', () => {
    const look = () =>
      (
        [
          'compile',
          'compileStreaming',
          'instantiate',
          'instantiateStreaming',
          'Module',
          'Instance',
        ] as const
      ).map((name) => {
        const value = WebAssembly[name];
        const { value: _, ...attributes } =
          Object.getOwnPropertyDescriptor(WebAssembly, name) ?? {};
        return [value.name, value.length, attributes, Object.keys(value)];
      });
    const before = look();
    install();
    expect(look()).toEqual(before);
  });

  it('lets modules be instances of their class, and cloned', async () => {
    install();
    const module = await WebAssembly.compile(ALLOCATING);
    expect(module).toBeInstanceOf(WebAssembly.Module);
    expect(module.constructor).toBe(WebAssembly.Module);
    expect(new WebAssembly.Module(ALLOCATING).constructor).toBe(WebAssembly.Module);
    const clone = structuredClone(module);
    const instance = await WebAssembly.instantiate(clone);
    expect(instance).toBeInstanceOf(WebAssembly.Instance);
    expect(instance.constructor).toBe(WebAssembly.Instance);
    // The clone is another object; that it is instrumented shows all the same.
    expect(loaded).toHaveLength(1);
    expect(loaded[0]?.report).toBeNull();
  });

  it('lets the classes be extended', () => {
    install();
    class MyModule extends WebAssembly.Module {
      readonly mine = true;
    }
    class MyInstance extends WebAssembly.Instance {
      readonly mine = true;
    }
    const module = new MyModule(ALLOCATING);
    const instance = new MyInstance(module);
    expect(module).toBeInstanceOf(MyModule);
    expect([module.mine, instance.mine]).toEqual([true, true]);
    expect(loaded[0]?.instance).toBe(instance);
    hook.uninstall();
    expect(new MyInstance(new MyModule(ALLOCATING)).exports).not.toHaveProperty(
      ADDED_EXPORTS.hooks,
    );
  });

  it('keeps the static functions', () => {
    install();
    const module = new WebAssembly.Module(ALLOCATING);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain('malloc');
    expect(WebAssembly.Module.customSections(module, 'name')).toHaveLength(1);
  });
});

describe('bytes', () => {
  it('may change as soon as the call is made', async () => {
    install({ rewrite: () => ({ bytes: NO_MODULE, report: REPORT }) });
    const bytes = ALLOCATING.slice();
    const result = WebAssembly.instantiate(bytes);
    bytes.fill(0);
    expect((await result).instance.exports).toHaveProperty('malloc');
  });

  it('of a view are those of the view', async () => {
    install();
    const larger = new Uint8Array(ALLOCATING.length + 100);
    larger.set(ALLOCATING, 50);
    const view = new DataView(larger.buffer, 50, ALLOCATING.length);
    expect((await WebAssembly.instantiate(view)).instance.exports).toHaveProperty('malloc');
    expect(loaded).toHaveLength(1);
  });

  it('that were rewritten ahead of time are taken as they are', async () => {
    const { instrumentWasm } = await import('../../../src/instrument/index.ts');
    const { bytes } = instrumentWasm(ALLOCATING);
    install();
    const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
    expect(loaded).toMatchObject([{ instance, report: null }]);
    expect(warnings).toEqual([]);
  });
});

describe('a loaded instance', () => {
  it('has the names of functions, those that were added among them', async () => {
    install();
    await WebAssembly.instantiate(ALLOCATING);
    const names = [...(loaded[0]?.names().values() ?? [])];
    expect(names).toContain('malloc');
    expect(names.length).toBe(2 + (loaded[0]?.report?.moved.length ?? Number.NaN));
  });

  it('has its address where it was streamed', async () => {
    install();
    const response = respond(ALLOCATING);
    Object.defineProperty(response, 'url', { value: 'https://example.org/a.wasm' });
    await WebAssembly.instantiateStreaming(response);
    expect(loaded[0]?.url).toBe('https://example.org/a.wasm');
  });

  it('has the name of its threads where its memory is shared, also in a clone', async () => {
    let count = 0;
    install({ nameThreads: () => `group ${++count}` });
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const { module } = await WebAssembly.instantiate(THREADED, { env: { memory } });
    await WebAssembly.instantiate(structuredClone(module), { env: { memory } });
    await WebAssembly.instantiate(ALLOCATING);
    expect(loaded.map(({ threadId }) => threadId)).toEqual(['group 1', 'group 1', null]);
  });
});

describe('uninstall()', () => {
  it('leaves what somebody has wrapped since, and passes it through', async () => {
    install();
    const { instantiate } = WebAssembly;
    let calls = 0;
    WebAssembly.instantiate = any((...parameters: unknown[]) => {
      calls += 1;
      return Reflect.apply(instantiate, WebAssembly, parameters);
    });
    const theirs = WebAssembly.instantiate;
    hook.uninstall();
    expect(WebAssembly.instantiate).toBe(theirs);
    const { instance } = await WebAssembly.instantiate(ALLOCATING);
    expect(ADDED_EXPORTS.hooks in instance.exports).toBe(false);
    expect(calls).toBe(1);
    restore();
  });

  it('may be called in any order', async () => {
    install();
    const first = hook;
    install();
    first.uninstall();
    expect((await WebAssembly.instantiate(ALLOCATING)).instance.exports).toHaveProperty(
      ADDED_EXPORTS.hooks,
    );
    expect(loaded).toHaveLength(1);
    hook.uninstall();
    hook.uninstall();
    // The first one was wrapped when it went; it lets everything through.
    const { instance } = await WebAssembly.instantiate(ALLOCATING);
    expect(ADDED_EXPORTS.hooks in instance.exports).toBe(false);
    expect(loaded).toHaveLength(1);
    restore();
  });
});
