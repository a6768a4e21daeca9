// Reads a container's log from the frames that the engine sends; frames and lines may be cut anywhere.
import { makeFrameReader } from './engineFrames.ts';

export interface LogLine { readonly stream: 'stdout' | 'stderr'; readonly at: string; readonly line: string }

/** A program that writes without line ends must not fill the memory. */
const lineBytesMax = 64 * 1024;

/** With `timestamps`, each line begins with the time at which the engine received it. */
export function makeLogReader(): { push(part: Uint8Array): LogLine[]; end(): LogLine[] } {
  const decoders = { stdout: makeLineReader('stdout'), stderr: makeLineReader('stderr') };
  const framesOf = makeFrameReader();
  return {
    push: (part) => framesOf(part).flatMap(({ stream, bytes }) => decoders[stream].push(bytes)),
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
