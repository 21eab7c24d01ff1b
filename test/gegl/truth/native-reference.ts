// Runs native-reference.c: compiles it against the system's GEGL into the user's cache folder, starts it,
// and renders cases with it, one process for all.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Area, FileCase, Picture, Step, TruthCase } from './cases.ts';
import { asPixelArray, type PixelArray, paint, toBytes } from './pixels.ts';

const source = fileURLToPath(new URL('./native-reference.c', import.meta.url));

/** The operation modules of the cases: portable machine code, not the x86-64-v2 and -v3 variants beside them. */
const operationModules = [
  'gegl-core.so',
  'gegl-common.so',
  'gegl-common-cxx.so',
  'gegl-common-gpl3.so',
  'gegl-generated.so',
  'transformops.so',
  'jpg-load.so',
  'jpg-save.so',
  'png-load.so',
  'png-save.so',
];

/**
 * babl's extensions for one kind of processor, which the module has none of. CIE's stay: the portable one
 * registers nothing on a processor that has a better one.
 */
const machineSpecific = /sse|avx|x86-64-v\d-(?!CIE)/;

export class NativeReference {
  /** "GEGL_VERSION BABL_VERSION" of the system's libraries. */
  readonly version: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #folder: string;
  #stderr = '';

  static async start(): Promise<NativeReference> {
    const { program, modules, extensions } = prepare();
    const native = spawn(program, {
      stdio: 'pipe',
      env: {
        PATH: process.env.PATH,
        HOME: tmpdir(),
        GEGL_THREADS: '1',
        GEGL_USE_OPENCL: 'no',
        GEGL_SWAP: 'RAM',
        GEGL_PATH: modules,
        BABL_PATH: extensions,
        // Neither a cache of earlier timings, nor conversions that are faster but less exact than the reference.
        BABL_INHIBIT_CACHE: '1',
        BABL_TOLERANCE: '0.0000000001',
        // libjpeg without its machine code, as in the module.
        JSIMD_FORCENONE: '1',
      },
    });
    const answers = createInterface({ input: native.stdout })[Symbol.asyncIterator]();
    native.stdin.write('version\n');
    const answer = await answers.next();
    return new NativeReference(native, answers, String(answer.value).replace(/^ok /, ''));
  }

  private constructor(native: ChildProcess, answers: AsyncIterator<string>, version: string) {
    this.#process = native;
    this.#answers = answers;
    this.version = version;
    this.#folder = mkdtempSync(join(tmpdir(), 'gegl-truth-'));
    native.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
  }

  async render(truthCase: TruthCase): Promise<PixelArray> {
    return this.#renderChain(
      truthCase.steps,
      truthCase.area,
      truthCase.output,
      (['input', 'aux'] as const).flatMap((pad) => {
        const picture = truthCase[pad];
        return picture ? [this.#bufferLine(pad, picture, truthCase)] : [];
      }),
    );
  }

  /** The case's picture as a file that GEGL's saver wrote. */
  async encode(fileCase: FileCase): Promise<Uint8Array> {
    const path = join(this.#folder, 'picture');
    const saver = { operation: fileCase.saver, properties: { path, ...fileCase.properties } };
    await this.#ask([
      ['begin'],
      this.#bufferLine('input', fileCase.input, fileCase),
      ...stepLines([saver]),
      ['process'],
    ]);
    return readFileSync(path);
  }

  /** The pixels of a file, as GEGL's loader reads it. */
  async decode(
    bytes: Uint8Array,
    { loader, output, width, height }: FileCase,
  ): Promise<PixelArray> {
    const path = join(this.#folder, 'picture');
    writeFileSync(path, bytes);
    const area = { x: 0, y: 0, width, height };
    return this.#renderChain([{ operation: loader, properties: { path } }], area, output);
  }

  /** What the program said on stderr so far: empty when all is well. */
  get stderr(): string {
    return this.#stderr;
  }

  stop(): void {
    this.#process.stdin?.end();
    rmSync(this.#folder, { recursive: true });
  }

  async #renderChain(
    steps: readonly Step[],
    { x, y, width, height }: Area,
    output: string,
    bufferLines: readonly string[][] = [],
  ): Promise<PixelArray> {
    const file = join(this.#folder, 'output');
    const area = [x, y, width, height].map(String);
    await this.#ask([
      ['begin'],
      ...bufferLines,
      ...stepLines(steps),
      ['render', file, ...area, output],
    ]);
    return asPixelArray(output, readFileSync(file));
  }

  #bufferLine(pad: string, picture: Picture, size: { width: number; height: number }): string[] {
    const { width, height } = size;
    const file = join(this.#folder, pad);
    writeFileSync(file, toBytes(paint(picture.format, width, height, picture.seed)));
    return ['buffer', pad, file, '0', '0', `${width}`, `${height}`, picture.format];
  }

  /** Sends a case, and waits for its one answer. */
  async #ask(lines: readonly (readonly string[])[]): Promise<void> {
    this.#process.stdin?.write(lines.map((words) => `${words.join('\t')}\n`).join(''));
    const answer = await this.#answers.next();
    if (answer.done) throw new Error(`The native reference ended. It said: ${this.#stderr}`);
    if (!answer.value.startsWith('ok')) throw new Error(`Native reference: ${answer.value}`);
  }
}

function stepLines(steps: readonly Step[]): string[][] {
  return steps.flatMap(({ operation, properties = {} }) => [
    ['node', operation],
    ...Object.entries(properties).map(([name, value]) => ['set', name, String(value)]),
  ]);
}

/** Compiles the program, unless its very source and libraries already were, and lays out its module folders. */
function prepare(): { program: string; modules: string; extensions: string } {
  const versions = pkgConfig('--modversion', 'gegl-0.4', 'babl');
  const key = createHash('sha256')
    .update(readFileSync(source))
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .update(versions)
    .digest('hex')
    .slice(0, 16);
  const cache = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'gegl-memory-profiler',
  );
  const folder = join(cache, `truth-${key}`);
  if (!existsSync(folder)) {
    // Made under another name first, so that an interruption or a second runner leaves no half-made folder.
    mkdirSync(cache, { recursive: true });
    const scratch = mkdtempSync(join(cache, 'truth-new-'));
    compile(join(scratch, 'native-reference'));
    const modules = pkgConfig('--variable=pluginsdir', 'gegl-0.4');
    linkAll(
      join(scratch, 'modules'),
      operationModules.map((name) => join(modules, name)),
    );
    const extensions = join(pkgConfig('--variable=libdir', 'babl'), 'babl-0.1');
    linkAll(
      join(scratch, 'extensions'),
      readdirSync(extensions)
        .filter((name) => !machineSpecific.test(name))
        .map((name) => join(extensions, name)),
    );
    try {
      renameSync(scratch, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
      rmSync(scratch, { recursive: true });
    }
  }
  return {
    program: join(folder, 'native-reference'),
    modules: join(folder, 'modules'),
    extensions: join(folder, 'extensions'),
  };
}

function compile(program: string): void {
  const flags = pkgConfig('--cflags', '--libs', 'gegl-0.4').split(/\s+/);
  run('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', source, '-o', program, ...flags]);
}

function linkAll(folder: string, files: readonly string[]): void {
  mkdirSync(folder);
  for (const file of files) symlinkSync(file, join(folder, basename(file)));
}

function pkgConfig(...options: string[]): string {
  return run('pkg-config', options).trim();
}

function run(program: string, options: readonly string[]): string {
  try {
    return execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    throw new Error(
      `The native GEGL that this test compares with can't be used: "${program} ${options.join(' ')}" failed. ` +
        'Run `npm run setup`, which installs gcc, pkg-config and libgegl-dev.',
      { cause },
    );
  }
}
