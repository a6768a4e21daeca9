// Look-alikes: found whatever the brightness, not between different pictures, and never more pairs than pictures.
import { expect, it } from 'vitest';
import { hashDistance, imageSignature, lookAlikes, sameCorrelation, type Signed } from './perceptualHash.ts';

/** mulberry32 (T. Ettinger, public domain). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function picture(seed: number, change: (value: number) => number = (value) => value): Signed {
  const random = randomOf(seed);
  const waves = Array.from({ length: 6 }, () => [random() * 6, random() * 6, random() * 40] as const);
  const { hash, thumbnail } = imageSignature({ width: 48, height: 48, channels: 1, data: Uint8Array.from({ length: 48 * 48 }, (_, at) => change(128 + waves.reduce((sum, [fx, fy, height]) => sum + (height / 2) * Math.sin((fx * (at % 48) + fy * Math.floor(at / 48)) / 12), 0))) });
  return { hash, thumbnail };
}

it('finds a picture that was made brighter or flatter, and none among different ones', () => {
  const set = Array.from({ length: 60 }, (_, seed) => picture(seed + 1));
  expect(lookAlikes(set, set)).toEqual([]);
  expect(lookAlikes([picture(7, (value) => value * 0.8 + 20), picture(99)], set)).toEqual([[0, 6]]);
});

it('says the same as the correlation of the thumbnails and the distance of the hashes, looked at pair by pair', () => {
  const random = randomOf(5);
  const base = picture(3);
  const set: Signed[] = Array.from({ length: 80 }, () => { const noise = random() * 9; return { hash: base.hash, thumbnail: base.thumbnail.map((value) => value + Math.round((random() - 0.5) * noise)) }; });
  const correlation = (x: Uint8Array, y: Uint8Array) => {
    const mean = (list: Uint8Array) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const [mx, my] = [mean(x), mean(y)];
    const sum = (f: (dx: number, dy: number) => number) => x.reduce((total, value, at) => total + f(value - mx, (y[at] ?? 0) - my), 0);
    return sum((dx, dy) => dx * dy) / Math.sqrt(sum((dx) => dx * dx) * sum((_, dy) => dy * dy));
  };
  const expected = set.flatMap(({ thumbnail }, index): [number, number][] => { const other = set.findIndex((each, at) => at > index && correlation(thumbnail, each.thumbnail) >= sameCorrelation); return other < 0 ? [] : [[index, other]]; });
  expect(expected.length).toBeGreaterThan(5);
  expect(expected.length).toBeLessThan(75);
  expect(lookAlikes(set, set)).toEqual(expected);
  expect(hashDistance).toBeLessThan(8); // eight bands find every pair only below
});

it('10,000 takes of one scene give at most as many pairs, also where each differs a little too much', () => {
  const base = picture(11);
  const alike = Array.from({ length: 10_000 }, (): Signed => ({ hash: base.hash, thumbnail: base.thumbnail }));
  expect(lookAlikes(alike, alike)).toHaveLength(9_999);
  expect(lookAlikes(alike, alike.slice(0, 3))).toHaveLength(10_000);
  const random = randomOf(2);
  const apart = Array.from({ length: 1_500 }, (): Signed => ({ hash: base.hash, thumbnail: base.thumbnail.map((value) => value + Math.round((random() - 0.5) * 60)) }));
  expect(lookAlikes(apart, apart)).toEqual([]);
});
