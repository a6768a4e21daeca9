// The packaged desktop app in a real Electron: it carries the main job with the host in its utility process, the page is locked in, a crash of
// the host is survived.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchDesktop, packageDesktop, type DesktopApp } from './desktopApp.ts';
import { lookAtScreens } from './lookAtScreens.ts';
import { makeOwnFiles } from './importOwn.ts';
import { carryMainJob } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { mainScreens } from './screens.ts';
import { watchPage, type PageWatch } from './watchPage.ts';

await describeNeeding('desktop app', ['electron'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-desktop-'));
  const files = makeOwnFiles();
  let executable: string;
  let app: DesktopApp;
  let watch: PageWatch;

  beforeAll(async () => {
    executable = await packageDesktop(paths.electron);
    app = await launchDesktop({ executable, dataDir });
    watch = watchPage(app.page);
    await app.page.setViewportSize({ width: 1280, height: 800 });
    await app.page.getByTestId('nav-machine').waitFor();
  });
  afterAll(async () => {
    await app.close();
    files.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('carries a model through the whole main job, from its import to a report that two people signed', async () => {
    await carryMainJob(app.page, files);
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('shows its screens in both themes with no cut text', async () => {
    expect(await lookAtScreens(app.page, { screens: mainScreens, judged: false })).toEqual({});
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('answers operations from the host in its utility process', async () => {
    await app.page.getByTestId('nav-machine').click();
    await app.page.getByText(/fingerprint/i).first().waitFor({ timeout: 30_000 });
    expect(readdirSync(dataDir).some((name) => name.endsWith('.db') || name.includes('sqlite'))).toBe(true);
  });

  it('gives the page neither Node nor Electron, only the bridge', async () => {
    const seen = await app.page.evaluate(() => {
      const scope = globalThis as unknown as Record<string, unknown>;
      return { require: typeof scope.require, process: typeof scope.process, bridge: Object.keys(scope.millwright as object).sort() };
    });
    expect(seen).toEqual({ require: 'undefined', process: 'undefined', bridge: ['pickFile', 'pickFolder', 'saveFile', 'setTheme', 'shell', 'showItem'] });
  });

  it('serves nothing outside the page folder, runs no inline script and reaches no other address', async () => {
    const seen = await app.page.evaluate(async () => {
      const status = (url: string) => fetch(url).then((answer) => answer.status, () => 'refused');
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.head.append(script);
      return {
        inside: await status('app://millwright/index.html'), above: await status('app://millwright/%2e%2e/main.cjs'), deeper: await status('app://millwright/..%2f..%2fpackage.json'),
        loopback: await status('http://127.0.0.1:9/'), outside: await status('https://192.0.2.1/'),
        inlineRan: (globalThis as unknown as Record<string, unknown>).inlineRan ?? false, popup: window.open('https://192.0.2.1/') !== null,
      };
    });
    expect(seen).toEqual({ inside: 200, above: 404, deeper: 404, loopback: 'refused', outside: 'refused', inlineRan: false, popup: false });
  });

  it('starts a host that was killed again and connects the page to it', async () => {
    const host = await hostProcessId(app);
    process.kill(host, 'SIGKILL');
    await expect.poll(() => hostProcessId(app).catch(() => host), { timeout: 15_000 }).not.toBe(host);
    await app.page.getByTestId('nav-models').click();
    await app.page.getByTestId('nav-machine').click();
    await app.page.getByText(/fingerprint/i).first().waitFor({ timeout: 30_000 });
  });

  // Near the end: the driver goes on waiting for the navigation that was refused.
  it('denies permissions and stays on its own page', async () => {
    const seen = await app.page.evaluate(async () => {
      const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'granted', () => 'denied');
      location.href = 'https://192.0.2.1/';
      await new Promise((done) => setTimeout(done, 500));
      return { camera, geolocation: (await navigator.permissions.query({ name: 'geolocation' })).state, origin: location.origin };
    });
    expect(seen).toEqual({ camera: 'denied', geolocation: 'denied', origin: 'app://millwright' });
  });

  it('opens one instance only', async () => {
    await expect(launchDesktop({ executable, dataDir })).rejects.toThrow(/ended with code 0/);
  });
});

/** The host is the utility process that has the data folder open. */
async function hostProcessId(app: DesktopApp): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  const rows = execFileSync('ps', ['-eo', 'pid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
  const row = rows.find((line) => Number(line.trim().split(/\s+/)[1]) === app.process.pid && line.includes('--utility-sub-type=node.mojom.NodeService') && !line.includes('model worker'));
  if (!row) throw new Error('no host process');
  return Number(row.trim().split(/\s+/)[0]);
}
