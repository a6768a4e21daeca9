// The one bridge between shell and page: hands on the host's port, and offers the native dialogs. Nothing else crosses.
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('millwright', {
  shell: 'electron',
  pickFile: (options?: object) => ipcRenderer.invoke('pick-file', options),
  pickFolder: (options?: object) => ipcRenderer.invoke('pick-folder', options),
  saveFile: (options?: object) => ipcRenderer.invoke('save-file', options),
  showItem: (path: string) => ipcRenderer.invoke('show-item', path),
  setTheme: (theme: string) => ipcRenderer.invoke('set-theme', theme),
});

// Ports cannot cross contextBridge; a message to our own window can carry them.
ipcRenderer.on('host-port', (event) => window.postMessage('millwright-port', '*', [...event.ports]));
ipcRenderer.on('host-state', (_event, state: string) => window.postMessage({ millwright: 'host-state', state }, '*'));
ipcRenderer.on('go', (_event, place: string) => { location.hash = `#/${place}`; });
