// The one window: hardened preferences, and its place on the screen kept from run to run.
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const stateSchema = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(800), height: z.number().int().min(500), maximized: z.boolean() });
type WindowState = z.infer<typeof stateSchema>;

/** The last state, if it is readable and still lies on a screen that is there. */
function readState(file: string): WindowState | null {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const visible = screen.getAllDisplays().some(({ workArea: area }) => state.x < area.x + area.width && state.x + state.width > area.x && state.y >= area.y - 10 && state.y < area.y + area.height);
    return visible ? state : null;
  } catch { return null; }
}

export function createWindow({ preload, stateFile }: { preload: string; stateFile: string }): BrowserWindow {
  const state = readState(stateFile);
  const window = new BrowserWindow({
    width: state?.width ?? 1440, height: state?.height ?? 900, ...(state ? { x: state.x, y: state.y } : {}),
    minWidth: 960, minHeight: 600, show: false, title: 'Millwright', backgroundColor: nativeTheme.shouldUseDarkColors ? '#14171a' : '#f4f5f6',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false, devTools: true, navigateOnDragDrop: false },
  });
  if (state?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    const next: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try { writeFileSync(stateFile, JSON.stringify(next)); } catch { /* a lost window position is not worth a word */ }
  });
  return window;
}
