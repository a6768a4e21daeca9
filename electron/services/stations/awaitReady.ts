// Waits until a version answers, or says why it will not: ended, out of memory, killed, or too slow; with the last words of its log.
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { namesOf } from '#core/stations/planStation';
import { readLastLines } from '../containers/containerLogs.ts';
import type { Engine } from '../containers/Engine.ts';
import { inspectContainer } from '../containers/stationObjects.ts';
import { awaitReplicas } from './awaitReplicas.ts';
import { isVersionReady } from './gatewayClient.ts';

const pollMs = 50;
/** Looking at the container is dearer than asking it. */
const inspectEveryMs = 1000;

export async function awaitReady(engine: Engine, deployment: Deployment, version: string, { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<void> {
  if (deployment.swarm !== null) return awaitReplicas(engine, deployment, version, { withinMs, signal });
  const name = namesOf(deployment.slug).model(version);
  const startedMs = performance.now();
  let inspectedMs = startedMs;
  while (!(await isVersionReady(deployment, version, signal))) {
    signal.throwIfAborted();
    const nowMs = performance.now();
    const late = nowMs - startedMs > withinMs;
    if (late || nowMs - inspectedMs > inspectEveryMs) {
      inspectedMs = nowMs;
      for (const one of [name, namesOf(deployment.slug).gateway]) {
        const detail = await inspectContainer(engine, one, signal);
        const problem = detail === null ? 'it is gone' : detail.outOfMemory ? 'it needs more memory than its limit' : detail.state === 'running' && detail.restarts === 0 ? null : detail.state === 'created' ? `it was not started${detail.error === '' ? '' : `: ${detail.error}`}` : `it ended with code ${detail.exitCode ?? '?'}`;
        if (problem !== null) throw await failed(problem, detail?.outOfMemory === true ? 'Deploy again with a higher --memory.' : null, one);
      }
      if (late) throw await failed(`it did not answer within ${Math.round(withinMs / 1000)} seconds`, 'Give it longer with --ready-within, or look at the log above.', name, 'TIMEOUT');
    }
    await new Promise((resolve) => { setTimeout(resolve, pollMs); });
  }

  async function failed(problem: string, hint: string | null, one: string, code: 'DOCKER_REFUSED' | 'TIMEOUT' = 'DOCKER_REFUSED'): Promise<AppError> {
    const last = (await readLastLines(engine, one, 3, signal).catch(() => [])).join(' | ').slice(-400);
    const who = one === name ? `The new container of "${deployment.station}"` : `The gateway of "${deployment.station}"`;
    return new AppError(code, `${who} does not serve: ${problem}.${last === '' ? '' : ` Its last words: ${last}`}`, hint === null ? {} : { hint });
  }
}
