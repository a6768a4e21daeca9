// Identifiers, times and commands as text that can be copied.
import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { CopyButton } from './Button.tsx';
import { formatDateTime, shortHash, timeAgo } from './format.ts';

export function HashText({ hash, label = 'SHA-256', length = 10 }: { readonly hash: string; readonly label?: string; readonly length?: number }) {
  return <span className="hash"><code title={`${label} ${hash}`}>{shortHash(hash, length)}</code><CopyButton text={hash} label={`Copy ${label}`} /></span>;
}

export function CommandCopy({ command, label = 'Copy the command' }: { readonly command: string; readonly label?: string }) {
  return <div className="command"><code tabIndex={0}>{command}</code><CopyButton text={command} label={label} /></div>;
}

export function PathText({ path }: { readonly path: string }) {
  return <span className="hash"><code className="prewrap">{path}</code><CopyButton text={path} label="Copy the path" /></span>;
}

/** The present time, renewed every `everyMs`. */
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => { const timer = setInterval(() => setNow(Date.now()), everyMs); return () => clearInterval(timer); }, [everyMs]);
  return now;
}

/** How long ago; greyed and called stale once older than `staleMs`. */
export function TimeAgo({ iso, staleMs }: { readonly iso: string; readonly staleMs?: number }) {
  const now = useNow();
  const stale = staleMs !== undefined && now - Date.parse(iso) > staleMs;
  return <time dateTime={iso} title={formatDateTime(iso)} className={stale ? 'tone-warn' : ''}>{timeAgo(iso, now)}{stale ? ' · stale' : ''}</time>;
}

export function Hint({ text, children }: { readonly text: string; readonly children: React.ReactElement }) {
  return <Tooltip label={text} multiline withinPortal openDelay={250} events={{ hover: true, focus: true, touch: true }}>{children}</Tooltip>;
}
