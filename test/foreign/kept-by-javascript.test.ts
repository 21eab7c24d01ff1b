// Objects that only JavaScript holds, by numbers that nobody here sees: Draco's, whose binding (Emscripten's WebIDL binder)
// registers nothing.

import { afterAll, expect, test } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import { tellRounds } from './alarms.ts';
import { readPackageFile, requireFresh } from './packages.ts';

interface Draco {
  readonly GENERIC: number;
  MeshBuilder: new () => {
    AddFloatAttributeToMesh(
      mesh: object,
      kind: number,
      points: number,
      stride: number,
      values: Float32Array,
    ): void;
  };
  Mesh: new () => object;
  destroy(object: object): void;
}

const ROUNDS = 5;
const profiler = new MemoryProfiler();
const tracking = profiler.instrument({ trackAllocations: 'all', scrub: true });

afterAll(() => {
  if (profiler.isProfiling) profiler.stop();
  tracking.stop();
});

test('what JavaScript keeps is no alarm; what it makes ever more of, and frees none of, is', async () => {
  const create = requireFresh<(options: object) => Promise<Draco>>(
    'draco3d/draco_encoder_nodejs.js',
  );
  const draco = await create({ wasmBinary: readPackageFile('draco3d/draco_encoder.wasm') });
  profiler.start({ trackAllocations: 'all' });
  const builder = new draco.MeshBuilder();
  // Known by its number alone, and what it holds by its list.
  const mesh = new draco.Mesh();
  const values = Float32Array.from({ length: 30 }, (_, at) => at);

  const kept = await tellRounds(profiler, ROUNDS, () => {
    for (let at = 0; at < 4; at++) {
      builder.AddFloatAttributeToMesh(mesh, draco.GENERIC, 10, 3, values);
    }
  });
  expect(kept.map(({ alarms }) => alarms)).toEqual(Array.from({ length: ROUNDS }, () => []));
  for (const { snapshot } of kept) expect(snapshot.unreachableGroups().length).toBeGreaterThan(0);

  const forgotten = await tellRounds(profiler, ROUNDS, () => {
    for (let at = 0; at < 4; at++) new draco.Mesh();
  });
  expect(forgotten[0]?.alarms).toEqual([]);
  const [first] = forgotten.at(-1)?.alarms ?? [];
  expect(first?.severity).toBe('warning');
  expect(first?.details.stack).toContain('kept-by-javascript.test.ts');
  for (const handle of [mesh, builder]) draco.destroy(handle);
}, 60_000);
