// Builds the components side by side where they don't depend on each other, first things first: a
// configure script uses one processor only, and glib's takes minutes.

import { buildComponent } from './steps.mjs';

const AT_ONCE = 2;

/**
 * @param {Map<string, import('./steps.mjs').Plan>} plans
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @returns {Promise<import('./steps.mjs').Built[]>} in the order of the plans; rejects at the first failure
 */
export function buildComponents(plans, toolchain) {
  const turn = turnstile(AT_ONCE);
  /** @type {Map<string, Promise<import('./steps.mjs').Built>>} */
  const builds = new Map();
  for (const [name, plan] of plans) {
    const rank = builds.size;
    const before = plan.component.dependencies.map((dependency) => builds.get(dependency));
    builds.set(
      name,
      Promise.all(before).then(() => turn(rank, () => buildComponent(plan, toolchain))),
    );
  }
  return Promise.all(builds.values());
}

/**
 * @param {number} places
 * @returns {<T>(rank: number, action: () => Promise<T>) => Promise<T>} runs an action when there is a
 *   place for it; the lowest rank goes first
 */
function turnstile(places) {
  let free = places;
  /** @type {{ rank: number, enter: () => void }[]} */
  let waiting = [];
  const admit = () => {
    const [first, ...others] = waiting.sort((a, b) => a.rank - b.rank);
    if (free === 0 || first === undefined) return;
    waiting = others;
    free--;
    first.enter();
  };
  return async (rank, action) => {
    await new Promise((resolve) => {
      waiting.push({ rank, enter: () => resolve(undefined) });
      admit();
    });
    try {
      return await action();
    } finally {
      free++;
      // Not before those have queued up that waited for this very result.
      setImmediate(admit);
    }
  };
}
