// Compiles native-blur.c against the system's GEGL, and talks with it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const source = 'bench/gegl/native-blur.c';

export function compileNative(folder: string): string {
  const program = join(folder, 'native-blur');
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'gegl-0.4'], {
      encoding: 'utf8',
    });
    execFileSync('gcc', ['-O2', source, '-o', program, ...flags.trim().split(/\s+/)]);
  } catch (cause) {
    throw new Error(`Can't compile ${source}: run \`npm run setup\` for gcc and libgegl-dev.`, {
      cause,
    });
  }
  return program;
}

export class NativeBlur {
  readonly initMs: number;
  readonly version: string;
  readonly tileCacheBytes: number;
  readonly #send: (line: string) => Promise<string>;
  readonly #end: () => Promise<unknown>;

  static async start(program: string): Promise<NativeBlur> {
    const child = spawn(program, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        GEGL_THREADS: '1',
        GEGL_USE_OPENCL: 'no',
        GEGL_SWAP: 'RAM',
        BABL_INHIBIT_CACHE: '1',
      },
    });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const read = async () => {
      const { value, done } = await answers.next();
      if (done) throw new Error('The native program ended before its time.');
      return String(value);
    };
    const greeting = await read();
    return new NativeBlur(
      greeting,
      async (line) => {
        child.stdin.write(`${line}\n`);
        const answer = await read();
        if (!answer.startsWith('ok')) throw new Error(`Native: ${answer}`);
        return answer.slice(3);
      },
      async () => {
        const exited = once(child, 'exit');
        child.stdin.end();
        await exited;
      },
    );
  }

  private constructor(
    greeting: string,
    send: (line: string) => Promise<string>,
    end: () => Promise<unknown>,
  ) {
    const [, initMs, version = '', tileCacheBytes] = greeting.split(' ');
    this.initMs = Number(initMs);
    this.version = version;
    this.tileCacheBytes = Number(tileCacheBytes);
    this.#send = send;
    this.#end = end;
  }

  async makeSource(width: number, height: number, format: string): Promise<void> {
    await this.#send(`source ${width} ${height} ${format}`);
  }

  /** @returns milliseconds. */
  async blur(stdDev: number): Promise<number> {
    return Number(await this.#send(`blur ${stdDev}`));
  }

  /** Small graphs made, run and dropped. @returns milliseconds. */
  async edits(steps: number): Promise<number> {
    return Number(await this.#send(`edits ${steps}`));
  }

  /** The last result, as raw pixels. */
  async save(file: string): Promise<void> {
    await this.#send(`save ${file}`);
  }

  async stop(): Promise<void> {
    await this.#end();
  }
}
