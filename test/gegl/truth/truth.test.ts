// Truth: GEGL in wasm renders what native GEGL renders from the same pixels.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gegl, type GeglMessage } from '../../../src/gegl/index.ts';
import { type Allowance, cases, differsByIntent, fileCases, type TruthCase } from './cases.ts';
import { comparePixels } from './compare.ts';
import { NativeReference } from './native-reference.ts';
import type { PixelArray } from './pixels.ts';
import { decodeInWasm, encodeInWasm, renderInWasm } from './wasm-rendering.ts';

let native: NativeReference;
const messages: GeglMessage[] = [];

beforeAll(async () => {
  native = await NativeReference.start();
  await Gegl.init({ license: 'GPL3', onMessage: (message) => messages.push(message) });
});

afterAll(() => {
  native?.stop();
  if (Gegl.isRunning) Gegl.exit();
});

// Not test.each: it shortens long names.
for (const truthCase of cases) {
  test(truthCase.name, async () => {
    const { output, area, maxDifference } = truthCase;
    const { wasm, reference } = await renderOnBothSides(truthCase);
    expectAlike(output, area, wasm, reference, maxDifference);
  });
}

test.each(fileCases)('$type file $properties', async (fileCase) => {
  const { output, width, maxDifference } = fileCase;
  const area = { x: 0, y: 0, width };
  const files = { native: await native.encode(fileCase), wasm: encodeInWasm(fileCase) };
  const reference = await native.decode(files.native, fileCase);
  expectAlike(output, area, decodeInWasm(files.native, fileCase), reference, maxDifference);
  expectAlike(output, area, await native.decode(files.wasm, fileCase), reference, maxDifference);
  expectAlike(output, area, decodeInWasm(files.wasm, fileCase), reference, maxDifference);
});

// When a row fails here, the two versions agree again: move the operation to the cases.
test.each(differsByIntent)(
  '$truthCase.name differs since $since: $change',
  async ({ truthCase }) => {
    const { output, area, maxDifference } = truthCase;
    const { wasm, reference } = await renderOnBothSides(truthCase);
    const { worst } = comparePixels(output, area, wasm, reference);
    expect(worst).toBeGreaterThan(maxDifference.value);
  },
);

test('neither side complained', () => {
  expect(native.stderr).toBe('');
  expect(messages).toEqual([]);
});

/** The native process works while wasm does. */
async function renderOnBothSides(truthCase: TruthCase) {
  const rendering = native.render(truthCase);
  const [reference, wasm] = await Promise.all([rendering, renderInWasm(truthCase)]);
  return { wasm, reference };
}

function expectAlike(
  format: string,
  area: { x: number; y: number; width: number },
  wasm: PixelArray,
  reference: PixelArray,
  { value, reason }: Allowance,
): void {
  const { worst, x, y, ...pixels } = comparePixels(format, area, wasm, reference);
  if (worst <= value) return;
  expect.fail(
    `wasm and native (${native.version}) differ by ${worst}, allowed is ${value} (${reason}). ` +
      `Worst pixel ${x},${y} as ${format}: wasm ${pixels.wasm.join(', ')}; native ${pixels.native.join(', ')}.`,
  );
}
