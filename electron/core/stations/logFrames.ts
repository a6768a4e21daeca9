// Takes a container's log apart: Docker sends it in frames of 8 bytes head (stream, length) and text; frames and lines may be cut anywhere.
export interface LogLine { readonly stream: 'stdout' | 'stderr'; readonly at: string; readonly line: string }

const headBytes = 8;
/** A program that writes without line ends must not fill the memory. */
const lineBytesMax = 64 * 1024;

/** With `timestamps`, each line begins with the time at which the engine received it. */
export function makeLogReader(): { push(part: Uint8Array): LogLine[]; end(): LogLine[] } {
  const decoders = { stdout: makeLineReader('stdout'), stderr: makeLineReader('stderr') };
  let head: number[] = [];
  let left = 0;
  let stream: 'stdout' | 'stderr' = 'stdout';
  return {
    push(part) {
      const lines: LogLine[] = [];
      for (let at = 0; at < part.length;) {
        if (left > 0) {
          const take = Math.min(left, part.length - at);
          lines.push(...decoders[stream].push(part.subarray(at, at + take)));
          left -= take;
          at += take;
          continue;
        }
        head.push(part[at++] ?? 0);
        if (head.length < headBytes) continue;
        stream = head[0] === 2 ? 'stderr' : 'stdout';
        left = head.slice(4).reduce((value, byte) => value * 256 + byte, 0);
        head = [];
      }
      return lines;
    },
    end: () => [...decoders.stdout.end(), ...decoders.stderr.end()],
  };
}

function makeLineReader(stream: 'stdout' | 'stderr') {
  const decoder = new TextDecoder();
  let bytes: number[] = [];
  const take = (): LogLine => {
    const text = decoder.decode(Uint8Array.from(bytes)).replace(/\r$/, '');
    bytes = [];
    const match = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(text);
    return { stream, at: match?.[1] ?? '', line: match?.[2] ?? text };
  };
  return {
    push(part: Uint8Array): LogLine[] {
      const lines: LogLine[] = [];
      for (const byte of part) {
        if (byte === 10 || bytes.length >= lineBytesMax) lines.push(take());
        if (byte !== 10) bytes.push(byte);
      }
      return lines;
    },
    end: (): LogLine[] => (bytes.length === 0 ? [] : [take()]),
  };
}
