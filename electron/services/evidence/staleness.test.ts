// The decision of a report against that of its station now: each kind, changed and unchanged.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Decision } from '#shared/contract/decision';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { datasetRecords } from '../datasets/resolveDataset.ts';
import { changeStation, createStation } from '../stations/stationRecords.ts';
import { staleness } from './staleness.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => bed.close());

async function report(decision: Decision | null) {
  const station = createStation(bed.services, { name: 'Line 4', line: '', description: '', taktMs: null });
  const receipt = sampleReceipt({ samples: 20 });
  const { record } = await bed.make({ ...receipt, decision, station: { id: station.id, name: 'Line 4', line: '', description: '' } });
  const found = async () => { const { differences, sections } = await staleness(bed.services, { id: record.id }); return { threshold: differences.filter(({ part }) => part === 'threshold'), sections }; };
  return { found, data: receipt.data, change: (change: Parameters<typeof changeStation>[2]) => changeStation(bed.services, station.id, change) };
}

it('classification: a threshold that was set, moved or taken off', async () => {
  const { found, change } = await report({ task: 'classification', threshold: 0.35, positive: 'dent', origin: 'station' });
  expect((await found()).threshold).toEqual([{ part: 'threshold', approved: 'dent from a score of 0.35', now: 'the class with the largest score' }]);
  change({ threshold: { value: 0.35, positive: null } });
  expect((await found()).threshold).toEqual([]);
  change({ threshold: { value: 0.4, positive: 'dent' } });
  const stale = await found();
  expect(stale.threshold).toMatchObject([{ now: 'dent from a score of 0.4' }]);
  expect(stale.sections).toEqual(expect.arrayContaining(['accuracy', 'parity', 'robustness']));
});

it('anomaly: the score from which a part counts as anomalous', async () => {
  const { found, change } = await report({ task: 'anomaly', threshold: null, positive: null, origin: 'model' });
  expect((await found()).threshold).toEqual([]);
  change({ threshold: { value: 2.5, positive: null } });
  expect((await found()).threshold).toEqual([{ part: 'threshold', approved: 'no threshold, scores are ranked', now: 'anomalous from a score of 2.5' }]);
});

it('detection: the score of dataset.yaml, over which that of the station goes', async () => {
  const { found, change, data } = await report({ task: 'detection', threshold: 0.3, positive: null, origin: 'data' });
  expect((await found()).threshold).toEqual([]); // there is no test set that would say
  const folder = join(bed.dir, 'set');
  mkdirSync(folder);
  const write = (score: number) => writeFileSync(join(folder, 'dataset.yaml'), `detector: { score: ${score} }\n`);
  write(0.3);
  datasetRecords(bed.services).put({ id: 'd-1', name: 'set', path: folder, purpose: 'test', addedAt: '2026-01-01T00:00:00.000Z', check: data.check, seal: null, openings: [], overlaps: [] });
  change({ testId: 'd-1' });
  expect((await found()).threshold).toEqual([]);
  write(0.45);
  expect((await found()).threshold).toEqual([{ part: 'threshold', approved: 'a box counts from a score of 0.3', now: 'a box counts from a score of 0.45' }]);
  change({ threshold: { value: 0.3, positive: null } });
  expect((await found()).threshold).toEqual([]);
});

it('does not compare what an earlier report did not record', async () => {
  const { found, change } = await report(null);
  change({ threshold: { value: 0.3, positive: null } });
  expect((await found()).threshold).toEqual([]);
});
