// What can go wrong with a tracker. Once it is attached nothing of it throws.

export type TrackerErrorCode = 'TRACKER_MEMORY' | 'NOT_INSTRUMENTED';

export class TrackerError extends Error {
  override readonly name = 'TrackerError';
  readonly code: TrackerErrorCode;

  constructor(code: TrackerErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
