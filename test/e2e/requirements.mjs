// Finds what end-to-end tests need on this machine: Chromium, an Electron runtime, a Docker daemon. Each answer says where, or why not.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { delimiter, join, resolve } from 'node:path';

/** @typedef {{ ok: true, path: string } | { ok: false, reason: string }} Requirement */

/** @param {string[]} names */
function onPath(names) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const file = join(folder, name);
      try { accessSync(file, constants.X_OK); return file; } catch { /* not here */ }
    }
  }
  return null;
}

/** @returns {Requirement} */
export function findChromium() {
  const path = process.env.MILLWRIGHT_CHROMIUM ?? onPath(['chromium', 'chromium-browser', 'google-chrome', 'chrome']);
  return path && existsSync(path) ? { ok: true, path } : { ok: false, reason: 'no Chromium on PATH (install chromium, or set MILLWRIGHT_CHROMIUM)' };
}

/** The folder of an Electron runtime; the display it needs is asked for too. @returns {Requirement} */
export function findElectron() {
  const name = process.platform === 'win32' ? 'electron.exe' : 'electron';
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, resolve('node_modules/electron/dist')].filter((folder) => folder !== undefined);
  const folder = folders.find((candidate) => existsSync(join(candidate, name)));
  if (!folder) return { ok: false, reason: 'no Electron runtime (run `npx install-electron`, or set ELECTRON_OVERRIDE_DIST_PATH)' };
  if (process.platform === 'linux' && !process.env.DISPLAY && !onPath(['xvfb-run'])) return { ok: false, reason: 'an Electron runtime, but neither a display nor xvfb-run' };
  return { ok: true, path: folder };
}

/** The socket of a Docker daemon that answers. @returns {Promise<Requirement>} */
export function findDocker() {
  const address = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  if (!address.startsWith('unix://')) return Promise.resolve({ ok: false, reason: `DOCKER_HOST is ${address}; tests use a unix socket` });
  const socketPath = address.slice('unix://'.length);
  return new Promise((done) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 3000 }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200 ? { ok: true, path: socketPath } : { ok: false, reason: `the Docker daemon answered ${answer.statusCode}` });
    });
    ping.on('timeout', () => ping.destroy(new Error('no answer in 3 s')));
    ping.on('error', (error) => done({ ok: false, reason: `no Docker daemon at ${address} (${/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message})` }));
    ping.end();
  });
}

/** The program of a Docker daemon that a test may start and kill as its own; it needs root, or sudo without a password. @returns {Requirement} */
export function findDockerd() {
  const path = process.platform === 'linux' ? onPath(['dockerd']) ?? (existsSync('/usr/sbin/dockerd') ? '/usr/sbin/dockerd' : null) : null;
  if (!path) return { ok: false, reason: 'no dockerd to start (install docker.io)' };
  if (process.getuid?.() === 0) return { ok: true, path };
  try { execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' }); return { ok: true, path }; } catch { return { ok: false, reason: 'dockerd must be started by root' }; }
}

/** What makes a second host on this machine: network namespaces and a cable between them. They need root, as the daemon does. @returns {Requirement} */
export function findNetns() {
  const missing = ['ip', 'nsenter', 'unshare'].filter((name) => !onPath([name]) && !existsSync(`/usr/sbin/${name}`));
  if (process.platform !== 'linux' || missing.length > 0) return { ok: false, reason: `no ${missing.join(' and ') || 'network namespaces'} (install iproute2 and util-linux)` };
  const name = `mwtry${process.pid}`;
  const [program = '', ...before] = process.getuid?.() === 0 ? ['ip'] : ['sudo', '-n', 'ip'];
  try {
    execFileSync(program, [...before, 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}b`], { stdio: 'ignore' });
    execFileSync(program, [...before, 'link', 'del', name], { stdio: 'ignore' });
    return { ok: true, path: 'ip' };
  } catch { return { ok: false, reason: 'this machine lets nobody make a virtual network cable (root and veth are needed)' }; }
}

/** The gathered parts of the serving image. @returns {Requirement} */
export function findParts() {
  const folder = process.env.MILLWRIGHT_PARTS ?? resolve('.cache/parts');
  return existsSync(join(folder, 'parts.json')) ? { ok: true, path: folder } : { ok: false, reason: 'the parts of the serving image are not gathered (run node scripts/gather-parts.mjs on Debian)' };
}

/** A program from Debian that a judge needs (qpdf, pdftotext). @param {string} name @returns {Requirement} */
export function findProgram(name) {
  const path = onPath([name]);
  return path ? { ok: true, path } : { ok: false, reason: `${name} is not installed` };
}

/** The Python environment of a peer, as .ci/peers makes it from test/peers/NAME.txt. @param {string} name @returns {Requirement} */
export function findPeer(name) {
  const path = resolve(process.env.MILLWRIGHT_PEERS ?? '.build/peers', name);
  return existsSync(join(path, 'made-from.txt')) ? { ok: true, path } : { ok: false, reason: `no Python environment for ${name} (run .ci/peers .build)` };
}

/** TorchServe needs Java, and a PyTorch for the Python of its environment; Debian has one that is not made for GPUs and fits in a CI. @returns {Requirement} */
export function findTorchServe() {
  const peer = findPeer('torchserve');
  if (!peer.ok) return peer;
  const version = /^version\s*=\s*(\d+)\.(\d+)/m.exec(readFileSync(join(peer.path, 'pyvenv.cfg'), 'utf8'));
  if (!existsSync(`${debianTorch}/_C.cpython-${version?.[1]}${version?.[2]}-x86_64-linux-gnu.so`)) return { ok: false, reason: `no PyTorch for Python ${version?.[1]}.${version?.[2]} (install python3-torch on Debian 12)` };
  return onPath(['java']) ? peer : { ok: false, reason: 'no Java (install openjdk-17-jre-headless)' };
}

export const debianTorch = '/usr/lib/python3/dist-packages/torch';

/** True inside .ci/run, where whatever would be skipped is a failure. */
export const skipsFail = process.env.MILLWRIGHT_SKIPS_FAIL === '1';

/** @returns {string} */
export function gitHead() {
  try { return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(); } catch { return readFileSync('package.json', 'utf8').length.toString(); }
}
