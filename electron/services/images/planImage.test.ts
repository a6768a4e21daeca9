import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import * as CycloneDX from '@cyclonedx/cyclonedx-library';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planImage, type ImageModel, type ImagePlan } from './planImage.ts';
import { readArchive } from './readArchive.ts';
import { tarStream } from './tarStream.ts';

const sampleModel = join('resources', 'sample', 'lot-code-reader.onnx');
const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
let folder = '';
const services = () => ({ resourcesDir: join(folder, 'resources'), version: '1.2.3' });
const env = () => ({ MILLWRIGHT_PARTS: join(folder, 'parts') });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millwright-image-'));
  await mkdir(join(folder, 'parts'));
  await mkdir(join(folder, 'resources'));
  const tar = Buffer.alloc(10_240);
  const packed = gzipSync(tar);
  await writeFile(join(folder, 'parts', 'base.tar.gz'), packed);
  await writeFile(join(folder, 'parts', 'parts.json'), JSON.stringify({
    format: 1, platform: 'linux/amd64', createdAt: '2026-11-20T00:00:00Z', layers: [{ name: 'base', file: 'base.tar.gz', diffId: sha256(tar), digest: sha256(packed), sizeBytes: packed.length, uncompressedBytes: tar.length }],
    components: [{ name: 'onnxruntime-node', version: '9.9.9', licence: 'MIT', purl: 'pkg:npm/onnxruntime-node@9.9.9', sha256: null }, { name: 'libstdc++6', version: '12', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1', purl: 'pkg:deb/debian/libstdc%2B%2B6@12', sha256: 'a'.repeat(64) }],
  }));
  await writeFile(join(folder, 'resources', 'serving.cjs'), 'console.log("serve")');
  await writeFile(join(folder, 'resources', 'serving.packages.json'), JSON.stringify([{ name: '@scope/zod', version: '4.0.0', licence: 'MIT', text: 'MIT text' }]));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const model = (name = 'Lot codes'): ImageModel => ({ name, model: { path: sampleModel, name, id: null, record: null, labels: ['0', '1'] } });
async function write(plan: ImagePlan, name = 'image.tar'): Promise<string> {
  const path = join(folder, name);
  await pipeline(tarStream(plan.files), createWriteStream(path));
  return path;
}
const unpack = (path: string, member: string) => execFileSync('tar', ['-xOf', path, member], { maxBuffer: 1 << 26 });

describe.skipIf(process.platform === 'win32')('planImage', () => {
  it('writes an archive whose every digest and size is true, for old and new engines', async () => {
    const plan = await planImage(services(), { model: model(), env: env() });
    const path = await write(plan);
    expect((await readFile(path)).length).toBe(plan.sizeBytes);
    const index = JSON.parse(unpack(path, 'index.json').toString()) as { manifests: [{ digest: string; size: number }] };
    const blob = (digest: string) => unpack(path, `blobs/${digest.replace(':', '/')}`);
    const manifestBytes = blob(index.manifests[0].digest);
    expect([sha256(manifestBytes), manifestBytes.length]).toEqual([plan.manifestDigest, index.manifests[0].size]);
    const manifest = JSON.parse(manifestBytes.toString()) as { config: { digest: string; size: number }; layers: { digest: string; size: number; mediaType: string }[] };
    const config = blob(manifest.config.digest);
    expect([sha256(config), config.length]).toEqual([plan.configDigest, manifest.config.size]);
    const diffIds = (JSON.parse(config.toString()) as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids;
    for (const [at, layer] of manifest.layers.entries()) {
      const bytes = blob(layer.digest);
      expect([sha256(bytes), bytes.length]).toEqual([layer.digest, layer.size]);
      expect(sha256(layer.mediaType.endsWith('+gzip') ? execFileSync('gzip', ['-dc'], { input: bytes, maxBuffer: 1 << 26 }) : bytes)).toBe(diffIds[at]);
    }
    expect(JSON.parse(unpack(path, 'manifest.json').toString())).toEqual([{ Config: `blobs/${plan.configDigest.replace(':', '/')}`, RepoTags: ['millwright/serving-lot-codes:1.2.3'], Layers: manifest.layers.map(({ digest }) => `blobs/${digest.replace(':', '/')}`) }]);
    expect(await readArchive(path)).toEqual({ sizeBytes: plan.sizeBytes, configDigest: plan.configDigest, manifestDigest: plan.manifestDigest, tags: ['millwright/serving-lot-codes:1.2.3'] });
  });

  it('runs as nobody, silent towards the maker of the runtime, and is labelled', async () => {
    const path = await write(await planImage(services(), { env: env() }));
    const [{ Config }] = JSON.parse(unpack(path, 'manifest.json').toString()) as [{ Config: string }];
    const { config, created } = JSON.parse(unpack(path, Config).toString()) as { created: string; config: { User: string; Env: string[]; Labels: Record<string, string> } };
    expect([config.User, created]).toEqual(['65532:65532', '2026-11-20T00:00:00Z']);
    expect(config.Env).toEqual(expect.arrayContaining(['ORT_DISABLE_TELEMETRY=1', 'MALLOC_MMAP_THRESHOLD_=131072', 'MALLOC_ARENA_MAX=2']));
    expect(config.Labels).toMatchObject({ 'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true', 'org.opencontainers.image.version': '1.2.3', 'org.millwright.onnxruntime': '9.9.9' });
  });

  it('gives the same bytes again, and another id for another model or time', async () => {
    const [first, second] = [await planImage(services(), { model: model(), env: env() }), await planImage(services(), { model: model(), env: env() })];
    expect(sha256(await readFile(await write(first, 'a.tar')))).toBe(sha256(await readFile(await write(second, 'b.tar'))));
    const other = await planImage(services(), { model: model('Other'), env: env() });
    const later = await planImage(services(), { model: model(), env: { ...env(), SOURCE_DATE_EPOCH: '1800000000' } });
    expect(new Set([first.configDigest, other.configDigest, later.configDigest]).size).toBe(3);
    await expect(planImage(services(), { env: { ...env(), SOURCE_DATE_EPOCH: 'yesterday' } })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('puts the model where the runtime looks, read-only, with its labels', async () => {
    const plan = await planImage(services(), { model: model(), env: env() });
    const path = await write(plan);
    const layer = unpack(path, `blobs/${(plan.layers.at(-1)?.digest ?? '').replace(':', '/')}`);
    expect(execFileSync('tar', ['-tf', '-'], { input: layer }).toString().trim().split('\n')).toEqual(['models/', 'models/Lot-codes/', 'models/Lot-codes/1/', 'models/Lot-codes/1/model.onnx', 'models/Lot-codes/millwright.json']);
    expect(execFileSync('tar', ['-xOf', '-', 'models/Lot-codes/1/model.onnx'], { input: layer, maxBuffer: 1 << 26 }).equals(await readFile(sampleModel))).toBe(true);
    expect(JSON.parse(execFileSync('tar', ['-xOf', '-', 'models/Lot-codes/millwright.json'], { input: layer }).toString())).toEqual({ labels: ['0', '1'] });
  });

  it('carries a valid bill of materials and the licences of what is bundled', async () => {
    const plan = await planImage(services(), { env: env() });
    const path = await write(plan);
    const layer = execFileSync('gzip', ['-dc'], { input: unpack(path, `blobs/${(plan.layers[1]?.digest ?? '').replace(':', '/')}`) });
    const bom = execFileSync('tar', ['-xOf', '-', 'usr/share/doc/millwright/sbom.cdx.json'], { input: layer }).toString();
    expect(await new CycloneDX.Validation.JsonStrictValidator(CycloneDX.Spec.Version.v1dot6).validate(bom)).toBeNull();
    expect((JSON.parse(bom) as { components: { name: string }[] }).components.map(({ name }) => name).sort()).toEqual(['@scope/zod', 'libstdc++6', 'millwright', 'onnxruntime-node']);
    expect(execFileSync('tar', ['-xOf', '-', 'usr/share/doc/millwright/NOTICE'], { input: layer }).toString()).toContain('@scope/zod 4.0.0 (MIT)\n\nMIT text');
  });

  it('says what is missing, and never passes on a damaged part', async () => {
    const path = join(folder, 'parts', 'base.tar.gz');
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(write(await planImage(services(), { env: env() }))).rejects.toMatchObject({ code: 'PARTS_MISSING', message: expect.stringContaining('damaged') as string });
    await truncate(path, 10);
    await expect(planImage(services(), { env: env() })).rejects.toMatchObject({ code: 'PARTS_MISSING', message: expect.stringContaining('not whole') as string });
    await expect(planImage(services(), { env: { MILLWRIGHT_PARTS: join(folder, 'none') } })).rejects.toMatchObject({ code: 'PARTS_MISSING', hint: expect.stringContaining('gather-parts') as string });
  });
});

describe.skipIf(process.platform === 'win32')('readArchive', () => {
  it('tells a cut file, an empty one and one that is no image, before the engine is asked', async () => {
    const path = await write(await planImage(services(), { env: env() }));
    const whole = (await readFile(path)).length;
    await truncate(path, whole - 3000);
    await expect(readArchive(path)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('not copied whole') as string });
    await truncate(path, 0);
    await expect(readArchive(path)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('empty') as string });
    await writeFile(path, 'x'.repeat(2000));
    await expect(readArchive(path)).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('no image archive') as string });
    await expect(readArchive(join(folder, 'absent.tar'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
