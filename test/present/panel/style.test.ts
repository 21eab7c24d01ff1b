// The panel's style, in browsers that are some years old: none of them is at hand, so what it is made of is looked at.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const style = readFileSync(
  new URL('../../../src/present/panel/panel.css', import.meta.url),
  'utf8',
).replace(/\/\*.*?\*\//gs, '');

it('uses functions and rules that all engines have had since 2021', () => {
  const names = (pattern: RegExp) => [
    ...new Set([...style.matchAll(pattern)].map(([, name]) => name)),
  ];
  const known = ['calc', 'host', 'inset', 'is', 'linear-gradient', 'min', 'minmax', 'not'];
  expect(known.concat('repeat', 'rgb', 'rotate', 'scaleX', 'var')).toEqual(
    expect.arrayContaining(names(/([\w-]+)\(/g)),
  );
  expect(names(/@([\w-]+)/g)).toEqual(['media']);
  expect(style).not.toMatch(/^\s*&|\{[^{}]*\{[^{}]*\{/m);
});
