// Sends one sample of a data set through a station's own address, as a client would, and compares the answer with the model run here.
import { hostname } from 'node:os';
import { httpAddress } from '#core/stations/stationAddress';
import type { InputOf, OutputOf } from '#shared/contract/index';
import { engineFacts, inferPath } from '#shared/engines';
import { AppError } from '#shared/errors';
import { elementTypes, type Feeds, type TensorValue } from '#shared/tensor';
import { liveVersion } from '#shared/liveVersion';
import { datatypeOf } from '#core/engines/tensorTypes';
import { answersOf } from '#core/statistics/answers';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { addErrors, noErrors } from '#core/statistics/tensorErrors';
import { openDataset } from '../datasets/openDataset.ts';
import { openSession } from '../inference/openSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import { modelRecords } from '../models/modelRecords.ts';
import type { Services } from '../Services.ts';
import type { ThresholdRule } from '#core/statistics/decision';
import { getDeployment } from './deployments.ts';
import { getStation } from './stationRecords.ts';
import { inferThrough } from './gatewayClient.ts';

type Tried = OutputOf<'serving.try'>;
const shownValues = 64;

/** @throws NOT_FOUND, BAD_DATA, CONNECTION_LOST where the station does not answer, BAD_INPUT where it refuses the sample, with its own sentence */
export async function tryStation(services: Services, { stationId, data, index }: InputOf<'serving.try'>, signal: AbortSignal): Promise<Tried> {
  const deployment = getDeployment(services, stationId);
  const version = liveVersion(deployment);
  if (version && engineFacts[version.engine].protocol !== 'oip') throw new AppError('BAD_INPUT', `"${deployment.station}" is served by ${engineFacts[version.engine].title}, which does not speak the Open Inference Protocol.`, { hint: `Send a request of its own to ${httpAddress(deployment, hostname())}${inferPath(version.engine, version.servedName)}` });
  const record = version?.modelId ? modelRecords(services).get(version.modelId) : null;
  if (!version || !record) throw new AppError('NOT_FOUND', `The model that "${deployment.station}" serves is not registered here any more.`, { hint: 'Import it again, and deploy it.' });
  const session = await openSession(services, { path: record.path });
  try {
    const reader = await openDataset(services, data, { inputs: tensorInfos(session.inputs) });
    try {
      const sample = await reader.read(index);
      const answer = await inferThrough(deployment, version.servedName, questionOf(sample.feeds), signal);
      const outputs = outputsOf(answer.body);
      const datatypes = new Map(tensorsOf(answer.body).map(({ name, datatype }) => [name, datatype]));
      const here = await session.run(sample.feeds, { fetches: Object.keys(outputs), signal }).then((run) => run.outputs, () => null);
      const classes = record.labels ?? reader.classes;
      const rule = ruleAt(services, stationId, classes);
      const decided = reader.task === 'classification' || reader.task === 'regression' ? decide(outputs, { task: reader.task, classes, fromModel: record.labels !== null, rule }) : null;
      return {
        sample: sample.name, label: sample.label, predicted: decided?.predicted ?? null, score: decided?.score ?? null, version: answer.version, latencyMs: answer.latencyMs,
        maxAbsDifference: here === null ? null : largestDifference(outputs, here),
        outputs: Object.entries(outputs).map(([name, value]) => ({ name, datatype: datatypes.get(name) ?? value.type, shape: [...value.dims], values: Array.from(value.data as ArrayLike<unknown>).slice(0, shownValues).map((each) => (typeof each === 'string' ? each : Number(each))) })),
      };
    } finally { await reader.close(); }
  } finally { await session.close(); }
}

/** The threshold that the station has, where it decides between these classes. */
function ruleAt(services: Services, stationId: string, classes: readonly string[]): ThresholdRule | null {
  const { threshold } = getStation(services, stationId);
  const index = threshold === null || classes.length !== 2 ? -1 : threshold.positive === null ? 1 : classes.indexOf(threshold.positive);
  return threshold === null || index < 0 ? null : { index, threshold: threshold.value };
}

/** Written by hand, for JSON.stringify knows no integers of 64 bits. @throws BAD_INPUT */
export const questionOf = (feeds: Feeds): string => `{"inputs":[${Object.entries(feeds).map(inputOf).join(',')}]}`;

function inputOf([name, { type, dims, data }]: [string, TensorValue]): string {
  if (type === 'float16' || type === 'bfloat16') throw new AppError('BAD_INPUT', `The input ${name} is ${type}, which has no JSON form.`, { hint: 'Send it as binary tensors, as the Python snippet does.' });
  const values = Array.from(data as ArrayLike<number | bigint | string>, (value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(type === 'bool' ? value === 1 : value)));
  return `${JSON.stringify({ name, datatype: datatypeOf(type), shape: dims }).slice(0, -1)},"data":[${values.join(',')}]}`;
}

const typesByDatatype = new Map(elementTypes.flatMap((type) => { const name = datatypeOf(type); return name === null ? [] : [[name, type] as const]; }));

interface OutputTensor { readonly name: string; readonly datatype: string; readonly shape: number[]; readonly data: unknown[] }

function tensorsOf(body: unknown): readonly OutputTensor[] {
  return typeof body === 'object' && body !== null && 'outputs' in body && Array.isArray(body.outputs) ? body.outputs as OutputTensor[] : []; // as the protocol lays it down
}

/** Answers as tensors; numbers come as doubles, which is enough to decide and to compare. */
function outputsOf(body: unknown): Feeds {
  return Object.fromEntries(tensorsOf(body).map(({ name, datatype, shape, data }) => {
    const type = typesByDatatype.get(datatype) ?? 'float32';
    const flat = data.flat(Infinity);
    return [name, type === 'string' ? { type, dims: shape, data: flat.map(String) } : { type: 'float64' as const, dims: shape, data: Float64Array.from(flat, Number) }];
  }));
}

function decide(outputs: Feeds, options: Parameters<typeof answersOf>[2]) {
  try { return answersOf(outputs, 1, options)[0] ?? null; } catch { return null; } // no decision to show, but the figures are
}

function largestDifference(there: Feeds, here: Feeds): number | null {
  let largest = 0;
  for (const [name, value] of Object.entries(there)) {
    const own = here[name];
    if (!own || value.type === 'string' || own.type === 'string') continue;
    if (value.data.length !== own.data.length) return null;
    largest = Math.max(largest, addErrors(noErrors, floatsOfTensor(own), floatsOfTensor(value)).maxAbs);
  }
  return largest;
}
