// Users and authenticated signatures as scripts see them: keys, exit codes, errors as JSON, and no password anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { runCli } from './runCli.ts';

let bed: EvidenceBed;
let zip: string;
beforeAll(async () => { bed = openEvidenceBed(); zip = (await bed.make()).paths.zip; });
afterAll(() => bed.close());

const secret = { ada: 'copper lantern forty', eva: 'seven quiet bridges', next: 'granite orchard nine' } as const;
const seen: string[] = [];
/** Exit code and the JSON document; `passwords` go to stdin, one a line. */
async function millwright(args: readonly string[], passwords?: readonly string[]): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const { code, stdout, stderr } = await runCli([...args, ...(passwords === undefined ? [] : ['--password-stdin']), '--json'], { dataDir: bed.services.dataDir, ...(passwords === undefined ? {} : { input: `${passwords.join('\n')}\n` }) });
  seen.push(stdout, stderr);
  return { code, value: JSON.parse(stdout) as unknown };
}
const failed = (code: number, name: string) => ({ code, value: { error: { code: name, message: expect.stringMatching(/^[A-Z"].*\.$/s), hint: expect.stringMatching(/./) } } });
const add = (user: string, name: string, role: string, ...more: string[]) => ['user', 'add', user, '--name', name, '--role', role, ...more];

describe('users', () => {
  it('are none at first, and the first is an Admin', async () => {
    expect(await millwright(['user', 'list'])).toEqual({ code: 0, value: [] });
    expect(await millwright(add('eva', 'Eva Lang', 'Quality'), [secret.eva])).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(add('ada', 'Ada Root', 'Admin'))).toMatchObject(failed(2, 'BAD_USAGE')); // no terminal to ask on
    expect(await millwright(add('ada', 'Ada Root', 'Admin'), ['short'])).toMatchObject(failed(2, 'BAD_INPUT'));
    expect(await millwright(add('ada', 'Ada Root', 'Admin'), [secret.ada])).toMatchObject({ code: 0, value: { user: 'ada', printedName: 'Ada Root', role: 'Admin', passwordSetBy: 'self', disabledAt: null, lockedUntil: null, createdAt: expect.any(String), passwordChangedAt: expect.any(String) } });
  });
  it('are added by an Admin, whose password is the first line', async () => {
    const eva = add('eva', 'Eva Lang', 'Quality', '--as', 'ada');
    expect(await millwright(add('eva', 'Eva Lang', 'Quality'), [secret.eva])).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(eva, [secret.eva, secret.ada])).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    expect(await millwright(eva, [secret.ada])).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(eva, [secret.ada, secret.eva])).toMatchObject({ code: 0, value: { user: 'eva' } });
    expect(await millwright(eva, [secret.ada, secret.eva])).toMatchObject(failed(2, 'ALREADY_EXISTS'));
    expect(await millwright(add('x', 'X', 'Boss', '--as', 'ada'), [secret.ada, secret.eva])).toMatchObject(failed(2, 'BAD_USAGE'));
  });
  it('are changed by an Admin, and the last Admin stays', async () => {
    expect(await millwright(['user', 'disable', 'ada', '--as', 'ada'], [secret.ada])).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright(['user', 'disable', 'nobody', '--as', 'ada'], [secret.ada])).toMatchObject(failed(2, 'NOT_FOUND'));
    expect(await millwright(['user', 'disable', 'eva', '--as', 'eva'], [secret.eva])).toMatchObject(failed(3, 'FORBIDDEN'));
    expect(await millwright(['user', 'disable', 'eva', '--as', 'ada'], [secret.ada])).toMatchObject({ code: 0, value: { disabledAt: expect.any(String) } });
    expect(await millwright(['user', 'enable', 'eva', '--as', 'ada'], [secret.ada])).toMatchObject({ code: 0, value: { disabledAt: null } });
    expect(await millwright(['user', 'role', 'eva', 'operator', '--as', 'ada'], [secret.ada])).toMatchObject({ code: 0, value: { role: 'Operator' } });
    expect(await millwright(['user', 'password', 'eva'], [secret.eva, secret.next])).toMatchObject({ code: 0, value: { user: 'eva', passwordSetBy: 'self' } });
  });
});

describe('a signature, once there are users', () => {
  const sign = (...more: string[]) => ['evidence', 'sign', zip, ...more];
  it('needs user, password and role', async () => {
    expect(await millwright(sign())).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(sign('--signer', 'Eva Lang'))).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    expect(await millwright(sign('--user', 'eva'))).toMatchObject(failed(2, 'BAD_USAGE'));
    expect(await millwright(sign('--user', 'eva'), [secret.next])).toMatchObject(failed(3, 'FORBIDDEN')); // an Operator
    await millwright(['user', 'role', 'eva', 'Quality', '--as', 'ada'], [secret.ada]);
    expect(await millwright(sign('--user', 'eva'), [secret.next])).toMatchObject({ code: 0, value: { valid: true, signatures: [{ authenticated: false }, { signer: 'Eva Lang', role: 'Quality', meaning: 'reviewed', authenticated: true }] } });
    const { stdout } = await runCli(['evidence', 'verify', zip], { dataDir: bed.services.dataDir });
    expect(stdout).toMatch(/prepared +Anna Keller +\S.* not authenticated +/);
    expect(stdout).toMatch(/reviewed +Eva Lang +Quality +authenticated +/);
  });
  it('locks the user at the fifth wrong password', async () => {
    for (let i = 0; i < 5; i++) expect(await millwright(sign('--user', 'eva', '--meaning', 'approved'), ['wrong password'])).toMatchObject(failed(3, 'UNAUTHENTICATED'));
    expect(await millwright(sign('--user', 'eva', '--meaning', 'approved'), [secret.next])).toMatchObject(failed(3, 'LOCKED_OUT'));
  });
  it('leaves no password in what was printed, in the audit trail or in the data folder', async () => {
    const audit = await millwright(['audit', 'show']);
    expect(audit.value).toMatchObject({ entries: expect.arrayContaining([expect.objectContaining({ action: 'people.refused', subject: 'eva' }), expect.objectContaining({ action: 'people.passwordChanged', actor: 'Eva Lang' })]) });
    expect(await millwright(['audit', 'verify'])).toMatchObject({ code: 0, value: { intact: true } });
    const files = readdirSync(bed.services.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'));
    for (const password of Object.values(secret)) expect([...seen, ...files].some((text) => text.includes(password))).toBe(false);
    expect(seen.join('')).not.toContain('hashBase64');
  });
});
