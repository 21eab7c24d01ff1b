// Asks the allocator itself whether the tracker is right: each of dlmalloc's chunks begins with its size and
// says whether it is in use, so that all of them can be walked; and `mallinfo` knows their sum.

import type { HeapAccounting, HeapComparison } from '../../recording/types.ts';
import type { HeapContents } from './contents.ts';
import type { HeapMemory } from './memory.ts';

export type Verification = Pick<HeapAccounting, 'verified' | 'verifiedBy' | 'comparison'>;

export const UNVERIFIED: Verification = { verified: null, verifiedBy: null, comparison: null };

const PREVIOUS_IN_USE = 1;
const IN_USE = 2;
const FLAGS = 7;
/** What ends a segment before the last: its head says 4 bytes (8 with 64 bits), in use. */
const fencepost = (word: number) => word | PREVIOUS_IN_USE | IN_USE;

/**
 * Only between tasks: within a call of the allocator its chunks are not in order.
 *
 * @param allocatorBytes asks `mallinfo().uordblks`; null where that can't be done.
 * @param isCertain whether the allocator is known to be dlmalloc; else a difference proves nothing.
 */
export function verify(
  memory: HeapMemory,
  contents: HeapContents,
  isCertain: boolean,
  allocatorBytes: () => number | null,
): Verification {
  const walked = walkChunks(memory, contents);
  if (!walked) return UNVERIFIED;
  const asked = allocatorBytes();
  const comparison = { ...walked, allocatorBytes: asked ?? walked.allocatorBytes };
  const verified =
    comparison.trackedBytes === comparison.allocatorBytes &&
    comparison.untrackedBlocks === 0 &&
    comparison.unallocatedBlocks === 0;
  if (!verified && !isCertain) return UNVERIFIED;
  return { verified, verifiedBy: asked === null ? 'heap-walk' : 'mallinfo', comparison };
}

/**
 * Walks every segment in which tracked blocks lie, from the first of them on. Null where what stands before
 * the blocks is no size: then the allocator is another one.
 */
function walkChunks(memory: HeapMemory, contents: HeapContents): HeapComparison | null {
  const word = memory.pointerBits / 8;
  const headOf = (address: number) => memory.pointer(address - word);
  const { addresses, sizes } = contents;
  let trackedBytes = 0;
  let allocatorBytes = 0;
  let untrackedBlocks = 0;
  let unallocatedBlocks = 0;
  let next = 0;
  while (next < addresses.length) {
    let address = addresses[next] ?? 0;
    for (;;) {
      const head = headOf(address);
      if (head === null) return null;
      const size = head - (head & FLAGS);
      // The last chunk of all ends with a head without flags.
      if ((head & (PREVIOUS_IN_USE | IN_USE)) === 0 || head === fencepost(word)) break;
      if (size < 2 * word || size % (2 * word) !== 0) return null;
      const isTracked = addresses[next] === address;
      const isInUse = (head & IN_USE) !== 0;
      if (isInUse) allocatorBytes += size;
      if (isTracked) {
        if (size < (sizes[next] ?? 0) + word) return null;
        trackedBytes += size;
        if (!isInUse) unallocatedBlocks += 1;
        next += 1;
      } else if (isInUse) {
        // dlmalloc's own record of the segment stands before its end.
        const isRecord = headOf(address + size) === fencepost(word);
        if (isRecord) trackedBytes += size;
        else untrackedBlocks += 1;
      }
      address += size;
      // Tracked blocks in the middle of a chunk are not the allocator's.
      for (; (addresses[next] ?? address) < address; next++) unallocatedBlocks += 1;
    }
    // A segment that ends before the block that it should hold.
    if (addresses[next] === address) {
      unallocatedBlocks += 1;
      next += 1;
    }
  }
  return addresses.length === 0
    ? null
    : { trackedBytes, allocatorBytes, untrackedBlocks, unallocatedBlocks };
}
