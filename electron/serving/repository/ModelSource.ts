// Where models come from: a folder of the agreed layout, or files named on the command line.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#shared/errors';

export interface FoundVersion { readonly version: string; readonly path: string }
export interface FoundModel { readonly name: string; /** May not exist. */ readonly settingsPath: string; /** Ascending. */ readonly versions: readonly FoundVersion[] }
export interface ModelSource {
  /** Looks anew each time, so that a version copied in beside the old is found. */
  list(): Promise<readonly FoundModel[]>;
}

const isVersion = (name: string) => /^[1-9]\d{0,17}$/.test(name);
const exists = (path: string) => stat(path).then(() => true, () => false);
const folders = async (path: string) => (await readdir(path, { withFileTypes: true }).catch(() => [])).filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink())).map(({ name }) => name);

async function versionsIn(path: string): Promise<FoundVersion[]> {
  const found: FoundVersion[] = [];
  for (const version of (await folders(path)).filter(isVersion)) if (await exists(join(path, version, 'model.onnx'))) found.push({ version, path: join(path, version, 'model.onnx') });
  return found.sort((a, b) => Number(BigInt(a.version) - BigInt(b.version)));
}

/** The one file that ends in .onnx, which need not be called model.onnx. */
async function bareFile(path: string): Promise<string | null> {
  if (await exists(join(path, 'model.onnx'))) return join(path, 'model.onnx');
  const files = (await readdir(path).catch(() => [])).filter((name) => name.endsWith('.onnx'));
  return files.length === 1 && files[0] !== undefined ? join(path, files[0]) : null;
}

/**
 * `<path>/<name>/<version>/model.onnx`, with a millwright.json beside the versions; or, for a single model named `bareName`,
 * `<path>/<version>/model.onnx` or `<path>/model.onnx`.
 */
export function folderSource(path: string, bareName: string): ModelSource {
  return {
    async list() {
      const file = await bareFile(path);
      const settingsPath = join(path, 'millwright.json');
      if (file) return [{ name: bareName, settingsPath, versions: [{ version: '1', path: file }] }];
      const flat = await versionsIn(path);
      if (flat.length > 0) return [{ name: bareName, settingsPath, versions: flat }];
      const models: FoundModel[] = [];
      for (const name of (await folders(path)).sort()) {
        const versions = await versionsIn(join(path, name));
        const single = versions.length === 0 ? await bareFile(join(path, name)) : null;
        if (versions.length > 0 || single) models.push({ name, settingsPath: join(path, name, 'millwright.json'), versions: single ? [{ version: '1', path: single }] : versions });
      }
      return models;
    },
  };
}

/** Files as models named after them. @throws BAD_USAGE when two have the same name. */
export function fileSource(files: readonly string[]): ModelSource {
  const models = files.map((path): FoundModel => ({ name: basename(path).replace(/\.onnx$/i, ''), settingsPath: `${path.replace(/\.onnx$/i, '')}.millwright.json`, versions: [{ version: '1', path }] }));
  const double = models.find(({ name }, index) => models.findIndex((one) => one.name === name) !== index);
  if (double) throw new AppError('BAD_USAGE', `Two of the files would be served as "${double.name}".`, { hint: 'Rename one of them.' });
  return { list: () => Promise.resolve(models) };
}
