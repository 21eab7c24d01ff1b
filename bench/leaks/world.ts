// The world of a scenario: the engine, the functions that leak, and the books of what was planted.

import type { Engine, World } from './scenario.ts';

export interface Planted {
  leaks: number;
  blocks: number;
  bytes: number;
}

export function createWorld(engine: Engine): { world: World; planted: Planted } {
  const planted: Planted = { leaks: 0, blocks: 0, bytes: 0 };
  const call = (name: string, ...args: readonly number[]): number => {
    const found: unknown = Reflect.get(engine.module, `_${name}`);
    if (typeof found !== 'function') {
      throw new Error(`There is no ${name}: npm run build:gegl -- --variant=leaks`);
    }
    return Number(found(...args));
  };
  const world: World = {
    engine,
    call,
    callWithText(name, text) {
      const { module } = engine;
      const bytes = module.lengthBytesUTF8(text) + 1;
      const stack = module.stackSave();
      const address = module.stackAlloc(bytes);
      module.stringToUTF8(text, address, bytes);
      const result = call(name, address);
      module.stackRestore(stack);
      return result;
    },
    addressOf(handle) {
      const address: unknown = Reflect.get(handle, 'address');
      if (typeof address !== 'number') throw new Error('That is no handle.');
      return address;
    },
    planted(blocks, bytes = 0) {
      planted.leaks += 1;
      planted.blocks += blocks;
      planted.bytes += bytes;
    },
  };
  return { world, planted };
}
