// Where the gateway's orders come from: the ones it was last given, kept on its volume, else the ones it was started with.
import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gatewayConfigSchema, type GatewayConfig } from '#shared/gateway';

export interface ConfigStore {
  load(): Promise<GatewayConfig | null>;
  keep(config: GatewayConfig): Promise<void>;
}

/** `path` is null where nothing is kept. A damaged file is passed over: the start's own orders are whole. */
export function makeConfigStore(path: string | null, initial: string | undefined): ConfigStore {
  return {
    async load() {
      const [kept, given] = [parse(path === null ? null : await readFile(path, 'utf8').catch(() => null)), parse(initial ?? null)];
      if (kept === null || given === null) return kept ?? given;
      return kept.revision >= given.revision ? kept : given;
    },
    async keep(config) {
      if (path === null) return;
      const temp = join(dirname(path), '.config.tmp');
      const file = await open(temp, 'w', 0o600); // it may hold the key of a certificate
      try { await file.writeFile(JSON.stringify(config)); await file.sync(); } finally { await file.close(); }
      await rename(temp, path);
    },
  };
}

function parse(text: string | null): GatewayConfig | null {
  if (text === null) return null;
  try { return gatewayConfigSchema.parse(JSON.parse(text)); } catch { return null; }
}
