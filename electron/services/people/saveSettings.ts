// Saves the settings; what evidence depends on (whose name signs, which site, which container engine) goes into the audit trail.
import { changeBetween } from '#shared/auditChange';
import { settingsSchema, type Settings } from '#shared/contract/app';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';

/** Colours are a matter of taste, and not of evidence. */
const audited = ({ theme: _theme, ...rest }: Settings) => rest;

export function saveSettings(services: Pick<Services, 'store'>, before: Settings, after: Settings): void {
  const changed = changeBetween(audited(before), audited(after));
  const actor = actorOf(services); // who takes another name does so under the old one
  services.store.atomically(() => {
    services.store.value('settings', settingsSchema).set(after);
    if (changed !== null) services.store.audit.append({ actor, action: 'settings.changed', subject: 'settings', detail: changed });
  });
}
