#!/usr/bin/env node
// Half load for as long as told: what the memory of the serving process does meanwhile, and whether every answer is the right one. Linux; wants python3 for the models.
// usage: node bench/serving/soak.mjs [--minutes N] [-o FILE.json]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { python } from './benchPython.mjs';
import { startAsInImage } from './startAsInImage.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, output: { type: 'string', short: 'o' } } });
const minutes = Number(values.minutes), port = 28090, inFlightMax = 64, sampleMs = 2000, calibrateMs = 10_000;
const folder = mkdtempSync(join(tmpdir(), 'millwright-soak-'));
execFileSync(python(), [join(here, 'make_models.py'), folder]);
const server = startAsInImage(folder, port, 28091);
const ended = new Promise((done) => { server.once('exit', (code) => done(code)); });

const image = new Float32Array(3 * 224 * 224).map((_, index) => (index % 997) / 997);
const input = (shape, more) => ({ name: 'x', shape, datatype: 'FP32', ...more });
const head = Buffer.from(JSON.stringify({ inputs: [input([1, 3, 224, 224], { parameters: { binary_data_size: image.byteLength } })] }));
const json = (shape, data) => Buffer.from(JSON.stringify({ inputs: [input(shape, { data: [...data] })] }));
/** What is asked in turn: mostly small requests, with image bodies in both forms between them. */
const small = { model: 'mlp', body: json([1, 64], image.subarray(0, 64)), headers: {} };
const kinds = [small, small, small, { model: 'cnn', body: Buffer.concat([head, Buffer.from(image.buffer)]), headers: { 'Inference-Header-Content-Length': head.length } }, small, small, small, { model: 'cnn', body: json([1, 3, 224, 224], image), headers: {} }];

const agent = new Agent({ keepAlive: true, maxSockets: inFlightMax });
const ask = ({ model, body, headers }) => new Promise((done, fail) => {
  const one = request({ agent, port, host: '127.0.0.1', method: 'POST', path: `/v2/models/${model}/infer`, headers: { ...headers, 'Content-Length': body.length } }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part)).on('error', fail).on('end', () => done({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
  });
  one.on('error', fail).end(body);
});
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const rssMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

const expected = new Map();
const tally = { asked: 0, failed: 0, wrong: 0, held: 0 };
const latenciesMs = [];
async function askOne() {
  const kind = kinds[tally.asked++ % kinds.length];
  const start = performance.now();
  try {
    const { status, text } = await ask(kind);
    if (status !== 200) tally.failed++;
    else if (!expected.has(kind)) expected.set(kind, text);
    else if (expected.get(kind) !== text) tally.wrong++;
  } catch { tally.failed++; }
  latenciesMs.push(performance.now() - start);
}

/** Megabytes an hour, by least squares. */
function slopeOf(samples) {
  const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
  const at = mean(samples.map(({ hours }) => hours)), level = mean(samples.map(({ mb }) => mb));
  return samples.reduce((sum, { hours, mb }) => sum + (hours - at) * (mb - level), 0) / samples.reduce((sum, { hours }) => sum + (hours - at) ** 2, 0);
}
const quantile = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];
const round = (value) => Math.round(value * 10) / 10;

try {
  for (;;) { try { if ((await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).ok) break; } catch { /* not yet */ } await pause(100); }
  const idleMb = rssMb();
  const calibrateUntil = performance.now() + calibrateMs;
  await Promise.all(Array.from({ length: 8 }, async () => { while (performance.now() < calibrateUntil) await askOne(); }));
  const perSecond = tally.asked / (calibrateMs / 1000) / 2;
  console.error(`Half load is ${perSecond.toFixed(0)} requests a second.`);
  const before = { ...tally };
  latenciesMs.length = 0;
  const samples = [];
  const start = performance.now();
  let sent = 0, inFlight = 0, nextSample = 0;
  for (let passed = 0; passed < minutes * 60_000; passed = performance.now() - start) {
    if (passed >= nextSample) {
      samples.push({ hours: passed / 3_600_000, mb: rssMb() });
      nextSample += sampleMs;
    }
    for (; sent < (passed / 1000) * perSecond; sent++) {
      if (inFlight >= inFlightMax) { tally.held++; continue; } // the machine is busy with other things
      inFlight++;
      void askOne().then(() => { inFlight--; });
    }
    await pause(5);
  }
  while (inFlight > 0) await pause(20);
  const half = samples.slice(Math.floor(samples.length / 2));
  const memory = { idleMb: round(idleMb), firstMb: round(samples[0].mb), lastMb: round(samples.at(-1).mb), maxMb: round(Math.max(...samples.map(({ mb }) => mb))), medianOfQuartersMb: [0, 1, 2, 3].map((quarter) => round(quantile(samples.slice(Math.floor(quarter * samples.length / 4), Math.floor((quarter + 1) * samples.length / 4)).map(({ mb }) => mb), 0.5))), slopeMbPerHour: round(slopeOf(samples)), slopeOfSecondHalfMbPerHour: round(slopeOf(half)) };
  server.kill('SIGTERM');
  const result = {
    machine: { cpu: cpus()[0]?.model.trim(), cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), system: process.platform, node: process.version }, date: new Date().toISOString().slice(0, 10),
    minutes, perSecond: round(perSecond), requests: tally.asked - before.asked, failed: tally.failed, wrong: tally.wrong, notSentBecauseBusy: tally.held, p50Ms: round(quantile(latenciesMs, 0.5)), p99Ms: round(quantile(latenciesMs, 0.99)), memory, exitCode: await ended, loadAverage: loadavg().map(round),
    note: `${minutes} minutes, and the client ran on the same machine. A slope from so short a run tells less than one of an hour: compare the medians of its quarters.`,
  };
  console.log(JSON.stringify(result, null, 1));
  if (values.output) writeFileSync(values.output, `${JSON.stringify(result, null, 1)}\n`);
  if (tally.failed + tally.wrong > 0 || result.exitCode !== 0) process.exitCode = 1;
} finally {
  server.kill('SIGKILL');
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}
