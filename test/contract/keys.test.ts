// Key rotation, export, backup and restore as scripts see them: keys, exit codes, errors as JSON, and no password anywhere.
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { runCli } from './runCli.ts';

let bed: EvidenceBed;
let zip: string;
beforeAll(async () => { bed = openEvidenceBed(); zip = (await bed.make()).paths.zip; });
afterAll(() => bed.close());

const secret = { ada: 'copper lantern forty', eva: 'seven quiet bridges', backup: 'granite orchard nine' } as const;
const seen: string[] = [];
async function millwright(args: readonly string[], lines?: readonly string[]): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const { code, stdout, stderr } = await runCli([...args, ...(lines === undefined ? [] : ['--password-stdin']), '--json'], { dataDir: bed.services.dataDir, ...(lines === undefined ? {} : { input: `${lines.join('\n')}\n` }) });
  seen.push(stdout, stderr);
  return { code, value: JSON.parse(stdout) as unknown };
}
const failed = (code: number, name: string) => ({ code, value: { error: { code: name, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/./) } } });
const out = (name: string) => join(bed.dir, name);
const keyFile = () => join(bed.services.dataDir, 'keys', 'signing-key.pem');

it('lists the one key, and rotates it in a typed name while there are no users', async () => {
  expect(await millwright(['keys', 'list'])).toMatchObject({ code: 0, value: [{ keyId: expect.stringMatching(/^[0-9a-f]{16}$/), state: 'current', origin: 'own', from: null, until: null, reason: null, nextKeyId: null, publicPem: expect.stringContaining('PUBLIC KEY') }] });
  expect(await millwright(['keys', 'rotate', '--reason', 'Yearly change'])).toMatchObject(failed(2, 'BAD_USAGE'));
  expect(await millwright(['keys', 'rotate', '--signer', 'Ada Root'])).toMatchObject(failed(2, 'BAD_USAGE')); // no reason
  expect(await millwright(['keys', 'rotate', '--reason', 'Yearly change', '--signer', 'Ada Root'])).toMatchObject({ code: 0, value: { state: 'current', from: expect.any(String), until: null } });
  expect(await millwright(['keys', 'list'])).toMatchObject({ code: 0, value: [{ state: 'current' }, { state: 'retired', reason: 'Yearly change', until: expect.any(String), nextKeyId: expect.any(String) }] });
});

it('keeps old evidence and the audit trail whole', async () => {
  expect(await millwright(['evidence', 'verify', zip])).toMatchObject({ code: 0, value: { valid: true, knownKey: true, findings: [{ id: 'EVIDENCE_RETIRED_KEY', severity: 'info' }] } });
  expect(await millwright(['audit', 'verify'])).toMatchObject({ code: 0, value: { intact: true } });
});

it('asks for an Admin and the password once there are users', async () => {
  await millwright(['user', 'add', 'ada', '--name', 'Ada Root', '--role', 'Admin'], [secret.ada]);
  await millwright(['user', 'add', 'eva', '--name', 'Eva Lang', '--role', 'Quality', '--as', 'ada'], [secret.ada, secret.eva]);
  const rotate = (...who: string[]) => ['keys', 'rotate', '--reason', 'Somebody left', ...who];
  expect(await millwright(rotate('--signer', 'Ada Root'))).toMatchObject(failed(3, 'UNAUTHENTICATED'));
  expect(await millwright(rotate('--user', 'ada'), [secret.eva])).toMatchObject(failed(3, 'UNAUTHENTICATED'));
  expect(await millwright(rotate('--user', 'eva'), [secret.eva])).toMatchObject(failed(3, 'FORBIDDEN'));
  expect(await millwright(rotate('--user', 'ada'), [secret.ada])).toMatchObject({ code: 0, value: { state: 'current' } });
});

it('exports public keys alone, and the private one encrypted, and takes it back', async () => {
  expect(await millwright(['keys', 'export', '-o', out('public.pem')])).toMatchObject({ code: 0, value: { keys: 3, path: out('public.pem') } });
  expect(await millwright(['keys', 'export', '-o', out('public.pem')])).toMatchObject(failed(2, 'ALREADY_EXISTS'));
  const text = readFileSync(out('public.pem'), 'utf8');
  expect([text.includes('PRIVATE'), createPublicKey(text).asymmetricKeyType]).toEqual([false, 'ed25519']);
  const backup = ['keys', 'backup', '-o', out('backup.pem'), '--user', 'ada'];
  expect(await millwright(backup)).toMatchObject(failed(2, 'BAD_USAGE')); // no terminal to ask on
  expect(await millwright(backup, [secret.ada, 'short'])).toMatchObject(failed(2, 'BAD_INPUT'));
  expect(await millwright(backup, [secret.ada, secret.backup])).toMatchObject({ code: 0, value: { keyId: expect.any(String), path: out('backup.pem') } });
  writeFileSync(keyFile(), 'garbage');
  const restore = ['keys', 'restore', out('backup.pem'), '--reason', 'The disk was damaged', '--user', 'ada'];
  expect(await millwright(restore, [secret.ada, secret.eva])).toMatchObject(failed(2, 'BAD_INPUT'));
  expect(await millwright(restore, [secret.ada, secret.backup])).toMatchObject({ code: 0, value: { state: 'current' } });
  expect(await millwright(restore, [secret.ada, secret.backup])).toMatchObject(failed(2, 'ALREADY_EXISTS'));
  expect(await millwright(['audit', 'verify'])).toMatchObject({ code: 0, value: { intact: true } });
});

it('says no password, passphrase or private key anywhere', () => {
  for (const hidden of [...Object.values(secret), 'PRIVATE KEY']) expect(seen.join('\n')).not.toContain(hidden);
});
