// Reads the body of a request into memory that is allocated once, as large as the client says it will be and no larger than allowed.
import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { AppError, isAppError } from '#shared/errors';
import { badInput } from '../protocol/badInput.ts';
import type { BodyPool } from './BodyPool.ts';
import { freeMemory } from './freeMemory.ts';

export interface BodyBudget { readonly maxBodyBytes: number; readonly maxPendingBytes: number; pendingBytes: number }

const tooLarge = (max: number) => new AppError('TOO_LARGE', `The body is larger than the ${max} bytes that this server takes.`);
const decompressors = { gzip: createGunzip, deflate: createInflate } as const;

/** Zeroed on purpose: what a client announces but never sends must not show what lay there before. */
function allocate(length: number, alignAt: number): Uint8Array<ArrayBuffer> {
  const pad = (8 - (alignAt % 8)) % 8;
  return new Uint8Array(new ArrayBuffer(length + pad), pad, length);
}

/** Bodies from here on are worth the pool's memory. */
export const pooledBytes = 65_536;

/** As it was sent, compressed or not. Large bodies come from the pool where one is given; who asks gives them back. @throws TOO_LARGE, BUSY, CANCELLED */
export async function readRawBody(message: IncomingMessage, budget: BodyBudget, alignAt = 0, pool: BodyPool | null = null): Promise<Uint8Array<ArrayBuffer>> {
  const announced = message.headers['content-length'];
  const length = announced === undefined ? null : Number(announced);
  if (length !== null && length > budget.maxBodyBytes) throw tooLarge(budget.maxBodyBytes);
  refuseOver(budget, length ?? 0); // told before it is sent
  const share = shareOf(budget);
  try {
    return length !== null ? await readKnown(message, length, alignAt, length >= pooledBytes && message.headers['content-encoding'] === undefined ? pool : null, share.take) : await readChunked(message, budget.maxBodyBytes, alignAt, share.take);
  } finally {
    share.giveBack();
  }
}

function refuseOver(budget: BodyBudget, bytes: number): void {
  if (budget.pendingBytes + bytes > budget.maxPendingBytes) throw new AppError('BUSY', 'The bodies of other requests fill the memory that this server may use for them.');
}

/** What one request takes of the budget: by bytes that are there, for what is only announced could keep all others out and cost its sender nothing. */
function shareOf(budget: BodyBudget): { take(bytes: number): void; giveBack(): void } {
  let taken = 0;
  return {
    take(bytes) {
      refuseOver(budget, bytes);
      budget.pendingBytes += bytes;
      taken += bytes;
    },
    giveBack() { budget.pendingBytes -= taken; },
  };
}

/** Counts memory as taken by bodies for as long as `use` holds them. */
export async function holding<T>(budget: BodyBudget, bytes: number, use: () => Promise<T>): Promise<T> {
  budget.pendingBytes += bytes;
  try {
    return await use();
  } finally {
    budget.pendingBytes -= bytes;
  }
}

/** The same, decompressed. */
export async function readBody(message: IncomingMessage, budget: BodyBudget, alignAt = 0, pool: BodyPool | null = null): Promise<Uint8Array<ArrayBuffer>> {
  const raw = await readRawBody(message, budget, alignAt, pool);
  const encoding = message.headers['content-encoding'];
  return encoding === undefined ? raw : holding(budget, raw.length, () => decompress(raw, encoding, budget, alignAt));
}

/** Reads a body for a while: its memory is used again once `use` has settled, or once whoever it was handed over to gives it back. */
export async function withBody<T>(message: IncomingMessage, budget: BodyBudget, alignAt: number, pool: BodyPool, use: (body: Uint8Array, giveBack: (memory: ArrayBuffer) => void) => Promise<T>): Promise<T> {
  const body = await readBody(message, budget, alignAt, pool);
  const { length } = body; // of a body that is handed over, none is left here
  return holding(budget, length, () => use(body, pool.give)).finally(() => pool.give(body.buffer));
}

/** Each read of the socket has 64 KB of its own, and left to the garbage collector they cost more processor time than all copies together. */
const release = ({ buffer, byteLength }: Buffer): void => { if (byteLength === buffer.byteLength) freeMemory(buffer); };

function readKnown(message: IncomingMessage, length: number, alignAt: number, pool: BodyPool | null, take: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    let body: Uint8Array<ArrayBuffer> | null = null;
    let at = 0;
    const onData = (chunk: Buffer) => {
      try { take(chunk.length); } catch (error) {
        message.off('data', onData);
        if (body) pool?.give(body.buffer);
        body = null; // an error of the connection would give it a second time
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      body ??= pool ? pool.take(length, alignAt) : allocate(length, alignAt);
      body.set(chunk, at); // the parser of HTTP lets no more through than announced
      at += chunk.length;
      release(chunk);
    };
    message.on('data', onData);
    message.on('end', () => resolve(body ?? new Uint8Array(0)));
    message.on('error', () => {
      if (body) pool?.give(body.buffer);
      reject(new AppError('CANCELLED', 'The client has gone before its request was complete.'));
    });
  });
}

function readChunked(message: IncomingMessage, max: number, alignAt: number, reserve: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer) => {
      try {
        reserve(chunk.length);
        total += chunk.length;
        if (total > max) throw tooLarge(max);
        chunks.push(chunk);
      } catch (error) {
        message.off('data', onData);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    message.on('data', onData);
    message.on('end', () => {
      const body = allocate(total, alignAt);
      let at = 0;
      for (const chunk of chunks) { body.set(chunk, at); at += chunk.length; }
      resolve(body);
    });
    message.on('error', () => reject(new AppError('CANCELLED', 'The client has gone before its request was complete.')));
  });
}

async function decompress(body: Uint8Array<ArrayBuffer>, encoding: string, budget: BodyBudget, alignAt: number): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate') throw badInput(`The content encoding "${encoding.slice(0, 24)}" is not served; gzip and deflate are.`);
  const share = shareOf(budget); // a body of a few KB can hold thousands of times as much
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    const plain = decompressors[encoding]();
    plain.end(body);
    for await (const part of plain) {
      const bytes = part as Buffer; // the stream is not in text mode
      total += bytes.length;
      if (total > budget.maxBodyBytes) throw tooLarge(budget.maxBodyBytes);
      share.take(bytes.length);
      parts.push(bytes);
    }
    const copy = allocate(total, alignAt);
    let at = 0;
    for (const part of parts) { copy.set(part, at); at += part.length; }
    return copy;
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError('BAD_INPUT', `The body is not valid ${encoding}.`, { cause: error });
  } finally {
    share.giveBack();
  }
}
