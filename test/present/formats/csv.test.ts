// Tables as a CSV parser reads them.

import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv } from '../../../src/present/formats/csv.ts';
import { csvSites } from '../../../src/present/formats/csv-sites.ts';
import { csvTypes } from '../../../src/present/formats/csv-types.ts';
import type { Format } from '../../../src/present/formats/format.ts';
import { COLUMN_NAMES, type RecordedHeap, type Recording } from '../../../src/recording/types.ts';
import { buildRecording, MB } from '../../analyze/build-recording.ts';
import { HEAP } from '../../recording/heap-part.ts';

function read(format: Format, recording: Recording): string[][] {
  return parse(String(format.write(recording)), { record_delimiter: '\r\n' });
}

function withHeap(heap: RecordedHeap): Recording {
  return { ...buildRecording(), heap };
}

describe('csv', () => {
  it('has a row a snapshot, with an empty field for what is unknown', () => {
    const recording = buildRecording({ heapUsed: [MB, null, 0], elapsed: [0.5, 1000, 2000.25] });
    const [header = [], ...rows] = read(csv, recording);
    expect(header).toEqual(COLUMN_NAMES);
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
    expect(column('heapUsed')).toEqual([String(MB), '', '0']);
    expect(column('elapsed')).toEqual(['0.5', '1000', '2000.25']);
    expect(column('swap')).toEqual(['', '', '']);
  });

  it('is its header alone where nothing was sampled', () => {
    expect(read(csv, buildRecording())).toEqual([COLUMN_NAMES]);
  });
});

describe('csv-sites', () => {
  it('has a row a site, with its stack', () => {
    const [header = [], first = [], ...rest] = read(csvSites, withHeap(HEAP));
    expect(header.slice(0, 6)).toEqual([
      'site',
      'allocatedBy',
      'stack',
      'liveBytes',
      'liveBytesError',
      'liveBlocks',
    ]);
    expect(first.slice(0, 6)).toEqual([
      'paint (https://app.test/src/brush.js:12:7)',
      'gegl_tile_alloc',
      [
        'gegl_tile_alloc',
        'wasm-function[245]',
        'invoke (https://app.test/editor.js:10:5)',
        'paint (https://app.test/src/brush.js:12:7)',
        'node:internal/timers:1:1',
      ].join('\n'),
      '1100000',
      '210000',
      '1.2',
    ]);
    expect(rest.map(([site, , stack]) => [site, stack?.split('\n').length])).toEqual([
      ['unknown', 1],
      ['paint (https://app.test/src/brush.js:12:7)', 4],
    ]);
    expect(rest.every((row) => row.length === header.length)).toBe(true);
  });

  it('keeps names of any characters', () => {
    const name = 'operator "new", line\r\nbreak; œ 😀';
    const { sites } = HEAP;
    if (!sites) throw new Error('no sites');
    const functions = { ...sites.functions, name: [name, null, 'invoke', 'paint', null] };
    const rows = read(csvSites, withHeap({ ...HEAP, sites: { ...sites, functions } }));
    expect(rows[1]?.[1]).toBe(name);
  });
});

describe('csv-types', () => {
  it('has a row a type', () => {
    expect(read(csvTypes, withHeap(HEAP))).toEqual([
      ['type', 'created', 'freed', 'live', 'ownBytes', 'chargedBytes'],
      ['GeglBuffer', '4', '3', '1', '300', '1048576'],
      ['GeglNode', '20', '19', '1', '', ''],
    ]);
  });
});
