// Runs the action of findLeaks() so that each run has the same stack.

/** Whether an action runs now. */
export let isActing = false;

/** @param givenUp rejects when the action is no longer to be waited for. */
export async function runOnce(action: () => unknown, givenUp?: Promise<never>): Promise<void> {
  // So that each run has the same stack: the first one of a loop would have that of the loop, too.
  await (givenUp ? Promise.race([givenUp, null]) : null);
  isActing = true;
  ownFrame ||= PLACE.exec(new Error().stack ?? '')?.[1] ?? '';
  try {
    await (givenUp ? Promise.race([givenUp, action()]) : action());
  } finally {
    isActing = false;
  }
}

/** Function and file of the first frame of a stack. */
const PLACE = /^(.+):\d+:\d+\)?$/m;
/** That of `runOnce()`. */
let ownFrame = '';

/** Firefox tells of each run's awaiting, each time otherwise. */
export function withoutOwn(stack: string): string {
  const lines = stack.split('\n');
  const end = ownFrame === '' ? -1 : lines.findIndex((line) => line.startsWith(ownFrame));
  return end < 0 ? stack : lines.slice(0, end).join('\n');
}
