// Compiles what is written in AssemblyScript, the tracker and the scan of heap graphs: the folder assembly/ of each to
// binary.generated.ts beside it, unless that is up to date.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Speed first, but of two ways of the same speed the shorter. */
const common = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '1', '--converge'],
  ...['--runtime', 'stub', '--noAssert', '--use', 'abort=', '--importMemory'],
];

/** @type {readonly { folder: URL, options: string[], write: (bytes: Uint8Array) => string }[]} */
const modules = [
  {
    folder: new URL('../src/tracker/', import.meta.url),
    // Atomic instructions are valid on a memory of either kind; which it is, the JavaScript side decides.
    options: ['--enable', 'threads', '--initialMemory', '34', '--maximumMemory', '65536'],
    write: (bytes) => `/** The tracker's WebAssembly as text; start.ts reads it. */
export const BINARY =
  "${asText(bytes)}";

/** Place of the byte that says whether the imported memory is shared: 1 is not, 3 is. */
export const MEMORY_KIND_OFFSET = ${memoryKindOffset(bytes)};
`,
  },
  {
    folder: new URL('../src/analyze/heap-graph/kernel/', import.meta.url),
    options: ['--enable', 'simd'],
    write: (bytes) => `/** The kernel's WebAssembly as text; start.ts reads it. */
export const BINARY =
  "${asText(bytes)}";
`,
  },
];

/** Does nothing where the sources are those that the last result was built from. */
export async function buildTracker() {
  for (const { folder, options, write } of modules) {
    const print = await fingerprint(folder);
    const target = new URL('binary.generated.ts', folder);
    const built = await readFile(target, 'utf8').catch(() => '');
    if (built.includes(print)) continue;
    const bytes = await compile(folder, options);
    // In one step: a test that runs meanwhile finds the one or the other.
    const draft = new URL(`binary.${process.pid}.generated.ts`, folder);
    const origin = `// Made by scripts/build-tracker.mjs of sources with the fingerprint ${print}.`;
    await writeFile(draft, `${origin}\n\n${write(bytes)}`);
    await rename(draft, target);
  }
}

/**
 * A character a byte, from ~ down to # without the backslash, for bytes below 91; a space or ! before it adds 91 or
 * 182. All are ASCII, as a page may read its script in any encoding. Within a script gzip makes this a quarter smaller
 * than base64, since bytes stay apart.
 *
 * @param {Uint8Array} bytes
 */
function asText(bytes) {
  return Array.from(bytes, (byte) => {
    const code = 126 - (byte % 91);
    return ['', ' ', '!'][Math.floor(byte / 91)] + String.fromCharCode(code > 92 ? code : code - 1);
  }).join('');
}

/** @param {URL} folder */
async function fingerprint(folder) {
  const assembly = new URL('assembly/', folder);
  const hash = createHash('sha256');
  for (const name of (await readdir(assembly)).sort()) {
    hash.update(name).update(await readFile(new URL(name, assembly)));
  }
  hash.update(await readFile(fileURLToPath(import.meta.url)));
  hash.update(
    await readFile(new URL('../node_modules/assemblyscript/package.json', import.meta.url)),
  );
  return hash.digest('hex');
}

/**
 * @param {URL} folder
 * @param {readonly string[]} options
 * @returns {Promise<Uint8Array>}
 */
async function compile(folder, options) {
  const { main } = await import('assemblyscript/asc');
  /** @type {Uint8Array | undefined} */
  let binary;
  const { error, stderr } = await main(
    [
      'assembly/index.ts',
      '--baseDir',
      fileURLToPath(folder),
      '--outFile',
      'binary.wasm',
      ...common,
      ...options,
    ],
    {
      readFile: (name, base) => readSource(resolve(base, name)),
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error || !binary)
    throw new Error(`${folder.pathname} did not compile:\n${stderr}`, { cause: error });
  return binary;
}

/**
 * A comment marks what the hot paths need inlined: AssemblyScript's decorator is no TypeScript, on a function.
 *
 * @param {string} path
 */
function readSource(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').replace(/^\/\/ (?=@inline$)/gm, '') : null;
}

/**
 * The memory is imported as env.memory; its limits follow the kind of import, 2.
 *
 * @param {Uint8Array} bytes
 */
function memoryKindOffset(bytes) {
  const name = '\x03env\x06memory\x02\x01';
  const offset = Buffer.from(bytes).toString('latin1').indexOf(name);
  if (offset < 0) throw new Error('The tracker imports no memory that has a maximum.');
  return offset + name.length - 1;
}

/** As a global set-up of vitest. */
export default buildTracker;

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTracker();
