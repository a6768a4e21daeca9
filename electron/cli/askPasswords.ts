// Asks for passwords: on a terminal without showing them, else from stdin, one a line. They are never arguments, which other users of a machine can see.
import { AppError } from '#shared/errors';

export interface Asked {
  /** "Password of eva". */
  readonly what: string;
  /** Asked twice on a terminal. */
  readonly isNew?: boolean;
}
/** What is used of process.stdin. */
export type PasswordInput = NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
export interface AskOptions {
  /** --password-stdin was given. */
  readonly fromStdin: boolean;
  readonly signal: AbortSignal;
  readonly stdin?: PasswordInput;
  readonly stderr?: { write(text: string): unknown };
}

const longestInput = 64 * 1024;

/** In the order asked. BAD_USAGE where there is no terminal and no --password-stdin, or a line is missing; CANCELLED by Ctrl-C. */
export async function askPasswords(asked: readonly Asked[], { fromStdin, signal, stdin = process.stdin, stderr = process.stderr }: AskOptions): Promise<string[]> {
  if (stdin.isTTY === true) return askOnTerminal(asked, stdin, stderr, signal);
  if (!fromStdin) throw new AppError('BAD_USAGE', 'A password is asked for on a terminal, and this is none.', { hint: `In a script pass it on stdin with --password-stdin: ${asked.map(({ what }) => what.toLowerCase()).join(', then ')}, one a line.` });
  const lines = (await readAll(stdin, signal)).split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== asked.length || lines.includes('')) throw new AppError('BAD_USAGE', `Stdin must hold ${asked.length === 1 ? 'one line' : `${asked.length} lines`}: ${asked.map(({ what }) => what.toLowerCase()).join(', then ')}.`);
  return lines;
}

async function readAll(stdin: PasswordInput, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => { stdin.pause(); if ('destroy' in stdin && typeof stdin.destroy === 'function') stdin.destroy(); };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      chunks.push(bytes);
      size += bytes.length;
      if (size > longestInput) throw new AppError('BAD_USAGE', 'Stdin holds more than passwords.');
    }
  } catch (error) {
    signal.throwIfAborted(); // an aborted read says less than why
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks).toString('utf8');
}

async function askOnTerminal(asked: readonly Asked[], stdin: PasswordInput, stderr: { write(text: string): unknown }, signal: AbortSignal): Promise<string[]> {
  const terminal = openTerminal(stdin, signal);
  try {
    const ask = async (what: string) => {
      stderr.write(`${what}: `);
      try { return await terminal.line(); } finally { stderr.write('\n'); }
    };
    const answers: string[] = [];
    for (const { what, isNew } of asked) {
      const password = await ask(what);
      if (isNew === true && (await ask(`${what}, again`)) !== password) throw new AppError('BAD_INPUT', 'The two passwords differ.');
      answers.push(password);
    }
    return answers;
  } finally {
    terminal.close();
  }
}

/** Lines typed without echo. What is pasted beyond a line's end belongs to the next. */
function openTerminal(stdin: PasswordInput, signal: AbortSignal): { line(): Promise<string>; close(): void } {
  let typed = '';
  const lines: string[] = [];
  let waiting: { resolve(line: string): void; reject(reason: unknown): void } | null = null;
  let ended: unknown = null;
  const settle = () => {
    if (waiting === null) return;
    const line = lines.shift();
    if (line !== undefined) waiting.resolve(line);
    else if (ended !== null) waiting.reject(ended);
    else return;
    waiting = null;
  };
  const end = (reason: unknown) => { ended ??= reason; settle(); };
  const cancelled = () => new AppError('CANCELLED', 'Cancelled.', { hint: 'Nothing was changed.' });
  const onData = (chunk: string | Buffer) => {
    const text = chunk.toString();
    if (text.startsWith('\u001b')) return; // an arrow or a function key
    for (const char of text) {
      if (char === '\r' || char === '\n') { lines.push(typed); typed = ''; }
      else if (char === '\u0003' || (char === '\u0004' && typed === '')) end(cancelled());
      else if (char === '\u007f' || char === '\b') typed = [...typed].slice(0, -1).join('');
      else if (char === '\u0015') typed = '';
      else if (char >= ' ') typed += char;
    }
    settle();
  };
  const onAbort = () => end(signal.reason);
  const onEnd = () => end(cancelled());
  stdin.setEncoding('utf8');
  stdin.setRawMode?.(true);
  stdin.on('data', onData).on('end', onEnd);
  signal.addEventListener('abort', onAbort, { once: true });
  stdin.resume();
  return {
    line: () => new Promise((resolve, reject) => { waiting = { resolve, reject }; settle(); }),
    close() {
      stdin.off('data', onData).off('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      stdin.setRawMode?.(false);
      stdin.pause();
    },
  };
}
