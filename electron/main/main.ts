// Entry of the desktop shell: one instance, one hardened window, one host process, and nothing computed here.
import { app, BrowserWindow } from 'electron';
import { join } from 'node:path';
import { installDialogs } from './dialogs.ts';
import { hardenSession, hardenWebContents } from './harden.ts';
import { HostProcess } from './hostProcess.ts';
import { installMenu } from './menu.ts';
import { pageUrl, registerPageScheme, servePage } from './pageProtocol.ts';
import { createWindow } from './window.ts';

process.env.ORT_DISABLE_TELEMETRY = '1';

function start(): void {
  // The OS sandbox cannot run as root; only tests start the app that way, and they say so on the command line.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  const dataDir = process.env.MILLWRIGHT_DATA;
  if (dataDir) app.setPath('userData', join(dataDir, 'desktop'));
  if (!app.requestSingleInstanceLock()) return app.quit();
  registerPageScheme();

  const distDir = __dirname;
  let window: BrowserWindow | null = null;
  const host = new HostProcess(distDir, (state) => window?.webContents.send('host-state', state));

  const open = () => {
    window = createWindow({ preload: join(distDir, 'preload.cjs'), stateFile: join(app.getPath('userData'), 'window.json') });
    hardenWebContents(window.webContents);
    window.webContents.on('did-finish-load', () => { if (window) host.connect(window.webContents); });
    window.on('closed', () => { window = null; });
    void window.loadURL(pageUrl);
  };

  app.on('second-instance', () => {
    if (!window) return open();
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => { if (!window) open(); });
  app.on('window-all-closed', () => { if (process.platform !== 'darwin') app.quit(); });
  app.on('will-quit', () => host.close());

  void app.whenReady().then(() => {
    servePage(join(distDir, 'page'));
    hardenSession();
    installDialogs(() => window);
    installMenu(() => window);
    host.start();
    open();
  });
}

start();
