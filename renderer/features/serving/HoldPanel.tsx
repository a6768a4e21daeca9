// The acceptance stop: with a reason nothing is answered until a person releases it, and everyone who asks is told why.
import { IconHandStop, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { ServingView } from '#shared/contract/serving';
import { useJob } from '../../api/useJob.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button, ConfirmButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Note } from '../../ui/Card.tsx';
import { TextField } from '../../ui/Field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { TimeAgo } from '../../ui/Text.tsx';
import { isAbout } from './words.ts';

/** Where it is not held, the form is drawn while someone asks for it. */
export function HoldPanel({ view, asking, onClose }: { readonly view: ServingView; readonly asking: boolean; readonly onClose: () => void }) {
  const job = useJob('serving.hold', isAbout(view.stationId));
  const [reason, setReason] = useState('');
  const busy = job.busy || view.operation !== null;
  const said = reason.trim();
  const hold = () => { if (said !== '' && !busy) void job.start({ stationId: view.stationId, reason: said }).then((id) => { if (id !== null) { setReason(''); onClose(); } }); };
  if (view.hold) {
    return (
      <Card title="Acceptance stop" aside={<ConfirmButton primary icon={<IconPlayerPlay size={15} aria-hidden />} question="Is the cause removed?" yes="Release" disabled={busy} onConfirm={() => void job.start({ stationId: view.stationId, reason: null })}>Release</ConfirmButton>}>
        <div className="stack">
          <Note tone="bad">Nothing is answered. Every client gets 503 with this reason.</Note>
          <KeyValue rows={[['Reason', <span key="r" className="strong prewrap">{view.hold.reason}</span>], ['Since', <span key="s">{formatDateTime(view.hold.since)} (<TimeAgo iso={view.hold.since} />)</span>]]} />
          <JobPanel job={job} />
        </div>
      </Card>
    );
  }
  if (!asking) return <JobPanel job={job} />;
  return (
    <Card title="Acceptance stop" unit="the line must not go on with this station's answers">
      <div className="stack">
        <TextField begin label="Reason" value={reason} onChange={setReason} onEnter={hold} placeholder="Golden sample 7 was accepted at shift start" help="Clients and colleagues are told. It stands in the audit trail." wrong={reason.length > 500 ? 'At most 500 characters.' : null} disabled={busy} />
        <Note tone="warn">From then on {view.address} answers 503 until someone releases it. The containers go on running.</Note>
        <div className="row"><Button look="danger" icon={<IconHandStop size={15} aria-hidden />} disabled={busy || said === '' || reason.length > 500} onClick={hold}>Stop acceptance</Button><Button onClick={onClose}>Go on answering</Button></div>
        <JobPanel job={job} />
      </div>
    </Card>
  );
}
