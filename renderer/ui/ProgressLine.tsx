// Progress of something that runs: stage, share done, elapsed, and what remains of the stage where that can be told.
import type { Progress } from '#shared/progress';
import { formatCount, formatDuration } from './format.ts';
import { useNow } from './Text.tsx';

/** Coarse, as an estimate is: steps of 5 s below a minute, of 15 s below ten, then whole minutes. */
export function restWords(ms: number): string {
  const step = ms < 60_000 ? 5000 : ms < 600_000 ? 15_000 : 60_000;
  const seconds = (Math.max(1, Math.ceil(ms / step)) * step) / 1000;
  if (seconds < 60) return `about ${seconds} s left in this stage`;
  const minutes = Math.floor(seconds / 60);
  return `about ${minutes < 10 && seconds % 60 ? `${minutes} min ${seconds % 60} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`} left in this stage`;
}

/** @param restMs at a given time, how long the rest of the stage takes; null where it cannot be told */
export function ProgressLine({ progress, startedAt, tone = '', wordless = false, restMs }: { readonly progress: Progress | null; readonly startedAt?: string | null; readonly tone?: 'ok' | 'bad' | 's1' | ''; readonly wordless?: boolean; readonly restMs?: ((nowMs: number) => number | null) | undefined }) {
  const now = useNow(1000);
  const elapsed = startedAt ? Math.max(0, now - Date.parse(startedAt)) : null;
  const known = progress !== null && progress.total > 0;
  const share = known ? Math.min(1, progress.done / progress.total) : 0;
  const rest = restMs?.(now) ?? null;
  return (
    <div className="progress">
      {!wordless && (
        <div className="words">
          <span className="stage">{progress?.stage ?? 'Waiting'}</span>
          {known && progress.total > 1 && <span>{formatCount(progress.done)} / {formatCount(progress.total)}</span>}
          {elapsed !== null && <span>{formatDuration(Math.floor(elapsed / 1000) * 1000)}</span>}
          {rest !== null && <span>{restWords(rest)}</span>}
        </div>
      )}
      <div className={`track ${tone} ${known ? '' : 'unknown'}`} role="progressbar" aria-label={progress?.stage ?? 'Progress'} aria-valuemin={0} aria-valuemax={100} {...(known ? { 'aria-valuenow': Math.round(share * 100) } : {})}><i style={known ? { width: `${share * 100}%` } : undefined} /></div>
    </div>
  );
}
