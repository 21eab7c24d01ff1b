// Instances of modules that are alive: when each was loaded, and whether it still does something. They are held weakly.

import { runningEngines } from '../gegl/lifecycle.ts';
import type { ModuleInstance, ModuleInstances } from '../recording/types.ts';
import { heapTracking } from './heap/tracking.ts';
import { memoryOf, moduleOf } from './module.ts';

/** How many of a module's a recording lists. */
const LISTED = 100;

export interface FoundInstance {
  /** The same for as long as the instance lives. */
  readonly key: object;
  readonly module: string;
  /** Of its memory. */
  readonly bytes: number;
  /** Allocations and releases so far; null where it is not tracked. */
  readonly moves: number | null;
}

/** Of those in which an engine was seen to run, also after its end. */
const engineNames = new WeakMap<object, string>();

/**
 * Those that are tracked, until they are collected, also where an engine has ended in them: their memory is there as long as
 * anybody holds them. And those in which a GEGL engine runs.
 */
export function findInstances(): FoundInstance[] {
  const tracked = heapTracking()?.instances() ?? [];
  const engines = [...runningEngines()].flatMap((engine) => {
    const key = moduleOf(engine);
    const buffer = key && memoryOf(key);
    return buffer ? [{ key, module: `GEGL ${engine.versions.gegl ?? ''}`.trim(), buffer }] : [];
  });
  const found = tracked.map(({ memory, ...instance }) => {
    const { key } = instance;
    const engine = engines.find(({ buffer }) => buffer === memory.buffer);
    if (engine) engineNames.set(key, engine.module);
    const module = engineNames.get(key) ?? instance.module;
    return { ...instance, module, bytes: memory.buffer.byteLength };
  });
  const others = engines
    .filter(({ buffer }) => !tracked.some(({ memory }) => memory.buffer === buffer))
    .map(({ buffer, ...engine }) => ({ ...engine, bytes: buffer.byteLength, moves: null }));
  return [...found, ...others];
}

interface Seen extends Omit<FoundInstance, 'key'> {
  readonly key: WeakRef<object>;
  readonly loadedAt: number | null;
  readonly usedAt: number | null;
}

/** Of one recording. */
export class InstanceTable {
  #seen: Seen[] = [];
  readonly #released = new Map<string, number>();
  #isFirst = true;

  sample(elapsed: number): void {
    const loadedAt = this.#isFirst ? null : elapsed;
    this.#isFirst = false;
    const before = this.#seen;
    this.#seen = findInstances().map((instance): Seen => {
      const { key, moves } = instance;
      const seen = before.find((other) => other.key.deref() === key);
      const isUsed = !seen || seen.moves !== moves;
      return {
        ...instance,
        key: seen?.key ?? new WeakRef(key),
        loadedAt: seen ? seen.loadedAt : loadedAt,
        usedAt: moves === null ? null : isUsed ? elapsed : seen.usedAt,
      };
    });
    for (const { key, module } of before) {
      if (this.#seen.some((seen) => seen.key === key)) continue;
      this.#released.set(module, (this.#released.get(module) ?? 0) + 1);
    }
  }

  record(): ModuleInstances[] {
    const alive = new Map<string, ModuleInstance[]>();
    for (const { module, loadedAt, usedAt, bytes } of this.#seen) {
      alive.set(module, [...(alive.get(module) ?? []), { loadedAt, usedAt, bytes }]);
    }
    return [...alive].map(([module, instances]) => ({
      module,
      released: this.#released.get(module) ?? 0,
      alive: instances.slice(-LISTED),
    }));
  }
}
