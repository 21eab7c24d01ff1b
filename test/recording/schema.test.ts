// The published JSON Schema, the parser and the types say the same. Shown by a validator.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseRecording, RecordingError } from '../../src/recording/parse.ts';
import {
  COLUMN_NAMES,
  OBJECT_KINDS,
  RECORDING_FORMAT,
  RECORDING_VERSION,
} from '../../src/recording/types.ts';
import { HEAP, HEAP_SNAPSHOTS, SERIES } from './heap-part.ts';
import { mutationsOf } from './mutations.ts';
import { exportRealRecording } from './real-recording.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = JSON.parse(read('../../src/recording/recording.schema.json'));
const isValid = new Ajv2020({ allErrors: false, strict: true, allowUnionTypes: true }).compile(
  schema,
);
const text = await exportRealRecording();
/** With the heap of a tracked module. */
const withHeap = JSON.stringify({
  ...JSON.parse(text),
  heap: HEAP,
  heapSnapshots: HEAP_SNAPSHOTS,
  series: SERIES,
  marks: [{ elapsed: 10, name: 'picture opened' }],
  instances: [
    {
      module: 'GEGL 0.4.62',
      released: 1,
      alive: [{ loadedAt: null, usedAt: 10, bytes: 1_048_576 }],
    },
  ],
});

interface SchemaPart {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly items?: SchemaPart;
}

describe('the JSON Schema of recordings', () => {
  it('accepts a real recording', () => {
    for (const real of [text, withHeap]) {
      isValid(JSON.parse(real));
      expect(isValid.errors).toBeNull();
      parseRecording(real);
    }
  });

  it('accepts a recording of every version, once upgraded', () => {
    for (let version = 1; version <= RECORDING_VERSION; version += 1) {
      const recording = parseRecording(read(`versions/${version}.json`));
      expect(recording.version).toBe(RECORDING_VERSION);
      isValid(recording);
      expect(isValid.errors).toBeNull();
    }
  });

  it('names the format, the version, every column and every kind', () => {
    expect(schema.properties.format.const).toBe(RECORDING_FORMAT);
    expect(schema.properties.version.const).toBe(RECORDING_VERSION);
    const { snapshots, objects } = schema.properties;
    expect(snapshots.required).toEqual(COLUMN_NAMES);
    expect(Object.keys(snapshots.properties)).toEqual(COLUMN_NAMES);
    expect(objects.properties.totals.required).toEqual(OBJECT_KINDS);
    expect(schema.$defs.object.properties.kind.enum).toEqual(OBJECT_KINDS);
  });

  it('requires everything that it names', () => {
    const check = (part: unknown): void => {
      if (typeof part !== 'object' || part === null) return;
      if ('properties' in part && 'required' in part) {
        expect(part.required).toEqual(Object.keys(part.properties as object));
      }
      Object.values(part).forEach(check);
    };
    check(schema);
  });

  it('names all that a real recording holds', () => {
    const check = (value: unknown, part: SchemaPart | undefined, path: string): void => {
      const name = part?.$ref?.slice('#/$defs/'.length);
      const { properties = {}, items } = name ? schema.$defs[name] : (part ?? {});
      if (Array.isArray(value)) {
        for (const item of value) check(item, items, path);
      } else if (typeof value === 'object' && value !== null && path !== '.environment.gegl') {
        for (const [member, held] of Object.entries(value)) {
          expect(properties, path).toHaveProperty(member);
          check(held, properties[member], `${path}.${member}`);
        }
      }
    };
    check(JSON.parse(withHeap), schema, '');
  });

  it('refuses what the parser refuses, whatever single place is broken', () => {
    let refused = 0;
    for (const { what, text: broken } of mutationsOf(withHeap)) {
      const schemaAccepts = isValid(JSON.parse(broken));
      let error: unknown = null;
      try {
        parseRecording(broken);
      } catch (thrown) {
        error = thrown;
      }
      if (error !== null && !(error instanceof RecordingError)) throw error;
      // What takes two places to see is beyond a schema: rows of columns, order, references.
      const isBeyondSchema =
        /rows, \w+ has|goes backward|there is no row|leads to a later row/.test(String(error));
      if (!isBeyondSchema && schemaAccepts !== (error === null)) {
        expect.fail(
          `${what}: the schema ${schemaAccepts ? 'accepts' : 'refuses'} it, the parser says ${error}`,
        );
      }
      if (error !== null) refused += 1;
    }
    expect(refused).toBeGreaterThan(2_000);
  });

  it('refuses broken places under their own names', () => {
    for (const { path, what, text: broken } of mutationsOf(withHeap)) {
      try {
        parseRecording(broken);
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        // The place itself, or what lies in it or refers to it.
        const isNamed =
          error.path.startsWith(path) ||
          path.startsWith(error.path) ||
          /snapshots|there is no row|rows, /.test(path + error.message);
        expect(isNamed, `${what} is refused at ${error.path}`).toBe(true);
      }
    }
  });
});
