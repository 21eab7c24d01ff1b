// Setting one property of a node: checks the value against GEGL's description, then hands it over.

import { GeglBuffer } from './buffer.ts';
import { type ColorInit, GeglColor, newColor } from './color.ts';
import { GeglError, nearestNames } from './errors.ts';
import { findFormat } from './formats.ts';
import { addressIn } from './object.ts';
import { checkNumber, display, invalid, type PropertyDescription } from './operations.ts';
import type { Runtime } from './runtime.ts';

/** Points of a `GeglCurve`: x and y from 0 to 1. */
export type CurvePoints = readonly (readonly [x: number, y: number])[];

export type PropertyValue =
  | boolean
  | number
  | string
  | null
  | GeglColor
  | GeglBuffer
  | ColorInit
  | CurvePoints;

/** What a native setter answers when the value did not fit (native/binding/binding.h). */
const SET_OK = 0;

/** @throws GeglError `INVALID_VALUE`, `INVALID_COLOR`, `UNKNOWN_FORMAT` or `DESTROYED`. */
export function setNodeProperty(
  runtime: Runtime,
  node: number,
  property: PropertyDescription,
  value: PropertyValue,
): void {
  if (!property.writable) throw invalid(property, value, 'is read-only');
  const result = runtime.run((module) => {
    const name = runtime.string(property.name);
    switch (property.type) {
      case 'boolean':
      case 'int':
      case 'seed':
      case 'double':
        return module._gegl_wasm_node_set_number(node, name, checkNumber(property, value));
      case 'enum':
      case 'string':
      case 'file-path':
      case 'uri':
      case 'format':
      case 'path':
        return module._gegl_wasm_node_set_string(
          node,
          name,
          runtime.string(checkText(runtime, property, value)),
        );
      case 'curve':
        return setCurve(runtime, node, name, property, value);
      case 'color':
        return setColor(runtime, node, name, property, value);
      case 'buffer':
        if (value !== null && !(value instanceof GeglBuffer)) {
          throw invalid(property, value, 'takes a GeglBuffer or null');
        }
        return module._gegl_wasm_node_set_object(
          node,
          name,
          value === null ? 0 : addressIn(runtime, value),
        );
      case 'pointer':
      case 'object':
        throw invalid(
          property,
          value,
          `is a ${property.valueType}, which cannot be set from JavaScript`,
        );
    }
  });
  if (result !== SET_OK) throw invalid(property, value, `was refused by GEGL (${result})`);
}

function checkText(runtime: Runtime, property: PropertyDescription, value: unknown): string {
  if (typeof value !== 'string') throw invalid(property, value, 'takes a string');
  if (property.type === 'format') findFormat(runtime, value);
  if (property.type === 'enum' && !property.values?.includes(value)) {
    throw new GeglError(
      'INVALID_VALUE',
      `The property ${property.name} takes one of ${property.values?.join(', ')}; it was given ${display(value)}.`,
      { suggestions: nearestNames(value, property.values ?? []) },
    );
  }
  return value;
}

function setColor(
  runtime: Runtime,
  node: number,
  name: number,
  property: PropertyDescription,
  value: unknown,
): number {
  const { module } = runtime;
  if (value === null) return module._gegl_wasm_node_set_object(node, name, 0);
  if (value instanceof GeglColor) {
    return module._gegl_wasm_node_set_object(node, name, addressIn(runtime, value));
  }
  if (typeof value !== 'string' && !isNumbers(value)) {
    throw invalid(property, value, 'takes a GeglColor, a color string, or linear components');
  }
  const color = newColor(runtime, value);
  try {
    return module._gegl_wasm_node_set_object(node, name, color);
  } finally {
    module._gegl_wasm_unref(color);
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function setCurve(
  runtime: Runtime,
  node: number,
  name: number,
  property: PropertyDescription,
  value: unknown,
): number {
  const { module } = runtime;
  if (value === null) return module._gegl_wasm_node_set_object(node, name, 0);
  if (!isCurve(value)) throw invalid(property, value, 'takes points [[x, y], ...] of 0 to 1');
  return runtime.withBlock(value.length * 16, (address) => {
    runtime.doubles(address, value.length * 2).set(value.flat());
    return module._gegl_wasm_node_set_curve(node, name, address, value.length);
  });
}

function isCurve(value: unknown): value is CurvePoints {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (point) => isNumbers(point) && point.length === 2 && point.every((n) => n >= 0 && n <= 1),
    )
  );
}
