// Replacing a property of somebody else's object, and putting it back.

import { describe, expect, it } from 'vitest';
import { replace } from '../../../src/instrument/load/replace.ts';

const before = () => 'before';
const ours = () => 'ours';

describe('replace()', () => {
  it.each([
    ['an ordinary one', { configurable: true, writable: true, enumerable: true }],
    ['a hidden one', { configurable: true, writable: true, enumerable: false }],
    ['one that can only be written', { configurable: false, writable: true, enumerable: true }],
    [
      'one that can only be defined anew',
      { configurable: true, writable: false, enumerable: true },
    ],
  ])('keeps the attributes of a property and puts it back: %s', (_, attributes) => {
    const holder = Object.defineProperty({}, 'key', { value: before, ...attributes });
    const putBack = replace(holder, 'key', ours);
    const own = () => Object.getOwnPropertyDescriptor(holder, 'key');
    expect(own()).toEqual({ value: ours, ...attributes });
    putBack?.();
    expect(own()).toEqual({ value: before, ...attributes });
  });

  it('puts a value in the place of a getter, and the getter back', () => {
    const holder = Object.defineProperty({}, 'key', {
      configurable: true,
      enumerable: true,
      get: before,
    });
    const putBack = replace(holder, 'key', ours);
    expect(Object.entries(holder)).toEqual([['key', ours]]);
    putBack?.();
    expect(Object.entries(holder)).toEqual([['key', 'before']]);
  });

  it('says where it can not', () => {
    expect(replace(Object.freeze({ key: before }), 'key', ours)).toBeNull();
    expect(replace(Object.freeze({}), 'key', ours)).toBeNull();
  });

  it.each([['key'], ['inherited']])(
    'leaves what was frozen since as it is, without an error: %s',
    (key) => {
      const holder = Object.assign(Object.create({ inherited: before }), { key: before });
      const putBack = replace(holder, key, ours);
      Object.freeze(holder);
      expect(putBack).not.toThrow();
      expect(holder[key]).toBe(ours);
    },
  );
});
