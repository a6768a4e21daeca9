// Reads an answer of the engine line by line to its end; an engine that dies is an error and never looks like an end.
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Resolves at the end; rejects with what the stream failed with, with what `onLine` throws, and with ECONNRESET where the stream is closed
 * without an end, which Node tells by 'aborted' and 'close' only.
 */
export function followLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let ended = false;
    stream.once('end', () => { ended = true; }); // before the reader of lines hears it and closes
    const lines = createInterface({ input: stream });
    // The reader of lines hands the stream's errors on as its own; unheard they would end the process.
    lines.on('error', reject);
    lines.on('line', (line) => { try { onLine(line); } catch (error) { reject(error as Error); } });
    stream.once('error', reject);
    stream.once('close', () => { if (!ended) reject(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })); });
    lines.once('close', () => { if (ended) resolve(); });
  });
}
