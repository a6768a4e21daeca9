// Serves the page's files as app://millwright/…, with the content security policy on each answer and nothing outside the folder.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';

export const pageUrl = 'app://millwright/index.html';
export const pageOrigin = 'app://millwright';

export const contentSecurityPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2', '.woff': 'font/woff', '.ico': 'image/x-icon',
};

interface PageAnswer { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }

/** Must run before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Reads one file of the page; anything that is not a file inside `pageDir` is a 404. */
export async function answerPage(pageDir: string, url: string): Promise<PageAnswer> {
  const headers = { 'Content-Security-Policy': contentSecurityPolicy, 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Opener-Policy': 'same-origin', 'Referrer-Policy': 'no-referrer' };
  const notFound: PageAnswer = { status: 404, headers: { ...headers, 'Content-Type': 'text/plain' }, body: Buffer.from('Not found') };
  let path: string;
  try {
    const parsed = new URL(url);
    if (parsed.host !== 'millwright') return notFound;
    path = decodeURIComponent(parsed.pathname);
  } catch { return notFound; }
  const file = normalize(join(pageDir, path === '/' ? 'index.html' : path));
  const contentType = contentTypes[extname(file)];
  if (!file.startsWith(pageDir + sep) || !contentType || path.includes('\0')) return notFound;
  try {
    return { status: 200, headers: { ...headers, 'Content-Type': contentType }, body: await readFile(file) };
  } catch { return notFound; }
}

export function servePage(pageDir: string): void {
  // protocol.handle came with Electron 25; the older call keeps the app testable on the runtime that tests have.
  if (typeof protocol.handle === 'function') {
    protocol.handle('app', async (request) => {
      const answer = await answerPage(pageDir, request.url);
      return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
    });
    return;
  }
  protocol.registerBufferProtocol('app', (request, respond) => {
    void answerPage(pageDir, request.url).then((answer) => respond({ statusCode: answer.status, headers: answer.headers, mimeType: answer.headers['Content-Type']!.split(';')[0]!, data: answer.body }));
  });
}
