// Names a file or folder for the host: dialog, drop, upload or a typed path, whichever the shell allows.
import { useState } from 'react';
import type { AppError } from '#shared/errors';
import { droppedPath, uploadFiles } from '../api/hostFiles.ts';
import { toAppError } from '../api/opCache.ts';
import { shellBridge, type FileFilter } from '../api/shell.ts';
import { DropZone } from '../ui/DropZone.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';

export function PathPicker({ what, label, filters, submitLabel, busy, onPath, children }: { readonly what: 'file' | 'folder'; readonly label: string; readonly filters?: readonly FileFilter[]; readonly submitLabel?: string; readonly busy?: boolean; readonly onPath: (path: string) => void; readonly children?: React.ReactNode }) {
  const [sending, setSending] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const bridge = shellBridge();
  const browse = bridge ? async () => {
    const path = await (what === 'folder' ? bridge.pickFolder({ title: label }) : bridge.pickFile({ title: label, ...(filters ? { filters } : {}) }));
    if (path) { setError(null); onPath(path); }
  } : undefined;
  const take = async (files: readonly File[]) => {
    setError(null);
    const local = files[0] ? droppedPath(files[0]) : null;
    if (local) return onPath(local);
    setSending('Sending to the host');
    try { onPath(await uploadFiles(files, (done, total) => setSending(`Sending ${done} of ${total} files to the host`))); }
    catch (reason) { setError(toAppError(reason)); }
    finally { setSending(null); }
  };
  return (
    <div className="stack tight">
      <DropZone what={what} label={label} busy={busy === true || sending !== null} busyText={sending ?? undefined} onBrowse={browse && (() => void browse())} onFiles={(files) => void take(files)} onPath={onPath} {...(submitLabel ? { submitLabel } : {})} {...(filters ? { accept: filters.flatMap((filter) => filter.extensions.map((extension) => `.${extension}`)).join(',') } : {})}>{children}</DropZone>
      {error && <ErrorNote error={error} />}
    </div>
  );
}
