// Bodies as they come in parts: whole, counted while they are held, and their memory used again.
import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createBodyPool } from './BodyPool.ts';
import { withBody } from './readBody.ts';

const plain = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
/** What the parser of HTTP gives for a request with these bytes as its body, in parts of memory of their own. */
function messageOf(bytes: Buffer, headers: Readonly<Record<string, string>>): IncomingMessage {
  const stream = Object.assign(new PassThrough(), { headers });
  for (let at = 0; at < bytes.length; at += 65_536) stream.write(Buffer.from(Uint8Array.from(bytes.subarray(at, at + 65_536)).buffer));
  stream.end();
  return stream as unknown as IncomingMessage; // what is read of it is there
}
const away = (body: Uint8Array) => { structuredClone(body.buffer, { transfer: [body.buffer as ArrayBuffer] }); };

describe('withBody', () => {
  it.each([
    ['of a known length', plain, { 'content-length': '200000' }], ['in chunks', plain, {}],
    ['that is compressed', gzipSync(plain), { 'content-length': String(gzipSync(plain).length), 'content-encoding': 'gzip' }],
  ] as const)('counts a body %s for as long as it is held, also when it is handed over', async (_form, bytes, headers) => {
    const budget = { maxBodyBytes: 1e6, maxPendingBytes: 1e6, pendingBytes: 0 };
    const seen = await withBody(messageOf(bytes, headers), budget, 3, createBodyPool(1e6), async (body) => {
      const equal = plain.equals(body), aligned = (body.byteOffset + 3) % 8;
      away(body);
      return Promise.resolve({ equal, aligned, held: budget.pendingBytes });
    });
    expect([seen, budget.pendingBytes]).toEqual([{ equal: true, aligned: 0, held: 200_000 }, 0]);
  });
  it('uses the memory again that came back, and that was never handed over', async () => {
    const budget = { maxBodyBytes: 1e6, maxPendingBytes: 1e6, pendingBytes: 0 };
    const pool = createBodyPool(1e6);
    const back = new ArrayBuffer(262_144);
    await withBody(messageOf(plain, { 'content-length': '200000' }), budget, 0, pool, async (body, giveBack) => { away(body); giveBack(back); return Promise.resolve(); });
    const kept = await withBody(messageOf(plain, { 'content-length': '200000' }), budget, 0, pool, (body) => Promise.resolve(body.buffer));
    expect([kept === back, pool.take(200_000, 0).buffer === kept]).toEqual([true, true]);
  });
  it('counts bytes that have come, not those that were announced, and gives them back when the client has gone', async () => {
    const budget = { maxBodyBytes: 1e6, maxPendingBytes: 1e6, pendingBytes: 0 };
    const stream = Object.assign(new PassThrough(), { headers: { 'content-length': '900000' } });
    const waits = withBody(stream as unknown as IncomingMessage, budget, 0, createBodyPool(1e6), () => Promise.resolve()).catch((error: unknown) => error);
    stream.write(Buffer.alloc(1000));
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(budget.pendingBytes).toBe(1000);
    stream.destroy(new Error('gone'));
    expect([await waits, budget.pendingBytes]).toMatchObject([{ code: 'CANCELLED' }, 0]);
  });
  it('stops to decompress where other requests leave no memory for the rest', async () => {
    const bomb = gzipSync(Buffer.alloc(900_000));
    const ask = (pendingBytes: number) => withBody(messageOf(bomb, { 'content-length': String(bomb.length), 'content-encoding': 'gzip' }), { maxBodyBytes: 1e6, maxPendingBytes: 1e6, pendingBytes }, 0, createBodyPool(1e6), (body) => Promise.resolve(body.length));
    expect(await ask(0)).toBe(900_000);
    await expect(ask(500_000)).rejects.toMatchObject({ code: 'BUSY' });
  });
  it.each([['gzip', gzipSync(plain).subarray(0, 500)], ['deflate', Buffer.from('no deflate')]])('says that a body is not valid %s', async (encoding, bytes) => {
    await expect(withBody(messageOf(bytes, { 'content-length': String(bytes.length), 'content-encoding': encoding }), { maxBodyBytes: 1e6, maxPendingBytes: 1e6, pendingBytes: 0 }, 0, createBodyPool(1e6), () => Promise.resolve())).rejects.toMatchObject({ code: 'BAD_INPUT', message: `The body is not valid ${encoding}.` });
  });
  it('refuses what is too large before it is read, and what other requests leave no memory for', async () => {
    const budget = { maxBodyBytes: 100_000, maxPendingBytes: 150_000, pendingBytes: 100_000 };
    const ask = (length: number) => withBody(messageOf(plain.subarray(0, length), { 'content-length': String(length) }), budget, 0, createBodyPool(1e6), () => Promise.resolve());
    await expect(ask(100_001)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(ask(60_000)).rejects.toMatchObject({ code: 'BUSY' });
    expect(budget.pendingBytes).toBe(100_000);
  });
});
