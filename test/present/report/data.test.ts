// The report's data as bytes, and back.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeColumn,
  encodeColumn,
  toFigures,
} from '../../../src/present/report/data/column-codec.ts';
import { packData, unpackData } from '../../../src/present/report/data/container.ts';

describe('columns of figures', () => {
  it('are the same after they were written and read', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 0, max: 4e9 }),
      fc.integer({ min: 0, max: 2 ** 31 }).map((micro) => micro / 1000),
      fc.double({ noNaN: true }),
    );
    const kinds = [fc.constant(null), fc.integer(), value];
    fc.assert(
      fc.property(fc.oneof(...kinds.map((kind) => fc.array(kind))), (values) => {
        const column = toFigures(values);
        const { code, bytes } = encodeColumn(column);
        expect([...decodeColumn(code, bytes)]).toEqual([...column]);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('take a byte or two a row where they change little', () => {
    const column = toFigures(Array.from({ length: 10_000 }, (_, row) => 5e8 + (row % 7) * 16));
    expect(encodeColumn(column).bytes.length).toBeLessThan(20_010);
    expect(encodeColumn(column.fill(3)).bytes.length).toBe(0);
  });
});

describe('packed data', () => {
  it('has texts, lists and columns in the same places', () => {
    const data = {
      texts: ['</script>', '\u2028', '__proto__', ''],
      tables: [{ figures: toFigures([1, null, 3]) }, { figures: toFigures([0.5]) }],
      nested: { none: null, empty: [], last: toFigures([]) },
    };
    expect(unpackData(packData(data))).toEqual(data);
  });

  it('takes no member of a recording for a column, nor for a prototype', () => {
    const hostile = JSON.parse(
      '{ "columnBytes": { "kind": "floats", "rows": 1e9, "bytes": 1e9 }, "kept": 1 }',
    );
    const prototype = JSON.parse('{ "__proto__": { "polluted": true } }');
    const read = unpackData(packData({ hostile, prototype, column: toFigures([1, 2]) }));
    expect(read).toMatchObject({ hostile: null, column: new Float64Array([1, 2]) });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
