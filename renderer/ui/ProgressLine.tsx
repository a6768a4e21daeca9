// Progress of something that runs: stage, share done, elapsed and remaining where it can be told.
import type { Progress } from '#shared/progress';
import { formatCount, formatDuration } from './format.ts';
import { useNow } from './Text.tsx';

/** Remaining time from the share done; null until it can be told (below 3 % or under 2 s). */
export function remainingMs(progress: Progress | null, elapsedMs: number): number | null {
  if (!progress || progress.total <= 0 || progress.done <= 0) return null;
  const share = progress.done / progress.total;
  if (share < 0.03 || share > 1 || elapsedMs < 2000) return null;
  return elapsedMs * (1 / share - 1);
}

export function ProgressLine({ progress, startedAt, tone = '', wordless = false }: { readonly progress: Progress | null; readonly startedAt?: string | null; readonly tone?: 'ok' | 'bad' | 's1' | ''; readonly wordless?: boolean }) {
  const now = useNow(1000);
  const elapsed = startedAt ? Math.max(0, now - Date.parse(startedAt)) : null;
  const known = progress !== null && progress.total > 0;
  const share = known ? Math.min(1, progress.done / progress.total) : 0;
  return (
    <div className="progress">
      {!wordless && (
        <div className="words">
          <span className="stage">{progress?.stage ?? 'Waiting'}</span>
          {known && progress.total > 1 && <span>{formatCount(progress.done)} / {formatCount(progress.total)}</span>}
          {elapsed !== null && <span>{formatDuration(Math.floor(elapsed / 1000) * 1000)}</span>}
        </div>
      )}
      <div className={`track ${tone} ${known ? '' : 'unknown'}`} role="progressbar" aria-label={progress?.stage ?? 'Progress'} aria-valuemin={0} aria-valuemax={100} {...(known ? { 'aria-valuenow': Math.round(share * 100) } : {})}><i style={known ? { width: `${share * 100}%` } : undefined} /></div>
    </div>
  );
}
