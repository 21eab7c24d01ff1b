// However the application came by profiler and wrapper in Node: creation stacks begin at its line, and the profiler
// finds what loads on demand. Each case is a program of its own, since a stack shows what was loaded how.

import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** Runs a program; returns what it prints, as JSON. */
function run(name: string, program?: string): unknown {
  const file = join(folder, name);
  if (program !== undefined) writeFileSync(file, program);
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** Runs a program that prints the stacks of a color, a graph and a node. */
function stacksOf(name: string, program?: string): [string, string, string] {
  return run(name, program) as [string, string, string];
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

  it('and has no frame of the package, where it is installed', () => {
    const installed = join(folder, 'app/node_modules/gegl-memory-profiler');
    for (const part of ['dist/esm', 'native/out', 'package.json']) {
      cpSync(join(repository, part), join(installed, part), { recursive: true });
    }
    // A package of its own, to which this one is another.
    writeFileSync(join(folder, 'app/package.json'), '{}');
    const message = run(
      'app/installed.mjs',
      `import { memoryProfiler } from 'gegl-memory-profiler';
      import { matchers } from 'gegl-memory-profiler/testing';
      import { Gegl } from 'gegl-memory-profiler/gegl';
      memoryProfiler.instrument();
      await Gegl.init();
      function loseColor() { Gegl.createColor('red'); }
      const { message } = await matchers.toLeak(loseColor, {});
      console.log(JSON.stringify(message()));`,
    );
    expect(message).toMatch(/\n +at loseColor \(.*installed\.mjs:6:\d+\)\n +confidence/);
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

describe('places that allocate, where a bundler has put application, glue and profiler into one file', () => {
  const PROGRAM = `
  import { memoryProfiler } from 'gegl-memory-profiler';
  import { Gegl } from 'gegl-memory-profiler/gegl';
  import createGegl from 'gegl-memory-profiler/module/gegl.mjs';
  memoryProfiler.instrument({ trackAllocations: 'all' });
  const wasmUrl = ${JSON.stringify(join(repository, 'native/out/gegl.wasm'))};
  await Gegl.init({ module: createGegl, wasmUrl });
  memoryProfiler.start();
  function loseColor() { Gegl.createColor('red'); }
  const { findings } = await memoryProfiler.findLeaks(loseColor, { iterations: 7 });
  const sites = memoryProfiler.getReport().sites.filter(({ frames }) => frames.length > 0);
  memoryProfiler.stop();
  console.log(JSON.stringify({ titles: sites.map(({ title }) => title), findings, frames: sites.map(({ frames }) => frames) }));`;

  interface Found {
    readonly titles: readonly string[];
    readonly findings: readonly { readonly details: { readonly stack: string } }[];
    readonly frames: readonly (readonly { readonly url: string; readonly kind: string }[])[];
  }

  it('are lines of that file; those of the chunk that loads on demand are the profiler’s', async () => {
    await build({
      stdin: { contents: PROGRAM, resolveDir: repository, sourcefile: 'main.js' },
      // The package as it is built, not its sources.
      tsconfigRaw: '{}',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      outdir: join(folder, 'chunks'),
      outExtension: { '.js': '.mjs' },
      logLevel: 'warning',
    });
    const { titles, findings, frames } = run('chunks/stdin.mjs') as Found;
    expect(titles.filter((title) => !/stdin\.mjs:\d+:\d+\)?$/.test(title))).toEqual([]);
    expect(titles.filter((title) => /^Module\._/.test(title))).toEqual([]);
    expect(findings.map(({ details }) => details.stack).join('\n')).toContain('loseColor');
    const onDemand = frames.flat().filter(({ url }) => url?.includes('memory-profiler-analysis-'));
    expect(new Set(onDemand.map(({ kind }) => kind))).toEqual(new Set(['profiler']));
  });
});

it('CommonJS in a context of `vm`, as each of Jest’s tests is: without import(), its stacks formatted by the main context', () => {
  // Lines of sources are a hundred below those that run; functions of modules are not told, as by source-map-support.
  const program = `
  const fs = require('node:fs'), path = require('node:path'), vm = require('node:vm');
  const fresh = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)');
  const ours = Object.getOwnPropertyNames(globalThis).filter((name) => !fresh.includes(name));
  const context = vm.createContext({ ...Object.fromEntries(ours.map((name) => [name, globalThis[name]])), console });
  Error.prepareStackTrace = (_, frames) => 'Error' + frames.map((frame) =>
    '\\n    at ' + frame.getFunctionName() + ' (' + frame.getFileName() + ':' + (frame.getLineNumber() + 100) + ':' + frame.getColumnNumber() + ')').join('');
  const loaded = new Map();
  function load(file) {
    if (loaded.has(file)) return loaded.get(file).exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const one = (name) => name.startsWith('.') ? load(path.join(path.dirname(file), name)) : name.startsWith('gegl-memory-profiler') ? load(require.resolve(name)) : require(name);
    const parameters = ['require', 'module', 'exports', '__filename', '__dirname'];
    vm.compileFunction(fs.readFileSync(file, 'utf8'), parameters, { parsingContext: context, filename: file })(one, module, module.exports, file, path.dirname(file));
    return module.exports;
  }
  load(path.join(__dirname, 'case.js'));`;
  writeFileSync(
    join(folder, 'case.js'),
    `const { memoryProfiler } = require('gegl-memory-profiler');
    const { Gegl } = require('gegl-memory-profiler/gegl');
    memoryProfiler.instrument();
    function loseColor() {
      Gegl.createColor('red');
    }
    Gegl.init({ module: require('gegl-memory-profiler/module/gegl.js') })
      .then(() => memoryProfiler.findLeaks(loseColor))
      .then(({ findings }) => console.log(JSON.stringify(findings)), (error) => console.log(JSON.stringify(String(error))));`,
  );
  expect(run('in-context.cjs', program)).toEqual([
    expect.objectContaining({
      message: 'Each run of the action leaves 1 more colors behind, 88 B; 7 runs were watched.',
      details: expect.objectContaining({
        stack: expect.stringMatching(/^at loseColor \(\S*case\.js:105:\d+\)/),
        sites: [expect.objectContaining({ stack: expect.stringMatching(/^at g_type_create_/) })],
      }),
    }),
  ]);
});

describe('what few sessions need loads when it is asked for', () => {
  const HUNT = `
  let runs = 0;
  new MemoryProfiler().findLeaks(() => { runs += 1; }, { iterations: 3, warmup: 1 }).then(
    ({ findings }) => console.log(JSON.stringify({ runs, findings: findings.length })),
    ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })),
  );`;
  const importing = `import { MemoryProfiler } from 'gegl-memory-profiler';${HUNT}`;

  it('from beside the script, in each kind of build', () => {
    const found = { runs: 4, findings: 0 };
    expect(run('hunt.mjs', importing)).toEqual(found);
    const requiring = (path: string) => `const { MemoryProfiler } = require('${path}');${HUNT}`;
    expect(run('hunt.cjs', requiring('gegl-memory-profiler'))).toEqual(found);
    expect(run('hunt-script.cjs', requiring(`${repository}js/memory-profiler.js`))).toEqual(found);
  });

  it('and works though a test of the application has stopped the clock meanwhile', () => {
    const stop = `
    for (const name of ['setTimeout', 'setInterval', 'setImmediate']) globalThis[name] = () => 0;`;
    const program = `const { MemoryProfiler } = require('gegl-memory-profiler');${stop}${HUNT}`;
    expect(run('stopped.cjs', program)).toEqual({ runs: 4, findings: 0 });
  });

  it('from the application’s file, where a bundler has put all into it', async () => {
    await build({
      stdin: { contents: importing, resolveDir: repository },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: join(folder, 'hunt-bundle.mjs'),
      logLevel: 'warning',
    });
    expect(run('hunt-bundle.mjs')).toEqual({ runs: 4, findings: 0 });
  });

  it('and says which file to serve where it is missing', () => {
    copyFileSync(`${repository}js/memory-profiler.js`, join(folder, 'memory-profiler.js'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
    const program = `const { MemoryProfiler } = require('./memory-profiler.js');${HUNT}`;
    expect(run('alone.cjs', program)).toEqual({
      name: 'ProfilerError',
      code: 'ANALYSIS_UNAVAILABLE',
      message: expect.stringContaining('memory-profiler-analysis.js beside memory-profiler.js'),
    });
  });
});
