// Which handles of other bindings are known: real registries for finalization, and objects as embind makes them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announceCreated, announceDestroyed, nextObjectId } from '../../../src/gegl/lifecycle.ts';
import { BindingHandles } from '../../../src/record/heap/binding-handles.ts';
import { ObjectTracker } from '../../../src/record/objects.ts';
import { collectGarbage, collectGarbageUntil } from '../../profiler/garbage.ts';

const { register, unregister } = FinalizationRegistry.prototype;
const { create } = Object;

class Picture {}
class Brush {}

let handles: BindingHandles;
/** Nothing is in them twice. */
const known = () =>
  [...handles].map(({ addresses, name }) => [name().split(' ')[0], ...addresses]).sort();

beforeEach(() => {
  handles = new BindingHandles();
  handles.install();
});
afterEach(() => handles.uninstall());

const newRegistry = () => new FinalizationRegistry<unknown>(() => {});

describe('what is registered for finalization', () => {
  it('is known by its class and its pointer, until it is unregistered', () => {
    const registry = newRegistry();
    const [picture, brush] = [new Picture(), new Brush()];
    registry.register(picture, 4096, picture);
    registry.register(brush, 8192n, brush);
    expect(known()).toEqual([
      ['Brush', 8192],
      ['Picture', 4096],
    ]);
    expect(registry.unregister(picture)).toBe(true);
    expect(registry.unregister(picture)).toBe(false);
    expect(known()).toEqual([['Brush', 8192]]);
  });

  it('has its pointers in what is registered, as they are now, up to two objects deep', () => {
    const record = { ptr: 0, smartPtr: 4096, type: { size: 1 } };
    const [picture, brush] = [new Picture(), new Brush()];
    const registry = newRegistry();
    const held = { record };
    registry.register(picture, held);
    const pair = [16, 32];
    registry.register(brush, pair);
    record.ptr = 4104;
    expect(known()).toEqual([
      ['Brush', 16, 32, 2],
      ['Picture', 4104, 4096],
    ]);
  });

  it('has them itself where a function is registered', () => {
    const picture = Object.assign(new Picture(), { ptr: 4096 });
    const free = () => {};
    newRegistry().register(picture, free);
    expect(known()).toEqual([['Picture', 4096]]);
  });

  it('is one of many with its token, which another registry may have, too', () => {
    const [one, other] = [newRegistry(), newRegistry()];
    const [picture, brush, token] = [new Picture(), new Brush(), {}];
    one.register(picture, 16, token);
    one.register(brush, 32, token);
    other.register(picture, 48, token);
    one.unregister(token);
    expect(known()).toEqual([['Picture', 48]]);
    one.register(picture, 64, token);
    expect(known()).toHaveLength(2);
    one.unregister(token);
    expect(known()).toEqual([['Picture', 48]]);
  });

  it('is none where nothing in it is a number: names, and nothing', () => {
    const picture = new Picture();
    newRegistry().register(picture, 'a name');
    newRegistry().register(picture, undefined);
    expect(known()).toEqual([]);
  });

  it('is known of subclasses of the registry', () => {
    class Finalizers extends FinalizationRegistry<number> {
      override register(target: WeakKey, held: number): void {
        super.register(target, held + 1, target);
      }
    }
    const finalizers = new Finalizers(() => {});
    const picture = new Picture();
    finalizers.register(picture, 15);
    expect(known()).toEqual([['Picture', 16]]);
    finalizers.unregister(picture);
    expect(known()).toEqual([]);
  });

  it('is kept alive by nobody, nor is what was registered, nor the registry', async () => {
    const refs = (() => {
      const [registry, picture, held] = [newRegistry(), new Picture(), { ptr: 16 }];
      registry.register(picture, held, picture);
      expect(known()).toEqual([['Picture', 16]]);
      return [registry, picture, held].map((object) => new WeakRef(object));
    })();
    await collectGarbageUntil(() => refs.every((ref) => ref.deref() === undefined));
    expect(known()).toEqual([]);
  });
});

describe('what embind makes', () => {
  const make = (record: object) =>
    Object.create(Picture.prototype, { l: { value: record, writable: true } });

  it('is known by its record, under any name, until it is deleted', () => {
    const record: { C: number | undefined; count: object } = { C: 4096, count: { value: 1 } };
    const picture = make(record);
    expect(known()).toEqual([['Picture', 4096]]);
    record.C = undefined;
    expect(known()).toEqual([['Picture']]);
    expect(picture).toBeInstanceOf(Picture);
  });

  it('is told from other objects', () => {
    const others = [
      Object.create(Picture.prototype),
      Object.create(null, { ptr: { value: 16 } }),
      make({ ptr: 16, count: 1 }),
      Object.create(null, { one: { value: { count: { value: 1 } } }, two: { value: 2 } }),
    ];
    expect(known()).toEqual([]);
    expect(others).toHaveLength(4);
  });
});

describe('the page', () => {
  it('has its getters left alone, and meets no failure of a proxy', () => {
    let asked = 0;
    const picture = new Picture();
    const held = Object.defineProperty({ ptr: 16 }, 'size', {
      enumerable: true,
      get: () => ++asked,
    });
    const { proxy, revoke } = Proxy.revocable(new Brush(), {});
    const made = Proxy.revocable({}, {});
    const registry = newRegistry();
    registry.register(picture, held);
    registry.register(proxy, 32, proxy);
    registry.register(picture, made.proxy);
    revoke();
    made.revoke();
    expect(known()).toEqual([['Picture'], ['Picture', 16], ['object', 32]]);
    expect(asked).toBe(0);
    const child = Object.create(null, { record: { value: made.proxy } });
    expect(Object.getOwnPropertyNames(child)).toEqual(['record']);
    expect(registry.unregister(proxy)).toBe(true);
  });

  it('is refused what was refused', () => {
    const picture = new Picture();
    expect(() => newRegistry().register(picture, picture)).toThrow(TypeError);
    expect(() => Reflect.apply(register, {}, [picture, 16])).toThrow(TypeError);
    expect(() => Reflect.apply(Object.create, Object, [null, { ptr: 16 }])).toThrow(TypeError);
    expect(() => Object.create(16 as unknown as object)).toThrow(TypeError);
    expect(known()).toEqual([]);
  });

  it('may replace what is watched, before and after', () => {
    handles.uninstall();
    const { prototype } = FinalizationRegistry;
    let calls = 0;
    const replaced = (inner: typeof register): typeof register =>
      function (this: FinalizationRegistry<unknown>, ...parameters) {
        calls += 1;
        return Reflect.apply(inner, this, parameters);
      };
    prototype.register = replaced(register);
    try {
      const before = prototype.register;
      handles.install();
      const picture = new Picture();
      newRegistry().register(picture, 16);
      const after = replaced(prototype.register);
      prototype.register = after;
      newRegistry().register(picture, 32);
      expect([calls, known().length]).toEqual([3, 2]);
      handles.uninstall();
      expect(prototype.register).toBe(after);
      newRegistry().register(picture, 48);
      expect([calls, known().length]).toEqual([5, 2]);
      expect(before).not.toBe(after);
    } finally {
      prototype.register = register;
    }
  });

  it('has back what was there, with the same shape meanwhile', () => {
    const { prototype } = FinalizationRegistry;
    for (const [now, was] of [
      [prototype.register, register],
      [prototype.unregister, unregister],
      [Object.create, create],
    ] as const) {
      expect(now).not.toBe(was);
      expect([now.name, now.length]).toEqual([was.name, was.length]);
    }
    const picture = new Picture();
    newRegistry().register(picture, 16);
    handles.uninstall();
    expect([prototype.register, prototype.unregister, Object.create]).toEqual([
      register,
      unregister,
      create,
    ]);
    newRegistry().register(picture, 32);
    expect(known()).toEqual([['Picture', 16]]);
    handles.install();
    newRegistry().register(picture, 48);
    expect(known()).toHaveLength(2);
  });

  it('may have no registries', () => {
    handles.uninstall();
    const original = globalThis.FinalizationRegistry;
    Reflect.deleteProperty(globalThis, 'FinalizationRegistry');
    try {
      handles.install();
      const made = Object.create(Picture.prototype, {
        $$: { value: { ptr: 16, count: { value: 1 } } },
      });
      expect(known()).toEqual([['Picture', 16]]);
      expect(made).toBeInstanceOf(Picture);
      handles.uninstall();
    } finally {
      globalThis.FinalizationRegistry = original;
    }
  });
});

it('knows nothing of what this project registers itself', async () => {
  const tracker = new ObjectTracker(
    () => 0,
    () => {},
  );
  tracker.start(false);
  const object = {
    ...{ id: nextObjectId(), kind: 'buffers' as const, pixelBytes: null, owner: {} },
    describe: () => 'buffer',
  };
  announceCreated(object);
  expect(tracker.counts.buffers).toBe(1);
  expect(known()).toEqual([]);
  announceDestroyed(object);
  tracker.stop();
});

it('drops what was collected, so that many handles that come and go leave nothing', async () => {
  const registry = newRegistry();
  const heapAfter = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < 20_000; at++) registry.register(new Picture(), at);
      await collectGarbage();
    }
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(3);
  const after = await heapAfter(6);
  expect(known()).toEqual([]);
  // A handle that is known takes some 200 bytes.
  expect(after - before).toBeLessThan(120_000 * 60);
});
