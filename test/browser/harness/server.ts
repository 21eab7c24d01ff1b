// A static web server on loopback for browser tests: folders and in-memory files, right MIME types, headers per path.

import { readFile, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Makes a page cross-origin isolated: SharedArrayBuffer, precise timers, `measureUserAgentSpecificMemory`. */
export const CROSS_ORIGIN_ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
} as const;

/** As hostile as a page can be that still runs WebAssembly: no eval, no inline script, nothing of another origin. */
export const STRICT_CSP = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; img-src 'self'",
} as const;

export interface ServerOptions {
  /** URL folder ('/' or '/js/') to folder on disk. The longest that fits a path serves it. */
  mounts: Readonly<Record<string, string>>;
  /** Exact URL paths to contents; these go before the mounts. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** More headers, by exact URL path or, where the key ends in '/', for all paths below it. */
  headers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface TestServer {
  /** Such as `http://127.0.0.1:41234`: a secure context, although not https. */
  readonly origin: string;
  url(path: string): string;
  /** Serves `content` at a path from now on. */
  setFile(path: string, content: string | Uint8Array): void;
  close(): Promise<void>;
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.cjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const CAPTURE_SCRIPT_PATH = '/harness/capture-console.js';
const CAPTURE_SCRIPT_TAG = `<script src="${CAPTURE_SCRIPT_PATH}"></script>`;

/** Serves until `close()`, on a free port of 127.0.0.1. */
export async function startServer(options: ServerOptions): Promise<TestServer> {
  const files = new Map<string, string | Uint8Array>(Object.entries(options.files ?? {}));
  files.set('/favicon.ico', '');
  files.set(
    CAPTURE_SCRIPT_PATH,
    await readFile(fileURLToPath(new URL('in-page/capture-console.js', import.meta.url))),
  );
  const mounts = Object.entries(options.mounts)
    .map(([prefix, folder]) => ({
      prefix: prefix.endsWith('/') ? prefix : `${prefix}/`,
      folder: resolve(folder),
    }))
    .sort((a, b) => b.prefix.length - a.prefix.length);

  /** The bytes at a URL path, or undefined where nothing is. */
  async function contentAt(path: string): Promise<Uint8Array | undefined> {
    const inMemory = files.get(path);
    if (inMemory !== undefined) {
      return typeof inMemory === 'string' ? Buffer.from(inMemory) : inMemory;
    }
    const mount = mounts.find(({ prefix }) => path.startsWith(prefix));
    if (!mount || path.includes('\0')) return undefined;
    const file = resolve(join(mount.folder, path.slice(mount.prefix.length)));
    if (!file.startsWith(mount.folder + sep)) return undefined;
    const isFile = await stat(file).then(
      (entry) => entry.isFile(),
      () => false,
    );
    return isFile ? readFile(file) : undefined;
  }

  function headersFor(path: string): Record<string, string> {
    const headers: Record<string, string> = {
      'content-type': MIME_TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
    };
    for (const [key, more] of Object.entries(options.headers ?? {})) {
      if (key === path || (key.endsWith('/') && path.startsWith(key))) Object.assign(headers, more);
    }
    return headers;
  }

  async function answer(method: string, target: string, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    let path: string;
    try {
      path = decodeURIComponent(target.split('?', 1)[0] ?? '');
    } catch {
      response.writeHead(400).end();
      return;
    }
    if (path.endsWith('/')) path += 'index.html';
    let content = await contentAt(path);
    if (content === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`nothing is served at ${path}`);
      return;
    }
    const headers = headersFor(path);
    if (headers['content-type']?.startsWith('text/html')) content = withCaptureScript(content);
    headers['content-length'] = String(content.byteLength);
    response.writeHead(200, headers).end(method === 'HEAD' ? undefined : content);
  }

  const server = createServer((request, response) => {
    answer(request.method ?? 'GET', request.url ?? '/', response).catch((error: unknown) => {
      console.error('test server:', error);
      response.destroy();
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const origin = `http://127.0.0.1:${address.port}`;

  return {
    origin,
    url: (path) => new URL(path, origin).href,
    setFile: (path, content) => files.set(path, content),
    close: () =>
      new Promise((closed, failed) => {
        server.close((error) => (error ? failed(error) : closed()));
        server.closeAllConnections();
      }),
  };
}

/** Makes the capture script a page's first, since it sees only what comes after it. */
function withCaptureScript(html: Uint8Array): Uint8Array {
  const text = Buffer.from(html).toString('utf8');
  const head = /<head[^>]*>|<!doctype[^>]*>/i.exec(text);
  const at = head ? head.index + head[0].length : 0;
  return Buffer.from(text.slice(0, at) + CAPTURE_SCRIPT_TAG + text.slice(at), 'utf8');
}
