// The `.heapsnapshot` text, read by the DevTools front end that is in Chromium, says what the graph says.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHeap } from '../../bench/heap-graph/synthetic-heap.ts';
import { buildHeapGraph } from '../../src/analyze/heap-graph/index.ts';
import { formatHeapSnapshot } from '../../src/present/formats/heapsnapshot.ts';
import { runAtOnce } from '../../src/slices.ts';
import { type BrowserEngine, type BrowserPage, launchEngine } from '../browser/harness/engines.ts';

const WORKER = 'devtools://devtools/bundled/entrypoints/heap_snapshot_worker/';

interface Read {
  readonly nodes: readonly (readonly [
    type: string,
    name: string,
    selfSize: number,
    retainedSize: number,
    distance: number,
  ])[];
  /** By class: objects, and bytes. */
  readonly aggregates: Readonly<Record<string, readonly [count: number, self: number]>>;
}

interface DevToolsNode {
  type(): string;
  rawName(): string;
  selfSize(): number;
  retainedSize(): number;
  distance(): number;
}

interface DevToolsSnapshot {
  allNodes(): { hasNext(): boolean; next(): void; readonly node: DevToolsNode };
  aggregatesWithFilter(
    filter: object,
  ): Record<string, { name: string; count: number; self: number }>;
}

/** What is used of DevTools' own module. */
interface DevTools {
  readonly HeapSnapshot: { readonly SecondaryInitManager: new (port: MessagePort) => object };
  readonly HeapSnapshotLoader: {
    readonly HeapSnapshotLoader: new (dispatcher: {
      sendEvent(): void;
    }) => {
      write(text: string): void;
      close(): void;
      buildSnapshot(second: MessagePort): Promise<DevToolsSnapshot>;
    };
  };
}

/** Runs in a page of DevTools: its loader, with the parts of a worker in the page itself. */
async function readInDevTools(
  { HeapSnapshot, HeapSnapshotLoader }: DevTools,
  text: string,
): Promise<Read> {
  const loader = new HeapSnapshotLoader.HeapSnapshotLoader({ sendEvent() {} });
  loader.write(text);
  loader.close();
  const { port1, port2 } = new MessageChannel();
  new HeapSnapshot.SecondaryInitManager(port2);
  const snapshot = await loader.buildSnapshot(port1);
  const nodes: Read['nodes'][number][] = [];
  for (const nodes_ = snapshot.allNodes(); nodes_.hasNext(); nodes_.next()) {
    const { node } = nodes_;
    nodes.push([
      node.type(),
      node.rawName(),
      node.selfSize(),
      node.retainedSize(),
      node.distance(),
    ]);
  }
  const byClass = Object.values(snapshot.aggregatesWithFilter({}));
  const aggregates = Object.fromEntries(
    byClass.map(({ name, count, self }) => [name, [count, self] as const]),
  );
  port1.close();
  return { nodes, aggregates };
}

describe('DevTools reads', () => {
  let engine: BrowserEngine;
  let page: BrowserPage;

  beforeAll(async () => {
    engine = await launchEngine('chromium');
    page = await engine.open(`${WORKER}heap_snapshot_worker-entrypoint.js`);
  });

  afterAll(() => engine?.close());

  it('the blocks with their labels, sizes and retained sizes', async () => {
    const image = makeHeap({ blocks: 2000, far: 0.001, pointerBits: 32 });
    // Few pointers, so that some blocks hold others alone.
    const units = new Uint32Array(image.memory.buffer);
    for (let unit = 512 * 256; unit < units.length; unit++) if (unit % 16 !== 0) units[unit] = 0;
    const graph = runAtOnce(buildHeapGraph(image));
    const { blockCount, retained, reachable } = graph;
    const text = JSON.stringify(formatHeapSnapshot(image, graph));
    const { nodes, aggregates } = await page.evaluate<Read>(
      `import('${WORKER}heap_snapshot_worker.js').then((module) => (${readInDevTools.toString()})(module, ${text}))`,
    );
    const blocks = nodes.slice(-blockCount);
    expect(blocks.map(([, , self]) => self)).toEqual([...image.blocks.sizes]);
    expect(blocks.map(([, , , size]) => size)).toEqual([...retained.subarray(0, blockCount)]);
    expect(nodes[2]).toEqual(
      expect.arrayContaining(['(unreachable)', retained[graph.unreachableNode]]),
    );
    const labelled = [...image.blocks.labels.keys()].filter(
      (block) => image.labels[(image.blocks.labels[block] ?? 0) - 1] === 'GeglBuffer',
    );
    const bytes = labelled.reduce((sum, block) => sum + (image.blocks.sizes[block] ?? 0), 0);
    expect(aggregates.GeglBuffer).toEqual([labelled.length, bytes]);
    // It shows a distance for what is held, and none (a very great one) for what is not.
    const isFar = blocks.map(([, , , , distance]) => distance >= 100_000_000);
    expect(isFar).toEqual(Array.from(reachable, (flag) => flag === 0));
    expect(isFar).toContain(true);
    expect(isFar).toContain(false);
  });
});
