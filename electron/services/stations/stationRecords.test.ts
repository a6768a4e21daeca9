// What the audit trail says of a changed station: old and new value of what changed, the limits in words, and the reason.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changedFields } from '#shared/auditChange';
import { saveSettings } from '#services/people/saveSettings';
import { lockLimits } from '#services/validation/lockLimits';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { changeStation, createStation, removeStation } from './stationRecords.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => { bed.close(); });
const last = () => bed.store.audit.list(1).entries[0];
const station = () => createStation(bed.services, { name: 'Line 3', line: 'A', description: '', taktMs: 40 });

it('keeps old and new value of each field that changed, and why', () => {
  const { id } = station();
  expect(last()).toMatchObject({ action: 'station.created', detail: { old: null, new: { name: 'Line 3', taktMs: 40 } } });
  changeStation(bed.services, id, { taktMs: 60, line: 'A', name: 'Line 3b' }, 'New feeder.');
  expect(last()).toMatchObject({ action: 'station.changed', subject: 'Line 3b', detail: { stationId: id, old: { taktMs: 40, name: 'Line 3' }, new: { taktMs: 60, name: 'Line 3b' }, reason: 'New feeder.' } });
  expect(changedFields(last()?.detail).map(({ field }) => field)).toEqual(['name', 'taktMs']);
});

it('says what other limits say, not only that they are others', async () => {
  const { id } = station();
  const [loose, strict] = [await lockLimits(bed.services, { text: 'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.9 }\n' }), await lockLimits(bed.services, { text: 'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.97, confidence: 0.95 }\n  - { id: ESC-1, metric: escape_rate, positive: bad, max: 0.01 }\n' })];
  changeStation(bed.services, id, { limitsId: loose.id });
  changeStation(bed.services, id, { limitsId: strict.id });
  expect(last()?.detail).toEqual({ stationId: id, old: { limitsId: loose.id, limits: ['ACC-1 accuracy ≥ 0.9'] }, new: { limitsId: strict.id, limits: ['ACC-1 accuracy ≥ 0.97 at 0.95', 'ESC-1 escape_rate ≤ 0.01 (class bad)'] } });
});

it('what is so already is no change', () => {
  const { id } = station();
  const before = last()?.seq;
  expect(changeStation(bed.services, id, { taktMs: 40 }, 'For nothing.').taktMs).toBe(40);
  expect(last()?.seq).toBe(before);
});

it('keeps why a station was removed', () => {
  removeStation(bed.services, station().id, 'Line sold.');
  expect(last()).toMatchObject({ action: 'station.removed', detail: { reason: 'Line sold.' } });
});

it('settings that evidence depends on are audited, under the name that they had until then; colours are not', () => {
  const settings = { site: 'Plant 1', userName: 'Eva Lang', theme: 'dark', engineHost: '', engineCerts: '' } as const;
  saveSettings(bed.services, { ...settings, site: '', userName: '' }, settings);
  saveSettings(bed.services, settings, { ...settings, userName: 'Ben Ott' });
  expect(last()).toMatchObject({ actor: 'Eva Lang', action: 'settings.changed', detail: { old: { userName: 'Eva Lang' }, new: { userName: 'Ben Ott' } } });
  const before = last()?.seq;
  saveSettings(bed.services, settings, { ...settings, theme: 'light' });
  expect(last()?.seq).toBe(before);
});
