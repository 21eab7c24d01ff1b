// What can be wrong with a heap image. A snapshot that is refused here was put together wrongly.

export type HeapImageErrorCode = 'HEAP_IMAGE';

export class HeapImageError extends Error {
  override readonly name = 'HeapImageError';
  readonly code: HeapImageErrorCode = 'HEAP_IMAGE';

  constructor(what: string) {
    super(`The heap image can't be analyzed: ${what}. Take the heap snapshot again.`);
  }
}
