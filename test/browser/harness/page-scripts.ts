// The JavaScript that the harness itself runs in pages, as text, and what it makes of the answers. The same for every engine.

import { PageError } from './errors.ts';

/**
 * Wraps an expression so that its awaited value, or what it threw, comes back as one JSON string. Each
 * protocol has a way of its own to report errors; this one keeps the page's name, message and stack in all.
 */
export function wrapExpression(expression: string): string {
  return `(async () => {
    try {
      return JSON.stringify({ value: await (${expression}\n) });
    } catch (error) {
      const isError = error instanceof Error;
      return JSON.stringify({ thrown: {
        name: isError ? error.name : 'Thrown',
        message: isError ? error.message : String(error),
        stack: isError ? String(error.stack) : undefined,
      } });
    }
  })()`;
}

interface Answer<T> {
  value?: T;
  thrown?: { name: string; message: string; stack?: string };
}

/** The value in an answer of `wrapExpression`. @throws PageError what the page threw */
export function unwrapAnswer<T>(json: string): T {
  const answer: Answer<T> = JSON.parse(json);
  if (answer.thrown) {
    const { name, message, stack } = answer.thrown;
    throw new PageError(name, message, stack);
  }
  // The caller states the type of the expression; nothing here can check it.
  return answer.value as T;
}

const CANARIES = 'globalThis[Symbol.for("test-harness.canaries")]';

/** Registers 64 objects that nothing holds. (Several, since a stale word on the stack may seem to hold one.) */
export const PLACE_CANARIES = `(() => {
  const canaries = { dead: 0 };
  ${CANARIES} = canaries;
  canaries.registry = new FinalizationRegistry(() => { canaries.dead += 1; });
  for (let index = 0; index < 64; index += 1) canaries.registry.register({ index });
})()`;

/** Whether the canaries' finalizers ran, and so those of any other objects that nothing held. */
export const CANARIES_COLLECTED = `${CANARIES}.dead >= 60`;

/** Allocates and drops 12 MB: a nudge, in an engine that offers no way to ask for a collection. */
export const ALLOCATION_PRESSURE =
  '(() => { for (let count = 0; count < 200; count += 1) new Uint8Array(65536).fill(1); })()';
