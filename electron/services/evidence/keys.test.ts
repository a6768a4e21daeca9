import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOsStore } from '../keystore/openOsStore.ts';
import { knownKeys } from './keyring.ts';
import { openSigningKey } from './keys.ts';

let dir: string;
const services = () => ({ dataDir: dir, osStore: openOsStore(() => Promise.reject(new Error('not asked')), { forNewKeys: false }) });
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'millwright-keys-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the key is made once, is readable by its owner only, and is known', async () => {
  const first = await openSigningKey(services());
  expect((await openSigningKey(services())).keyId).toBe(first.keyId);
  expect(first.keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(statSync(join(dir, 'keys', 'signing-key.pem')).mode & 0o777).toBe(0o600);
  expect([...knownKeys(dir)]).toEqual([[first.keyId, { keyId: first.keyId, publicPem: first.publicPem, origin: 'own', from: null, until: null, reason: null, nextKeyId: null }]]);
});

test('many that start at once end with one key', async () => {
  const keys = await Promise.all(Array.from({ length: 12 }, () => openSigningKey(services())));
  expect(new Set(keys.map((key) => key.keyId)).size).toBe(1);
  expect(readdirSync(join(dir, 'keys')).sort()).toEqual([`${keys[0]?.keyId ?? ''}.pub.pem`, 'signing-key.pem'].sort());
});

test('a damaged key file is told, not replaced', async () => {
  const { keyId } = await openSigningKey(services());
  writeFileSync(join(dir, 'keys', 'signing-key.pem'), 'garbage');
  await expect(openSigningKey(services())).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(knownKeys(dir).has(keyId)).toBe(true);
});
