// What scenarios that leak in C are written with.

import type { Leak, Scenario, Session, World } from '../scenario.ts';

export const block = (site: RegExp): Leak => ({ kind: 'block', site });
export const object = (site: RegExp): Leak => ({ kind: 'object', site });
export const memory = (site: RegExp): Leak => ({ kind: 'memory', site });

/** What is allocated in set-up or held beside the leak is the session's to keep: it is the same in each. */
export function leaking(
  name: string,
  leaks: Leak,
  action: number | null,
  begin: (world: World) => Session['step'],
): Scenario {
  return { name, leaks, action, setUp: (world) => ({ step: begin(world), tearDown() {} }) };
}
