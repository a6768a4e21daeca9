import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inLanguage } from '#core/report/texts/say';
import { recordedWords } from '#core/report/texts/recordedWords';
import { putDeployment } from '../stations/deployments.ts';
import { fakeDeployment } from '#test/fakes/deployment';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { securityFacts } from './securityFacts.ts';

let bed: EvidenceBed;
let restore = () => undefined as void;
beforeEach(() => {
  bed = openEvidenceBed();
  restore = setEnvironment({ DOCKER_HOST: `unix://${join(bed.dir, 'nobody.sock')}`, MILLWRIGHT_PARTS: mkdtempSync(join(tmpdir(), 'mw-no-parts-')) });
});
afterEach(() => {
  rmSync(process.env['MILLWRIGHT_PARTS'] ?? '', { recursive: true, force: true });
  restore();
  bed.close();
});
const facts = (stationId: string | null) => securityFacts(bed.services, { stationId, egress: null, signal: new AbortController().signal });

it('takes what it can see, and says of each part that it cannot see why, in words that the German report knows', async () => {
  const bare = await facts(null);
  expect(bare).toMatchObject({ containers: [], containersMissing: 'The run was for no station.', imageBom: null, imageBomMissing: expect.stringContaining('holds no parts of the serving image') as string, key: { keptIn: 'file' } });
  expect(bare.listeners === null).toBe(process.platform !== 'linux');
  expect((await facts('station-1')).containersMissing).toBe('No container of this station was deployed from here.');
  putDeployment(bed.services, fakeDeployment());
  const unreachable = await facts('station-1');
  for (const reason of [bare.containersMissing, bare.imageBomMissing, unreachable.containersMissing]) expect(inLanguage('de', recordedWords(reason ?? '')), reason ?? '').not.toBe(reason);
});

it('tells of the exports that the audit trail knows, newest first, and of nothing else', async () => {
  for (const [action, subject] of [['evidence.exported', 'evidence-1'], ['dataset.seal', 'set'], ['station.packed', 'Line 1']] as const) bed.store.audit.append({ actor: 'Anna', action, subject, detail: {} });
  expect((await facts(null)).exports.map(({ action, subject }) => [action, subject])).toEqual([['station.packed', 'Line 1'], ['evidence.exported', 'evidence-1']]);
});
