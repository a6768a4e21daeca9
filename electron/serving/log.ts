// Structured logs: one JSON object a line, on stderr.
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export function createLog(write: (line: string) => void): Log {
  const line = (level: string, event: string, fields: Readonly<Record<string, unknown>>) => write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`);
  return { info: (event, fields = {}) => line('info', event, fields), error: (event, fields = {}) => line('error', event, fields) };
}
