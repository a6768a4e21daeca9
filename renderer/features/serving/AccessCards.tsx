// Who may ask a station: clients with a key each, and the certificate that encrypts its address.
import { IconKey, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import type { OutputOf } from '#shared/contract/index';
import type { ServingView } from '#shared/contract/serving';
import { useJob } from '../../api/useJob.ts';
import { useAction } from '../../api/useOp.ts';
import { shellBridge } from '../../api/shell.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button, ConfirmButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Note } from '../../ui/Card.tsx';
import { DataTable, type Column } from '../../ui/DataTable.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { TextField } from '../../ui/Field.tsx';
import { formatCount, formatDateTime } from '../../ui/format.ts';
import { StatusWord } from '../../ui/Status.tsx';
import { CommandCopy, TimeAgo } from '../../ui/Text.tsx';
import { isAbout, isClosed } from './words.ts';

type Client = NonNullable<ServingView['clients']>[number];

export function ClientsCard({ view }: { readonly view: ServingView }) {
  const admit = useAction('serving.admit');
  const dismiss = useAction('serving.dismiss');
  const [name, setName] = useState('');
  const [made, setMade] = useState<OutputOf<'serving.admit'> | null>(null);
  const { stationId, clients, refused } = view;
  const busy = admit.busy || dismiss.busy || isClosed(view);
  const said = name.trim();
  const taken = clients?.some((client) => client.name.toLowerCase() === said.toLowerCase()) === true;
  const give = () => { if (said !== '' && !taken && !busy) void admit.run({ stationId, client: said }).then((result) => { if (result) { setMade(result); setName(''); } }); };
  const takeBack = (client: string | null) => { setMade(null); void dismiss.run({ stationId, client }); };
  const columns: readonly Column<Client>[] = [
    { key: 'name', title: 'Client', value: ({ name: of }) => of, wrap: true },
    { key: 'asked', title: 'Requests', value: ({ asked }) => asked, cell: ({ asked }) => (asked === null ? '–' : formatCount(asked)), numeric: true },
    { key: 'last', title: 'Last asked', value: ({ lastAt }) => lastAt, cell: ({ asked, lastAt }) => (lastAt ? <TimeAgo iso={lastAt} /> : <span className="dim">{asked === null ? 'not known now' : 'not since the gateway started'}</span>) },
    { key: 'since', title: 'Since', value: ({ since }) => since, cell: ({ since }) => formatDateTime(since) },
    { key: 'act', title: 'Key', value: () => null, cell: ({ name: of }) => <ConfirmButton size="tiny" question="Turn it away?" yes="Take back" disabled={busy} onConfirm={() => takeBack(of)}>Take back<span className="visually-hidden"> the key of {of}</span></ConfirmButton> },
  ];
  return (
    <Card title="Who may ask" unit={clients ? 'clients that have a key' : `everyone who reaches it: ${view.reach}`} aside={clients && <ConfirmButton question="Let everyone ask who reaches it?" yes="Let everyone ask" disabled={busy} onConfirm={() => takeBack(null)}>Ask nobody for a key</ConfirmButton>}>
      <div className="stack">
        {made && (
          <Note tone="ok">
            <span className="stack tight"><span>{made.client} asks with this key. It is shown this once, and kept nowhere.</span><CommandCopy command={made.key} label="Copy the key" /></span>
          </Note>
        )}
        {clients && <DataTable label="Clients" columns={columns} rows={clients} rowKey={(client) => client.name} tools={false} empty="No client has a key: nobody but this console may ask." />}
        {refused !== null && refused.count > 0 && <p className="small"><StatusWord tone="warn">{formatCount(refused.count)} turned away{refused.lastAt && <>, the last one <TimeAgo iso={refused.lastAt} /></>}</StatusWord></p>}
        <TextField label="Client" value={name} onChange={setName} onEnter={give} placeholder="camera PC of line 3" wrong={taken ? 'It has a key already.' : null} disabled={busy} help={clients ? 'one key for each program, so that one can be taken back alone' : 'from the first key on, whoever has none is turned away'} />
        <div className="row"><Button icon={<IconKey size={15} aria-hidden />} disabled={busy || said === '' || taken} onClick={give}>{admit.busy ? 'Telling the gateway' : 'Give a key'}</Button></div>
        {clients && view.tls === null && <Note tone="warn">The address is not encrypted: on a network that others use, keys can be read. Give it a certificate.</Note>}
        {(admit.error ?? dismiss.error) && <ErrorNote error={(admit.error ?? dismiss.error)!} />}
      </div>
    </Card>
  );
}

export function EncryptionCard({ view }: { readonly view: ServingView }) {
  const job = useJob('serving.encrypt', isAbout(view.stationId));
  const [paths, setPaths] = useState({ cert: '', key: '', clientCa: '' });
  const { tls, stationId } = view;
  const busy = job.busy || isClosed(view);
  const encrypt = () => {
    const [certPath, keyPath, clientCaPath] = [paths.cert.trim(), paths.key.trim(), paths.clientCa.trim()];
    if (certPath !== '' && keyPath !== '') void job.start({ stationId, tls: { certPath, keyPath, clientCaPath: clientCaPath === '' ? null : clientCaPath } });
  };
  const ready = paths.cert.trim() !== '' && paths.key.trim() !== '';
  return (
    <Card title="Encryption" unit={tls ? 'TLS 1.2 or 1.3, for https and gRPC' : 'none'} aside={tls && <ConfirmButton question="Answer unencrypted again?" yes="Turn off" disabled={busy} onConfirm={() => void job.start({ stationId, tls: null })}>Turn off</ConfirmButton>}>
      <div className="stack">
        {tls && <KeyValue rows={[
          ['Certificate', tls.subject],
          ['Valid until', <span key="v">{formatDateTime(tls.validTo)}</span>],
          ['Its names', <StatusWord key="n" tone={tls.fitsAddress ? 'ok' : 'warn'}>{tls.fitsAddress ? 'hold the address that clients use' : `do not hold the address ${view.address}: clients will refuse it`}</StatusWord>],
          ['Clients show a certificate', tls.clientCertificates ? 'yes, of the authority that was named' : 'no'],
        ]} />}
        <div className="cols3">
          <FileField label="Certificate (PEM)" value={paths.cert} placeholder="/etc/millwright/line3.pem" disabled={busy} onChange={(cert) => setPaths({ ...paths, cert })} help="with those between it and its authority" />
          <FileField label="Its private key (PEM)" value={paths.key} placeholder="/etc/millwright/line3.key" disabled={busy} onChange={(key) => setPaths({ ...paths, key })} help="without a password" />
          <FileField label="Authority of client certificates" value={paths.clientCa} placeholder="none" disabled={busy} onChange={(clientCa) => setPaths({ ...paths, clientCa })} help="only where clients show a certificate too" />
        </div>
        <div className="row"><Button icon={<IconLock size={15} aria-hidden />} disabled={busy || !ready} onClick={encrypt}>{tls ? 'Renew the certificate' : 'Encrypt'}</Button></div>
        <p className="dim small">{tls ? 'A new certificate is shown to new connections; those that are open go on.' : 'From then on requests over http are turned away. Health and figures answer both ways, for probes have no certificate.'} The files are read once, on the machine of this console’s host; the key is kept in its data folder and with the gateway.</p>
        <JobPanel job={job} />
      </div>
    </Card>
  );
}

function FileField({ label, value, onChange, placeholder, help, disabled }: { readonly label: string; readonly value: string; readonly onChange: (path: string) => void; readonly placeholder: string; readonly help: string; readonly disabled: boolean }) {
  const bridge = shellBridge();
  return (
    <div className="stack tight">
      <TextField label={label} mono value={value} onChange={onChange} placeholder={placeholder} help={help} disabled={disabled} />
      {bridge && <div className="row"><Button size="tiny" disabled={disabled} onClick={() => void bridge.pickFile({ title: label }).then((path) => { if (path) onChange(path); })}>Choose a file</Button></div>}
    </div>
  );
}
