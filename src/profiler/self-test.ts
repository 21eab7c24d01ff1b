// testMemoryProfiler(): shows in the page where it is called that the profiler finds leaks. It leaks
// GEGL objects of every kind on purpose, compares what was found, and puts everything back.

import { formatBytes } from '../analyze/figures.ts';
import { GeglEngine } from '../gegl/engine.ts';
import { announceDestroyed, runningEngines } from '../gegl/lifecycle.ts';
import type { GeglGraph, GeglNode } from '../gegl/node.ts';
import type { GeglObject } from '../gegl/object.ts';
import { formatDuration, table } from '../present/text/layout.ts';
import { OBJECT_KINDS, type ObjectCounts, type ObjectKind } from '../recording/types.ts';
import type { MemoryProfiler } from './memory-profiler.ts';
import type { Report } from './report.ts';

/** One object of each kind is leaked a round: enough for a trend, a few seconds in all. */
const ROUNDS = 40;
/** In so many of the rounds the handle is dropped, too, so that it may be garbage-collected. */
const DROPPING_ROUNDS = 8;
const PAUSE = 50;
const SIZE = { width: 64, height: 64 };

export interface SelfTestResult {
  /** Objects that were leaked on purpose, by kind. */
  readonly planted: ObjectCounts;
  /** Objects that the profiler's findings of a kind stand for; 0 where it has none of that kind. */
  readonly found: ObjectCounts;
  readonly missed: ObjectCounts;
  /** Of those planted, how many had their handles dropped, and how many of these were collected. */
  readonly dropped: ObjectCounts;
  readonly collected: ObjectCounts;
  /** What the profiler reported. */
  readonly report: Report;
  /** Whether exactly what was planted was found. */
  readonly passed: boolean;
}

export interface SelfTestOptions {
  /** The global `MemoryProfiler`, when left out. */
  readonly MemoryProfiler?: typeof MemoryProfiler;
}

export class SelfTestError extends Error {
  override readonly name = 'SelfTestError';
  readonly code = 'PROFILER_MISSING';
}

/**
 * Works with GEGL for a few seconds, leaks objects of every kind, and prints what the profiler found.
 *
 * It has a profiler of its own, and takes the engine that runs, or one of its own where none does.
 * Other work with GEGL at the same time is counted, too, and spoils the comparison.
 *
 * @throws SelfTestError `PROFILER_MISSING`; GeglError `MODULE_LOAD_FAILED`
 */
export async function testMemoryProfiler(options: SelfTestOptions = {}): Promise<SelfTestResult> {
  const Profiler =
    options.MemoryProfiler ??
    (globalThis as { MemoryProfiler?: typeof MemoryProfiler }).MemoryProfiler;
  if (!Profiler) {
    throw new SelfTestError(
      'There is no MemoryProfiler: load js/memory-profiler.js with a script tag before, or pass it as testMemoryProfiler({ MemoryProfiler }).',
    );
  }
  const running = [...runningEngines()].find((engine) => engine instanceof GeglEngine);
  const engine = running ?? (await new GeglEngine().init());
  const profiler = new Profiler();
  const plants = new Plants(engine);
  console.log(
    `testMemoryProfiler: GEGL ${engine.versions.gegl}, ${running ? 'the engine that runs here' : 'an engine of its own'}. ` +
      `${ROUNDS} rounds of work; each leaks one object of every kind.`,
  );
  try {
    profiler.start({ sampleInterval: PAUSE, module: engine.module });
    const before = existing(profiler.getReport());
    for (let round = 0; round < ROUNDS; round++) {
      work(engine);
      plants.plant(round < DROPPING_ROUNDS);
      await sleep(PAUSE);
      profiler.takeSnapshot();
    }
    profiler.stop();
    const result = compare(profiler.getReport(), before, plants.dropped);
    console.log(describe(result));
    return result;
  } finally {
    if (profiler.isProfiling) profiler.stop();
    plants.removeAll();
    if (!running) engine.exit();
  }
}

/** Everything made here is destroyed here: nothing of it may be found. */
function work(engine: GeglEngine): void {
  const source = engine.createBuffer(SIZE);
  const target = engine.createBuffer(SIZE);
  const color = engine.createColor('#ff8800');
  const graph = engine.createGraph();
  const fill = graph.createNode('gegl:color', { value: color });
  fill.blitToBuffer(source);
  const sink = graph.createNode('gegl:write-buffer', { buffer: target });
  graph
    .createNode('gegl:buffer-source', { buffer: source })
    .link(graph.createNode('gegl:gaussian-blur', { 'std-dev-x': 2, 'std-dev-y': 2 }), sink);
  const processor = sink.createProcessor();
  while (processor.work());
  target.getPixels();
  for (const object of [processor, graph, color, source, target]) object.destroy();
}

interface Dropped {
  readonly id: number;
  readonly kind: ObjectKind;
  readonly address: number;
  readonly handle: WeakRef<GeglObject>;
}

/** The objects that are leaked on purpose. */
class Plants {
  readonly #engine: GeglEngine;
  readonly #graph: GeglGraph;
  readonly #node: GeglNode;
  readonly #kept: GeglObject[] = [];
  readonly #dropped: Dropped[] = [];

  constructor(engine: GeglEngine) {
    this.#engine = engine;
    this.#graph = engine.createGraph();
    this.#node = this.#graph.createNode('gegl:color');
  }

  get dropped(): readonly Dropped[] {
    return this.#dropped;
  }

  plant(drop: boolean): void {
    const objects = [
      this.#engine.createBuffer(SIZE),
      this.#engine.createGraph(),
      this.#node.createProcessor(SIZE),
      this.#engine.createColor('red'),
    ];
    if (!drop) {
      this.#kept.push(...objects);
      return;
    }
    for (const object of objects) {
      const { id, kind, address } = object;
      this.#dropped.push({ id, kind, address, handle: new WeakRef(object) });
    }
  }

  removeAll(): void {
    for (const object of this.#kept) object.destroy();
    for (const { id, kind, address, handle } of this.#dropped) {
      const object = handle.deref();
      if (object) object.destroy();
      else {
        // What no application can do: release an object whose handle is gone.
        this.#engine.module._gegl_wasm_unref(address);
        announceDestroyed({ id, kind, describe: () => kind, pixelBytes: null });
      }
    }
    this.#graph.destroy();
  }
}

function count(of: (kind: ObjectKind) => number): ObjectCounts {
  return {
    buffers: of('buffers'),
    nodes: of('nodes'),
    processors: of('processors'),
    colors: of('colors'),
  };
}

/** Objects made and not destroyed, those with a lost handle among them. */
function existing({ objects }: Report): ObjectCounts {
  return count((kind) => objects.totals[kind].live + objects.totals[kind].collected);
}

function compare(
  report: Report,
  before: ObjectCounts,
  droppedObjects: readonly Dropped[],
): SelfTestResult {
  const now = existing(report);
  const planted = count(() => ROUNDS);
  const dropped = count((kind) => droppedObjects.filter((object) => object.kind === kind).length);
  // The page may have lost handles of its own before.
  const ids = new Set(droppedObjects.map(({ id }) => id));
  const ours = report.objects.collected.filter(({ id }) => ids.has(id));
  const collected = count((kind) => ours.filter((object) => object.kind === kind).length);
  const isReported = (kind: ObjectKind) =>
    collected[kind] > 0 ||
    report.leaks.some(
      ({ type, details }) => type === 'object_accumulation' && details.kind === kind,
    );
  const found = count((kind) => (isReported(kind) ? now[kind] - before[kind] : 0));
  return {
    planted,
    found,
    missed: count((kind) => Math.max(0, planted[kind] - found[kind])),
    dropped,
    collected,
    report,
    passed: OBJECT_KINDS.every((kind) => found[kind] === planted[kind]),
  };
}

function describe({ report, planted, found, missed, collected, dropped, passed }: SelfTestResult) {
  const { summary, current, history, leaks } = report;
  // Asking the allocator is not free, so not every sample has its answer.
  const used = history.findLast(({ wasmMemory }) => wasmMemory.heapUsed !== null);
  const bytes = (value: number | null | undefined) =>
    value == null ? 'unknown' : formatBytes(value);
  const sum = (counts: ObjectCounts) => OBJECT_KINDS.reduce((all, kind) => all + counts[kind], 0);
  const created = OBJECT_KINDS.map((kind) => `${report.objects.totals[kind].created} ${kind}`);
  return [
    `${summary.totalSamples} samples in ${formatDuration(summary.duration)}; counted: ${created.join(', ')}.`,
    `Heap size ${bytes(current?.wasmMemory.heapSize)}, in use ${bytes(used?.wasmMemory.heapUsed)}, ` +
      `GEGL's tile cache ${bytes(current?.gegl?.tileCache)}.`,
    'Findings:',
    ...leaks.map(({ severity, type, message }) => `  ${severity} ${type}: ${message}`),
    ...(leaks.length === 0 ? ['  none'] : []),
    `Of ${sum(dropped)} dropped handles, the engine has collected ${sum(collected)} so far; ` +
      'a collected handle is a leak for certain.',
    ...table([
      ['', 'planted', 'found', 'missed'],
      ...OBJECT_KINDS.map((kind) => [
        kind,
        ...[planted, found, missed].map((c) => String(c[kind])),
      ]),
    ]),
    passed ? 'passed: found is what was planted.' : 'FAILED: found is not what was planted.',
  ].join('\n');
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
