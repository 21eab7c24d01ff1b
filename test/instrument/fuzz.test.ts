// Hostile bytes: 20,000 modules, mutated or made up, by fixed seeds. None may hang the rewriter, get another
// error than those that are promised, or become invalid by it.

import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  AllocatorNotFoundError,
  type InstrumentOptions,
  instrumentWasm,
  WasmFormatError,
} from '../../src/instrument/index.ts';
import { featureModules, foreignModules } from './fuzz/corpus.ts';
import { generatedModule } from './fuzz/generated.ts';
import { mutationsOf } from './fuzz/mutations.ts';

// As files that may have run in this process before: else these would decide which modules are valid.
setFlagsFromString('--experimental-wasm-memory64');

/** FUZZ_SEED=7 FUZZ_SCALE=50 looks for what these seeds do not find. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_260_401);
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);
/** Milliseconds that a case may take at most: they take less than one, but machines pause. */
const LONGEST = 1000;

const options: fc.Arbitrary<InstrumentOptions> = fc.record(
  {
    contexts: fc.boolean(),
    probes: fc.constant([
      { name: 'use', kind: 'scope', key: 'pointee' } as const,
      { name: 'gc', kind: 'created', key: 'pointee' } as const,
      { name: 'malloc', kind: 'result' } as const,
    ]),
    symbols: fc.constant(
      new Map([
        [1, 'malloc'],
        [2, 'free'],
        [3, 'use'],
        [400, 'free'],
      ]),
    ),
    glue: fc.constant('_malloc=Module["_malloc"]=asm["m"];_free=Module["_free"]=asm["free"];'),
  },
  { requiredKeys: [] },
);

const REASONS = /^no allocator$|^an object file|^it is instrumented already/;

interface Tally {
  cases: number;
  valid: number;
  rewritten: number;
  slowest: number;
  readonly refused: Map<string, number>;
}

/** Does what is promised, or throws. */
function examine(bytes: Uint8Array<ArrayBuffer>, given: InstrumentOptions, tally: Tally): void {
  const before = bytes.slice();
  const isValid = WebAssembly.validate(bytes);
  const start = performance.now();
  let made: Uint8Array | null = null;
  try {
    made = instrumentWasm(bytes, given).bytes;
  } catch (error) {
    refuseUnexpected(error, bytes.length);
    const kind =
      error instanceof WasmFormatError ? error.message.replace(/^.*?: /, '') : 'no allocator';
    if (isValid) tally.refused.set(kind, (tally.refused.get(kind) ?? 0) + 1);
  }
  const time = performance.now() - start;
  tally.cases += 1;
  tally.valid += Number(isValid);
  tally.slowest = Math.max(tally.slowest, time);
  if (time > LONGEST) throw new Error(`it took ${time} ms`);
  if (!isSame(bytes, before)) throw new Error('the input was changed');
  if (!made || !isValid) return;
  tally.rewritten += 1;
  if (!WebAssembly.validate(new Uint8Array(made))) throw new Error('a valid module became invalid');
}

function refuseUnexpected(error: unknown, length: number): void {
  if (error instanceof WasmFormatError) {
    const { offset, code } = error;
    if (code === 'WASM_FORMAT' && Number.isInteger(offset) && offset >= 0 && offset <= length)
      return;
    throw new Error(`an offset outside of ${length} bytes: ${error.message}`);
  }
  if (error instanceof AllocatorNotFoundError && error.tried.length > 0) return;
  throw error;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

const emptyTally = (): Tally => ({
  cases: 0,
  valid: 0,
  rewritten: 0,
  slowest: 0,
  refused: new Map(),
});

/** Runs all cases. @returns what came of them. */
function fuzz(modules: fc.Arbitrary<Uint8Array>, numRuns: number): Tally {
  const tally = emptyTally();
  fc.assert(
    fc.property(modules, options, (bytes, given) => examine(new Uint8Array(bytes), given, tally)),
    { seed: SEED, numRuns },
  );
  return tally;
}

function mutated(corpus: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...corpus), mutationsOf(corpus))
    .map(([bytes, mutate]) => mutate(bytes));
}

describe('hostile bytes', () => {
  let cases = 0;
  afterAll(() => {
    if (SCALE === 1) expect(cases).toBeGreaterThanOrEqual(20_000);
  });
  const run = (modules: fc.Arbitrary<Uint8Array>, numRuns: number, leastRewritten: number) => {
    const tally = fuzz(modules, numRuns * SCALE);
    cases += tally.cases;
    // Without many of these nothing would be shown.
    expect(tally.rewritten).toBeGreaterThan(leastRewritten * SCALE);
    // What an engine takes is refused for these reasons only.
    for (const reason of tally.refused.keys()) expect(reason).toMatch(REASONS);
  };

  it('that were modules of each feature are rewritten validly or refused', () => {
    run(mutated(featureModules), 12_000, 800);
  });

  it('that were real modules with dlmalloc in them are, too', () => {
    run(mutated(foreignModules()), 2000, 150);
  });

  it('that were made up section by section are, too', () => {
    run(generatedModule, 3000, 2000);
  });

  it('that were made up, and then mutated, are, too', () => {
    const modules = fc
      .tuple(generatedModule, mutationsOf(featureModules))
      .map(([bytes, mutate]) => mutate(bytes));
    run(modules, 3500, 200);
  });
});

describe('a hostile glue script', () => {
  it('is read in no time, however it goes on', () => {
    const piece = fc.constantFrom(
      ...['_malloc', '_malloc=', '_free=', '=', 'Module["_malloc"]', '.asm["m"]', 'a.b', '.', '('],
      ...[
        '()',
        'function(){return(',
        '=>',
        ' ',
        '\n',
        ';',
        ',',
        'createExportWrapper("m")',
        '$',
        '"]',
      ],
    );
    const script = fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 12 }), fc.array(piece, { maxLength: 4 }))
      .map(([again, last]) => again.join('').repeat(2000) + last.join(''));
    const tally = emptyTally();
    const [bytes = new Uint8Array()] = featureModules;
    fc.assert(
      fc.property(script, (glue) => examine(new Uint8Array(bytes), { glue }, tally)),
      { seed: SEED, numRuns: 300 },
    );
    expect(tally.rewritten).toBe(300);
  });
});
