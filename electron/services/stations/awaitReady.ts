// Waits until a version answers, or says why it will not: ended, out of memory, killed, or too slow; with the last words of its log.
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { namesOf } from '#core/stations/planStation';
import { readLastLines } from '../containers/containerLogs.ts';
import type { Engine } from '../containers/Engine.ts';
import { inspectContainer, type ContainerDetail } from '../containers/stationObjects.ts';
import { awaitReplicas } from './awaitReplicas.ts';
import { isVersionReady } from './gatewayClient.ts';

const pollMs = 50;
/** Looking at the container is dearer than asking it. */
const inspectEveryMs = 1000;

/** Why a container will not serve; null while it still may. The engine counts its restarts since it was made, for a gateway months ago: only what happened since it was seen first tells something. */
export function problemOf(detail: ContainerDetail | null, first: Pick<ContainerDetail, 'restarts' | 'outOfMemory'> | null): string | null {
  if (detail === null) return 'it is gone';
  const { state, restarts, outOfMemory, exitCode, error } = detail;
  if (state === 'running' && restarts <= (first?.restarts ?? 0) && outOfMemory === (first?.outOfMemory ?? false)) return null;
  if (outOfMemory) return 'it needs more memory than its limit';
  if (state === 'running') return 'it ended, and was started again';
  if (state === 'created') return `it was not started${error === '' ? '' : `: ${error}`}`;
  return state === 'paused' ? 'it is paused' : `it ended with code ${exitCode ?? '?'}`;
}

export async function awaitReady(engine: Engine, deployment: Deployment, version: string, { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<void> {
  if (deployment.swarm !== null) return awaitReplicas(engine, deployment, version, { withinMs, signal });
  const name = namesOf(deployment.slug).model(version);
  const startedMs = performance.now();
  let inspectedMs = Number.NEGATIVE_INFINITY;
  const firstSeen = new Map<string, ContainerDetail | null>();
  while (!(await isVersionReady(deployment, version, signal))) {
    signal.throwIfAborted();
    const nowMs = performance.now();
    const late = nowMs - startedMs > withinMs;
    if (late || nowMs - inspectedMs > inspectEveryMs) {
      inspectedMs = nowMs;
      for (const one of [name, namesOf(deployment.slug).gateway]) {
        const detail = await inspectContainer(engine, one, signal);
        const first = firstSeen.get(one) ?? detail;
        firstSeen.set(one, first);
        const problem = problemOf(detail, first);
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
