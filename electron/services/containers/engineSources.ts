// What this installation knows of its container engine: the environment, and the address in the settings.
import { settingsSchema } from '#shared/contract/app';
import type { Services } from '../Services.ts';
import type { AddressSources } from './engineAddresses.ts';

/** Read anew each time: the settings may have changed. */
export function engineSources({ store }: Pick<Services, 'store'>): AddressSources {
  const { engineHost = '', engineCerts = '' } = store.value('settings', settingsSchema).get() ?? {};
  return { platform: process.platform, env: process.env, ...(engineHost === '' ? {} : { chosen: { host: engineHost, certs: engineCerts === '' ? null : engineCerts } }) };
}
