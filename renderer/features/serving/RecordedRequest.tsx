// One recorded request: what was asked and what was answered, as text.
import { IconX } from '@tabler/icons-react';
import { useOp } from '../../api/useOp.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatDateTime, formatMs } from '../../ui/format.ts';

export function RecordedRequest({ stationId, seq, onClose }: { readonly stationId: string; readonly seq: number; readonly onClose: () => void }) {
  const { data, error, reload } = useOp('serving.recorded', { stationId, seq });
  const title = `Request ${seq}`;
  if (error && !data) return <Card title={title} aside={<IconButton label="Close" icon={<IconX size={15} aria-hidden />} onClick={onClose} />}><ErrorNote error={error} onRetry={reload} /></Card>;
  if (!data) return <Card title={title}><Loading what="the request" rows={6} /></Card>;
  return (
    <Card title={title} unit={<code>{data.requestId}</code>} aside={<IconButton label="Close" icon={<IconX size={15} aria-hidden />} onClick={onClose} />}>
      <div className="stack">
        <KeyValue rows={[['Time', formatDateTime(data.at)], ['Path', <code key="p">{data.path}</code>], ['Answered', data.version === null ? `${data.status}, by no version` : `${data.status}, by ${data.version}, after ${formatMs(data.durationMs)}`]]} />
        <div className="cols2">
          <Body title="Asked" text={data.question} />
          <Body title="Answered" text={data.answer ?? (data.status === 499 ? 'The client went away before.' : 'Nothing that was kept.')} />
        </div>
      </div>
    </Card>
  );
}

function Body({ title, text }: { readonly title: string; readonly text: string }) {
  return <div className="stack tight"><p className="strong">{title}</p><pre className="mono prewrap small" style={{ maxHeight: 320, overflow: 'auto' }} tabIndex={0} aria-label={title}>{text}</pre></div>;
}
