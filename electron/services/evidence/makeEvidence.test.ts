import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBuffer, type ZipFile } from 'yauzl';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { hostileTexts, sampleReceipt } from '#test/golden/report/sampleReceipt';
import { evidenceFileNames } from './manifest.ts';

let bed: EvidenceBed;
beforeEach(() => { bed = openEvidenceBed(); });
afterEach(() => bed.close());

const has = (tool: string) => { try { execFileSync(tool, [tool === 'qpdf' ? '--version' : '-v'], { stdio: 'ignore' }); return true; } catch { return false; } };

function namesByAnotherReader(zip: Buffer): Promise<string[]> {
  return new Promise((resolve, reject) => fromBuffer(zip, { lazyEntries: true, strictFileNames: true }, (error: Error | null, file?: ZipFile) => {
    if (error || !file) return reject(error ?? new Error('no zip'));
    const names: string[] = [];
    file.on('entry', (entry: { fileName: string }) => { names.push(entry.fileName); file.readEntry(); });
    file.on('end', () => resolve(names)).on('error', reject);
    file.readEntry();
  }));
}

test('a package holds all files, opens in another zip reader, and is recorded and audited', async () => {
  const { record, paths } = await bed.make();
  expect(await namesByAnotherReader(readFileSync(paths.zip))).toEqual(['report.pdf', 'report.html', 'report.json', 'junit.xml', 'results.csv', 'performance/01-cpu-batch-1-threads-1-callers-1.hgrm', 'performance/01-cpu-batch-1-threads-1-callers-1-corrected.hgrm', 'performance/soak.hgrm', 'bom.cdx.json', 'receipt.json', 'limits.yaml', 'public-key.pem', 'how-to-verify.txt', 'manifest.sha256', 'manifest.sig']);
  expect(readdirSync(join(bed.dir, 'out')).sort()).toEqual(Object.values(evidenceFileNames).sort());
  expect(record).toMatchObject({ state: 'draft', verdict: 'FAIL', validationId: 'validation-0007', signatures: [{ signer: 'Anna Keller', meaning: 'prepared', signedAt: '2026-11-20T09:05:00.000Z' }] });
  expect(bed.store.audit.list(1).entries[0]).toMatchObject({ action: 'evidence.prepared', actor: 'Anna Keller', subject: record.id });
});

test('the same receipt and time give the same bytes', async () => {
  const first = readFileSync((await bed.make()).paths.zip);
  const second = readFileSync((await bed.make(undefined, { outputDir: join(bed.dir, 'again') })).paths.zip);
  expect(first.equals(second)).toBe(true);
});

test('existing files are not overwritten without force, and then nothing is written', async () => {
  const out = join(bed.dir, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'report.html'), 'mine');
  await expect(bed.make()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(readdirSync(out)).toEqual(['report.html']);
  await bed.make(undefined, { outputDir: out, force: true });
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<!DOCTYPE html>');
});

test('a cancelled or refused run leaves no file behind', async () => {
  const cancel = new AbortController();
  cancel.abort(new Error('stop'));
  await expect(bed.make(undefined, undefined, cancel.signal)).rejects.toThrow('stop');
  expect(existsSync(join(bed.dir, 'out'))).toBe(false);
  if (process.getuid?.() === 0) return; // root writes everywhere
  const locked = join(bed.dir, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  await expect(bed.make(undefined, { outputDir: locked })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(readdirSync(locked)).toEqual([]);
});

test('without an output folder the package goes into the data folder, and making it again replaces it', async () => {
  const { paths } = await bed.make(undefined, {});
  expect(paths.zip.startsWith(join(bed.services.dataDir, 'evidence'))).toBe(true);
  await expect(bed.make(undefined, {})).resolves.toBeDefined();
});

test.runIf(has('pdftotext') && has('qpdf'))('the PDF is sound and says every limit, value, signature, page number and the hash on each page', async () => {
  const receipt = sampleReceipt({ samples: 60 });
  const { paths, record } = await bed.make(receipt);
  execFileSync('qpdf', ['--check', paths.pdf], { stdio: 'pipe' }); // throws on a warning too
  const text = execFileSync('pdftotext', ['-layout', paths.pdf, '-']).toString();
  for (const limit of receipt.limits) for (const part of [limit.id, limit.metric, limit.limit, limit.verdict]) expect(text).toContain(part);
  expect(text).toMatch(/LAT-1\s+latency_p99_ms\s+≤ 25\s+0\.9810/);
  expect(text).toMatch(/prepared\s+Anna Keller\s+process.*2026-11-20T09:05:00Z\s+[0-9a-f]{16}/);
  const pages = text.split('\f').filter((page) => page.trim() !== '');
  pages.forEach((page, index) => {
    expect(page).toContain(`report hash ${record.reportSha256}`);
    expect(page).toContain(`page ${index + 1} of ${pages.length}`);
  });
  expect(text.match(/NOT PERFORMED: /g)?.length).toBeGreaterThan(8);
});

test.runIf(has('pdffonts') && has('pdfinfo'))('the PDF is tagged and embeds its fonts, also with hostile texts', async () => {
  let turn = 0;
  const { paths } = await bed.make(sampleReceipt({ samples: 40, text: (text) => `${hostileTexts[turn++ % hostileTexts.length] ?? ''}${text}` }));
  expect(execFileSync('pdfinfo', [paths.pdf]).toString()).toMatch(/Tagged:\s+yes/);
  const fonts = execFileSync('pdffonts', [paths.pdf]).toString().trim().split('\n').slice(2);
  expect(fonts.length).toBe(3);
  for (const font of fonts) expect(font).toMatch(/yes yes yes/);
});

test.runIf(has('pdftotext') && has('qpdf'))('a German report is German in PDF and HTML, the page furniture too', async () => {
  const { paths } = await bed.make({ ...sampleReceipt({ samples: 40 }), language: 'de', template: 'gmp' });
  execFileSync('qpdf', ['--check', paths.pdf], { stdio: 'pipe' });
  const text = execFileSync('pdftotext', ['-layout', paths.pdf, '-']).toString();
  for (const part of ['VALIDIERUNGSBERICHT', 'Seite 1 von', 'Berichts-Hash', 'NICHT DURCHGEFÜHRT:', 'Grenzwerte und Ergebnisse', 'Freigabe durch die Qualitätseinheit', 'NICHT BESTANDEN']) expect(text).toContain(part);
  expect(text).not.toMatch(/NOT PERFORMED|report hash|page \d+ of/);
  expect(execFileSync('pdfinfo', [paths.pdf]).toString()).toMatch(/Title:.*: NICHT BESTANDEN/);
  const page = readFileSync(paths.html, 'utf8');
  expect(page).toContain('<html lang="de">');
  expect(page).toContain('Inhalt');
});

test('a newer report marks the one that it supersedes', async () => {
  const first = await bed.make();
  await bed.make({ ...sampleReceipt({ samples: 60 }), id: 'validation-0008', revision: 2, supersedes: { id: first.record.id, reportSha256: first.record.reportSha256, reason: 'Larger test set.' } }, { outputDir: join(bed.dir, 'second') });
  const { getEvidence } = await import('./evidenceRecords.ts');
  expect(getEvidence(bed.services, first.record.id).state).toBe('superseded');
});
