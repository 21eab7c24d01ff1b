// Why there is no image of a heap.

export type HeapImageErrorCode =
  /** The module has no memory. */
  'NO_MEMORY';

export class HeapImageError extends Error {
  override readonly name = 'HeapImageError';
  readonly code: HeapImageErrorCode;

  constructor(code: HeapImageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
