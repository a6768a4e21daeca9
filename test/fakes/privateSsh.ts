// An SSH server of the test's own on loopback, and an `ssh` program in front of the real one that reads the test's settings only.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './freePort.ts';
import { until } from './testHost.ts';

export interface PrivateSsh {
  readonly port: number;
  readonly user: string;
  /** For whoever starts ssh: its program comes first. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the user's known_hosts says of the server: its key, that of another machine, or nothing. */
  know(which: 'key' | 'other key' | 'nothing'): void;
  /** Whether the server lets the user's key in. */
  letIn(yes: boolean): void;
  close(): Promise<void>;
}

export async function privateSsh(sshd: string): Promise<PrivateSsh> {
  const folder = mkdtempSync(join(tmpdir(), 'mw-sshd-'));
  const at = (name: string) => join(folder, name);
  const key = (name: string) => { execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)], { stdio: 'ignore' }); return readFileSync(at(`${name}.pub`), 'utf8'); };
  const [hostKey, otherKey, userKey] = [key('host'), key('other'), key('user')];
  const port = await freePort();
  const { username: user } = userInfo();
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 }); // where the server locks itself in, as its package makes it at boot
  const letIn = (yes: boolean) => writeFileSync(at('authorized'), yes ? userKey : '');
  const know = (which: Parameters<PrivateSsh['know']>[0]) => writeFileSync(at('known_hosts'), which === 'nothing' ? '' : `[127.0.0.1]:${port} ${(which === 'key' ? hostKey : otherKey).split(' ').slice(0, 2).join(' ')}\n`);
  letIn(true);
  know('key');
  writeFileSync(at('sshd_config'), [`ListenAddress 127.0.0.1:${port}`, `HostKey ${at('host')}`, `AuthorizedKeysFile ${at('authorized')}`, `PidFile ${at('pid')}`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password', ''].join('\n'));
  writeFileSync(at('ssh_config'), ['Host *', `  IdentityFile ${at('user')}`, '  IdentitiesOnly yes', '  IdentityAgent none', `  UserKnownHostsFile ${at('known_hosts')}`, '  GlobalKnownHostsFile /dev/null', ''].join('\n'));
  const real = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  writeFileSync(at('ssh'), `#!/bin/sh\nexec ${real} -F ${at('ssh_config')} "$@"\n`);
  chmodSync(at('ssh'), 0o755);
  const child = spawn(sshd, ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (part: Buffer) => { log = (log + part.toString()).slice(-2000); });
  const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
  const listens = () => new Promise<boolean>((resolve) => { const socket = connect(port, '127.0.0.1'); socket.once('connect', () => { socket.destroy(); resolve(true); }); socket.once('error', () => resolve(false)); });
  await until(async () => child.exitCode !== null || await listens(), 'sshd listens', 20_000);
  if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}: ${log}`);
  return {
    port, user, know, letIn, env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    async close() { child.kill(); await ended; rmSync(folder, { recursive: true, force: true }); },
  };
}
