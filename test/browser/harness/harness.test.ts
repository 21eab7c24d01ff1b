// The harness's tests of itself: what it promises holds in all three engines, and nothing stays behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BrowserEngine, ENGINE_NAMES, launchEngine } from './engines.ts';
import { PageError } from './errors.ts';
import { processesWithMark } from './processes.mjs';
import { CROSS_ORIGIN_ISOLATED, STRICT_CSP, startServer, type TestServer } from './server.ts';
import { takeEngine } from './use-engine.ts';
import { becomesTrue } from './waiting.ts';

/** A module that exports `add(a, b)`. */
const ADD_WASM = Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 3, 2, 1, 0, 7, 7, 1, 3,
  0x61, 0x64, 0x64, 0, 0, 0x0a, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b,
]);

const ADD_TWO_AND_THREE = `(async () => {
  const { instance } = await WebAssembly.instantiateStreaming(fetch('/add.wasm'));
  return instance.exports.add(2, 3);
})()`;

let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harness-test-'));
  server = await startServer({
    mounts: { '/harness-sources': fileURLToPath(new URL('.', import.meta.url)) },
    files: {
      '/plain.html': '<!doctype html><title>plain</title><h1>Hello</h1>',
      '/isolated.html': '<!doctype html><title>isolated</title>',
      '/keys.html': `<!doctype html><title>keys</title><button id="first">1</button><button id="second">2</button>
        <script>
          const pressed = [];
          second.onclick = () => pressed.push('click');
          onkeydown = ({ key }) => { if (!['Tab', 'Enter'].includes(key)) pressed.push(key); };
        </script>`,
      '/strict.html': `<!doctype html><title>strict</title>
        <script>globalThis.inlineRan = true;</script><script src="/noisy.js"></script>`,
      '/noisy.html': '<!doctype html><title>noisy</title><script src="/noisy.js"></script>',
      '/noisy.js': `console.log('first', 'words'); console.warn('careful');
        setTimeout(() => { throw new RangeError('thrown later'); });
        Promise.reject(new TypeError('rejected'));`,
      '/worker.js': 'postMessage(typeof importScripts)',
      '/module-worker.mjs': `import { word } from '/word.mjs'; postMessage(word);`,
      '/word.mjs': `export const word = 'imported';`,
      '/add.wasm': ADD_WASM,
    },
    headers: { '/isolated.html': CROSS_ORIGIN_ISOLATED, '/strict.html': STRICT_CSP },
  });
});

afterAll(async () => {
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.each(ENGINE_NAMES)('the harness in %s', (name) => {
  let engine: BrowserEngine;

  beforeAll(async () => {
    // One that another file has left open, where there is one; a test here closes it.
    engine = await takeEngine(name);
  });
  afterAll(() => engine?.close());

  it('says which version the browser has', () => {
    expect(engine.name).toBe(name);
    expect(engine.version).toMatch(/^\d+\.\d+/);
  });

  it('evaluates expressions, awaits promises and carries JSON', async () => {
    const page = await engine.open(server.url('/plain.html'));
    expect(await page.evaluate('document.title')).toBe('plain');
    expect(await page.evaluate('Promise.resolve({ list: [1, "two", null] })')).toEqual({
      list: [1, 'two', null],
    });
    expect(await page.evaluate('undefined')).toBeUndefined();
    expect(await page.evaluate('"\\u2028 ✓ \\" \\\\"')).toBe('\u2028 ✓ " \\');
    await page.close();
  });

  it('keeps several pages apart', async () => {
    const one = await engine.open(server.url('/plain.html'));
    const other = await engine.open(server.url('/isolated.html'));
    const titles = await Promise.all([
      one.evaluate('document.title'),
      other.evaluate('document.title'),
    ]);
    expect(titles).toEqual(['plain', 'isolated']);
    await one.close();
    expect(await other.evaluate('document.title')).toBe('isolated');
    await other.close();
  });

  it("throws the page's error with its name, message and stack", async () => {
    const page = await engine.open(server.url('/plain.html'));
    const thrown = await page
      .evaluate('(function culprit() { throw new RangeError("too far"); })()')
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PageError);
    expect(thrown).toMatchObject({
      name: 'RangeError',
      message: 'too far',
      stack: expect.stringContaining('culprit'),
    });
    await expect(page.evaluate('Promise.reject("a string")')).rejects.toMatchObject({
      message: 'a string',
    });
    await expect(page.evaluate('((')).rejects.toMatchObject({ name: 'SyntaxError' });
    await page.close();
  });

  it('presses keys as a person does', async () => {
    const page = await engine.open(server.url('/keys.html'));
    for (const key of ['Tab', 'Tab', 'Enter', 'Escape', 'ArrowUp'] as const) await page.press(key);
    expect(await page.evaluate('[document.activeElement.id, pressed]')).toEqual([
      'second',
      ['click', 'Escape', 'ArrowUp'],
    ]);
    await page.close();
  });

  it('prefers light or dark where the engine can be told', async () => {
    const page = await engine.open(server.url('/plain.html'));
    const isDark = 'matchMedia("(prefers-color-scheme: dark)").matches';
    for (const scheme of ['dark', 'light'] as const) {
      expect(await page.preferColorScheme(scheme)).toBe(name !== 'webkit');
      if (name !== 'webkit') await page.waitFor(`${isDark} === ${scheme === 'dark'}`);
    }
    expect(await page.evaluate(isDark)).toBe(false);
    await page.close();
  });

  it('waits for a condition, and says so when it never comes', async () => {
    const page = await engine.open(server.url('/plain.html'));
    await page.evaluate('void setTimeout(() => { globalThis.ready = true; }, 100)');
    await page.waitFor('globalThis.ready');
    await expect(page.waitFor('globalThis.never', 100)).rejects.toMatchObject({
      code: 'timed-out',
    });
    await page.close();
  });

  it("gathers console output and uncaught errors, from the page's first script on", async () => {
    const page = await engine.open(server.url('/noisy.html'));
    const bothArrived = async () => (await page.pageErrors()).length >= 2;
    expect(await becomesTrue(bothArrived, 5_000)).toBe(true);
    expect(await page.consoleMessages()).toEqual([
      { type: 'log', text: 'first words' },
      { type: expect.stringMatching(/^warn/), text: 'careful' },
    ]);
    const errors = (await page.pageErrors()).join('\n');
    expect(errors).toContain('thrown later');
    expect(errors).toContain('rejected');
    await page.close();
  });

  it('serves WebAssembly with the MIME type that streaming compilation asks for', async () => {
    const page = await engine.open(server.url('/plain.html'));
    expect(await page.evaluate(ADD_TWO_AND_THREE)).toBe(5);
    await page.close();
  });

  it('runs classic and module workers', async () => {
    const page = await engine.open(server.url('/plain.html'));
    const firstMessage = (worker: string) => `new Promise((resolve, reject) => {
      const worker = ${worker};
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    })`;
    expect(await page.evaluate(firstMessage('new Worker("/worker.js")'))).toBe('function');
    expect(
      await page.evaluate(firstMessage('new Worker("/module-worker.mjs", { type: "module" })')),
    ).toBe('imported');
    await page.close();
  });

  it('isolates a page that asks for it, and no other', async () => {
    const page = await engine.open(server.url('/isolated.html'));
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    await page.close();
    const plain = await engine.open(server.url('/plain.html'));
    expect(await plain.evaluate('crossOriginIsolated')).toBe(false);
    await plain.close();
  });

  it('holds a page to its strict CSP, in which WebAssembly still runs', async () => {
    const page = await engine.open(server.url('/strict.html'));
    expect(await page.evaluate('typeof inlineRan')).toBe('undefined');
    // From a script of the page itself: what a protocol evaluates may be exempt.
    server.setFile(
      '/tries-eval.js',
      `try { eval('1'); globalThis.evalResult = 'ran'; } catch (error) { globalThis.evalResult = error.name; }`,
    );
    await page.evaluate(`new Promise((resolve, reject) => {
      const script = document.createElement('script');
      Object.assign(script, { src: '/tries-eval.js', onload: resolve, onerror: reject });
      document.documentElement.append(script);
    }).then(() => {})`);
    expect(await page.evaluate('evalResult')).toBe('EvalError');
    expect(await page.evaluate(ADD_TWO_AND_THREE)).toBe(5);
    await page.close();
  });

  it('collects garbage when asked', async () => {
    const page = await engine.open(server.url('/plain.html'));
    await page.evaluate(`(() => {
      globalThis.collected = 0;
      globalThis.registry = new FinalizationRegistry(() => { collected += 1; });
      for (let index = 0; index < 32; index += 1) registry.register({ index });
      globalThis.kept = { };
      registry.register(kept);
    })()`);
    expect(await page.collectGarbage()).toBe(true);
    const collected = await page.evaluate<number>('collected');
    expect(collected).toBeGreaterThan(16);
    expect(collected).toBeLessThanOrEqual(32);
    await page.close();
  });

  it('takes a picture of the page', async () => {
    const page = await engine.open(server.url('/plain.html'));
    const path = join(folder, `${name}.png`);
    await page.screenshot(path);
    const picture = readFileSync(path);
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    // An empty page of this size has fewer bytes than one with letters on it, but is no smaller in pixels.
    expect(picture.readUInt32BE(16)).toBeGreaterThan(400);
    expect(picture.length).toBeGreaterThan(1_000);
    await page.close();
  });

  it('says when a page is not there', async () => {
    await expect(engine.open(server.url('/missing.html'))).rejects.toMatchObject({
      code: 'page-failed-to-load',
    });
  });

  it('leaves no process behind when it is closed, not even while a page hangs', async () => {
    const page = await engine.open(server.url('/plain.html'));
    expect(engine.processes().length).toBeGreaterThan(0);
    const hanging = page.evaluate('new Promise(() => {})').catch((error: unknown) => error);
    await engine.close();
    expect(await hanging).toBeInstanceOf(Error);
    expect(engine.processes()).toEqual([]);
    await engine.close();
  });
});

describe('a test process that dies', () => {
  let program: string;

  beforeAll(async () => {
    program = join(folder, 'launches.mjs');
    await build({
      stdin: {
        contents: `
          import { launchEngine } from './engines.ts';
          import { openScopes } from './process-scope.ts';
          await launchEngine(process.argv[2]);
          console.log(JSON.stringify(openScopes()));
          setInterval(() => {}, 1000);`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: program,
      define: { 'import.meta.url': JSON.stringify(import.meta.url) },
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)});`,
      },
      logLevel: 'silent',
    });
  });

  it.each(
    ENGINE_NAMES.flatMap((name) => [
      { name, signal: 'SIGKILL' as const },
      { name, signal: 'SIGTERM' as const },
    ]).filter(({ name, signal }) => name === 'webkit' || signal === 'SIGKILL'),
  )('takes $name with it on $signal', async ({ name, signal }) => {
    const child = spawn(process.execPath, [program, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [firstOutput] = await once(child.stdout, 'data');
    const scopes: { mark: string; folder: string }[] = JSON.parse(String(firstOutput));
    const [scope] = scopes;
    if (!scope) throw new Error('no scope is open');
    expect(processesWithMark(scope.mark).length).toBeGreaterThan(0);

    child.kill(signal);
    const allGone = async () =>
      processesWithMark(scope.mark).length === 0 && !existsSync(scope.folder);
    expect(await becomesTrue(allGone, 10_000)).toBe(true);
  });
});

describe('a browser that is not installed', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    { name: 'chromium' as const, debianPackage: 'chromium' },
    { name: 'firefox' as const, debianPackage: 'firefox-esr' },
    { name: 'webkit' as const, debianPackage: 'webkit2gtk-driver' },
  ])('is named, with its package: $name', async ({ name, debianPackage }) => {
    vi.stubEnv('PATH', '/nonexistent');
    await expect(launchEngine(name)).rejects.toMatchObject({
      code: 'browser-not-installed',
      message: expect.stringMatching(new RegExp(`npm run setup.*package ${debianPackage}\\.`)),
    });
  });
});

describe('the server', () => {
  /** Sends `path` as it is, where fetch would tidy it first. */
  async function statusOf(path: string): Promise<number | undefined> {
    const { hostname, port } = new URL(server.origin);
    const [response] = await once(request({ hostname, port, path }).end(), 'response');
    response.resume();
    return response.statusCode;
  }

  it('serves a mounted folder and nothing above it', async () => {
    expect(await statusOf('/harness-sources/server.ts')).toBe(200);
    expect(await statusOf('/harness-sources/../../../package.json')).toBe(404);
    expect(await statusOf('/harness-sources/%2e%2e/%2e%2e/%2e%2e/package.json')).toBe(404);
    expect(await statusOf('/harness-sources/..%2f..%2f..%2fpackage.json')).toBe(404);
    expect(await statusOf('/harness-sources//etc/passwd')).toBe(404);
    expect(await statusOf('/harness-sources/%')).toBe(400);
    expect(await statusOf('/harness-sources/')).toBe(404);
  });

  it('listens on loopback only', () => {
    expect(server.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});
