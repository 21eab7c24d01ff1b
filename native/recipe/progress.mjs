// What the terminal shows: one line a step, with the minutes since the build began.

const started = Date.now();

/**
 * @param {number} milliseconds
 * @returns {number} minutes, to a hundredth
 */
export function minutes(milliseconds) {
  return Math.round(milliseconds / 600) / 100;
}

/**
 * @param {string} subject a component's or a module's name
 * @param {string} text
 */
export function report(subject, text) {
  const elapsed = ((Date.now() - started) / 60_000).toFixed(1).padStart(5);
  console.log(`${elapsed} min  ${subject.padEnd(14)} ${text}`);
}
