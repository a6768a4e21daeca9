// The cost dial of a signed report, through the host: what it answers, that it changes nothing, and what it refuses.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ValidationReceiptInput } from '#core/report/receipt';
import { accuracyResult } from '#core/statistics/accuracyResult';
import { makeEvidence } from '#services/evidence/makeEvidence';
import { detachedContext } from '#services/Services';
import { openTestHost, type TestHost } from '#test/fakes/testHost';
import { startCli } from './runCli.ts';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';

let test: TestHost;
let zip = '';
const classes = ['good', 'defect'];
/** 300 parts of which every fifth is a defect; scores that overlap between 0.3 and 0.7. */
const rows = Array.from({ length: 300 }, (_, at) => {
  const defect = at % 5 === 0, score = ((defect ? 0.3 : 0) * 100 + ((at * 37) % 70)) / 100;
  const predicted = score >= 0.5 ? 'defect' : 'good';
  return { sample: `part-${at}.png`, label: defect ? 'defect' : 'good', predicted, score: predicted === 'defect' ? score : 1 - score, p: score };
});
const receipt = (samples: typeof rows, id: string): ValidationReceiptInput => ({ ...sampleReceipt({ samples: 20 }), id, samples: samples.map(({ p: _p, ...row }) => row), accuracy: accuracyResult(samples.map(({ label }) => label), samples.map(({ predicted }) => predicted), classes), referenceAccuracy: null, roc: null });
const make = async (input: ValidationReceiptInput) => (await makeEvidence(test.host.services, input, {}, detachedContext({ jobId: 't', workDir: '', signal: new AbortController().signal, killSignal: new AbortController().signal }))).paths.zip;
beforeAll(async () => { test = openTestHost(); zip = await make(receipt(rows, 'v-two')); });
afterAll(() => test.close());

const costs = { escapeCost: 200, rejectCost: 5, partsPerDay: 1000, defectShare: 0.02, positive: 'defect' };
it('answers with counts, money a day and a threshold that no other beats, and changes neither report nor limits', async () => {
  const before = readFileSync(zip);
  const output = await test.host.call('validation.costDial', { id: 'v-two', ...costs, threshold: 0.425 });
  const counted = (kind: string, rejected: boolean) => rows.filter(({ label, p }) => label === kind && p >= 0.425 === rejected).length;
  expect(output.at).toMatchObject({ threshold: 0.425, escapes: { count: counted('defect', false), of: 60 }, falseRejects: { count: counted('good', true), of: 240 } });
  expect(output.at.costPerDay).toBeCloseTo(1000 * (0.02 * (output.at.escapes.count / 60) * 200 + 0.98 * (output.at.falseRejects.count / 240) * 5), 9);
  for (let step = 0; step <= 20; step++) expect((await test.host.call('validation.costDial', { id: 'v-two', ...costs, threshold: step / 20 })).at.costPerPart).toBeGreaterThanOrEqual(output.cheapest.costPerPart - 1e-12);
  expect(output.now.threshold).toBe(0.5);
  expect(output.dial.thresholdLow ?? 0).toBeLessThanOrEqual(output.cheapest.threshold ?? 1);
  expect(readFileSync(zip)).toEqual(before);
  expect(await test.host.call('validation.listLimits', {})).toEqual([]);
  await test.host.call('validation.checkLimits', { text: `limits:\n  - { id: A, metric: accuracy, min: 0.9 }\n${output.limitsText}` });
});
it('takes the id of the evidence too, and says that the costs are not stated by the run', async () => {
  const [record] = await test.host.call('evidence.list', {});
  expect(await test.host.call('validation.costDial', { id: record?.id ?? '' })).toMatchObject({ validationId: 'v-two', stated: false, dial: { costs: { escape: 100, false_reject: 1 } } });
});
it('is a command too: the same figures as JSON, a table for people, and exit code 2 for what is no number', async () => {
  const cli = (...args: string[]) => startCli(['validate', 'cost-dial', ...args], { dataDir: test.dataDir }).ended;
  const args = ['v-two', '--escape-cost', '200', '--reject-cost', '5', '--parts-per-day', '1000', '--defect-share', '0.02', '--positive', 'defect', '--threshold', '0.425'];
  const json = await cli(...args, '--json');
  expect(json.code, json.stderr).toBe(0);
  expect(JSON.parse(json.stdout)).toEqual(await test.host.call('validation.costDial', { id: 'v-two', ...costs, threshold: 0.425 }));
  const text = await cli(...args);
  expect(text.stdout).toMatch(/asked for\s+0\.425\s+\d+ of 60/);
  expect(text.stdout).toContain('No limits file and no report was changed.');
  const wrong = await cli('v-two', '--escape-cost', 'much', '--json');
  expect([wrong.code, JSON.parse(wrong.stdout)]).toMatchObject([2, { error: { code: 'BAD_USAGE', message: expect.stringContaining('--escape-cost') } }]);
}, 60_000);
it('refuses with a sentence: no such validation, no such class, more than two classes, no probabilities, one kind of part, a changed package', async () => {
  const dial = (id: string, more = {}) => test.host.call('validation.costDial', { id, ...more });
  await expect(dial('gone')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(dial('v-two', { positive: 'scratch' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('good and defect') });
  await make({ ...sampleReceipt({ samples: 20 }), id: 'v-ten' });
  await expect(dial('v-ten')).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('two classes') });
  await make(receipt(rows.map((row) => ({ ...row, score: 4.2 })), 'v-logits'));
  await expect(dial('v-logits')).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('probability') });
  await make(receipt(rows.filter(({ label }) => label === 'good'), 'v-good'));
  await expect(dial('v-good')).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('one kind') });
  const bytes = readFileSync(zip);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(zip, bytes);
  await expect(dial('v-two')).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
});
