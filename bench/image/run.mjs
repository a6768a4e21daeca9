#!/usr/bin/env node
// Measures the serving image on the Docker engine at hand: its size, how long it takes to write and to load, a deployment to its first answer, and what it uses while idle.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { setUpOrExit } from '../../scripts/setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const runs = Number(process.argv[2] ?? 5);
const port = 8190;
const model = join(root, 'resources/sample/lot-code-reader.onnx');
await setUpOrExit();
const work = mkdtempSync(join(tmpdir(), 'millwright-bench-image-'));

/** @param {...string} args @returns {Promise<any>} */
const millwright = (...args) => new Promise((resolve, reject) => {
  execFile(process.execPath, [join(root, 'scripts/millwright.mjs'), ...args, '--json', '--data-dir', join(work, 'data')], { env: { ...process.env, MILLWRIGHT_AS_BUILT: '1' }, maxBuffer: 1 << 24 }, (error, stdout) => {
    const answer = stdout === '' ? null : JSON.parse(stdout);
    if (error) reject(new Error(`millwright ${args.join(' ')}: ${answer?.error?.message ?? error.message}`)); else resolve(answer);
  });
});
const docker = (...args) => new Promise((resolve, reject) => { execFile('docker', args, (error, stdout) => (error ? reject(error) : resolve(stdout.trim()))); });
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function infer() {
  const body = JSON.stringify({ inputs: [{ name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: Array(784).fill(0.5) }] });
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/v2/models/lot-code-reader/infer', method: 'POST', agent: false, timeout: 1000, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => { response.resume(); response.on('end', () => resolve(response.statusCode === 200)); });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.end(body);
  });
}

const spread = (values) => {
  const sorted = values.toSorted ? values.toSorted((a, b) => a - b) : [...values].sort((a, b) => a - b);
  return { runs: values.length, median: Math.round(sorted[Math.floor(sorted.length / 2)]), min: Math.round(sorted[0]), max: Math.round(sorted.at(-1)) };
};

/** Resident memory of the container's processes, from the engine's own count without the page cache. */
async function idleBytes(id) {
  await pause(5000);
  const last = (await millwright('station', 'stats', id)).containers;
  return Object.fromEntries(last.map(({ version, memoryBytes }) => [version === null ? 'gateway' : 'model', memoryBytes]));
}

const stationName = 'Bench';
const remove = () => millwright('station', 'remove', stationName).catch(() => undefined);
try {
  const tar = join(work, 'serving.tar');
  const builds = [];
  let image;
  for (let run = 0; run < runs; run++) { image = await millwright('image', 'build', '-o', tar, '--force'); builds.push(image.durationMs); }
  await docker('image', 'rm', '-f', image.imageId).catch(() => '');
  const loads = [];
  for (let run = 0; run < Math.min(runs, 3); run++) {
    loads.push((await millwright('image', 'load', tar)).durationMs);
    if (run < Math.min(runs, 3) - 1) await docker('image', 'rm', '-f', image.imageId);
  }
  const skipped = (await millwright('image', 'load', tar)).durationMs;
  await millwright('model', 'import', model);
  const firstAnswers = [];
  const commands = [];
  let idle = null;
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now();
    await millwright('deploy', model, '--station', stationName, '--port', String(port));
    commands.push(performance.now() - startedMs);
    // Asked once, when the command says that it serves: a client that asks all the time would take the processors from what it waits for.
    if (!(await infer())) throw new Error('The station that was deployed does not answer.');
    firstAnswers.push(performance.now() - startedMs);
    if (run === runs - 1) idle = await idleBytes(stationName);
    await remove();
  }
  const result = {
    measuredAt: new Date().toISOString(), machine: { cpu: cpus()[0]?.model ?? '', threads: cpus().length, memoryBytes: totalmem(), loadAverage: loadavg().map((value) => Number(value.toFixed(2))) },
    engine: await docker('version', '--format', '{{.Server.Version}}'), model: 'resources/sample/lot-code-reader.onnx', modelBytes: statSync(model).size,
    image: { tarBytes: image.sizeBytes, gzippedAgainBytes: gzipSync(readFileSync(tar), { level: 1 }).length, onEngineBytes: Number(await docker('image', 'inspect', '--format', '{{.Size}}', image.imageId)), layers: image.layers.map(({ name, sizeBytes }) => ({ name, sizeBytes })) },
    buildMs: spread(builds), loadMs: spread(loads), loadAlreadyThereMs: Math.round(skipped),
    deployToFirstAnswerMs: spread(firstAnswers), deployCommandMs: spread(commands), idleBytes: idle,
    goals: { tarBytes: 70_000_000, deployToFirstAnswerMs: 2000, idleModelBytes: 110 * 1024 ** 2 },
  };
  mkdirSync(join(root, 'bench/results'), { recursive: true });
  writeFileSync(join(root, 'bench/results/image.json'), `${JSON.stringify(result, null, 1)}\n`);
  console.log(JSON.stringify(result, null, 1));
} finally {
  await remove();
  rmSync(work, { recursive: true, force: true });
}
