// The JSON that scripts rely on: each key of each command with its type, and the exit code, through the real command line with one shared data folder.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '#core/arrays/encodeNpy';
import { commandTable } from '../../electron/cli/commandTable.ts';
import { createCli } from '../../electron/cli/createCli.ts';
import { runCli } from './runCli.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-keys-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string) => join(root, name);
const millwright = (...args: string[]) => runCli(args, { dataDir: at('data') });
const model = 'resources/sample/lot-code-reader.onnx';
const csv = 'test/fixtures/models/wine_pipeline_test.csv';
const forest = 'test/fixtures/models/wine_pipeline.onnx';

/** "string", "number", "boolean"; a "?" behind allows null; [form] is a list of it; { key: form } an object with at least these keys; "any" is anything but absent. */
type Form = string | readonly [Form] | { readonly [key: string]: Form };

/** What does not fit, by its path. */
function misfits(value: unknown, form: Form, path = ''): string[] {
  if (typeof form === 'string') {
    if (value === undefined) return [`${path} is missing`];
    const types = form === 'any' || (value === null && form.endsWith('?')) ? [] : [form.replace('?', '')];
    return types.every((type) => typeof value === type) ? [] : [`${path} is ${value === null ? 'null' : typeof value}, not ${form}`];
  }
  if (isList(form)) return Array.isArray(value) ? value.flatMap((item, i) => misfits(item, form[0], `${path}[${i}]`)) : [`${path} is no list`];
  if (typeof value !== 'object' || value === null) return [`${path} is no object`];
  return Object.entries(form).flatMap(([key, inner]) => misfits((value as Record<string, unknown>)[key], inner, path === '' ? key : `${path}.${key}`)); // an object has keys
}
const isList = (form: Form): form is readonly [Form] => Array.isArray(form);

const finding: Form = { id: 'string', severity: 'string', place: 'string', message: 'string' };
const tensor: Form = { name: 'string', type: 'string', shape: ['any'] };
const counts: Form = { added: 'number', removed: 'number', changed: 'number' };
const latency: Form = { p50: 'number', p90: 'number', p95: 'number', p99: 'number', p999: 'number', max: 'number', mean: 'number' };
const point: Form = { provider: 'string', batch: 'number', threads: 'number', concurrency: 'number', latencyMs: latency, throughputPerSec: 'number', stable: 'boolean', peakRssBytes: 'number' };
const runtime: Form = { provider: 'string', threads: 'number', interOpThreads: 'number', executionMode: 'string', optimization: 'string', batch: 'number', origin: 'string', station: 'string?', note: 'string?' };
const hdr: Form = { unit: 'string', significantDigits: 'number', highest: 'number', total: 'number', buckets: [['number']] };
const verification: Form = { valid: 'boolean', files: 'number', keyId: 'string?', knownKey: 'boolean', signatures: [{ keyId: 'string', signer: 'string', meaning: 'string', signedAt: 'string', role: 'string', authenticated: 'boolean' }], verdict: 'string?', findings: [finding] };
const jobForm: Form = { id: 'string', op: 'string', title: 'string', state: 'string', createdAt: 'string' };

/** Runs with --json, and answers the document after its exit code and keys are held to the form. */
async function answer(args: readonly string[], form: Form, exitCode: number | readonly number[] = 0): Promise<unknown> {
  const { code, stdout, stderr } = await millwright(...args, '--json');
  expect([exitCode].flat(), `${args.join(' ')}\n${stderr}\n${stdout.slice(0, 500)}`).toContain(code);
  const value: unknown = JSON.parse(stdout);
  expect(misfits(value, form)).toEqual([]);
  return value;
}

beforeAll(() => {
  writeFileSync(at('rows.npy'), encodeNpy({ type: 'float32', dims: [2, 3], data: Float32Array.of(1, 0, 0, 0, 0, 1) }));
  writeFileSync(at('limits.yaml'), 'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.5, reason: "URS-12", confidence: 0.95 }\n  - { id: LAT-1, metric: latency_p99_ms, max: 0.000001 }\n');
  mkdirSync(at('out'));
});

describe('the machine and models', () => {
  it('machine', async () => {
    await answer(['machine'], {
      cpu: { model: 'string', cores: 'number', threads: 'number', isa: ['string'] }, memory: { totalBytes: 'number', availableBytes: 'number' }, gpus: ['any'], providers: [{ name: 'string', available: 'boolean', reason: 'string' }],
      containers: { engine: 'string?', version: 'string?', available: 'boolean', reason: 'string' }, fingerprint: 'string', preflight: [{ id: 'string', status: 'string', message: 'string', hint: 'string' }],
    }, [0, 1]);
  });
  it('model show', async () => {
    await answer(['model', 'show', forest], { format: 'string', sha256: 'string', sizeBytes: 'number', opset: { 'ai.onnx': 'number', 'ai.onnx.ml': 'number' }, inputs: [tensor], outputs: [tensor], nodes: 'number', operators: { 'ai.onnx.ml.ZipMap': 'number' }, parameters: 'number', findings: [finding], fit: { verdict: 'string', freeBytes: 'number', totalBytes: 'number', estimate: { totalBytes: 'number', weightBytes: 'number', activationBytes: 'number', unknownValues: 'number' } } });
  });
  it('model check: 0 with warnings, 1 with an error', async () => {
    await answer(['model', 'check', forest], { findings: [finding] });
    await answer(['model', 'check', 'test/fixtures/models/external.onnx'], { findings: [finding] });
    writeFileSync(at('alone.onnx'), readFileSync('test/fixtures/models/external.onnx')); // without its data file
    await answer(['model', 'check', at('alone.onnx')], { findings: [finding] }, 1);
  });
  it('model diff', async () => {
    expect(await answer(['model', 'diff', forest, 'test/fixtures/models/wine_forest.onnx'], { nodes: counts, initializers: counts, opset: {} })).toMatchObject({ identical: false });
  });
});

describe('data', () => {
  it('data check: 0 when sound, 1 on an error', async () => {
    expect(await answer(['data', 'check', csv], { samples: 'number', classes: [{ name: 'string', count: 'number' }], findings: [finding] })).toMatchObject({ samples: 89 });
    writeFileSync(at('text.csv'), readFileSync(csv, 'utf8').replace('\n1', '\nx1'));
    await answer(['data', 'check', at('text.csv')], { samples: 'number', classes: ['any'], findings: [finding] }, 1);
  });
  it('data plan, both ways; samples that do not prove the rate are exit 1, nothing to plan is exit 2', async () => {
    const form = { samplesNeeded: 'number?', provenRate: 'number?', sentence: 'string' };
    expect(await answer(['data', 'plan', '--max-rate', '0.5%'], form)).toMatchObject({ samplesNeeded: 598, provenRate: null });
    expect(await answer(['data', 'plan', '--samples', '598'], form)).toMatchObject({ samplesNeeded: null });
    expect((await millwright('data', 'plan', '--max-rate', '0.005', '--samples', '598', '--json')).code).toBe(0);
    expect((await millwright('data', 'plan', '--max-rate', '0.005', '--samples', '598', '--failures', '1', '--json')).code).toBe(1);
    for (const wrong of [[], ['--max-rate', '7'], ['--samples', '3', '--failures', '4'], ['--samples', '3', '--confidence', '0.3']]) expect((await millwright('data', 'plan', ...wrong, '--json')).code, wrong.join(' ')).toBe(2);
  });
  it('data seal', async () => {
    expect(await answer(['data', 'seal', csv], { manifestSha256: 'string', samples: 'number' })).toMatchObject({ samples: 89, manifestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});

describe('the main job', () => {
  it('quantize, compare, run, bench', async () => {
    await answer(['quantize', model, '-o', at('out/int8.onnx'), '--recipe', 'static-int8', '--calibration', 'resources/sample/calibration', '--samples', '16'], {
      recipe: 'string', inputSha256: 'string', outputSha256: 'string', inputBytes: 'number', outputBytes: 'number', ratio: 'number', sqnrDb: 'number', nodesQuantized: 'number', nodesKept: [{ node: 'string', reason: 'string' }],
      layers: [{ node: 'string', sqnrDb: 'number?' }], durationMs: 'number', findings: [finding],
    });
    await answer(['compare', model, at('out/int8.onnx'), '--data', 'resources/sample/test', '--samples', '16'], { samples: 'number', flips: [{ sample: 'string', before: 'string', after: 'string', margin: 'number' }], sqnrDb: 'number', cosine: 'number', maxAbsError: 'number', accuracy: { a: 'number', b: 'number' } });
    const ran = await answer(['run', 'test/fixtures/models/external.onnx', '--input', `x=${at('rows.npy')}`, '-o', at('out'), '--profile'], { outputs: [{ name: 'string', type: 'string', shape: ['number'], path: 'string' }], durationMs: 'number', providerShares: [{ provider: 'string', nodes: 'number', nodeShare: 'number', timeShare: 'number' }] });
    expect(ran).toMatchObject({ outputs: [{ name: 'y', shape: [2, 4], preview: [0, 1, 2, 3, 8, 9, 10, 11], path: at('out/y.npy') }] });
    await answer(['bench', model, '--threads', '1', '--duration', '0.3', '--takt', '0.01', '--hgrm', at('bench.hgrm')], { points: [{ ...(point as object), histograms: { raw: hdr, corrected: hdr, intervalMs: 'number' } }], best: point, taktVerdict: { verdict: 'string' }, coldStartMs: 'number', runtime }, 1);
    // As HdrHistogram's own readers take it: numbers in four columns, the last row without the fourth.
    for (const name of ['bench.hgrm', 'bench-corrected.hgrm']) expect(readFileSync(at(name), 'utf8')).toMatch(/^ +Value +Percentile +TotalCount +1\/\(1-Percentile\)\n\n(?: +[\d.]+ 0\.\d{12} +\d+ +[\d.]+\n)+ +[\d.]+ 1\.0{12} +\d+\n#\[Mean /);
  }, 180_000);

  it('validate with a limit that fails, and the evidence of it', async () => {
    const limit: Form = { id: 'string', metric: 'string', limit: 'string', value: 'number?', interval: 'any', verdict: 'string' };
    const output = await answer(['validate', model, '--reference', model, '--data', 'resources/sample/test', '--samples', '16', '--repeat-runs', '2', '--repeat-restarts', '0', '--limits', at('limits.yaml'), '-o', at('out/report')],
      { verdict: 'string', limits: [limit], runtime, report: { zip: 'string', html: 'string', pdf: 'string', json: 'string', junit: 'string' } }, 1);
    expect(output).toMatchObject({ verdict: 'FAIL', repeatability: { runs: 2, restarts: 0 } });
    const zip = at('out/report/evidence.zip');
    await answer(['evidence', 'verify', zip], verification);
    const attachments: readonly [Form] = [{ file: 'string', name: 'string', caption: 'string', kind: 'string', sizeBytes: 'number', sha256: 'string', addedAt: 'string', addedBy: 'string' }];
    writeFileSync(at('lux.csv'), 'time,lux\n08:00,412\n');
    expect(await answer(['evidence', 'attach', zip, at('lux.csv'), '--caption', 'Light at the lid', '-o', at('out/attached')], { evidenceId: 'string', reportSha256: 'string', zip: 'string', attachments })).toMatchObject({ zip: at('out/attached/evidence.zip') });
    await answer(['evidence', 'show', at('out/attached/evidence.zip')], { verification, report: { attachments }, contents: 'any' });
    await answer(['evidence', 'detach', at('out/attached/evidence.zip'), 'gone.csv'], { error: { code: 'string', message: 'string', hint: 'string' } }, 2);
    await answer(['evidence', 'detach', at('out/attached/evidence.zip'), 'lux.csv', '-o', at('out/report'), '--force'], { evidenceId: 'string', reportSha256: 'string', zip: 'string', attachments: 'any' });
    await answer(['evidence', 'sign', zip, '--signer', 'Eva Lang', '--meaning', 'reviewed'], verification);
    await answer(['evidence', 'show', zip], { verification, report: { id: 'string', limits: [limit], sections: [{ number: 'string', title: 'string', performed: 'boolean', reason: 'string?' }] }, contents: [{ name: 'string', sizeBytes: 'number', sha256: 'string' }] });
    await answer(['evidence', 'stale', zip], { evidenceId: 'string?', reportSha256: 'string', state: 'string?', validUntil: 'string?', stale: 'boolean', expired: 'boolean', differences: 'any', sections: 'any' });
    const validationId = (output as { readonly id: string }).id;
    const deviation: Form = { id: 'string', text: 'string', severity: 'string', owner: 'string', dueDate: 'string', openedAt: 'string', openedBy: 'string', validationId: 'string?', stationId: 'string?', limitIds: ['string'], closure: 'any' };
    const open = ['deviation', 'open', '--text', 'One digit was read wrong.', '--severity', 'critical', '--owner', 'Eva Lang', '--due', '2026-12-01', '--validation', validationId];
    expect(await answer([...open, '--limit', (output as { limits: { id: string }[] }).limits[0]?.id ?? ''], deviation)).toMatchObject({ id: 'DEV-0001', closure: null });
    await answer(['evidence', 'sign', zip, '--signer', 'Cem Aydin', '--meaning', 'approved'], { error: { code: 'string', message: 'string', hint: 'string' } }, 3);
    await answer(['deviation', 'list', '--open'], [deviation]);
    expect(await answer(['deviation', 'close', 'DEV-0001', '--cause', 'Dirt.', '--action', 'Cleaned.', '--evidence', 'WO-1', '--signer', 'Eva Lang'], deviation)).toMatchObject({ closure: { by: 'Eva Lang', authenticated: false } });
    await answer([...open.slice(0, -2)], { error: { code: 'string', message: 'string', hint: 'string' } }, 2);
    await answer(['evidence', 'sign', zip, '--signer', 'Cem Aydin', '--meaning', 'approved'], verification);
    const bytes = readFileSync(zip);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(at('changed.zip'), bytes);
    expect(await answer(['evidence', 'verify', at('changed.zip')], verification, 1)).toMatchObject({ valid: false });
  }, 180_000);
});

describe('the record', () => {
  it('audit show, verify and export', async () => {
    await answer(['audit', 'show', '--limit', '3'], { total: 'number', entries: [{ seq: 'number', at: 'string', actor: 'string', action: 'string', subject: 'string', hash: 'string', prevHash: 'string' }] });
    expect(await answer(['audit', 'verify'], { intact: 'boolean', entries: 'number', head: 'string?', findings: [finding] })).toMatchObject({ intact: true });
    await answer(['audit', 'export', '-o', at('audit.jsonl')], { path: 'string', entries: 'number' });
  });
  it('keys list and export', async () => {
    await answer(['keys', 'list'], [{ keyId: 'string', publicPem: 'string', state: 'string', origin: 'string', from: 'string?', until: 'string?', reason: 'string?', nextKeyId: 'string?' }]);
    await answer(['keys', 'export', '-o', at('keys.pem')], { path: 'string', keys: 'number' });
  });
  it('jobs list, show, cancel and resume', async () => {
    const [first] = await answer(['jobs', 'list'], [jobForm]) as readonly { readonly id: string }[];
    await answer(['jobs', 'show', first!.id], { id: 'string', state: 'string', log: [{ at: 'string', line: 'string' }], error: 'any' });
    expect(await answer(['jobs', 'cancel', first!.id], jobForm)).toMatchObject({ state: 'done' }); // it is done already, and stays so
    await answer(['jobs', 'resume', first!.id], { error: { code: 'string', message: 'string', hint: 'string' } }, 2);
  });
  it('--ndjson ends with the result, after the events of the job', async () => {
    const { code, stdout } = await millwright('data', 'seal', csv, '--ndjson');
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { readonly event: string });
    expect([code, events[0]?.event, events.at(-1)]).toEqual([0, 'started', { event: 'result', result: expect.objectContaining({ samples: 89 }) }]);
    const failed = await millwright('data', 'seal', at('absent.csv'), '--ndjson');
    expect([failed.code, JSON.parse(failed.stdout.trim().split('\n').at(-1)!)]).toMatchObject([2, { event: 'error', error: { code: 'NOT_FOUND' } }]);
  });
});

describe('help', () => {
  const cli = createCli({ options: () => ({}), openHost: () => { throw new Error('help opens no host'); }, stdout: process.stdout, stderr: process.stderr, env: {} });
  afterAll(() => cli.close());
  const program = new Command('millwright');
  for (const register of commandTable) register(program, cli);
  const helpOf = (command: Command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => { text += part; } }).outputHelp();
    return text;
  };
  it.each(program.commands.map((command) => [command.name(), command] as const))('of %s has an example, and each level below says what it does', (name, command) => {
    expect(helpOf(command)).toMatch(new RegExp(`Examples?:\n +(\\$ )?millwright ${name}`));
    for (const below of command.commands) expect([below.name(), below.description()]).toEqual([below.name(), expect.stringMatching(/\S/)]);
  });
});
