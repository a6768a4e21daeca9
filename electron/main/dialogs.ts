// Native file dialogs and shell actions that the page may ask for; each checks who asks and what it asks for.
import { dialog, ipcMain, nativeTheme, shell, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { isOwnPage } from './harden.ts';

const filtersSchema = z.array(z.object({ name: z.string(), extensions: z.array(z.string()) })).optional();
const openSchema = z.object({ title: z.string().optional(), filters: filtersSchema }).default({});
const saveSchema = z.object({ title: z.string().optional(), defaultPath: z.string().optional(), filters: filtersSchema }).default({});

export function installDialogs(window: () => BrowserWindow | null): void {
  const handle = <T>(name: string, schema: z.ZodType<T>, answer: (owner: BrowserWindow, input: T) => Promise<unknown>) =>
    ipcMain.handle(name, (event: IpcMainInvokeEvent, input: unknown) => {
      const owner = window();
      if (!owner || event.sender !== owner.webContents || !isOwnPage(event.senderFrame)) throw new Error('This frame may not ask for that.');
      return answer(owner, schema.parse(input));
    });
  // exactOptionalPropertyTypes: a key that is undefined is left out, not passed.
  const given = <T extends object>(options: T) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

  handle('pick-file', openSchema, async (owner, options) => (await dialog.showOpenDialog(owner, { ...given(options), properties: ['openFile'] })).filePaths[0] ?? null);
  handle('pick-folder', openSchema, async (owner, options) => (await dialog.showOpenDialog(owner, { ...given(options), properties: ['openDirectory'] })).filePaths[0] ?? null);
  handle('save-file', saveSchema, async (owner, options) => (await dialog.showSaveDialog(owner, given(options))).filePath || null);
  handle('show-item', z.string().min(1), async (_owner, path) => { shell.showItemInFolder(path); });
  handle('set-theme', z.enum(['system', 'dark', 'light']), async (_owner, theme) => { nativeTheme.themeSource = theme; });
}
