// The application menu: what an engineer expects, with places of the page reached by the same keys as in the browser.
import { app, Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';

const places = ['Stations', 'Machine', 'Models', 'Datasets', 'Optimise', 'Validate', 'Serving', 'Evidence', 'Transfer'] as const;

export function installMenu(window: () => BrowserWindow | null): void {
  const go = (hash: string) => () => window()?.webContents.send('go', hash);
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: [{ label: 'Settings', accelerator: 'CmdOrCtrl+,', click: go('settings') }, { type: 'separator' }, process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    { label: '&Go', submenu: places.map((label, index) => ({ label, accelerator: `CmdOrCtrl+${index + 1}`, click: go(label.toLowerCase()) })) },
    { label: '&View', submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' }, { role: 'togglefullscreen' }, { role: 'reload' }, ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const])] },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
