// Takes heap snapshots: the image in slices between the page's tasks, the graph in a worker where one can start.

import { buildHeapGraph, findStaticPlaces, type HeapImage } from '../analyze/heap-graph/index.ts';
import { describeHeap } from '../gegl/layouts.ts';
import { findRemnants } from '../gegl/remnants.ts';
import { captureHeap } from '../record/heap/image/capture.ts';
import { knowsHandles } from '../record/heap/image/handles.ts';
import { ownScript } from '../record/heap/own-script.ts';
import type { HeapWatch } from '../record/heap/tracking.ts';
import type { RecordedHeapSnapshot } from '../recording/types.ts';
import { runInTasks } from '../slices.ts';
import { HeapSnapshot } from './heap-snapshot.ts';
import { type Analyzed, analyzeInWorker } from './heap-worker.ts';
import { UnreachableHistory } from './unreachable-history.ts';

export interface HeapSnapshotOptions {
  /** What is unreachable in it is not told of later. The first snapshot of a heap is one, unless it says false. */
  readonly baseline?: boolean;
}

type Histories = WeakMap<WebAssembly.Memory, UnreachableHistory>;

/** The snapshots of one session; those of a heap share a baseline. */
export class HeapSnapshots {
  #histories: Histories = new WeakMap();
  #last: Promise<unknown> = Promise.resolve();
  #isCapturing = false;

  /** Whether a heap is being copied, which begins anew where something allocates meanwhile, as GEGL does for its figures. */
  get isCapturing(): boolean {
    return this.#isCapturing;
  }

  /** One after another. @throws Error where the module has no memory. */
  take(watch: HeapWatch, options: HeapSnapshotOptions = {}): Promise<HeapSnapshot> {
    // Those of now: clear() may come before its turn.
    const histories = this.#histories;
    const taking = this.#last.then(() => this.#take(watch, options, histories));
    this.#last = taking.catch(() => {});
    return taking;
  }

  clear(): void {
    this.#histories = new WeakMap();
  }

  async #take(
    watch: HeapWatch,
    { baseline }: HeapSnapshotOptions,
    histories: Histories,
  ): Promise<HeapSnapshot> {
    const { image: given, memory, pauseMs, knowsStack } = await this.#capture(watch);
    const history = histories.get(memory) ?? new UnreachableHistory();
    histories.set(memory, history);
    history.knowsHandles ||= knowsHandles(memory);
    const isBaseline = baseline ?? !history.hasBaseline;
    const analyzed = await analyze(given);
    const groups = history.add(analyzed, isBaseline);
    return new HeapSnapshot({
      ...analyzed,
      isBaseline,
      groups,
      pauseMs,
      knowsStack,
      knowsHandles: history.knowsHandles,
    });
  }

  async #capture(watch: HeapWatch) {
    const knowledge = watch.knowledge();
    if (!knowledge) throw new Error('The module has no memory.');
    this.#isCapturing = true;
    try {
      return { memory: knowledge.heap.memory, ...(await captureHeap(knowledge, describeHeap)) };
    } finally {
      this.#isCapturing = false;
    }
  }
}

async function analyze(image: HeapImage): Promise<Analyzed> {
  const script = typeof Worker === 'function' ? ownScript('memory-profiler-analysis') : null;
  const analyzed = script && (await analyzeInWorker(image, script));
  if (analyzed) return analyzed;
  return { image, graph: await runInTasks(buildHeapGraph(image)) };
}

const MOST_GROUPS = 200;
/** Fewer are no growth. */
const LEAST_STATIC = 10;

/** What a recording keeps of it. */
export function summarizeHeapSnapshot(
  snapshot: HeapSnapshot,
): Omit<RecordedHeapSnapshot, 'elapsed'> {
  const { isBaseline, blocks, bytes, unreachable, ambiguousShare, explained, knowsHandles } =
    snapshot;
  return {
    isBaseline,
    blocks,
    bytes,
    unreachableBlocks: unreachable.blocks,
    unreachableBytes: unreachable.bytes,
    ambiguousShare,
    explained,
    knowsHandles,
    remnants: findRemnants(snapshot.image, snapshot.graph),
    unreachable: snapshot
      .unreachableGroups()
      .slice(0, MOST_GROUPS)
      .map(({ retainedBytes: _, addresses: __, ...group }) => group),
    staticPlaces: findStaticPlaces(snapshot.graph, snapshot.image, LEAST_STATIC).slice(
      0,
      MOST_GROUPS,
    ),
  };
}
