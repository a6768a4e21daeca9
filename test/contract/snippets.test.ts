// Each snippet of the Connect tab that can run here, as it is copied, against the built runtime: every datatype, a small and a large input.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, describe } from 'vitest';
import { identityModel, onnxElementTypes, placeModel, sumModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';
import { snippetsFor } from '../../renderer/features/serving/snippets.ts';
import { describeNeeding } from '../e2e/needs.ts';

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'millwright-snippets-'));
const workDir = mkdtempSync(join(tmpdir(), 'millwright-snippets-work-'));
/** ONNX's names of the types, by those of the protocol. */
const elements: Readonly<Record<string, string>> = { FP32: 'float32', FP64: 'float64', FP16: 'float16', BF16: 'bfloat16', BOOL: 'bool', BYTES: 'string' };
const types = Object.keys(onnxElementTypes);
const environment = { ...process.env, MILLWRIGHT_KEY: 'a-key-of-a-client' };
let server: ServingProcess;

/** One row of eight values and fewer is written out, a longer one is made by the shell: both ways. */
const sizes = [4, 3000];
const textOf = (key: string, datatype: string, count: number): string => {
  const type = elements[datatype] ?? datatype.toLowerCase();
  const snippet = snippetsFor({ address: server.url, grpcAddress: `127.0.0.1:${server.grpcPort}`, model: `id_${datatype.toLowerCase()}`, inputs: [{ name: 'x', type, shape: [null, count] }], outputs: [{ name: 'y', type, shape: [null, count] }], keyed: true }).find((one) => one.key === key);
  if (!snippet) throw new Error(`There is no snippet ${key} for ${type}.`);
  return snippet.text;
};

/** For a model whose outputs are the sum of x and state. */
const severalText = (key: string, rows: number): string => {
  const inputs = ['x', 'state'].map((name) => ({ name, type: 'float32', shape: [rows, 1] }));
  return snippetsFor({ address: server.url, grpcAddress: `127.0.0.1:${server.grpcPort}`, model: 'sum', inputs, outputs: [], keyed: true }).find((each) => each.key === key)?.text ?? '';
};

beforeAll(async () => {
  buildServing();
  for (const [name, type] of Object.entries(onnxElementTypes)) placeModel(root, `id_${name.toLowerCase()}`, identityModel(type));
  placeModel(root, 'sum', sumModel());
  server = await startServingProcess(root, [], { API_KEY: environment.MILLWRIGHT_KEY });
  await untilReady(server);
});
afterAll(async () => { await server.end(); for (const folder of [root, workDir]) rmSync(folder, { recursive: true, force: true }); });

describe('snippets', () => {
  it.each(['curl', 'typescript'].flatMap((key) => [1, 3000].map((rows) => [key, rows] as const)))('of %s send all inputs, of %i rows', async (key, rows) => {
    const program = join(workDir, 'several.mjs');
    writeFileSync(program, severalText(key, rows));
    const { stdout } = await (key === 'curl' ? run('sh', ['-c', severalText(key, rows)], { cwd: workDir, env: environment }) : run(process.execPath, [program], { cwd: workDir, env: environment }));
    expect(stdout).toContain('next');
  });

  it.each(types)('of curl send %s', async (datatype) => {
    for (const count of sizes) {
      const answered = join(workDir, 'answer.bin');
      rmSync(answered, { force: true });
      const { stdout } = await run('sh', ['-c', `${textOf('curl', datatype, count)}\n[ ! -f answer.bin ] || head -c 200 answer.bin`], { cwd: workDir, env: environment });
      expect(stdout).toContain(`"datatype":"${datatype}","shape":[1,${count}]`);
    }
  });

  it.each(types)('of TypeScript send %s', async (datatype) => {
    for (const count of sizes) {
      const program = join(workDir, 'snippet.mjs');
      writeFileSync(program, textOf('typescript', datatype, count).replace(/console\.log\((.*)\);$/, 'console.log(JSON.stringify([$1][0]));'));
      const { stdout } = await run(process.execPath, [program], { cwd: workDir, env: environment });
      expect(stdout).toContain(`"datatype":"${datatype}","shape":[1,${count}]`);
    }
  });
});

await describeNeeding('snippets of Python', ['peer:tritonclient'], (paths) => {
  it.each(['python', 'grpc'])('%s send all inputs', async (key) => {
    const program = join(workDir, 'several.py');
    writeFileSync(program, severalText(key, 2));
    const { stdout } = await run(join(paths['peer:tritonclient'], 'bin', 'python'), [program], { cwd: workDir, env: environment });
    expect(stdout).toContain('next');
  }, 60_000);
  it.each(types.flatMap((datatype) => (['python', 'grpc'] as const).map((key) => [key, datatype] as const)))('%s send %s', async (key, datatype) => {
    const program = join(workDir, 'snippet.py');
    writeFileSync(program, textOf(key, datatype, 4));
    const { stdout } = await run(join(paths['peer:tritonclient'], 'bin', 'python'), [program], { cwd: workDir, env: environment });
    expect(stdout).toContain(datatype);
  }, 60_000);
});
