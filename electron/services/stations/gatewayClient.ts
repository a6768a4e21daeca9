// Talks to a station's gateway; every request ends, for a published port may accept long before anyone listens behind it.
import { request } from 'node:http';
import { z } from 'zod';
import { gatewayStatusSchema, type GatewayConfig, type GatewayStatus } from '#shared/gateway';
import { AppError } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { readFigures, type EngineFigures } from '#core/engines/readFigures';
import { readPrometheusText, type Sample } from '#core/text/prometheusText';
import { hostThere } from '#core/stations/stationAddress';
import { agentFor, throughEngineMs, type Gateway } from './gatewayChannel.ts';

interface Answer { readonly status: number; readonly body: string; readonly version: string | null }
interface AskOptions { readonly method?: string; readonly body?: string; readonly key?: string; readonly deadlineMs?: number; readonly signal?: AbortSignal | undefined }
/** Two bodies of a recorded request, in base64, are the largest. */
const answerBytesMax = 24 * 1024 ** 2;

/** Null where nobody answers in time. */
export function askGateway(gateway: Gateway, path: string, options: AskOptions = {}): Promise<Answer | null> {
  const { method = 'GET', body, deadlineMs = 1500, signal } = options;
  // Where clients need keys, the console asks with its own, also for an inference.
  const key = options.key ?? (gateway.clients !== null || gateway.tls !== null ? gateway.gatewayKey : undefined);
  const agent = agentFor(gateway);
  return new Promise((resolve) => {
    const sent = request({
      host: gateway.engine === null ? hostThere(gateway) : 'gateway', port: gateway.port, path, method, agent: agent ?? false,
      headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) },
    }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => { size += part.length; if (size > answerBytesMax) sent.destroy(); else parts.push(part); });
      const version = response.headers['x-millwright-version'];
      response.on('end', () => end({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8'), version: typeof version === 'string' ? version : null }));
      response.on('error', () => end(null));
      response.on('close', () => end(null));
    });
    const give = () => { sent.destroy(); end(null); };
    const timer = setTimeout(give, deadlineMs + (agent === null ? 0 : throughEngineMs));
    signal?.addEventListener('abort', give, { once: true });
    const end = (answer: Answer | null) => { clearTimeout(timer); signal?.removeEventListener('abort', give); resolve(answer); };
    // One that was kept may have ended with the gateway that it led to.
    sent.on('error', (error: NodeJS.ErrnoException) => { if (sent.reusedSocket && error.code === 'ECONNRESET') void askGateway(gateway, path, options).then(end); else end(null); });
    sent.end(body);
  });
}

export async function gatewayStatus(gateway: Gateway, signal?: AbortSignal): Promise<GatewayStatus | null> {
  const answer = await askGateway(gateway, '/gateway/status', { key: gateway.gatewayKey, signal });
  if (answer?.status !== 200) return null;
  const parsed = gatewayStatusSchema.safeParse(jsonOrNull(answer.body));
  return parsed.success && parsed.data.station === gateway.station ? parsed.data : null;
}

/** What clients saw since the gateway started; null where nobody answers. */
export async function gatewayFigures(gateway: Gateway, signal?: AbortSignal): Promise<{ readonly figures: EngineFigures; readonly inFlight: number } | null> {
  const answer = await askGateway(gateway, '/metrics', { signal });
  if (answer?.status !== 200) return null;
  const samples = readPrometheusText(answer.body);
  return { figures: readFigures('gateway', samples), inFlight: samples.filter(({ name }) => name === 'millwright_gateway_in_flight').reduce((sum, { value }) => sum + value, 0) };
}

/** The version's own figures, through the gateway, for nobody else reaches it; null where it does not tell them. */
export async function versionSamples(gateway: Gateway, version: string, signal?: AbortSignal): Promise<Sample[] | null> {
  const answer = await askGateway(gateway, `/gateway/metrics/${version}`, { deadlineMs: 2500, signal });
  return answer?.status === 200 ? readPrometheusText(answer.body) : null;
}

/** True when the version answers that it is ready, over the path that its traffic takes. */
export const isVersionReady = async (gateway: Gateway, version: string, signal?: AbortSignal): Promise<boolean> => (await askGateway(gateway, `/gateway/ready/${version}`, { deadlineMs: 2500, signal }))?.status === 200;

/** Where the live version runs, as our own runtime tells it: KIND_CPU or KIND_GPU; null where it does not. */
export async function liveKind(gateway: Gateway, model: string, signal?: AbortSignal): Promise<string | null> {
  const answer = await askGateway(gateway, `/v2/models/${encodeURIComponent(model)}/config`, { deadlineMs: 5000, signal });
  const parsed = answer?.status === 200 ? configSchema.safeParse(jsonOrNull(answer.body)) : null;
  return parsed?.success ? parsed.data.instance_group[0]?.kind ?? null : null;
}
const configSchema = z.object({ instance_group: z.array(z.object({ kind: z.string() })) });

/** @throws CONNECTION_LOST, DOCKER_REFUSED */
export async function putOrders(gateway: Gateway, orders: GatewayConfig, signal?: AbortSignal): Promise<void> {
  const { port, station } = gateway;
  const put = (revision: number) => askGateway(gateway, '/gateway/config', { method: 'PUT', body: JSON.stringify({ ...orders, revision }), key: gateway.gatewayKey, deadlineMs: 5000, signal });
  let answer = await put(orders.revision);
  // It follows newer orders than this store knows of, as after the data folder came back from a backup: the store's wish counts.
  if (answer?.status === 409) answer = await put(((await gatewayStatus(gateway, signal))?.revision ?? orders.revision) + 1);
  signal?.throwIfAborted();
  if (answer === null) throw new AppError('CONNECTION_LOST', `The gateway of "${station}" does not answer at port ${port}.`, { hint: 'Try again; `millwright station logs` shows what the gateway says.' });
  if (answer.status !== 200) throw new AppError('DOCKER_REFUSED', `The gateway of "${station}" refused its new orders (HTTP ${answer.status}).`, { hint: 'Restart the station: millwright station restart NAME' });
}

const inferDeadlineMs = 60_000;

/** One inference over the station's address. @throws CONNECTION_LOST, BAD_INPUT with the sentence of the server */
export async function inferThrough(gateway: Gateway, model: string, body: string, signal?: AbortSignal): Promise<{ readonly body: unknown; readonly version: string | null; readonly latencyMs: number }> {
  const { port, station } = gateway;
  const startedAt = performance.now();
  const answer = await askGateway(gateway, `/v2/models/${encodeURIComponent(model)}/infer`, { method: 'POST', body, deadlineMs: inferDeadlineMs, signal });
  const latencyMs = performance.now() - startedAt;
  signal?.throwIfAborted();
  if (answer === null) throw new AppError('CONNECTION_LOST', `"${station}" does not answer at port ${port}.`, { hint: 'Look at its state and its log on the Serving screen.' });
  const value = jsonOrNull(answer.body);
  if (answer.status !== 200) {
    const sentence = typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string' ? value.error : `HTTP ${answer.status}`;
    throw new AppError(answer.status >= 500 ? 'CONNECTION_LOST' : 'BAD_INPUT', `"${station}" refused the sample: ${sentence}`);
  }
  return { body: value, version: answer.version, latencyMs };
}
