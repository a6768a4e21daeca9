// A tar archive as a stream: files go through in pieces, so that memory stays flat whatever their size.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors';
import { tarEnd, tarHeader, tarPadding, tarSize, type TarEntry } from '#core/images/tarHeader';
import { translateFileError } from '../files/translateFileError.ts';

export interface TarFile extends TarEntry {
  /** Bytes at hand, the path of a file to read, or an archive within the archive. */
  readonly content: Uint8Array | string | readonly TarFile[];
  /** Looks at the bytes as they pass; may throw at the end. */
  readonly watch?: () => { update(part: Uint8Array): void; done(): void };
}

export const fileOfBytes = (path: string, content: Uint8Array | string, mode = 0o644): TarFile => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { path, kind: 'file', mode, sizeBytes: bytes.length, content: bytes };
};

export async function fileOfPath(path: string, source: string, mode = 0o444): Promise<TarFile> {
  const info = await stat(source).catch((error: unknown) => { throw translateFileError(error, source, 'read'); });
  return { path, kind: 'file', mode, sizeBytes: info.size, content: source };
}

/** Sorted, with every folder named before what is in it. */
export function withFolders(files: readonly TarFile[]): TarFile[] {
  const folders = new Set<string>();
  for (const { path } of files) for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at + 1));
  const made = [...folders].filter((path) => !files.some((file) => file.path === path)).map((path): TarFile => ({ path, kind: 'folder', mode: 0o755, sizeBytes: 0, content: new Uint8Array(0) }));
  return [...made, ...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

const isArchive = (content: TarFile['content']): content is readonly TarFile[] => Array.isArray(content);

async function* pieces(files: readonly TarFile[], signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    signal?.throwIfAborted();
    yield tarHeader(file);
    const watch = file.watch?.();
    let passed = 0;
    if (isArchive(file.content)) {
      for await (const part of pieces(file.content, signal)) { passed += part.length; yield part; }
    } else if (typeof file.content === 'string') {
      const source = createReadStream(file.content, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) });
      try {
        for await (const part of source as AsyncIterable<Buffer>) {
          passed += part.length;
          if (passed > file.sizeBytes) break;
          watch?.update(part);
          yield part;
        }
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw translateFileError(error, file.content, 'read');
      }
    } else if (file.content.length > 0) {
      passed = file.content.length;
      watch?.update(file.content);
      yield file.content;
    }
    if (passed !== file.sizeBytes) throw new AppError('BUSY', `${typeof file.content === 'string' ? file.content : file.path} changed while it was read.`, { hint: 'Wait until nothing writes to it, and try again.' });
    watch?.done();
    if (tarPadding(file.sizeBytes) > 0) yield new Uint8Array(tarPadding(file.sizeBytes));
  }
  yield tarEnd();
}

export const tarStream = (files: readonly TarFile[], signal?: AbortSignal): Readable => Readable.from(pieces(files, signal), { objectMode: false, highWaterMark: 1 << 20 });
export const tarStreamSize = (files: readonly TarFile[]): number => tarSize(files);
