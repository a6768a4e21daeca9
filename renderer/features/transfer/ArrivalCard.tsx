// What arrives: the folder is checked whole, and only then its model can be imported.
import { useState } from 'react';
import type { Arrival } from '#shared/contract/transfer';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { PathPicker } from '../../app/PathPicker.tsx';
import { routeHref } from '../../app/routes.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading, Note } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { Findings } from '../../ui/Findings.tsx';
import { formatDateTime, plural, stationTitle } from '../../ui/format.ts';
import { StatusWord, ToneIcon, VerdictWord } from '../../ui/Status.tsx';
import { HashText } from '../../ui/Text.tsx';

function Outcome({ arrival }: { readonly arrival: Arrival }) {
  const importing = useJob('models.import');
  const { carried, modelPath, valid } = arrival;
  const take = () => { if (modelPath !== null && carried) void importing.start({ path: modelPath, name: carried.model.name, ...(carried.model.labels ? { labels: carried.model.labels } : {}), ...(carried.model.licence ? { licence: carried.model.licence } : {}) }); };
  return (
    <>
      <p className="row"><ToneIcon tone={valid ? 'ok' : 'bad'} /><span className="strong">{valid ? `Whole: ${plural(arrival.files, 'file')} unchanged, and the evidence speaks of this model.` : 'Not valid: do not use this copy.'}</span></p>
      <KeyValue rows={[
        ['Station', carried ? stationTitle(carried.station) : 'unknown'], ['Model', carried ? `${carried.model.name} · ${carried.model.precision}${carried.model.recipe ? ` · ${carried.model.recipe}` : ''}` : 'unknown'],
        carried ? ['SHA-256', <HashText key="h" hash={carried.model.sha256} length={16} />] : null, ['Verdict', arrival.verdict === null ? 'unknown' : <VerdictWord key="v" verdict={arrival.verdict} />],
        ...(arrival.signatures.length === 0 ? [['Signed', 'by nobody'] as const] : arrival.signatures.map((signature, index) => [index === 0 ? 'Signed' : '', `${signature.signer}, ${signature.meaning}, ${formatDateTime(signature.signedAt)}`] as const)),
        ['Key', <StatusWord key="k" tone={arrival.knownKey ? 'ok' : 'warn'}>{arrival.knownKey ? 'Known here' : 'Unknown here: compare it with the signer'}</StatusWord>],
        carried ? ['Packed', `${formatDateTime(carried.packedAt)} by ${carried.packedBy}`] : null,
      ]} />
      {arrival.findings.length > 0 && <Findings findings={arrival.findings} />}
      <JobPanel job={importing} />
      {importing.output ? <div className="row wrap"><Note tone="ok">{importing.output.name} is in the registry of this machine.</Note><LinkButton href={routeHref('models', importing.output.id)}>Open the model</LinkButton></div>
        : valid && <div className="row wrap"><Button disabled={importing.busy} onClick={take}>Import the model</Button><span className="dim">It is validated again here: another machine is another result.</span></div>}
    </>
  );
}

export function ArrivalCard() {
  const [path, setPath] = useState<string | null>(null);
  const check = useOp('transfer.check', path === null ? null : { path });
  return (
    <Card title="From another machine" unit="nothing is taken over until it is checked">
      <div className="stack">
        <PathPicker what="folder" label="Drop the carried folder here" submitLabel="Check" busy={check.loading && path !== null} onPath={(next) => { if (next === path) check.reload(); setPath(next); }} />
        {path === null && <p className="dim small">Every file against its hash, the evidence against its signatures, and whether both speak of the same model. An evidence zip alone is checked under <a href={routeHref('evidence', null, { tab: 'verify' })}>Verify a file</a>.</p>}
        {check.error && <ErrorNote error={check.error} onRetry={check.reload} />}
        {path !== null && check.loading && !check.data && <Loading what="the folder" />}
        {check.data && !check.loading && <Outcome key={check.at} arrival={check.data} />}
      </div>
    </Card>
  );
}
