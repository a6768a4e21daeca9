// The choice among measured candidates: by goal, by what the measurement can tell apart, and never without a reason for the others.
import { describe, expect, it } from 'vitest';
import type { AbResult } from '../benchmarks/abTask.ts';
import { chooseCandidate, type Contender } from './chooseCandidate.ts';

const ab = (ratio: number, spread = 0.02): AbResult => ({ ratio, low: ratio - spread, high: ratio + spread, nullRatio: 1, nullLow: 0.97, nullHigh: 1.03, latencyAMs: 10, latencyBMs: 10 * ratio, rounds: 50 });
const one = (sizeBytes: number, sqnrDb: number, ratio: number): Contender => ({ candidate: { sizeBytes, sqnrDb }, ab: ab(ratio) });
const original = 1000;

describe('chooseCandidate', () => {
  it('speed: takes the most accurate of those whose speeds cannot be told apart', () => {
    const [fast, asFast, slow] = [one(300, 44, 0.41), one(300, 50, 0.42), one(300, 60, 0.9)];
    const { chosen, reasons } = chooseCandidate([fast, asFast, slow], 'speed', original);
    expect(chosen).toBe(asFast);
    expect([...reasons.keys()]).toEqual([fast, slow]);
  });

  it('speed: a gain of a few percent is not worth decibels; half the latency is', () => {
    const [fastest, near, accurate] = [one(300, 48, 0.51), one(300, 53, 0.6), one(300, 58, 0.9)];
    const { chosen, reasons } = chooseCandidate([fastest, near, accurate], 'speed', original);
    expect(chosen).toBe(near);
    expect(reasons.get(fastest)).toContain('too little gained');
    expect(reasons.get(accurate)).toBe('0.90 times the original\'s latency, the chosen one has 0.60');
  });

  it('speed: takes a much smaller one that is no slower where none is faster, and nothing else', () => {
    const [small, slower] = [one(300, 40, 1.01), one(200, 40, 2)];
    expect(chooseCandidate([small, slower], 'speed', original).chosen).toBe(small);
    expect(chooseCandidate([slower, one(700, 40, 1)], 'speed', original).chosen).toBeNull();
  });

  it('speed: where none is faster, takes the most accurate of those of half the size', () => {
    const [smallest, accurate, large] = [one(280, 33, 1), one(450, 48, 1), one(550, 60, 1)];
    expect(chooseCandidate([smallest, accurate, large], 'speed', original).chosen).toBe(accurate);
    expect(chooseCandidate([smallest, accurate, large], 'size', original).chosen).toBe(smallest);
  });

  it('speed: a hardly faster one does not beat half the size at a better accuracy; a clearly faster one does', () => {
    const [half, hardly, clearly] = [one(410, 70, 1), one(880, 40, 0.9), one(880, 40, 0.75)];
    const { chosen, reasons } = chooseCandidate([half, hardly], 'speed', original);
    expect(chosen).toBe(half);
    expect(reasons.get(hardly)).toContain('too little gained');
    expect(chooseCandidate([half, clearly], 'speed', original).chosen).toBe(clearly);
    expect(chooseCandidate([one(410, 35, 1), hardly], 'speed', original).chosen).toBe(hardly);
  });

  it('speed: a ratio below the chosen one\'s that the measurement cannot tell from 1 is called that, not turned upside down', () => {
    const noisy: Contender = { candidate: { sizeBytes: 300, sqnrDb: 31 }, ab: { ...ab(0.4, 0.9), nullLow: 0.3, nullHigh: 1.7 } };
    const accurate: Contender = { candidate: { sizeBytes: 450, sqnrDb: 48 }, ab: { ...ab(1.49, 0.9), nullLow: 0.3, nullHigh: 1.7 }, sameArithmetic: true };
    const { chosen, reasons } = chooseCandidate([noisy, accurate], 'speed', original);
    expect(chosen).toBe(accurate);
    expect(reasons.get(noisy)).toMatch(/^not faster beyond what two equal models differ by \(0\.40 in 0\.30 to 1\.70\)/);
  });

  it('speed: what is given up for accuracy does not add up', () => {
    const [fastest, near, half] = [one(300, 49, 0.72), one(300, 52, 0.85), one(280, 57, 0.98)];
    expect(chooseCandidate([fastest, near, half], 'speed', original).chosen).toBe(near);
  });

  it('a ratio that the measurement cannot tell from 1 is no reason to keep the original; one that it can is', () => {
    const near: Contender = { candidate: { sizeBytes: 300, sqnrDb: 40 }, ab: ab(1.04, 0.02) };
    expect(chooseCandidate([near], 'speed', original).chosen).toBe(near);
    expect(chooseCandidate([{ ...near, ab: ab(1.04, 0.005) }], 'speed', original).chosen).toBeNull();
    const busy: Contender = { ...near, ab: ab(1.3, 0.5) };
    expect(chooseCandidate([busy], 'speed', original).chosen).toBeNull();
    expect(chooseCandidate([{ ...busy, sameArithmetic: true }], 'speed', original).chosen).not.toBeNull();
  });

  it('never takes a slower one for speed or accuracy; size may, because it was asked for', () => {
    const slower = one(200, 60, 1.5);
    expect(chooseCandidate([slower], 'speed', original).chosen).toBeNull();
    expect(chooseCandidate([slower], 'accuracy', original).chosen).toBeNull();
    expect(chooseCandidate([slower], 'size', original).chosen).toBe(slower);
  });

  it('accuracy: takes the most accurate of those that win something', () => {
    const [fast, small] = [one(900, 35, 0.5), one(400, 45, 1)];
    expect(chooseCandidate([fast, small], 'accuracy', original).chosen).toBe(small);
  });

  it('gives each that was measured and not chosen a reason', () => {
    const all = [one(300, 44, 0.41), one(300, 30, 1.6), one(900, 50, 1), one(250, 41, 0.8)];
    for (const goal of ['speed', 'size', 'accuracy'] as const) {
      const { chosen, reasons } = chooseCandidate(all, goal, original);
      expect(all.filter((candidate) => candidate !== chosen && !reasons.get(candidate))).toEqual([]);
    }
  });
});
