// One report: its verdict, files, signatures; sign it, check it, export it.
import { IconDownload, IconFolderOpen, IconSignature } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useAction, useOp } from '../../api/useOp.ts';
import { downloadHref, shellBridge } from '../../api/shell.ts';
import { StaleNote } from '../../app/StaleNote.tsx';
import { useCrumb } from '../../app/crumbs.ts';
import { routeHref } from '../../app/routes.ts';
import { Button, PrimaryAction, PrimaryLink } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note, PageHead } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';
import { fileName, formatDateTime } from '../../ui/format.ts';
import { LimitTable } from '../../ui/LimitTable.tsx';
import { Badge, evidenceTone, evidenceWords, StatusWord, ToneIcon, verdictTone } from '../../ui/Status.tsx';
import { HashText, PathText } from '../../ui/Text.tsx';
import { AttachmentsCard } from './AttachmentsCard.tsx';
import { SignForm } from './SignForm.tsx';
import { useSigning } from './useSigning.ts';
import { authenticatedWords, meaningWords, type Meaning } from './words.ts';
import { VerificationCard } from './VerifyView.tsx';

export function EvidenceDetail({ id }: { readonly id: string }) {
  const found = useOp('evidence.get', { id });
  const record = found.data;
  const check = useOp('evidence.verify', record ? { path: record.paths.zip } : null);
  const run = useOp('validation.list', {}).data?.find((each) => each.id === record?.validationId);
  const deviations = useOp('deviations.list', record ? { open: true } : null).data?.filter((each) => (each.validationId !== null && each.validationId === record?.validationId) || (each.station !== null && each.station === record?.station)) ?? [];
  const blocking = deviations.filter((each) => each.severity === 'critical');
  const station = useOp('stations.list', record?.station ? {} : null).data?.find((each) => each.name === record?.station) ?? null;
  const signing = useSigning(record, () => { found.reload(); check.reload(); });
  const exporting = useAction('evidence.export');
  const [target, setTarget] = useState('');
  const [exported, setExported] = useState<string | null>(null);
  const form = useRef<HTMLDivElement>(null);
  useCrumb(record?.title ?? 'Report');
  if (found.error && !record) return <ErrorNote error={found.error} onRetry={found.reload} />;
  if (!record) return <Card label="Report"><Loading what="the report" rows={8} /></Card>;
  const bridge = shellBridge();
  const { next } = signing;
  const broken = check.data?.valid === false; // then nobody may sign it, and its verdict counts for nothing
  const tone = broken ? 'bad' : verdictTone(record.verdict);
  const exportTo = async (path: string | null) => { if (!path) return; const done = await exporting.run({ id, outputPath: path }); if (done) setExported(done.path); };
  const save = async () => { if (bridge) await exportTo(await bridge.saveFile({ title: 'Export the evidence', defaultPath: fileName(record.paths.zip) })); else { const link = document.createElement('a'); link.href = downloadHref(record.paths.zip); link.download = fileName(record.paths.zip); link.click(); } };
  const files = [['PDF', record.paths.pdf], ['HTML', record.paths.html], ['JSON', record.paths.json], ['JUnit', record.paths.junit], ['Zip, signed', record.paths.zip], ...(record.signaturePages ? [['Signatures, PDF', record.signaturePages.pdf], ['Signatures, HTML', record.signaturePages.html]] as const : [])] as const;
  return (
    <>
      <PageHead title={record.title} sub={<>{record.station ?? 'no station'} · {formatDateTime(record.createdAt)} · report <HashText hash={record.reportSha256} label="report hash" /></>}>
        <Badge tone={evidenceTone[record.state]}>{evidenceWords[record.state]}</Badge>
        {record.exploratory && <Badge tone="warn">Exploratory</Badge>}
        {next && !broken && <Button icon={<IconDownload size={15} aria-hidden />} onClick={() => void save()}>Export</Button>}
        {broken ? <PrimaryLink href={routeHref('validate')}>Validate again</PrimaryLink> : next ? <PrimaryAction icon={<IconSignature size={15} aria-hidden />} disabled={signing.busy} onClick={() => { if (signing.ready) void signing.submit(); else [...form.current?.querySelectorAll<HTMLInputElement>('input:not([type=hidden])') ?? []].find((input) => input.value.trim() === '')?.focus(); }}>{signing.ready ? `Sign as ${signing.meaning}` : 'Sign'}</PrimaryAction> : <PrimaryAction icon={<IconDownload size={15} aria-hidden />} disabled={exporting.busy} onClick={() => void save()}>Export the zip</PrimaryAction>}
      </PageHead>
      {signing.error && <ErrorNote error={signing.error} />}
      {exporting.error && <ErrorNote error={exporting.error} />}
      {deviations.length > 0 && <Note tone={blocking.length > 0 ? 'bad' : 'warn'}>{blocking.length > 0 ? 'It cannot be approved while a critical deviation is open. ' : ''}Open deviations: {deviations.map((each) => `${each.id} (${each.severity}, ${each.owner})`).join(', ')}. <a href={routeHref('evidence', null, { tab: 'deviations' })}>See deviations</a></Note>}
      {exported && <Note tone="ok">Written to {exported}</Note>}
      <div className={`verdict ${tone}`}><span className="word"><ToneIcon tone={tone} size={22} />{broken ? 'NOT VALID' : record.verdict}</span><span className="dim grow">{broken ? `The report says ${record.verdict}, but the package was changed after it was signed, or is incomplete. Do not sign it or hand it on.` : record.exploratory ? 'Exploratory: limits were not locked before the run.' : 'Judged against limits locked before the run.'}</span>{record.validationId && <a href={routeHref('validate', record.validationId)}>All figures</a>}</div>
      <StaleNote evidenceId={record.id} station={station} />
      <div className="cols2">
        <Card title="Signatures" unit={record.signatures.length === 0 ? 'none by a person yet' : String(record.signatures.length)}>
          <div className="stack">
            {record.signatures.length > 0 && <div className="table-wrap" tabIndex={0} role="region" aria-label="Signatures"><table className="data static"><thead><tr><th scope="col">Meaning</th><th scope="col">Name</th><th scope="col">When</th><th scope="col">Key</th></tr></thead><tbody>{record.signatures.map((signature, index) => <tr key={index}><td>{meaningWords[signature.meaning as Meaning] ?? signature.meaning}</td><td><span className="strong">{signature.signer}</span>{signature.role && <div className="dim small">{signature.role}</div>}</td><td>{formatDateTime(signature.signedAt)}<div className="dim small"><StatusWord tone={signature.authenticated === true ? 'ok' : 'dim'}>{authenticatedWords(signature)}</StatusWord></div></td><td><HashText hash={signature.keyId} label="key" length={8} /></td></tr>)}</tbody></table></div>}
            {broken ? <Note tone="bad">A package that is not valid cannot be signed.</Note> : next ? <div ref={form}><SignForm signing={signing} /></div> : <StatusWord tone="ok">Prepared, reviewed and approved</StatusWord>}
            <p className="dim small">Signed with this machine's Ed25519 key; name, role and meaning are part of what is signed. {signing.asksPassword ? 'Each signature asks for the password anew; name and role come from the user.' : <>There are no users here: a signature made now says that the name was not authenticated. <a href={routeHref('settings', null, { people: 'add' })}>Add users</a></>}</p>
          </div>
        </Card>
        <Card title="Files" flush>
          <table className="data static"><thead><tr><th scope="col">Format</th><th scope="col">File</th><th scope="col"><span className="visually-hidden">Actions</span></th></tr></thead><tbody>{files.map(([format, path]) => <tr key={format}><td>{format}</td><td><code title={path}>{fileName(path)}</code></td><td className="n">{bridge ? <Button size="tiny" icon={<IconFolderOpen size={13} aria-hidden />} onClick={() => void bridge.showItem(path)}>Show in folder</Button> : <a className="btn tiny" href={downloadHref(path)} download={fileName(path)}>Download</a>}</td></tr>)}</tbody></table>
        </Card>
        <VerificationCard check={check} title="Verified now" />
        <Card title="Export to a path" unit="on the host's machine"><div className="stack"><TextField label="Path of the new zip" value={target} onChange={setTarget} mono placeholder="/media/stick/evidence.zip" onEnter={() => void exportTo(target.trim())} /><div className="row"><Button disabled={!target.trim() || exporting.busy} onClick={() => void exportTo(target.trim())}>Export there</Button></div><KeyValue rows={[['Lies at', <PathText key="z" path={record.paths.zip} />]]} /></div></Card>
      </div>
      {!broken && <AttachmentsCard record={record} />}
      {run && <Card title="Limits" flush><LimitTable limits={run.limits} /></Card>}
    </>
  );
}
