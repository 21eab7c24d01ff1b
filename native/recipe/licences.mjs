// The licences of all that is linked, to stand beside the modules, and what they amount to together.

import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativeFolder } from './paths.mjs';
import { finished } from './steps.mjs';

/** @type {[string, string][]} component and licence, as its files say */
const summary = [
  ['gegl', 'LGPL-3.0-or-later (library), GPL-3.0-or-later (operations/common-gpl3+)'],
  [
    'gegl: libs/ctx',
    'ISC, with parts under MIT, Apache-2.0 and LGPL-2.0-or-later (gegl/libs-ctx-notices.txt)',
  ],
  ['gegl: libs/npd, libs/rgbe', 'LGPL-3.0-or-later'],
  ['gegl: subprojects/libnsgif', 'MIT'],
  ['gegl: subprojects/poly2tri-c', 'BSD-3-Clause'],
  ['babl', 'LGPL-3.0-or-later'],
  ['glib', 'LGPL-2.1-or-later'],
  ['json-glib', 'LGPL-2.1-or-later'],
  ['pcre2', 'BSD-3-Clause WITH PCRE2-exception'],
  ['zlib', 'Zlib'],
  ['libpng', 'libpng-2.0'],
  [
    'libjpeg-turbo',
    'IJG AND BSD-3-Clause (this software is based in part on the work of the Independent JPEG Group)',
  ],
  [
    'Emscripten: musl, compiler-rt, libc++, libc++abi, dlmalloc and the glue script',
    'MIT, Apache-2.0 WITH LLVM-exception, CC0-1.0 (emscripten-copyright.txt)',
  ],
  ['this project: the binding and native/ffi', 'MIT'],
];

const emscriptenCopyright = '/usr/share/doc/emscripten/copyright';

/**
 * @param {string} folder
 * @param {Map<string, import('./steps.mjs').Plan>} plans
 */
export function writeLicences(folder, plans) {
  mkdirSync(folder, { recursive: true });
  for (const [name, plan] of plans) {
    const licences = join(plan.prefix, 'licences');
    if (existsSync(licences)) cpSync(licences, join(folder, name), { recursive: true });
  }
  // Minimal installations of Debian leave /usr/share/doc out, copyright files excepted.
  cpSync(emscriptenCopyright, join(folder, 'emscripten-copyright.txt'));
  cpSync(join(nativeFolder, '..', 'LICENSE'), join(folder, 'gegl-memory-profiler-LICENSE'));
  writeFileSync(join(folder, 'README.md'), readme(plans));
}

/** @param {Map<string, import('./steps.mjs').Plan>} plans */
function readme(plans) {
  const sources = [...plans.values()].flatMap((plan) => {
    const built = finished(plan);
    return built === undefined || built.source === ''
      ? []
      : [`| ${built.name} ${built.version} | pool/main/${built.source} | ${built.sha256} |`];
  });
  return `# Licences of gegl.wasm and gegl-stripped.wasm

The modules as a whole are under the **GPL-3.0-or-later**: the operations of GEGL's
\`operations/common-gpl3+\` are linked in, and every other part's licence is compatible with it.
Whoever passes a module on must offer its source: the archives below, with the build recipe
(\`native/\`) that edits and compiles them. The profiler's own code, the wrapper and the C binding
are under the MIT licence.

| part | licence |
| --- | --- |
${summary.map(([part, licence]) => `| ${part} | ${licence} |`).join('\n')}

The licence texts stand in the folders beside this file.

| source | on any Debian mirror | SHA256 |
| --- | --- | --- |
${sources.join('\n')}
`;
}
