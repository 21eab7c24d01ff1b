// embind-style constructors of other GEGL bindings: on a real embind module, built from
// embind/gegl-binding.cpp. Only what embind never does (frozen modules, a second name for delete)
// is shown on stand-ins.

import { beforeEach, describe, expect, it } from 'vitest';
import { liveObjects } from '../../src/gegl/lifecycle.ts';
import type { MemoryProfiler } from '../../src/profiler/index.ts';
import { wrapConstructors } from '../../src/record/foreign-objects.ts';
import { collectGarbage, collectGarbageUntil } from '../profiler/garbage.ts';
import { afterThisTest, startProfiler } from '../profiler/real-gegl.ts';
import { buildEmbindModule, type EmbindModule, type EmbindObject } from './embind/build.ts';

const createModule = buildEmbindModule();
const NAMES = ['GeglBuffer', 'GeglNode', 'GeglProcessor', 'GeglColor'] as const;

let module: EmbindModule;
/** How the module was before anything was wrapped. */
let before: ReturnType<typeof descriptorsOf>;

function descriptorsOf(of: EmbindModule) {
  return NAMES.map((name) => [
    Object.getOwnPropertyDescriptor(of, name),
    Object.getOwnPropertyDescriptors(of[name].prototype),
  ]);
}

const totals = (profiler: MemoryProfiler) => profiler.getReport().objects.totals;

beforeEach(async () => {
  module = await createModule();
  before = descriptorsOf(module);
});

describe('the constructors of an embind module', () => {
  it('are counted by kind, and their delete() too', () => {
    const profiler = startProfiler({ module });
    const objects = [
      new module.GeglBuffer(100),
      new module.GeglNode(),
      new module.GeglNode(),
      new module.GeglProcessor(),
      new module.GeglColor(),
    ];
    expect(profiler.objectCounts).toEqual({ buffers: 1, nodes: 2, processors: 1, colors: 1 });
    for (const object of objects) object.delete();
    expect(profiler.objectCounts).toEqual({ buffers: 0, nodes: 0, processors: 0, colors: 0 });
    expect(totals(profiler).nodes).toEqual({ created: 2, destroyed: 2, live: 0, collected: 0 });
  });

  it('work as before: arguments, methods, errors, instanceof, and deletion', () => {
    startProfiler({ module });
    const buffer = new module.GeglBuffer(100);
    expect(buffer.size()).toBe(100);
    expect(buffer).toBeInstanceOf(module.GeglBuffer);
    expect(buffer).toBeInstanceOf(module.GeglObject);
    expect(buffer).not.toBeInstanceOf(module.GeglNode);
    expect(buffer.constructor.name).toBe('GeglBuffer');
    expect(() => new module.GeglBuffer()).toThrow();
    buffer.delete();
    expect(buffer.isDeleted()).toBe(true);
    expect(() => buffer.size()).toThrow();
    expect(() => buffer.delete()).toThrow();
  });

  it('count an object once that is deleted twice, or later', () => {
    const profiler = startProfiler({ module });
    const first = new module.GeglColor();
    first.delete();
    expect(() => first.delete()).toThrow();
    new module.GeglColor().deleteLater();
    expect(profiler.objectCounts.colors).toBe(1);
    (module as unknown as { flushPendingDeletes(): void }).flushPendingDeletes();
    expect(totals(profiler).colors).toEqual({ created: 2, destroyed: 2, live: 0, collected: 0 });
  });

  it("have embind's own subclasses, which work while wrapped and afterwards, and are not counted", () => {
    const profiler = startProfiler({ module });
    const Layer = module.GeglNode.extend('Layer', { size: () => 7 });
    const make = () => {
      const layer = new Layer();
      expect(layer).toBeInstanceOf(Layer);
      expect(layer).toBeInstanceOf(module.GeglNode);
      expect(layer).toBeInstanceOf(module.GeglObject);
      expect(layer.size()).toBe(7);
      layer.delete();
    };
    make();
    // They come about without the constructor of their base class.
    expect(totals(profiler).nodes).toEqual({ created: 0, destroyed: 0, live: 0, collected: 0 });
    profiler.stop();
    make();
  });

  it('are put back by stop(), exactly as they were', () => {
    const { GeglBuffer } = module;
    const profiler = startProfiler({ module });
    expect(module.GeglBuffer).not.toBe(GeglBuffer);
    const made = new module.GeglBuffer(1);
    profiler.stop();
    expect(module.GeglBuffer).toBe(GeglBuffer);
    expect(descriptorsOf(module)).toEqual(before);
    expect(made).toBeInstanceOf(module.GeglBuffer);
    made.delete();
  });

  it('are left alone when objects need not be tracked', () => {
    const { GeglBuffer } = module;
    startProfiler({ module, trackObjects: false });
    expect(module.GeglBuffer).toBe(GeglBuffer);
    expect(descriptorsOf(module)).toEqual(before);
  });

  it('are wrapped again by the next start, and put back again', () => {
    const profiler = startProfiler({ module });
    profiler.stop();
    profiler.start({ module, sampleInterval: 1_000_000 });
    new module.GeglColor().delete();
    expect(totals(profiler).colors.created).toBe(1);
    profiler.stop();
    expect(descriptorsOf(module)).toEqual(before);
  });

  it('are wrapped once for two profilers, and put back by the last', () => {
    const first = startProfiler({ module });
    const second = startProfiler({ module });
    new module.GeglColor().delete();
    expect(totals(first).colors.created).toBe(1);
    expect(totals(second).colors.created).toBe(1);
    first.stop();
    new module.GeglColor().delete();
    expect(totals(first).colors.created).toBe(1);
    expect(totals(second).colors.created).toBe(2);
    second.stop();
    expect(descriptorsOf(module)).toEqual(before);
  });

  it('are wrapped when the module comes after start(), as the global Module', () => {
    const profiler = startProfiler();
    expect(profiler.takeSnapshot()?.wasmMemory.heapSize).toBeNull();
    // As a page does it: the object first, and what it has once it is loaded.
    const page = globalThis as { Module?: object };
    page.Module = {};
    afterThisTest(() => {
      delete page.Module;
    });
    profiler.takeSnapshot();
    Object.defineProperties(page.Module, Object.getOwnPropertyDescriptors(module));
    profiler.takeSnapshot();
    const { GeglColor } = page.Module as EmbindModule;
    const color = new GeglColor();
    expect(profiler.objectCounts.colors).toBe(1);
    color.delete();
    expect(profiler.objectCounts.colors).toBe(0);
    expect(profiler.getReport().current?.wasmMemory).toMatchObject({
      heapSize: module.HEAPU8.length,
      heapUsed: null,
      heapUsedSource: 'unknown',
      staticBytes: null,
      stackBytes: null,
    });
  });

  it('are put back when another module takes the place of theirs', async () => {
    const other = await createModule();
    const page = globalThis as { Module?: object };
    page.Module = module;
    afterThisTest(() => {
      delete page.Module;
    });
    const profiler = startProfiler();
    const { GeglColor } = other;
    page.Module = other;
    profiler.takeSnapshot();
    expect(descriptorsOf(module)).toEqual(before);
    expect(other.GeglColor).not.toBe(GeglColor);
  });
});

describe('an embind object', () => {
  it('that is collected without delete() is lost, with its creation stack', async () => {
    const profiler = startProfiler({ module });
    const loseOne = () => void new module.GeglBuffer(10);
    loseOne();
    await collectGarbageUntil(() => totals(profiler).buffers.collected === 1);
    const [lost] = profiler.getReport().objects.collected;
    expect(lost).toMatchObject({
      kind: 'buffers',
      description: 'GeglBuffer (embind)',
      bytes: null,
    });
    expect(lost?.stack?.split('\n')[0]).toContain('loseOne');
  });

  it('that was alive at stop() is not lost when it is deleted and collected afterwards', async () => {
    const profiler = startProfiler({ module });
    let object: EmbindObject | null = new module.GeglBuffer(10);
    profiler.stop();
    expect(totals(profiler).buffers.live).toBe(1);
    object.delete();
    object = null;
    await collectGarbage();
    expect(liveObjects().size).toBe(0);
    profiler.start({ module, sampleInterval: 1_000_000 });
    await collectGarbage();
    expect(totals(profiler).buffers.collected).toBe(0);
  });
});

describe('a stand-in for what embind does not do', () => {
  function standIn() {
    class ClassHandle {
      isGone = false;
      delete() {
        this.isGone = true;
      }
    }
    class GeglColor extends ClassHandle {}
    return { ClassHandle, GeglColor };
  }

  it('a frozen module or prototype stays as it is', () => {
    expect(wrapConstructors(Object.freeze(standIn()))).toBeNull();
    const module = standIn();
    Object.freeze(module.GeglColor.prototype);
    expect(wrapConstructors(module)).toBeNull();
    expect(new module.GeglColor()).toBeInstanceOf(module.ClassHandle);
  });

  it('a module that was frozen since keeps what was wrapped, which is silent then', () => {
    const module = standIn();
    const undo = wrapConstructors(module);
    const color = new module.GeglColor();
    expect(liveObjects().size).toBe(1);
    Object.freeze(module);
    expect(undo).not.toThrow();
    expect(liveObjects().size).toBe(0);
    color.delete();
    new module.GeglColor();
    expect(liveObjects().size).toBe(0);
  });

  it('a getter is not asked for', () => {
    const module = {
      get GeglColor(): never {
        throw new Error('aborted');
      },
    };
    expect(wrapConstructors(module)).toBeNull();
  });

  it('a release by Symbol.dispose that goes past delete() is seen, and put back', () => {
    const { ClassHandle, GeglColor } = standIn();
    Object.defineProperty(ClassHandle.prototype, Symbol.dispose, {
      value: ClassHandle.prototype.delete,
    });
    const module = { GeglColor };
    const undo = wrapConstructors(module);
    const color = new module.GeglColor() as InstanceType<typeof GeglColor> & Disposable;
    expect(liveObjects().size).toBe(1);
    color[Symbol.dispose]();
    expect(color.isGone).toBe(true);
    expect(liveObjects().size).toBe(0);
    undo?.();
    expect(module.GeglColor).toBe(GeglColor);
    expect(Reflect.ownKeys(GeglColor.prototype)).toEqual(['constructor']);
  });

  it('a class that extends a wrapped one is counted once, and goes on working after the wrapping', () => {
    const module = standIn();
    const { GeglColor } = module;
    const undo = wrapConstructors(module);
    class Ink extends module.GeglColor {
      readonly name = 'ink';
    }
    const ink = new Ink();
    expect(ink).toBeInstanceOf(Ink);
    expect(ink).toBeInstanceOf(GeglColor);
    expect(ink.name).toBe('ink');
    expect(liveObjects().size).toBe(1);
    ink.delete();
    expect(liveObjects().size).toBe(0);
    undo?.();
    const later = new Ink();
    expect(later).toBeInstanceOf(module.GeglColor);
    expect(liveObjects().size).toBe(0);
    later.delete();
    expect(later.isGone).toBe(true);
  });

  it('what somebody has wrapped after us is left to them, and goes on working', () => {
    const module = standIn();
    const undo = wrapConstructors(module);
    const ours = module.GeglColor;
    class Theirs extends ours {}
    module.GeglColor = Theirs;
    undo?.();
    expect(module.GeglColor).toBe(Theirs);
    const color = new module.GeglColor();
    expect(liveObjects().size).toBe(0);
    color.delete();
    expect(color.isGone).toBe(true);
  });

  it('what has no constructors of these names is none of our business', () => {
    expect(wrapConstructors({})).toBeNull();
    expect(wrapConstructors({ GeglColor: 1, GeglNode: () => {}, GeglBuffer: class {} })).toBeNull();
  });
});
