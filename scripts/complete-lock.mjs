#!/usr/bin/env node
// Adds to package-lock.json the platform packages of other systems (optional dependencies such as @rollup/rollup-darwin-arm64) that npm left out because
// the registry in use does not carry them. Without them `npm ci` refuses the lock file, here and on those systems. Run it after each `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const systems = { darwin: 'darwin', linux: 'linux', linuxmusl: 'linux', win32: 'win32', windows: 'win32', android: 'android', freebsd: 'freebsd', openbsd: 'openbsd', netbsd: 'netbsd', sunos: 'sunos', aix: 'aix', openharmony: 'openharmony' };
const processors = { x64: 'x64', arm64: 'arm64', arm: 'arm', ia32: 'ia32', ppc64: 'ppc64', ppc64le: 'ppc64', s390x: 's390x', riscv64: 'riscv64', loong64: 'loong64', mips64el: 'mips64el' };

/** System, processor and C library as the package's name tells them: the last parts, such as linux-arm64-musl. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.map((word) => systems[word]).find(Boolean);
  const cpu = words.map((word) => processors[word]).find(Boolean);
  const libc = name.includes('musl') ? 'musl' : /-(gnu|gnueabihf|glibc)$/.test(name) ? 'glibc' : null;
  return os ? { os: [os], ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}) } : null;
}

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries({ ...entry.optionalDependencies })) {
    // where node would look for it from there
    const places = [];
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) { places.push(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`); if (at === '') break; }
    if (places.some((place) => lock.packages[place])) continue;
    const platform = platformOf(name);
    const version = /\d+\.\d+\.\d+[\w.+-]*/.exec(range)?.[0];
    if (!platform || !version) { console.warn(`Left out: ${name}@${range}, wanted by ${path}`); continue; }
    lock.packages[`node_modules/${name}`] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json.`);
