// Every way in which one place of a JSON value can be broken.

export interface Mutation {
  readonly path: string;
  readonly what: string;
  readonly text: string;
}

const REPLACEMENTS: readonly unknown[] = [null, true, -1, 1.5, 'text', [], {}, [null], { a: 1 }];

/** Removes each member, and puts each replacement in each place. Of lists, the first and last entry. */
export function* mutationsOf(text: string): Generator<Mutation> {
  const root: unknown = JSON.parse(text);
  for (const { holder, key, path } of placesOf(root, '')) {
    const value = holder[key];
    for (const replacement of REPLACEMENTS) {
      holder[key] = replacement;
      yield { path, what: `${path} = ${JSON.stringify(replacement)}`, text: JSON.stringify(root) };
    }
    if (!Array.isArray(holder)) {
      delete holder[key];
      yield { path, what: `without ${path}`, text: JSON.stringify(root) };
    }
    holder[key] = value;
  }
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

function* placesOf(value: unknown, path: string): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder);
  for (const key of Array.isArray(value) ? new Set([keys[0], keys.at(-1)]) : keys) {
    if (key === undefined) continue;
    const place = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    yield { holder, key, path: place };
    yield* placesOf(holder[key], place);
  }
}
