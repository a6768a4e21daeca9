// Sessions of the browser shell: good for the next host of this data folder and port, and for nobody else.
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeAccessToken } from './accessToken.ts';
import { openSessionSecret } from './sessionSecret.ts';

let dataDir = '';
beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'millwright-session-')); });
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('lets an open page in again after a restart of the host, on the same port only', async () => {
  const session = makeAccessToken(4100, await openSessionSecret(dataDir)).openSession();
  const again = await openSessionSecret(dataDir);
  expect([makeAccessToken(4100, again).isSession(session), makeAccessToken(4101, again).isSession(session)]).toEqual([true, false]);
});

it('takes no session of another data folder, none that was changed, and none that is over', async () => {
  const secret = await openSessionSecret(dataDir);
  const access = makeAccessToken(4100, secret);
  const session = access.openSession();
  const [end = '', ...rest] = session.split('.');
  const later = [(Number.parseInt(end, 36) + 1).toString(36), ...rest].join('.');
  expect([session, later, `${session}x`, `${session}.x`, '', '..', 'a.b.c'].map((text) => access.isSession(text))).toEqual([true, false, false, false, false, false, false]);
  expect(makeAccessToken(4100, Buffer.alloc(32)).isSession(session)).toBe(false);
  expect(makeAccessToken(4100, secret, () => Date.now() + 31 * 24 * 3600_000).isSession(session)).toBe(false);
});

it('shares one secret between hosts that start at once, readable by the owner only', async () => {
  const secrets = await Promise.all(Array.from({ length: 4 }, () => openSessionSecret(dataDir)));
  expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
  if (process.platform !== 'win32') expect(statSync(join(dataDir, 'console-session.key')).mode & 0o777).toBe(0o600);
});

it('replaces a secret that was cut short', async () => {
  await openSessionSecret(dataDir);
  truncateSync(join(dataDir, 'console-session.key'), 5);
  const secret = await openSessionSecret(dataDir);
  expect([secret.length, readFileSync(join(dataDir, 'console-session.key')).equals(secret)]).toEqual([32, true]);
});
