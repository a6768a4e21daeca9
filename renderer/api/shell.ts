// What the desktop shell offers beyond the contract: native dialogs and "show in folder". In a browser there is no bridge.
export interface FileFilter { readonly name: string; readonly extensions: readonly string[] }
export interface PickOptions { readonly title?: string; readonly filters?: readonly FileFilter[]; readonly defaultPath?: string }

export interface ShellBridge {
  readonly shell: 'electron';
  pickFile(options?: PickOptions): Promise<string | null>;
  pickFolder(options?: PickOptions): Promise<string | null>;
  saveFile(options?: PickOptions): Promise<string | null>;
  showItem(path: string): Promise<void>;
  setTheme?(theme: 'system' | 'dark' | 'light'): Promise<void>;
  /** The path of a dropped file; newer Electron no longer puts it on the File. */
  pathOf?(file: File): string;
}

declare global {
  interface Window { readonly millwright?: ShellBridge }
}

export const shellBridge = (): ShellBridge | null => (typeof window === 'undefined' ? null : window.millwright ?? null);

/** Where a browser fetches a file that the host offers; the desktop shell saves and shows files itself. */
export const downloadHref = (path: string): string => `/download?path=${encodeURIComponent(path)}`;
