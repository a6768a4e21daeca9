// Asks one version of a station what its flight recorder holds, and compares the answers with those that clients got.
import type { ParsedInputOf } from '#shared/contract/index';
import type { ReplayReport } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { isFailure } from '#shared/gateway';
import { quantileSorted } from '#core/statistics/latency';
import type { Services } from '../Services.ts';
import type { ActContext } from './acting.ts';
import { getDeployment } from './deployments.ts';
import { recordList, replayRecord } from './recordingClient.ts';

const differencesTold = 20;

/** One after the other, so that the line is not slowed down; in the order in which they came. @throws NOT_FOUND, BAD_INPUT where that version does not run, CONNECTION_LOST */
export async function replayStation(services: Services, { stationId, version, tolerance }: ParsedInputOf<'serving.replay'>, { signal, progress }: ActContext): Promise<ReplayReport> {
  const deployment = getDeployment(services, stationId);
  const { station, live, candidate, recorder } = deployment;
  const running = candidate === null ? [live] : [live, candidate];
  const target = version ?? candidate ?? live;
  if (!running.includes(target)) throw new AppError('BAD_INPUT', `Version ${target} of "${station}" does not run.`, { hint: `${running.join(' and ')} can be asked. Deploy another one with --shadow 0, and it runs beside the live one without seeing traffic.` });
  const held = recorder === null ? [] : (await recordList(deployment, signal)).reverse();
  const comparable = held.filter(({ whole, status }) => whole && !isFailure(status));
  if (comparable.length === 0) throw new AppError('NOT_FOUND', `"${station}" has no recorded request to replay.`, { hint: recorder === null ? `Turn its flight recorder on: millwright station record "${station}"` : 'It needs requests that were answered with success, and recorded whole.' });
  const report = { stationId, version: target, live, tolerance, asked: 0, same: 0, different: 0, decisionsChanged: 0, failed: 0, skipped: held.length - comparable.length };
  const differences: ReplayReport['differences'] = [];
  const times: number[] = [];
  for (const [index, { seq, at, requestId }] of comparable.entries()) {
    progress({ stage: `Asking ${target} again`, done: index, total: comparable.length });
    const replayed = await replayRecord(deployment, target, seq, tolerance, signal);
    if (replayed === null) { report.skipped += 1; continue; } // pushed out meanwhile
    report.asked += 1;
    report[replayed.outcome] += 1;
    if (replayed.decisionChanged) report.decisionsChanged += 1;
    if (replayed.outcome !== 'failed') times.push(replayed.durationMs);
    if (replayed.reason !== null && differences.length < differencesTold) differences.push({ seq, at, requestId, reason: replayed.reason, decisionChanged: replayed.decisionChanged });
  }
  times.sort((a, b) => a - b);
  const quantile = (p: number) => (times.length === 0 ? null : quantileSorted(times, p));
  return { ...report, p50Ms: quantile(0.5), p99Ms: quantile(0.99), differences };
}
