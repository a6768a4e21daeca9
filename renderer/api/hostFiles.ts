// Ways to name a file on the host's machine: native dialogs and dropped paths in the desktop, uploads in the browser.
import { AppError, isErrorCode } from '#shared/errors';
import { shellBridge } from './shell.ts';

const relativePath = (file: File): string => file.webkitRelativePath || file.name;

/** The path of a dropped file where the shell can tell it, else null. */
export function droppedPath(file: File): string | null {
  const bridge = shellBridge();
  if (!bridge) return null;
  const path = bridge.pathOf?.(file) ?? (file as File & { path?: string }).path;
  return path ? path : null;
}

/** Sends files to the host (browser shell only) and answers the path of the file, or of the folder that holds them all. */
export async function uploadFiles(files: readonly File[], onProgress?: (done: number, total: number) => void): Promise<string> {
  const folder = files.some((file) => file.webkitRelativePath !== '') || files.length > 1;
  const batch = `${Date.now().toString(36)}-${Math.floor(Math.random() * 1e9).toString(36)}`;
  let path = '';
  let done = 0;
  for (const file of files) {
    const url = new URL('/upload', window.location.href);
    url.searchParams.set('batch', batch);
    url.searchParams.set('name', relativePath(file));
    if (folder) url.searchParams.set('folder', '1');
    const response = await fetch(url, { method: 'POST', body: file, headers: { 'content-type': 'application/octet-stream' }, credentials: 'same-origin' });
    const answer = (await response.json().catch(() => ({}))) as { path?: string; error?: { code?: string; message?: string; hint?: string } };
    if (!response.ok || !answer.path) {
      const code = isErrorCode(answer.error?.code) ? answer.error.code : 'BAD_INPUT';
      throw new AppError(code, answer.error?.message ?? `The upload of ${file.name} was refused (${response.status}).`, answer.error?.hint ? { hint: answer.error.hint } : {});
    }
    path = answer.path;
    done += 1;
    onProgress?.(done, files.length);
  }
  return path;
}
