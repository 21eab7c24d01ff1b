// Keeps a page's console messages and uncaught errors where the browser's protocol doesn't tell them: in WebKitGTK, whose driver
// refuses WebDriver BiDi. The test server makes it the first script of every page; in other engines it does nothing.
(() => {
  if (
    !navigator.webdriver ||
    !/AppleWebKit/.test(navigator.userAgent) ||
    /Chrom/.test(navigator.userAgent)
  )
    return;

  /** @type {{ messages: { type: string, text: string }[], errors: string[] }} */
  const captured = { messages: [], errors: [] };
  Object.defineProperty(globalThis, Symbol.for('test-harness.captured'), { value: captured });

  /** @param {unknown} value */
  function describe(value) {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return `${value}\n${value.stack ?? ''}`;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  }

  for (const type of /** @type {const} */ (['debug', 'error', 'info', 'log', 'warn'])) {
    const original = console[type];
    console[type] = (...values) => {
      captured.messages.push({ type, text: values.map(describe).join(' ') });
      original.apply(console, values);
    };
  }
  addEventListener('error', (event) => {
    captured.errors.push(describe(event.error ?? event.message));
  });
  addEventListener('unhandledrejection', (event) => {
    captured.errors.push(describe(event.reason));
  });
})();
