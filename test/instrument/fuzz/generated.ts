// Modules made up section by section: most of them are valid, and have what no compiler would write.

import fc from 'fast-check';
import { name, s32, u32 } from '../../../src/instrument/writer.ts';

const list = (entries: readonly (readonly number[])[]) => [
  ...u32(entries.length),
  ...entries.flat(),
];
const section = (id: number, contents: readonly number[]) => [
  id,
  ...u32(contents.length),
  ...contents,
];

const I32 = 0x7f;
const valueType = fc.constantFrom<number[]>([I32], [0x7e], [0x7d], [0x7c], [0x7b], [0x70], [0x6f]);
const functionType = fc
  .tuple(fc.array(valueType, { maxLength: 5 }), fc.array(valueType, { maxLength: 3 }))
  .map(([parameters, results]) => [0x60, ...list(parameters), ...list(results)]);

const text = fc.oneof(
  fc.constantFrom('malloc', 'free', 'realloc', 'memory', '', 'memprof:enabled', 'é', 'use'),
  fc.string({ maxLength: 12, unit: 'binary' }),
);
const limits = fc.oneof(
  fc.nat(3).map((least) => [0, ...u32(least)]),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([least, more]) => [1, ...u32(least), ...u32(least + more)]),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([least, more]) => [3, ...u32(least), ...u32(least + more)]),
);
const tableType = fc
  .tuple(fc.constantFrom(0x70, 0x6f), fc.nat(5))
  .map(([type, least]) => [type, 0, ...u32(least)]);

/** The first types are those of malloc, free, realloc and of a function without parameters or results. */
const TYPES = [
  [0x60, 1, I32, 1, I32],
  [0x60, 1, I32, 0],
  [0x60, 2, I32, I32, 1, I32],
  [0x60, 0, 0],
];
const TYPE = { malloc: 0, free: 1, realloc: 2, plain: 3 } as const;

const imported: fc.Arbitrary<number[]> = fc.oneof(
  fc.nat(TYPES.length - 1).map((type) => [0, ...u32(type)]),
  tableType.map((type) => [1, ...type]),
  fc.tuple(fc.constantFrom(I32, 0x7e, 0x7c, 0x70), fc.nat(1)).map((type) => [3, ...type]),
  fc.constant<number[]>([4, 0, ...u32(TYPE.free)]),
);

const bodies = {
  unreachable: [0, 0x00, 0x0b],
  withLocals: [2, 3, I32, 1, 0x7c, 0x00, 0x0b],
  loops: [0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x00, 0x0b],
  branches: [0, 0x02, 0x40, 0x41, 0, 0x0e, 2, 0, 0, 0, 0x0b, 0x00, 0x0b],
  constants: [
    0, 0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a, 0x00, 0x0b,
  ],
  padded: [0, ...new Array<number>(200).fill(0x01), 0x00, 0x0b],
};

interface Parts {
  readonly types: readonly number[][];
  readonly imports: readonly (readonly [string, string, number[]])[];
  readonly others: readonly (readonly [type: number, body: keyof typeof bodies])[];
  readonly tables: readonly number[][];
  readonly memory: number[] | null;
  readonly tags: number;
  readonly globals: number;
  readonly exportsAll: boolean;
  readonly isNamed: boolean;
  readonly hasStart: boolean;
  readonly elements: boolean;
  readonly data: readonly number[][];
  readonly hasDataCount: boolean;
  readonly customs: readonly (readonly [place: number, title: string, contents: Uint8Array])[];
}

const parts: fc.Arbitrary<Parts> = fc.record({
  types: fc.array(functionType, { maxLength: 4 }),
  imports: fc.array(fc.tuple(text, text, imported), { maxLength: 4 }),
  others: fc.array(
    fc.tuple(
      fc.nat(7),
      fc.constantFrom(
        ...(['unreachable', 'withLocals', 'loops', 'branches', 'constants', 'padded'] as const),
      ),
    ),
    { maxLength: 5 },
  ),
  tables: fc.array(tableType, { maxLength: 3 }),
  memory: fc.option(limits),
  tags: fc.nat(2),
  globals: fc.nat(4),
  exportsAll: fc.boolean(),
  isNamed: fc.boolean(),
  hasStart: fc.boolean(),
  elements: fc.boolean(),
  data: fc.array(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 }), { maxLength: 3 }),
  hasDataCount: fc.boolean(),
  customs: fc.array(
    fc.tuple(fc.nat(12), fc.oneof(text, fc.constant('name')), fc.uint8Array({ maxLength: 20 })),
    { maxLength: 3 },
  ),
});

function write(given: Parts): Uint8Array {
  const types = [...TYPES, ...given.types];
  const kinds = given.imports.map(([, , [kind]]) => kind);
  const count = (kind: number) => kinds.filter((other) => other === kind).length;
  const functions = [
    [TYPE.malloc, bodies.padded] as const,
    [TYPE.free, bodies.withLocals] as const,
    [TYPE.realloc, bodies.unreachable] as const,
    [TYPE.plain, [0, 0x0b]] as const,
    ...given.others.map(([type, body]) => [type % types.length, bodies[body]] as const),
  ];
  const first = count(0);
  const exported: number[][] = [
    [...name('m'), 0, ...u32(first)],
    ...(given.isNamed
      ? []
      : [
          [...name('malloc'), 0, ...u32(first)],
          [...name('free'), 0, ...u32(first + 1)],
          [...name('realloc'), 0, ...u32(first + 2)],
        ]),
    ...(given.exportsAll
      ? functions.map((_, place) => [...name(`f${place}`), 0, ...u32(first + place)])
      : []),
    ...(given.memory ? [[...name('the memory'), 2, 0]] : []),
    ...(given.tables.length > 0 ? [[...name('a table'), 1, count(1)]] : []),
  ];
  const names = list(
    ['malloc', 'free', 'dlrealloc', 'use'].map((text, place) => [
      ...u32(first + place),
      ...name(text),
    ]),
  );
  const standard: (number[] | null)[] = [
    section(1, list(types)),
    section(
      2,
      list(given.imports.map(([from, what, type]) => [...name(from), ...name(what), ...type])),
    ),
    section(3, list(functions.map(([type]) => u32(type)))),
    given.tables.length > 0 ? section(4, list(given.tables)) : null,
    given.memory ? section(5, list([given.memory])) : null,
    given.tags > 0 ? section(13, list(new Array(given.tags).fill([0, ...u32(TYPE.free)]))) : null,
    section(
      6,
      list(
        Array.from({ length: given.globals }, (_, at) => [
          I32,
          at % 2,
          0x41,
          ...s32(at * 1000),
          0x0b,
        ]),
      ),
    ),
    section(7, list(exported)),
    given.hasStart ? section(8, u32(first + 3)) : null,
    given.elements ? section(9, list([[1, 0, ...list([u32(first), u32(first + 1)])]])) : null,
    given.hasDataCount ? section(12, u32(given.data.length)) : null,
    section(10, list(functions.map(([, body]) => [...u32(body.length), ...body]))),
    given.data.length > 0 || given.hasDataCount
      ? section(11, list(given.data.map((bytes) => [1, ...u32(bytes.length), ...bytes])))
      : null,
  ];
  const parts = standard.flatMap((bytes) => (bytes ? [bytes] : []));
  for (const [place, title, contents] of given.customs) {
    parts.splice(place % (parts.length + 1), 0, section(0, [...name(title), ...contents]));
  }
  if (given.isNamed) parts.push(section(0, [...name('name'), 1, ...u32(names.length), ...names]));
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts.flat()]);
}

export const generatedModule: fc.Arbitrary<Uint8Array> = parts.map(write);
