// The flight recorder of a station: turned on and off, looked at, and saved.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { OutputOf, ParsedInputOf } from '#shared/contract/index';
import type { ServingView } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import type { RecordSummary, RecorderWish } from '#shared/gateway';
import { harEntry, harText } from '#core/stations/harFile';
import { readableBody } from '#core/stations/readableBody';
import { httpAddress } from '#core/stations/stationAddress';
import { refuseOverwrite, writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { Services } from '../Services.ts';
import { oldGateway, tellGateway, type ActContext, type Acted } from './acting.ts';
import { actorOf } from './actor.ts';
import { getDeployment } from './deployments.ts';
import { gatewayStatus } from './gatewayClient.ts';
import { recordBySeq, recordList } from './recordingClient.ts';

/** Of this data folder: what was saved without a path, and what a browser may fetch. */
export const recordingsDir = (dataDir: string): string => join(dataDir, 'recordings');

/** @throws BAD_INPUT where the gateway has no recorder */
export function setRecorder(services: Services, { recorder, ...acted }: Acted & { readonly recorder: RecorderWish | null }, { signal }: ActContext): Promise<ServingView> {
  return tellGateway(services, acted, { doing: 'flight recorder', done: 'station.recorder' }, async (before) => {
    const status = before.desired === 'running' && recorder !== null ? await gatewayStatus(before, signal) : null;
    if (status !== null && status.recorder === undefined) throw oldGateway(before.station, 'has no flight recorder');
    return { recorder };
  }, signal);
}

export async function listRecords(services: Services, { stationId }: { readonly stationId: string }, signal: AbortSignal): Promise<RecordSummary[]> {
  const deployment = getDeployment(services, stationId);
  return deployment.recorder === null ? [] : recordList(deployment, signal);
}

/** @throws NOT_FOUND where newer requests have pushed it out */
export async function showRecord(services: Services, { stationId, seq }: { readonly stationId: string; readonly seq: number }, signal: AbortSignal): Promise<OutputOf<'serving.recorded'>> {
  const record = await recordBySeq(getDeployment(services, stationId), seq, signal);
  if (record === null) throw new AppError('NOT_FOUND', `Request ${seq} is not recorded, or newer ones have pushed it out.`, { hint: 'Keep more requests, or save the recording soon after the incident.' });
  const { question, answer, method: _method, ...summary } = record;
  const text = ({ headers, body }: typeof question) => readableBody(headers, body === null ? null : Buffer.from(body, 'base64'));
  return { ...summary, question: text(question), answer: answer === null ? null : text(answer) };
}

/** Oldest first. What was recorded is production data, so who took it out stands in the audit trail. @throws NOT_FOUND where nothing is recorded */
export async function saveRecords(services: Services, { stationId, path, force, reason }: ParsedInputOf<'serving.saveRecords'>, { signal, progress }: ActContext): Promise<OutputOf<'serving.saveRecords'>> {
  const deployment = getDeployment(services, stationId);
  const target = path ?? join(recordingsDir(services.dataDir), `${deployment.slug}-${new Date(services.clock()).toISOString().replaceAll(':', '-')}.har`);
  await refuseOverwrite(target, force);
  const held = deployment.recorder === null ? [] : (await recordList(deployment, signal)).map(({ seq }) => seq).reverse();
  const entries: string[] = [];
  const origin = httpAddress(deployment, hostname());
  for (const [index, seq] of held.entries()) {
    progress({ stage: 'Reading what was recorded', done: index, total: held.length });
    const record = await recordBySeq(deployment, seq, signal);
    if (record !== null) entries.push(JSON.stringify(harEntry(record, origin, (base64) => Buffer.from(base64, 'base64'))));
  }
  if (entries.length === 0) throw new AppError('NOT_FOUND', `"${deployment.station}" has recorded nothing${deployment.recorder === null ? ': its flight recorder is off' : ' yet'}.`, { hint: deployment.recorder === null ? `Turn it on: millwright station record "${deployment.station}"` : 'Send requests to the station first.' });
  const text = harText(entries, { name: 'Millwright', version: services.version });
  await writeFileAtomic(target, text, { force, mode: 0o600 });
  services.store.audit.append({ actor: actorOf(services), action: 'station.recordingSaved', subject: deployment.station, detail: { stationId, path: target, records: entries.length, ...(reason === undefined ? {} : { reason }) } });
  return { path: target, records: entries.length, bytes: Buffer.byteLength(text), gone: held.length - entries.length };
}
