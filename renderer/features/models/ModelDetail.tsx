// One model: what goes in and out, operators, findings, where it came from, its nodes, its difference from another.
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { ModelRecord } from '#shared/contract/models';
import { useApi } from '../../api/ApiProvider.tsx';
import { useAction, useOp } from '../../api/useOp.ts';
import { useCrumb } from '../../app/crumbs.ts';
import { navigate, routeHref, useRoute } from '../../app/routes.ts';
import { removeWithUndo } from '../../app/undo.ts';
import { Button, ConfirmButton, PrimaryLink } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note, PageHead, Stat, Stats } from '../../ui/Card.tsx';
import { NamedBars } from '../../ui/charts/BarChart.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { fileName, formatBytes, formatCount, formatDateTime, formatShape, plural, shellWord } from '../../ui/format.ts';
import { Badge, Tag } from '../../ui/Status.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { CommandCopy, HashText, PathText } from '../../ui/Text.tsx';
import { DiffView } from './DiffView.tsx';
import { FitCard } from './FitCard.tsx';
import { VersionForm } from './VersionForm.tsx';
import { GraphList } from './GraphList.tsx';

type View = 'overview' | 'findings' | 'graph' | 'diff' | 'lineage';

function Ports({ title, ports }: { readonly title: string; readonly ports: ModelRecord['summary']['inputs'] }) {
  return (
    <Card title={title} unit={String(ports.length)} flush>
      <table className="data static"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Shape</th></tr></thead>
        <tbody>{ports.map((port) => <tr key={port.name}><td><code>{port.name}</code></td><td>{port.type}</td><td className="wrap">{formatShape(port.shape)}</td></tr>)}</tbody></table>
    </Card>
  );
}

function Lineage({ model, models }: { readonly model: ModelRecord; readonly models: readonly ModelRecord[] }) {
  const parents: ModelRecord[] = [];
  for (let at: ModelRecord | undefined = model; at?.derivedFrom && parents.length < 20;) {
    const sha: string = at.derivedFrom.sha256;
    const parentId: string | null = at.derivedFrom.modelId;
    at = models.find((each) => each.id === parentId || each.summary.sha256 === sha);
    if (at && !parents.includes(at)) parents.push(at); else break;
  }
  const children = models.filter((each) => each.derivedFrom?.modelId === model.id || each.derivedFrom?.sha256 === model.summary.sha256);
  return (
    <div className="cols2">
      <Card title="Where it came from">
        <ol className="checks">
          {parents.slice().reverse().map((parent) => <li key={parent.id}><Tag>{parent.derivedFrom?.recipe ?? 'import'}</Tag><div className="body"><a href={routeHref('models', parent.id)}>{parent.name}</a><span className="dim">{formatBytes(parent.summary.sizeBytes)} · <HashText hash={parent.summary.sha256} /></span></div></li>)}
          <li><Tag tone="ok">{model.derivedFrom?.recipe ?? 'import'}</Tag><div className="body"><span className="strong">{model.name}</span><span className="dim">{formatBytes(model.summary.sizeBytes)} · {formatDateTime(model.importedAt)} · file as it came <HashText hash={model.sourceSha256} /></span></div></li>
          {children.map((child) => <li key={child.id}><Tag>{child.derivedFrom?.recipe ?? ''}</Tag><div className="body"><a href={routeHref('models', child.id)}>{child.name}</a><span className="dim">made from this one · {formatBytes(child.summary.sizeBytes)}</span></div></li>)}
        </ol>
      </Card>
      <Card title="What the import changed" unit={model.changes.length === 0 ? 'nothing' : String(model.changes.length)}>{model.changes.length === 0 ? <p className="dim">The file is kept as it came.</p> : <ul className="checks">{model.changes.map((change) => <li key={change} style={{ gridTemplateColumns: '1fr' }}><span>{change}</span></li>)}</ul>}</Card>
    </div>
  );
}

export function ModelDetail({ id }: { readonly id: string }) {
  const { query, setQuery } = useRoute();
  const { connection } = useApi();
  const found = useOp('models.get', { id });
  const all = useOp('models.list', {}).data ?? [];
  const rename = useAction('models.rename');
  const [draft, setDraft] = useState<string | null>(null);
  const model = found.data;
  useCrumb(model?.name ?? 'Model');
  if (found.error && !model) return <ErrorNote error={found.error} onRetry={found.reload} />;
  if (!model) return <Card label="Model"><Loading what="the model" rows={8} /></Card>;
  const view = (query.tab ?? 'overview') as View;
  const { summary } = model;
  const errors = summary.findings.filter((finding) => finding.severity === 'error').length;
  const warnings = summary.findings.filter((finding) => finding.severity === 'warning').length;
  const operators = Object.entries(summary.operators).sort((a, b) => b[1] - a[1]);
  const remove = () => { navigate(routeHref('models')); removeWithUndo(id, `${model.name} was removed from the registry.`, () => { connection.call('models.remove', { id }).catch(() => undefined); }); };
  const saveName = async () => { if (draft?.trim() && draft.trim() !== model.name) await rename.run({ id, name: draft.trim() }); setDraft(null); };
  return (
    <>
      <PageHead title={draft === null ? model.name : <input className="input" autoFocus aria-label="Name of the model" value={draft} onChange={(event) => setDraft(event.target.value)} onBlur={() => void saveName()} onKeyDown={(event) => { if (event.key === 'Enter') void saveName(); if (event.key === 'Escape') setDraft(null); }} />} sub={<>{summary.precision} · {formatBytes(summary.sizeBytes)} · {model.derivedFrom ? `made by ${model.derivedFrom.recipe}` : `imported ${formatDateTime(model.importedAt)}`} · <HashText hash={summary.sha256} /></>}>
        <Badge tone={model.runnable.ok ? 'ok' : 'bad'}>{model.runnable.ok ? 'Runs here' : 'Does not run here'}</Badge>
        <Button onClick={() => setDraft(model.name)}>Rename</Button>
        <ConfirmButton icon={<IconTrash size={14} aria-hidden />} question="Remove this model?" yes="Remove" onConfirm={remove}>Remove</ConfirmButton>
        {model.derivedFrom ? <PrimaryLink href={routeHref('validate', null, { model: id, reference: model.derivedFrom.modelId })}>Validate</PrimaryLink> : <PrimaryLink href={routeHref('optimise', null, { model: id })}>Optimise</PrimaryLink>}
      </PageHead>
      {!model.runnable.ok && <Note tone="bad">{model.runnable.reason}</Note>}
      {rename.error && <ErrorNote error={rename.error} />}
      <Stats>
        <Stat label="Nodes" value={formatCount(summary.nodes)} note={summary.subgraphs > 0 ? plural(summary.subgraphs, 'subgraph') : 'one flat graph'} />
        <Stat label="Parameters" value={formatCount(summary.parameters)} note={summary.precision} />
        <Stat label="Size" value={formatBytes(summary.sizeBytes)} note={summary.parameters > 0 ? `${((summary.sizeBytes * 8) / summary.parameters).toFixed(1)} bits a parameter` : 'no weights'} />
        <Stat label="Opset" value={summary.opset[''] ?? summary.opset['ai.onnx'] ?? Object.values(summary.opset)[0] ?? 'unknown'} note={`IR version ${summary.irVersion}`} />
        <Stat label="Findings" value={errors + warnings === 0 ? 'none' : String(errors + warnings)} note={errors ? plural(errors, 'error') : warnings ? plural(warnings, 'warning') : 'checked at import'} tone={errors ? 'bad' : warnings ? 'warn' : undefined} />
      </Stats>
      <Tabs label="Model" value={view} onChange={(tab) => setQuery({ tab: tab === 'overview' ? null : tab })} items={[
        { key: 'overview', label: 'Overview' }, { key: 'findings', label: 'Findings', count: summary.findings.length }, { key: 'graph', label: 'Nodes', count: summary.nodes }, { key: 'diff', label: 'Difference' }, { key: 'lineage', label: 'Lineage' },
      ]}>
        {view === 'overview' && (
          <div className="cols2">
            <div className="stack"><Ports title="Inputs" ports={summary.inputs} /><Ports title="Outputs" ports={summary.outputs} />
              <Card title="File"><KeyValue rows={[['Path', <PathText key="p" path={model.path} />], ['Version', <VersionForm key="v" model={model} />], ['Producer', summary.producer || 'unknown'], ['Licence', model.licence ?? 'unknown'], ['Labels', model.labels === null ? 'unknown' : <span key="l" className="tags">{model.labels.slice(0, 40).map((label, index) => <Tag key={`${label}${index}`}>{label}</Tag>)}{model.labels.length > 40 && <span className="dim">and {model.labels.length - 40} more</span>}</span>], ...Object.entries(summary.metadata).slice(0, 12).map(([key, value]) => [key, value.length > 200 ? `${value.slice(0, 200)}…` : value] as const)]} /></Card>
              <Card title="On the command line"><CommandCopy command={`millwright model show ${shellWord(fileName(model.path))}`} /></Card></div>
            <div className="stack"><FitCard id={id} /><Card title="Operators" unit={`${operators.length} kinds, ${formatCount(summary.nodes)} nodes`}><NamedBars rows={operators.slice(0, 40).map(([name, value]) => ({ name, value }))} format={formatCount} /></Card></div>
          </div>
        )}
        {view === 'findings' && <Card title="Findings"><Findings findings={summary.findings} none="Nothing was found: the file keeps every rule that is checked." /></Card>}
        {view === 'graph' && <GraphList model={{ id }} />}
        {view === 'diff' && <DiffView models={all.filter((each) => each.id !== id)} fixedA={id} />}
        {view === 'lineage' && <Lineage model={model} models={all} />}
      </Tabs>
    </>
  );
}
