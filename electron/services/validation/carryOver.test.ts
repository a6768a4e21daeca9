import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { fakeDeployment } from '#test/fakes/deployment';
import { testWorkers } from '#test/fakes/testWorkers';
import { describeRuntime, servedOptions } from '#shared/contract/runtimeOptions';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import type { ValidationOutput } from '#shared/contract/validation';
import { receiptIn } from '../evidence/receiptIn.ts';
import { staleness } from '../evidence/staleness.ts';
import { readZip } from '../evidence/zipContainer.ts';
import { detachedContext, type Services } from '../Services.ts';
import { usableCores } from '../inference/usableCores.ts';
import { forgetDeployment, putDeployment } from '../stations/deployments.ts';
import { changeStation, createStation, findStation } from '../stations/stationRecords.ts';
import { receiptReader } from './receiptReader.ts';
import { validateModel, type ValidationInput } from './validateModel.ts';

const model = resolve('resources/sample/lot-code-reader.onnx');
const input: ValidationInput = { model: { path: model }, reference: { path: model }, data: { path: resolve('resources/sample/challenge') }, force: false, robustness: false, station: 'Lot code reader' };
let bed: EvidenceBed;
let services: Services;
let workDir: string;
let first: ValidationOutput;
let evidenceId: string;
const run = (more: Partial<ValidationInput> = {}) => validateModel(services, { ...input, ...more }, detachedContext({ jobId: 'test', signal: new AbortController().signal, killSignal: new AbortController().signal, workDir }));
const newest = () => bed.store.collection('evidence', evidenceRecordSchema).list()[0];
beforeAll(async () => {
  bed = openEvidenceBed();
  workDir = mkdtempSync(join(tmpdir(), 'millwright-rerun-'));
  services = { ...bed.services, workers: await testWorkers() };
  const { id } = createStation(services, { name: 'Lot code reader', line: '', description: '', taktMs: null });
  first = await run();
  evidenceId = newest()?.id ?? '';
  changeStation(services, id, { evidenceId });
});
afterAll(() => { rmSync(workDir, { recursive: true, force: true }); bed.close(); });

it('what was just validated is not stale', async () => {
  expect(await staleness(services, { id: evidenceId })).toMatchObject({ stale: false, differences: [], sections: [] });
});

it('runs with the options of the serving runtime, says so, and is stale once the station serves with others', async () => {
  expect(first.runtime).toEqual({ ...servedOptions(usableCores()), origin: 'default', station: null, note: null });
  expect(first.bench?.points.map(({ provider, threads, batch }) => ({ provider, threads, batch }))).toEqual([{ provider: 'cpu', threads: usableCores(), batch: 1 }]);
  const station = findStation(services, 'Lot code reader');
  const deployment = fakeDeployment({ cpus: usableCores(), modelSha256: first.modelSha256 });
  const deploy = (cpus: number) => putDeployment(services, { ...deployment, id: station?.id ?? '', station: 'Lot code reader', versions: deployment.versions.map((version) => ({ ...version, cpus })) });
  deploy(usableCores());
  expect((await staleness(services, { id: evidenceId })).differences).toEqual([]);
  deploy(usableCores() + 3);
  expect(await staleness(services, { id: evidenceId })).toMatchObject({ stale: true, sections: ['accuracy', 'parity', 'robustness', 'performance'], differences: [{ part: 'session', approved: describeRuntime(servedOptions(usableCores())), now: describeRuntime(servedOptions(usableCores() + 3)) }] });
  forgetDeployment(services, station?.id ?? '');
});

it('answers the explanations with their pictures from the signed package, and none from a changed one', async () => {
  const { receipt } = await receiptReader(services)(first.id);
  expect(receipt.explained?.maps.map(({ sample }) => sample)).toEqual(first.explanations?.maps.map(({ sample }) => sample));
  expect(receipt.explained?.maps.length).toBeGreaterThan(0);
  for (const { pngBase64 } of receipt.explained?.maps ?? []) expect(Buffer.from(pngBase64, 'base64').toString('latin1', 1, 4)).toBe('PNG');
  await expect(receiptReader(services)('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const zip = first.report?.zip ?? '';
  const whole = readFileSync(zip);
  writeFileSync(zip, Buffer.concat([whole.subarray(0, 900), Buffer.from([(whole[900] ?? 0) ^ 1]), whole.subarray(901)]));
  await expect(receiptReader(services)(first.id)).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
  writeFileSync(zip, whole);
});

it('gives each self-test an evidence id that leads to its outcome in the audit trail', () => {
  const entry = [...bed.store.audit.all()].find(({ action }) => action === 'validation.selftests');
  expect(first.selfTests).toHaveLength(13);
  expect(first.selfTests.map(({ evidence }) => evidence)).toEqual(first.selfTests.map(({ id }) => `audit-${entry?.seq ?? 0}/${id}`));
  expect(entry?.detail).toEqual({ id: first.id, tests: first.selfTests.map(({ id, expected, actual, status }) => ({ id, expected, actual, status })) });
});

it('runs just the named sections again and carries the others over, in a new revision that says so', async () => {
  bed.now += 60_000;
  const again = await run({ rerun: { evidenceId, sections: ['performance'] }, reason: 'The lamp was changed.' });
  expect(again.bench?.takenAt).not.toBe(first.bench?.takenAt);
  expect({ accuracy: again.accuracy, compare: again.compare, repeatability: again.repeatability, selfTests: again.selfTests }).toEqual({ accuracy: first.accuracy, compare: first.compare, repeatability: first.repeatability, selfTests: first.selfTests });
  const { receipt } = receiptIn(readZip(readFileSync(again.report?.zip ?? '')).entries, '');
  const old = bed.store.collection('evidence', evidenceRecordSchema).get(evidenceId);
  expect(receipt).toMatchObject({ revision: 2, supersedes: { reportSha256: old?.reportSha256 } });
  expect(receipt.remarks[0]).toMatch(/^Run again: § 10, 15\. Carried over from the report [0-9a-f]{64} of .*: § 11, 12, 13, 14\.$/);
  expect(old?.state).toBe('superseded');
  expect(receipt.supersedes?.reason).toMatch(/^Run again: .* Reason: The lamp was changed\.$/);
  expect([...bed.store.audit.all()].filter(({ action }) => action === 'validation.run').at(-1)?.detail).toMatchObject({ rerun: { sections: ['performance'] }, reason: 'The lamp was changed.' });
  expect(findStation(services, 'Lot code reader')?.evidenceId).toBe(newest()?.id);
});

it('carries nothing over to another model or other data', async () => {
  const rerun = { evidenceId, sections: ['performance' as const] };
  await expect(run({ rerun, data: { path: resolve('resources/sample/calibration') } })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('data set') });
  await expect(run({ rerun, runtime: { threads: usableCores() + 1 } })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('runtime is set') });
  await expect(run({ rerun: { ...rerun, evidenceId: 'gone' } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
