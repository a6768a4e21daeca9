#!/usr/bin/env node
// Compares the serving runtime with the raw session and with MLServer: same models, same client (wrk), rounds interleaved. Linux; wants wrk (or WRK=PATH) and python3.
// usage: node bench/serving/serving.mjs [--rounds N] [--seconds N] [-o FILE.json]
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' }, output: { type: 'string', short: 'o' } } });
const rounds = Number(values.rounds), seconds = Number(values.seconds);
const wrk = process.env.WRK ?? 'wrk';
const folder = mkdtempSync(join(tmpdir(), 'millwright-bench-'));

function python() {
  const environment = join(root, '.build/bench-serving');
  const program = join(environment, 'bin/python');
  if (!existsSync(join(environment, 'bin/mlserver'))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    execFileSync(program, ['-m', 'pip', 'install', '--quiet', '-r', join(here, 'requirements.txt')], { stdio: 'inherit' });
  }
  return program;
}

const shapes = { mlp: [1, 64], cnn: [1, 3, 224, 224] };
/** The request bodies, as scripts for wrk. */
function writeLoads() {
  const json = (name, decimals) => `local t={} for i=1,${shapes[name].reduce((a, b) => a * b)} do t[i]=string.format("%.${decimals}f",(i%997)/997) end
wrk.method="POST"; wrk.headers["Content-Type"]="application/json"
wrk.body='{"inputs":[{"name":"x","shape":[${shapes[name].join(',')}],"datatype":"FP32","data":['..table.concat(t,",")..']}]}'\n`;
  writeFileSync(join(folder, 'mlp-json.lua'), json('mlp', 6));
  writeFileSync(join(folder, 'cnn-json.lua'), json('cnn', 4));
  const head = JSON.stringify({ inputs: [{ name: 'x', shape: shapes.cnn, datatype: 'FP32', parameters: { binary_data_size: 602112 } }], outputs: [{ name: 'y', parameters: { binary_data: true } }] });
  writeFileSync(join(folder, 'cnn-binary.lua'), `wrk.method="POST"; wrk.headers["Content-Type"]="application/octet-stream"; wrk.headers["Inference-Header-Content-Length"]="${head.length}"\nwrk.body='${head}'..string.rep("\\0\\0\\0\\63",150528)\n`);
}

function startMlserver(program) {
  const models = join(folder, 'mlserver');
  mkdirSync(models);
  writeFileSync(join(models, 'settings.json'), JSON.stringify({ parallel_workers: 0, http_port: 28180, grpc_port: 28181, metrics_port: 28182, host: '127.0.0.1', debug: false }));
  for (const name of Object.keys(shapes)) {
    mkdirSync(join(models, name));
    writeFileSync(join(models, name, 'model-settings.json'), JSON.stringify({ name, implementation: 'onnx_runtime.OnnxRuntime', parameters: { uri: join(folder, 'models', name, '1/model.onnx') } }));
  }
  return spawn(join(dirname(program), 'mlserver'), ['start', models], { stdio: 'ignore', env: { ...process.env, PYTHONPATH: here, PATH: `${dirname(program)}:${process.env.PATH}` } });
}
/** As the container starts it: short-lived bodies die in the young generation, and its collector leaves the other cores to the model. */
const flags = ['--max-semi-space-size=32', '--single-threaded-gc'];
const startOurs = () => spawn(process.execPath, [...flags, join(root, 'dist/serving.cjs'), 'serve', '--model-dir', join(folder, 'models'), '--host', '127.0.0.1', '--port', '28080', '--grpc-port', '28081', '--threads', '1'], { stdio: 'ignore' });

async function untilReady(port) {
  for (;;) {
    try { if ((await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).ok) return; } catch { /* not yet */ }
    await new Promise((done) => { setTimeout(done, 100); });
  }
}
/** Processor time of a process so far, in microseconds; the kernel counts in hundredths of a second. */
const cpuUs = (pid) => { const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' '); return (Number(fields[11]) + Number(fields[12])) * 10_000; };
const ms = (text) => { const [, number, unit] = /([\d.]+)(us|ms|s)/.exec(text) ?? []; return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit]; };

function load(name, pid, port, model, script, connections) {
  const before = cpuUs(pid);
  const text = execFileSync(wrk, ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', join(folder, script), `http://127.0.0.1:${port}/v2/models/${model}/infer`]).toString();
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  return { server: name, load: script.replace('.lua', ''), connections, perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]), p50Ms: ms(/^\s+50%\s+(\S+)/m.exec(text)?.[1] ?? ''), p99Ms: ms(/^\s+99%\s+(\S+)/m.exec(text)?.[1] ?? ''), cpuUs: (cpuUs(pid) - before) / requests, failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) + [.../(?:connect|read|write|timeout) (\d+)/g[Symbol.matchAll](/Socket errors:(.*)/.exec(text)?.[1] ?? '')].reduce((sum, [, count]) => sum + Number(count), 0) };
}

const program = python();
execFileSync(program, [join(here, 'make_models.py'), join(folder, 'models')]);
writeLoads();
const rows = [];
const ours = startOurs(), other = startMlserver(program);
try {
  await Promise.all([untilReady(28080), untilReady(28180)]);
  for (let round = 0; round < rounds; round++) {
    for (const [script, model, binary] of [['mlp-json.lua', 'mlp', false], ['cnn-json.lua', 'cnn', false], ['cnn-binary.lua', 'cnn', true]]) {
      const raw = JSON.parse(execFileSync(process.execPath, [join(here, 'rawSession.mjs'), join(folder, 'models', model, '1/model.onnx'), JSON.stringify(shapes[model]), String(seconds)]).toString());
      rows.push({ server: 'raw session', load: script.replace('.lua', ''), connections: 1, ...raw });
      for (const connections of [1, 8, 32]) {
        rows.push(load('millwright', ours.pid, 28080, model, script, connections));
        if (!binary) rows.push(load('mlserver 1.7.1', other.pid, 28180, model, script, connections));
      }
      console.error(`round ${round + 1} of ${rounds}, ${script}, load average ${loadavg()[0].toFixed(1)}`);
    }
  }
} finally {
  ours.kill('SIGTERM');
  other.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

const median = (list) => { const sorted = [...list].sort((a, b) => a - b); return sorted[Math.floor(sorted.length / 2)]; };
const groups = new Map();
for (const row of rows) { const key = `${row.load}|${row.server}|${row.connections}`; groups.set(key, [...(groups.get(key) ?? []), row]); }
const table = [...groups.values()].map((list) => ({ load: list[0].load, server: list[0].server, connections: list[0].connections, ...Object.fromEntries(['perSecond', 'p50Ms', 'p99Ms', 'cpuUs'].map((name) => [name, list[0][name] === undefined ? '' : Number(median(list.map((row) => row[name])).toPrecision(4))])), failed: list.reduce((sum, row) => sum + (row.failed ?? 0), 0) }));
console.table(table);
const of = (loadName, server, connections) => table.find((row) => row.load === loadName && row.server === server && row.connections === connections);
const ratio = (a, b) => Number((a / b).toFixed(2));
const summary = {
  mlpJsonOverMlserver: ratio(of('mlp-json', 'millwright', 32).perSecond, of('mlp-json', 'mlserver 1.7.1', 32).perSecond), cnnJsonOverMlserver: ratio(of('cnn-json', 'millwright', 8).perSecond, of('cnn-json', 'mlserver 1.7.1', 8).perSecond),
  cnnBinaryOverRawPerCore: ratio(of('cnn-binary', 'raw session', 1).cpuUs, of('cnn-binary', 'millwright', 8).cpuUs), mlpCpuOfMlserverOverOurs: ratio(of('mlp-json', 'mlserver 1.7.1', 32).cpuUs, of('mlp-json', 'millwright', 32).cpuUs),
};
console.log(JSON.stringify(summary));
if (values.output) writeFileSync(values.output, `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), cpu: cpus()[0]?.model, cores: cpus().length, loadAverage: loadavg(), rounds, seconds, summary, table }, null, 1)}\n`);
