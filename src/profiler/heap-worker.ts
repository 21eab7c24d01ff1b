// The graph of a heap, made in a worker that starts by this project's own script, so that the page goes on.

import {
  buildHeapGraph,
  type HeapGraph,
  type HeapImage,
  startKernel,
  transferables,
} from '../analyze/heap-graph/index.ts';
import { runAtOnce } from '../slices.ts';

const FRAGMENT = '#memprof-heap-graph';
/** Milliseconds for the script to load and start. */
const START_LIMIT = 5_000;

type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'graph'; readonly graph: HeapGraph; readonly image: HeapImage }
  | { readonly type: 'failed'; readonly message: string };

/** To be called first: in a worker that `analyzeInWorker()` has started. @returns whether that is so. */
export function startAsAnalyst(): boolean {
  if (typeof document === 'object' || typeof location !== 'object') return false;
  if (location.hash !== FRAGMENT || !('DedicatedWorkerGlobalScope' in globalThis)) return false;
  const answer = (message: Answer, transfer: Transferable[] = []) =>
    postMessage(message, { transfer });
  addEventListener('message', ({ data: image }: MessageEvent<HeapImage>) => {
    try {
      const graph = runAtOnce(buildHeapGraph(image));
      answer({ type: 'graph', graph, image }, [...buffersOf(image), ...transferables(graph)]);
    } catch (error) {
      answer({ type: 'failed', message: String(error) });
    }
  });
  try {
    // A worker has a policy of its own: one that forbids WebAssembly leaves the work to the page.
    startKernel(0);
    answer({ type: 'ready' });
  } catch (error) {
    answer({ type: 'failed', message: String(error) });
  }
  return true;
}

export interface Analyzed {
  readonly image: HeapImage;
  readonly graph: HeapGraph;
}

/** Handed over, they take no time; a copy of a million blocks' columns would. */
function buffersOf({ memory, blocks, words }: HeapImage): ArrayBuffer[] {
  const columns = [memory, ...Object.values(blocks), ...Object.values(words)];
  return columns.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

/**
 * The image goes to the worker and comes back.
 *
 * @param script this project's own.
 * @returns null where such a worker can't be started, or can't run WebAssembly: a policy may forbid it.
 */
export async function analyzeInWorker(
  image: HeapImage,
  script: { readonly url: string; readonly type: WorkerType },
): Promise<Analyzed | null> {
  let worker: Worker;
  try {
    const { url, type } = script;
    worker = new Worker(url.split('#', 1)[0] + FRAGMENT, { type });
  } catch {
    return null;
  }
  try {
    if ((await nextAnswer(worker, START_LIMIT))?.type !== 'ready') return null;
    // The graph is made without stacks, and there are many.
    const given: HeapImage = { ...image, sites: [] };
    const answering = nextAnswer(worker);
    worker.postMessage(given, buffersOf(given));
    const answer = await answering;
    if (answer?.type === 'graph') {
      return { image: { ...answer.image, sites: image.sites }, graph: answer.graph };
    }
    throw new Error(answer?.type === 'failed' ? answer.message : 'its worker ended');
  } finally {
    worker.terminate();
  }
}

/** Null where the worker fails, or does not answer in time. */
function nextAnswer(worker: Worker, limit = Infinity): Promise<Answer | null> {
  return new Promise((resolve) => {
    const timer = limit < Infinity ? setTimeout(resolve, limit, null) : undefined;
    const end = (answer: Answer | null) => {
      clearTimeout(timer);
      resolve(answer);
    };
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => end(data), {
      once: true,
    });
    // Of an answer for which there is no memory comes a messageerror.
    for (const type of ['error', 'messageerror']) {
      worker.addEventListener(type, (event) => {
        event.preventDefault();
        end(null);
      });
    }
  });
}
