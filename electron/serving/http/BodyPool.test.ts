// Memory that is used again: never by two at once, aligned where the tensors begin, and never more than is kept.
import { describe, expect, it } from 'vitest';
import { createBodyPool } from './BodyPool.ts';

describe('createBodyPool', () => {
  it('gives memory again only after it came back, with tensors at an aligned address', () => {
    const pool = createBodyPool(1e6);
    const first = pool.take(100_000, 13), second = pool.take(90_000, 0);
    expect([first.length, (first.byteOffset + 13) % 8, first.buffer === second.buffer]).toEqual([100_000, 0, false]);
    pool.give(first.buffer);
    const third = pool.take(120_000, 5);
    expect([third.buffer === first.buffer, third.length, (third.byteOffset + 5) % 8]).toEqual([true, 120_000, 0]);
  });
  it('keeps no more than told', () => {
    const pool = createBodyPool(200_000);
    const bodies = [pool.take(100_000, 0), pool.take(100_000, 0)];
    for (const body of bodies) pool.give(body.buffer);
    const again = [pool.take(100_000, 0), pool.take(100_000, 0)].filter(({ buffer }) => bodies.some((one) => one.buffer === buffer));
    expect(again).toHaveLength(1);
  });
  it('lets go of what a burst left behind, and keeps what is needed again and again', () => {
    let ms = 0;
    const pool = createBodyPool(1e9, () => ms);
    const burst = Array.from({ length: 20 }, () => pool.take(100_000, 0));
    for (const body of burst) pool.give(body.buffer);
    const used = burst.at(-1)?.buffer;
    for (; ms < 15_000; ms += 500) {
      const body = pool.take(100_000, 0);
      expect(body.buffer).toBe(used);
      pool.give(body.buffer);
    }
    expect([pool.take(100_000, 0), pool.take(100_000, 0)].map(({ buffer }) => burst.some((one) => one.buffer === buffer))).toEqual([true, false]);
  });
  it('keeps nothing that is not its own, or that a thread has', () => {
    const pool = createBodyPool(1e6);
    const foreign = new ArrayBuffer(100_000), away = pool.take(100_000, 0);
    structuredClone(away.buffer, { transfer: [away.buffer] });
    for (const memory of [foreign, away.buffer]) pool.give(memory);
    const again = pool.take(90_000, 0);
    expect([again.length, again.buffer.byteLength, again.buffer === foreign]).toEqual([90_000, 131_072, false]);
  });
});
