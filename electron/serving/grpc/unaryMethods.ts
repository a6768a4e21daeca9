// The calls of the inference service that carry no tensors.
import { AppError } from '#shared/errors';
import { versions as built } from '../builtVersions.ts';
import type { ServingContext } from '../http/HttpExchange.ts';
import { badInput } from '../protocol/badInput.ts';
import { configOf, extensions, metadataOf, serverName, statisticsOf } from '../protocol/modelDescriptions.ts';
import { decodeMessage, encodeMessage, textOf } from './MessageTable.ts';
import * as messages from './messages.ts';

type UnaryMethod = (bytes: Uint8Array, context: ServingContext) => Uint8Array | Promise<Uint8Array>;

const named = (bytes: Uint8Array): { readonly name: string; readonly version: string | null } => {
  const { name, version } = decodeMessage(messages.modelName, bytes);
  return { name: textOf(name), version: textOf(version) === '' ? null : textOf(version) };
};

export const unaryMethods: Readonly<Record<string, UnaryMethod>> = {
  ServerLive: () => encodeMessage(messages.live, { live: true }),
  ServerReady: (_bytes, { registry, isOpen }) => encodeMessage(messages.ready, { ready: isOpen() && registry.isReady() }),
  ModelReady(bytes, { registry, isOpen }) {
    const { name, version } = named(bytes);
    return encodeMessage(messages.ready, { ready: isOpen() && registry.find(name, version).state === 'READY' });
  },
  ServerMetadata: () => encodeMessage(messages.serverMetadata, { name: serverName, version: built.app, extensions }),
  ModelMetadata(bytes, { registry }) {
    const { name, version } = named(bytes);
    return encodeMessage(messages.modelMetadata, metadataOf(registry.serving(name, version), registry.versionsOf(name).filter(({ state }) => state === 'READY').map((one) => one.version)));
  },
  ModelConfig(bytes, { registry }) {
    const { name, version } = named(bytes);
    const config = configOf(registry.serving(name, version));
    const typed = <T extends { readonly data_type: string }>(tensor: T) => ({ ...tensor, data_type: messages.configDataTypes.findIndex((one) => one === tensor.data_type) });
    const instances = config.instance_group.map((group) => ({ ...group, kind: messages.instanceKinds.findIndex((one) => one === group.kind) }));
    return encodeMessage(messages.modelConfigResponse, { config: { ...config, input: config.input.map(typed), output: config.output.map(typed), instance_group: instances } });
  },
  ModelStatistics(bytes, { registry }) {
    const { name, version } = named(bytes);
    if (name !== '') registry.find(name, version);
    const models = name === '' ? registry.versions() : registry.versionsOf(name).filter((one) => version === null || one.version === version);
    return encodeMessage(messages.modelStatisticsResponse, { model_stats: models.map(statisticsOf) });
  },
  async RepositoryIndex(bytes, { registry }) {
    const { ready } = decodeMessage(messages.repositoryIndexRequest, bytes);
    return encodeMessage(messages.repositoryIndexResponse, { models: (await registry.index()).filter(({ state }) => ready !== true || state === 'READY') });
  },
  async RepositoryModelLoad(bytes, { registry }) {
    const { model_name: name, parameters } = decodeMessage(messages.repositoryModelRequest, bytes);
    if (parameters !== undefined) throw badInput('Models are loaded from the repository as they lie there; parameters for loading are not served.');
    await registry.load(textOf(name));
    return encodeMessage(messages.nothing, {});
  },
  async RepositoryModelUnload(bytes, { registry }) {
    await registry.unload(textOf(decodeMessage(messages.repositoryModelRequest, bytes)['model_name']));
    return encodeMessage(messages.nothing, {});
  },
};

/** The health of the server, or of one model by its name. */
export function healthOf(bytes: Uint8Array, { registry, isOpen }: ServingContext): number {
  const service = textOf(decodeMessage(messages.healthRequest, bytes)['service']);
  const known = service === '' || service === 'inference.GRPCInferenceService';
  if (!known && !registry.has(service)) return messages.healthStatus.serviceUnknown;
  try {
    const ready = isOpen() && (known ? registry.isReady() : registry.find(service, null).state === 'READY');
    return ready ? messages.healthStatus.serving : messages.healthStatus.notServing;
  } catch (error) {
    if (error instanceof AppError) return messages.healthStatus.notServing;
    throw error;
  }
}
