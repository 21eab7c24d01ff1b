import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { AllocatorRole } from '../../src/instrument/abi.ts';
import {
  type FindAllocatorOptions,
  type FoundAllocator,
  findAllocator,
} from '../../src/instrument/allocator/index.ts';
import { AllocatorNotFoundError } from '../../src/instrument/errors.ts';
import { bodyOf, parseModule } from '../../src/instrument/module.ts';
import { namesGiven, readFunctionNames } from '../../src/instrument/names.ts';
import { assemble } from './assemble.ts';
import { FOREIGN, type ForeignModule, readGegl, SIDE_MODULES } from './foreign-modules.ts';

const require = createRequire(import.meta.url);
const NO_NAMES = namesGiven(new Map());

function foreign(name: string): ForeignModule {
  const found = FOREIGN.find((module) => module.name === name);
  if (!found) throw new Error(`no module ${name}`);
  return found;
}

function find(bytes: Uint8Array, options: FindAllocatorOptions = {}): FoundAllocator {
  const module = parseModule(bytes);
  return findAllocator(module, readFunctionNames(module), options);
}

const fromGlue = ({ bytes, glue }: ForeignModule) =>
  find(bytes, glue === undefined ? {} : { glue });

/** By its code alone: no exports, names or glue. */
const fromCode = ({ bytes }: { bytes: Uint8Array }) =>
  findAllocator({ ...parseModule(bytes), exports: [] }, NO_NAMES);

const indicesOf = (found: FoundAllocator, role: AllocatorRole) =>
  found.functions.flatMap((watched) => (watched.role === role ? watched.index : []));

/** What was tried, in words. */
function tried(search: () => unknown): string {
  try {
    search();
  } catch (error) {
    if (error instanceof AllocatorNotFoundError) return error.tried.join('\n');
    throw error;
  }
  throw new Error('an allocator was found');
}

describe('the glue script', () => {
  // What the script really binds: an exported function's name is its index, by the JavaScript API of WebAssembly.
  const loaded: Record<string, () => Promise<Record<string, unknown>>> = {
    'sql.js': () => require('sql.js/dist/sql-wasm.js')(),
    libheif: () => require('libheif-js/libheif-wasm/libheif.js')(),
    'draco decoder': () => require('draco3d').createDecoderModule(),
    'draco encoder': () => require('draco3d').createEncoderModule(),
    'gegl-stripped': () => require('../../native/out/gegl-stripped.js')(),
  };
  test.each(Object.entries(loaded))('of %s says what it binds when it runs', async (name, load) => {
    const module = name === 'gegl-stripped' ? readGegl(name) : foreign(name);
    const found = fromGlue(module);
    const loaded = await load();
    const call = (what: string, parameter: unknown): unknown => {
      const bound = loaded[what];
      if (typeof bound !== 'function') throw new Error(`${what} is not bound`);
      return bound(parameter);
    };
    // Some bind an export when it is called for the first time.
    call('_free', call('_malloc', 8));
    const { _malloc: malloc, _free: free } = loaded;
    if (typeof malloc !== 'function' || typeof free !== 'function') throw new Error('not bound');
    expect(indicesOf(found, 'malloc')).toEqual([Number(malloc.name)]);
    expect(indicesOf(found, 'free')).toEqual([Number(free.name)]);
    expect([found.confidence, found.allocator]).toEqual(['certain', 'dlmalloc']);
  });

  test('with two modules is read for the one at hand', () => {
    const both = ['ImageMagick', 'ImageMagick, 64 bits'].map(foreign);
    for (const module of both) {
      const found = fromGlue(module);
      expect(found.source).toBe('glue');
      const byCode = fromCode(module);
      expect(indicesOf(found, 'malloc')).toEqual(indicesOf(byCode, 'malloc'));
      expect(indicesOf(found, 'free')).toEqual(indicesOf(byCode, 'free'));
    }
  });

  const bytes = assemble(
    `(module (memory 1)
      (func (export "t") (param i32) (result i32) (i32.add (local.get 0) (i32.const 8)))
      (func (export "u") (param i32) (i32.store (local.get 0) (i32.const 1)))
      (func (export "v") (param i32 i32) (result i32) (i32.load (local.get 1)))
      (func (export "w") (param f64) (drop (i32.load (i32.const 9)))))`,
    false,
  );
  const forms: Record<string, (name: string, key: string) => string> = {
    'Emscripten 3.1.6': (name, key) =>
      `var _${name}=Module["_${name}"]=function(){return(_${name}=Module["_${name}"]=Module["asm"]["${key}"]).apply(null,arguments)};`,
    'the same without an export': (name, key) =>
      `var _${name}=function(){return(_${name}=Module["asm"]["${key}"]).apply(null,arguments)};`,
    'one that calls each time': (name, key) =>
      `var _${name}=Module["_${name}"]=function(){return Module["asm"]["${key}"].apply(null,arguments)};`,
    'arrow functions': (name, key) =>
      `var _${name}=Module["_${name}"]=(a0,a1)=>(_${name}=Module["_${name}"]=wasmExports["${key}"])(a0,a1);`,
    'the newest': (name, key) => `Module["_${name}"]=_${name}=wasmExports["${key}"];`,
    'the newest, unminified': (name, key) =>
      `  Module["_${name}"] = _${name} = wasmExports2["${key}"];\n`,
    'closure compiler': (name, key) => `a._${name}=b=>(a._${name}=W.${key})(b);`,
    'closure compiler, older': (name, key) =>
      `d._${name}=function(){return(d._${name}=d.asm.${key}).apply(null,arguments)};`,
    'closure compiler, newest': (name, key) => `da=k._${name}=c.${key};`,
    'a minifier with commas': (name, key) => `${name}X = t._${name} = e.${key}, `,
    'the build with assertions': (name, key) =>
      `var _${name} = Module['_${name}'] = createExportWrapper('${key}', 1);\n`,
    'asm.js days': (name, key) => `var _${name} = Module["_${name}"] = asm["${key}"];`,
  };
  test.each(Object.entries(forms))('is understood as written by %s', (_what, form) => {
    const glue = `(function(){${form('malloc', 't')}${form('free', 'u')}${form('realloc', 'v')}0})()`;
    const found = find(bytes, { glue });
    expect(found.functions.map(({ role, index, source }) => [role, index, source])).toEqual([
      ['malloc', 0, 'glue'],
      ['free', 1, 'glue'],
      ['realloc', 2, 'glue'],
    ]);
  });

  test('is not believed where signatures do not fit, or exports are missing', () => {
    const binds = (malloc: string, free: string) => ({
      glue: `Module["_malloc"]=e["${malloc}"];Module["_free"]=e["${free}"];`,
    });
    for (const options of [binds('t', 'w'), binds('v', 'u'), binds('t', 'zz')]) {
      expect(tried(() => find(bytes, options))).toMatch(/glue script binds no exports/);
    }
  });

  test('that only calls them, or other functions of such a name, binds nothing', () => {
    const glue =
      'var p=_malloc(n);x._webidl_malloc=e.t;x._heif_free=e.u;if(_malloc==e.t)y();var _malloc;_free(e.u);';
    expect(tried(() => find(bytes, { glue }))).toMatch(/binds no exports/);
  });
});

describe('the code of dlmalloc', () => {
  const modules = [...FOREIGN, readGegl('gegl'), readGegl('gegl-stripped')].filter(
    // mimalloc; and position-independent code, whose state has no fixed address.
    ({ name }) => name !== 'vips' && name !== 'tree-sitter',
  );
  test.each(modules.map((module) => [module.name, module] as const))(
    'is known again in %s without exports, names and glue',
    (_name, module) => {
      const told = fromGlue(module);
      const found = fromCode(module);
      expect(told.source).toMatch(/export|glue/);
      expect([found.source, found.confidence]).toEqual(['fingerprint', 'likely']);
      expect(found.allocator).toBe('dlmalloc');
      expect(indicesOf(found, 'malloc')).toEqual(indicesOf(told, 'malloc'));
      expect(indicesOf(found, 'free')).toEqual(indicesOf(told, 'free'));
      // Whatever the code leads to must not contradict what is told by name.
      const byIndex = new Map(told.functions.map((watched) => [watched.index, watched.role]));
      for (const { index, role } of found.functions) {
        expect([role, undefined]).toContain(byIndex.get(index) ?? undefined);
      }
    },
  );

  test('leads to realloc and internal_memalign of GEGL, as their names say', () => {
    const { bytes } = readGegl('gegl');
    const names = readFunctionNames(parseModule(bytes));
    const found = fromCode({ bytes }).functions.map(({ role, index, source }) => [
      role,
      names.get(index),
      source,
    ]);
    expect(found.sort()).toEqual([
      ['free', 'dlfree', 'fingerprint'],
      ['malloc', 'dlmalloc', 'fingerprint'],
      ['memalign', 'internal_memalign', 'code'],
      ['realloc', 'dlrealloc', 'code'],
    ]);
  });

  test('leads to the same functions in the stripped GEGL as its glue names', () => {
    const told = fromGlue(readGegl('gegl-stripped'));
    const found = fromCode(readGegl('gegl-stripped'));
    expect(indicesOf(found, 'realloc')).toEqual(indicesOf(told, 'realloc'));
    // memalign calls malloc or internal_memalign, which others call directly.
    expect(indicesOf(told, 'memalign')).toEqual(
      expect.arrayContaining([...indicesOf(found, 'memalign')]),
    );
    expect(indicesOf(told, 'memalign')).toHaveLength(2);
  });

  test('is not watched where it is inlined into a function that shifts addresses, which is said', () => {
    // sqlite3MemRealloc(): the address that it is given lies 8 bytes behind that of the block.
    const found = fromGlue(foreign('sql.js'));
    expect(indicesOf(found, 'realloc')).toEqual([]);
    expect(found.warnings).toEqual([
      expect.stringMatching(/^realloc is inlined into function \d+ /),
    ]);
  });

  test.each([
    'sql.js, debug',
    'libheif',
    'ImageMagick',
    'ImageMagick, 64 bits',
    'harfbuzz',
    'opencv',
  ])('leads to one realloc in %s', (name) => {
    const found = fromGlue(foreign(name));
    expect(indicesOf(found, 'realloc')).toHaveLength(1);
    expect(found.warnings).toEqual([]);
  });

  test('is not seen in code of another kind', () => {
    const found = tried(() => fromCode(foreign('vips')));
    expect(found).toMatch(/no code looks like dlmalloc/);
  });
});

describe('names and exports', () => {
  test('of GEGL give the whole allocator', () => {
    const found = fromGlue(readGegl('gegl'));
    expect(found).toMatchObject({ source: 'export', confidence: 'certain', allocator: 'dlmalloc' });
    expect(found.functions.map(({ role, name }) => [role, name])).toEqual([
      ['malloc', 'dlmalloc'],
      ['free', 'dlfree'],
      ['realloc', 'dlrealloc'],
      ['memalign', 'dlmemalign'],
      ['memalign', 'internal_memalign'],
      ['posix_memalign', 'dlposix_memalign'],
      ['calloc', 'dlcalloc'],
    ]);
  });

  test('of vips give mimalloc with operators of C++, which do not go through malloc', () => {
    const { bytes } = foreign('vips');
    const module = parseModule(bytes);
    const exported = (name: string) => module.exports.find((entry) => entry.name === name)?.index;
    const found = find(bytes);
    expect(indicesOf(found, 'malloc')).toEqual([exported('malloc')]);
    expect(indicesOf(found, 'new')).toEqual(
      expect.arrayContaining([exported('_Znwm'), exported('_ZnwmRKSt9nothrow_t')]),
    );
    // The sized delete goes to free on one branch: that of the other is watched, and not delete itself.
    const frees = indicesOf(found, 'free');
    expect(frees).toContain(exported('free'));
    expect(frees).toHaveLength(2);
    expect(frees).not.toContain(exported('_ZdlPvm'));
  });

  const small = (more: string, exports = '(export "malloc") (export "free")') => {
    const [malloc, free] = exports.split(') ').map((text) => `${text.replace(')', '')})`);
    return assemble(`(module (memory 1)
      (func $own (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 8))))
      (func $other (param i32 i32) (result i32) (i32.load (local.get 1)))
      (func $give ${malloc} (param i32) (result i32) (i32.mul (local.get 0) (i32.load (i32.const 8))))
      (func $take ${free} (param i32) (i32.store (local.get 0) (i32.const 1)))
      ${more})`);
  };
  const nameOf = (bytes: Uint8Array, found: FoundAllocator) => {
    const names = readFunctionNames(parseModule(bytes));
    return found.functions.map(({ role, index }) => `${role} ${names.get(index)}`).sort();
  };

  test('of forwarders lead to the function behind them', () => {
    const bytes = small(
      `(func (export "calloc") (param i32 i32) (result i32) (call $behind (local.get 0) (local.get 1)))
       (func $behind (param i32 i32) (result i32) (return (call $other (local.get 0) (local.get 1))))
       (func $dlrealloc (param i32 i32) (result i32) (call $other (local.get 1) (local.get 0)))`,
    );
    expect(nameOf(bytes, find(bytes))).toEqual([
      'calloc other',
      'free take',
      'malloc give',
      'realloc dlrealloc',
    ]);
  });

  test('of outer functions do not count twice: the inner ones see everything', () => {
    const bytes = small(
      `(func $dlmalloc (param i32) (result i32) (i32.load (local.get 0)))
       (func $dlfree (param i32) (i32.store (local.get 0) (i32.const 7)))
       (func (export "emscripten_builtin_malloc") (param i32) (result i32)
         (i32.add (call $dlmalloc (i32.add (local.get 0) (i32.const 16))) (i32.const 16)))
       (func $_ZdlPvm (param i32 i32) (call $dlfree (local.get 0)))
       (func $_Znwm (param i32) (result i32) (loop $again (result i32)
         (if (result i32) (i32.eqz (call $dlmalloc (local.get 0))) (then (br $again))
           (else (i32.const 1)))))
       (func $_Znam (param i32) (result i32) (i32.load (i32.add (local.get 0) (i32.const 4))))
       (func $_ZnwmPv (param i32 i32) (result i32) (local.get 1))`,
    );
    expect(nameOf(bytes, find(bytes))).toEqual([
      'free dlfree',
      'free take',
      'malloc dlmalloc',
      'malloc give',
      'new _Znam',
    ]);
  });

  test("of emmalloc, whose malloc calls memalign, make malloc's report replace that one's", () => {
    const bytes = assemble(`(module (memory 1)
      (func $emmalloc_memalign (param i32 i32) (result i32) (i32.load (i32.add (local.get 0) (local.get 1))))
      (func $emmalloc_malloc (export "malloc") (param i32) (result i32)
        (call $emmalloc_memalign (i32.const 8) (local.get 0)))
      (func $emmalloc_free (export "free") (param i32) (i32.store (local.get 0) (i32.const 1))))`);
    const found = find(bytes);
    expect(nameOf(bytes, found)).toEqual([
      'free emmalloc_free',
      'memalign emmalloc_memalign',
      'new emmalloc_malloc',
    ]);
    expect(found).toMatchObject({ source: 'export', allocator: 'emmalloc' });
  });

  test('are passed over where the signature is another, or the function is imported', () => {
    const bytes = assemble(`(module
      (import "env" "malloc" (func $malloc (param i32) (result i32))) (memory 1)
      (func $dlmalloc (param i64) (result i32) (i32.const 1))
      (func (export "free") (param i32) (i32.store (local.get 0) (i32.const 1)))
      (func (export "malloc2") (param i32) (result i32) (call $malloc (local.get 0))))`);
    expect(tried(() => find(bytes))).toMatch(/it imports malloc/);
  });

  test.each(SIDE_MODULES.map((module) => [module.name, module] as const))(
    'of %s are those of another module, whose heap it uses',
    (_name, { bytes }) => {
      expect(tried(() => find(bytes))).toMatch(/it imports malloc.*belongs to another module/);
    },
  );

  test('the error lists each way, in order', () => {
    const bytes = assemble('(module (func (export "run") (param i32)))', false);
    expect(() => find(bytes)).toThrow(
      expect.objectContaining({
        code: 'ALLOCATOR_NOT_FOUND',
        tried: [
          'no export of its own is called malloc and free',
          'no glue script was given',
          'there are no function names',
          "no code looks like dlmalloc's",
        ],
      }),
    );
  });

  test('addresses of 64 bits ask for parameters of 64 bits', () => {
    const bytes = assemble(`(module (memory i64 1)
      (func (export "malloc") (param i64) (result i64) (i64.load (local.get 0)))
      (func (export "free") (param i64) (i64.store (local.get 0) (i64.const 1)))
      (func (export "realloc") (param i32 i32) (result i32) (local.get 1)))`);
    expect(find(bytes).functions.map(({ role }) => role)).toEqual(['malloc', 'free']);
  });
});

describe('what the user says', () => {
  const bytes = assemble(`(module (memory 1)
    (func $allot (param i32) (result i32) (i32.load (local.get 0)))
    (func $drop_it (export "d") (param i32) (i32.store (local.get 0) (i32.const 1)))
    (func (export "malloc") (param i32) (result i32) (i32.load (i32.const 8)))
    (func (export "free") (param i32) (i32.store (i32.const 8) (local.get 0))))`);

  test('goes before everything else, by name, export or index', () => {
    for (const allocator of [
      { malloc: 'allot', free: 'd' },
      { malloc: 0, free: 'drop_it' },
      { malloc: 0, free: 1 },
    ]) {
      const found = find(bytes, { allocator });
      expect(found.source).toBe('user');
      expect(found.confidence).toBe('certain');
      expect(found.functions.map(({ role, index }) => [role, index])).toEqual([
        ['malloc', 0],
        ['free', 1],
      ]);
    }
  });

  test('is completed by what is found', () => {
    const found = find(bytes, { allocator: { malloc: 'allot' } });
    expect(found.functions.map(({ role, index, source }) => [role, index, source])).toEqual([
      ['malloc', 0, 'user'],
      ['free', 3, 'export'],
    ]);
    expect(found.source).toBe('export');
  });

  test.each([
    [
      { malloc: 'nowhere' },
      /malloc is nowhere, which is neither an export nor in the name section/,
    ],
    [{ free: 0 }, /free is function 0, which has another signature/],
    [{ free: 900 }, /free is function 900, which is imported or not there/],
  ])('is refused where it can not be: %o', (allocator, message) => {
    expect(tried(() => find(bytes, { allocator }))).toMatch(message);
  });
});

test('all functions that are found have a body, and each is found once', () => {
  for (const foreignModule of FOREIGN) {
    const module = parseModule(foreignModule.bytes);
    const indices = fromGlue(foreignModule).functions.map(({ index }) => index);
    expect(indices.every((index) => bodyOf(module, index) !== null)).toBe(true);
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
  }
});
