// Puts a model into service: which one, at which station, with how much of the machine.
import { IconServerBolt } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { navigate, routeHref } from '../../app/routes.ts';
import { PrimaryAction } from '../../ui/Button.tsx';
import { Card, Note } from '../../ui/Card.tsx';
import { NumberField, SelectField, TextField } from '../../ui/Field.tsx';
import { formatBytes } from '../../ui/format.ts';
import { AdviceField } from './AdviceField.tsx';
import { EngineChoice, engineInput, type Engine } from './EngineChoice.tsx';
import { ListenField } from './ListenField.tsx';
import { isDeploying } from './words.ts';

const newStation = '+new';
const mib = 1024 ** 2;

/** `onStart`: the place that shows this card keeps it while the job runs, also where the new station fills an empty screen. */
export function DeployCard({ stationId, onStart }: { readonly stationId?: string; readonly onStart?: () => void }) {
  const stations = useOp('stations.list', {}).data ?? [];
  const models = useOp('models.list', {}).data ?? [];
  const job = useJob('serving.deploy', isDeploying(stationId));
  const [chosenStation, setStation] = useState<string | null>(stationId ?? null);
  const [name, setName] = useState('');
  const [modelId, setModel] = useState<string | null>(null);
  const [cpus, setCpus] = useState<number | null>(null);
  const [memoryMiB, setMemory] = useState<number | null>(null);
  const [port, setPort] = useState<number | null>(null);
  const [listen, setListen] = useState<string | null>(null);
  const [closed, setClosed] = useState(true);
  const [measured, setMeasured] = useState(false);
  const [engine, setEngine] = useState<Engine>({ id: stationId === undefined ? 'millwright' : null, image: '' });
  const done = job.output;
  // An update is watched where it was started: in the table of versions.
  useEffect(() => { if (done && stationId === undefined) navigate(routeHref('serving', done.stationId)); }, [done, stationId]);
  const station = chosenStation ?? (stations.length === 0 ? newStation : stations.find((each) => each.evidenceId !== null)?.id ?? stations[0]?.id ?? newStation);
  const record = stations.find(({ id }) => id === station);
  const suggested = record?.candidateModelId ?? record?.modelId ?? models[0]?.id ?? null;
  const model = modelId ?? suggested;
  const ready = model !== null && listen !== '' && (station !== newStation || name.trim() !== '');
  const own = engine.id === 'millwright' || engine.id === null;
  const start = () => {
    if (!ready || job.busy) return;
    onStart?.();
    void job.start({
      model: { id: model }, ...(station === newStation ? { station: name.trim() } : { stationId: station }), gpus: false,
      measured: measured && own, ...engineInput(engine), ...(cpus === null ? {} : { cpus }), ...(memoryMiB === null ? {} : { memoryBytes: Math.round(memoryMiB * mib) }), ...(port === null ? {} : { port }), ...(listen === null ? {} : { listen, closed: closed && stationId === undefined }),
    });
  };
  return (
    <Card title={stationId ? 'Update to another model' : 'Deploy a model'} unit="started beside the live one, live when it answers">
      <div className="stack">
        <div className="cols3">
          {!stationId && <SelectField label="Station" value={station} onChange={setStation} choices={[...stations.map((each) => ({ value: each.id, label: each.name })), { value: newStation, label: 'A new station' }]} />}
          {!stationId && station === newStation && <TextField label="Name of the station" value={name} onChange={setName} onEnter={start} placeholder="Line 2" />}
          <SelectField label="Model" value={model} onChange={setModel} placeholder="No model yet" choices={models.map((each) => ({ value: each.id, label: `${each.name} · ${each.summary.precision} · ${formatBytes(each.summary.sizeBytes)}`, disabled: !each.runnable.ok }))} />
        </div>
        <div className="cols3">
          <NumberField label="Processors" value={cpus} onChange={setCpus} optional min={0.1} max={256} step={1} help="empty: all" />
          <NumberField whole label="Memory" value={memoryMiB} onChange={setMemory} optional min={64} max={1e6} step={64} unit="MiB" help="empty: from the size of the model" />
          {stationId === undefined && <NumberField whole label="Port" value={port} onChange={setPort} optional min={1} max={65535} help="empty: the next free one" />}
        </div>
        {stationId === undefined && <ListenField value={listen} onChange={setListen} closed={closed} onClose={setClosed} />}
        <EngineChoice value={engine} onChange={setEngine} isUpdate={stationId !== undefined} />
        {own && model !== null && <AdviceField key={model} modelId={model} cpus={cpus} checked={measured} onChange={setMeasured} />}
        {record && record.verdict !== 'PASS' && <Note tone="warn">{record.name} has no passed validation. It can be deployed to try it; do not let it decide on parts.</Note>}
        {models.length === 0 && <Note>Import a model first, or open the sample station.</Note>}
        <div className="row"><PrimaryAction icon={<IconServerBolt size={15} aria-hidden />} disabled={!ready || job.busy} onClick={start}>{job.busy ? 'Deploying' : stationId ? 'Update' : 'Deploy'}</PrimaryAction></div>
        <JobPanel job={job} />
      </div>
    </Card>
  );
}
