// The package as npm would pack it: what it exports is in it and loads, and what its pages link to is there.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));
const manifest: { readonly exports: Readonly<Record<string, unknown>>; readonly bin: object } =
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
const packed: readonly [{ readonly files: readonly { readonly path: string }[] }] = JSON.parse(
  // Built already; `prepare` scripts would print.
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 26,
  }),
);
// Other tests, which may run meanwhile, put theirs into dist/test-*.
const files = packed[0].files.flatMap(({ path }) => (/^dist\/test-/.test(path) ? [] : path));

/** Paths below `value`, which may be nested by conditions. */
function targetsOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(targetsOf);
}

describe('the package', () => {
  it('holds every file that it exports', () => {
    const targets = [...targetsOf(manifest.exports), ...targetsOf(manifest.bin)];
    expect(targets.length).toBeGreaterThan(40);
    const missing = targets
      .map((target) => normalize(target))
      .filter((target) =>
        target.endsWith('*')
          ? !files.some((file) => file.startsWith(target.slice(0, -1)))
          : !files.includes(target),
      );
    expect(missing).toEqual([]);
  });

  it('loads in Node by each of its entries, imported and required', () => {
    const entries = Object.keys(manifest.exports).filter((entry) => !/\*|\.json$/.test(entry));
    const requirable = entries.filter((entry) => 'require' in Object(manifest.exports[entry]));
    // Its matchers are for a running Vitest.
    const importable = entries.filter((entry) => entry !== './testing/vitest');
    const names = (paths: readonly string[]) =>
      JSON.stringify(paths.map((path) => `gegl-memory-profiler${path.slice(1)}`));
    const program = `
      const { createRequire } = await import('node:module');
      const require = createRequire(${JSON.stringify(join(repository, 'package.json'))});
      for (const name of ${names(importable)}) await import(name);
      for (const name of ${names(requirable)}) require(name);
      console.log('all');`;
    const args = ['--input-type=module', '--eval', program];
    const options = { cwd: repository, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, args, options)).toBe('all\n');
    expect(requirable).toEqual(importable);
  });

  it('can be bundled by webpack for pages: it leaves alone what only Node has', () => {
    const entries = ['memory-profiler', 'memory-profiler-analysis', 'memory-panel', 'gegl', 'text'];
    const imports = entries.flatMap((entry) => {
      const script = readFileSync(join(repository, `dist/esm/${entry}.js`), 'utf8');
      return script.match(/(import|from|require)\b[^;'"]*['"]node:[^'"]*['"]/g) ?? [];
    });
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((text) => !text.includes('/* webpackIgnore: true */'))).toEqual([]);
  });

  it('holds whatever its pages link to', () => {
    const pages = files.filter((file) => /^(README|CHANGELOG|CONTRIBUTING|docs\/).*md$/.test(file));
    const links = pages.flatMap((page) => {
      const text = readFileSync(join(repository, page), 'utf8').replace(/^```.*?^```/gms, '');
      return [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
        ([, link = '', source = '']) => ({ page, link: link || source }),
      );
    });
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(({ page, link }) => {
      const [path = '', anchor] = link.split('#');
      if (/^https?:|^`|\.js$/.test(path)) return false;
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!files.some((file) => file === target || file.startsWith(`${target}/`))) return true;
      return anchor !== undefined && !headingsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('holds no tests of its own, no sources but two schemas, and no path of the machine', () => {
    const strange = files.filter(
      (file) => /^(test|scripts|src)\//.test(file) && !file.endsWith('.schema.json'),
    );
    expect(strange).toEqual([]);
    const withPath = files.filter((file) =>
      readFileSync(join(repository, file)).includes(repository),
    );
    expect(withPath).toEqual([]);
  });
});

/** Anchors of a page, as they are made of its headings. */
function headingsOf(page: string): string[] {
  const text = readFileSync(join(repository, page), 'utf8');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
