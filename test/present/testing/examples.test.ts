// The examples of examples/testing, run as their users run them: by Vitest, and by Playwright in a real Chromium. Some
// of their tests fail on purpose; what such a failure says is looked at here.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Milliseconds; two runners and a browser on a busy machine. */
const LIMIT = 180_000;

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** What a runner prints as JSON, run beside the one that runs this test. */
function runTests(script: string, ...args: string[]): unknown {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|PLAYWRIGHT|TEST_|FORCE_COLOR|NODE_OPTIONS)/.test(name),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`node_modules/${script}`, ...args, '--reporter=json'],
    {
      cwd: repository,
      env: { ...Object.fromEntries(environment), NO_COLOR: '1' },
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${script} printed no JSON:\n${stdout}\n${stderr}`);
  }
}

describe('with Vitest', () => {
  interface Results {
    readonly testResults: readonly {
      readonly assertionResults: readonly {
        readonly title: string;
        readonly failureMessages: readonly string[];
      }[];
    }[];
  }

  it('clean code passes, and what leaks is told with its line', { timeout: LIMIT }, () => {
    const { testResults } = runTests(
      'vitest/vitest.mjs',
      'run',
      '--root',
      'examples/testing/vitest',
    ) as Results;
    const messages = Object.fromEntries(
      testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .map(({ title, failureMessages }) => [title, failureMessages.join('\n')]),
    );
    const line = (file: string, text: string) =>
      readFileSync(join(repository, file), 'utf8').split(text)[0]?.split('\n').length;
    const lost = line('examples/photo-editor/editor.mjs', 'createColor(colorName)');
    const called = line('examples/testing/vitest/leaking.test.ts', 'paintBrushStroke(');
    expect(messages).toEqual({
      'opening, editing and closing a picture leaks nothing': '',
      'a session stays within its budget': '',
      'a brush stroke leaks nothing': expect.stringMatching(
        new RegExp(
          String.raw`expected the action not to leak\n(.*\n)*.*1 more colors behind.*\n(.*\n)*` +
            String.raw` +at PhotoEditor.paintBrushStroke \(examples/photo-editor/editor.mjs:${lost}:\d+\)\n` +
            String.raw` +at examples/testing/vitest/leaking.test.ts:${called}:\d+\n`,
        ),
      ),
      'a preview leaves no nodes': expect.stringMatching(
        /to stay within its budget\n(.*\n)*.* types.GeglNode +0 +3 +over by 3\n/,
      ),
    });
  });
});

describe('with Playwright', () => {
  interface Results {
    readonly suites: readonly {
      readonly specs: readonly {
        readonly title: string;
        readonly tests: readonly {
          readonly results: readonly { readonly errors: readonly { readonly message: string }[] }[];
        }[];
      }[];
    }[];
  }

  it('a clean page passes, and what leaks is told with its line', { timeout: LIMIT }, () => {
    const { suites } = runTests(
      '@playwright/test/cli.js',
      'test',
      '--config',
      'examples/testing/playwright',
    ) as Results;
    const messages = Object.fromEntries(
      suites
        .flatMap(({ specs }) => specs)
        .map(({ title, tests }) => [
          title,
          tests
            .flatMap(({ results }) => results.flatMap(({ errors }) => errors))
            .map(({ message }) => message)
            .join('\n'),
        ]),
    );
    expect(messages).toEqual({
      'blurring and undoing leaks nothing, and stays within its budget': '',
      'a preview leaks nothing': expect.stringMatching(
        /expected the action not to leak\n(.*\n)*.*1 more nodes behind.*\n(.*\n)*.* at PhotoEditor.renderPreview \(photo-editor\/editor.mjs:/,
      ),
    });
  });
});
