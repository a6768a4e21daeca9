// SageMaker's multi-model interface: models are loaded from folders that the platform has filled, asked, and removed again.
import { stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { resolve } from 'node:path';
import { AppError, isAppError } from '#shared/errors';
import { jsonReply, type Handler, type RouteFinder } from '../http/HttpExchange.ts';
import { folderSource } from '../repository/ModelSource.ts';
import type { ModelRegistry } from '../repository/createModelRegistry.ts';
import { inferAny } from './soleModel.ts';

/** The weights, and about as much again that the runtime packs for its kernels. */
const memoryFactor = 2;
const isLoaded = (registry: ModelRegistry, name: string) => registry.versionsOf(name).some(({ state }) => state === 'READY' || state === 'LOADING');
const described = (name: string, url: string) => ({ modelName: name, modelUrl: url });

const load: Handler = async (exchange, { registry, origins }) => {
  let name: unknown, url: unknown;
  try {
    const body = await exchange.readBody();
    ({ model_name: name, url } = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')) as { model_name?: unknown; url?: unknown }); // looked at below
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('BAD_INPUT', 'The body is not valid JSON.', { cause: error });
  }
  if (typeof name !== 'string' || name === '' || typeof url !== 'string' || !url.startsWith('/')) throw new AppError('BAD_INPUT', 'The body must have "model_name" and "url", the absolute path of a folder.');
  const path = resolve(url);
  if (/^\/(?:dev|proc|sys)(?:\/|$)/.test(path)) throw new AppError('BAD_INPUT', 'Models are not loaded from system folders.');
  if (isLoaded(registry, name)) return jsonReply({ error: `Model "${name}" is loaded already.` }, 409);
  const source = folderSource(path, name);
  const [found] = await source.list();
  if (!found || found.name !== name) throw new AppError('NOT_FOUND', `There is no model in ${path}.`);
  const { size } = await stat(found.versions.at(-1)?.path ?? path);
  if (size * memoryFactor > freemem()) return jsonReply({ error: `There is not enough memory for model "${name}".` }, 507);
  await registry.load(name, source);
  origins.set(name, path);
  return jsonReply(described(name, path));
};

const list: Handler = (_exchange, { registry, origins }) => jsonReply({ models: [...origins].filter(([name]) => isLoaded(registry, name)).map(([name, url]) => described(name, url)) });

function demand(registry: ModelRegistry, name: string): void {
  if (!isLoaded(registry, name)) throw new AppError('NOT_FOUND', `Model "${name}" is not loaded.`);
}
const show = (name: string): Handler => (_exchange, { registry, origins }) => { demand(registry, name); return jsonReply(described(name, origins.get(name) ?? '')); };
const remove = (name: string): Handler => async (_exchange, { registry, origins }) => {
  demand(registry, name);
  await registry.unload(name);
  origins.delete(name);
  return jsonReply({});
};
const invoke = (name: string): Handler => (exchange, context) => { demand(context.registry, name); return inferAny(exchange, context, name); };

export const multiModelRoutes: RouteFinder = ([root, name, verb, more], { options }) => {
  if (!options.multiModel || root !== 'models') return null;
  if (name === undefined) return { GET: list, POST: load };
  if (verb === undefined) return { GET: show(name), DELETE: remove(name) };
  return verb === 'invoke' && more === undefined ? { POST: invoke(name) } : null;
};
