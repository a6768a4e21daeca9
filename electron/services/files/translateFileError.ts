// One mapping from the operating system's error codes to sentences with a code and a hint; every file access goes through it.
import { AppError, isAppError, type ErrorCode } from '#shared/errors';

export type FileAct = 'read' | 'write' | 'open' | 'remove' | 'list' | 'listen';

const verbs: Readonly<Record<FileAct, string>> = { read: 'read', write: 'written', open: 'opened', remove: 'removed', list: 'listed', listen: 'listened on' };

interface Translation { readonly code: ErrorCode; readonly why: string; readonly hint?: string }

const translations: Readonly<Record<string, Translation>> = {
  ENOENT: { code: 'NOT_FOUND', why: 'it does not exist' },
  EACCES: { code: 'PERMISSION_DENIED', why: 'this user has no permission' },
  EPERM: { code: 'PERMISSION_DENIED', why: 'the system does not permit it' },
  EROFS: { code: 'PERMISSION_DENIED', why: 'the file system is read-only', hint: 'Choose a folder on a writable disk.' },
  ENOSPC: { code: 'DISK_FULL', why: 'the disk is full' },
  EDQUOT: { code: 'DISK_FULL', why: 'the disk quota of this user is used up' },
  EFBIG: { code: 'DISK_FULL', why: 'the file would be larger than the file system permits' },
  EEXIST: { code: 'ALREADY_EXISTS', why: 'it exists already' },
  EISDIR: { code: 'BAD_INPUT', why: 'it is a folder, and a file is needed' },
  ENOTDIR: { code: 'BAD_INPUT', why: 'a part of the path is a file, and a folder is needed' },
  ENAMETOOLONG: { code: 'BAD_INPUT', why: 'the name is too long' },
  ELOOP: { code: 'BAD_INPUT', why: 'its links go in a circle' },
  ENOTEMPTY: { code: 'ALREADY_EXISTS', why: 'the folder is not empty' },
  EMFILE: { code: 'BUSY', why: 'too many files are open' },
  ENFILE: { code: 'BUSY', why: 'too many files are open on this machine' },
  EBUSY: { code: 'BUSY', why: 'another program uses it' },
  ETXTBSY: { code: 'BUSY', why: 'another program uses it' },
  EADDRINUSE: { code: 'PORT_TAKEN', why: 'another program listens there' },
  EADDRNOTAVAIL: { code: 'BAD_INPUT', why: 'this machine has no such address' },
  ERR_INVALID_ARG_VALUE: { code: 'BAD_INPUT', why: 'the path holds characters that no file name may have' },
};

/** The system's code of an error ("ENOSPC"), or null. */
export function systemCodeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/**
 * Turns what node:fs or node:net threw into an AppError that names the path: "/data/x.onnx cannot be written: the disk is full."
 * AppErrors pass unchanged; unknown errors become INTERNAL with the cause kept for the log.
 */
export function translateFileError(error: unknown, path: string, act: FileAct): AppError {
  if (isAppError(error)) return error;
  const translation = translations[systemCodeOf(error) ?? ''];
  if (!translation) return new AppError('INTERNAL', `${path} cannot be ${verbs[act]} for an unexpected reason.`, { cause: error });
  return new AppError(translation.code, `${path} cannot be ${verbs[act]}: ${translation.why}.`, { cause: error, ...(translation.hint === undefined ? {} : { hint: translation.hint }) });
}

/** Runs a file access and translates what it throws. */
export async function withFileErrors<T>(path: string, act: FileAct, access: () => Promise<T>): Promise<T> {
  try {
    return await access();
  } catch (error) {
    throw translateFileError(error, path, act);
  }
}
