// What can be wrong with a heap image, and with the place where it is analyzed.

export type HeapImageErrorCode = 'HEAP_IMAGE' | 'HEAP_KERNEL';

export class HeapImageError extends Error {
  override readonly name = 'HeapImageError';

  private constructor(
    readonly code: HeapImageErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  /** A snapshot that is refused was put together wrongly. */
  static refused(what: string): HeapImageError {
    return new HeapImageError(
      'HEAP_IMAGE',
      `The heap image can't be analyzed: ${what}. Take the heap snapshot again.`,
    );
  }

  static noKernel(cause: unknown): HeapImageError {
    return new HeapImageError(
      'HEAP_KERNEL',
      `The heap image can't be analyzed here (${cause}). It takes WebAssembly with SIMD (Safari has it since 16.4) that the page's policy allows, and memory: close other pages, or use another browser.`,
      cause,
    );
  }
}
