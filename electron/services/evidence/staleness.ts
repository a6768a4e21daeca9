// Whether a report still speaks of what is there: this machine and, where its station is here, the station's model, image, data and limits.
import type { MachineReport } from '#shared/contract/machine';
import { evidenceRecordSchema, type EvidenceRecord, type Staleness } from '#shared/contract/evidence';
import { modelRecordSchema } from '#shared/contract/models';
import { describeDecision } from '#shared/contract/decision';
import type { StationRecord } from '#shared/contract/stations';
import { plainDetector } from '#core/datasets/detectorSpec';
import type { DatasetYaml } from '#core/datasets/datasetYaml';
import { describeRuntime } from '#shared/contract/runtimeOptions';
import { lockedLimitsSchema } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import type { ValidationReceipt } from '#core/report/receipt';
import { compareOperation, type OperatingFacts } from '#core/stations/staleness';
import { locateData } from '../datasets/openDataset.ts';
import { datasetRecords } from '../datasets/resolveDataset.ts';
import { probeContext } from '../machine/ProbeContext.ts';
import { probeIdentity } from '../machine/probeIdentity.ts';
import { runtimeVersion } from '../machine/runtimeVersion.ts';
import type { Services } from '../Services.ts';
import { deployedVersion } from '../stations/deployments.ts';
import { runtimeOfVersion } from '../stations/servedRuntime.ts';
import { findStation } from '../stations/stationRecords.ts';
import { receiptIn } from './receiptIn.ts';
import { readEvidenceFile } from './verifyEvidence.ts';
import { readZip } from './zipContainer.ts';

type MachineFacts = Pick<MachineReport, 'os' | 'memory'> & { readonly cpu: Pick<MachineReport['cpu'], 'model' | 'cores' | 'threads' | 'isa'>; readonly gpus: ReadonlyArray<Pick<MachineReport['gpus'][number], 'model' | 'driver'>> };

/** NOT_FOUND, PERMISSION_DENIED; EVIDENCE_INVALID where the package holds no receipt that can be read. */
export async function staleness(services: Services, input: { readonly id: string } | { readonly path: string }): Promise<Staleness> {
  const records = services.store.collection('evidence', evidenceRecordSchema);
  const named = 'id' in input ? records.get(input.id) : null;
  if ('id' in input && named === null) throw new AppError('NOT_FOUND', `There is no evidence with the id ${input.id}.`);
  const path = named?.paths.zip ?? ('path' in input ? input.path : '');
  const { receipt, reportSha256 } = receiptIn(readZip(await readEvidenceFile(path)).entries, path);
  const record = named ?? records.list().find((each) => each.reportSha256 === reportSha256) ?? null;
  const machine = await probeIdentity(probeContext());
  const now = { ...machineFacts(machine), runtime: runtimeVersion(), ...await stationFacts(services, receipt) };
  const { differences, sections } = compareOperation(approvedFacts(receipt, record), now);
  const expired = receipt.validUntil !== null && Date.parse(receipt.validUntil) < services.clock();
  return { evidenceId: record?.id ?? null, reportSha256, state: record?.state ?? null, validUntil: receipt.validUntil, stale: expired || differences.length > 0, expired, differences, sections };
}

function machineFacts({ cpu, memory, os, gpus }: MachineFacts): Pick<OperatingFacts, 'processor' | 'memory' | 'system' | 'driver'> {
  return {
    processor: `${cpu.model}, ${cpu.cores} cores, ${cpu.threads} threads, ${[...cpu.isa].sort().join(' ') || 'no extensions'}`, memory: `${Math.round(memory.totalBytes / 2 ** 30)} GiB`,
    system: `${os.distro} ${os.release}, kernel ${os.kernel}, ${os.arch}`, driver: gpus.map(({ model, driver }) => `${model} ${driver ?? 'unknown'}`).sort().join('; ') || 'no graphics processor',
  };
}

const unknownMachine = { processor: null, memory: null, system: null, driver: null };

function approvedFacts(receipt: ValidationReceipt, record: EvidenceRecord | null): OperatingFacts {
  return {
    ...(receipt.machine ? machineFacts(receipt.machine) : unknownMachine), runtime: receipt.runtimeVersion, session: receipt.runtime && describeRuntime(receipt.runtime), image: record?.approvedImage ?? receipt.container?.imageId ?? null,
    model: receipt.model.summary.sha256, preprocessing: receipt.data.preprocess, threshold: receipt.decision && describeDecision(receipt.decision), limits: receipt.lockedLimits?.sha256 ?? null,
  };
}

/** How the station decides now; null where the report does not say how it did, or the test data that says it is not there. */
function thresholdNow({ decision }: ValidationReceipt, { threshold }: StationRecord, data: { readonly yaml: DatasetYaml | null } | null): string | null {
  if (decision === null) return null;
  // A run that was given a threshold of its own is held against the station as any other.
  if (threshold !== null) return describeDecision({ ...decision, threshold: threshold.value, positive: threshold.positive ?? decision.positive });
  if (decision.task !== 'detection') return describeDecision({ ...decision, threshold: null });
  return data && describeDecision({ ...decision, threshold: (data.yaml?.detector ?? plainDetector).score });
}

/** What the station of the report runs now; what it does not tell is not compared. */
async function stationFacts(services: Services, receipt: ValidationReceipt): Promise<Pick<OperatingFacts, 'session' | 'image' | 'model' | 'preprocessing' | 'threshold' | 'limits'>> {
  const station = receipt.station === null ? null : findStation(services, receipt.station.name);
  const nothing = { session: null, image: null, model: null, preprocessing: null, threshold: null, limits: null };
  if (station === null) return nothing;
  const live = deployedVersion(services, station.id);
  const served = live && runtimeOfVersion(live);
  const modelId = station.candidateModelId ?? station.modelId;
  const model = live?.modelSha256 ?? (modelId === null ? null : services.store.collection('models', modelRecordSchema).get(modelId)?.summary.sha256 ?? null);
  const set = station.testId === null ? null : datasetRecords(services).get(station.testId);
  const located = set === null ? null : await locateData(set.path, null).catch(() => null);
  const preprocess = located?.yaml?.preprocess;
  return {
    threshold: thresholdNow(receipt, station, located), session: served && describeRuntime(served), image: live?.imageId ?? null, model, preprocessing: preprocess ? JSON.stringify(preprocess) : null,
    limits: station.limitsId === null ? null : services.store.collection('limits', lockedLimitsSchema).get(station.limitsId)?.sha256 ?? null,
  };
}
