// gegl-memory-profiler report: the page's file, whatever is in the recording.

import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpackData } from '../../../src/present/report/data/container.ts';
import type { ReportData } from '../../../src/present/report/data/types.ts';
import { makeFolder, type } from '../cli/command-line.ts';
import { HOSTILE, siteRecording } from './recordings.ts';

const place = makeFolder();

describe('the page of a recording', () => {
  it('is one file that may load nothing and run nothing but its own script', async () => {
    const recording = place('recording.json', JSON.stringify(siteRecording()));
    const output = place('report.html');
    const { code, err } = await type('report', recording, '-o', output);
    expect([code, err]).toEqual([0, expect.stringContaining(output)]);
    const html = await readFile(output, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`,
    );
    expect(html).not.toMatch(/ (src|href)=/);
    for (const notice of ['preact', 'uplot', 'The MIT License']) expect(html).toContain(notice);
    expect(html.length).toBeLessThan(200_000);
  });

  it('has hostile names in it as base64 only, and unchanged', async () => {
    for (const [at, name] of HOSTILE.entries()) {
      const recording = place('hostile.json', JSON.stringify(siteRecording(name)));
      const output = place(`hostile-${at}.html`);
      expect((await type('report', recording, '-o', output)).code).toBe(0);
      const html = await readFile(output, 'utf8');
      expect(base64In(html)).toMatch(/^[A-Za-z0-9+/=]+$/);
      expect(html.replaceAll(DATA, '')).not.toContain('hacked');
      const data = await dataOf(output);
      expect(data.recordings[0]?.types?.name).toEqual([`Type ${name}`]);
      expect(data.recordings[0]?.marks[0]?.name).toBe(`open ${name}`);
    }
  });

  it('shows lines of source of the folder that was named, and of no other', async () => {
    place('secret.js', 'top\nsecret\n');
    const sources = place('sources');
    await mkdir(sources);
    await writeFile(join(sources, 'app.js'), 'one\ntwo\nthree\nfour\nfive\n');
    await symlink(place('secret.js'), join(sources, 'out.js'));
    const stack = (path: string) => `at paint (${path}:2:1)`;
    const paths = ['app.js', '../secret.js', place('secret.js'), 'out.js', '/etc/passwd', '.'];
    // No file can have such a name; a script of a data: address is told by it.
    paths.push(`data:text/javascript;base64,${'a'.repeat(5000)}`, 'nul\0.js');
    const base = siteRecording();
    const recording = place(
      'lost.json',
      JSON.stringify({
        ...base,
        objects: {
          ...base.objects,
          totals: {
            ...base.objects.totals,
            buffers: { created: 9, destroyed: 0, live: 0, collected: 9 },
          },
          stacks: paths.map(stack),
          collected: paths.map((_, at) => ({
            ...{ id: at, kind: 'buffers', description: 'buffer', createdAt: 1, collectedAt: 2 },
            ...{ bytes: 10, stack: at },
          })),
        },
      }),
    );
    const output = place('sources.html');
    expect((await type('report', recording, '--sources', sources, '-o', output)).code).toBe(0);
    const data = await dataOf(output);
    const finding = data.recordings[0]?.findings.find(({ type }) => type === 'collected_handle');
    const excerpts = finding?.places.map(({ frames }) => [
      frames[0]?.text,
      frames[0]?.source?.lines ?? null,
    ]);
    expect(excerpts).toHaveLength(paths.length);
    expect(excerpts?.find(([, lines]) => lines)).toEqual([
      'paint (app.js:2:1)',
      ['one', 'two', 'three', 'four'],
    ]);
    expect(excerpts?.filter(([, lines]) => lines)).toHaveLength(1);
  });

  it('names what is broken, and leaves the file alone', async () => {
    const broken = place(
      'broken.json',
      '{"format": "gegl-memory-profiler/recording", "version": 1}',
    );
    const snapshot = place('broken.heapsnapshot', '{}');
    const right = place('right.json', JSON.stringify(siteRecording()));
    const output = place('never.html');
    const results = await Promise.all([
      type('report', broken, '-o', output),
      type('report', right, '--heap-snapshot', snapshot, '-o', output),
      type('report', right, '--sources', place('nowhere'), '-o', output),
      type('report', right, '-o', right),
    ]);
    expect(results.map(({ code }) => code)).toEqual([1, 1, 1, 2]);
    expect(results[0]?.err).toContain(`${broken}: `);
    expect(results[1]?.err).toContain(`${snapshot}: This is no .heapsnapshot file`);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });
});

const DATA = /<script type="text\/plain">([^<]*)<\/script>/g;

function base64In(html: string): string {
  return Array.from(html.matchAll(DATA), ([, piece]) => piece).join('');
}

async function dataOf(output: string): Promise<ReportData> {
  const bytes = Buffer.from(base64In(await readFile(output, 'utf8')), 'base64');
  return unpackData(new Uint8Array(gunzipSync(bytes))) as ReportData;
}
