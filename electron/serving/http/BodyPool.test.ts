// Memory that is used again: never by two at once, aligned where the tensors begin, and never more than is kept.
import { describe, expect, it } from 'vitest';
import { createScratch } from '../engine/Scratch.ts';
import { createBodyPool } from './BodyPool.ts';

describe('createBodyPool', () => {
  it('gives memory again only after it came back, with tensors at an aligned address', () => {
    const pool = createBodyPool(1e6);
    const first = pool.take(100_000, 13), second = pool.take(90_000, 0);
    expect([first.length, (first.byteOffset + 13) % 8, first.buffer === second.buffer]).toEqual([100_000, 0, false]);
    pool.give(first);
    const third = pool.take(120_000, 5);
    expect([third.buffer === first.buffer, third.length, (third.byteOffset + 5) % 8]).toEqual([true, 120_000, 0]);
  });
  it('keeps no more than told', () => {
    const pool = createBodyPool(200_000);
    const bodies = [pool.take(100_000, 0), pool.take(100_000, 0)];
    for (const body of bodies) pool.give(body);
    const again = [pool.take(100_000, 0), pool.take(100_000, 0)].filter(({ buffer }) => bodies.some((one) => one.buffer === buffer));
    expect(again).toHaveLength(1);
  });
});

describe('createScratch', () => {
  it('copies shared bodies beside each other with the same alignment, and leaves others where they are', () => {
    const scratch = createScratch(1e6);
    const shared = (text: string, pad: number) => { const body = new Uint8Array(new SharedArrayBuffer(64), pad, text.length); body.set(Buffer.from(text)); return body; };
    const plain = new Uint8Array(3);
    expect(scratch.place(plain)).toBe(plain);
    const placed = ['first', 'second', 'third'].map((text, index) => scratch.place(shared(text, index + 1)));
    expect(placed.map((body) => [Buffer.from(body).toString(), body.byteOffset % 8])).toEqual([['first', 1], ['second', 2], ['third', 3]]);
    scratch.reset();
    const large = scratch.place(new Uint8Array(new SharedArrayBuffer(5000)).fill(7));
    expect([large.length, large.every((byte) => byte === 7)]).toEqual([5000, true]);
  });
});
