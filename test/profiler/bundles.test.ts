// Creation stacks in Node begin at the application's line, however the application came by profiler
// and wrapper. Each case is a program of its own, since a stack shows what was loaded how.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
// Inside the package, so that the module is found by the package's name.
const folder = mkdtempSync(join(repository, 'dist', 'test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const APPLICATION = `
async function openEditor() {
  await Gegl.init();
  const profiler = new MemoryProfiler();
  profiler.start();
  chooseColor();
  const graph = Gegl.createGraph();
  addNode(graph);
  profiler.stop();
  console.log(JSON.stringify(profiler.getReport().objects.oldest.map(({ stack }) => stack)));
  Gegl.exit();
}
function chooseColor() { globalThis.color = Gegl.createColor('red'); }
function addNode(graph) { graph.createNode('gegl:color'); }
openEditor();
`;

/** Runs a program that prints the stacks of a color, a graph and a node. */
function stacksOf(name: string, program?: string): [string, string, string] {
  const file = join(folder, name);
  if (program !== undefined) writeFileSync(file, program);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

function expectCleanStacks(stacks: [string, string, string], file: string): void {
  const tops = stacks.map((stack) => stack.split('\n')[0]);
  for (const [index, caller] of ['chooseColor', 'openEditor', 'addNode'].entries()) {
    expect(tops[index]).toContain(`at ${caller} (`);
    expect(tops[index]).toMatch(new RegExp(`/${file}:\\d+:\\d+\\)$`));
  }
}

describe('the creation stack begins at the application', () => {
  it('that imports the packages', () => {
    const stacks = stacksOf(
      'imports.mjs',
      `import { MemoryProfiler } from 'gegl-memory-profiler';
      import { Gegl } from 'gegl-memory-profiler/gegl';${APPLICATION}`,
    );
    expectCleanStacks(stacks, 'imports.mjs');
  });

  it('that requires the packages', () => {
    const stacks = stacksOf(
      'requires.cjs',
      `const { MemoryProfiler } = require('gegl-memory-profiler');
      const { Gegl } = require('gegl-memory-profiler/gegl');${APPLICATION}`,
    );
    expectCleanStacks(stacks, 'requires.cjs');
  });

  it('that requires the classic scripts', () => {
    const stacks = stacksOf(
      'scripts.cjs',
      `const { MemoryProfiler } = require('${repository}js/memory-profiler.js');
      const { Gegl } = require('${repository}js/gegl-wrapper.js');${APPLICATION}`,
    );
    expectCleanStacks(stacks, 'scripts.cjs');
  });

  it('and is whole, own frames included, where a bundler has put all into one file', async () => {
    await build({
      stdin: {
        contents: `import { MemoryProfiler } from 'gegl-memory-profiler';
        import { Gegl } from 'gegl-memory-profiler/gegl';${APPLICATION}`,
        resolveDir: repository,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: join(folder, 'app.mjs'),
      logLevel: 'warning',
    });
    const [color, graph, node] = stacksOf('app.mjs');
    expect(color).toMatch(/at chooseColor .*\n *at openEditor/);
    expect(graph).toContain('at openEditor');
    expect(node).toMatch(/at addNode\d* .*\n *at openEditor/);
  });
});
