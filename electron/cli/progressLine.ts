// Shows the progress of a job on stderr: one line that is rewritten on a terminal, a plain line for each new stage elsewhere.
import type { JobRecord } from '#shared/contract/jobs';
import { printable } from './style.ts';

export interface ProgressLine {
  show(record: JobRecord): void;
  /** Prints a line of its own, above the progress. */
  note(line: string): void;
  end(): void;
}

const barWidth = 24;
const plainEveryMs = 10_000;

function describe({ progress, title, subject, state }: JobRecord): string {
  const what = `${title}${subject === '' ? '' : ` ${subject}`}`;
  if (state === 'queued') return `${what}: waiting for its turn`;
  if (!progress) return `${what}: ${state === 'cancelling' ? 'stopping' : 'starting'}`;
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  const bar = share === null ? '' : ` ${'━'.repeat(Math.round(share * barWidth))}${'─'.repeat(barWidth - Math.round(share * barWidth))} ${Math.floor(share * 100)} %`;
  return `${state === 'cancelling' ? 'Stopping: ' : ''}${progress.stage}${bar}`;
}

export function progressLine(stream: NodeJS.WriteStream, clock: () => number = Date.now): ProgressLine {
  const live = stream.isTTY === true;
  let shown = '';
  let lastStage = '';
  let lastAt = 0;
  const clear = () => { if (live && shown !== '') stream.write('\r\u001b[K'); };
  return {
    show(record) {
      const text = printable(describe(record));
      if (live) {
        shown = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
        stream.write(`\r\u001b[K${shown}`);
        return;
      }
      const stage = `${record.state}:${record.progress?.stage ?? ''}`;
      const now = clock();
      if (stage === lastStage && now - lastAt < plainEveryMs) return;
      if (record.state === 'done' || record.state === 'failed' || record.state === 'cancelled' || record.state === 'interrupted') return;
      const { progress } = record;
      lastStage = stage;
      lastAt = now;
      stream.write(`${record.state === 'queued' || !progress ? text : `${printable(progress.stage)}${progress.total > 0 ? ` (${progress.done} of ${progress.total})` : ''}`}\n`);
    },
    note(line) {
      clear();
      stream.write(`${printable(line)}\n`);
      if (live && shown !== '') stream.write(shown);
    },
    end() { clear(); shown = ''; },
  };
}
