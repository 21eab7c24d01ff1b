// The one error of the recipe: a message for the person at the terminal, who needs no stack trace.

export class RecipeError extends Error {
  /** @override */
  name = 'RecipeError';
}

/**
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
