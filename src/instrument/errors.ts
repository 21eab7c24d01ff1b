// What can go wrong with a module's bytes, each with its place.

export const hex = (number: number) => `0x${number.toString(16)}`;

export type InstrumentErrorCode = 'WASM_FORMAT' | 'ALLOCATOR_NOT_FOUND';

/** The bytes are no WebAssembly module that this rewriter understands. */
export class WasmFormatError extends Error {
  override readonly name = 'WasmFormatError';
  readonly code: InstrumentErrorCode = 'WASM_FORMAT';
  /** Byte offset in the module at which reading stopped. */
  readonly offset: number;

  constructor(offset: number, what: string) {
    super(`At byte ${offset} (${hex(offset)}) of the WebAssembly module: ${what}.`);
    this.offset = offset;
  }
}

/** No allocator was found in the module; `tried` says where it was looked for. */
export class AllocatorNotFoundError extends Error {
  override readonly name = 'AllocatorNotFoundError';
  readonly code: InstrumentErrorCode = 'ALLOCATOR_NOT_FOUND';
  /** A sentence a way, in the order in which they were tried. */
  readonly tried: readonly string[];

  constructor(tried: readonly string[]) {
    super(
      `No allocator was found in the module: ${tried.join('; ')}. ` +
        'Name its functions with the option allocator: { malloc, free }, by export, name or function index.',
    );
    this.tried = tried;
  }
}
