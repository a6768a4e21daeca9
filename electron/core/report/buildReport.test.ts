import { expect, test } from 'vitest';
import { hostileTexts, sampleReceipt } from '#test/golden/report/sampleReceipt';
import { feedDisturbances } from '../robustness/disturbFeeds.ts';
import { imageDisturbances } from '../robustness/disturbImage.ts';
import { buildReport } from './buildReport.ts';
import { lineChart } from './charts.ts';
import type { Block } from './model.ts';
import { validationReceiptSchema, type ValidationReceiptInput } from './receipt.ts';
import { sectionTable } from './sections.ts';
import { de } from './texts/de.ts';
import { en } from './texts/en.ts';

const identity = { reportSha256: 'a'.repeat(64), bomSha256: 'b'.repeat(64), keyId: '0123456789abcdef', signer: 'Anna Keller', role: 'process engineer', signedAt: '2026-11-20T09:05:00.000Z' };
const build = (receipt: ValidationReceiptInput) => buildReport(validationReceiptSchema.parse(receipt), identity);
const textOf = (block: Block): string => JSON.stringify(block);
const sectionText = (receipt: ValidationReceiptInput, id: string) => { const section = build(receipt).sections.find((candidate) => candidate.id === id); return section?.performed ? section.blocks.map(textOf).join('\n') : `NOT PERFORMED: ${section?.reason ?? ''}`; };

/** Only what must be there: everything else was not done. */
function bareReceipt(): ValidationReceiptInput {
  const { id, title, takenAt, productVersion, author, model, data } = sampleReceipt();
  return { id, title, takenAt, productVersion, author, model, data, verdict: 'INCOMPLETE', exploratory: true, attempt: 1, limits: [] };
}

test('each section of the template is there, in order, with content or with a reason', () => {
  for (const receipt of [sampleReceipt(), bareReceipt()]) {
    const { sections } = build(receipt);
    expect(sections.map(({ id, number }) => ({ id, number }))).toEqual(sectionTable.map(({ id, number }) => ({ id, number })));
    for (const section of sections) expect(section.performed ? section.blocks.length : (section.reason ?? '').length, section.title).toBeGreaterThan(0);
  }
});

test('what was not done says so with its reason, and the caller may say why', () => {
  expect(sectionText(sampleReceipt(), 'robustness')).toMatch(/^NOT PERFORMED: No disturbed inputs/);
  expect(sectionText({ ...sampleReceipt(), notPerformed: { robustness: 'The line was stopped at noon.' } }, 'robustness')).toBe('NOT PERFORMED: The line was stopped at noon.');
  expect(sectionText(bareReceipt(), 'performance')).toBe('NOT PERFORMED: No benchmark was run.');
});

test('the summary holds every limit with its result, interval and verdict', () => {
  const summary = build(sampleReceipt()).sections.find((section) => section.id === 'summary');
  const limits = summary?.blocks.find((block) => block.kind === 'table' && block.caption === 'Limits and results');
  expect(limits?.kind === 'table' ? limits.rows[1] : null).toEqual(['PAR-1', 'flips', '≤ 0.01', '0.007500', '0 to 0.01650 (95 %, Wilson, n = 400)', { text: '✗ FAIL', tone: 'fail' }]);
});

test('percentiles from the histogram stand as a curve and a table, as measured and with waiting parts', () => {
  const section = build(sampleReceipt()).sections.find(({ id }) => id === 'performance');
  const table = section?.blocks.find((block) => block.kind === 'table' && block.caption === 'Percentiles from the histogram, in ms');
  expect(table?.kind === 'table' ? table.rows.map(([name, n]) => [name, n]) : null).toEqual([['as measured', '6000'], ['with waiting parts', expect.stringMatching(/^60\d\d$/)]]);
  const intervals = section?.blocks.find((block) => block.kind === 'table' && block.caption === 'Intervals of the percentiles as measured, in ms');
  const rows = intervals?.kind === 'table' ? intervals.rows.map((cells) => cells.map(String)) : [];
  expect(rows.map(([name]) => name)).toEqual(['p50', 'p90', 'p95', 'p99', 'p99.9']);
  for (const [, value, from, to] of rows.slice(0, 4)) expect([Number(from) <= Number(value), Number(value) <= Number(to)]).toEqual([true, true]);
  expect(sectionText(sampleReceipt(), 'performance')).toContain('"99.9"'); // on the axis of the drawing
  const { bench } = sampleReceipt();
  expect(sectionText({ ...sampleReceipt(), soak: null, bench: bench ? { ...bench, points: bench.points.map(({ histograms: _none, ...point }) => point) } : null }, 'performance')).not.toContain('HDR histogram');
});

test('the units of every disturbance are printed whole, in both languages', () => {
  const curves = [...imageDisturbances, ...feedDisturbances].map(({ kind, unit }) => ({ kind, unit, metric: 'accuracy' as const, points: [{ severity: 1, value: 0.9, samples: 100, interval: null }], breakPoint: null, breakRule: '' }));
  for (const language of ['en', 'de'] as const) expect(sectionText({ ...sampleReceipt(), language, robustness: curves }, 'robustness')).not.toContain('(cut: ');
});

test('the takt is judged at p99.9, and the longest run is told beside it in the same sentence', () => {
  const sample = sampleReceipt();
  const missed = { ...sample, bench: sample.bench ? { ...sample.bench, taktVerdict: { verdict: 'FAIL' as const, taktMs: 40, cameraMs: 8, plcMs: 4, p999Ms: 20, maxMs: 31.5, driftMsPerMin: null } } : null };
  expect(sectionText(missed, 'performance')).toMatch(/Takt 40[\d.]* ms: kept at p99\.9: 32[\d.]* ms .*the longest run took 43\.5\d* ms/);
  expect(sectionText(missed, 'performance')).toContain('✓ PASS');
  const late = { ...missed, bench: missed.bench ? { ...missed.bench, taktVerdict: { ...missed.bench.taktVerdict, p999Ms: 29 } } : null };
  expect(sectionText(late, 'performance')).toMatch(/Takt 40[\d.]* ms: not kept at p99\.9: 41/);
});

test('every attempt and every flip is listed', () => {
  const receipt = sampleReceipt({ samples: 1000, flips: 40 });
  expect(sectionText(receipt, 'limits')).toContain('validation-0006');
  const flips = build(receipt).sections.find((section) => section.id === 'parity')?.blocks.find((block) => block.kind === 'table' && block.caption === 'Every flipped sample');
  expect(flips?.kind === 'table' ? flips.rows.length : 0).toBe(receipt.compare?.flips.length);
});

test('a run that failed, is exploratory or incomplete is never called fit', () => {
  const passed: ValidationReceiptInput = { ...sampleReceipt(), verdict: 'PASS', limits: sampleReceipt().limits.map((limit) => ({ ...limit, verdict: 'PASS' as const })) };
  expect(sectionText(passed, 'conclusion')).toContain('FIT within the stated limits');
  expect(sectionText({ ...passed, exploratory: true }, 'conclusion')).toContain('NOT FIT: the run is exploratory');
  expect(sectionText({ ...passed, verdict: 'INCOMPLETE' }, 'conclusion')).toContain('NOT FIT: limits were not measured');
  expect(sectionText(sampleReceipt(), 'conclusion')).toContain('NOT FIT: a limit failed (PAR-1)');
});

test('limits locked after the run began are not called locked before it', () => {
  const receipt = sampleReceipt();
  const late = { ...receipt, lockedLimits: receipt.lockedLimits ? { ...receipt.lockedLimits, lockedAt: '2026-11-20T09:02:00.000Z' } : null };
  expect(sectionText(late, 'summary')).toContain('limits that were not locked before the run');
  expect(sectionText(late, 'limits')).toContain('✗ FAIL');
});

test('limits that were not locked are shown with their reasons, in § 5 and as requirements', () => {
  const { lockedLimits, ...receipt } = sampleReceipt();
  const [limit] = receipt.limits;
  const given = { ...receipt, lockedLimits: null, givenLimits: [{ id: limit?.id ?? '', metric: limit?.metric ?? 'accuracy', min: 0.9, reason: 'URS-99: why it is asked for' }] };
  expect(lockedLimits).toBeTruthy();
  for (const section of ['limits', 'traceability']) expect(sectionText(given, section)).toContain('URS-99: why it is asked for');
  expect(sectionText(given, 'limits')).toContain('not locked before the run');
});

test('the curves of one chart differ without colour', () => {
  const curve = (name: string) => ({ name, points: [[0, 0], [1, 1]] as const });
  const { shapes } = lineChart(['a', 'b', 'c', 'd'].map(curve), 'x', 'y');
  const drawn = shapes.flatMap((shape) => (shape.kind === 'polyline' ? [JSON.stringify(shape.dash ?? [])] : []));
  expect(new Set(drawn).size).toBe(4);
});

test('no text of models, data or people reaches a block raw or endless', () => {
  let turn = 0;
  const report = build(sampleReceipt({ text: (text) => `${hostileTexts[turn++ % hostileTexts.length] ?? ''}${text}` }));
  const all = JSON.stringify(report);
  expect(all).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000-\u0008]/);
  expect(all).not.toContain('x'.repeat(2_001));
});

test('the report claims support, not certification', () => expect(JSON.stringify(build(sampleReceipt()))).not.toMatch(/certif|compliant|compliance/i));

/** Every string of a value. */
const stringsOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : []);

test('a German report holds no text of the English file, and the same sections, rows and figures', () => {
  for (const receipt of [sampleReceipt(), bareReceipt()]) {
    const [english, german] = [build(receipt), build({ ...receipt, language: 'de' })];
    expect(german.sections.map(({ id, performed, blocks }) => [id, performed, blocks.length])).toEqual(english.sections.map(({ id, performed, blocks }) => [id, performed, blocks.length]));
    const texts: Readonly<Record<string, string>> = en;
    const others: Readonly<Record<string, string>> = de;
    // A class, a unit or a setting of the sample may be spelled like one of our words; sentences and titles may not.
    const left = stringsOf(german.sections.map(({ title, reason, blocks }) => ({ title, reason, blocks }))).filter((text) => /[A-Za-z]{3,} [a-z]{2,}/.test(text) && Object.hasOwn(texts, text) && others[text] !== text);
    expect(left).toEqual([]);
    expect(JSON.stringify(german)).not.toMatch(/[\ue000\ue001]/);
    expect(JSON.stringify(english)).not.toMatch(/[\ue000\ue001]/);
  }
});

test('the summary of a German report is a German sentence with the same figures', () => {
  const summary = build({ ...sampleReceipt(), language: 'de' }).sections.find(({ id }) => id === 'summary');
  expect(summary?.title).toBe('Zusammenfassung');
  expect(summary?.blocks[0]).toMatchObject({ text: expect.stringMatching(/^Das Modell .* wurde beurteilt gegen Grenzwerte, gesperrt am 2026-11-19T15:30:00Z, vor dem Lauf, an 400 Proben des versiegelten Satzes .*Von 3 Grenzwerten sind 1 eingehalten, 1 verletzt|^Das Modell .*Von 3 Grenzwerten/) });
});

test('a short report names what it leaves out, and GMP adds the release and what rules ask for', () => {
  const short = build({ ...sampleReceipt(), template: 'short' });
  expect(short.sections.map(({ number }) => number)).toEqual(['0', '0.1', '0.2', '1', '5', '7', '9', '12', '13', '15', '19', '21', 'E']);
  expect(JSON.stringify(short.sections.find(({ id }) => id === 'summary'))).toContain('10 Installation qualification (IQ), 11 Operational qualification (OQ)');
  const gmp = build({ ...sampleReceipt(), template: 'gmp' });
  expect(gmp.sections).toHaveLength(sectionTable.length);
  expect(JSON.stringify(gmp)).toContain('Release by the quality unit (ink)');
  expect(JSON.stringify(gmp)).toContain('Acceptance limits fixed before the test');
  expect(JSON.stringify(gmp)).not.toMatch(/certif|compliant|compliance/i);
});

test('the audit extract lists the jumps of the clock that touch the run, and no others', () => {
  const receipt = sampleReceipt();
  const [startedAt, takenAt] = ['2026-11-20T09:00:00.000Z', '2026-11-20T09:04:00.000Z'];
  const jump = (seq: number, from: string, to: string) => ({ seq, at: to, actor: 'Millwright', action: 'clock.jump', subject: 'clock', detail: { from, to, byMs: Date.parse(to) - Date.parse(from), seen: 'uptime' as const, suspendedMs: 0 }, prevHash: '', hash: 'b'.repeat(64) });
  const before = jump(1, '2026-11-20T07:00:00.000Z', '2026-11-20T07:00:40.000Z');
  const outOfIt = jump(2, '2026-11-20T09:02:00.000Z', '2026-11-20T08:02:00.000Z');
  const told = (audit: ReturnType<typeof jump>[]) => sectionText({ ...receipt, startedAt, takenAt, audit }, 'annexAudit');
  expect(told([outOfIt, before])).toContain('-3600');
  expect(told([outOfIt, before])).not.toContain('"40"');
  expect(told([before])).toContain('knows of no jump of the clock');
});

test('the audit annex prints old and new value of what was changed, and why; other entries add no row', () => {
  const entry = (seq: number, action: string, detail: unknown) => ({ seq, at: '2026-11-20T08:00:00.000Z', actor: 'A. Keller', action, subject: 'Line 3', detail, prevHash: '0'.repeat(64), hash: '1'.repeat(64) });
  const audit = [entry(7, 'station.changed', { stationId: 's', old: { taktMs: 40, line: null }, new: { taktMs: 60, line: 'A' }, reason: 'New feeder.' }), entry(6, 'model.removed', { reason: 'Replaced.' }), entry(5, 'dataset.add', { samples: 3 }), entry(4, 'dataset.open', { reason: 'Validation of lids' })];
  const found = build({ ...sampleReceipt(), audit }).sections.find(({ id }) => id === 'annexAudit')?.blocks.find((block) => block.kind === 'table' && block.caption === 'What was changed, of that extract');
  expect(found?.kind === 'table' ? found.rows : null).toEqual([['7', 'station.changed', 'taktMs', '40', '60', 'New feeder.'], ['7', 'station.changed', 'line', 'none', 'A', ''], ['6', 'model.removed', '', '', '', 'Replaced.']]);
  expect(build({ ...sampleReceipt(), audit: [entry(5, 'dataset.add', { samples: 3 })] }).sections.find(({ id }) => id === 'annexAudit')?.blocks.map(textOf).join()).not.toContain('What was changed');
});

test('the section on security tells each container, the hash of both bills of materials and what left the machine; what is not there is said by itself', () => {
  const sample = sampleReceipt();
  const { security } = validationReceiptSchema.parse(sample);
  if (security === null) throw new Error('the sample has facts on security');
  const whole = sectionText(sample, 'security');
  for (const part of ['b'.repeat(64), '8'.repeat(64), '"Capabilities","value":"none"', '"New privileges","value":"barred"', '"Root file system","value":"read only"', 'internal: no way out', 'in a file of the data folder', 'evidence.exported', 'none was seen in 136 looks']) expect(whole).toContain(part);
  const [container] = security.containers;
  const loose = container ? { ...container, user: '', privileged: true, readOnlyRoot: false, noNewPrivileges: false, memoryBytes: null, pids: null, listening: null } : container;
  const told = sectionText({ ...sample, security: { ...security, containers: loose ? [loose] : [] } }, 'security');
  for (const part of ['root: an administrator within the container', 'all: the container is privileged', 'not barred', 'writable', 'memory without limit', 'could not be seen']) expect(told).toContain(part);
  expect(whole).not.toContain('Address of the station');
  const address = 'https://192.168.10.4:8100';
  const guarded = sectionText({ ...sample, security: { ...security, access: { address, clients: ['Camera PC', 'MES'], certificate: { subject: 'line3.example', validTo: '2027-11-02T12:00:00.000Z', clientCertificates: true } } } }, 'security');
  for (const part of [address, '"Clients that have a key","value":"Camera PC, MES"', 'TLS, with a certificate for line3.example until 2027-11-02', '"Clients show a certificate","value":"yes"']) expect(guarded).toContain(part);
  const open = sectionText({ ...sample, security: { ...security, access: { address, clients: null, certificate: null } } }, 'security');
  for (const part of ['"Encryption","value":"none"', 'whoever reaches the address may ask']) expect(open).toContain(part);
  const bare = sectionText({ ...sample, security: { ...security, listeners: null, containers: [], containersMissing: 'The run was for no station.', imageBom: null, imageBomMissing: 'The image of the container brings none.', egress: null, exports: [] } }, 'security');
  expect([...bare.matchAll(/"kind":"notPerformed","what":"([^"]*)"/g)].map(([, what]) => what)).toEqual(['Accounts', 'Ports of this machine', 'Containers of the station', 'SBOM of the serving image', 'Connections beyond this machine']);
  expect(sectionText(bareReceipt(), 'security')).toContain('They were not looked at in this run.');
});

test('a key that was changed after the run is not said to lie where the old one lay', () => {
  const sample = sampleReceipt();
  const { security } = validationReceiptSchema.parse(sample);
  expect(sectionText({ ...sample, security: security && { ...security, key: { keyId: 'f'.repeat(16), keptIn: 'os-store' } } }, 'security')).toContain('the key was changed after the run');
});

test('explanations show the map beside the picture with its scale and a cross where the decision changes, and the importance with its spread', () => {
  const section = build(sampleReceipt()).sections.find(({ id }) => id === 'explanations');
  const drawings = section?.blocks.flatMap((block) => (block.kind === 'drawing' ? [block.drawing] : [])) ?? [];
  expect(drawings).toHaveLength(2);
  expect(drawings[0]?.shapes.filter(({ kind }) => kind === 'image')).toHaveLength(1);
  const fills = drawings[0]?.shapes.flatMap((shape) => (shape.kind === 'rect' ? [shape.fill] : [])) ?? [];
  expect(fills.slice(0, 4)).toEqual(['#3c3c3c', '#f5f5f5', '#ffffff', '#ffffff']); // darker for more; what covering improves is white
  expect(JSON.stringify(drawings[0])).toContain('0.400'); // the scale ends at the greatest loss
  expect(drawings[0]?.shapes.filter((shape) => shape.kind === 'line' && shape.width === 1.1)).toHaveLength(2);
  expect(sectionText(sampleReceipt(), 'explanations')).toContain('1, 1 of 2, 2');
  expect(sectionText({ ...sampleReceipt(), explained: null }, 'explanations')).toBe('NOT PERFORMED: No explanations were made.');
});
