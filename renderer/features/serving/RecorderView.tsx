// The flight recorder of a station: on and off, what it holds, one request in full, saved to a file, and asked again.
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconPlayerRecord, IconRepeat } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { JobRecord } from '#shared/contract/jobs';
import type { ServingView } from '#shared/contract/serving';
import { isFailure, usualRecorder, type RecorderWish, type RecordSummary } from '#shared/gateway';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { downloadHref, shellBridge } from '../../api/shell.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button, ConfirmButton, PrimaryAction } from '../../ui/Button.tsx';
import { Card, Loading, Note, Stat, Stats } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { NumberField } from '../../ui/Field.tsx';
import { fileName, formatBytes, formatClock, formatCount, formatMs, plural } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { RecordedRequest } from './RecordedRequest.tsx';
import { ReplayResult } from './ReplayResult.tsx';
import { isAbout, isClosed, isOf } from './words.ts';


export function RecorderView({ view }: { readonly view: ServingView }) {
  const record = useJob('serving.record', isAbout(view.stationId));
  const closed = record.busy || isClosed(view);
  return (
    <>
      <RecorderCard view={view} closed={closed} busy={record.busy} onSet={(recorder) => void record.start({ stationId: view.stationId, recorder })}><JobPanel job={record} /></RecorderCard>
      {view.recorder?.held && <Recorded view={view} seen={view.recorder.held.seen} />}
    </>
  );
}

function RecorderCard({ view, closed, busy, onSet, children }: { readonly view: ServingView; readonly closed: boolean; readonly busy: boolean; readonly onSet: (recorder: RecorderWish | null) => void; readonly children: ReactNode }) {
  const { recorder } = view;
  const [draft, setDraft] = useState<RecorderWish>(() => { const { entries, percent } = recorder ?? usualRecorder; return { entries, percent }; });
  const changed = recorder !== null && (draft.entries !== recorder.entries || draft.percent !== recorder.percent);
  const held = recorder?.held;
  return (
    <Card title="Flight recorder" unit={recorder ? 'on: the last requests with their answers, in the gateway’s memory' : 'off: nothing of what clients send is kept'} aside={recorder
      ? <ConfirmButton question="Forget what it holds?" yes="Turn off" disabled={closed} onConfirm={() => onSet(null)}>Turn off</ConfirmButton>
      : <PrimaryAction icon={<IconPlayerRecord size={15} aria-hidden />} disabled={closed} onClick={() => onSet(draft)}>{busy ? 'Turning on' : 'Turn on'}</PrimaryAction>}>
      <div className="stack">
        {children}
        {recorder && view.desired === 'running' && !held && <Note tone="warn">The gateway does not tell what it holds. One of an earlier release has no flight recorder: take the station off the engine and deploy it again.</Note>}
        {held && (
          <Stats>
            <Stat label="Requests kept" value={formatCount(held.kept)} note={`of ${formatCount(held.seen)} seen`} />
            <Stat label="Failed ones kept" value={formatCount(held.failuresKept)} note="the last 50, whatever came after" tone={held.failuresKept > 0 ? 'warn' : undefined} />
            <Stat label="Memory" value={formatBytes(held.bytes)} note="of 32 MB at the most" />
            <Stat label="Goes back to" value={held.oldestAt ? formatClock(held.oldestAt) : '–'} note={held.oldestAt ? 'the oldest one kept' : 'nothing came yet'} />
          </Stats>
        )}
        <div className="row wrap top">
          <NumberField whole label="Requests to keep" value={draft.entries} min={1} max={2000} disabled={closed} onChange={(entries) => setDraft({ ...draft, entries: Math.round(entries ?? usualRecorder.entries) })} help="fewer where they are large" />
          <NumberField label="Share that is kept" value={draft.percent} min={0.1} max={100} unit="%" disabled={closed} onChange={(percent) => setDraft({ ...draft, percent: percent ?? usualRecorder.percent })} help="failed ones in any case" />
          {changed && <Button disabled={closed} onClick={() => onSet(draft)}>Change</Button>}
        </div>
        {!recorder && <p className="dim small">For the moment after an incident: which part was it, what was asked, what did the model answer, and what would another version have answered. What is sent is production data. It stays in memory, is gone when the gateway ends or this is turned off, and leaves only with Save, which the audit trail notes. Calls of gRPC are not recorded.</p>}
      </div>
    </Card>
  );
}

const columns: readonly Column<RecordSummary>[] = [
  { key: 'at', title: 'Time', value: ({ seq }) => seq, cell: ({ at }) => <time dateTime={at}>{formatClock(at)}</time> },
  { key: 'status', title: 'Status', value: ({ status }) => status, cell: ({ status }) => <StatusWord tone={!isFailure(status) ? 'ok' : status === 499 ? 'dim' : 'bad'}>{status === 499 ? 'client left' : String(status)}</StatusWord> },
  { key: 'version', title: 'Version', value: ({ version }) => version },
  { key: 'client', title: 'Client', value: ({ client }) => client, cell: ({ client }) => client ?? <span className="dim">–</span>, hidden: true },
  { key: 'ms', title: 'Duration', value: ({ durationMs }) => durationMs, cell: ({ durationMs }) => formatMs(durationMs), numeric: true },
  { key: 'asked', title: 'Asked', value: ({ questionBytes }) => questionBytes, cell: ({ questionBytes }) => formatBytes(questionBytes), numeric: true },
  { key: 'answered', title: 'Answered', value: ({ answerBytes }) => answerBytes, cell: ({ answerBytes }) => formatBytes(answerBytes), numeric: true },
  { key: 'id', title: 'Request', value: ({ requestId }) => requestId, cell: ({ requestId, whole, status }) => <><code>{requestId}</code>{!whole && !isFailure(status) && <span className="dim"> not kept whole</span>}</> },
  { key: 'path', title: 'Path', value: ({ path }) => path, cell: ({ path }) => <code>{path}</code> },
];

function Recorded({ view, seen }: { readonly view: ServingView; readonly seen: number }) {
  const { stationId } = view;
  const list = useOp('serving.records', { stationId });
  const [frozen, setFrozen] = useState<readonly RecordSummary[] | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  // Results stay to be read after a look elsewhere.
  const last = ({ input, state }: JobRecord) => state !== 'failed' && state !== 'cancelled' && isOf(stationId, input);
  const replay = useJob('serving.replay', last);
  const save = useJob('serving.saveRecords', last);
  const bridge = shellBridge();
  const { reload } = list;
  useEffect(() => { if (seen > 0) reload(); }, [seen, reload]);
  const records = frozen ?? list.data;
  if (list.error && !records) return <ErrorNote error={list.error} onRetry={list.reload} />;
  if (!records) return <Card title="Recorded requests"><Loading what="what was recorded" rows={6} /></Card>;
  const empty = records.length === 0;
  const target = view.candidate ?? view.live;
  const saveAll = async () => {
    const path = bridge ? await bridge.saveFile({ title: 'Save the recording', defaultPath: 'recording.har', filters: [{ name: 'HTTP Archive', extensions: ['har'] }] }) : undefined;
    if (path !== null) void save.start({ stationId, ...(path === undefined ? {} : { path, force: true }) });
  };
  return (
    <>
      <Card title="Recorded requests" unit={frozen ? 'paused; the recorder goes on' : 'newest first'} aside={<span className="row">
        <Button look="quiet" icon={frozen ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />} aria-pressed={frozen !== null} onClick={() => setFrozen(frozen ? null : records)}>{frozen ? 'Follow' : 'Pause'}</Button>
        <Button icon={<IconDownload size={15} aria-hidden />} disabled={empty || save.busy} onClick={() => void saveAll()}>Save</Button>
        <Button icon={<IconRepeat size={15} aria-hidden />} disabled={empty || replay.busy} onClick={() => void replay.start({ stationId })}>Ask {target} again</Button></span>}>
        <div className="stack">
          <JobPanel job={save} />
          {save.output && <Note tone="ok">{plural(save.output.records, 'request')} written to {bridge ? save.output.path : <a href={downloadHref(save.output.path)} download={fileName(save.output.path)}>{fileName(save.output.path)}</a>}, an HTTP archive of {formatBytes(save.output.bytes)}{save.output.gone === 0 ? '' : `; ${formatCount(save.output.gone)} were pushed out by newer ones meanwhile`}.</Note>}
          <JobPanel job={replay} />
          {replay.output && <ReplayResult report={replay.output} at={replay.record?.endedAt ?? null} onClose={replay.dismiss} />}
          <DataTable label="Recorded requests" columns={columns} rows={records} rowKey={({ seq }) => String(seq)} selected={chosen === null ? null : String(chosen)} onOpen={({ seq }) => setChosen(seq)} maxHeight={360} empty="No request came since it was turned on." />
        </div>
      </Card>
      {chosen !== null && <RecordedRequest stationId={stationId} seq={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}
