// What is compared of answers that are no floats, or that change their length; and what the automatic recipe makes of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { answerQuality } from '#shared/answerQuality';
import { encodeModel } from '#core/onnx/encodeModel';
import { dataTypes } from '#core/quantize/graph/protos';
import { labHere, quiet } from '#test/fakes/labHere';
import { info, node, noise, tinyModel, weight, type TinyGraph } from '#test/fakes/tinyModel';
import type { OutputQuality } from './compareTasks.ts';
import { qualityDb } from './noise.ts';
import { outputsFault } from './outputsFault.ts';
import { judgeProof, prove, type Proof } from './prove.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-prove-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const samples = Array.from({ length: 4 }, (_, i) => ({ name: `sample ${i}`, feeds: { x: { type: 'float32' as const, dims: [64, 16], data: noise(1024, 50 + i) } } }));
type Output = readonly [name: string, dims: readonly number[], type?: number];

/** Proves one model against another of the same interface. */
async function compared(name: string, graphs: readonly [TinyGraph, TinyGraph], outputs: readonly Output[]): Promise<Proof> {
  const workDir = join(root, name);
  mkdirSync(workDir);
  const [original = '', path = ''] = graphs.map((graph, i) => {
    const model = tinyModel(graph);
    model.graph!.output = outputs.map(([output, dims, type]) => info(output, dims, type));
    const at = join(workDir, `${i}.onnx`);
    writeFileSync(at, encodeModel(model));
    return at;
  });
  await labHere.call('quantize.prepare', { path: original, workDir, threads: 1, parity: false, run: true, opset: 13, exclude: [] });
  try {
    return await prove(labHere, { path, sha256: '', sizeBytes: 1, quantized: [], kept: [], clamped: 0 }, samples, quiet);
  } finally { await labHere.call('quantize.compareClose', {}); }
}

const values = noise(256, 1);
const linear = (disturbed: number): TinyGraph => ({ inputs: { x: [64, 16] }, outputs: {}, weights: [weight('w', [16, 16], values.map((v, i) => v + disturbed * noise(256, 2)[i]!))], nodes: [node('MatMul', ['x', 'w'], ['h'])] });
const classes = (disturbed: number): TinyGraph => ({ ...linear(disturbed), nodes: [node('MatMul', ['x', 'w'], ['h']), node('ArgMax', ['h'], ['y'], { axis: { int: 1 }, keepdims: { int: 0 } })] });
const selected = (disturbed: number, least = 0): TinyGraph => ({ ...linear(disturbed), weights: [...linear(disturbed).weights!, weight('least', [], [least])], nodes: [node('MatMul', ['x', 'w'], ['h']), node('Greater', ['h', 'least'], ['c']), node('NonZero', ['c'], ['y'])] });

describe('the proof', () => {
  it('counts the entries of integers that differ, and calls identical only what is', async () => {
    const [same, other] = [await compared('same', [classes(0), classes(0)], [['y', [64], dataTypes.int64]]), await compared('other', [classes(0), classes(0.3)], [['y', [64], dataTypes.int64]])];
    expect(same).toMatchObject({ sqnrDb: null, agreement: 1, compared: true, identical: true });
    expect(other).toMatchObject({ sqnrDb: null, compared: true, identical: false });
    expect(other.agreement).toBeGreaterThan(0.5);
    expect(other.agreement).toBeLessThan(0.98);
    expect([answerQuality(same), answerQuality(other)]).toEqual(['identical', expect.stringMatching(/% equal$/)]);
    expect([outputsFault(same, 30, 0), outputsFault(other, 30, 1), outputsFault(other, 30, 60)]).toEqual([null, expect.stringContaining('more than 1 %'), null]);
    expect(judgeProof(other, true).map(({ id }) => id)).toContain('QUANTIZE_ENTRIES_DIFFER');
  });

  it('tells an answer of another length, and judges by the other outputs', async () => {
    const proof = await compared('lengths', [selected(0), selected(0.05)], [['y', [2, -1], dataTypes.int64], ['h', [64, 16]]]);
    expect(proof.outputs[0]).toMatchObject({ output: 'y', nonFinite: 0, samples: 4 });
    expect(proof.outputs[0]!.otherShape).toBeGreaterThan(0);
    expect(judgeProof(proof, true)).toContainEqual(expect.objectContaining({ id: 'QUANTIZE_OTHER_LENGTH', place: 'y' }));
    expect(proof.sqnrDb).toBeGreaterThan(15);
    expect(outputsFault(proof, 15, 1)).toBeNull();
  });

  it('says that nothing was compared where no sample has the length of the original, and that is not good enough', async () => {
    const proof = await compared('nothing', [selected(0), selected(0, 1)], [['y', [2, -1], dataTypes.int64]]);
    expect(proof).toMatchObject({ compared: false, identical: false, agreement: null, sqnrDb: null });
    expect(answerQuality(proof)).toBe('not compared');
    expect(judgeProof(proof, true).map(({ id }) => id)).toContain('QUANTIZE_NOT_COMPARED');
    expect(outputsFault(proof, 0, 100)).toContain('could be compared');
    expect(qualityDb(proof)).toBe(-Infinity);
  });
});

describe('the floor of the automatic recipe', () => {
  const output = (changes: Partial<OutputQuality>): OutputQuality => ({ output: 'y', kind: 'float', agreement: null, compared: 10, identical: false, otherShape: 0, brokenShape: false, sqnrDb: 40, flips: 0, samples: 10, maxAbsError: 0, nonFinite: 0, undefinedShare: 0, accuracy: null, ...changes });
  const fault = (...outputs: OutputQuality[]) => outputsFault({ outputs, sqnrDb: outputs.find(({ kind }) => kind === 'float')?.sqnrDb ?? null, compared: true }, 30, 1);
  it('looks at each output', () => {
    expect(fault(output({}))).toBeNull();
    expect(fault(output({ sqnrDb: 29 }))).toContain('below the floor');
    expect(fault(output({}), output({ output: 'z', sqnrDb: 19 }))).toContain('"z"');
    expect(fault(output({}), output({ output: 'c', kind: 'exact', agreement: 0.98, sqnrDb: null }))).toBe('2.00 % of the entries of "c" differ, more than 1 %');
    expect(fault(output({ otherShape: 1 }))).toContain('no other output');
  });

  it('ranks results without floats by what differs', () => {
    expect(qualityDb({ sqnrDb: null, agreement: 0.99 })).toBeCloseTo(20, 6);
    expect(qualityDb({ sqnrDb: 31, agreement: 0.5 })).toBe(31);
    expect(qualityDb({ sqnrDb: null, agreement: 1 })).toBeNull();
  });
});
