// One line that says how far a session is: rewritten in place on a terminal, else now and then.

/** @import { MemoryProfiler, Snapshot } from 'gegl-memory-profiler' */

/** Of lines, where they can't be rewritten. */
const LINES = 5;

/** @param {NodeJS.WriteStream} stream */
export function createProgress(stream) {
  return {
    /**
     * @param {number} round
     * @param {number} rounds
     * @param {MemoryProfiler} profiler
     */
    show(round, rounds, profiler) {
      const { buffers, nodes, processors, colors } = profiler.objectCounts;
      const line =
        `round ${String(round).padStart(String(rounds).length)} of ${rounds}: ` +
        `heap ${megabytes(profiler.snapshots.at(-1)?.wasmMemory.heapSize)}; alive: ${buffers} buffers, ` +
        `${nodes} nodes, ${processors} processors, ${colors} colors`;
      if (stream.isTTY) stream.write(`\r\u001b[K${line.slice(0, stream.columns - 1)}`);
      else if (round % Math.ceil(rounds / LINES) === 0) stream.write(`${line}\n`);
    },
    end() {
      stream.write(stream.isTTY ? '\r\u001b[K' : '\n');
    },
  };
}

/** @param {number | null | undefined} bytes */
function megabytes(bytes) {
  return typeof bytes === 'number' ? `${Math.round(bytes / 2 ** 20)} MB` : 'unknown';
}
