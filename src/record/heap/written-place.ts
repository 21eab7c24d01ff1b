// Where a place of a script was written, as the program's own `Error.prepareStackTrace` tells it: that of Vitest, Jest and
// ts-node knows the source maps of what it has compiled.

import { FrameParser, type ParsedFrame } from './stack-frames.ts';

/** What formatters ask a frame of V8 for; most of it says nothing here. */
const QUESTIONS = [
  ...['getThis', 'getTypeName', 'getFunction', 'getFunctionName', 'getMethodName', 'getFileName'],
  ...['getScriptNameOrSourceURL', 'getLineNumber', 'getColumnNumber', 'getEvalOrigin'],
  ...['getPromiseIndex', 'isToplevel', 'isEval', 'isNative', 'isConstructor', 'isAsync'],
  ...['isPromiseAll', 'toString'],
];

/**
 * The frame with the place in its source; as it is where nobody knows. In Node only: what a page's formatter does is not
 * ours to start.
 */
export function inSource<Frame extends Pick<ParsedFrame, 'url' | 'line' | 'column'>>(
  frame: Frame,
): Frame {
  const { url, line, column } = frame;
  if (typeof process !== 'object' || !process.versions?.node) return frame;
  try {
    const format: unknown = Reflect.get(Error, 'prepareStackTrace');
    if (typeof format !== 'function' || url === null || line === null) return frame;
    const answers: Readonly<Record<string, unknown>> = {
      getFileName: url,
      getScriptNameOrSourceURL: url,
      getLineNumber: line,
      getColumnNumber: column,
      isToplevel: true,
      toString: `${url}:${line}:${column}`,
    };
    // Formatters copy a frame by the names in its prototype.
    const site = Object.create(
      Object.fromEntries(QUESTIONS.map((name) => [name, () => answers[name] ?? null])),
    );
    const [found] = new FrameParser().parse(String(format(new Error(), [site])));
    if (!found || found.line === null) return frame;
    return { ...frame, url: found.url, line: found.line, column: found.column };
  } catch {
    return frame;
  }
}
