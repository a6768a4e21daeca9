// Each screen in the states that a person meets: empty, loading, running, with a result, failed, huge, long names, right to left.
import { AppError } from '#shared/errors';
import type { OperationName } from '#shared/contract/index';
import type { MachineReport } from '#shared/contract/machine';
import type { Scenario } from './fakeConnection.ts';
import { studies } from './fixtures/agreement.ts';
import { costDialAt } from './fixtures/costDial.ts';
import { dockets } from './fixtures/court.ts';
import { explained } from './fixtures/explanations.ts';
import { calibrationSet, datasets, samplePage, testSet, troubledSet } from './fixtures/datasets.ts';
import { approvedReport, auditEntries, current, deviations, report, reports, stale, tampered, verified } from './fixtures/evidence.ts';
import { machine, machineSamples, troubledMachine } from './fixtures/machine.ts';
import { diff, fit, graphNodes, hash, manyModels, models, optimised, original, refused } from './fixtures/models.ts';
import { spreadOfLayer } from './fixtures/histogram.ts';
import { blamed, compared, keptOriginal, quantized } from './fixtures/optimise.ts';
import { people } from './fixtures/people.ts';
import { keys } from './fixtures/keys.ts';
import { recorded, records, replayed, servingRecording } from './fixtures/recorder.ts';
import { advice, serving, servingAway, servingBreaker, servingCanary, servingGuarded, servingHeld, servingOldGateway, servingRemote, servings, servingShadow, servingShadowQuiet, servingStopped, servingSwarm } from './fixtures/serving.ts';
import { logLines, servingReadings, servingUpdated, triedAnswer } from './fixtures/servingReadings.ts';
import { commissioned, commissionFailed, failedStation, job, longName, manyStations, rtlName, running, station, stations } from './fixtures/stations.ts';
import { bench, dialled, explainedRun, failed, lockedLimits, passed, segmented } from './fixtures/validation.ts';
import type { GalleryState } from './GalleryState.ts';

type Answers = Scenario['answers'];
const noAudit = { intact: true, entries: 0, head: null, findings: [] };
const frame: Answers = {
  'people.list': [], 'keys.list': keys,
  'app.settings': { site: 'Plant Nord', userName: 'M. Weber', theme: 'system', engineHost: '', engineCerts: '' }, 'app.info': { version: '0.1.0', runtime: 'Node 20.11.1', node: '20.11.1', platform: 'linux-x64', dataDir: '/var/lib/millwright', shell: 'browser', onnxruntime: '1.30.0' },
  'audit.verify': { intact: true, entries: 240, head: hash('head'), findings: [] },
};
const plan = { samplesNeeded: 598, provenRate: null, sentence: '0 misses in 598 samples prove a rate below 0.5 % at 95 % confidence.' };
const nothing: Answers = { ...frame, 'serving.advice': [], 'audit.verify': noAudit, 'machine.inspect': machine, 'stations.list': [], 'models.list': [], 'datasets.list': [], 'evidence.list': [], 'deviations.list': [], 'validation.list': [], 'validation.listLimits': [], 'datasets.plan': plan, 'audit.show': { entries: [], total: 0 }, 'serving.list': [], 'court.list': [], 'agreement.list': [], 'validation.checkLimits': { limits: lockedLimits.limits } };
const byId = <T extends { readonly id: string }>(rows: readonly T[]) => ({ id }: { readonly id: string }) => rows.find((row) => row.id === id) ?? new AppError('NOT_FOUND', 'It is not in the data folder any more.', { hint: 'Go back to the list and choose another.' });
const full: Answers = {
  ...nothing, ...frame, 'serving.list': servings, 'serving.advice': [advice], 'serving.records': records, 'serving.recorded': recorded, 'stations.list': stations, 'stations.get': byId(stations), 'models.list': models, 'models.get': byId(models), 'models.graph': graphNodes(5000), 'models.fit': fit, 'models.diff': diff, 'datasets.list': datasets, 'datasets.get': byId(datasets), 'datasets.samples': samplePage,
  'court.list': dockets, 'agreement.list': studies, 'validation.list': [passed, failed], 'validation.costDial': costDialAt, 'validation.explanations': explained, 'validation.listLimits': [lockedLimits], 'evidence.list': reports, 'deviations.list': ({ open }: { readonly open?: boolean | undefined }) => deviations.filter(({ closure }) => open !== true || closure === null), 'evidence.staleness': current, 'evidence.get': byId(reports), 'evidence.verify': verified, 'audit.show': { entries: auditEntries(240), total: 240 },
};
const troubles: Partial<Record<OperationName, AppError>> = Object.fromEntries((['serving.list', 'stations.list', 'models.list', 'datasets.list', 'evidence.list', 'validation.list', 'validation.listLimits', 'machine.inspect', 'audit.show', 'audit.verify'] as const)
  .map((op) => [op, new AppError('PERMISSION_DENIED', 'The data folder /var/lib/millwright may not be read.', { hint: 'Give the user of this console the right to read it, or start with --data-dir on another folder.' })]));
const of = (answers: Answers, more: Omit<Scenario, 'answers'> = {}) => (): Scenario => ({ answers, ...more });
const live = (report_: MachineReport, cores: number, gpu: boolean) => (): Scenario => ({ answers: { ...full, 'machine.inspect': report_ }, samples: machineSamples(Date.now(), cores, gpu) });
const watched = (spanMs: number, stepMs: number) => (): Scenario => ({ answers: { ...full, 'serving.list': [servingUpdated(Date.now())] }, events: { 'serving.stats': servingReadings(Date.now(), spanMs, stepMs) } });
const error = (code: string, message: string, hint: string) => ({ code, message, hint });
const quantize = { op: 'models.quantize', title: 'Quantize', subject: 'Lid seal', lane: 'compute' as const, input: { model: { id: 'm-original' }, recipe: 'auto', goal: 'speed', maxDropPercent: 1, calibration: { id: 'd-cal' } } };
const quantizeDone = job({ ...quantize, id: 'j-q', output: quantized });
const compareDone = job({ id: 'j-c', op: 'models.compare', title: 'Compare', subject: 'Lid seal', input: { a: { id: 'm-original' }, b: { id: 'm-int8' }, data: { id: 'd-test' } }, output: compared });
const histogramInput = { model: { id: 'm-int8' }, data: { id: 'd-cal' }, node: spreadOfLayer.node, samples: 32 };
const histogramDone = job({ id: 'j-h', op: 'models.histogram', title: 'Distribution of a layer', subject: 'Lid seal', lane: 'compute', input: histogramInput, output: spreadOfLayer });
const commissionRunning = running({ progress: { stage: 'Quantize: static INT8 (mse), calibrating', done: 212, total: 480 } });
const renamed = (name: string): Answers => {
  const odd = { ...original, id: 'm-odd', name };
  const oddStation = { ...station, id: 's-odd', name, line: name.slice(0, 120), description: name };
  const oddSet = { ...testSet, id: 'd-odd', name, path: `/srv/${name}` };
  const oddReport = { ...report, id: 'e-odd', title: name, station: name };
  return { ...full, 'models.list': [odd, optimised], 'models.get': odd, 'stations.list': [oddStation, station], 'stations.get': oddStation, 'datasets.list': [oddSet, calibrationSet], 'datasets.get': oddSet, 'evidence.list': [oddReport, approvedReport], 'evidence.get': oddReport };
};

export const screenStates: readonly GalleryState[] = [
  { id: 'stations-empty', title: 'Stations, empty', hash: '#/stations', scenario: of(nothing) },
  { id: 'stations-loading', title: 'Stations, loading', hash: '#/stations', scenario: of(frame) },
  { id: 'stations-error', title: 'Stations, data folder unreadable', hash: '#/stations', scenario: of({ ...full, ...troubles }) },
  { id: 'stations-list', title: 'Stations', hash: '#/stations', scenario: of(full) },
  { id: 'stations-many', title: '500 stations', hash: '#/stations', scenario: of({ ...full, 'stations.list': manyStations }) },
  { id: 'stations-held', title: 'Stations, one of which answers nothing', hash: '#/stations', scenario: of({ ...full, 'serving.list': [servingHeld, servingStopped] }) },
  { id: 'stations-create', title: 'Create a station', hash: '#/stations?add=1', scenario: of(full) },
  { id: 'station-new', title: 'Station, nothing chosen', hash: '#/stations/s-2', scenario: of(full) },
  { id: 'station-running', title: 'Station, being commissioned', hash: '#/stations/s-1?tab=commission', scenario: of(full, { jobs: [commissionRunning] }) },
  { id: 'station-interrupted', title: 'Station, interrupted', hash: '#/stations/s-1?tab=commission', scenario: of(full, { jobs: [job({ state: 'interrupted', resumable: true, progress: { stage: 'Validate: 612 of 2000 samples', done: 64, total: 100 } })] }) },
  { id: 'station-passed', title: 'Station, commissioned', hash: '#/stations/s-1?tab=commission', scenario: of(full, { jobs: [job({ output: commissioned })] }) },
  { id: 'station-failed', title: 'Station, failed its limits', hash: '#/stations/s-3?tab=commission', scenario: of(full, { jobs: [job({ input: { stationId: 's-3' }, output: commissionFailed })] }) },
  { id: 'station-setup', title: 'Station, model and data', hash: '#/stations/s-1?tab=setup', scenario: of(full) },
  { id: 'station-history', title: 'Station, history', hash: '#/stations/s-3?tab=history', scenario: of(full, { jobs: [job({ input: { stationId: failedStation.id }, output: commissionFailed }), job({ id: 'j-0', input: { stationId: failedStation.id }, state: 'failed', error: error('DISK_FULL', 'There is no room on the disk: 0.4 GB are free on /var, 1.2 GB are needed.', 'Free space, or choose another folder.') })] }) },
  { id: 'station-long-name', title: 'Station, 10,000 characters of name', hash: '#/stations/s-odd', scenario: of(renamed(longName)) },
  { id: 'machine-live', title: 'Machine, live, 20 threads and a GPU', hash: '#/machine', scenario: live(machine, 20, true) },
  { id: 'machine-small', title: 'Machine, live, two cores', hash: '#/machine', scenario: live(troubledMachine, 2, false) },
  { id: 'machine-loading', title: 'Machine, being checked', hash: '#/machine?tab=preflight', scenario: of(frame) },
  { id: 'machine-error', title: 'Machine, not readable', hash: '#/machine?tab=inventory', scenario: of({ ...full, ...troubles }) },
  { id: 'machine-preflight', title: 'Machine, preflight with failures', hash: '#/machine?tab=preflight', scenario: of({ ...full, 'machine.inspect': troubledMachine }) },
  { id: 'machine-inventory', title: 'Machine, inventory', hash: '#/machine?tab=inventory', scenario: of(full) },
  { id: 'machine-changes', title: 'Machine, changes', hash: '#/machine?tab=changes', scenario: of(full) },
  { id: 'models-empty', title: 'Models, empty', hash: '#/models', scenario: of(nothing) },
  { id: 'models-loading', title: 'Models, loading', hash: '#/models', scenario: of(frame) },
  { id: 'models-list', title: 'Models', hash: '#/models?add=1', scenario: of(full) },
  { id: 'models-many', title: '1,200 models', hash: '#/models', scenario: of({ ...full, 'models.list': manyModels }) },
  { id: 'models-rtl', title: 'Models, right-to-left name', hash: '#/models/m-odd', scenario: of(renamed(rtlName)) },
  { id: 'models-long-name', title: 'Models, 10,000 characters of name', hash: '#/models', scenario: of(renamed(longName)) },
  { id: 'model-detail', title: 'Model', hash: '#/models/m-int8', scenario: of(full) },
  { id: 'model-refused', title: 'Model that does not run here', hash: `#/models/${refused.id}?tab=findings`, scenario: of(full) },
  { id: 'model-graph', title: 'Model, 5,000 nodes', hash: '#/models/m-original?tab=graph', scenario: of(full) },
  { id: 'model-diff', title: 'Model, difference', hash: '#/models/m-original?tab=diff&b=m-int8', scenario: of(full) },
  { id: 'model-lineage', title: 'Model, lineage', hash: '#/models/m-int8?tab=lineage', scenario: of(full) },
  { id: 'model-gone', title: 'Model that is gone', hash: '#/models/m-none', scenario: of(full) },
  { id: 'datasets-empty', title: 'Datasets, empty', hash: '#/datasets', scenario: of(nothing) },
  { id: 'datasets-list', title: 'Datasets', hash: '#/datasets', scenario: of(full) },
  { id: 'dataset-detail', title: 'Data set', hash: '#/datasets/d-test', scenario: of(full) },
  { id: 'dataset-trouble', title: 'Data set with errors and overlap', hash: `#/datasets/${troubledSet.id}?tab=findings`, scenario: of(full) },
  { id: 'dataset-columns', title: 'Data set of columns', hash: `#/datasets/${troubledSet.id}`, scenario: of(full) },
  { id: 'dataset-samples', title: 'Data set, samples', hash: '#/datasets/d-test?tab=samples', scenario: of(full) },
  { id: 'dataset-openings', title: 'Data set, openings', hash: '#/datasets/d-test?tab=openings', scenario: of(full) },
  { id: 'optimise-empty', title: 'Optimise, empty', hash: '#/optimise', scenario: of(nothing) },
  { id: 'optimise-form', title: 'Optimise, settings', hash: '#/optimise', scenario: of(full) },
  { id: 'optimise-running', title: 'Optimise, running', hash: '#/optimise', scenario: of(full, { jobs: [running({ ...quantize, progress: { stage: 'Measuring static INT8 (mse) against the original', done: 3, total: 6 } })] }) },
  { id: 'optimise-result', title: 'Optimise, result', hash: '#/optimise?latency=20', scenario: of(full, { jobs: [quantizeDone, compareDone] }) },
  { id: 'optimise-layer', title: 'Optimise, values of a layer', hash: '#/optimise?layer=%2Fstem%2Fconv1', scenario: of(full, { jobs: [quantizeDone, histogramDone] }) },
  { id: 'optimise-blame', title: 'Optimise, result with blame and layers in float', hash: '#/optimise?diff=1', scenario: of(full, { jobs: [job({ ...quantize, id: 'j-q', input: { ...quantize.input, exclude: ['/stem/normalise', 'type:Gemm'], blame: true }, output: blamed }), compareDone] }) },
  { id: 'optimise-cancelled', title: 'Optimise, second run cancelled', hash: '#/optimise', scenario: of(full, { jobs: [job({ ...quantize, id: 'j-q2', state: 'cancelled', createdAt: '2026-11-25T09:29:00.000Z' }), quantizeDone, compareDone] }) },
  { id: 'optimise-kept', title: 'Optimise, original kept', hash: '#/optimise', scenario: of(full, { jobs: [job({ ...quantize, output: keptOriginal })] }) },
  { id: 'optimise-failed', title: 'Optimise, failed', hash: '#/optimise', scenario: of(full, { jobs: [job({ ...quantize, state: 'failed', error: error('BAD_DATA', 'The calibration set does not fit the model: its images have 1 channel, the input “image” takes 3.', 'Set color: rgb in dataset.yaml, or choose another set.') })] }) },
  { id: 'validate-empty', title: 'Validate, empty', hash: '#/validate', scenario: of(nothing) },
  { id: 'validate-run', title: 'Validate, run', hash: '#/validate', scenario: of(full) },
  { id: 'validate-unlocked', title: 'Validate, no limits locked', hash: '#/validate', scenario: of({ ...full, 'validation.listLimits': [] }) },
  { id: 'validate-running', title: 'Validate, running', hash: '#/validate', scenario: of(full, { jobs: [running({ op: 'validation.run', title: 'Validate', subject: 'Lid seal', input: { model: { id: 'm-int8' } }, progress: { stage: 'Judging samples', done: 612, total: 2000 } })] }) },
  { id: 'validate-limits', title: 'Validate, limits', hash: '#/validate?tab=limits', scenario: of(full) },
  { id: 'validate-limits-bad', title: 'Validate, limits with a fault', hash: '#/validate?tab=limits', scenario: of({ ...full, 'validation.checkLimits': new AppError('BAD_LIMITS', 'Line 4: the metric “acuracy” is not known.', { hint: 'Did you mean accuracy?' }) }) },
  { id: 'validate-attempts', title: 'Validate, attempts', hash: '#/validate?tab=attempts', scenario: of(full) },
  { id: 'court-empty', title: 'Flip court, empty', hash: '#/validate?tab=court', scenario: of(nothing) },
  { id: 'court-loading', title: 'Flip court, loading', hash: '#/validate?tab=court', scenario: of(frame) },
  { id: 'court-error', title: 'Flip court, unreadable', hash: '#/validate?tab=court', scenario: of({ ...full, 'court.list': new AppError('PERMISSION_DENIED', 'The data folder /var/lib/millwright may not be read.') }) },
  { id: 'court-list', title: 'Flip court, dockets', hash: '#/validate?tab=court', scenario: of(full) },
  ...dockets.map((docket) => ({ id: `court-${docket.id.slice(2)}`, title: `Flip court, a docket: ${docket.state}`, hash: `#/validate?tab=court&docket=${docket.id}`, scenario: of({ ...full, 'people.list': people }) })),
  { id: 'court-nobody', title: 'Flip court, no users', hash: '#/validate?tab=court&docket=c-new', scenario: of(full) },
  { id: 'agreement-empty', title: 'Agreement, empty', hash: '#/validate?tab=agreement', scenario: of(nothing) },
  { id: 'agreement-loading', title: 'Agreement, loading', hash: '#/validate?tab=agreement', scenario: of(frame) },
  { id: 'agreement-list', title: 'Agreement, studies', hash: '#/validate?tab=agreement', scenario: of(full) },
  { id: 'agreement-open', title: 'Agreement, a study that goes on', hash: '#/validate?tab=agreement&study=g-open', scenario: of({ ...full, 'people.list': people }) },
  { id: 'agreement-closed', title: 'Agreement, a closed study', hash: '#/validate?tab=agreement&study=g-closed', scenario: of(full) },
  { id: 'validate-bench-empty', title: 'Validate, benchmark not run', hash: '#/validate?tab=benchmark', scenario: of(full) },
  { id: 'validate-bench', title: 'Validate, benchmark', hash: '#/validate?tab=benchmark', scenario: of(full, { jobs: [job({ op: 'benchmarks.run', input: { model: { id: 'm-int8' } }, output: bench })] }) },
  { id: 'validation-passed', title: 'Validation, passed', hash: '#/validate/v-pass', scenario: of(full) },
  { id: 'cost-dial', title: 'Validation, cost dial', hash: '#/validate/v-dial', scenario: of({ ...full, 'validation.list': [dialled] }) },
  { id: 'cost-dial-loading', title: 'Validation, cost dial loading', hash: '#/validate/v-dial', scenario: of({ ...full, 'validation.list': [dialled], 'validation.costDial': () => undefined }) },
  { id: 'cost-dial-refused', title: 'Validation, cost dial of a changed package', hash: '#/validate/v-dial', scenario: of({ ...full, 'validation.list': [dialled], 'validation.costDial': new AppError('EVIDENCE_INVALID', 'The package that holds the scores was changed after it was signed, so nothing is computed from it.') }) },
  { id: 'validation-explained', title: 'A validation, explained', hash: '#/validate/v-explained', scenario: of({ ...full, 'validation.list': [explainedRun] }) },
  { id: 'validation-segments', title: 'Validation of a segmentation', hash: '#/validate/v-segments', scenario: of({ ...full, 'validation.list': [segmented] }) },
  { id: 'validation-failed', title: 'Validation, failed and exploratory', hash: '#/validate/v-fail', scenario: of(full) },
  { id: 'serving-list', title: 'Serving', hash: '#/serving', scenario: of(full) },
  { id: 'serving-loading', title: 'Serving, loading', hash: '#/serving', scenario: of(frame) },
  { id: 'serving-none', title: 'Serving, no engine', hash: '#/serving', scenario: of({ ...full, 'machine.inspect': troubledMachine, 'serving.list': [] }) },
  { id: 'serving-empty', title: 'Serving, nothing imported', hash: '#/serving', scenario: of({ ...nothing, 'machine.inspect': troubledMachine }) },
  { id: 'serving-live', title: 'A station that serves', hash: '#/serving/s-1', scenario: of(full) },
  { id: 'serving-watched', title: 'A station, watched for five minutes', hash: '#/serving/s-1', scenario: watched(300_000, 1000) },
  { id: 'serving-watched-hour', title: 'A station over an hour, with takt and events', hash: '#/serving/s-1?span=1h', scenario: watched(3600_000, 10_000) },
  { id: 'serving-watched-shift', title: 'A station over eight hours, one not watched', hash: '#/serving/s-1?span=8h', scenario: watched(8 * 3600_000, 10_000) },
  { id: 'serving-watched-paused', title: 'A station, charts paused', hash: '#/serving/s-1', scenario: watched(300_000, 1000), click: 'Pause' },
  { id: 'serving-engine-gone', title: 'Serving, the engine went away', hash: '#/serving', scenario: of(full, { samples: machineSamples(Date.parse(machine.takenAt), 4, false).map((sample) => ({ ...sample, engine: { engine: 'docker', version: null, available: false, reason: 'The socket /var/run/docker.sock does not answer.' } })) }) },
  { id: 'serving-versions-stopped', title: 'Versions of a stopped station', hash: '#/serving/s-2?tab=versions', scenario: of(full) },
  { id: 'serving-swarm', title: 'A station on several hosts, one of them away', hash: '#/serving/s-1', scenario: of({ ...full, 'serving.list': [servingSwarm] }) },
  { id: 'serving-versions', title: 'Versions of a station', hash: '#/serving/s-1?tab=versions', scenario: of(full) },
  { id: 'serving-engine', title: 'A station with another engine', hash: '#/serving/s-4?tab=versions', scenario: of(full) },
  { id: 'serving-engine-connect', title: 'Clients of another engine', hash: '#/serving/s-4?tab=connect', scenario: of(full) },
  { id: 'serving-try', title: 'Try a station', hash: '#/serving/s-1?tab=try', scenario: of(full) },
  { id: 'serving-try-answered', title: 'Try a station, answered', hash: '#/serving/s-1?tab=try', scenario: of({ ...full, 'serving.try': triedAnswer }), click: 'Send' },
  { id: 'serving-recorder-off', title: 'Flight recorder, off', hash: '#/serving/s-1?tab=recorder', scenario: of(full) },
  { id: 'serving-recorder', title: 'Flight recorder', hash: '#/serving/s-1?tab=recorder', scenario: of({ ...full, 'serving.list': [servingRecording] }) },
  { id: 'serving-recorder-replayed', title: 'Flight recorder, asked again', hash: '#/serving/s-1?tab=recorder', scenario: of({ ...full, 'serving.list': [servingRecording] }, { jobs: [job({ op: 'serving.replay', title: 'Replay', subject: serving.station, lane: 'light', input: { stationId: 's-1' }, output: replayed }), job({ id: 'j-2', op: 'serving.saveRecords', title: 'Save recorded requests', subject: serving.station, lane: 'light', input: { stationId: 's-1' }, output: { path: '/var/lib/millwright/recordings/lid-seal-2026-11-25.har', records: 40, bytes: 32_402_118, gone: 0 } })] }) },
  { id: 'serving-recorder-empty', title: 'Flight recorder, nothing came', hash: '#/serving/s-1?tab=recorder', scenario: of({ ...full, 'serving.list': [{ ...servingRecording, recorder: { entries: 200, percent: 100, held: { entries: 200, percent: 100, kept: 0, failuresKept: 0, bytes: 0, seen: 0, oldestAt: null } } }], 'serving.records': [] }) },
  { id: 'serving-recorder-old', title: 'Flight recorder, gateway of an earlier release', hash: '#/serving/s-1?tab=recorder', scenario: of({ ...full, 'serving.list': [{ ...servingRecording, recorder: { entries: 200, percent: 100, held: null } }], 'serving.records': new AppError('DOCKER_REFUSED', 'The gateway of "Line 3 · Lid seal" does not tell what it recorded (HTTP 404).') }) },
  { id: 'serving-connect', title: 'How clients connect', hash: '#/serving/s-1?tab=connect', scenario: of(full) },
  { id: 'serving-access', title: 'Clients with keys, and a certificate', hash: '#/serving/s-1?tab=connect', scenario: of({ ...full, 'serving.list': [servingGuarded] }) },
  { id: 'serving-access-warned', title: 'Keys without encryption, nobody has one', hash: '#/serving/s-1?tab=connect', scenario: of({ ...full, 'serving.list': [{ ...servingGuarded, address: 'http://127.0.0.1:8100', tls: null, clients: [] }] }) },
  { id: 'serving-swarm-connect', title: 'Clients of a station on several hosts', hash: '#/serving/s-1?tab=connect', scenario: of({ ...full, 'serving.list': [servingSwarm] }) },
  { id: 'serving-remote', title: 'A station on another machine', hash: '#/serving/s-4?tab=connect', scenario: of({ ...full, 'serving.list': [servingRemote] }) },
  { id: 'serving-remote-away', title: 'A station whose machine does not answer', hash: '#/serving/s-4', scenario: of({ ...full, 'serving.list': [servingAway] }) },
  { id: 'serving-remote-deploy', title: 'Deploy to another machine', hash: '#/serving?add=1', scenario: of({ ...full, 'machine.inspect': { ...machine, containers: { ...machine.containers, socket: 'ssh://plant@line-4' } }, 'serving.list': [servingRemote] }) },
  { id: 'serving-log', title: 'Log of a station', hash: '#/serving/s-1?tab=log', scenario: of(full) },
  { id: 'serving-log-lines', title: 'Log of a station, with lines', hash: '#/serving/s-1?tab=log', scenario: of(full, { events: { 'serving.logs': logLines } }) },
  { id: 'serving-station-loading', title: 'A station, loading', hash: '#/serving/s-1', scenario: of(frame) },
  { id: 'serving-station-error', title: 'A station, data folder unreadable', hash: '#/serving/s-1', scenario: of({ ...full, ...troubles }) },
  { id: 'serving-trial-form', title: 'Start a trial', hash: '#/serving/s-1?tab=trial', scenario: of(full) },
  { id: 'serving-trial-loading', title: 'Start a trial, models loading', hash: '#/serving/s-1?tab=trial', scenario: of({ ...frame, 'serving.list': servings }) },
  { id: 'serving-trial-error', title: 'Start a trial, models unreadable', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, ...troubles, 'serving.list': servings }) },
  { id: 'serving-trial-empty', title: 'Start a trial, no other model', hash: '#/serving/s-1?tab=trial', scenario: of({ ...nothing, 'serving.list': [serving] }) },
  { id: 'serving-trial-stopped', title: 'Start a trial, station stopped', hash: '#/serving/s-2?tab=trial', scenario: of({ ...full, 'serving.list': [servingStopped] }) },
  { id: 'serving-trial-starting', title: 'A trial, being started', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [{ ...serving, candidate: 'v3', operation: 'update' }] }, { jobs: [running({ op: 'serving.deploy', title: 'Deploy', subject: serving.station, lane: 'light', input: { stationId: 's-1', model: { id: 'm-int8' } }, progress: { stage: 'Waiting until it answers', done: 1, total: 4 } })] }) },
  { id: 'serving-trial-shadow', title: 'A shadow that decides otherwise', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [servingShadow] }) },
  { id: 'serving-trial-quiet', title: 'A shadow without traffic', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [servingShadowQuiet] }) },
  { id: 'serving-trial-canary', title: 'A canary by key', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [servingCanary] }) },
  { id: 'serving-trial-promoting', title: 'A canary, being promoted', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [{ ...servingCanary, operation: 'promote' }] }, { jobs: [running({ op: 'serving.promote', title: 'Promote', subject: serving.station, lane: 'light', input: { stationId: 's-1' }, progress: { stage: 'Letting v2 finish', done: 3, total: 4 } })] }) },
  { id: 'serving-trial-breaker', title: 'A canary that fails', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [servingBreaker] }) },
  { id: 'serving-trial-old-gateway', title: 'A canary, gateway of an earlier release', hash: '#/serving/s-1?tab=trial', scenario: of({ ...full, 'serving.list': [servingOldGateway] }) },
  { id: 'serving-live-breaker', title: 'A station, fallback in force', hash: '#/serving/s-1', scenario: of({ ...full, 'serving.list': [servingBreaker] }) },
  { id: 'serving-hold-ask', title: 'Acceptance stop, asked for', hash: '#/serving/s-1?hold=1', scenario: of(full) },
  { id: 'serving-hold', title: 'Acceptance stop', hash: '#/serving/s-1', scenario: of({ ...full, 'serving.list': [servingHeld] }) },
  { id: 'serving-hold-releasing', title: 'Acceptance stop, being released', hash: '#/serving/s-1', scenario: of({ ...full, 'serving.list': [{ ...servingHeld, operation: 'acceptance stop' }] }, { jobs: [running({ op: 'serving.hold', title: 'Acceptance stop', subject: serving.station, lane: 'light', input: { stationId: 's-1', reason: null } })] }) },
  { id: 'serving-failed', title: 'A station out of memory', hash: '#/serving/s-3', scenario: of(full) },
  { id: 'serving-gone', title: 'A station that serves nothing', hash: '#/serving/s-9', scenario: of(full) },
  { id: 'evidence-empty', title: 'Evidence, empty', hash: '#/evidence', scenario: of(nothing) },
  { id: 'evidence-list', title: 'Evidence', hash: '#/evidence', scenario: of(full) },
  { id: 'evidence-long-name', title: 'Evidence, 10,000 characters of title', hash: '#/evidence/e-odd', scenario: of(renamed(longName)) },
  { id: 'evidence-report', title: 'Report', hash: '#/evidence/e-1', scenario: of(full) },
  { id: 'evidence-attaching', title: 'Report, a file is being attached', hash: '#/evidence/e-1', scenario: of(full, { jobs: [running({ op: 'evidence.attach', title: 'Attach files', subject: 'camera-3-lamp.jpg', lane: 'compute', input: { id: 'e-1', files: [{ path: '/tmp/camera-3-lamp.jpg', caption: '' }] }, progress: { stage: 'Writing report.pdf', done: 2, total: 9 } })] }) },
  { id: 'evidence-sign-user', title: 'Report, signed with a password', hash: '#/evidence/e-1', scenario: of({ ...full, 'people.list': people }) },
  { id: 'evidence-tampered', title: 'Report, changed after signing', hash: '#/evidence/e-1', scenario: of({ ...full, 'evidence.verify': tampered }) },
  { id: 'evidence-approved', title: 'Report, approved', hash: '#/evidence/e-0', scenario: of(full) },
  { id: 'evidence-stale', title: 'Report, stale', hash: '#/evidence/e-1', scenario: of({ ...full, 'evidence.staleness': stale }) },
  { id: 'evidence-deviations', title: 'Deviations', hash: '#/evidence?tab=deviations', scenario: of(full) },
  { id: 'evidence-verify', title: 'Verify a file', hash: '#/evidence?tab=verify', scenario: of(full) },
  { id: 'evidence-audit', title: 'Audit trail', hash: '#/evidence?tab=audit', scenario: of(full) },
  { id: 'evidence-audit-broken', title: 'Audit trail, broken', hash: '#/evidence?tab=audit', scenario: of({ ...full, 'audit.verify': { intact: false, entries: 240, head: hash('head'), findings: [{ id: 'AUDIT_BROKEN', severity: 'error', place: 'entry 118', message: 'The entry differs from what its hash was made of.', remedy: 'Keep the data folder as it is, and compare it with the last exported trail.' }] } }) },
  { id: 'evidence-audit-clock', title: 'Audit trail, the clock was set', hash: '#/evidence?tab=audit', scenario: of({ ...full, 'audit.verify': { intact: true, entries: 240, head: hash('head'), findings: [{ id: 'AUDIT_CLOCK', severity: 'warning', place: 'entry 118', message: 'The clock went back by 3600 s, from 2026-11-20T09:00:04.000Z to 2026-11-20T08:00:04.000Z; entry 118 (clock.jump) records it.', remedy: 'Find out who or what set the clock; times of entries around it are to be read with this in mind.' }] } }) },
  { id: 'transfer', title: 'Transfer', hash: '#/transfer', scenario: of(full) },
  { id: 'transfer-packing', title: 'Transfer, packing', hash: '#/transfer?folder=/media/stick', scenario: of(full, { jobs: [running({ op: 'transfer.pack', title: 'Pack a station', subject: 'Lid seal check', lane: 'light', input: { stationId: 's-1', folder: '/media/stick' }, progress: { stage: 'Copying model/model.onnx', done: 1, total: 2 } })] }) },
  { id: 'transfer-empty', title: 'Transfer, empty', hash: '#/transfer', scenario: of(nothing) },
  { id: 'settings', title: 'Settings', hash: '#/settings', scenario: of(full) },
  { id: 'settings-engine', title: 'Settings, engine over TLS that refuses', hash: '#/settings', scenario: of({ ...full, 'app.settings': { site: 'Plant Nord', userName: 'M. Weber', theme: 'system', engineHost: 'tcp://10.4.0.12:2376', engineCerts: '/etc/millwright/engine' }, 'machine.inspect': { ...machine, containers: { engine: null, version: null, available: false, socket: 'tcp://10.4.0.12:2376', reason: 'The certificate of the container engine at tcp://10.4.0.12:2376 was not signed by the authority that is trusted here. The settings name tcp://10.4.0.12:2376.', hint: 'Put the certificate of its authority into the folder of certificates as ca.pem: --engine-certs DIR or DOCKER_CERT_PATH.' } } }) },
  { id: 'settings-people', title: 'Settings, people', hash: '#/settings?people=add', scenario: of({ ...full, 'people.list': people }) },
  { id: 'settings-first-user', title: 'Settings, the first user', hash: '#/settings?people=add', scenario: of(full) },
  { id: 'settings-password', title: 'Settings, change a password', hash: '#/settings?people=password&user=kaya', scenario: of({ ...full, 'people.list': people }) },
  { id: 'settings-change-user', title: 'Settings, change a user', hash: '#/settings?people=change&user=berg', scenario: of({ ...full, 'people.list': people }) },
  { id: 'settings-people-error', title: 'Settings, people unreadable', hash: '#/settings', scenario: of({ ...full, 'people.list': new AppError('PERMISSION_DENIED', 'The data folder /var/lib/millwright may not be read.') }) },
  { id: 'settings-rotate-key', title: 'Settings, rotate the key', hash: '#/settings?keys=rotate', scenario: of({ ...full, 'people.list': people }) },
  { id: 'settings-keys-error', title: 'Settings, keys unreadable', hash: '#/settings', scenario: of({ ...full, 'keys.list': new AppError('PERMISSION_DENIED', 'The data folder /var/lib/millwright may not be read.') }) },
  { id: 'help', title: 'Keyboard and help', hash: '#/help', scenario: of(full) },
  { id: 'palette', title: 'Palette', hash: '#/models', scenario: of(full), press: 'k' },
  { id: 'tasks', title: 'Tasks', hash: '#/models', scenario: of({ ...full, 'jobs.show': { ...commissionRunning, log: [{ at: '2026-11-25T09:27:01.000Z', line: 'Machine: 12 of 14 checks pass' }, { at: '2026-11-25T09:27:02.000Z', line: 'Seal: 2000 samples' }] } }, { jobs: [commissionRunning, job({ id: 'j-2', ...quantize, state: 'cancelled', resumable: true }), job({ id: 'j-3', op: 'models.import', title: 'Import a model', subject: 'photo.jpg', state: 'failed', error: error('BAD_MODEL', 'This is no ONNX model: the file is a JPEG image (from its first bytes, offset 0).', 'Export the model again, or check that the file was copied whole.') })] }), press: 'j' },
  { id: 'host-lost', title: 'The host is away', hash: '#/stations', scenario: of(full, { lost: 'The host does not answer. Trying again.' }) },
];
