// One recorded request: what was asked and what was answered, as text.
import { IconX } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { useOp } from '../../api/useOp.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card, KeyValue, Loading } from '../../ui/Card.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatClock, formatDateTime, formatMs } from '../../ui/format.ts';

export function RecordedRequest({ stationId, seq, onClose }: { readonly stationId: string; readonly seq: number; readonly onClose: () => void }) {
  const { data, error, reload } = useOp('serving.recorded', { stationId, seq });
  const box = useRef<HTMLDivElement>(null);
  // It is drawn below a long table, where nobody would see that it came.
  useEffect(() => { box.current?.scrollIntoView({ block: 'nearest' }); }, [seq, data]);
  const frame = (children: ReactNode) => <div ref={box}><Card title={`Request ${seq}`} unit={data && <code>{data.requestId}</code>} aside={<IconButton label="Close the request" icon={<IconX size={15} aria-hidden />} onClick={onClose} />}>{children}</Card></div>;
  if (error && !data) return frame(<ErrorNote error={error} onRetry={reload} />);
  if (!data) return frame(<Loading what="the request" rows={6} />);
  return frame(
    <div className="stack">
      <KeyValue rows={[['Time', <time key="t" dateTime={data.at}>{formatDateTime(data.at).slice(0, 10)} {formatClock(data.at)}</time>], ['Path', <code key="p">{data.path}</code>], ['Answered', data.version === null ? `${data.status}, by no version` : `${data.status}, by ${data.version}, after ${formatMs(data.durationMs)}`]]} />
      <div className="cols2">
        <Body title="Asked" text={data.question} />
        <Body title="Answered" text={data.answer ?? (data.status === 499 ? 'The client went away before.' : 'Nothing that was kept.')} />
      </div>
    </div>,
  );
}

function Body({ title, text }: { readonly title: string; readonly text: string }) {
  return <div className="stack tight"><p className="strong">{title}</p><pre className="mono prewrap small" style={{ maxHeight: 320, overflow: 'auto' }} tabIndex={0} aria-label={title}>{text}</pre></div>;
}
