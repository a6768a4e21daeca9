// An engine that dies in mid-stream is an error, never an end, and never the end of the host.
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { followLines } from './followLines.ts';

it('gives every line and resolves at the end', async () => {
  const [stream, lines] = [new PassThrough(), [] as string[]];
  const done = followLines(stream, (line) => lines.push(line));
  stream.write('one\ntw');
  stream.end('o\nthree');
  await done;
  expect(lines).toEqual(['one', 'two', 'three']);
});

it('rejects where the stream breaks off, with or without an error', async () => {
  for (const error of [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), undefined]) {
    const stream = new PassThrough();
    const done = followLines(stream, () => undefined);
    stream.write('half');
    stream.destroy(error);
    await expect(done).rejects.toMatchObject({ code: 'ECONNRESET' });
  }
});

it('rejects with what the reader of a line throws', async () => {
  const stream = new PassThrough();
  const done = followLines(stream, () => { throw new Error('bad line'); });
  stream.end('x\n');
  await expect(done).rejects.toThrow('bad line');
});
