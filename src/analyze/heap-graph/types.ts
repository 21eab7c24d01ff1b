// What a heap graph is made from: the image of a heap. Plain data, so that it can be handed to a worker.

/** Where a block was allocated. */
export interface ImageSite {
  /** Innermost first, symbolized; frames of the allocator and of forwarders to it left out. */
  readonly stack: readonly string[];
}

/** A heap at one moment. Addresses are bytes in the WebAssembly memory. */
export interface HeapImage {
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly pointerBits: 32 | 64;
  /** What is scanned of the memory: pieces of it, each as far from a multiple of 8 as its address is. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Live blocks by rising address; columns of one length. */
  readonly blocks: {
    readonly addresses: Float64Array;
    readonly sizes: Float64Array;
    /** Place in `sites` + 1; 0: not known. */
    readonly sites: Uint32Array;
    /** Place in `scopes` + 1; 0: none. */
    readonly scopes: Uint32Array;
    /** Number of the allocation; wraps at 2^32. */
    readonly sequences: Uint32Array;
    /** Place in `labels` + 1, what the block is known to be ('GeglBuffer', 'tile data'); 0: not known. */
    readonly labels: Uint32Array;
    /** Bytes from its start that may hold pointers: none of pixels and texts. They alone are in `memory`. */
    readonly scanned: Float64Array;
    /** Where in `memory` they start. */
    readonly offsets: Float64Array;
  };
  readonly sites: readonly ImageSite[];
  /** Such as 'gegl:gaussian-blur'. */
  readonly scopes: readonly string[];
  readonly labels: readonly string[];
  /** Ranges that are scanned as roots, such as static data; `to` is exclusive, `offset` is where in `memory` they start. */
  readonly roots: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly offset: number;
  }[];
  /** Pointers that are roots themselves: JavaScript handles, globals of the module. */
  readonly pointers: readonly {
    readonly kind: 'handle' | 'global';
    readonly name: string;
    readonly address: number;
  }[];
  /** What is known of single words, by rising address. */
  readonly words: {
    readonly addresses: Float64Array;
    /** Place in `wordNames` of the name of the edge that starts at the word; that name may be ''. */
    readonly names: Uint32Array;
    /** 1: a register that must not keep anything alive; its edge is weak. */
    readonly weak: Uint8Array;
  };
  readonly wordNames: readonly string[];
}
