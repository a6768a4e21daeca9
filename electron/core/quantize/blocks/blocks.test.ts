// Rounding in blocks: HQQ never errs more than round to nearest, and GPTQ errs less in what the layer answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '#test/fakes/tinyModel';
import type { BlockScheme } from './BlockScheme.ts';
import { finishGram, newInputGram, observeGram, type InputGram } from './inputGram.ts';
import { roundBlocks, unpackBlocks } from './packBlocks.ts';
import { compensatedRounder, inverseFactor } from './roundCompensated.ts';
import { roundHalfQuadratic } from './roundHalfQuadratic.ts';
import { roundNearest } from './roundNearest.ts';

const schemes = fc.record({ bits: fc.constantFrom(4 as const, 8 as const), blockSize: fc.constantFrom(16, 32), symmetric: fc.boolean() });
const squared = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);

/** Rows whose values hang together, as activations do: a few causes, mixed. */
function correlated(rows: number, k: number, seed: number): Float32Array {
  const causes = Math.ceil(k / 4);
  const [mix, own, drive] = [noise(causes * k, seed), noise(rows * k, seed + 1, 0.1), noise(rows * causes, seed + 2)];
  return Float32Array.from({ length: rows * k }, (_, at) => {
    const [row, i] = [Math.floor(at / k), at % k];
    let sum = own[at]!;
    for (let c = 0; c < causes; c++) sum += drive[row * causes + c]! * mix[c * k + i]!;
    return sum;
  });
}

function product(x: Float32Array, w: Float32Array, rows: number, k: number, n: number): Float32Array {
  const y = new Float32Array(rows * n);
  for (let r = 0; r < rows; r++) for (let i = 0; i < k; i++) for (let c = 0; c < n; c++) y[r * n + c] = y[r * n + c]! + x[r * k + i]! * w[i * n + c]!;
  return y;
}

/** X'X by its definition. */
function square(x: Float32Array, rows: number, k: number): Float32Array {
  const y = new Float32Array(k * k);
  for (let r = 0; r < rows; r++) for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) y[i * k + j] = y[i * k + j]! + x[r * k + i]! * x[r * k + j]!;
  return y;
}

async function gramOf(x: Float32Array, dims: readonly number[], rowsMax: number): Promise<InputGram> {
  const gram = newInputGram(dims.at(-1) ?? 0);
  expect(await observeGram(gram, x, dims, rowsMax, square)).toBe(true);
  await finishGram(gram, square);
  return gram;
}

describe('half-quadratic rounding', () => {
  it('errs no more than round to nearest, in any block', () => {
    fc.assert(fc.property(schemes, fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1e6 }), (scheme, k, n, seed) => {
      const data = noise(k * n, seed).map((x) => x ** 3); // many small weights, few large
      const error = (round: typeof roundNearest) => squared(data, unpackBlocks(roundBlocks(data, k, n, scheme, round), k, n, scheme));
      expect(error(roundHalfQuadratic)).toBeLessThanOrEqual(error(roundNearest) * (1 + 1e-5) + 1e-12);
    }));
  });

  it('is worth it where weights have long tails: less than 0.96 of the error at 4 bits', () => {
    const data = noise(64 * 256, 5).map((x) => x ** 5);
    const scheme: BlockScheme = { bits: 4, blockSize: 128, symmetric: false };
    const error = (round: typeof roundNearest) => squared(data, unpackBlocks(roundBlocks(data, 256, 64, scheme, round), 256, 64, scheme));
    expect(error(roundHalfQuadratic) / error(roundNearest)).toBeLessThan(0.96);
  });

  it('leaves blocks of zeros at zero', () => {
    const scheme: BlockScheme = { bits: 4, blockSize: 16, symmetric: false };
    expect(unpackBlocks(roundBlocks(new Float32Array(48), 48, 1, scheme, roundHalfQuadratic), 48, 1, scheme)).toEqual(new Float32Array(48));
  });
});

describe('GPTQ', () => {
  it('adds as many rows as are asked for, spread evenly over them and over calls', async () => {
    const k = 3, rows = 700;
    const x = noise(rows * k, 4);
    const gram = newInputGram(k);
    const sizes: number[] = [];
    const counted = (part: Float32Array, n: number) => { sizes.push(n); return square(part, n, k); };
    for (let call = 0; call < 3; call++) expect(await observeGram(gram, x, [7, 100, k], 350, counted)).toBe(true);
    expect(await observeGram(gram, x, [rows * k, 1], 350, counted)).toBe(false);
    await finishGram(gram, counted);
    const every = square(Float32Array.from({ length: 350 * k }, (_, at) => x[Math.floor(at / k) * 2 * k + (at % k)]!), 350, k);
    expect([gram.rows, sizes.every((n) => n <= 256), sizes.length]).toEqual([1050, true, 5]);
    for (let i = 0; i < k; i++) for (let j = i; j < k; j++) expect(gram.sums[i * k + j]).toBeCloseTo(3 * every[i * k + j]!, 2);
  });

  it('U of the inputs’ gram: U (H + damp) U\' is one, and U is upper triangular', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 1e6 }), async (k, seed) => {
      const gram = await gramOf(correlated(40, k, seed), [2, 20, k], 1000);
      const u = inverseFactor(gram)!;
      const damp = 0.01 * Array.from({ length: k }, (_, i) => gram.sums[i * k + i]!).reduce((a, b) => a + b, 0) / k;
      const h = (i: number, j: number) => gram.sums[Math.min(i, j) * k + Math.max(i, j)]! + (i === j ? damp : 0);
      // (U'U) H = 1
      for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) {
        let sum = 0;
        for (let j = 0; j < k; j++) { let inverse = 0; for (let t = 0; t <= Math.min(a, j); t++) inverse += u[t * k + a]! * u[t * k + j]!; sum += inverse * h(j, b); }
        expect(sum).toBeCloseTo(a === b ? 1 : 0, 6);
        if (b < a) expect(u[a * k + b]).toBe(0);
      }
    }), { numRuns: 20 });
  });

  it('without ties between the inputs rounds to nearest', () => {
    const gram = newInputGram(40);
    for (let i = 0; i < 40; i++) gram.sums[i * 41] = 1 + i;
    const data = noise(40 * 5, 9);
    const scheme: BlockScheme = { bits: 4, blockSize: 16, symmetric: false };
    const [a, b] = [compensatedRounder(gram)!, roundNearest].map((round) => unpackBlocks(roundBlocks(data, 40, 5, scheme, round), 40, 5, scheme));
    a!.forEach((x, i) => expect(Math.abs(x - b![i]!)).toBeLessThan(0.2)); // ties may fall to either side
    expect(squared(a!, data)).toBeCloseTo(squared(b!, data), 2);
  });

  it('leaves less than 0.4 of the error in the answers on inputs like those that it saw', async () => {
    const [k, n] = [96, 40];
    const [seen, fresh] = [correlated(400, k, 1), correlated(400, k, 1).slice(0)];
    const gram = await gramOf(seen, [400, k], 300);
    const data = noise(k * n, 3);
    const scheme: BlockScheme = { bits: 4, blockSize: 32, symmetric: false };
    const judged = fresh.subarray(300 * k);
    const exact = product(judged, data, 100, k, n);
    const error = (round: typeof roundNearest) => squared(exact, product(judged, unpackBlocks(roundBlocks(data, k, n, scheme, round), k, n, scheme), 100, k, n));
    expect(error(compensatedRounder(gram)!) / error(roundNearest)).toBeLessThan(0.4);
  });

  it('has no rounder for inputs that were zero or infinite', async () => {
    expect(compensatedRounder(newInputGram(4))).toBeNull();
    expect(compensatedRounder(await gramOf(new Float32Array([Infinity, 1]), [1, 2], 1))).toBeNull();
  });
});
