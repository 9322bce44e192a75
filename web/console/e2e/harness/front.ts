// Serves dist as the server does, for who works on a page and does not want to build the server each time: the same headers, the
// rest passed on.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { Postroom } from './server';

const dist = new URL('../../dist/', import.meta.url).pathname;
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; connect-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

function serve(req: IncomingMessage, res: ServerResponse, path: string) {
  const asked = normalize(path.replace(/^\/admin\/?/, ''));
  const file = asked !== '.' && !asked.startsWith('..') && existsSync(join(dist, asked)) && statSync(join(dist, asked)).isFile() ? join(dist, asked) : join(dist, 'index.html');
  const small = String(req.headers['accept-encoding']).includes('br') && existsSync(`${file}.br`);
  res.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff', 'cache-control': file.endsWith('index.html') ? 'no-cache' : 'public, max-age=31536000, immutable',
    ...(small ? { 'content-encoding': 'br' } : {}),
  });
  createReadStream(small ? `${file}.br` : file).pipe(res);
}

function pass(req: IncomingMessage, res: ServerResponse, postroom: Postroom) {
  const on = request(`${postroom.http}${req.url}`, { method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  on.on('error', () => res.destroy());
  res.on('close', () => on.destroy());
  req.pipe(on);
}

export function startFront(postroom: Postroom): Promise<{ url: string; server: Server }> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('no dist: run `npm run build` first');
  const server = createServer((req, res) => {
    const path = new URL(req.url ?? '/', 'http://x').pathname;
    if (path.startsWith('/admin')) {
      const isPage = !path.startsWith('/admin/assets/') && extname(path) === '';
      if (isPage && !req.headers.cookie?.includes('__Host-postroom=')) res.writeHead(303, { location: `/sign-in?return=${encodeURIComponent(req.url ?? '')}` }).end();
      else serve(req, res, path);
    }
    else pass(req, res, postroom);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, server });
    });
  });
}
