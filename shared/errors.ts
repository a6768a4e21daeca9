// The closed list of error codes: what each means, what the user can try next, and the exit code of cli.md.

interface ErrorKind {
  readonly meaning: string;
  readonly hint: string;
  /** 1 check failed, 2 bad usage or input, 3 something outside is missing or refused, 4 internal, 130 cancelled. */
  readonly exitCode: 1 | 2 | 3 | 4 | 130;
}

export const errorKinds = {
  BAD_USAGE: { meaning: 'The command or the request is not formed as it must be.', hint: 'Run the command with --help to see its options and an example.', exitCode: 2 },
  BAD_INPUT: { meaning: 'A value given does not fit what the operation takes.', hint: 'Correct the named value and run it again.', exitCode: 2 },
  TOO_LARGE: { meaning: 'The request is larger than the server takes.', hint: 'Send less at once, or raise the limit of the server.', exitCode: 2 },
  BAD_MODEL: { meaning: 'The file is not a readable ONNX model.', hint: 'Export the model again, or check that the file was copied whole.', exitCode: 2 },
  MODEL_UNSUPPORTED: { meaning: 'The model is valid, but the runtime here cannot run it.', hint: 'Export the model without the named operator, or convert it.', exitCode: 2 },
  NOTHING_TO_QUANTIZE: { meaning: 'No node of the model can be quantized by this recipe.', hint: 'Try another recipe, or keep the original model.', exitCode: 2 },
  BAD_DATA: { meaning: 'The data set cannot be read, or does not fit the model.', hint: 'The layouts that are read stand in docs/guide.md.', exitCode: 2 },
  BAD_LIMITS: { meaning: 'The limits file is not valid.', hint: 'The keys and metrics stand in docs/guide.md.', exitCode: 2 },
  NOT_FOUND: { meaning: 'The named thing does not exist.', hint: 'Check the name or path.', exitCode: 2 },
  ALREADY_EXISTS: { meaning: 'The output exists already and is not overwritten.', hint: 'Choose another name, or add --force.', exitCode: 2 },
  EVIDENCE_INVALID: { meaning: 'The evidence was changed after it was signed, or is incomplete.', hint: 'Get the file again from its author; do not use this copy.', exitCode: 1 },
  DOCKER_UNAVAILABLE: { meaning: 'No container engine answers.', hint: 'Start Docker or Podman, then detect again.', exitCode: 3 },
  DOCKER_REFUSED: { meaning: 'The container engine refused the request.', hint: 'Read the reason; `millwright machine` checks the engine.', exitCode: 3 },
  PARTS_MISSING: { meaning: 'What the serving image is made of is missing or damaged.', hint: 'Install Millwright again; in a checkout run `node scripts/gather-parts.mjs` once, with a network.', exitCode: 3 },
  DISK_FULL: { meaning: 'There is no room on the disk.', hint: 'Free space, or choose another folder with --data-dir or -o.', exitCode: 3 },
  PERMISSION_DENIED: { meaning: 'The file or folder may not be read or written.', hint: 'Change its permissions, or choose another folder.', exitCode: 3 },
  KEY_STORE_UNAVAILABLE: { meaning: 'The key store of the operating system does not give what opens the signing key.', hint: 'Unlock the keyring or keychain of this user and try again, in the desktop session if there is one; or restore the key from its backup (`millwright keys restore`).', exitCode: 3 },
  PORT_TAKEN: { meaning: 'Another program listens on the port.', hint: 'Choose another port.', exitCode: 3 },
  TIMEOUT: { meaning: 'It did not answer within its deadline.', hint: 'Try again; if it stays, look at the machine\'s load.', exitCode: 3 },
  CONNECTION_LOST: { meaning: 'The connection to the host ended.', hint: 'Reconnect; jobs go on in the host.', exitCode: 3 },
  BUSY: { meaning: 'Something else is using it.', hint: 'Wait until it has ended, or cancel it.', exitCode: 3 },
  FORBIDDEN: { meaning: 'This user or connection may not do that.', hint: 'Sign in as a user with the role it needs.', exitCode: 3 },
  UNAUTHENTICATED: { meaning: 'Who acts is not proven: the user or the password is wrong, or was not given.', hint: 'Give the user name and its password; an Admin can set a new one.', exitCode: 3 },
  LOCKED_OUT: { meaning: 'Too many wrong passwords were given for this user.', hint: 'Wait until the named time, or let an Admin set a new password.', exitCode: 3 },
  WORKER_CRASHED: { meaning: 'The process that ran the model ended unexpectedly.', hint: 'Run it again with fewer threads or a smaller batch; the log has the details.', exitCode: 4 },
  INTERNAL: { meaning: 'A fault in Millwright.', hint: 'Save a diagnostic pack and report it.', exitCode: 4 },
  CANCELLED: { meaning: 'It was cancelled.', hint: 'Resume it from the task list.', exitCode: 130 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** What crosses a process border: never a stack, never a raw cause. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** The only error that is shown to a person: one sentence that says what and why, and a hint that says what to try. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint ?? errorKinds[code].hint;
    if (options.cause !== undefined) Object.defineProperty(this, 'cause', { value: options.cause, enumerable: false });
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorKinds, value);
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

/** Unknown throws become INTERNAL; their text stays out of what is shown. */
export function toErrorReport(error: unknown): ErrorReport {
  if (isAppError(error)) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof Error && error.name === 'AbortError') return { code: 'CANCELLED', message: 'Cancelled.', hint: errorKinds.CANCELLED.hint };
  return { code: 'INTERNAL', message: 'Something went wrong inside Millwright.', hint: errorKinds.INTERNAL.hint };
}

export function fromErrorReport(report: ErrorReport): AppError {
  return new AppError(isErrorCode(report.code) ? report.code : 'INTERNAL', report.message, { hint: report.hint });
}

export function exitCodeOf(error: unknown): number {
  return errorKinds[toErrorReport(error).code].exitCode;
}

export function assertNever(value: never, what: string): never {
  throw new AppError('INTERNAL', `Unexpected ${what}: ${String(value)}.`);
}
