// The browser shell lets in who has the token, from its own page only, and hands out nothing else of the machine.
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { recordingsDir } from '#services/stations/recordStation';
import { enterConsole } from '#test/fakes/browser';
import { openTestHost, type TestHost } from '#test/fakes/testHost';
import { uploadParts } from './receiveUpload.ts';
import { serveConsole, type ServedConsole } from './serveConsole.ts';

let test: TestHost;
let served: ServedConsole;
let cookie = '';
let origin = '';
let pageDir = '';

beforeEach(async () => {
  test = openTestHost();
  pageDir = join(test.dataDir, 'page');
  mkdirSync(pageDir);
  writeFileSync(join(pageDir, 'index.html'), 'the page');
  writeFileSync(join(pageDir, 'app.js'), 'code');
  served = await serveConsole({ host: test.host, pageDir, port: 0 });
  ({ cookie, origin } = await enterConsole(served.address));
});
afterEach(async () => { await served.close(); await test.close(); });

interface Answer { status: number; body: string; headers: Readonly<Record<string, unknown>> }
/** fetch would not let a test choose Host and Origin. */
function send(path: string, { method = 'GET', headers = {}, body = '', signedIn = true }: { method?: string; headers?: Record<string, string>; body?: string | Buffer; signedIn?: boolean } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: served.port, path, method, headers: { ...(signedIn ? { cookie } : {}), ...(method === 'GET' ? {} : { origin }), ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const upgrade = (headers: Record<string, string>, path = '/rpc') => new Promise<string>((resolve) => {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, { headers });
  socket.once('open', () => { socket.terminate(); resolve('open'); });
  socket.once('error', (error) => resolve(/403/.test(error.message) ? 'refused' : error.message));
});

it('serves the page to who came through the door, with a policy that allows nothing foreign', async () => {
  const answer = await send('/');
  expect(answer).toMatchObject({ status: 200, body: 'the page', headers: { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cache-control': 'no-store' } });
  const policy = String(answer.headers['content-security-policy']);
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", `ws://127.0.0.1:${served.port}`]) expect(policy).toContain(part);
  expect(policy).not.toMatch(/unsafe|\*/);
});
it('keeps the cookie from scripts and other sites', async () => {
  const token = new URL(served.address).hash.slice(1);
  const { headers } = await send('/session', { method: 'POST', body: token, signedIn: false });
  expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Path=\/$/);
  expect(token.length).toBeGreaterThanOrEqual(43);
  expect(String(headers['set-cookie'])).not.toContain(token);
});
it('lets nobody in without the cookie, or with a wrong token', async () => {
  expect((await send('/', { signedIn: false })).status).toBe(401);
  expect((await send('/app.js', { signedIn: false })).status).toBe(401);
  expect((await send('/app.js', { signedIn: false, headers: { cookie: cookie.slice(0, -1) } })).status).toBe(401);
  expect((await send('/session', { method: 'POST', body: 'wrong', signedIn: false })).status).toBe(403);
  expect((await send('/session', { method: 'POST', body: 'x'.repeat(10_000), signedIn: false })).status).toBe(400);
  expect(await upgrade({ origin })).toBe('refused');
});
it('refuses names that a foreign site could point here (DNS rebinding)', async () => {
  for (const host of ['evil.example', `evil.example:${served.port}`, '127.0.0.1', `127.0.0.1.evil.example:${served.port}`, `127.0.0.1:${served.port + 1}`]) {
    expect([host, (await send('/', { headers: { host } })).status]).toEqual([host, 403]);
    expect([host, await upgrade({ cookie, host, origin: `http://${host}` })]).toEqual([host, 'refused']);
  }
  expect((await send('/', { headers: { host: `localhost:${served.port}` } })).status).toBe(200);
});
it('refuses requests and sockets that another page sends, even with the cookie', async () => {
  for (const foreign of ['https://evil.example', 'null', `http://127.0.0.1:${served.port + 1}`, `https://127.0.0.1:${served.port}`]) {
    expect([foreign, (await send('/upload?batch=b&name=x', { method: 'POST', headers: { origin: foreign }, body: 'x' })).status]).toEqual([foreign, 403]);
    expect([foreign, await upgrade({ cookie, origin: foreign })]).toEqual([foreign, 'refused']);
  }
  expect(await upgrade({ cookie })).toBe('refused');
  expect((await send('/app.js', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  expect(await upgrade({ cookie, origin }, '/other')).toBe('refused');
  expect(await upgrade({ cookie, origin })).toBe('open');
});
it('serves nothing outside the page folder, neither by dots nor by links', async () => {
  writeFileSync(join(test.dataDir, 'secret'), 'secret');
  symlinkSync(join(test.dataDir, 'secret'), join(pageDir, 'link.js'));
  for (const path of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/link.js', '/%00', '/%', '/none.js', '//etc/passwd', '/../millwright.db']) {
    const { status, body } = await send(path);
    expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
  }
});
it('takes a file and answers its path', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 256));
  const { body } = await send('/upload?batch=abc-1&name=model.onnx', { method: 'POST', body: bytes });
  const { path } = JSON.parse(body) as { path: string };
  expect(path).toBe(join(test.dataDir, 'uploads', 'abc-1', 'model.onnx'));
  expect(readFileSync(path).equals(bytes)).toBe(true);
});
it('answers the folder of a folder\'s files', async () => {
  const first = await send(`/upload?batch=b2&folder=1&name=${encodeURIComponent('test/0/a.png')}`, { method: 'POST', body: 'a' });
  const second = await send(`/upload?batch=b2&folder=1&name=${encodeURIComponent('test/1/b.png')}`, { method: 'POST', body: 'b' });
  expect([JSON.parse(first.body), JSON.parse(second.body)]).toEqual([{ path: join(test.dataDir, 'uploads/b2/test') }, { path: join(test.dataDir, 'uploads/b2/test') }]);
  expect(readFileSync(join(test.dataDir, 'uploads/b2/test/1/b.png'), 'utf8')).toBe('b');
});
it('refuses names that would leave the folder, with a sentence', async () => {
  for (const name of ['../x', 'a/../../x', '..', '', '/', 'C:\\x', 'con', 'a\u0000b', 'x'.repeat(300), 'a./b', Array.from({ length: 40 }, () => 'd').join('/')]) {
    expect(() => uploadParts(name)).toThrowError(expect.objectContaining({ code: 'BAD_INPUT' }));
  }
  expect(uploadParts('Teile 1/Gut/ä b.png')).toEqual(['Teile 1', 'Gut', 'ä b.png']);
  expect(uploadParts('/etc/passwd')).toEqual(['etc', 'passwd']);
  const { status, body } = await send('/upload?batch=..%2f..&name=x', { method: 'POST', body: 'x' });
  expect([status, JSON.parse(body)]).toMatchObject([400, { error: { code: 'BAD_INPUT' } }]);
});
it('leaves nothing of an upload that broke off', async () => {
  await new Promise<void>((resolve) => {
    const sent = request({ host: '127.0.0.1', port: served.port, path: '/upload?batch=cut&name=model.onnx', method: 'POST', headers: { cookie, origin, 'content-length': '1000000' } });
    sent.on('error', () => resolve());
    sent.write(Buffer.alloc(100_000));
    setTimeout(() => sent.destroy(), 50);
    sent.on('close', () => resolve());
  });
  const folder = join(test.dataDir, 'uploads/cut');
  for (let tries = 0; tries < 100 && existsSync(folder) && readdirSync(folder).length > 0; tries++) await new Promise((resolve) => { setTimeout(resolve, 10); });
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});
it('hands out the files of evidence and saved recordings, and no other', async () => {
  const file = (name: string) => { const path = join(test.dataDir, name); writeFileSync(path, name); return path; };
  const paths = { zip: file('e.zip'), html: file('e.html'), pdf: file('e.pdf'), json: file('e.json'), junit: file('e.xml') };
  const signaturePages = { pdf: file('signatures.pdf'), html: file('signatures.html') };
  test.host.services.store.collection('evidence', evidenceRecordSchema).put({ id: 'e', createdAt: '2026-01-01T00:00:00Z', title: 'E', station: null, verdict: 'PASS', exploratory: false, state: 'draft', validationId: null, reportSha256: '0'.repeat(64), paths, signatures: [], signaturePages });
  const good = await send(`/download?path=${encodeURIComponent(paths.zip)}`);
  expect(good).toMatchObject({ status: 200, body: 'e.zip', headers: { 'content-disposition': 'attachment; filename="e.zip"' } });
  expect(await send(`/download?path=${encodeURIComponent(signaturePages.pdf)}`)).toMatchObject({ status: 200, body: 'signatures.pdf', headers: { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="signatures.pdf"' } });
  const recordings = recordingsDir(test.dataDir);
  mkdirSync(recordings);
  const recording = file(join(basename(recordings), 'line-1.har'));
  expect(await send(`/download?path=${encodeURIComponent(recording)}`)).toMatchObject({ status: 200, headers: { 'content-type': 'application/json', 'content-disposition': 'attachment; filename="line-1.har"' } });
  symlinkSync(join(test.dataDir, 'millwright.db'), join(recordings, 'link.har'));
  for (const path of ['/etc/passwd', join(test.dataDir, 'millwright.db'), '', `${paths.zip}/../e.zip`, recordings, join(recordings, 'none.har'), join(recordings, 'link.har'), `${recordings}/../millwright.db`]) expect((await send(`/download?path=${encodeURIComponent(path)}`)).status).toBe(403);
});
it('says that a port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(serveConsole({ host: test.host, pageDir, port })).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(String(port)) });
  await new Promise((resolve) => { other.close(resolve); });
});
