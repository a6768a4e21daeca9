// Whether a station serves as it was measured for its model, and the measurement itself.
import { describeTuning } from '#shared/describeTuning';
import { useJob } from '../../api/useJob.ts';
import { useOp } from '../../api/useOp.ts';
import { JobPanel } from '../../app/JobPanel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Note } from '../../ui/Card.tsx';
import { CheckField } from '../../ui/Field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { isMeasuring } from './words.ts';

/** `cpus`: null for all. */
export function AdviceField({ modelId, cpus, checked, onChange }: { readonly modelId: string; readonly cpus: number | null; readonly checked: boolean; readonly onChange: (checked: boolean) => void }) {
  const known = useOp('serving.advice', { model: { id: modelId } });
  const job = useJob('serving.advise', isMeasuring(modelId));
  const all = [...known.data ?? [], ...(job.output ? [job.output] : [])];
  const wanted = cpus === null ? Math.max(0, ...all.map((one) => one.cpus)) : Math.max(1, Math.floor(cpus));
  const advice = all.filter((one) => one.cpus === wanted).at(-1);
  const measure = () => void job.start({ model: { id: modelId }, ...(cpus === null ? {} : { cpus: wanted }) });
  return (
    <div className="stack">
      <div className="row">
        {advice && <CheckField label={`Serve as measured ${formatDateTime(advice.takenAt)}: ${describeTuning(advice.chosen)}`} checked={checked} onChange={onChange} />}
        <Button size="tiny" disabled={job.busy} onClick={measure}>{advice ? 'Measure again' : 'Measure how it serves best'}</Button>
      </div>
      {!advice && !job.busy && <Note>Without it one session takes all processors, and nothing is batched. Measuring takes about half a minute and wants the machine for itself.</Note>}
      {advice && checked && <Note>{advice.because.join(' ')}</Note>}
      <JobPanel job={job} />
    </div>
  );
}
