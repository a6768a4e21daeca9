// The log of all containers of a station: follows, finds, and can be saved.
import { IconDownload, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useConnectionState } from '../../api/ApiProvider.tsx';
import { useStream } from '../../api/useOp.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { saveText } from '../../ui/charts/ChartCard.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { formatClock, plural } from '../../ui/format.ts';
import { emptyLog, keptLines, withEntry, type LogEntry } from './logEntries.ts';

const shown = 500;

export function LogView({ stationId }: { readonly stationId: string }) {
  const { epoch } = useConnectionState();
  const [{ entries }, setHeld] = useState(emptyLog);
  const [frozen, setFrozen] = useState<readonly LogEntry[] | null>(null);
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.toLowerCase());
  const failure = useStream('serving.logs', { stationId, follow: true, tail: 500 }, (entry) => setHeld((before) => withEntry(before, epoch, entry)));
  const found = (frozen ?? entries).filter(({ line, container }) => wanted === '' || line.toLowerCase().includes(wanted) || container.toLowerCase().includes(wanted));
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (!frozen && box.current) box.current.scrollTop = box.current.scrollHeight; }, [found.length, frozen]);
  const save = () => saveText('station.log', found.map(({ at, container, stream, line }) => `${at} ${container} ${stream} ${line}`).join('\n'), 'text/plain');
  return (
    <Card title="Log" unit="all containers of the station, in the order of their time" aside={<span className="row">
      <input className="input" type="search" aria-label="Find in the log" placeholder="Find" value={text} onChange={(event) => setText(event.target.value)} />
      <Button look="quiet" icon={frozen ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />} aria-pressed={frozen !== null} onClick={() => setFrozen(frozen ? null : entries)}>{frozen ? 'Follow' : 'Pause'}</Button>
      <Button look="quiet" icon={<IconDownload size={15} aria-hidden />} disabled={found.length === 0} onClick={save}>Save</Button></span>}>
      {failure && <ErrorNote error={failure} />}
      <div className="log" ref={box} style={{ maxHeight: 460, overflow: 'auto' }} tabIndex={0} role="log" aria-label="Log of the station" aria-live="off">
        {found.length === 0 && <p className="dim">{entries.length === 0 ? 'No line yet.' : 'No line matches.'}</p>}
        {found.slice(-shown).map((entry, index) => <div className="log-line" key={`${entry.at}${index}`}><time dateTime={entry.at} className="dim">{formatClock(entry.at)}</time><LogText entry={entry} /></div>)}
      </div>
      <p className="dim small">{plural(found.length, 'line')}{found.length > shown ? `, the last ${shown} are shown` : ''}; the last {keptLines.toLocaleString('en')} are kept here.</p>
    </Card>
  );
}

/** A structured line as event and fields, coloured by its level; any other as it came. */
function LogText({ entry: { line, stream } }: { readonly entry: LogEntry }) {
  const fields = fieldsOf(line);
  if (!fields) return <span className={stream === 'stderr' ? 'tone-warn prewrap' : 'prewrap'}>{line}</span>;
  const { level, event, time: _time, ...rest } = fields;
  const tone = level === 'error' ? 'tone-bad' : level === 'warn' ? 'tone-warn' : '';
  return <span className={`prewrap ${tone}`}>{typeof event === 'string' ? event : 'line'} <span className="dim">{Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ')}</span></span>;
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | null {
  if (!line.startsWith('{')) return null;
  try { const value: unknown = JSON.parse(line); return typeof value === 'object' && value !== null ? value as Record<string, unknown> : null; } catch { return null; } // an object of JSON
}
