#!/usr/bin/env node
// Evidence at scale: a validation of many images with many changed decisions: its memory, the time and size of the report, how fast a browser opens it,
// and whether a run that is stopped and resumed at random samples ends with the same results. Linux; wants dist/ and Chromium.
// usage: node bench/evidence/run.mjs [--samples 10000] [--noise 8] [--stops 5] [-o bench/results/evidence.json]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { describeEvidence } from './describeEvidence.mjs';
import { makeDigits, seeded } from './makeDigits.mjs';
import { watchMemory } from './watchMemory.mjs';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '10000' }, noise: { type: 'string', default: '8' }, stops: { type: 'string', default: '5' }, output: { type: 'string', short: 'o' } } });
const [samples, noise, stops, seed] = [Number(values.samples), Number(values.noise), Number(values.stops), 20260101];
const limits = { memoryBytes: 600e6, reportMs: 20_000, htmlBytes: 20e6, openMs: 2000, flips: Math.round(samples / 20) };
const folder = mkdtempSync(join(tmpdir(), 'millwright-evidence-bench-'));
const model = 'resources/sample/lot-code-reader.onnx';

/** @param {string[]} args @param {(child: import('node:child_process').ChildProcess, err: string) => void} [onProgress] */
function millwright(args, onProgress = () => undefined) {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/cli.cjs', ...args, '--data-dir', join(folder, 'data')], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } });
  const memory = watchMemory(child.pid);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => { out += chunk; });
  child.stderr.on('data', (chunk) => { err += chunk; onProgress(child, err); });
  return new Promise((done) => { child.once('close', (code) => done({ code, out, err, durationMs: performance.now() - started, ...memory.stop() })); });
}
const say = (text) => process.stderr.write(`${text}\n`);
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const must = (result, codes, what) => { if (!codes.includes(result.code)) throw new Error(`${what} ended with ${result.code}: ${result.err.slice(-800)} ${result.out.slice(-300)}`); return result; };

/** The report out of the run's receipt, as the run makes it. */
async function timeReport(receipt) {
  const program = join('.build', 'bench', 'makeReport.mjs');
  await build({ stdin: { contents: `
    import { readFileSync } from 'node:fs';
    import { renderEvidence } from '#services/evidence/evidenceFiles';
    import { packageFiles } from '#services/evidence/makeEvidence';
    import { validationReceiptSchema } from '#core/report/receipt';
    const receipt = validationReceiptSchema.parse(JSON.parse(readFileSync(process.argv[2], 'utf8')));
    const parts = {}; let last = null; let at = performance.now(); const start = at;
    const step = (name) => { const now = performance.now(); if (last !== null) parts[last] = Math.round(now - at); at = now; last = name; };
    const { files } = await renderEvidence(receipt, [], { keyId: '0'.repeat(16), signer: receipt.author.name, role: receipt.author.role, signedAt: receipt.takenAt }, '', 'resources', step);
    step('zip');
    const zip = packageFiles(files, () => new Uint8Array(64));
    step('end');
    process.stdout.write(JSON.stringify({ durationMs: Math.round(performance.now() - start), parts, zipBytes: zip.length, peakRssBytes: process.resourceUsage().maxRSS * 1024 }));
  `, resolveDir: process.cwd(), loader: 'ts' }, bundle: true, platform: 'node', format: 'esm', packages: 'external', outfile: program, logLevel: 'error' });
  const child = spawn(process.execPath, [program, receipt], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk) => { out += chunk; });
  await new Promise((done) => { child.once('close', done); });
  return JSON.parse(out);
}

async function timeOpening(html) {
  const executablePath = (process.env.PATH ?? '').split(delimiter).flatMap((entry) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(entry, name))).find((path) => existsSync(path));
  if (!executablePath) return null;
  const browser = await chromium.launch({ executablePath, args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] });
  try {
    const tries = [];
    for (let at = 0; at < 3; at++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const start = performance.now();
      await page.goto(pathToFileURL(html).href, { waitUntil: 'load' });
      await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); })); // laid out and drawn
      tries.push(Math.round(performance.now() - start));
      await page.close();
    }
    return { triesMs: tries, worstMs: Math.max(...tries), browser: browser.version() };
  } finally {
    await browser.close();
  }
}

try {
  say(`Drawing ${samples} digits`);
  await makeDigits(join(folder, 'test'), samples, { seed, noise });
  mkdirSync(join(folder, 'models'));
  const small = join(folder, 'models', 'small.onnx');
  must(await millwright(['quantize', model, '-o', small, '--recipe', 'static-int8', '--per-tensor', '--method', 'entropy', '--calibration', 'resources/sample/calibration', '--samples', '8']), [0], 'quantize');
  must(await millwright(['data', 'seal', join(folder, 'test')]), [0], 'seal');
  must(await millwright(['limits', 'lock', 'resources/sample/limits.yaml']), [0], 'lock');
  const validate = (out) => ['validate', small, '--reference', model, '--data', join(folder, 'test'), '--limits', 'resources/sample/limits.yaml', '-o', join(folder, out), '--json'];

  say('Validating in one go');
  const whole = must(await millwright(validate('whole')), [0, 1], 'validate');
  const output = JSON.parse(whole.out);
  say(`${Math.round(whole.durationMs / 1000)} s, ${output.compare.flips.length} flips, ${Math.round(whole.groupBytes / 1e6)} MB`);

  say(`Validating with ${stops} stops`);
  const random = seeded(seed + 1);
  const halts = [];
  let stopped = await millwright(validate('stopped'), stopper());
  let [groupBytes, job] = [stopped.groupBytes, null];
  while (stopped.code === 130) {
    job ??= JSON.parse((await millwright(['jobs', 'list', '--limit', '1', '--json'])).out)[0].id;
    const { progress } = JSON.parse((await millwright(['jobs', 'show', job, '--json'])).out);
    halts.push(`${progress.stage} ${progress.done} of ${progress.total}`);
    stopped = await millwright(['jobs', 'resume', job, '--json'], halts.length < stops ? stopper() : undefined);
    groupBytes = Math.max(groupBytes, stopped.groupBytes);
  }
  must(stopped, [0, 1], 'resume');
  function stopper() {
    let asked = false;
    const afterMs = 1500 + random() * Math.max(1000, whole.durationMs * 0.25);
    const start = performance.now();
    return (child) => { if (!asked && performance.now() - start > afterMs) { asked = true; child.kill('SIGINT'); } };
  }
  const resumed = { stops: halts, sameResults: sha256(join(folder, 'whole', 'results.csv')) === sha256(join(folder, 'stopped', 'results.csv')), groupBytes };
  say(`stopped at ${halts.join('; ')}: results ${resumed.sameResults ? 'the same' : 'DIFFER'}`);

  const unzip = spawn('unzip', ['-q', '-o', join(folder, 'whole', 'evidence.zip'), 'receipt.json', '-d', join(folder, 'unpacked')], { stdio: 'inherit' });
  await new Promise((done) => { unzip.once('close', done); });
  const report = await timeReport(join(folder, 'unpacked', 'receipt.json'));
  const htmlBytes = statSync(join(folder, 'whole', 'report.html')).size;
  const opening = await timeOpening(join(folder, 'whole', 'report.html'));
  const checks = {
    memory: Math.max(whole.groupBytes, whole.largestBytes, groupBytes) < limits.memoryBytes, resumed: resumed.sameResults && halts.length > 0, flips: output.compare.flips.length >= limits.flips,
    report: report.durationMs < limits.reportMs, html: htmlBytes < limits.htmlBytes, opening: opening !== null && opening.worstMs < limits.openMs,
  };
  const result = {
    samples, flips: output.compare.flips.length, noise, seed, passed: Object.values(checks).every(Boolean), checks, limits,
    validation: { durationMs: Math.round(whole.durationMs), groupBytes: whole.groupBytes, largestBytes: whole.largestBytes }, resumed,
    report: { ...report, htmlBytes, pdfBytes: statSync(join(folder, 'whole', 'report.pdf')).size, jsonBytes: statSync(join(folder, 'whole', 'report.json')).size }, opening,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', threads: cpus().length, memoryBytes: totalmem(), system: `${type()} ${release()} ${arch()}`, node: process.version, load: loadavg().map((value) => Math.round(value * 10) / 10) },
  };
  if (values.output) {
    writeFileSync(values.output, `${JSON.stringify(result, null, 2)}\n`);
    writeFileSync(values.output.replace(/\.json$/, '.md'), describeEvidence(result));
  }
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  process.exitCode = result.passed ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
