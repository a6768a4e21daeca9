#!/usr/bin/env node
// Sets up what is missing, with plain Node: `npm ci` when the lock file changed, then the build when sources are newer. Says nothing when there is nothing to do.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, 'node_modules', '.millwright-lock');
const lockDir = join(root, '.build', 'setup.lock');
const oldestNode = [20, 11];

const say = (text) => process.stderr.write(`${text}\n`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(`Node ${oldestNode.join('.')} or newer is needed, and this is Node ${process.versions.node}. Install a newer Node and run the command again.`);
}

/** What the installed packages depend on: the lock file and the kind of machine. */
function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
}

function isInstalled() {
  return existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wantedStamp();
}

/** npm as a script of this very Node where it can be found, else by name. */
function npmCommand() {
  const candidates = [process.env.npm_execpath, join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'), join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')];
  const script = candidates.find((path) => path && path.endsWith('npm-cli.js') && existsSync(path));
  return script ? { file: process.execPath, args: [script], shell: false } : { file: 'npm', args: [], shell: process.platform === 'win32' };
}

async function install() {
  say('Installing packages (npm ci); this happens once for each change of package-lock.json …');
  const { file, args, shell } = npmCommand();
  const code = await new Promise((resolve, reject) => {
    // stdout belongs to the command that is being set up
    const child = spawn(file, [...args, 'ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2], shell });
    child.on('error', (error) => reject(new Error(`npm could not be started (${error.code ?? error.message}). Install npm, which comes with Node.`)));
    child.on('exit', (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) throw new Error(`npm ci ended with ${code}. Read its message above; without a network, copy node_modules from a machine that has one.`);
  writeFileSync(stampPath, wantedStamp());
}

function newestSource(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : stat.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestSource(join(path, name))), 0);
}

function isBuilt() {
  const built = statSync(join(root, 'dist', 'build.json'), { throwIfNoEntry: false });
  if (!built) return false;
  return ['electron', 'renderer', 'shared', 'resources/icons', 'package.json', 'scripts/build.mjs'].every((part) => newestSource(join(root, part)) <= built.mtimeMs);
}

const isAlive = (pid) => { try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; } };
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Two set-ups at once would write the same files: the second waits for the first. */
async function withLock(work) {
  mkdirSync(dirname(lockDir), { recursive: true });
  for (let waits = 0; ; waits++) {
    try {
      mkdirSync(lockDir);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number((() => { try { return readFileSync(join(lockDir, 'pid'), 'utf8'); } catch { return '0'; } })());
      const abandoned = owner > 0 ? !isAlive(owner) : waits > 20;
      if (abandoned) rmSync(lockDir, { recursive: true, force: true });
      else if (waits === 10) say('Waiting for another set-up of this checkout …');
      await sleep(100);
    }
  }
  writeFileSync(join(lockDir, 'pid'), String(process.pid));
  try {
    return await work();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

/** Ready to run when it returns. A packaged copy, which has no sources, is ready as it is. */
export async function setUp() {
  checkNode();
  if (process.env.MILLWRIGHT_AS_BUILT === '1') return; // run dist/ as it is, while sources are being edited
  if (!existsSync(join(root, 'electron')) || !existsSync(join(root, 'package-lock.json'))) return;
  if (isInstalled() && isBuilt()) return;
  await withLock(async () => {
    if (!isInstalled()) await install();
    if (isBuilt()) return;
    const { buildAll } = await import('./build.mjs');
    await buildAll();
  });
}

/** For the scripts: sets up, or says why not and ends with exit code 3. */
export async function setUpOrExit() {
  try {
    await setUp();
  } catch (error) {
    say(`Error ${'errors' in error ? 'The build failed; its messages are above.' : error.message}`);
    process.exit(3);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await setUpOrExit();
