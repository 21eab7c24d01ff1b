// A conformance case: one behaviour of the wrapper, shown on the real module. The same cases run in
// Node and on real pages, so they use nothing that only one of them has.

import { assert } from 'chai';
import type { GeglEngine, GeglError, GeglErrorCode, GeglMessage } from '../../../src/gegl/index.ts';

/** The wrapper as this environment loaded it: as ES module, CommonJS or classic script. */
export interface Environment {
  readonly name: 'node' | 'page' | 'worker';
  /** Started, with the GPL3+ operations. */
  readonly Gegl: GeglEngine;
  readonly GeglEngine: typeof GeglEngine;
  readonly GeglError: typeof GeglError;
  /** The `createGegl` of gegl.js. */
  readonly createModule: () => Promise<unknown>;
}

export interface ConformanceCase {
  readonly name: string;
  /** Part of the short set that runs in every kind of page and worker. */
  readonly smoke?: boolean;
  readonly run: (environment: Environment) => void | Promise<void>;
}

/** Asserts that `action` throws a GeglError with `code`, and returns it. */
export function throwsCode(
  { GeglError: Class }: Environment,
  code: GeglErrorCode,
  action: () => unknown,
): GeglError {
  try {
    action();
  } catch (error) {
    assert.instanceOf(error, Class, `not a GeglError: ${String(error)}`);
    if (!(error instanceof Class)) throw error;
    assert.strictEqual(error.code, code, error.message);
    return error;
  }
  return assert.fail(`expected ${code}, but nothing was thrown by ${String(action)}`);
}

/** As `throwsCode`, for a promise. */
export async function rejectsCode(
  environment: Environment,
  code: GeglErrorCode,
  promise: Promise<unknown>,
): Promise<GeglError> {
  const outcome = await promise.then(
    () => ({ error: null }),
    (error: unknown) => ({ error }),
  );
  return throwsCode(environment, code, () => {
    if (outcome.error !== null) throw outcome.error;
  });
}

/** A started engine of the case's own, ended afterwards. */
export async function withEngine<T>(
  environment: Environment,
  action: (engine: GeglEngine) => T | Promise<T>,
  options: Parameters<GeglEngine['init']>[0] = {},
): Promise<T> {
  const messages: GeglMessage[] = [];
  const engine = await new environment.GeglEngine().init({
    module: environment.createModule,
    onMessage: (message) => messages.push(message),
    ...options,
  });
  try {
    return await action(engine);
  } finally {
    if (engine.isRunning) engine.exit();
    assertNoCriticals(messages);
  }
}

/** GLib's criticals tell of a mistake in the wrapper or in GEGL; there must be none. */
export function assertNoCriticals(messages: readonly GeglMessage[]): void {
  const bad = messages.filter(({ level }) => level === 'critical' || level === 'error');
  assert.deepEqual(bad, []);
}

/** RGBA float pixels that differ everywhere: components in 0 to 1. */
export function pattern(width: number, height: number, components = 4): Float32Array {
  return new Float32Array(width * height * components).map(
    (_, index) => ((index * 37) % 256) / 255,
  );
}
