#!/usr/bin/env node
// `npm start`: the console in Electron where a runtime is found, else in the browser on loopback, printing the address.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUpOrExit } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/** The electron package without its binary is no runtime; it is never downloaded from here. */
function electronBinary() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const fallback = names[process.platform] ?? 'electron';
  if (override) {
    const path = join(override, fallback);
    if (existsSync(path)) return path;
    process.stderr.write(`ELECTRON_OVERRIDE_DIST_PATH is set, but there is no ${fallback} in it.\n`);
  }
  const folder = join(root, 'node_modules', 'electron');
  const named = join(folder, 'path.txt');
  const path = join(folder, 'dist', existsSync(named) ? readFileSync(named, 'utf8').trim() : fallback);
  return existsSync(path) ? path : null;
}

/** A window needs a display; over ssh or on a server there is none. */
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

await setUpOrExit();
const wantsBrowser = process.argv.includes('--browser');
const binary = wantsBrowser ? null : electronBinary();
if (binary && hasDisplay) {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const child = spawn(binary, [...(asRoot ? ['--no-sandbox'] : []), root, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.on('error', (error) => { process.stderr.write(`Error Electron could not be started (${error.message}). Try: npm start -- --browser\n`); process.exitCode = 3; });
  child.on('exit', (code, signal) => { process.exitCode = code ?? (signal ? 1 : 0); });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
} else {
  if (!wantsBrowser) process.stderr.write(binary ? 'There is no display here; the console opens in a browser instead.\n' : 'No Electron runtime is installed; the console opens in a browser instead.\n');
  process.argv.splice(2, process.argv.length, 'ui', ...process.argv.slice(2).filter((argument) => argument !== '--browser'));
  createRequire(import.meta.url)('../dist/cli.cjs');
}
