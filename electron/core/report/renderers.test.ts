import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import * as CycloneDX from '@cyclonedx/cyclonedx-library';
import { parse as parseJunit } from 'junit2json';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileTexts, sampleReceipt } from '#test/golden/report/sampleReceipt';
import { buildReport } from './buildReport.ts';
import { validationReceiptSchema, type ValidationReceiptInput } from './receipt.ts';
import { renderBom, uuidOfHash } from './renderBom.ts';
import { csvCell, renderCsv } from './renderCsv.ts';
import { renderHtml, reportStyle } from './renderHtml.ts';
import { renderJson, reportJsonSchema, reportJsonSchemaDocument } from './renderJson.ts';
import { renderJunit } from './renderJunit.ts';

const identity = { reportSha256: 'a'.repeat(64), bomSha256: 'b'.repeat(64), keyId: '0123456789abcdef', signer: 'Anna Keller', role: 'process engineer', signedAt: '2026-11-20T09:05:00.000Z' };
const styleHash = createHash('sha256').update(reportStyle).digest('base64');
const parse = (receipt: ValidationReceiptInput) => validationReceiptSchema.parse(receipt);
const html = (receipt: ValidationReceiptInput) => renderHtml(buildReport(parse(receipt), identity), styleHash);
const hostile = () => { let turn = 0; return sampleReceipt({ text: (text) => `${hostileTexts[turn++ % hostileTexts.length] ?? ''}${text}` }); };

test('the HTML report is one file without script, remote content or markup from foreign text', () => {
  for (const page of [html(sampleReceipt()), html(hostile())]) {
    const tags = new Set([...page.matchAll(/<\/?([a-zA-Z][a-zA-Z0-9]*)/g)].map((match) => match[1]));
    const allowed = ['html', 'head', 'meta', 'title', 'style', 'body', 'header', 'nav', 'main', 'section', 'footer', 'h1', 'h2', 'h3', 'p', 'ol', 'li', 'a', 'span', 'strong', 'div', 'table', 'caption', 'thead', 'tbody', 'tr', 'th', 'td', 'figure', 'figcaption', 'pre', 'svg', 'rect', 'line', 'polyline', 'image', 'text'];
    expect([...tags].filter((tag) => !allowed.includes(tag ?? ''))).toEqual([]);
    expect(page.match(/<[^>]*\s(on\w+|style|src|srcset|formaction)=/gi)).toBeNull();
    // A picture within a drawing is in the file itself.
    const pictures = [...page.matchAll(/<image [^>]*>/g)].map(([tag]) => tag);
    expect(pictures.every((tag) => / href="data:image\/png;base64,[A-Za-z0-9+/=]+"\/>$/.test(tag))).toBe(true);
    expect([...page.matchAll(/(<image )?[^<>]*?href="([^"]*)"/g)].every(([, picture, target]) => picture !== undefined || target?.startsWith('#s-'))).toBe(true);
  }
});

test('the HTML policy allows the one style by its hash and nothing else', () => {
  const page = html(sampleReceipt());
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:;`);
});

test('report.json fits its published schema, and the schema file is current', () => {
  const receipt = parse(sampleReceipt());
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync('docs/schemas/report.schema.json', 'utf8')) as object);
  for (const each of [receipt, parse({ ...sampleReceipt(), language: 'de', template: 'short' }), parse(hostile())]) {
    const json = JSON.parse(renderJson(buildReport(each, identity), each)) as Record<string, unknown>;
    expect(reportJsonSchema.safeParse(json).success).toBe(true);
    expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...json, verdict: 'FINE' })).toBe(false); // the judge can say no
  }
  const published = JSON.parse(readFileSync('docs/schemas/report.schema.json', 'utf8')) as unknown;
  expect(published).toEqual(reportJsonSchemaDocument()); // written anew by test/golden/report/writeSchema.ts
});

test('a public parser reads the JUnit file: one case per limit, measured against limit in message and body', async () => {
  const junit = await parseJunit(renderJunit(parse(sampleReceipt()), identity.reportSha256));
  if (!junit || !('testsuite' in junit)) throw new Error('no test suites');
  const suite = junit.testsuite?.[0];
  expect({ tests: suite?.tests, failures: suite?.failures, names: suite?.testcase?.map((entry) => entry.name) }).toEqual({ tests: 3, failures: 1, names: ['ACC-1 accuracy', 'PAR-1 flips', 'LAT-1 latency_p99_ms'] });
  const failure = suite?.testcase?.[1]?.failure?.[0];
  expect(failure?.message).toBe('PAR-1: flips is 0.007500, the limit is ≤ 0.01');
  expect(failure?.inner).toContain('flips is 0.007500, the limit is ≤ 0.01');
});

test('JUnit has the seconds of each section and of the whole run; of the whole run alone where sections were not timed', async () => {
  const times = async (receipt: ValidationReceiptInput) => {
    const junit = await parseJunit(renderJunit(parse(receipt), identity.reportSha256));
    const suite = junit && 'testsuite' in junit ? junit.testsuite?.[0] : undefined;
    return [suite?.time, suite?.testcase?.map(({ time }) => time)];
  };
  const run = { ...sampleReceipt(), startedAt: '2026-11-20T09:00:01.000Z', takenAt: '2026-11-20T09:04:31.512Z' };
  const disturbed = { id: 'ROB-1', metric: 'accuracy' as const, limit: '≥ 0.9 (noise of severity 15)', value: 0.95, interval: null, verdict: 'PASS' as const, reason: '' };
  expect(await times({ ...run, limits: [...run.limits, disturbed], sectionSeconds: { accuracy: 12.3456, parity: 3, robustness: 60.25 } })).toEqual([270.512, [12.346, 3, 0, 60.25]]);
  expect(await times(run)).toEqual([270.512, [270.512, 270.512, 270.512]]);
  expect(await times({ ...run, startedAt: null })).toEqual([0, [0, 0, 0]]);
});

test('JUnit stays well-formed and counts what it holds, whatever the texts are; no limits is an error', async () => {
  const withReasons = { ...hostile(), limits: hostileTexts.map((text, index) => ({ id: `L-${index}`, metric: 'accuracy' as const, limit: text, value: null, interval: null, verdict: 'NOT MEASURED' as const, reason: text })) };
  const junit = await parseJunit(renderJunit(parse(withReasons), identity.reportSha256));
  expect(junit && 'testsuite' in junit ? junit.testsuite?.[0]?.testcase?.length : 0).toBe(hostileTexts.length);
  const empty = await parseJunit(renderJunit(parse({ ...sampleReceipt(), limits: [] }), identity.reportSha256));
  expect(empty && 'testsuite' in empty ? empty.testsuite?.[0]?.errors : 0).toBe(1);
});

/** RFC 4180, the reader's side. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, cell, quoted, start]: [string[], string, boolean, boolean] = [[], '', false, true];
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (quoted) { if (char !== '"') cell += char; else if (text[index + 1] === '"') { cell += '"'; index += 1; } else quoted = false; }
    else if (char === '"' && start) { quoted = true; start = false; }
    else if (char === ',') { row.push(cell); cell = ''; start = true; }
    else if (char === '\r' && text[index + 1] === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; start = true; index += 1; }
    else { cell += char; start = false; }
  }
  return rows;
}

test('no CSV cell of any text begins like a formula, and each comes back whole', () => {
  fc.assert(fc.property(fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
    const [cell] = readCsv(`${csvCell(text)}\r\n`)[0] ?? [];
    expect(cell).not.toMatch(/^[\s\u0000]*[=+\-@]/);
    expect(cell?.replace(/^'/, '')).toBe(text.replace(/^'/, ''));
  }), { numRuns: 500 });
});

test('the CSV has a row for each sample, and negative numbers stay numbers', () => {
  const rows = readCsv(renderCsv(parse({ ...sampleReceipt(), samples: [{ sample: 'row 1', label: '-1.5', predicted: '-1.25', score: null }, { sample: '=1+1', label: null, predicted: 'ok', referencePredicted: 'nok' }] })));
  expect(rows.slice(1)).toEqual([['0', 'row 1', '-1.5', '-1.25', 'no', '', '', ''], ['1', '\'=1+1', '', 'ok', '', '', 'nok', 'yes']]);
});

test('the bill of materials fits CycloneDX 1.6 strictly, also with hostile texts', async () => {
  const validator = new CycloneDX.Validation.JsonStrictValidator(CycloneDX.Spec.Version.v1dot6);
  for (const receipt of [sampleReceipt(), hostile()]) expect(await validator.validate(renderBom(parse(receipt), uuidOfHash('0123456789abcdef'.repeat(4))))).toBeNull();
  expect(await validator.validate(renderBom(parse(sampleReceipt()), 'not-a-uuid'))).not.toBeNull(); // the judge can say no
});
