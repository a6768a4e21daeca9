// Who acts, for the audit trail: the name in the settings, else the user of the operating system.
import { userInfo } from 'node:os';
import { settingsSchema } from '#shared/contract/app';
import type { Services } from '../Services.ts';

export function actorOf(services: Pick<Services, 'store'>): string {
  const named = services.store.value('settings', settingsSchema).get()?.userName ?? '';
  if (named !== '') return named;
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a container may run as a user without a name
  }
}
