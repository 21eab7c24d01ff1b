// The conformance cases in Node, on both built modules.

import { afterAll, beforeAll, describe, it } from 'vitest';
import { Gegl, GeglEngine, GeglError, type GeglMessage } from '../../src/gegl/index.ts';
import { moduleFactory, moduleNames } from './built-module.ts';
import { assertNoCriticals } from './conformance/case.ts';
import { conformanceCases, type Environment } from './conformance/index.ts';

describe.each(moduleNames)('%s.wasm in Node', (name) => {
  const createModule = moduleFactory(name);
  const engine = name === 'gegl' ? Gegl : new GeglEngine();
  const environment: Environment = {
    name: 'node',
    Gegl: engine,
    GeglEngine,
    GeglError,
    createModule,
  };

  const messages: GeglMessage[] = [];

  beforeAll(async () => {
    await engine.init({
      module: createModule,
      license: 'GPL3',
      onMessage: (message) => messages.push(message),
    });
  });
  afterAll(() => {
    engine.exit();
    assertNoCriticals(messages);
  });

  for (const conformanceCase of conformanceCases) {
    it(conformanceCase.name, () => conformanceCase.run(environment));
  }
});
