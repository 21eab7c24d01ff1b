// Objects that only handles of a binding hold: what a program keeps and releases properly is never told of, and what
// it loses in the module is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryProfiler } from '../../src/profiler/memory-profiler.ts';
import { trackedHeaps } from '../../src/record/heap/track-loads.ts';
import { type Told, tellRounds } from './alarms.ts';
import { loadOpenCv } from './load-opencv.ts';
import { importFresh, readPackageFile, requireFresh } from './packages.ts';

interface Program {
  /** Works; some handles are kept for ever, the others released. @returns one that is kept, with its address. */
  round(): { readonly handle: object; readonly address: number };
  /** Gives up a handle, and leaves what it holds in the module. */
  lose?(): void;
}

const ROUNDS = 4;
const SOURCE = JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ id, name: `n${id}` })));
const pixels = Uint8Array.from({ length: 4 * 60 * 40 }, (_, at) => (at * 7919) & 255);
const profiler = new MemoryProfiler();
const tracking = profiler.instrument({
  trackAllocations: 'sampled',
  mean: 1,
  budget: 1,
  scrub: true,
});

afterAll(() => tracking.stop());

/** An embind class, whose objects are released by hand alone. */
async function openCv(): Promise<Program> {
  const cv = await loadOpenCv();
  const layers = new cv.MatVector();
  return {
    round() {
      const kept = new cv.Mat(20, 20, cv.CV_8UC1);
      const blurred = new cv.Mat();
      cv.GaussianBlur(kept, blurred, new cv.Size(3, 3), 0);
      layers.push_back(blurred);
      blurred.delete();
      return { handle: kept, address: Object(kept).$$.ptr };
    },
    lose: () => new cv.Mat(8, 8, cv.CV_8UC1),
  };
}

/** Embind in a release build. */
async function libheif(): Promise<Program> {
  interface Libheif {
    heif_context_alloc(): object;
    heif_context_free(context: object): void;
  }
  const lib = requireFresh<(options: object) => Libheif>('libheif-js/libheif-wasm/libheif.js')({
    wasmBinary: readPackageFile('libheif-js/libheif-wasm/libheif.wasm'),
  });
  return {
    round() {
      const [context, other] = [lib.heif_context_alloc(), lib.heif_context_alloc()];
      lib.heif_context_free(other);
      return { handle: context, address: Object(context).$$.ptr };
    },
    lose: () => lib.heif_context_alloc(),
  };
}

/** wasm-bindgen. */
async function photon(): Promise<Program> {
  interface Image {
    free(): void;
  }
  interface Photon {
    readonly PhotonImage: new (pixels: Uint8Array, width: number, height: number) => Image;
    resize(image: Image, width: number, height: number, filter: number): Image;
    grayscale(image: Image): void;
  }
  const lib = requireFresh<Photon>('@silvia-odwyer/photon-node/photon_rs.js');
  const open = () => new lib.PhotonImage(pixels, 60, 40);
  return {
    round() {
      const image = open();
      const small = lib.resize(image, 30, 20, 1);
      lib.grayscale(small);
      image.free();
      return { handle: small, address: Object(small).__wbg_ptr };
    },
    // As where an object is handed to a function of Rust, which forgets it.
    lose: () => Object(open()).__destroy_into_raw(),
  };
}

/** A binding that people wrote, which registers addresses itself. */
async function treeSitter(): Promise<Program> {
  const { Parser, Language, Query } = await importFresh<typeof import('web-tree-sitter')>(
    'web-tree-sitter/web-tree-sitter.js',
  );
  await Parser.init({
    wasmBinary: readPackageFile('web-tree-sitter/web-tree-sitter.wasm'),
    printErr() {},
  });
  const language = await Language.load(readPackageFile('tree-sitter-json/tree-sitter-json.wasm'));
  const parser = new Parser();
  parser.setLanguage(language);
  const pattern = '(pair key: (string) @key value: (number) @value)';
  return {
    round() {
      const [tree, query] = [parser.parse(SOURCE), new Query(language, pattern)];
      if (!tree) throw new Error('nothing was parsed');
      query.matches(tree.rootNode);
      query.delete();
      return { handle: tree, address: Object(tree)[0] };
    },
  };
}

describe.each([
  ['OpenCV (embind)', openCv, 'Mat', true],
  ['libheif (embind)', libheif, 'heif_context', true],
  ['Photon (wasm-bindgen)', photon, 'PhotonImage', true],
  // It releases what is dropped.
  ['tree-sitter', treeSitter, 'Tree', false],
] as const)('%s', (_, load, className, canLose) => {
  let program: Program;
  let told: Told[];
  const kept: { readonly handle: object; readonly address: number }[] = [];

  beforeAll(async () => {
    const before = trackedHeaps().length;
    program = await load();
    const wasmMemory = trackedHeaps()[before]?.memory;
    if (!wasmMemory) throw new Error('a module without memory');
    profiler.start({ trackAllocations: 'sampled', module: { wasmMemory } });
    told = await tellRounds(profiler, ROUNDS, () => {
      for (let at = 0; at < 4; at++) kept.push(program.round());
    });
  });
  afterAll(() => {
    profiler.stop();
  });

  it('has nothing unreachable of what is kept', () => {
    expect(told.map(({ snapshot }) => snapshot.unreachableGroups())).toEqual(told.map(() => []));
    expect(told.flatMap(({ alarms }) => alarms)).toEqual([]);
    expect(told.at(-1)?.snapshot.blocks).toBeGreaterThan(kept.length);
  });

  it('shows the handle that holds a block', () => {
    const path = told.at(-1)?.snapshot.retainerPath(kept[0]?.address ?? 0) ?? [];
    expect(path[0]).toMatchObject({ kind: 'handle', name: `${className} (JavaScript handle)` });
  });

  it.runIf(canLose)('has what it loses told, with the line', async () => {
    const lost = await tellRounds(profiler, ROUNDS, function loseFour() {
      for (let at = 0; at < 4; at++) program.lose?.();
    });
    expect(lost[0]?.alarms).toEqual([]);
    const alarms = lost.at(-1)?.alarms ?? [];
    expect(alarms.map(({ severity }) => severity)).toEqual(alarms.map(() => 'warning'));
    expect(alarms.length).toBeGreaterThan(0);
    for (const { details } of alarms) expect(details.stack).toContain('loseFour');
  });
});
