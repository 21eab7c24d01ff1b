// The conformance cases in Node, on both built modules and by each way of loading the wrapper.

import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Gegl, GeglEngine, GeglError, type GeglMessage } from '../../src/gegl/index.ts';
import { assertNoCriticals } from './conformance/case.ts';
import { conformanceCases, type Environment } from './conformance/index.ts';

const require = createRequire(import.meta.url);

describe.each(['gegl', 'gegl-stripped'])('%s.wasm in Node', (name) => {
  const createModule = (overrides?: object) =>
    require(`gegl-memory-profiler/module/${name}.js`)(overrides);
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
