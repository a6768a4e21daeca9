// The signing key in a real Secret Service: made there on the first run, used, rotated, moved out and in, and missing.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { osStoreTask } from '#services/keystore/osStoreTask';
import { describeNeeding } from '../e2e/needs.ts';
import { until } from '#test/fakes/testHost';
import { runCli } from './runCli.ts';

/** A bus that starts no service by itself: a keyring of this machine must not answer before the one of the test does. */
const busConfiguration = (folder: string) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=${folder}</listen><auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`;

await describeNeeding('the key store of the operating system', ['dbus-daemon', 'gnome-keyring-daemon'], (programs) => {
  let home: string;
  let address = '';
  let bus: ChildProcess;
  let keyring: ChildProcess;
  const around = () => ({ HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: join(home, 'share'), DBUS_SESSION_BUS_ADDRESS: address, DISPLAY: '', WAYLAND_DISPLAY: '' });
  const ended = (child: ChildProcess) => new Promise<void>((done) => { if (child.exitCode !== null || child.signalCode !== null) done(); else child.once('exit', () => done()); });

  /** With its password the store is open; without it is locked, and nobody is there to be asked. */
  async function startKeyring(password: string | null): Promise<void> {
    keyring = spawn(programs['gnome-keyring-daemon'], ['--foreground', '--components=secrets', ...(password === null ? [] : ['--unlock'])], { env: { ...process.env, ...around() }, stdio: ['pipe', 'ignore', 'ignore'] });
    keyring.stdin?.end(password ?? '');
    await until(() => secretOf('nothing').then(() => true, () => false), 'the keyring answers on the bus');
  }
  async function stop(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await ended(child);
  }

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'millwright-oskeys-'));
    writeFileSync(join(home, 'bus.conf'), busConfiguration(home));
    bus = spawn(programs['dbus-daemon'], [`--config-file=${join(home, 'bus.conf')}`, '--nofork', '--print-address'], { env: { ...process.env, ...around() }, stdio: ['ignore', 'pipe', 'ignore'] });
    bus.stdout?.on('data', (text: Buffer) => { address += text.toString(); });
    await until(() => address.endsWith('\n'), 'the session bus says where it is');
    address = address.trim();
    await startKeyring('of this test');
  });
  afterAll(async () => {
    await stop(keyring);
    await stop(bus);
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });

  /** An empty name is no name: the folder of this user. */
  async function millwright(args: readonly string[], { dataDir = '', env = {}, input }: { readonly dataDir?: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {}): Promise<{ readonly code: number | null; readonly value: unknown }> {
    const { code, stdout } = await runCli([...args, '--json'], { dataDir, env: { ...around(), ...env }, ...(input === undefined ? {} : { input }) });
    return { code, value: JSON.parse(stdout) as unknown };
  }
  const folder = () => join(home, 'share', 'millwright');
  const keyFile = (dataDir = folder()) => readFileSync(join(dataDir, 'keys', 'signing-key.pem'), 'utf8');
  const filesOf = (dataDir = folder()) => readdirSync(join(dataDir, 'keys')).sort().map((name) => [name, readFileSync(join(dataDir, 'keys', name), 'utf8')]);
  const current = async (dataDir = '') => {
    const { value } = await millwright(['keys', 'list'], { dataDir });
    return (value as Array<{ readonly keyId: string; readonly keptIn: string | null }>)[0]; // the contract of keys.list
  };
  /** By the entry that the file of the key names. */
  const accountOf = (text: string) => /"account":"([^"]+)"/.exec(text)?.[1] ?? '';
  const secretOf = async (account: string) => {
    const before = process.env['DBUS_SESSION_BUS_ADDRESS'];
    process.env['DBUS_SESSION_BUS_ADDRESS'] = address;
    try { return (await osStoreTask({ step: 'read', service: 'Millwright', account })).secret; } finally {
      if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
      else process.env['DBUS_SESSION_BUS_ADDRESS'] = before;
    }
  };
  const refused = (code: number, name: string) => ({ code, value: { error: { code: name, message: expect.stringMatching(/\.$/), hint: expect.stringMatching(/./) } } });

  it('keeps the key of a first run, and that of a named folder in a file', async () => {
    const key = await current();
    expect(key).toMatchObject({ keptIn: 'os-store' });
    expect(keyFile()).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(accountOf(keyFile())).toMatch(new RegExp(`^${key?.keyId ?? 'none'}-[0-9a-f]{8}$`));
    expect(await secretOf(accountOf(keyFile()))).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(await current(join(home, 'named'))).toMatchObject({ keptIn: 'file', keptWhy: expect.stringContaining('named') });
  });

  it('opens the key for what is signed, and rotation leaves no secret of the retired key behind', async () => {
    const old = accountOf(keyFile());
    expect(await millwright(['keys', 'rotate', '--reason', 'Yearly change', '--signer', 'Ada Root'])).toMatchObject({ code: 0, value: { state: 'current', keptIn: 'os-store' } });
    const now = accountOf(keyFile());
    expect([now === old, await secretOf(old), typeof await secretOf(now)]).toEqual([false, null, 'string']);
    expect(await millwright(['audit', 'verify'])).toMatchObject({ code: 0, value: { intact: true, findings: [] } });
  });

  it('moves the same key out and in again, by the audit trail', async () => {
    const [keyId, account] = [(await current())?.keyId ?? '', accountOf(keyFile())];
    expect(await millwright(['keys', 'move', '--to', 'file', '--signer', 'Ada Root'])).toMatchObject({ code: 0, value: { keyId, keptIn: 'file' } });
    expect([await secretOf(account), keyFile().includes('-----BEGIN PRIVATE KEY')]).toEqual([null, true]);
    expect(await millwright(['keys', 'move', '--to', 'file', '--signer', 'Ada Root'])).toMatchObject(refused(2, 'ALREADY_EXISTS'));
    expect(await millwright(['keys', 'move', '--to', 'os-store', '--signer', 'Ada Root'])).toMatchObject({ code: 0, value: { keyId, keptIn: 'os-store' } });
    expect(await millwright(['audit', 'verify'])).toMatchObject({ code: 0, value: { intact: true, findings: [] } });
  });

  it('a copy of the folder without the store does not sign, and the backup brings the key back there', async () => {
    const backup = join(home, 'backup.pem');
    expect(await millwright(['keys', 'backup', '-o', backup, '--signer', 'Ada Root', '--password-stdin'], { input: 'granite orchard nine\n' })).toMatchObject({ code: 0 });
    const copy = join(home, 'copy');
    cpSync(folder(), copy, { recursive: true });
    const before = filesOf(copy);
    const elsewhere = { dataDir: copy, env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(home, 'no-bus')}` } };
    expect(await millwright(['keys', 'rotate', '--reason', 'x', '--signer', 'Mallory'], elsewhere)).toMatchObject(refused(3, 'KEY_STORE_UNAVAILABLE'));
    expect(filesOf(copy)).toEqual(before);
    expect(await millwright(['keys', 'restore', backup, '--reason', 'New machine', '--signer', 'Ada Root', '--password-stdin'], { ...elsewhere, input: 'granite orchard nine\n' })).toMatchObject({ code: 0, value: { keptIn: 'file' } });
    expect(await millwright(['audit', 'verify'], elsewhere)).toMatchObject({ code: 0, value: { intact: true } });
  });

  it('a locked store is one sentence and exit code 3, and nothing is half-written', async () => {
    await stop(keyring);
    rmSync(join(home, 'keyring'), { recursive: true, force: true });
    await startKeyring(null);
    const before = filesOf();
    expect(await millwright(['keys', 'rotate', '--reason', 'x', '--signer', 'Ada Root'])).toMatchObject(refused(3, 'KEY_STORE_UNAVAILABLE'));
    expect(filesOf()).toEqual(before);
    expect(await millwright(['keys', 'list'])).toMatchObject({ code: 0, value: [{ keptIn: 'os-store' }, {}] });
  });
});
