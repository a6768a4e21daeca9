// Answers the operations on the application itself.
import { settingsSchema, type Settings } from '#shared/contract/app';
import type { Services } from '#services/Services';
import { saveSettings } from '#services/people/saveSettings';
import { untilAborted } from '../untilAborted.ts';
import { versions } from '../versions.ts';
import type { Handlers } from './Handlers.ts';

export type Shell = 'electron' | 'browser' | 'cli' | 'test';

const defaults: Settings = { site: '', userName: '', theme: 'system', engineHost: '', engineCerts: '' };

export const appHandlers = (services: Services, shell: Shell): Pick<Handlers, 'app.info' | 'app.settings' | 'app.saveSettings' | 'app.changes'> => {
  const settings = services.store.value('settings', settingsSchema);
  return {
    'app.info': async () => ({
      version: services.version, runtime: process.versions['electron'] ? `Electron ${process.versions['electron']}` : `Node ${process.versions.node}`, node: process.versions.node,
      platform: `${process.platform}-${process.arch}`, dataDir: services.dataDir, shell, onnxruntime: versions.onnxruntime,
    }),
    'app.settings': async () => settings.get() ?? defaults,
    'app.saveSettings': async ({ site, userName, theme, engineHost, engineCerts }) => {
      const now = settings.get() ?? defaults;
      const next: Settings = { site: site ?? now.site, userName: userName ?? now.userName, theme: theme ?? now.theme, engineHost: engineHost?.trim() ?? now.engineHost, engineCerts: engineCerts?.trim() ?? now.engineCerts };
      saveSettings(services, now, next);
      return next;
    },
    'app.changes': async (_, { signal, emit }) => {
      const stop = services.store.onChange(emit);
      await untilAborted(signal).finally(stop);
    },
  };
};
