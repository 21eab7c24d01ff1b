// WebAssembly modules from text, by binaryen, with every feature allowed that browsers have.

import binaryen from 'binaryen';

/** Proposals that no browser takes yet; not all of them are in binaryen's own type. */
const UNFINISHED = [
  'Strings',
  'StackSwitching',
  'SharedEverything',
  'FP16',
  'CustomPageSizes',
  'AcquireReleaseAtomics',
  'RelaxedAtomics',
  'CompactImports',
];
const FEATURES = Object.entries(binaryen.Features as unknown as Record<string, number>)
  .filter(([name]) => name !== 'All' && !UNFINISHED.includes(name))
  .reduce((all, [, feature]) => all | feature, 0);

/** @param withNames whether the functions' names stand in a name section. */
export function assemble(text: string, withNames = true): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(FEATURES);
  binaryen.setDebugInfo(withNames);
  try {
    if (!module.validate()) throw new Error('binaryen finds the module invalid');
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
