// Asks single versions, live or not, how they are: whether they are ready, and for the figures in their own words.
import type { ServerResponse } from 'node:http';
import type { GatewayConfig, GatewayTarget } from '#shared/gateway';
import { expositionType } from '../metrics/exposition.ts';
import type { Upstreams } from '../sealed.ts';
import { forward, type Place } from './forward.ts';
import { readAnswer } from './readAnswer.ts';
import { answer, refuse } from './replies.ts';
import { sealOf, type Replicas } from './replicas.ts';

const probeMs = 2000;
const usualReady: NonNullable<GatewayTarget['ready']> = { path: '/v2/health/ready', holds: null };
const probeBytesMax = 1024 ** 2;
const figuresBytesMax = 8 * 1024 ** 2;

export function makeVersionLooks({ config, replicas, upstreams, signal }: { readonly config: () => GatewayConfig | null; readonly replicas: Replicas; readonly upstreams: Upstreams; readonly signal: AbortSignal }) {
  /** Asks one version whether it is ready, live or not: the console tries a new one through the very path that its traffic will take. */
  async function probe(id: string, response: ServerResponse, requestId: string): Promise<void> {
    const target = config()?.targets.find((one) => one.id === id);
    if (!target) return refuse(response, 404, 'The orders name no such version.', requestId);
    if (target.replicas) {
      const ready = replicas.status(id).filter((one) => one.ready).length;
      return answer(response, ready > 0 ? 200 : 503, { version: id, ready, replicas: target.replicas.length });
    }
    const { path, holds, port = target.httpPort } = target.ready ?? usualReady;
    const said = await look({ ...target, httpPort: port, seal: null }, path, probeBytesMax);
    if (said === null) return refuse(response, 503, `The version ${id} cannot be reached.`, requestId);
    const ready = said.status === 200 && (holds === null || said.body.includes(holds));
    answer(response, ready ? 200 : 503, { version: id, status: said.status });
  }

  /** The figures of one version in its own words: the network of the station lets nobody else ask for them. */
  async function figures(id: string, response: ServerResponse, requestId: string): Promise<void> {
    const target = config()?.targets.find((one) => one.id === id);
    if (!target?.metrics) return refuse(response, 404, 'The orders name no such version, or none with figures.', requestId);
    const { metrics: { path: figuresPath, port } } = target;
    if (target.replicas) {
      // Their counters add up: one reader sums what has the same name.
      const ready = (replicas.inTurn(target) ?? []).filter((one) => one.ready === true);
      const said = await Promise.all(ready.map(({ place }) => look({ key: target.key, ...place, seal: sealOf(target, place) }, figuresPath, figuresBytesMax)));
      const texts = said.flatMap((one) => (one?.status === 200 ? [one.body.toString('utf8')] : []));
      if (texts.length === 0) return refuse(response, 503, `No replica of version ${id} tells its figures.`, requestId);
      const text = texts.join('\n');
      response.writeHead(200, { 'content-type': expositionType, 'content-length': Buffer.byteLength(text) });
      response.end(text);
      return;
    }
    const said = await look({ ...target, httpPort: port, seal: null }, figuresPath, figuresBytesMax);
    if (said?.status !== 200) return refuse(response, 503, said === null ? `The version ${id} does not tell its figures.` : `The version ${id} answered ${said.status} for its figures.`, requestId);
    response.writeHead(200, { 'content-type': expositionType, 'content-length': said.body.length });
    response.end(said.body);
  }

  async function look(target: Place & Pick<GatewayTarget, 'key'>, path: string, bytesMax: number): Promise<{ readonly status: number; readonly body: Buffer } | null> {
    const attempt = await forward(target, { method: 'GET', path, headers: target.key === undefined ? {} : { authorization: `Bearer ${target.key}` }, body: Buffer.alloc(0) }, { upstreams, timeoutMs: probeMs, signal: AbortSignal.any([signal, AbortSignal.timeout(probeMs)]) });
    return attempt.kind === 'answered' ? readAnswer(attempt.response, bytesMax) : null;
  }

  return { probe, figures };
}
