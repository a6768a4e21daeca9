// The amber stamp: what differs from what a report was made for, which sections that touches, and a button that runs just those again.
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { StationRecord } from '#shared/contract/stations';
import type { RerunSection } from '#shared/contract/validation';
import { useJob } from '../api/useJob.ts';
import { useOp } from '../api/useOp.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { TextField } from '../ui/Field.tsx';
import { StatusWord } from '../ui/Status.tsx';
import { JobPanel } from './JobPanel.tsx';

const sectionWords: Readonly<Record<RerunSection, string>> = { iq: '§ 10 installation', oq: '§ 11 operation', accuracy: '§ 12 accuracy', parity: '§ 13 parity', robustness: '§ 14 robustness', performance: '§ 15 performance' };

/** Nothing while all is as it was. @param station whose report it is; without it nothing can be run again from here. */
export function StaleNote({ evidenceId, station }: { readonly evidenceId: string; readonly station: StationRecord | null }) {
  const found = useOp('evidence.staleness', { id: evidenceId }).data;
  const rerun = useJob('validation.run', (job) => isRerunOf(job.input, evidenceId));
  const [reason, setReason] = useState('');
  if (!found?.stale && !rerun.busy) return null;
  const modelId = station?.candidateModelId ?? station?.modelId ?? null;
  const again = () => {
    if (!station || modelId === null || station.testId === null || !found) return;
    void rerun.start({ model: { id: modelId }, ...(station.modelId === null ? {} : { reference: { id: station.modelId } }), data: { id: station.testId }, station: station.name, rerun: { evidenceId, sections: found.sections }, ...(reason.trim() === '' ? {} : { reason: reason.trim() }), ...(station.limitsId === null ? {} : { limitsId: station.limitsId }) });
  };
  return (
    <Card title="Stale" aside={<StatusWord tone="warn">Not what was validated</StatusWord>}>
      <div className="stack">
        {found?.expired && <p>It was valid until {found.validUntil}.</p>}
        {found && found.differences.length > 0 && <div className="table-wrap" tabIndex={0} role="region" aria-label="What differs"><table className="data static"><thead><tr><th scope="col">Part</th><th scope="col">In the report</th><th scope="col">Now</th></tr></thead><tbody>{found.differences.map((each) => <tr key={each.part}><td>{each.part}</td><td><span className="prewrap">{each.approved}</span></td><td><span className="prewrap">{each.now}</span></td></tr>)}</tbody></table></div>}
        {found && found.sections.length > 0 && <p>To be run again: {found.sections.map((section) => sectionWords[section]).join(', ')}. The other sections hold.</p>}
        <JobPanel job={rerun} />
        {station && modelId !== null && station.testId !== null && found && found.sections.length > 0 && <><TextField label="Reason" value={reason} onChange={setReason} help="Stands in the audit trail and in the revisions of the report." disabled={rerun.busy} /><div className="row"><Button icon={<IconRefresh size={15} aria-hidden />} disabled={rerun.busy} onClick={again}>Run just these again</Button></div></>}
      </div>
    </Card>
  );
}

const isRerunOf = (input: unknown, evidenceId: string): boolean => typeof input === 'object' && input !== null && 'rerun' in input && (input as { rerun?: { evidenceId?: unknown } }).rerun?.evidenceId === evidenceId; // a job's input is whatever was sent
