// Files that people put to a report: what is attached, and, while nobody has reviewed it, a place to add or take off.
import { useEffect, useState } from 'react';
import type { EvidenceRecord } from '#shared/contract/evidence';
import { useJob } from '../../api/useJob.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { PathPicker } from '../../app/PathPicker.tsx';
import { navigate, routeHref } from '../../app/routes.ts';
import { ConfirmButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { TextField } from '../../ui/Field.tsx';
import { formatBytes, formatDateTime } from '../../ui/format.ts';
import { HashText } from '../../ui/Text.tsx';

const filters = [{ name: 'Pictures, PDF and text', extensions: ['png', 'jpg', 'jpeg', 'webp', 'pdf', 'txt', 'csv', 'log', 'md', 'json'] }] as const;

export function AttachmentsCard({ record }: { readonly record: EvidenceRecord }) {
  const { attachments = [] } = record;
  const [caption, setCaption] = useState('');
  const isThis = (job: { readonly input: unknown }) => (job.input as { id?: string }).id === record.id; // the input of both jobs names the report
  const adding = useJob('evidence.attach', isThis);
  const removing = useJob('evidence.detach', isThis);
  const [begun, setBegun] = useState<string | null>(null);
  const next = [adding, removing].find((job) => begun !== null && job.record?.id === begun)?.output ?? null;
  // The report with the change is another one: who asked for it is led there.
  useEffect(() => { if (next) navigate(routeHref('evidence', next.evidenceId)); }, [next]);
  const open = record.state === 'draft';
  const busy = adding.busy || removing.busy;
  if (!open && attachments.length === 0) return null;
  return (
    <Card title="Attachments" unit="Annex D of the report">
      <div className="stack">
        {attachments.length > 0 && <div className="table-wrap" tabIndex={0} role="region" aria-label="Attached files"><table className="data static">
          <thead><tr><th scope="col">File</th><th scope="col" className="n">Size</th><th scope="col">Attached</th><th scope="col">SHA-256</th>{open && <th scope="col"><span className="visually-hidden">Actions</span></th>}</tr></thead>
          <tbody>{attachments.map(({ file, name, caption: words, sizeBytes, addedAt, addedBy, sha256 }) => (
            <tr key={file}><td className="wrap"><span className="strong">{name}</span>{words && <div className="dim small">{words}</div>}</td><td className="n">{formatBytes(sizeBytes)}</td><td>{formatDateTime(addedAt)}<div className="dim small">{addedBy}</div></td><td><HashText hash={sha256} length={8} /></td>
              {open && <td className="n"><ConfirmButton question={`Take ${name} off? The next revision is made without it.`} yes="Take off" disabled={busy} onConfirm={() => void removing.start({ id: record.id, attachments: [sha256] }).then(setBegun)}>Take off</ConfirmButton></td>}</tr>
          ))}</tbody>
        </table></div>}
        {open && <>
          <TextField label="Caption of the next file" value={caption} onChange={setCaption} placeholder="Lamp 3, as found" disabled={busy} />
          <PathPicker what="file" label="Drop a photo, PDF or text file here" filters={filters} submitLabel="Attach" busy={busy} onPath={(path) => void adding.start({ id: record.id, files: [{ path, caption }] }).then(setBegun)} />
          <p className="dim small">Each change makes the next revision, which follows this one by its hash. After the review nothing can be attached any more.</p>
        </>}
        <JobPanel job={adding} />
        <JobPanel job={removing} />
      </div>
    </Card>
  );
}
