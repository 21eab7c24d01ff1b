// The harness's own errors: `HarnessError` when the set-up is at fault, `PageError` when the page is.

export type HarnessErrorCode =
  | 'browser-not-installed'
  | 'browser-failed-to-start'
  | 'page-failed-to-load'
  | 'timed-out'
  | 'closed';

export class HarnessError extends Error {
  readonly code: HarnessErrorCode;

  constructor(code: HarnessErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HarnessError';
    this.code = code;
  }
}

/** What a page threw: `name`, `message` and `stack` are the page's own, and so its engine's. */
export class PageError extends Error {
  constructor(name: string, message: string, stack: string | undefined) {
    super(message);
    this.name = name;
    // Only V8 starts a stack with the message.
    const heading = `${name}: ${message}`;
    this.stack = stack?.startsWith(heading) ? stack : `${heading}\n${stack ?? ''}`;
  }
}
