// What leaves: which station, into which folder, and what was written.
import { IconFolderOpen } from '@tabler/icons-react';
import type { StationRecord } from '#shared/contract/stations';
import type { JobControl } from '../../api/useJob.ts';
import { useOp, type OpResult } from '../../api/useOp.ts';
import { shellBridge } from '../../api/shell.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { routeHref } from '../../app/routes.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { formatBytes, plural, shellWord, stationTitle } from '../../ui/format.ts';
import { evidenceTone, evidenceWords, StatusWord, VerdictWord } from '../../ui/Status.tsx';
import { CommandCopy, HashText, PathText } from '../../ui/Text.tsx';

export function PackCard({ stations, stationId, folder, job, onStation, onFolder, onPack }: { readonly stations: OpResult<StationRecord[]>; readonly stationId: string | null; readonly folder: string; readonly job: JobControl<'transfer.pack'>; readonly onStation: (id: string | null) => void; readonly onFolder: (path: string) => void; readonly onPack: () => void }) {
  const ready = (stations.data ?? []).filter((station) => station.evidenceId !== null);
  const station = ready.find((each) => each.id === stationId) ?? null;
  const models = useOp('models.list', {}).data;
  const report = useOp('evidence.list', {}).data?.find((each) => each.id === station?.evidenceId);
  const run = useOp('validation.list', {}).data?.find((each) => each.id === report?.validationId);
  const model = models?.find((each) => each.summary.sha256 === run?.modelSha256);
  const bridge = shellBridge();
  const browse = async () => { const path = await bridge?.pickFolder({ title: 'Folder to pack into' }); if (path) onFolder(path); };
  const { output } = job;
  return (
    <Card title="To another machine" unit="model, evidence, hashes">
      {stations.error ? <ErrorNote error={stations.error} onRetry={stations.reload} /> : !stations.data ? <Loading what="the stations" /> : ready.length === 0 ? (
        <div className="stack"><Note>No station has evidence yet. Only a validated model leaves with its proof: commission a station first.</Note></div>
      ) : (
        <div className="stack">
          <SelectField label="Station" choices={ready.map((each) => ({ value: each.id, label: stationTitle(each) }))} value={stationId} onChange={onStation} disabled={job.busy} />
          {station && <KeyValue rows={[
            ['Verdict', <VerdictWord key="v" verdict={station.verdict} />],
            ['Evidence', report ? <a key="e" href={routeHref('evidence', report.id)}><StatusWord tone={evidenceTone[report.state]}>{evidenceWords[report.state]}</StatusWord></a> : 'not in this data folder'],
            ['Model', model ? <span key="m" className="row wrap"><a href={routeHref('models', model.id)}>{model.name}</a><span className="dim">{model.summary.precision} · {formatBytes(model.summary.sizeBytes)}</span></span> : 'the one that the evidence speaks of'],
            run ? ['SHA-256', <HashText key="h" hash={run.modelSha256} length={16} />] : null,
          ]} />}
          {report && report.state !== 'approved' && <Note tone="warn">The evidence is not approved yet. It can travel, but the other side sees who has signed and who has not.</Note>}
          <div className="row" style={{ alignItems: 'flex-end' }}>
            <div className="grow"><TextField label="Folder to write into, on the host's machine" value={folder} onChange={onFolder} mono placeholder="/media/stick" onEnter={onPack} disabled={job.busy} /></div>
            {bridge && <Button icon={<IconFolderOpen size={15} aria-hidden />} onClick={() => void browse()}>Choose</Button>}
          </div>
          <JobPanel job={job} />
          {output && <>
            <Note tone="ok">Packed: {plural(output.files.length, 'file')}, {formatBytes(output.totalBytes)}, each read back and hashed.</Note>
            <KeyValue rows={[['Folder', <span key="p" className="row"><PathText path={output.path} />{bridge && <Button size="tiny" onClick={() => void bridge.showItem(output.path)}>Show</Button>}</span>]]} />
            <p className="dim small">Without a console the hashes are checked by:</p>
            <CommandCopy command={`cd ${shellWord(output.path)} && sha256sum --check SHA256SUMS`} />
          </>}
        </div>
      )}
    </Card>
  );
}
