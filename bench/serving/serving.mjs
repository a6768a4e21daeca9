#!/usr/bin/env node
// Compares the serving runtime with the raw session, MLServer and LitServe: same models, same clients (wrk over REST, perf_analyzer over gRPC), rounds interleaved. Linux; wants wrk (or WRK=PATH) and python3.
// usage: node bench/serving/serving.mjs [--rounds N] [--seconds N] [-o FILE.json], which writes FILE.md too
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { perfAnalyzer, python } from './benchPython.mjs';
import { describeServing } from './describeServing.mjs';
import { groupCpuUs } from './groupCpuUs.mjs';
import { startAsInImage, startGateway } from './startAsInImage.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' }, output: { type: 'string', short: 'o' } } });
const rounds = Number(values.rounds), seconds = Number(values.seconds);
const wrk = process.env.WRK ?? 'wrk';
const folder = mkdtempSync(join(tmpdir(), 'millwright-bench-'));

const shapes = { mlp: [1, 64], cnn: [1, 3, 224, 224], slow: [1, 3, 224, 224] };
/** The request bodies, as scripts for wrk. */
function writeLoads() {
  const json = (name, decimals) => `local t={} for i=1,${shapes[name].reduce((a, b) => a * b)} do t[i]=string.format("%.${decimals}f",(i%997)/997) end
wrk.method="POST"; wrk.headers["Content-Type"]="application/json"
wrk.body='{"inputs":[{"name":"x","shape":[${shapes[name].join(',')}],"datatype":"FP32","data":['..table.concat(t,",")..']}]}'\n`;
  writeFileSync(join(folder, 'mlp-json.lua'), json('mlp', 6));
  writeFileSync(join(folder, 'cnn-json.lua'), json('cnn', 4));
  const head = JSON.stringify({ inputs: [{ name: 'x', shape: shapes.cnn, datatype: 'FP32', parameters: { binary_data_size: 602112 } }], outputs: [{ name: 'y', parameters: { binary_data: true } }] });
  for (const name of ['cnn', 'slow']) writeFileSync(join(folder, `${name}-binary.lua`), `wrk.method="POST"; wrk.headers["Content-Type"]="application/octet-stream"; wrk.headers["Inference-Header-Content-Length"]="${head.length}"\nwrk.body='${head}'..string.rep("\\0\\0\\0\\63",150528)\n`);
}

function startMlserver(program) {
  const models = join(folder, 'mlserver');
  mkdirSync(models);
  writeFileSync(join(models, 'settings.json'), JSON.stringify({ parallel_workers: 0, http_port: 28180, grpc_port: 28181, metrics_port: 28182, host: '127.0.0.1', debug: false }));
  for (const name of Object.keys(shapes)) {
    mkdirSync(join(models, name));
    writeFileSync(join(models, name, 'model-settings.json'), JSON.stringify({ name, implementation: 'onnx_runtime.OnnxRuntime', parameters: { uri: join(folder, 'models', name, '1/model.onnx') } }));
  }
  return spawn(join(dirname(program), 'mlserver'), ['start', models], { stdio: 'ignore', detached: true, env: { ...process.env, PYTHONPATH: here, PATH: `${dirname(program)}:${process.env.PATH}` } });
}
/** One server of each model, with one worker: as its documentation starts it. */
const litPorts = { mlp: 28280, cnn: 28281 };
const startLitserve = (program, name) => spawn(program, [join(here, 'litserve_app.py'), join(folder, 'models', name, '1/model.onnx'), `/v2/models/${name}/infer`, String(litPorts[name])], { stdio: 'ignore', detached: true, env: { ...process.env, LIT_SERVER_API_KEY: '' } });
const startOurs = () => startAsInImage(join(folder, 'models'), 28080, 28081);

async function untilReady(port, path = '/v2/health/ready') {
  for (;;) {
    try { if ((await fetch(`http://127.0.0.1:${port}${path}`)).ok) return; } catch { /* not yet */ }
    await new Promise((done) => { setTimeout(done, 100); });
  }
}
const ms = (text) => { const [, number, unit] = /([\d.]+)(us|ms|s)/.exec(text) ?? []; return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit]; };

/** `pids`: leaders of the process groups that the answer takes. */
function load(name, pids, port, model, script, connections) {
  const ask = (forSeconds) => execFileSync(wrk, ['-t1', `-c${connections}`, `-d${forSeconds}s`, '--timeout', '10s', '--latency', '-s', join(folder, script), `http://127.0.0.1:${port}/v2/models/${model}/infer`]).toString();
  // A server that stood still has timers that are overdue and pages that are cold: that is the bench's doing, not its own.
  ask(1);
  const used = () => pids.reduce((sum, pid) => sum + groupCpuUs(pid), 0);
  const before = used();
  const text = ask(seconds);
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  return { server: name, load: script.replace('.lua', ''), connections, perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]), p50Ms: ms(/^\s+50%\s+(\S+)/m.exec(text)?.[1] ?? ''), p99Ms: ms(/^\s+99%\s+(\S+)/m.exec(text)?.[1] ?? ''), cpuUs: (used() - before) / requests, failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0) + [.../(?:connect|read|write|timeout) (\d+)/g[Symbol.matchAll](/Socket errors:(.*)/.exec(text)?.[1] ?? '')].reduce((sum, [, count]) => sum + Number(count), 0) };
}

const client = perfAnalyzer();
/** Over gRPC, where tensors are binary. The client says nothing of how many requests it sent, so that processor time is not told. MLServer has no ModelConfig, without which this client refuses to measure. */
function loadGrpc(name, port, model, connections) {
  const csv = join(folder, 'perf.csv');
  execFileSync(client.program, ['-m', model, '-i', 'grpc', '-u', `127.0.0.1:${port}`, '--concurrency-range', `${connections}:${connections}`, '--measurement-interval', String(seconds * 1000), '-s', '999', '-r', '3', '--percentile', '99', '-f', csv], { env: client.env, stdio: ['ignore', 'ignore', 'ignore'], timeout: 120_000 });
  const [head, row] = readFileSync(csv, 'utf8').trim().split('\n').map((line) => line.split(','));
  const figure = (column) => Number(row[head.indexOf(column)]);
  return { server: name, load: `${model}-grpc`, connections, perSecond: figure('Inferences/Second'), p50Ms: figure('p50 latency') / 1000, p99Ms: figure('p99 latency') / 1000, failed: 0 };
}

/** All others stand still while one is measured: some peers poll also without a request. */
let groups = [];
const alone = (pids, measure) => {
  for (const each of groups) process.kill(-each, pids.includes(each) ? 'SIGCONT' : 'SIGSTOP');
  return measure();
};

const program = python();
execFileSync(program, [join(here, 'make_models.py'), join(folder, 'models')]);
writeLoads();
const rows = [], loads = [];
const gateways = [['millwright, station', startGateway(28090, 28080), 28090], ['millwright, station, recording', startGateway(28091, 28080, { recorder: { entries: 200, percent: 100 } }), 28091]];
const ours = startOurs(), other = startMlserver(program), lit = Object.fromEntries(Object.keys(litPorts).map((name) => [name, startLitserve(program, name)]));
const servers = () => [ours, other, ...Object.values(lit), ...gateways.map(([, server]) => server)];
try {
  await Promise.all([untilReady(28080), untilReady(28180), ...gateways.map(([,, port]) => untilReady(port, '/gateway/health')), ...Object.values(litPorts).map((port) => untilReady(port, '/health'))]);
  groups = servers().map(({ pid }) => pid);
  for (let round = 0; round < rounds; round++) {
    for (const [script, model, binary] of [['mlp-json.lua', 'mlp', false], ['cnn-json.lua', 'cnn', false], ['cnn-binary.lua', 'cnn', true], ['slow-binary.lua', 'slow', true]]) {
      const raw = alone([], () => JSON.parse(execFileSync(process.execPath, [join(here, 'rawSession.mjs'), join(folder, 'models', model, '1/model.onnx'), JSON.stringify(shapes[model]), String(seconds)]).toString()));
      rows.push({ server: 'raw session', load: script.replace('.lua', ''), connections: 1, ...raw });
      for (const connections of [1, 8, 32]) {
        rows.push(alone([ours.pid], () => load('millwright', [ours.pid], 28080, model, script, connections)));
        for (const [name, { pid }, port] of gateways) rows.push(alone([ours.pid, pid], () => load(name, [ours.pid, pid], port, model, script, connections)));
        if (binary) continue;
        rows.push(alone([other.pid], () => load('mlserver 1.7.1', [other.pid], 28180, model, script, connections)));
        rows.push(alone([lit[model].pid], () => load('litserve 0.2.19', [lit[model].pid], litPorts[model], model, script, connections)));
      }
      loads.push(loadavg()[0]);
      console.error(`round ${round + 1} of ${rounds}, ${script}, load average ${loadavg()[0].toFixed(1)}`);
    }
    for (const model of ['mlp', 'cnn']) for (const connections of [1, 8, 32]) rows.push(alone([ours.pid], () => loadGrpc('millwright', 28081, model, connections)));
    console.error(`round ${round + 1} of ${rounds}, gRPC, load average ${loadavg()[0].toFixed(1)}`);
  }
} finally {
  for (const pid of servers().map((server) => Number(server.pid))) try { process.kill(-pid, 'SIGKILL'); } catch { /* it has ended */ }
  rmSync(folder, { recursive: true, force: true });
}

const median = (list) => { const sorted = [...list].sort((a, b) => a - b); return sorted[Math.floor(sorted.length / 2)]; };
const byRow = new Map();
for (const row of rows) { const key = `${row.load}|${row.server}|${row.connections}`; byRow.set(key, [...(byRow.get(key) ?? []), row]); }
const table = [...byRow.values()].map((list) => ({ load: list[0].load, server: list[0].server, connections: list[0].connections, ...Object.fromEntries(['perSecond', 'p50Ms', 'p99Ms', 'cpuUs'].map((name) => [name, list[0][name] === undefined ? '' : Number(median(list.map((row) => row[name])).toPrecision(4))])), failed: list.reduce((sum, row) => sum + (row.failed ?? 0), 0) }));
console.table(table);
/** The rows of one place in the table, round by round. */
const of = ([loadName, server, connections]) => byRow.get(`${loadName}|${server}|${connections}`);
/** Median of the ratios within each round, whose halves lie seconds apart: the speed of a shared machine wanders over minutes. */
const ratio = (over, under, name) => Number(median(of(over).map((row, round) => row[name] / of(under)[round][name])).toFixed(2));
const against = (loadName, connections, name, [over, under] = ['millwright', 'mlserver 1.7.1']) => ratio([loadName, over, connections], [loadName, under, connections], name);
/** Each with the goal that was set before it was measured. */
const summary = [
  { figure: 'tiny model, JSON, 32 connections: requests a second, over MLServer', value: against('mlp-json', 32, 'perSecond'), atLeast: 6 },
  { figure: 'image model, JSON, 8 connections: requests a second, over MLServer', value: against('cnn-json', 8, 'perSecond'), atLeast: 2.5 },
  { figure: 'image model, binary, 8 connections: processor time of the raw session, over ours', value: ratio(['cnn-binary', 'raw session', 1], ['cnn-binary', 'millwright', 8], 'cpuUs'), atLeast: 0.75 },
  { figure: 'slow model, binary, 8 connections: requests a second, over the raw session', value: ratio(['slow-binary', 'millwright', 8], ['slow-binary', 'raw session', 1], 'perSecond'), atLeast: 0.95 },
  { figure: 'tiny model, JSON, 32 connections: 99th percentile, over MLServer', value: against('mlp-json', 32, 'p99Ms'), atMost: 0.5 },
  { figure: 'image model, JSON, 8 connections: 99th percentile, over MLServer', value: against('cnn-json', 8, 'p99Ms'), atMost: 0.5 },
  { figure: 'tiny model, JSON, 32 connections: requests a second, over LitServe', value: against('mlp-json', 32, 'perSecond', ['millwright', 'litserve 0.2.19']), atLeast: 1 },
  { figure: 'image model, JSON, 8 connections: requests a second, over LitServe', value: against('cnn-json', 8, 'perSecond', ['millwright', 'litserve 0.2.19']), atLeast: 1 },
];
console.table(summary);
if (values.output) {
  const freeze = execFileSync(program, ['-m', 'pip', 'freeze', '--disable-pip-version-check']).toString().split('\n').filter((line) => /^(mlserver|litserve|uvicorn|uvloop|onnxruntime|orjson)==/i.test(line));
  const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), system: process.platform, node: process.version, onnxruntimeNode: JSON.parse(readFileSync(join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')).version, peer: freeze.join(', ') };
  const result = { machine, date: new Date().toISOString().slice(0, 10), rounds, seconds, loadAverage: { min: Math.min(...loads), median: median(loads), max: Math.max(...loads) }, summary, table };
  writeFileSync(values.output, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(values.output.replace(/\.json$/, '.md'), describeServing(result));
}
