// Where models, history and keys live: --data-dir, else MILLWRIGHT_DATA, else the platform's folder for application data.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

function namedDataDir(flag: string | undefined, env: Env): string | null {
  const chosen = flag ?? env['MILLWRIGHT_DATA'];
  return chosen === undefined || chosen === '' ? null : chosen;
}

/** Nobody named a folder: this is the installation of this user, and no server, CI or copy. */
export const isDefaultDataDir = (flag: string | undefined, env: Env): boolean => namedDataDir(flag, env) === null;

export function dataDirOf(flag: string | undefined, env: Env, platform: NodeJS.Platform = process.platform, home: string = homedir()): string {
  const chosen = namedDataDir(flag, env);
  if (chosen !== null) return resolve(chosen);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Millwright');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Millwright');
  return join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'millwright');
}
