// Plans the serving image: which layers it has and what its id is, before a byte of it is written.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Preparation } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { imageBom, type ImageComponent } from '#core/images/imageBom';
import { blobPath, dockerManifest, imageConfig, imageIndex, imageManifest, type ImageFacts, type ImageLayer } from '#core/images/imageDocuments';
import type { Services } from '../Services.ts';
import type { ResolvedModel } from '../models/resolveModel.ts';
import { findParts, readServingBundle, type BundledPackage, type Parts } from './findParts.ts';
import { imageNameOf, repositoryFiles, servedNameOf } from './repositoryFiles.ts';
import { fileOfBytes, tarStream, tarStreamSize, withFolders, type TarFile } from './tarStream.ts';

export interface ImagePlan {
  readonly tag: string;
  /** The id in Docker's classic store: SHA-256 of the configuration. Same parts and model give the same id. */
  readonly configDigest: string;
  /** The id in stores of the newer kind. Depends on how this installation compressed the parts. */
  readonly manifestDigest: string;
  readonly layers: readonly (ImageLayer & { readonly name: string })[];
  /** The archive, in order. */
  readonly files: readonly TarFile[];
  readonly sizeBytes: number;
  /** Its bill of materials, as it lies in the image at `bomPath`. */
  readonly bom: string;
}

/** Without the leading slash, as in a layer. */
export const bomPath = 'usr/share/doc/millwright/sbom.cdx.json';

export interface ImageModel { readonly model: ResolvedModel; readonly name: string; readonly version?: number; /** As `repositoryFiles` takes it. */ readonly prepared?: Preparation | null; /** Without it, from the name of the model and the version of the program. */ readonly tag?: string }

const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
interface Blob { readonly layer: ImageLayer & { readonly name: string }; readonly file: TarFile }

export async function planImage(services: Pick<Services, 'resourcesDir' | 'version'>, { model = null, signal, env = process.env }: { readonly model?: ImageModel | null; readonly signal?: AbortSignal; readonly env?: Readonly<Record<string, string | undefined>> } = {}): Promise<ImagePlan> {
  const parts = await findParts(services, env);
  const { code, packages } = await readServingBundle(services);
  const created = createdAt(env, model, parts);
  const facts: ImageFacts = { version: services.version, onnxruntimeVersion: parts.components.find(({ name }) => name === 'onnxruntime-node')?.version ?? '', created, model: model === null ? null : servedNameOf(model.name), modelVersion: model?.model.record?.version ?? null };
  const bom = servingBom(packages, [...parts.components, { name: 'millwright', version: services.version, licence: 'Apache-2.0', purl: `pkg:generic/millwright@${services.version}`, sha256: null }], facts);
  const blobs = [
    ...parts.layers.map((part) => staticBlob(part, parts)),
    await programBlob(code, packages, bom, facts),
    ...(model === null ? [] : [await modelBlob(model, signal)]),
  ];
  const layers = blobs.map(({ layer }) => layer);
  const tag = model?.tag ?? `millwright/${model === null ? 'serving' : `serving-${imageNameOf(model.name)}`}:${services.version.replace(/[^\w.-]/g, '-')}`;
  const config = imageConfig(facts, layers);
  const configDigest = digestOf(config);
  const manifest = imageManifest(facts, { digest: configDigest, sizeBytes: Buffer.byteLength(config) }, layers);
  const manifestDigest = digestOf(manifest);
  const files = [
    fileOfBytes('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
    fileOfBytes('index.json', imageIndex({ digest: manifestDigest, sizeBytes: Buffer.byteLength(manifest) }, tag)),
    fileOfBytes('manifest.json', dockerManifest(configDigest, layers, tag)),
    fileOfBytes(blobPath(manifestDigest), manifest),
    fileOfBytes(blobPath(configDigest), config),
    ...blobs.map(({ file }) => file),
  ];
  return { tag, configDigest, manifestDigest, layers, files, sizeBytes: tarStreamSize(files), bom };
}

/** As the makers of reproducible builds agreed (SOURCE_DATE_EPOCH), else the time of the registered model, else that of the parts. */
function createdAt(env: Readonly<Record<string, string | undefined>>, model: ImageModel | null, parts: Parts): string {
  const epoch = env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined || epoch === '') return model?.model.record?.importedAt ?? parts.createdAt;
  const time = new Date(Number(epoch) * 1000);
  if (!/^\d+$/.test(epoch) || Number.isNaN(time.getTime())) throw new AppError('BAD_INPUT', `SOURCE_DATE_EPOCH is "${epoch}", and seconds since 1970 are needed.`);
  return time.toISOString();
}

/** The digest is looked at while the part is copied: a damaged part never leaves as a good image. */
function staticBlob({ name, file, diffId, digest, sizeBytes }: Parts['layers'][number], { folder }: Parts): Blob {
  const path = join(folder, file);
  const watch = () => {
    const hash = createHash('sha256');
    return {
      update: (part: Uint8Array) => { hash.update(part); },
      done: () => { if (`sha256:${hash.digest('hex')}` !== digest) throw new AppError('PARTS_MISSING', `The part ${path} of the serving image is damaged.`); },
    };
  };
  return { layer: { name, comment: name, diffId, digest, sizeBytes, compressed: true }, file: { path: blobPath(digest), kind: 'file', mode: 0o644, sizeBytes, content: path, watch } };
}

function servingBom(packages: readonly BundledPackage[], parts: readonly ImageComponent[], { version, created }: ImageFacts): string {
  const bundled = packages.map(({ name, version: release, licence }): ImageComponent => ({ name, version: release, licence, purl: `pkg:npm/${name.replace('@', '%40')}@${release}`, sha256: null }));
  return imageBom({ version, created, components: [...parts, ...bundled] });
}

async function programBlob(code: Uint8Array, packages: readonly BundledPackage[], bom: string, facts: ImageFacts): Promise<Blob> {
  const bytes = await collect(withFolders([
    fileOfBytes('opt/millwright/serving.cjs', code),
    fileOfBytes(bomPath, bom),
    fileOfBytes('usr/share/doc/millwright/NOTICE', `Millwright serving ${facts.version}, Apache-2.0.\nThe program contains these packages:\n\n${packages.map(({ name, version, licence, text }) => `${name} ${version} (${licence})\n\n${text.trim()}\n`).join('\n')}`),
  ]));
  const packed = await promisify(gzip)(bytes);
  const digest = digestOf(packed);
  return { layer: { name: 'program', comment: 'serving runtime', diffId: digestOf(bytes), digest, sizeBytes: packed.length, compressed: true }, file: fileOfBytes(blobPath(digest), packed) };
}

/** Weights hardly compress, so the layer is stored as it is; it is read twice, and never held. */
async function modelBlob({ model, name, version = 1, prepared = null }: ImageModel, signal: AbortSignal | undefined): Promise<Blob> {
  const { files } = await repositoryFiles(model, { name: servedNameOf(name), version, prepared, ...(signal ? { signal } : {}) });
  const entries = withFolders(files.map((file) => ({ ...file, path: `models/${file.path}` })));
  const hash = createHash('sha256');
  for await (const part of tarStream(entries, signal) as AsyncIterable<Uint8Array>) hash.update(part);
  const digest = `sha256:${hash.digest('hex')}`;
  const sizeBytes = tarStreamSize(entries);
  return { layer: { name: 'model', comment: `model ${servedNameOf(name)}`, diffId: digest, digest, sizeBytes, compressed: false }, file: { path: blobPath(digest), kind: 'file', mode: 0o644, sizeBytes, content: entries } };
}

async function collect(files: readonly TarFile[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of tarStream(files) as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}
