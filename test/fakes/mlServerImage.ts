// An image of MLServer as a plant would bring it, as a tar file: put together from the Python environment of the peer and the libraries that it needs, without a registry or a build.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

export const mlServerTag = 'seldonio/mlserver:1.7.1-here';
/** Neither MLServer nor the runtime loads these to serve a model. */
const left = /\/(?:sympy|mpmath|isympy\.py|pip|setuptools|test|tests|idlelib|tkinter|ensurepip|turtledemo|config-3[^/]*|dist-packages)(?:\/|$)/;

/** `environment`: the folder that .ci/peers made. Answers the path of the file. */
export async function mlServerImage(environment: string, folder: string): Promise<string> {
  const python = join(environment, 'bin', 'python3');
  const [stdlib = '', program = ''] = execFileSync(python, ['-c', 'import os, sys, sysconfig; print(sysconfig.get_path("stdlib")); print(os.path.realpath(sys.executable))'], { encoding: 'utf8' }).split('\n');
  const site = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' }).trim();
  const files = [
    ...[python, join(environment, 'bin', 'python'), join(environment, 'bin', 'mlserver'), join(environment, 'pyvenv.cfg'), program, '/bin/cat'],
    ...filesBelow(site), ...filesBelow(stdlib).filter((path) => !path.includes('/site-packages/')),
  ].filter((path) => !left.test(path.replace(site, '').replace(stdlib, '')));
  const all = [...new Set([...files, ...librariesOf(files.filter((path) => /\.so(?:\.|$)/.test(path) || path === program || path === '/bin/cat'))])];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'files.txt'), `${all.map((path) => path.slice(1)).join('\n')}\n`);
  // Links become what they lead to: the image is one layer of plain files that every user may read.
  execFileSync('tar', ['--create', '--dereference', '--hard-dereference', '--file', join(folder, 'layer.tar'), '--owner=0', '--group=0', '--mode=a+rX', '--sort=name', '-C', '/', '-T', join(folder, 'files.txt')], { stdio: 'ignore' });
  const config = JSON.stringify({
    architecture: 'amd64', os: 'linux', created: '2026-01-02T03:04:05Z',
    config: { User: '1000', Cmd: ['mlserver', 'start', '/mnt/models'], Env: [`PATH=${join(environment, 'bin')}:/usr/bin:/bin`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256Of(join(folder, 'layer.tar'))}`] },
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(folder, name), config);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ Config: name, RepoTags: [mlServerTag], Layers: ['layer.tar'] }]));
  execFileSync('tar', ['--create', '--file', join(folder, 'mlserver.tar'), '-C', folder, 'manifest.json', name, 'layer.tar']);
  return join(folder, 'mlserver.tar');
}

const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));

/** What the loader of this machine finds for them. */
function librariesOf(programs: readonly string[]): string[] {
  let text = '';
  for (let at = 0; at < programs.length; at += 200) {
text += spawnSync('ldd', programs.slice(at, at + 200), { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }).stdout; // it fails where one of them is no program for this loader, and tells of the others all the same
  }
  return [...new Set([...text.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => normalize(path)))];
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}
