// The profiler's own errors, also of the parts that load later.

export type ProfilerErrorCode =
  /** An option is not what it must be, or there is none of its name. */
  | 'INVALID_OPTION'
  /** A loaded recording cannot be continued. */
  | 'LOADED_RECORDING'
  /** No module is tracked whose heap a snapshot could be of. */
  | 'NO_TRACKED_HEAP'
  /** The panel's file can't be loaded, or there is no page to show it in. */
  | 'PANEL_UNAVAILABLE'
  /** The file with heap snapshots and findLeaks() can't be loaded. */
  | 'ANALYSIS_UNAVAILABLE'
  /** The action of one findLeaks() calls another, which would wait for it for ever. */
  | 'FINDING_LEAKS';

export class ProfilerError extends Error {
  override readonly name = 'ProfilerError';
  readonly code: ProfilerErrorCode;

  constructor(code: ProfilerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
