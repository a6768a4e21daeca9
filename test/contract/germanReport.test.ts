// A German report of a real run: what the tool itself says in it is German, while the receipt and the answer of the operation keep their English sentences.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseJunit } from 'junit2json';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ValidationOutput } from '#shared/contract/validation';
import type { ValidationReceipt } from '#core/report/receipt';
import { recordedWords } from '#core/report/texts/recordedWords';
import { receiptIn } from '#services/evidence/receiptIn';
import { readZip } from '#services/evidence/zipContainer';
import { detachedContext } from '#services/Services';
import { validateModel } from '#services/validation/validateModel';
import { testWorkers } from '#test/fakes/testWorkers';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';

let bed: EvidenceBed;
let output: ValidationOutput;
let receipt: ValidationReceipt;
let report = '';
beforeAll(async () => {
  bed = openEvidenceBed();
  const model = resolve('resources/sample/lot-code-reader.onnx');
  output = await validateModel({ ...bed.services, workers: await testWorkers() }, { model: { path: model }, reference: { path: model }, data: { path: resolve('resources/sample/test') }, samples: 60, limitsPath: resolve('resources/sample/limits.yaml'), force: false, robustness: true, language: 'de' },
    detachedContext({ jobId: 'test', signal: new AbortController().signal, killSignal: new AbortController().signal, workDir: bed.dir }));
  ({ receipt } = receiptIn(readZip(readFileSync(output.report?.zip ?? '')).entries, ''));
  report = readFileSync(output.report?.json ?? '', 'utf8');
}, 180_000);
afterAll(() => bed.close());

/** Where our own code writes sentences. */
const said = (): readonly string[] => [
  receipt.title, ...receipt.remarks, ...receipt.limits.map(({ reason }) => reason), ...receipt.selfTests.flatMap(({ title, expected, actual }) => [title, expected, actual]), ...receipt.robustness.flatMap(({ unit, breakRule }) => [unit, breakRule]),
  ...receipt.rates.flatMap(({ name, note }) => [name, note ?? '']), ...Object.values(receipt.notPerformed), ...receipt.bench?.remarks ?? [], ...receipt.data.openings.map(({ reason }) => reason), ...receipt.log.map(({ line }) => line),
  ...receipt.machine?.preflight.flatMap(({ title, message, consequence }) => [title, message, consequence]) ?? [], ...receipt.machine?.providers.map(({ reason }) => reason) ?? [], receipt.machine?.containers.reason ?? '', receipt.security?.containersMissing ?? '', receipt.security?.imageBomMissing ?? '',
].filter((text) => /[a-z]{3,} [a-z]{2,}/.test(text));

it('every sentence that the run recorded is known to the language files, so that none stays English', () => {
  expect(said().length).toBeGreaterThan(60);
  expect(said().filter((sentence) => recordedWords(sentence) === sentence)).toEqual([]);
});
it('none of them stands in the German report', () => {
  const strings: string[] = [];
  const { sections, title } = JSON.parse(report) as { readonly sections: unknown; readonly title: string }; // a report.json; its other fields are for programs and stay English
  JSON.stringify([title, sections], (_, value: unknown) => { if (typeof value === 'string') strings.push(value); return value; });
  const printed = strings.join('\n');
  expect(said().filter((sentence) => printed.includes(sentence))).toEqual([]);
});
it('who reads the answer or the receipt finds the English sentences as before', () => {
  expect(output.selfTests.find(({ id }) => id === 'OQ-11')).toMatchObject({ expected: 'Database and keys, restored into an empty folder, open and hold the same audit chain and the same records.' });
  expect(receipt.limits.map(({ reason }) => reason)).toEqual(output.limits.map(({ reason }) => reason));
});
it('ten classes have a curve each, and every figure over them an interval by a named method', () => {
  const { figures = [], classes } = output.accuracy!;
  expect(figures.map(({ metric }) => metric)).toEqual(['precision', 'recall', 'f1', 'kappa', 'calibration_error', 'auroc', 'auroc_weighted', 'auroc_one_vs_one']);
  for (const { metric, interval } of figures) expect(interval?.method, metric).toMatch(/bootstrap|Wilson|Newcombe|DeLong/);
  for (const { label, support, recallInterval, aurocInterval } of classes) if (support > 0) { expect(recallInterval?.n, label).toBe(support); expect(aurocInterval, label).not.toBeNull(); }
  expect(receipt.rocCurves).toHaveLength(classes.filter(({ support }) => support > 0).length);
  expect(receipt.samples[0]?.scores).toHaveLength(10);
  expect(report).toContain('Jede Klasse gegen die übrigen, die kleinste Fläche zuerst');
});
it('JUnit has the real seconds of each section, none of them longer than the run', async () => {
  const junit = await parseJunit(readFileSync(output.report?.junit ?? '', 'utf8'));
  const suite = junit && 'testsuite' in junit ? junit.testsuite?.[0] : undefined;
  expect(suite?.time).toBeGreaterThan(5); // the benchmark alone takes that
  for (const { name, time = 0 } of suite?.testcase ?? []) { if (!name?.includes('size_mb')) expect(time, name).toBeGreaterThan(0); expect(time, name).toBeLessThanOrEqual(suite?.time ?? 0); }
});
