import { describe, expect, test } from 'vitest';
import { customSection, parseModule, type WasmModule } from '../../src/instrument/module.ts';
import {
  appendFunctionNames,
  namesGiven,
  parseSymbolMap,
  readFunctionNames,
} from '../../src/instrument/names.ts';
import { name, u32 } from '../../src/instrument/writer.ts';
import { assemble } from './assemble.ts';
import { readGegl } from './foreign-modules.ts';

const text = `(module $whole
  (import "host" "tell" (func $tell (param i32)))
  (func $first (export "first") (param $count i32) (call $tell (local.get $count)))
  (func $last (nop)))`;

/** The module without a name section, and with these contents of one. */
function withNameSection(contents: readonly number[]): WasmModule {
  const bytes = assemble(text, false);
  const body = [...name('name'), ...contents];
  return parseModule(Uint8Array.from([...bytes, 0, ...u32(body.length), ...body]));
}

function contentsOf(module: WasmModule): Uint8Array {
  const section = customSection(module, 'name');
  if (!section) throw new Error('no name section');
  return module.bytes.subarray(section.contents, section.end);
}

const functionNames = (...entries: [number, string][]) => {
  const body = [
    ...u32(entries.length),
    ...entries.flatMap(([at, of]) => [...u32(at), ...name(of)]),
  ];
  return [1, ...u32(body.length), ...body];
};

describe('readFunctionNames', () => {
  test('reads ASCII and other names, of imported functions too', () => {
    const entries: [number, string][] = [
      [0, 'tell'],
      [1, 'first\u0000'],
      [2, 'größe µ 🙂'],
    ];
    const names = readFunctionNames(withNameSection(functionNames(...entries)));
    expect([...names.all()]).toEqual(entries);
    expect(entries.map(([index]) => names.get(index))).toEqual(entries.map(([, of]) => of));
  });

  test('has a name for each function of GEGL, as the engine has', () => {
    const { bytes } = readGegl('gegl');
    const module = parseModule(bytes);
    const names = readFunctionNames(module);
    expect(names.size).toBe(module.counts.function);
    const exported = new Map(module.exports.map((entry) => [entry.name, entry]));
    const { index } = exported.get('malloc') ?? { index: -1 };
    expect(names.get(index)).toBe('dlmalloc');
  });

  test('is empty without a name section, and does not warn', () => {
    const warnings: string[] = [];
    const names = readFunctionNames(parseModule(assemble(text, false)), (w) => warnings.push(w));
    expect([names.size, warnings]).toEqual([0, []]);
  });

  test('leaves out functions that are not there', () => {
    const names = readFunctionNames(withNameSection(functionNames([2, 'last'], [7, 'none'])));
    expect([...names.all()]).toEqual([[2, 'last']]);
  });

  test.each([
    ['a subsection that is longer than the section', [1, 99, 0]],
    ['a name that is longer than its subsection', [1, 4, 1, 0, 50, 97]],
    ['more names than fit', [1, 1, 90]],
    ['bytes behind the names', [1, 5, 1, 0, 1, 97, 5]],
    ['names that are not in the order of their functions', functionNames([1, 'a'], [0, 'b'])],
    ['two lists of function names', [...functionNames([1, 'a']), ...functionNames([1, 'b'])]],
    ['a damaged subsection behind the names', [...functionNames([1, 'a']), 2, 40]],
  ])('warns of %s, and has no names then', (_what, contents) => {
    const warnings: string[] = [];
    const names = readFunctionNames(withNameSection(contents), (w) => warnings.push(w));
    expect(names.size).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/name section is damaged.*At byte \d+/)]);
  });
});

describe('finds names', () => {
  const names = new Map([
    [0, 'tell'],
    [1, 'größe'],
    [2, 'x'],
  ]);
  const wanted = ['x', 'größe', 'tel*', 'te', 'tells', 'grö', '_Z*'];
  const found = [...names];

  test('by what they are and how they begin, as the section has them', () => {
    const section = readFunctionNames(withNameSection(functionNames(...names)));
    expect(section.find(wanted)).toEqual(found);
    expect(section.find(['grö*'])).toEqual([[1, 'größe']]);
    expect(section.find([])).toEqual([]);
    expect([section.get(3), section.size]).toEqual([undefined, 3]);
  });

  test('among those that were given, too', () => {
    const given = namesGiven(names);
    expect(given.find(wanted)).toEqual(found);
    expect([given.get(1), given.get(3), given.size]).toEqual(['größe', undefined, 3]);
  });

  test('of GEGL, each of those that a search through all finds', () => {
    const all = readFunctionNames(parseModule(readGegl('gegl').bytes));
    const sought = [
      'free',
      'dlfree',
      'gegl_operation_process',
      'g_type_*',
      'babl_*',
      'emscripten_*',
    ];
    const beginnings = ['g_type_', 'babl_', 'emscripten_'];
    const expected = [...all.all()].filter(
      ([, text]) => sought.includes(text) || beginnings.some((start) => text.startsWith(start)),
    );
    expect(expected.length).toBeGreaterThan(100);
    expect(all.find(sought)).toEqual(expected);
  });
});

describe('appendFunctionNames', () => {
  test('adds names behind those of the functions, and keeps all else byte for byte', () => {
    const module = parseModule(assemble(text));
    const before = contentsOf(module);
    const after = appendFunctionNames(before, [
      [3, 'added'],
      [200, 'später'],
    ]);
    const names = [...readFunctionNames(parseModule(assemble(text))).all()];
    const kept = [...before];
    const start = kept.indexOf(1, 2 + (kept[1] ?? 0));
    const length = kept[start + 1] ?? 0;
    expect(after && [...after.bytes]).toEqual([
      ...kept.slice(0, start),
      ...functionNames(...names, [3, 'added'], [200, 'später']),
      ...kept.slice(start + 2 + length),
    ]);
  });

  test('puts a list of its own behind the name of the module and before those of other things', () => {
    const moduleName = [0, 3, 2, 104, 105];
    const locals = [2, 1, 0];
    const after = appendFunctionNames(Uint8Array.from([...moduleName, ...locals]), [[3, 'x']]);
    expect(after && [...after.bytes]).toEqual([
      ...moduleName,
      ...functionNames([3, 'x']),
      ...locals,
    ]);
    expect([...(appendFunctionNames(new Uint8Array(), [[3, 'x']])?.bytes ?? [])]).toEqual(
      functionNames([3, 'x']),
    );
  });

  test('keeps overlong numbers of the names that were there', () => {
    const overlong = [1, 0x85, 0x80, 0, 1, 0x80, 0, 1, 97];
    const after = appendFunctionNames(Uint8Array.from(overlong), [[1, 'b']]);
    expect(after && [...after.bytes]).toEqual([1, 8, 2, 0x80, 0, 1, 97, 1, 1, 98]);
  });

  test('refuses a damaged section, and one that names such functions already', () => {
    expect(appendFunctionNames(Uint8Array.from([1, 90, 0]), [[3, 'x']])).toBeNull();
    expect(appendFunctionNames(Uint8Array.from(functionNames([5, 'a'])), [[3, 'x']])).toBeNull();
  });

  test('returns the same contents where nothing is added', () => {
    const contents = Uint8Array.from([1, 90, 0]);
    expect(appendFunctionNames(contents, [])?.bytes).toEqual(contents);
  });
});

describe('parseSymbolMap', () => {
  test('reads a line for each function, with Windows line ends and escapes', () => {
    const map = '0:malloc\r\n12:std::foo\\28int\\2c\\20char\\29\n3:a:b\n4:gr\\c3\\b6\\c3\\9fe\n';
    expect([...parseSymbolMap(map)]).toEqual([
      [0, 'malloc'],
      [12, 'std::foo(int, char)'],
      [3, 'a:b'],
      [4, 'größe'],
    ]);
  });

  test('finds nothing in a text of another kind', () => {
    expect(parseSymbolMap('{"version":3,"sources":["a.c"]}').size).toBe(0);
    expect(parseSymbolMap('').size).toBe(0);
  });
});
