// What operations there are and what their properties take, as GEGL itself tells it.

import { GeglError, nearestNames } from './errors.ts';
import { GeglObject } from './object.ts';
import type { Runtime } from './runtime.ts';

export type PropertyType =
  | 'boolean'
  | 'int'
  | 'seed'
  | 'double'
  | 'enum'
  | 'string'
  | 'file-path'
  | 'uri'
  | 'color'
  | 'buffer'
  | 'curve'
  | 'path'
  | 'format'
  | 'pointer'
  | 'object';

export interface PropertyDescription {
  readonly name: string;
  readonly type: PropertyType;
  /** The GType of the value: `'gdouble'`, `'GeglColor'`, ... */
  readonly valueType: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly writable: boolean;
  /** Numbers only; null where there is no bound. */
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  /** The range that a slider should offer. */
  readonly uiMinimum?: number | null;
  readonly uiMaximum?: number | null;
  /** The names that an `enum` takes. */
  readonly values?: readonly string[];
  readonly default: unknown;
}

export interface OperationDescription {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly categories: readonly string[];
  /** Set where the operation needs a license, such as `'GPL3+'`. */
  readonly license: string | null;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly properties: readonly PropertyDescription[];
}

/** Names that people try, and the operation that they mean. */
const ALIASES: Readonly<Record<string, string>> = { 'gegl:blur': 'gegl:gaussian-blur' };

const catalogs = new WeakMap<Runtime, OperationCatalog>();

export function catalogOf(runtime: Runtime): OperationCatalog {
  let catalog = catalogs.get(runtime);
  if (!catalog) {
    catalog = new OperationCatalog(runtime);
    catalogs.set(runtime, catalog);
  }
  return catalog;
}

/** The operations of one engine; descriptions are read when first asked for. */
export class OperationCatalog {
  readonly #runtime: Runtime;
  readonly #descriptions = new Map<string, OperationDescription>();
  #names: readonly string[] | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Sorted by name. */
  names(): readonly string[] {
    this.#names ??= (
      this.#runtime.run((module) =>
        this.#runtime.takeString(module._gegl_wasm_list_operations()),
      ) ?? ''
    )
      .split('\n')
      .filter((name) => name !== '')
      .sort();
    return this.#names;
  }

  /** To be called after the license has changed, which hides and shows operations. */
  forgetNames(): void {
    this.#names = null;
  }

  /** @throws GeglError `UNKNOWN_OPERATION`, with the nearest names. */
  describe(name: string): OperationDescription {
    const found = this.#descriptions.get(name);
    if (found) return found;
    const runtime = this.#runtime;
    const real = ALIASES[name] ?? name;
    if (
      typeof name !== 'string' ||
      !runtime.run((module) => module._gegl_wasm_has_operation(runtime.string(real)))
    ) {
      throw new GeglError('UNKNOWN_OPERATION', `GEGL has no operation ${JSON.stringify(name)}.`, {
        suggestions: nearestNames(String(name), [...this.names(), ...Object.keys(ALIASES)]),
      });
    }
    // A node is made to see its pads; some operations complain when made without their input.
    const text = runtime.runQuietly((module) =>
      runtime.takeString(module._gegl_wasm_describe_operation(runtime.string(real))),
    );
    const raw: OperationDescription & { categories: string | null } = JSON.parse(text ?? '{}');
    const description = {
      ...raw,
      categories: (raw.categories ?? '').split(':').filter((category) => category !== ''),
    };
    this.#descriptions.set(name, description);
    return description;
  }
}

/** @throws GeglError `UNKNOWN_PROPERTY`, with the nearest names. */
export function findProperty(operation: OperationDescription, name: string): PropertyDescription {
  const found = operation.properties.find((property) => property.name === name);
  if (found) return found;
  const names = operation.properties.map((property) => property.name);
  throw new GeglError(
    'UNKNOWN_PROPERTY',
    `${operation.name} has no property ${JSON.stringify(name)}; it has ${names.join(', ') || 'none'}.`,
    { suggestions: nearestNames(String(name), names) },
  );
}

/** @throws GeglError `UNKNOWN_PAD`, with the pads that there are. */
export function checkPad(
  operation: OperationDescription,
  direction: 'inputs' | 'outputs',
  pad: string,
): void {
  const pads = operation[direction];
  if (pads.includes(pad)) return;
  throw new GeglError(
    'UNKNOWN_PAD',
    `${operation.name} has no ${direction === 'inputs' ? 'input' : 'output'} pad ${JSON.stringify(pad)}; it has ${pads.join(', ') || 'none'}.`,
    { suggestions: nearestNames(String(pad), pads) },
  );
}

/** The error for a value that a property does not take. */
export function invalid(property: PropertyDescription, value: unknown, why: string): GeglError {
  return new GeglError(
    'INVALID_VALUE',
    `The property ${property.name} ${why}; it was given ${display(value)}.`,
  );
}

export function display(value: unknown): string {
  if (value instanceof GeglObject) return value.describe();
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? String(value);
}

/** @throws GeglError `INVALID_VALUE`. */
export function checkNumber(property: PropertyDescription, value: unknown): number {
  if (property.type === 'boolean') {
    if (typeof value !== 'boolean') throw invalid(property, value, 'takes true or false');
    return value ? 1 : 0;
  }
  const isInteger = property.type !== 'double';
  const { minimum = null, maximum = null } = property;
  const isRight =
    typeof value === 'number' && (isInteger ? Number.isInteger(value) : Number.isFinite(value));
  if (!isRight)
    throw invalid(property, value, `takes ${isInteger ? 'an integer' : 'a finite number'}`);
  if ((minimum !== null && value < minimum) || (maximum !== null && value > maximum)) {
    throw invalid(
      property,
      value,
      `takes ${minimum ?? 'any number'} to ${maximum ?? 'any number'}`,
    );
  }
  return value;
}
