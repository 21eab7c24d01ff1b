// What is done to the bytes of a module: at any byte, at the numbers that say how long things are, and
// to whole sections.

import fc from 'fast-check';
import { u32 } from '../../../src/instrument/writer.ts';

export type Mutation = (bytes: Uint8Array) => Uint8Array;

/** A place is a part of the length, so that it means the same while a case is made smaller. */
const PLACES = 2 ** 20;
const place = fc.nat(PLACES - 1);
const at = (where: number, length: number) => Math.floor((where * length) / PLACES);

/** Numbers at which things change: of LEB128, of types, of sections, of kinds. */
const byte = fc.oneof(
  fc.constantFrom(
    ...[0, 1, 2, 3, 4, 5, 7, 9, 0x0b, 0x10, 0x3f, 0x40, 0x41, 0x4e, 0x4f, 0x50, 0x5e, 0x5f, 0x60],
    ...[0x63, 0x64, 0x6f, 0x70, 0x7b, 0x7c, 0x7e, 0x7f, 0x80, 0x81, 0xfb, 0xfc, 0xfd, 0xfe, 0xff],
  ),
  fc.integer({ min: 0, max: 255 }),
);
const bytes = (most: number) => fc.array(byte, { minLength: 1, maxLength: most });

function splice(
  whole: Uint8Array,
  start: number,
  removed: number,
  added: ArrayLike<number>,
): Uint8Array {
  const end = Math.min(whole.length, start + removed);
  const result = new Uint8Array(start + added.length + whole.length - end);
  result.set(whole.subarray(0, start));
  result.set(added, start);
  result.set(whole.subarray(end), start + added.length);
  return result;
}

interface Section {
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

/** As far as the bytes can be read so. */
function sectionsOf(whole: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let start = 8; start < whole.length; ) {
    let length = 0;
    let contents = start + 1;
    for (let shift = 0; shift < 35; shift += 7) {
      const part = whole[contents++] ?? 0;
      length += (part & 0x7f) * 2 ** shift;
      if (part < 0x80) break;
    }
    const end = contents + length;
    if (end > whole.length) break;
    sections.push({ start, contents, end });
    start = end;
  }
  return sections;
}

/** A number in more bytes than it needs, up to six, which is one too many. */
function longer(value: number, width: number): number[] {
  const leb = u32(value);
  while (leb.length < width) {
    leb[leb.length - 1] = (leb.at(-1) ?? 0) | 0x80;
    leb.push(0);
  }
  return leb;
}

const length = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
);

const atBytes: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([where, bit]): Mutation =>
      (whole) => {
        const start = at(where, whole.length);
        return splice(whole, start, 1, [(whole[start] ?? 0) ^ (1 << bit)]);
      },
  ),
  fc.tuple(place, byte).map(
    ([where, value]): Mutation =>
      (whole) =>
        splice(whole, at(where, whole.length), 1, [value]),
  ),
  fc.tuple(place, bytes(12)).map(
    ([where, added]): Mutation =>
      (whole) =>
        splice(whole, at(where, whole.length), 0, added),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
    ([where, count]): Mutation =>
      (whole) =>
        splice(whole, at(where, whole.length), count, []),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 60 })).map(
    ([from, to, count]): Mutation =>
      (whole) => {
        const start = at(from, whole.length);
        return splice(whole, at(to, whole.length), 0, whole.slice(start, start + count));
      },
  ),
  place.map(
    (where): Mutation =>
      (whole) =>
        whole.slice(0, at(where, whole.length)),
  ),
  fc.tuple(place, length, fc.integer({ min: 1, max: 6 })).map(
    ([where, value, width]): Mutation =>
      (whole) =>
        splice(whole, at(where, whole.length), 1, longer(value, width)),
  ),
);

/** Sections of the modules at hand are put into one another. */
function atSections(others: readonly Uint8Array[]): fc.Arbitrary<Mutation> {
  const pick = <T>(list: readonly T[], where: number): T | undefined =>
    list[at(where, list.length)];
  const change = (
    make: (whole: Uint8Array, section: Section) => Uint8Array,
  ): ((where: number) => Mutation) => {
    return (where) => (whole) => {
      const section = pick(sectionsOf(whole), where);
      return section ? make(whole, section) : whole;
    };
  };
  const anywhere = fc.oneof(
    // The size is right still; what is in it is not.
    fc
      .tuple(place, place, byte)
      .map(([where, inside, value]) =>
        change((whole, { contents, end }) =>
          splice(whole, contents + at(inside, end - contents), end > contents ? 1 : 0, [value]),
        )(where),
      ),
    // Things are put into it or taken from it, and its size says so.
    fc.tuple(place, place, fc.nat(6), bytes(12)).map(([where, inside, removed, added]) =>
      change((whole, { start, contents, end }) => {
        const old = whole.slice(contents, end);
        const changed = splice(old, at(inside, old.length), removed, added);
        return splice(whole, start + 1, end - start - 1, [...u32(changed.length), ...changed]);
      })(where),
    ),
    // Its size is another, or is written otherwise.
    fc
      .tuple(place, length, fc.boolean(), fc.integer({ min: 1, max: 6 }))
      .map(([where, value, isRight, width]) =>
        change((whole, { start, contents, end }) =>
          splice(
            whole,
            start + 1,
            contents - start - 1,
            longer(isRight ? end - contents : value, width),
          ),
        )(where),
      ),
    // How many things it holds is another number.
    fc
      .tuple(place, length, fc.integer({ min: 1, max: 6 }))
      .map(([where, value, width]) =>
        change((whole, { contents }) => splice(whole, contents, 1, longer(value, width)))(where),
      ),
    place.map((where) =>
      change((whole, { start, end }) => splice(whole, start, end - start, []))(where),
    ),
    fc
      .tuple(place, place)
      .map(([where, to]) =>
        change((whole, { start, end }) =>
          splice(whole, pick(sectionsOf(whole), to)?.start ?? 8, 0, whole.slice(start, end)),
        )(where),
      ),
    fc.tuple(place, place, place, fc.boolean()).map(([where, other, from, replaces]) =>
      change((whole, { start, end }) => {
        const giver = pick(others, other) ?? whole;
        const given = pick(sectionsOf(giver), from);
        const added = given ? giver.slice(given.start, given.end) : [];
        return splice(whole, start, replaces ? end - start : 0, added);
      })(where),
    ),
  );
  // None of these makes a module invalid.
  const harmless = fc.oneof(
    // A custom section: names, or of a kind that asks for attention.
    fc
      .tuple(
        place,
        fc.constantFrom('name', 'linking', 'producers', 'sourceMappingURL', 'dylink.0', '', 'x'),
        fc.array(byte, { maxLength: 30 }),
      )
      .map(([where, title, contents]) =>
        change((whole, { start }) => {
          const inside = [title.length, ...new TextEncoder().encode(title), ...contents];
          return splice(whole, start, 0, [0, ...u32(inside.length), ...inside]);
        })(where),
      ),
    fc
      .tuple(place, fc.integer({ min: 1, max: 5 }))
      .map(([where, width]) =>
        change((whole, { start, contents, end }) =>
          splice(whole, start + 1, contents - start - 1, longer(end - contents, width)),
        )(where),
      ),
    // Something in the last section, which holds the names, where there are any.
    fc.tuple(place, fc.nat(3), fc.array(byte, { maxLength: 3 })).map(
      ([inside, removed, added]): Mutation =>
        (whole) => {
          const last = sectionsOf(whole).at(-1);
          if (!last || whole[last.start] !== 0) return whole;
          const { start, contents, end } = last;
          const old = whole.slice(contents, end);
          const after = Math.min(5, old.length);
          const changed = splice(old, after + at(inside, old.length - after), removed, added);
          return splice(whole, start + 1, end - start - 1, [...u32(changed.length), ...changed]);
        },
    ),
  );
  return fc.oneof({ arbitrary: anywhere, weight: 2 }, { arbitrary: harmless, weight: 3 });
}

export function mutationsOf(modules: readonly Uint8Array[]): fc.Arbitrary<Mutation> {
  return fc
    .array(
      fc.oneof({ arbitrary: atBytes, weight: 1 }, { arbitrary: atSections(modules), weight: 1 }),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map(
      (list): Mutation =>
        (whole) =>
          list.reduce((changed, mutate) => mutate(changed), whole),
    );
}
