// A heap as plain JavaScript objects: what the tracker must come to, by what the allocator did in the end.

import type { HeapCounters, SizeClass } from '../../src/tracker/index.ts';

interface ModelBlock {
  size: number;
  scope: ModelScope | null;
  sequence: number;
}

interface Figures {
  allocatedBytes: number;
  allocatedBlocks: number;
  liveBytes: number;
  liveBlocks: number;
}

export interface ModelScope extends Figures {
  runs: number;
  peakBytes: number;
}

interface Frame {
  scope: ModelScope | null;
  liveAtOpen: number;
  most: number;
}

export class HeapModel {
  readonly blocks = new Map<number, ModelBlock>();
  readonly scopes = new Map<string, ModelScope>();
  readonly classes = new Map<number, Figures>();
  readonly frames: Frame[] = [{ scope: null, liveAtOpen: 0, most: 0 }];
  /** Detached by a realloc that threw; counted as live still. */
  leftBehind: { address: number; block: ModelBlock } | null = null;
  live = 0;
  liveBlocks = 0;
  allocatedBytes = 0;
  allocatedBlocks = 0;
  freedBytes = 0;
  freedBlocks = 0;
  unknownFrees = 0;
  duplicateAllocations = 0;
  sequence = 0;

  get counters(): HeapCounters {
    this.#noteLive();
    return {
      liveBytes: this.live,
      liveBlocks: this.liveBlocks,
      peakBytes: Math.max(...this.frames.map(({ most }) => most)),
      allocatedBytes: this.allocatedBytes,
      allocatedBlocks: this.allocatedBlocks,
      freedBytes: this.freedBytes,
      freedBlocks: this.freedBlocks,
      unknownFrees: this.unknownFrees,
      duplicateAllocations: this.duplicateAllocations,
      misaligned: 0,
      unknownInstances: 0,
      sequence: this.sequence,
    };
  }

  get sizeClasses(): SizeClass[] {
    return [...this.classes]
      .map(([least, figures]) => ({ least, ...figures }))
      .filter(({ allocatedBlocks }) => allocatedBlocks > 0)
      .sort((a, b) => a.least - b.least);
  }

  allocate(address: number, size: number): void {
    if (this.blocks.has(address)) {
      this.duplicateAllocations += 1;
      this.free(address);
    }
    this.sequence += 1;
    const scope = this.frames.at(-1)?.scope ?? null;
    this.blocks.set(address, { size, scope, sequence: this.sequence });
    this.#count(size, scope, 1);
  }

  free(address: number): void {
    const block = this.blocks.get(address);
    if (block) {
      this.blocks.delete(address);
      this.#release(block);
    } else if (this.leftBehind?.address === address) this.settleLeftBehind();
    else this.unknownFrees += 1;
  }

  /** The allocation is as if it had been of the other size at once. */
  resize(address: number, size: number): void {
    const block = this.blocks.get(address);
    if (!block) throw new Error('the model has no such block');
    this.#count(block.size, block.scope, -1);
    block.size = size;
    this.#count(size, block.scope, 1);
  }

  /** A block of the allocator's own, which is no allocation; its number is gone. */
  skipSequence(): void {
    this.sequence += 1;
  }

  leaveBehind(address: number): void {
    const block = this.blocks.get(address);
    if (!block) throw new Error('the model has no such block');
    this.blocks.delete(address);
    this.leftBehind = { address, block };
  }

  settleLeftBehind(): void {
    if (this.leftBehind) this.#release(this.leftBehind.block);
    this.leftBehind = null;
  }

  open(name: string): void {
    const scope = this.scopes.get(name) ?? {
      runs: 0,
      allocatedBytes: 0,
      allocatedBlocks: 0,
      liveBytes: 0,
      liveBlocks: 0,
      peakBytes: 0,
    };
    this.scopes.set(name, scope);
    scope.runs += 1;
    this.#noteLive();
    this.frames.push({ scope, liveAtOpen: this.live, most: this.live });
  }

  close(token: number): void {
    this.#noteLive();
    while (this.frames.length - 1 > token) {
      const frame = this.frames.pop();
      if (!frame?.scope) throw new Error('the model has no such scope');
      frame.scope.peakBytes = Math.max(frame.scope.peakBytes, frame.most - frame.liveAtOpen);
    }
  }

  #release({ size, scope }: ModelBlock): void {
    this.#noteLive();
    this.live -= size;
    this.liveBlocks -= 1;
    this.freedBytes += size;
    this.freedBlocks += 1;
    for (const one of this.#ownersOf(size, scope)) {
      one.liveBytes -= size;
      one.liveBlocks -= 1;
    }
  }

  #count(size: number, scope: ModelScope | null, sign: 1 | -1): void {
    const bytes = sign * size;
    this.live += bytes;
    this.liveBlocks += sign;
    this.allocatedBytes += bytes;
    this.allocatedBlocks += sign;
    for (const one of this.#ownersOf(size, scope)) {
      one.liveBytes += bytes;
      one.liveBlocks += sign;
      one.allocatedBytes += bytes;
      one.allocatedBlocks += sign;
    }
  }

  #ownersOf(size: number, scope: ModelScope | null): Figures[] {
    return scope ? [this.#classOf(size), scope] : [this.#classOf(size)];
  }

  #classOf(size: number): Figures {
    const least = size === 0 ? 0 : 2 ** Math.floor(Math.log2(size));
    const known = this.classes.get(least);
    if (known) return known;
    const figures = { liveBytes: 0, liveBlocks: 0, allocatedBytes: 0, allocatedBlocks: 0 };
    this.classes.set(least, figures);
    return figures;
  }

  #noteLive(): void {
    for (const frame of this.frames) frame.most = Math.max(frame.most, this.live);
  }
}
