// The recipe of the CUDA image, as far as a machine without GPU and network can try it: whole, consistent, and its program serves and says what it lacks.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OutputOf } from '#shared/contract/index';
import { buildServing } from '#test/fakes/servingProcess';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { runJob } from '#test/fakes/runJob';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { describeNeeding } from '../e2e/needs.ts';

await describeNeeding('the recipe of the CUDA image', ['parts'], ({ parts }) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-cuda-'));
  const folder = join(root, 'recipe');
  let test: TestHost;
  let written: OutputOf<'images.recipe'>;
  let restore = (): void => undefined;
  beforeAll(async () => {
    buildServing();
    restore = setEnvironment({ MILLWRIGHT_PARTS: parts });
    test = openTestHost({ dataDir: join(root, 'data') });
    written = await runJob(test, 'images.recipe', { outputPath: folder });
  });
  afterAll(async () => { await test.close(); restore(); rmSync(root, { recursive: true, force: true }); });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('has every file that the Dockerfile takes, and lets it see them', () => {
    const stages = read('Dockerfile').split('\n').filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    const taken = stages.flatMap((line) => line.split(' ').slice(1, -1));
    expect(taken.sort()).toEqual(['LICENCES.md', 'NOTICE', 'package.json', 'serving.cjs']);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(taken));
    expect(read('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1)).sort()).toEqual(taken);
  });

  it('pins the versions that were tested, and names the two commands and the licences', () => {
    const { components } = JSON.parse(readFileSync(join(parts, 'parts.json'), 'utf8')) as { components: { name: string; version: string }[] };
    const versionOf = (name: string) => components.find((one) => one.name === name)?.version ?? 'none';
    expect(JSON.parse(read('package.json'))).toMatchObject({ dependencies: { 'onnxruntime-node': versionOf('onnxruntime-node') } });
    expect(read('Dockerfile')).toContain(`node:${versionOf('node')}-`);
    expect(read('Dockerfile').split('\n').filter((line) => line.startsWith('FROM '))).toEqual(['FROM ${NODE_IMAGE} AS runtime', 'FROM ${CUDA_IMAGE}']);
    expect(read('README.md')).toContain(`docker build --platform linux/amd64 -t ${written.tag} .`);
    expect(read('README.md')).toContain(`docker save -o millwright-serving-cuda.tar ${written.tag}`);
    expect(read('LICENCES.md')).toMatch(/CUDA EULA/);
  });

  it('carries the hash of each file', () => {
    const sums = read('SHA256SUMS').trim().split('\n').map((line) => line.split('  '));
    expect(sums.map(([, name = '']) => name).sort()).toEqual(readdirSync(folder).filter((name) => name !== 'SHA256SUMS').sort());
    for (const [sum, name = ''] of sums) expect(createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')).toBe(sum);
  });

  it('does not write into a folder with other files, unless told to', async () => {
    await expect(runJob(test, 'images.recipe', { outputPath: folder })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    writeFileSync(join(folder, 'NOTICE'), 'damaged');
    await runJob(test, 'images.recipe', { outputPath: folder, force: true });
    expect(read('NOTICE')).toContain('Apache-2.0');
  });

  it('serves in the layout of the image on the processor where CUDA\'s library is missing, and says so', async () => {
    const layout = join(root, 'opt', 'millwright');
    mkdirSync(join(layout, 'node_modules'), { recursive: true });
    copyFileSync(join(folder, 'serving.cjs'), join(layout, 'serving.cjs'));
    for (const name of ['onnxruntime-node', 'onnxruntime-common']) symlinkSync(resolve('node_modules', name), join(layout, 'node_modules', name));
    const models = join(root, 'models', 'codes', '1');
    mkdirSync(models, { recursive: true });
    copyFileSync(join('resources', 'sample', 'lot-code-reader.onnx'), join(models, 'model.onnx'));
    const child = spawn(process.execPath, [join(layout, 'serving.cjs'), 'serve'], { env: { PROVIDER: 'cuda', MODEL_DIR: join(root, 'models'), HOST: '127.0.0.1', PORT: '0', GRPC_PORT: '-1', DRAIN_DELAY_MS: '0', ORT_DISABLE_TELEMETRY: '1' }, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise<void>((done) => { child.once('close', () => done()); });
    let log = '';
    child.stderr.on('data', (part: Buffer) => { log += part.toString(); });
    try {
      await until(() => log.includes('"model is ready"') && log.includes('"listening"'), 'it serves', 60_000);
      const lines = log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.find(({ event }) => event === 'runs on the processor')).toMatchObject({ level: 'error', reason: expect.stringMatching(/^The execution provider cuda is missing: /) as string });
      expect(lines.find(({ event }) => event === 'model is ready')).toMatchObject({ provider: 'cpu' });
      const port = String(lines.find(({ event }) => event === 'listening')?.['port']);
      expect(await (await fetch(`http://127.0.0.1:${port}/v2/models/codes/config`)).json()).toMatchObject({ instance_group: [{ kind: 'KIND_CPU' }] });
    } finally { child.kill('SIGTERM'); await ended; }
  });
});
