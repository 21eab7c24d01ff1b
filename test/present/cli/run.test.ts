// Scripts and pages that are run to be watched: by real Node, in a real Chromium, on real GEGL. The parts that run in
// other processes are the built ones.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDemoServer } from '../../../examples/demo/server.mjs';
import { parseRecording } from '../../../src/recording/parse.ts';
import { COMMAND, makeFolder, type } from './command-line.ts';

const file = makeFolder();
const gegl = JSON.stringify(new URL('../../../dist/esm/gegl.js', import.meta.url).href);
const module = file(
  'editor.mjs',
  `import { Gegl } from ${gegl};
await Gegl.init();
const kept = [];
export const leak = () => kept.push(Gegl.createBuffer({ width: 50, height: 50 }));
export const work = () => Gegl.createBuffer({ width: 50, height: 50 }).destroy();
export const state = { setups: 0 };
setInterval(() => {}, 1000);
process.stderr.write('the editor is ready\\n');
`,
);
/** Where it does not matter what runs. */
const idle = file(
  'idle.mjs',
  "export const work = () => {};\nsetInterval(() => {}, 1000);\nprocess.stderr.write('ready\\n');\n",
);
const scenario = (name: string, text: string) => file(name, text);

describe('run of a script', () => {
  it('keeps the recording, passes arguments on, and ends as the script does', async () => {
    const said = file('said.json');
    const script = file(
      'script.mjs',
      `import { writeFileSync } from 'node:fs';
import { Gegl } from ${gegl};
await Gegl.init();
globalThis.kept = Gegl.createBuffer({ width: 50, height: 50 });
writeFileSync(${JSON.stringify(said)}, JSON.stringify([process.argv.slice(2), process.env.MEMPROF_TASK ?? null]));
process.exit(7);
`,
    );
    const output = file('recording.json');
    const { code, err } = await type('run', script, '-o', output, '--', '--size', '3');
    expect(code).toBe(7);
    expect(err).toMatch(/script.mjs ended with exit code 7/);
    expect(JSON.parse(readFileSync(said, 'utf8'))).toEqual([['--size', '3'], null]);
    const recording = parseRecording(readFileSync(output, 'utf8'));
    expect(recording.heap?.mode).toBe('sampled');
    expect(recording.heap?.totals.live.bytes).toBeGreaterThan(0);
    expect(recording.objects.totals.buffers).toMatchObject({ created: 1, live: 1 });
  });

  it('names the line of an action that leaks, and ends with 1', async () => {
    const path = scenario(
      'leak.mjs',
      'export const setup = (editor) => { editor.state.setups += 1; };\n' +
        'export const action = (editor) => editor.state.setups === 1 && editor.leak();\n',
    );
    const { code, out, err } = await type('run', module, '--scenario', path, '--iterations', '8');
    expect(code).toBe(1);
    expect(out).toMatch(/^1 leak in 8 runs\n/);
    expect(out, out).toMatch(/leaves 1 more buffers behind/);
    expect(out).toMatch(/ at Module\.leak \(.*editor\.mjs:4:42\)\n/);
    expect(out).toMatch(/handles kept: buffers 1\n/);
    expect(err).toMatch(/1 leak\. The recording was not kept/);
  });

  it('finds none in a clean one, and says so to machines', async () => {
    const path = scenario('work.mjs', 'export const action = (editor) => editor.work();\n');
    const { code, out } = await type('run', module, '--scenario', path, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      findings: [],
      balance: { iterations: 7, heap: { keptBytes: 0 } },
      summary: { totalAllocations: 8 },
    });
  });

  it('passes over leaks that are accepted, or that shall not fail it', async () => {
    const path = scenario('again.mjs', 'export const action = (editor) => editor.leak();\n');
    const args = ['run', module, '--scenario', path, '--iterations', '3'];
    expect((await type(...args, '--fail-on', 'none')).code).toBe(0);
    const accepted = file('accepted.txt', 'stack:editor.mjs -- kept on purpose\n');
    const { code, out } = await type(...args, '--suppressions', accepted);
    expect([code, out.split('\n')[0]]).toEqual([0, 'No leaks in 7 runs']);
  });

  it('does not say that nothing leaks where nothing was watched', async () => {
    const script = file(
      'blind.mjs',
      // No memory, no allocator.
      'await WebAssembly.instantiate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));\nexport const work = () => {};\n',
    );
    const path = scenario('blind-work.mjs', 'export const action = (script) => script.work();\n');
    const { code, out, err } = await type('run', script, '--scenario', path);
    expect(code).toBe(1);
    expect(err).toMatch(/no heap was tracked[\s\S]*No allocator was found/);
    expect(out).toMatch(/No leaks seen in 7 runs; no heap was watched/);
    const accepted = await type('run', script, '--scenario', path, '--fail-on', 'none');
    expect(accepted.code).toBe(0);
  });

  it('keeps the recording of a script that is told to end', async () => {
    const output = file('ended.json');
    const running = spawn(process.execPath, [COMMAND, 'run', module, '-o', output]);
    const ended = once(running, 'close');
    await once(running.stderr, 'data');
    running.kill('SIGTERM');
    expect((await ended)[0]).toBe(143);
    expect(parseRecording(readFileSync(output, 'utf8')).heap?.totals.live.bytes).toBeGreaterThan(0);
  });

  it('says that nothing was seen where no module was tracked', async () => {
    const script = file('plain.mjs', 'globalThis.kept = [];\n');
    const { code, err } = await type('run', script);
    expect(code).toBe(0);
    expect(err).toMatch(/plain\.mjs: no heap was tracked, .*\n.*no leaks\./);
    expect((await type('run', script, '--track', 'off')).err).not.toMatch(/no heap was tracked/);
  });

  it('fails where the script ends before all runs are over', async () => {
    const path = scenario('quit.mjs', 'export const action = () => process.exit(0);\n');
    const { code, err } = await type('run', idle, '--scenario', path);
    expect(err).toMatch(/ended before the runs of the action were over|exit code 1/);
    expect(code).toBe(1);
  });

  it.each([
    [
      'that is no JavaScript',
      'export const back = () => {};\nexport const action = (page) => page.click(;\n',
      /broken\.mjs:2: SyntaxError: Unexpected token ';'$/m,
    ],
    [
      'that imports what is none',
      'import "./broken-helper.mjs";\nexport const action = () => {};\n',
      /broken-helper\.mjs:3: SyntaxError: Unexpected identifier 'is'$/m,
    ],
    [
      'without an action',
      'export const actions = 1;\n',
      /broken\.mjs exports none of setup, action, back, teardown\.$/m,
    ],
  ])('names the place of a scenario %s', (_what, text, message) => {
    file('broken-helper.mjs', '\n\nthis is none\n');
    const path = scenario('broken.mjs', text);
    // Vitest would read the scenario in its own way.
    const ran = (target: string) => {
      const args = [COMMAND, 'run', target, '--scenario', path];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(message);
      return stderr;
    };
    // No browser is started for it.
    expect(ran('http://127.0.0.1:9/')).toMatch(/^.*\n$/);
    const ofScript = ran(idle);
    expect(ofScript).toMatch(/the scenario was not run to its end\./);
    expect(ofScript).not.toMatch(/\n {4}at |no leaks/);
  });

  it('runs a scenario but once that imports, while it runs, what is no JavaScript', () => {
    file('broken-later.mjs', 'this is none\n');
    const path = scenario(
      'later.mjs',
      "console.error('once');\nawait import('./broken-later.mjs');\nexport const action = () => {};\n",
    );
    const args = [COMMAND, 'run', idle, '--scenario', path];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr.match(/^once$/gm)).toHaveLength(1);
    expect(stderr).toMatch(/later\.mjs: SyntaxError: .*, in a file that it imports while it runs/);
  });

  it('names a scenario that is no module', () => {
    const path = scenario('scenario.json', '{}');
    const args = [COMMAND, 'run', idle, '--scenario', path];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/scenario\.json could not be loaded: /);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('writes nothing over what it runs, nor to where nothing can be written', async () => {
    const clean = scenario('clean.mjs', 'export const action = (editor) => editor.work();\n');
    for (const over of [module, clean]) {
      const ran = await type('run', module, '--scenario', clean, '-o', over);
      expect([ran.code, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(/is the input itself/);
    }
    const nowhere = await type('run', module, '-o', file('no-such-folder/recording.json'));
    expect([nowhere.code, nowhere.out]).toEqual([1, '']);
    expect(nowhere.err).toMatch(/no-such-folder.* could not be written: ENOENT/);
    // Told before the script is run, which would have said something.
    expect(readFileSync(module, 'utf8')).toMatch(/^import/);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves no folder behind: %s',
    async (signal) => {
      const temporary = file(`temporary-${signal}`);
      mkdirSync(temporary);
      const running = spawn(process.execPath, [COMMAND, 'run', idle], {
        env: { ...process.env, TMPDIR: temporary },
      });
      const ended = once(running, 'close');
      await once(running.stderr, 'data');
      expect(readdirSync(temporary)).toHaveLength(1);
      running.kill(signal);
      await ended;
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it.each([
    ['a script that is not there', ['absent.mjs'], 1, /absent.mjs could not be read: ENOENT/],
    ['a number that is none', ['x.mjs', '--iterations', '2'], 2, /whole number from 3 to 1000/],
    ['a mode that is none', ['x.mjs', '--track', 'most'], 2, /Allowed choices are off, counts/],
    ['an address without its scheme', ['localhost:8080'], 2, /is no address of a page/],
    ['another scheme', ['ftp://x.test/'], 2, /it begins with http:, https: or file:/],
    ['a page with arguments', ['http://127.0.0.1:9/', '--', 'x'], 2, /takes no arguments/],
    [
      'a browser that is none',
      ['http://127.0.0.1:9/', '--browser', '/nowhere'],
      2,
      /\/nowhere is no program/,
    ],
  ])('refuses %s', async (_what, args, exitCode, message) => {
    const { code, err } = await type('run', ...args);
    expect(err).toMatch(message);
    expect(code).toBe(exitCode);
  });
});

describe('run of a page', () => {
  it('keeps what was recorded until Ctrl-C', async () => {
    let tellLoaded = () => {};
    const loaded = new Promise<void>((done) => {
      tellLoaded = done;
    });
    const server = createServer(({ url }, response) => {
      if (url === '/loaded') tellLoaded();
      response.setHeader('content-type', 'text/html');
      response.end("<!doctype html><script>setTimeout(() => fetch('/loaded'), 1500)</script>");
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const output = file('interrupted.json');
      const command = fileURLToPath(
        new URL('../../../dist/cli/gegl-memory-profiler.js', import.meta.url),
      );
      const options = ['--duration', '600', '--fail-on', 'none', '-o', output];
      const running = spawn(process.execPath, [command, 'run', url, ...options]);
      const ended = once(running, 'close');
      await loaded;
      running.kill('SIGINT');
      expect((await ended)[0]).toBe(0);
      const { clock } = parseRecording(readFileSync(output, 'utf8'));
      expect(clock.duration).toBeGreaterThan(1000);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each([
    [
      'crashes',
      "page.goto('chrome://crash').catch(() => {})",
      /The page crashed, and what was recorded went with it\. Pages crash where/,
    ],
    ['is closed', 'page.close()', /The page or its browser was closed or crashed/],
    ['ends with its browser', "page.browser().process().kill('SIGKILL')", /was closed or crashed/],
    ['is left', 'page.reload()', /The action left the page/],
  ])('ends where the page %s, and says so', async (_what, act, message) => {
    const page = file('page.html', '<!doctype html><title>a page</title>');
    const path = scenario(
      'act.mjs',
      `let runs = 0;\nexport const action = (page) => ++runs > 2 && ${act};\n`,
    );
    const args = [COMMAND, 'run', pathToFileURL(page).href, '--scenario', path];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect([status, stdout]).toEqual([1, '']);
  });

  it('dismisses dialogs, which would be waited for without end, and says so', () => {
    const page = file(
      'dialogs.html',
      `<!doctype html><button onclick="confirm('Really?\u0007')"></button><script>alert('Hello')</script>`,
    );
    const path = scenario('click.mjs', "export const action = (page) => page.click('button');\n");
    const args = [COMMAND, 'run', pathToFileURL(page).href, '--scenario', path];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toMatch(/^The page opened a dialog \(alert\), which was dismissed: Hello$/m);
    expect(stderr).toMatch(/^The page opened a dialog \(confirm\), .*: Really\?$/m);
    expect(stdout).toMatch(/^No leaks seen in 7 runs/);
  });

  it('goes on to its true end where nobody reads what it says', () => {
    const page = file('loud.html', '<!doctype html><script>throw new Error("loud")</script>');
    const path = scenario(
      'late.mjs',
      'let runs = 0;\nexport const action = () => {\n' +
        "  if (++runs > 2) throw new Error('late');\n" +
        '  return new Promise((done) => setTimeout(done, 300));\n};\n',
    );
    const { stdout } = spawnSync(
      'bash',
      ['-c', '"$@" 2>&1 | true; echo $PIPESTATUS', 'bash'].concat([
        process.execPath,
        COMMAND,
        'run',
        pathToFileURL(page).href,
        '--scenario',
        path,
      ]),
      { encoding: 'utf8' },
    );
    expect(stdout).toBe('1\n');
  });

  it.each([
    ['SIGINT', 130, 'that answers'],
    ['SIGTERM', 143, 'that answers'],
    ['SIGTERM', 143, 'that hangs'],
  ] as const)(
    'leaves no browser and no folder behind: %s, %i, one %s',
    async (signal, exitCode, kind) => {
      const temporary = file(`browser-${signal}-${kind}`);
      mkdirSync(temporary);
      const page = file('page.html', '<!doctype html><title>a page</title>');
      const path = scenario(
        `never-${signal}-${kind}.mjs`,
        'export const action = (page) => {\n' +
          '  const { pid } = page.browser().process();\n' +
          (kind === 'that hangs' ? "  process.kill(pid, 'SIGSTOP');\n" : '') +
          "  console.error('browser ' + pid + '.');\n" +
          '  return new Promise(() => {});\n};\n',
      );
      const args = [COMMAND, 'run', pathToFileURL(page).href, '--scenario', path];
      const env = { ...process.env, TMPDIR: temporary };
      const running = spawn(process.execPath, args, { env });
      const ended = once(running, 'close');
      let said = '';
      const browser = new Promise<number>((done) => {
        running.stderr.on('data', (data) => {
          said += data;
          const [, id] = /browser (\d+)\./.exec(said) ?? [];
          if (id !== undefined) done(Number(id));
        });
      });
      const id = await browser;
      expect(process.kill(id, 0)).toBe(true);
      running.kill(signal);
      expect((await ended)[0]).toBe(exitCode);
      expect(said).toBe(`browser ${id}.\n`);
      expect(() => process.kill(id, 0)).toThrow(/ESRCH/);
      // The lock of a Chromium that is killed stays, a link or two.
      const ofChromium = kind === 'that hangs' ? /^org\.chromium\./ : /^$/;
      expect(readdirSync(temporary).filter((name) => !ofChromium.test(name))).toEqual([]);
    },
  );

  it.each([
    ['chromium', false],
    ['firefox', true],
  ])('finds what an action leaks, from the line of the page: %s', async (browser, warns) => {
    const server = await startDemoServer();
    try {
      const path = fileURLToPath(
        new URL('../../../examples/demo/scenarios/preview.mjs', import.meta.url),
      );
      const output = file('page.json');
      const args = ['--scenario', path, '--iterations', '3', '-o', output, '--browser', browser];
      const { code, out, err } = await type('run', server.url, ...args);
      expect(err).toMatch(/The recording is in/);
      expect(out).toMatch(/leaves 1 more nodes behind/);
      expect(out).toMatch(/ at (PhotoEditor\.)?renderPreview \(photo-editor\/editor.mjs:\d+:\d+\)/);
      expect(out.includes('Warning: Garbage could not be collected')).toBe(warns);
      expect(code).toBe(1);
      const recording = parseRecording(readFileSync(output, 'utf8'));
      expect(recording.environment.userAgent?.toLowerCase()).toContain(
        browser === 'firefox' ? 'firefox/' : 'chrome/',
      );
      expect(recording.environment.page).toBe(server.url);
      expect(recording.objects.totals.nodes.created).toBeGreaterThanOrEqual(12);
    } finally {
      await server.close();
    }
  });
});
