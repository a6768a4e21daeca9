// Where models, history and keys live: --data-dir, else MILLWRIGHT_DATA, else the platform's folder for application data.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export function dataDirOf(flag: string | undefined, env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform = process.platform, home: string = homedir()): string {
  const chosen = flag ?? env['MILLWRIGHT_DATA'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Millwright');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Millwright');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'millwright');
}
