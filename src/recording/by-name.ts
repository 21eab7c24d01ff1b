/** An object with a value for each name. */
export function byName<Name extends string, Value>(
  names: readonly Name[],
  choose: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, choose(name)])) as Record<Name, Value>;
}
