// Packages the console with electron-builder, starts it under a virtual display, and drives it over the DevTools protocol.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';

const run = promisify(execFile);

/** Builds the unpacked app (target `dir`) on the given Electron runtime and answers the path of its executable. */
export async function packageDesktop(electronDist: string): Promise<string> {
  const versionFile = join(electronDist, 'version');
  const electronVersion = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : '22.3.25';
  const output = resolve('.build/e2e-package');
  await run(process.execPath, ['node_modules/electron-builder/cli.js', '--dir', '--publish', 'never', `-c.electronDist=${electronDist}`, `-c.electronVersion=${electronVersion}`, `-c.directories.output=${output}`], { maxBuffer: 64 << 20 });
  return join(output, 'linux-unpacked', 'millwright');
}

export interface DesktopApp {
  readonly page: Page;
  readonly process: ChildProcess;
  /** What the app wrote to its error stream so far. */
  stderr(): string;
  close(): Promise<void>;
}

/** The page's target exists only once the window does; connecting earlier never settles on this runtime. */
async function pageTargetExists(endpoint: string): Promise<boolean> {
  const text = await new Promise<string>((done) => {
    get(`${endpoint}/json/list`, (answer) => { let body = ''; answer.on('data', (part) => { body += String(part); }); answer.on('end', () => done(body)); }).on('error', () => done('[]'));
  });
  return (JSON.parse(text) as { type: string; url: string }[]).some((target) => target.type === 'page' && target.url.startsWith('app://'));
}

export async function launchDesktop({ executable, args = [], dataDir }: { executable: string; args?: readonly string[]; dataDir: string }): Promise<DesktopApp> {
  const asRoot = process.getuid?.() === 0;
  const flags = [...args, '--disable-gpu', '--remote-debugging-port=0', ...(asRoot ? ['--no-sandbox'] : [])];
  const [command, commandArgs] = process.env.DISPLAY ? [executable, flags] : ['xvfb-run', ['-a', '-s', '-screen 0 1600x1000x24', executable, ...flags]];
  const child = spawn(command, commandArgs, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, MILLWRIGHT_DATA: dataDir } });
  let stderr = '';
  const ended = new Promise<never>((_, fail) => child.once('exit', (code) => fail(new Error(`The app ended with code ${code}: ${stderr.slice(-2000)}`))));
  ended.catch(() => undefined); // also after the start
  const listening = new Promise<string>((done, fail) => {
    child.stderr!.on('data', (part) => {
      stderr += String(part);
      const found = /DevTools listening on ws:\/\/([^/\s]+)/.exec(stderr);
      if (found) done(`http://${found[1]}`);
    });
    setTimeout(() => fail(new Error(`The app did not start: ${stderr.slice(-2000)}`)), 60_000).unref();
  });
  const endpoint = await Promise.race([listening, ended]);
  const shown = async () => { for (let tries = 0; tries < 150 && !await pageTargetExists(endpoint); tries++) await wait(200); };
  await Promise.race([shown(), ended]);
  await wait(500);
  const browser: Browser = await chromium.connectOverCDP(endpoint, { noDefaults: true, timeout: 30_000 });
  const page = browser.contexts()[0]!.pages()[0]!;
  return {
    page, process: child, stderr: () => stderr,
    async close() {
      await browser.close().catch(() => undefined);
      const ended = new Promise((done) => child.once('exit', done));
      // The whole group: xvfb-run, the X server, the app and its helpers.
      if (child.exitCode === null && child.pid) { process.kill(-child.pid, 'SIGTERM'); await Promise.race([ended, wait(8000)]); }
      try { process.kill(-child.pid!, 'SIGKILL'); } catch { /* all of them have ended */ }
    },
  };
}
