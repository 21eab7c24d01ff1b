// The demo page's server: a few folders of this repository on loopback, with the headers of a page
// that takes security seriously.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** URL folder to folder; the first that fits a path serves it. */
const FOLDERS = [
  ['/js/', '../../js/'],
  ['/photo-editor/', '../photo-editor/'],
  ['/', './'],
].map(([path = '', folder = '']) => ({
  path,
  folder: fileURLToPath(new URL(folder, import.meta.url)),
}));

/** Single files from elsewhere. */
const FILES = new Map(
  Object.entries({
    '/gegl.js': '../../native/out/gegl.js',
    '/gegl.wasm': '../../native/out/gegl.wasm',
    '/text.js': '../../dist/esm/text.js',
  }).map(([path, file]) => [path, fileURLToPath(new URL(file, import.meta.url))]),
);

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

const HEADERS = {
  // No eval, no inline script: neither GEGL nor the profiler needs them.
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  // Cross-origin isolated, so that browsers tell the page more about its memory.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
};

/**
 * @param {{ port?: number }} [options] 0 is any free port
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function startDemoServer({ port = 0 } = {}) {
  const server = createServer(async (request, response) => {
    const file = await findFile(request.url ?? '/');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (file === null) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not here\n');
    } else {
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { ...HEADERS, 'content-type': type });
      if (request.method === 'HEAD') response.end();
      else
        createReadStream(file)
          .on('error', () => response.destroy())
          .pipe(response);
    }
  });
  await new Promise((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', () => listening(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {string} target of the request
 * @returns {Promise<string | null>}
 */
async function findFile(target) {
  let path = target.split('?', 1)[0] ?? '/';
  try {
    path = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (path.endsWith('/')) path += 'index.html';
  const mount = FOLDERS.find((candidate) => path.startsWith(candidate.path));
  if (!mount || path.includes('\0')) return null;
  const file = FILES.get(path) ?? resolve(mount.folder, path.slice(mount.path.length));
  const isInside = FILES.has(path) || file.startsWith(mount.folder.replace(/\/$/, '') + sep);
  if (!isInside || TYPES[extname(file)] === undefined) return null;
  const isFile = await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
  return isFile ? file : null;
}
