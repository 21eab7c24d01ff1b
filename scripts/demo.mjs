// `npm run demo`: serves the demo page until Ctrl-C. `npm run demo -- --port 8080` chooses the port.

import { parseArgs } from 'node:util';
import { startDemoServer } from '../examples/demo/server.mjs';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port takes a number from 0 to 65535, not ${values.port}.`);
  process.exit(1);
}
prepare();
try {
  const server = await startDemoServer({ port });
  console.log(`\nThe demo is at ${server.url} (Ctrl-C ends it)`);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, async () => {
      await server.close();
      process.exit(0);
    });
  }
} catch (error) {
  console.error(`The demo could not be served: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
