// The JSON documents of a container image: configuration, manifest, index, and the list that `docker load` reads. Sources: OCI image-spec 1.1, Docker image spec 1.2.
import { allocatorPairs, nodeArguments } from './startFlags.ts';

const oci = 'application/vnd.oci.image';

export interface ImageLayer {
  /** What the layer holds, for the history. */
  readonly comment: string;
  /** "sha256:…" of the uncompressed tar: the identity of the layer. */
  readonly diffId: string;
  /** "sha256:…" of the blob as it is stored. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly compressed: boolean;
}

export interface ImageFacts {
  readonly version: string;
  readonly onnxruntimeVersion: string;
  /** ISO time. */
  readonly created: string;
  /** Name of the model in the image; null where models are mounted. */
  readonly model: string | null;
  /** As stated in the registry. */
  readonly modelVersion: string | null;
}

export const servingUser = '65532:65532';
const programFolder = '/opt/millwright';

/** SageMaker reads the first two from an image's labels; the others are the OCI annotations. */
const labelsOf = ({ version, created, model, modelVersion, onnxruntimeVersion }: ImageFacts): Record<string, string> => ({
  'com.amazonaws.sagemaker.capabilities.accept-bind-to-port': 'true',
  'com.amazonaws.sagemaker.capabilities.multi-models': 'true',
  'org.millwright.onnxruntime': onnxruntimeVersion,
  ...(model === null ? {} : { 'org.millwright.model': model, 'org.millwright.model.version': modelVersion ?? 'not stated' }),
  'org.opencontainers.image.created': created,
  'org.opencontainers.image.description': model === null ? 'Serves ONNX models over the Open Inference Protocol.' : `Serves the ONNX model ${model} over the Open Inference Protocol.`,
  'org.opencontainers.image.licenses': 'Apache-2.0 AND MIT AND LGPL-2.1-or-later AND GPL-3.0-or-later WITH GCC-exception-3.1',
  'org.opencontainers.image.title': 'Millwright serving',
  'org.opencontainers.image.vendor': 'Millwright',
  'org.opencontainers.image.version': version,
});

const sorted = (record: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The SHA-256 of this text is the image id of Docker's classic store. */
export function imageConfig(facts: ImageFacts, layers: readonly ImageLayer[]): string {
  return JSON.stringify({
    architecture: 'amd64',
    config: {
      Cmd: ['serve'],
      Entrypoint: ['/usr/local/bin/node', ...nodeArguments, `${programFolder}/serving.cjs`],
      // The runtime would otherwise report its use to its maker; HOME is the only place that can be written.
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/tmp', 'NODE_ENV=production', 'ORT_DISABLE_TELEMETRY=1', 'MODEL_DIR=/models', ...allocatorPairs],
      ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} },
      Labels: sorted(labelsOf(facts)),
      StopSignal: 'SIGTERM',
      User: servingUser,
      WorkingDir: programFolder,
    },
    created: facts.created,
    history: layers.map(({ comment }) => ({ created: facts.created, created_by: 'millwright image build', comment })),
    os: 'linux',
    rootfs: { diff_ids: layers.map(({ diffId }) => diffId), type: 'layers' },
  });
}

export function imageManifest(facts: ImageFacts, config: { readonly digest: string; readonly sizeBytes: number }, layers: readonly ImageLayer[]): string {
  return JSON.stringify({
    schemaVersion: 2, mediaType: `${oci}.manifest.v1+json`,
    config: { mediaType: `${oci}.config.v1+json`, digest: config.digest, size: config.sizeBytes },
    layers: layers.map(({ digest, sizeBytes, compressed }) => ({ mediaType: `${oci}.layer.v1.tar${compressed ? '+gzip' : ''}`, digest, size: sizeBytes })),
    annotations: sorted(labelsOf(facts)),
  });
}

export function imageIndex(manifest: { readonly digest: string; readonly sizeBytes: number }, tag: string): string {
  return JSON.stringify({
    schemaVersion: 2, mediaType: `${oci}.index.v1+json`,
    manifests: [{ mediaType: `${oci}.manifest.v1+json`, digest: manifest.digest, size: manifest.sizeBytes, platform: { architecture: 'amd64', os: 'linux' }, annotations: { 'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1) } }],
  });
}

export const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

/** Engines that know only Docker's older form find the same blobs by this list. */
export function dockerManifest(configDigest: string, layers: readonly ImageLayer[], tag: string): string {
  return JSON.stringify([{ Config: blobPath(configDigest), RepoTags: [tag], Layers: layers.map(({ digest }) => blobPath(digest)) }]);
}
