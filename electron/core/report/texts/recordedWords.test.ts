import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feedDisturbances } from '#core/robustness/disturbFeeds';
import { imageDisturbances } from '#core/robustness/disturbImage';
import { breakRule } from '#core/robustness/breakPoint';
import { parseLimits } from '#core/limits/parseLimits';
import { judgeLimits } from '#core/limits/judgeLimits';
import { metricTable } from '#core/limits/metricTable';
import { sampleReceipt } from '#test/golden/report/sampleReceipt';
import { buildReport } from '../buildReport.ts';
import { validationReceiptSchema } from '../receipt.ts';
import type { Metric } from '#shared/contract/validation';
import { deActions, deMetrics } from './deNames.ts';
import { deMachine } from './deMachine.ts';
import { deOptimise } from './deOptimise.ts';
import { deRecorded } from './deRecorded.ts';
import { recordedWords } from './recordedWords.ts';
import { inLanguage, recordedTexts } from './say.ts';

const identity = { reportSha256: 'a'.repeat(64), bomSha256: 'b'.repeat(64), keyId: '0123456789abcdef', signer: 'Anna Keller', role: 'process engineer', signedAt: '2026-11-20T09:05:00.000Z' };
const german = (text: string) => inLanguage('de', recordedWords(text));
/** The sentence as a run would record it, with a number for each value. */
const filled = (key: string) => { let n = 0; return key.replace(/\{\w+\}/g, () => String(++n * 11)); };

test('each language fills in the same values', () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort().join();
  for (const [key, text] of Object.entries({ ...deRecorded, ...deMachine, ...deOptimise })) expect(places(text), key).toBe(places(key));
});

test('a German report of a receipt that holds every sentence a run records has none of them in English', () => {
  const every = recordedTexts.map(filled);
  const sample = sampleReceipt({ samples: 20 });
  const findings = every.map((text) => ({ id: 'A', severity: 'warning', place: 'here', message: text, remedy: text }));
  const receipt = validationReceiptSchema.parse({
    ...sample, transformation: { ...sample.transformation, receipt: { ...sample.transformation?.receipt, findings, nodesKept: every.map((reason) => ({ node: 'a', reason })) } }, data: { ...sample.data, check: { ...sample.data.check, findings } },
    language: 'de', remarks: every,
    selfTests: every.map((text, at) => ({ id: `OQ-${at}`, title: text, expected: text, actual: text, status: 'pass' })),
    robustness: every.map((text) => ({ kind: 'blur', unit: text, metric: 'accuracy', points: [], breakPoint: null, breakRule: text })),
    rates: every.map((text) => ({ name: text, value: 1, note: text })), notPerformed: { explanations: every[0] },
  });
  const strings: string[] = [];
  JSON.stringify(buildReport(receipt, identity).sections, (_, value: unknown) => { if (typeof value === 'string') strings.push(value); return value; });
  const text = strings.join('\n');
  const left = every.filter((sentence) => /[a-z]{3,} [a-z]{2,} /.test(sentence) && german(sentence) !== sentence && text.includes(sentence));
  expect(left).toEqual([]);
});

test('every reason that limits are judged with is known', () => {
  const facts = { task: 'classification' as const, actual: ['a', 'b', 'a'], predicted: ['a', 'a', 'a'], referencePredicted: null, classes: ['a', 'b'], compare: null, bench: null, modelBytes: 5e6, missing: {} };
  const limits = Object.entries(metricTable).map(([metric, { needs = [], only }]) => `  - { id: ${metric}, metric: ${metric}, ${only === 'max' ? 'max: 0.1' : 'min: 0.9'}${needs.includes('positive') ? ', positive: b' : ''}${needs.includes('provider') ? ', provider: cpu' : ''} }`);
  for (const { id, reason } of judgeLimits(parseLimits(`limits:\n${limits.join('\n')}\n`), facts)) expect(german(reason), id).not.toBe(reason);
});

test('every reason that a node stays in float is known', () => {
  const root = new URL('../../quantize/', import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).map((file) => readFileSync(new URL(file, root), 'utf8'));
  const reasons = sources.flatMap((source) => [...source.matchAll(/(?:kept|reason): '([^']+)'|return '(its [^']+)'|(?:LSTM|GRU|RNN|Attention|Einsum): '([^']+ [^']+)'/g)].map(([, kept, returned, listed]) => kept ?? returned ?? listed ?? ''));
  expect(reasons.length).toBeGreaterThan(15);
  expect(reasons.filter((reason) => german(reason) === reason)).toEqual([]);
});

test('what robustness is told with', () => {
  expect(german('Accuracy is 0.97 over 200 samples; the bound at 95 % confidence is 0.936, within the limit ≥ 0.9 (noise of severity 5).')).toContain('≥ 0.9 (Rauschen der Stärke 5)');
  for (const { kind } of [...imageDisturbances, ...feedDisturbances]) expect(german(`≥ 0.9 (${kind} of severity 5)`), kind).not.toContain('severity');
  for (const { unit } of [...imageDisturbances, ...feedDisturbances]) expect(german(unit), unit).not.toBe(unit);
  for (const [metric, deviation] of [['map_50', null], ['hamming_loss', null], ['mae', 2]] as const) for (const limits of [[], [{ id: 'A', metric, min: 0.5, max: 0.5 }]]) { const { text } = breakRule(metric, limits, 0.5, deviation); expect(german(text), text).toMatch(/(unter|über) /); }
});

test('how an interval was drawn, and why there is none', () => {
  expect(german('BCa bootstrap, 200 resamples, jackknife of 100 groups at 256 thresholds')).toBe('BCa-Bootstrap, 200 Ziehungen, Jackknife aus 100 Gruppen an 256 Schwellen');
  expect(german('Mean IoU is 0.9, but a limit is judged on the bound of an interval. One sample has no interval.')).toBe('Mittlere IoU: 0.9; ein Grenzwert wird aber an der Schranke eines Intervalls beurteilt. Eine einzelne Probe hat kein Intervall.');
});

test('values stay as they are, also those that look like sentences of ours', () => {
  expect(german('No class is named "None."; the classes are It was accepted..')).toBe('Keine Klasse heißt „None.“; die Klassen sind It was accepted..');
  expect(german('The self-test OQ-9 (Permissions) failed: Mode 644.')).toBe('Der Selbsttest OQ-9 (Rechte) ist nicht bestanden: Modus 644.');
  expect(inLanguage('en', recordedWords('Mode 600.'))).toBe('Mode 600.');
  expect(german('Mode 600; the key is encrypted, and the key store of the operating system opens it.')).toBe('Modus 600; der Schlüssel ist verschlüsselt, und der Schlüsselspeicher des Betriebssystems öffnet ihn.');
  expect(german('Mode 600; the key is kept in the file, in the clear.')).toBe('Modus 600; der Schlüssel liegt unverschlüsselt in der Datei.');
});

test('in English nothing changes, whatever the text, and no text takes long', () => fc.assert(fc.property(fc.oneof(fc.string(), fc.array(fc.constantFrom('a', ' of ', ', ', '"', '. ', '; ', ' is ', 'limit', '('), { maxLength: 600 }).map((parts) => parts.join(''))), (text) => { expect(inLanguage('en', recordedWords(text))).toBe(text); })));

test('a German report names each metric, audited action and subject of the tool in German, the identifier behind it; English keeps the identifier, people keep their words', () => {
  const metrics = Object.keys(metricTable) as Metric[]; // its keys are the metrics
  const entry = (action: string, subject: string) => ({ seq: 1, at: '2026-11-20T09:00:00.000Z', actor: 'Anna Keller', action, subject, detail: {}, prevHash: '', hash: 'b'.repeat(64) });
  const audit = [...Object.keys(deActions).map((action) => entry(action, 'clock')), entry('store.sealed', 'all records'), entry('validation.run', 'all records')];
  const receipt = validationReceiptSchema.parse({ ...sampleReceipt({ samples: 20 }), audit, limits: metrics.map((metric) => ({ id: 'X', metric, limit: '≤ 1', value: 1, interval: null, verdict: 'PASS', reason: 'recall' })) });
  const cells = (language: 'de' | 'en', section: string, caption: RegExp) => buildReport({ ...receipt, language }, identity).sections.find(({ id }) => id === section)?.blocks.flatMap((block) => (block.kind === 'table' && caption.test(block.caption) ? block.rows : [])) ?? [];
  expect(cells('de', 'summary', /Grenzwerte und Ergebnisse/).map((row) => row[1])).toEqual(metrics.map((metric) => `${deMetrics[metric]} (${metric})`));
  expect(cells('en', 'summary', /Limits and results/).map((row) => row[1])).toEqual(metrics);
  const extract = cells('de', 'annexAudit', /Prüfpfad/);
  expect(extract.slice(0, -2).map((row) => row[3])).toEqual(Object.entries(deActions).map(([action, name]) => `${name} (${action})`));
  expect(extract.slice(-2).map((row) => row[4])).toEqual(['alle Datensätze des Bestands', 'all records']); // the second is the name of a model
  expect(cells('en', 'annexAudit', /Audit trail/).at(-2)?.[4]).toBe('all records');
});

test('kind of task, layout and the roles of users are German in a German report', () => {
  const receipt = validationReceiptSchema.parse({ ...sampleReceipt({ samples: 20 }), language: 'de' });
  const printed = JSON.stringify(buildReport(receipt, { ...identity, role: 'Engineer' }).sections.filter(({ id }) => id !== 'limits'));
  for (const word of ['Klassifikation', 'Bilder', 'Ingenieur']) expect(printed).toContain(`"${word}"`);
  for (const word of ['classification', 'images', 'Engineer']) expect(printed).not.toContain(`"${word}"`);
});
