// The routes of the Open Inference Protocol version 2 and its extensions.
import { versions as built } from '../builtVersions.ts';
import { badInput } from '../protocol/badInput.ts';
import { configOf, extensions, metadataOf, serverName, statisticsOf } from '../protocol/modelDescriptions.ts';
import { jsonReply, type Handler, type HttpExchange, type Reply, type Route, type RouteFinder, type ServingContext } from './HttpExchange.ts';
import { inferHandler } from './inferHandler.ts';

const unready = (text: string, fields: Readonly<Record<string, unknown>> = {}): Reply => ({ ...jsonReply({ ...fields, ready: false, error: text }, 503), headers: { 'retry-after': '1' } });

const live: Handler = () => jsonReply({ live: true });
const ready: Handler = (_exchange, { registry, isOpen }) => (isOpen() && registry.isReady() ? jsonReply({ ready: true }) : unready(isOpen() ? 'Not every model is ready.' : 'The server is ending.'));
const server: Handler = () => jsonReply({ name: serverName, version: built.app, extensions });

/** Bodies of the repository's operations may be empty. */
async function readOptions(exchange: HttpExchange): Promise<Readonly<Record<string, unknown>>> {
  const body = await exchange.readBody();
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch { throw badInput('The body is not valid JSON.'); }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badInput('The body must be a JSON object.');
  return value as Readonly<Record<string, unknown>>; // an object, as was just seen
}

const index: Handler = async (exchange, { registry }) => {
  const { ready: onlyReady } = await readOptions(exchange);
  if (onlyReady !== undefined && typeof onlyReady !== 'boolean') throw badInput('"ready" must be true or false.');
  return jsonReply((await registry.index()).filter(({ state }) => onlyReady !== true || state === 'READY'));
};

const load = (name: string): Handler => async (exchange, { registry }) => {
  const { parameters } = await readOptions(exchange);
  if (typeof parameters === 'object' && parameters !== null && Object.keys(parameters).length > 0) throw badInput('Models are loaded from the repository as they lie there; parameters for loading are not served.');
  await registry.load(name);
  return jsonReply({});
};
const unload = (name: string): Handler => async (exchange, { registry }) => {
  await readOptions(exchange);
  await registry.unload(name);
  return jsonReply({});
};

const modelReady = (name: string, version: string | null): Handler => (_exchange, { registry, isOpen }) => {
  const { state, reason } = registry.find(name, version);
  return state === 'READY' && isOpen() ? jsonReply({ name, ready: true }) : unready(reason === '' ? `The model is ${state.toLowerCase()}.` : reason, { name });
};
const metadata = (name: string, version: string | null): Handler => (_exchange, { registry }) => {
  const model = registry.serving(name, version);
  return jsonReply(metadataOf(model, registry.versionsOf(name).filter(({ state }) => state === 'READY').map((one) => one.version)));
};
const config = (name: string, version: string | null): Handler => (_exchange, { registry }) => jsonReply(configOf(registry.serving(name, version)));
const stats = (name: string | null, version: string | null): Handler => (_exchange, { registry }) => {
  const models = name === null ? registry.versions() : version === null ? (registry.find(name, null), registry.versionsOf(name)) : [registry.find(name, version)];
  return jsonReply({ model_stats: models.map(statisticsOf) });
};

function modelRoute(name: string, version: string | null, verb: string | undefined): Route | null {
  switch (verb) {
    case undefined: return { GET: metadata(name, version) };
    case 'infer': return { POST: inferHandler({ name, version }) };
    case 'ready': return { GET: modelReady(name, version) };
    case 'config': return { GET: config(name, version) };
    case 'stats': return { GET: stats(name, version) };
    default: return null;
  }
}

export const v2Routes: RouteFinder = (parts: readonly string[], _context: ServingContext) => {
  if (parts[0] !== 'v2') return null;
  const [, area, name, third, fourth, fifth] = parts;
  if (area === undefined) return { GET: server };
  if (area === 'health' && parts.length === 3) return name === 'live' ? { GET: live } : name === 'ready' ? { GET: ready } : null;
  if (area === 'models') {
    if (name === 'stats' && parts.length === 3) return { GET: stats(null, null) };
    if (name === undefined) return null;
    if (third === 'versions' && fourth !== undefined) return parts.length <= 6 ? modelRoute(name, fourth, fifth) : null;
    return parts.length <= 4 ? modelRoute(name, null, third) : null;
  }
  if (area === 'repository') {
    if (name === 'index' && parts.length === 3) return { POST: index };
    if (name === 'models' && third !== undefined && parts.length === 5) return fourth === 'load' ? { POST: load(third) } : fourth === 'unload' ? { POST: unload(third) } : null;
  }
  return null;
};
