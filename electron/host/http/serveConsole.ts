// The browser shell: serves the console's page on loopback to whoever has the token, and the contract over a WebSocket.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { AppError, toErrorReport, type ErrorCode } from '#shared/errors';
import { recordingsDir } from '#services/stations/recordStation';
import { systemCodeOf, translateFileError } from '#services/files/translateFileError';
import { frameBytesMax, webSocketChannel } from '../connections/webSocketChannel.ts';
import type { Host } from '../createHost.ts';
import { cookieOf, makeAccessToken, type AccessToken } from './accessToken.ts';
import { enterHtml, enterScript, strangerHtml } from './enterPage.ts';
import { receiveUpload } from './receiveUpload.ts';
import { isOwnHost, isOwnOrigin, isOwnSite, securityHeaders } from './requestChecks.ts';
import { openSessionSecret } from './sessionSecret.ts';

export interface ConsoleOptions {
  readonly host: Host;
  /** Folder with the built page. */
  readonly pageDir: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ServedConsole {
  readonly port: number;
  /** To open in a browser; the secret is in the fragment. */
  readonly address: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2', '.woff': 'font/woff',
  '.json': 'application/json', '.map': 'application/json', '.pdf': 'application/pdf', '.xml': 'application/xml', '.zip': 'application/zip', '.har': 'application/json',
};
const statusOf: Partial<Readonly<Record<ErrorCode, number>>> = { BAD_INPUT: 400, NOT_FOUND: 404, ALREADY_EXISTS: 409, FORBIDDEN: 403, DISK_FULL: 507, PERMISSION_DENIED: 403 };
const tokenBytesMax = 256;

function answerText(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
const answerError = (response: ServerResponse, error: unknown) => {
  const report = toErrorReport(error);
  answerText(response, statusOf[report.code] ?? 500, 'application/json', JSON.stringify({ error: report }));
};

async function readShort(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > tokenBytesMax) throw new AppError('BAD_INPUT', 'The request is too large.');
  }
  return text;
}

/** Sends a file that lies in `root`, links followed; null where there is none. */
async function fileWithin(root: string, name: string): Promise<string | null> {
  if (name.includes('\0')) return null;
  const base = await realpath(root).catch(() => null);
  const path = await realpath(join(root, name)).catch(() => null);
  if (base === null || path === null || !path.startsWith(base + sep)) return null;
  return (await stat(path)).isFile() ? path : null;
}

async function sendFile(request: IncomingMessage, response: ServerResponse, path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const { size } = await stat(path);
  response.writeHead(200, { 'content-type': types[extname(path).toLowerCase()] ?? 'application/octet-stream', 'content-length': size, ...headers });
  if (request.method === 'HEAD') { response.end(); return; }
  await pipeline(createReadStream(path), response);
}

/** Only files of evidence records and saved recordings may be fetched: the page names paths, and must not read any file of the machine. */
async function offeredPath(host: Host, wanted: string): Promise<string> {
  const recordings = recordingsDir(host.services.dataDir);
  if (dirname(wanted) === recordings && await fileWithin(recordings, basename(wanted)) !== null) return wanted;
  const known = host.services.store.collection('evidence', evidenceRecordSchema).list().some(({ paths, signaturePages = {} }) => [...Object.values(paths), ...Object.values(signaturePages)].includes(wanted));
  if (!known) throw new AppError('FORBIDDEN', 'Only the files of evidence and saved recordings can be downloaded.');
  return wanted;
}

async function answer(request: IncomingMessage, response: ServerResponse, { host, pageDir }: ConsoleOptions, access: AccessToken): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://console');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && url.pathname === '/enter') return answerText(response, 200, 'text/html; charset=utf-8', enterHtml);
  if (isRead && url.pathname === '/enter.js') return answerText(response, 200, 'text/javascript; charset=utf-8', enterScript);
  if (!isRead && !isOwnOrigin(request.headers)) throw new AppError('FORBIDDEN', 'The request came from another site.');
  if (request.method === 'POST' && url.pathname === '/session') {
    if (!access.isToken((await readShort(request)).trim())) throw new AppError('FORBIDDEN', 'The token is not valid.');
    response.setHeader('set-cookie', `${access.cookieName}=${access.openSession()}; HttpOnly; SameSite=Strict; Path=/`);
    return answerText(response, 200, 'application/json', '{}');
  }
  const session = cookieOf(request.headers.cookie, access.cookieName);
  if (session === null || !access.isSession(session)) return answerText(response, 401, 'text/html; charset=utf-8', strangerHtml);
  if (isRead && !isOwnSite(request.headers)) throw new AppError('FORBIDDEN', 'The request came from another site.');
  if (request.method === 'POST' && url.pathname === '/upload') {
    return answerText(response, 200, 'application/json', JSON.stringify({ path: await receiveUpload(request, url, host.services.dataDir) }));
  }
  if (!isRead) throw new AppError('NOT_FOUND', 'There is nothing here.');
  if (url.pathname === '/download') {
    const path = await offeredPath(host, url.searchParams.get('path') ?? '');
    return sendFile(request, response, path, { 'content-disposition': `attachment; filename="${basename(path).replace(/[^\w.-]/g, '_')}"` }).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
  }
  const path = await fileWithin(pageDir, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname));
  if (path === null) throw new AppError('NOT_FOUND', 'There is no such page.');
  return sendFile(request, response, path);
}

/** Serves until closed. PORT_TAKEN where another program listens on the port. */
export async function serveConsole(options: ConsoleOptions): Promise<ServedConsole> {
  const secret = await openSessionSecret(options.host.services.dataDir);
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(systemCodeOf(error) === 'EADDRINUSE'
      ? new AppError('PORT_TAKEN', `Port ${options.port} of 127.0.0.1 is taken by another program.`, { cause: error })
      : translateFileError(error, `Port ${options.port}`, 'listen')));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is an object
  const access = makeAccessToken(port, secret);
  const headers = Object.entries(securityHeaders(port));

  server.on('request', (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    const work = isOwnHost(request.headers, port) ? answer(request, response, options, access) : Promise.reject(new AppError('FORBIDDEN', 'The console answers on its own address only.'));
    work.catch((error: unknown) => {
      if (response.headersSent) { response.destroy(); return; }
      response.setHeader('connection', 'close'); // what is left of a refused upload is not read
      answerError(response, error instanceof URIError ? new AppError('NOT_FOUND', 'There is no such page.') : error);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const session = cookieOf(request.headers.cookie, access.cookieName);
    const allowed = isOwnHost(request.headers, port) && isOwnOrigin(request.headers) && session !== null && access.isSession(session) && (request.url ?? '').split('?')[0] === '/rpc';
    if (!allowed) { socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'); return; }
    sockets.handleUpgrade(request, socket, head, (webSocket) => options.host.connect(webSocketChannel(webSocket)));
  });

  return {
    port,
    address: `http://127.0.0.1:${port}/enter#${access.token}`,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
