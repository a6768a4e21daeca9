// Connections to an engine on another machine through the system's own ssh, which checks the host's key, knows the user's keys and settings, and asks nothing.
import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { AppError } from '#shared/errors';

export interface SshTarget { readonly host: string; readonly user: string | null; readonly port: string | null; /** The engine's socket over there; null leaves it to the command there. */ readonly socket: string | null }

/** What ssh or the command over there said before it gave up. */
export class SshError extends Error {
  readonly code = 'SSH_FAILED';
  constructor(readonly words: string, readonly exitCode: number | null) { super(words); }
}

const wordsMax = 4000;
const connectSeconds = 8;

/** @throws BAD_USAGE: neither may begin like an option or hold what a shell would read. */
export function sshTargetOf(url: string): SshTarget {
  const match = /^ssh:\/\/(?:([\w.][\w.-]*)@)?([A-Za-z0-9_][\w.-]*|\[[\da-fA-F:]+\])(?::(\d{1,5}))?(\/[\w./-]*)?$/.exec(url);
  if (!match) throw new AppError('BAD_USAGE', `${url.slice(0, 200)} is no address of an engine over SSH.`, { hint: 'Write ssh://USER@HOST or ssh://USER@HOST:PORT, without a password.' });
  const [, user, host = '', port, path] = match;
  return { host: host.replace(/^\[|\]$/g, ''), user: user ?? null, port: port ?? null, socket: path === undefined || path === '/' ? null : path };
}

export const sshArguments = ({ host, user, port, socket }: SshTarget): readonly string[] => [
  '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', `ConnectTimeout=${connectSeconds}`, '-T', ...(user === null ? [] : ['-l', user]), ...(port === null ? [] : ['-p', port]),
  '--', host, `docker ${socket === null ? '' : `-H unix://${socket} `}system dial-stdio`,
];

/** Each request has a connection of its own; who asks often lets ssh share one (ControlMaster in ~/.ssh/config). */
export function sshAgent(target: SshTarget, env: Readonly<Record<string, string | undefined>>): Agent {
  const agent = new Agent({ keepAlive: false });
  return Object.assign(agent, { createConnection: () => openSsh(target, env) });
}

function openSsh(target: SshTarget, env: Readonly<Record<string, string | undefined>>): Duplex {
  const child = spawn('ssh', [...sshArguments(target)], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...env, LC_ALL: 'C' }, windowsHide: true });
  let words = '';
  let answered = false;
  const duplex = new Duplex({
    allowHalfOpen: true,
    read() { child.stdout.resume(); },
    write(chunk: Buffer, _encoding, done) { child.stdin.write(chunk, () => done()); }, // that nobody reads it any more is said by the end of the process, with its reason
    final(done) { child.stdin.end(() => done()); },
    destroy(error, done) { child.kill(); done(error); },
  });
  child.stderr.on('data', (part: Buffer) => { words = (words + part.toString('utf8')).slice(-wordsMax); });
  child.stdout.on('data', (part: Buffer) => { answered = true; if (!duplex.push(part)) child.stdout.pause(); });
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => duplex.destroy(error));
  child.on('close', (code) => { if (answered) duplex.push(null); else duplex.destroy(new SshError(words.trim(), code)); });
  return duplex;
}
