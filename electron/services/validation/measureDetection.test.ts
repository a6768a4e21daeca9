// What comes out of raw detector heads: suppression equals that of the runtime's own operator, and each form of output gives the boxes that were put in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TensorValue } from '#shared/tensor';
import { detectorSchema, plainDetector } from '#core/datasets/detectorSpec';
import { encodeModel } from '#core/onnx/encodeModel';
import { dataTypes, tensorOver } from '#core/quantize/graph/protos';
import { decodeBoxes } from '#core/statistics/decodeBoxes';
import { suppressBoxes, type Candidate } from '#core/statistics/suppressBoxes';
import { testWorkers } from '#test/fakes/testWorkers';
import { info, node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession } from '../inference/openSession.ts';
import type { WorkerLauncher } from '../workers/WorkerLauncher.ts';
import { measureDetection } from './measureDetection.ts';

const dir = mkdtempSync(join(tmpdir(), 'millwright-detect-'));
let workers: WorkerLauncher;
beforeAll(async () => { workers = await testWorkers(); });
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const tensor = (dims: readonly number[], data: ArrayLike<number>): TensorValue => ({ type: 'float32', dims, data: Float32Array.from(data) });

describe('suppression is that of NonMaxSuppression in ONNX Runtime', () => {
  it.each([[60, 1, 0.5, 0.001, 300, 3], [200, 3, 0.3, 0.2, 300, 5], [300, 2, 0.7, 0.001, 12, 7], [40, 4, 0, 0.4, 300, 9]])('%i boxes of %i classes, IoU %f, score %f, at most %i', async (boxes, classes, iou, keep, most, seed) => {
    const random = noise(boxes * (4 + classes), seed);
    const corners = Array.from({ length: boxes }, (_, at) => { const [a = 0, b = 0, c = 0, d = 0] = random.subarray(at * 4, at * 4 + 4); const [x, y] = [50 + a * 40, 50 + b * 40]; return Float32Array.of(x, y, x + 12 + c * 10, y + 12 + d * 10); });
    // Two decimals: scores are often equal, and the earlier box goes first.
    const scores = Float32Array.from({ length: classes * boxes }, (_, at) => Math.round(Math.abs(random[boxes * 4 + at] ?? 0) * 100) / 100);
    const model = tinyModel({
      inputs: { boxes: [1, boxes, 4], scores: [1, classes, boxes] }, outputs: {},
      weights: [tensorOver('most', dataTypes.int64, [1], BigInt64Array.of(BigInt(most))), weight('iou', [1], [iou]), weight('keep', [1], [keep])],
      nodes: [node('NonMaxSuppression', ['boxes', 'scores', 'most', 'iou', 'keep'], ['chosen'])],
    });
    model.graph?.output.push(info('chosen', [-1, 3], dataTypes.int64));
    const path = join(dir, `nms${seed}.onnx`);
    writeFileSync(path, encodeModel(model));
    const session = await openSession({ workers }, { path });
    const { outputs } = await session.run({ boxes: tensor([1, boxes, 4], corners.flatMap((each) => [...each])), scores: tensor([1, classes, boxes], scores) });
    await session.close();
    const chosen = Array.from(outputs.chosen?.data as BigInt64Array, Number); // int64 by its declaration
    const theirs = Array.from({ length: chosen.length / 3 }, (_, at) => `${chosen[at * 3 + 1]}:${chosen[at * 3 + 2]}`);
    const candidates = Array.from({ length: classes * boxes }, (_, at) => ({ at, category: Math.floor(at / boxes), score: scores[at] ?? 0, corners: [...corners[at % boxes]!] as unknown as Candidate['corners'] })).filter(({ score }) => score > Math.fround(keep)); // four values each
    const mine = suppressBoxes(candidates, iou, most).map((each) => { const { at, category } = each as (typeof candidates)[number]; return `${category}:${at % boxes}`; }); // the very objects that went in
    expect(mine.length).toBeGreaterThan(classes);
    expect([...mine].sort()).toEqual([...theirs].sort());
  });
});

describe('forms of output', () => {
  // Two boxes of 64 x 64: class 1 at 10, 20 of 20 x 10 pixels, class 0 at 40, 40 of 8 x 8; the rest of the anchors sees nothing.
  const anchors = 40;
  const rows = Array.from({ length: anchors }, (_, at) => (at === 3 ? [20, 25, 20, 10, 0.1, 0.9] : at === 7 ? [20.5, 25, 20, 10, 0, 0.8] : at === 30 ? [44, 44, 8, 8, 0.7, 0] : [at, at, 4, 4, 0, 0]));
  const wanted = [{ corners: [10, 20, 30, 30], category: 1, score: 0.9 }, { corners: [40, 40, 48, 48], category: 0, score: 0.7 }, { corners: [10, 20, 30, 30], category: 0, score: 0.1 }];
  const round = (found: readonly Candidate[]) => found.map(({ corners, category, score }) => ({ corners: corners.map((value) => Math.round(value * 1000) / 1000), category, score: Math.round(score * 1000) / 1000 }));
  const planar = (table: readonly (readonly number[])[]) => (table[0] ?? []).flatMap((_, column) => table.map((row) => row[column] ?? 0));
  const corners = rows.map(([cx = 0, cy = 0, w = 0, h = 0]) => [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]);
  const logit = (share: number) => Math.log(share / (1 - share));

  it.each<[string, Readonly<Record<string, TensorValue>>, object]>([
    ['YOLOv8 and later: a row a value', { output0: tensor([1, 6, anchors], planar(rows)) }, {}],
    ['the same, a row an anchor', { output0: tensor([1, anchors, 6], rows.flat()) }, { format: 'yolo' }],
    ['YOLOv5: with an objectness', { output: tensor([1, anchors, 7], rows.flatMap((row) => [...row.slice(0, 4), 0.95, ...row.slice(4).map((score) => score / 0.95)])) }, {}],
    ['pairs of boxes and scores, nothing first', { boxes: tensor([1, anchors, 4], corners.flat()), scores: tensor([1, anchors, 3], rows.flatMap(([, , , , a = 0, b = 0]) => [1 - a - b, a, b])) }, {}],
    ['pairs, nothing last, a row a class', { boxes: tensor([1, anchors, 4], corners.flat()), scores: tensor([1, 3, anchors], planar(rows.map(([, , , , a = 0, b = 0]) => [a, b, 1 - a - b]))) }, { background: 2 }],
    ['scores before the sigmoid', { output0: tensor([1, 6, anchors], planar(rows.map((row) => [...row.slice(0, 4), ...row.slice(4).map((score) => logit(Math.max(0.0001, score)))]))) }, { activation: 'sigmoid' }],
    ['selected inside: boxes, scores, labels', { boxes: tensor([3, 4], wanted.flatMap((each) => each.corners)), scores: tensor([3], [0.9, 0.7, 0.1]), labels: { type: 'int64', dims: [3], data: BigInt64Array.of(1n, 0n, 0n) } }, {}],
    ['labels that count nothing as 0', { boxes: tensor([3, 4], wanted.flatMap((each) => each.corners)), scores: tensor([3], [0.9, 0.7, 0.1]), labels: { type: 'int64', dims: [3], data: BigInt64Array.of(2n, 1n, 1n) } }, { background: 0 }],
    ['rows of corners, score and class', { detections: tensor([1, 3, 6], wanted.flatMap((each) => [...each.corners, each.score, each.category])) }, { format: 'rows' }],
  ])('%s', (_, outputs, spec) => {
    expect(round(decodeBoxes(outputs, 2, detectorSchema.parse(spec)))).toEqual(wanted.filter(({ score }) => score > 0.05));
  });
  it('what can be read in two ways, or in none, is asked for', () => {
    expect(() => decodeBoxes({ y: tensor([1, 300, 6], new Float32Array(1800)) }, 2, plainDetector)).toThrow('may be read as rows or yolo');
    expect(() => decodeBoxes({ y: tensor([1, 84, 8400], new Float32Array(84 * 8400)) }, 3, plainDetector)).toThrow('No output of the model gives boxes for 3 classes; it gives "y" 1 x 84 x 8400.');
    expect(() => decodeBoxes({ boxes: tensor([1, 9, 4], new Float32Array(36)), scores: tensor([1, 9, 5], new Float32Array(45)) }, 2, plainDetector)).toThrow('gives 5 class scores a box, but there are 2 classes');
    expect(() => decodeBoxes({ y: tensor([1, 6, 40], new Float32Array(240).fill(-3)) }, 2, plainDetector)).toThrow('which is not a share from 0 to 1');
  });
  it('heads of the real sizes: 8400 anchors of 80 classes, 25200 with an objectness', () => {
    const v8 = new Float32Array(84 * 8400), v5 = new Float32Array(25200 * 85);
    [[320, 0], [200, 1], [40, 2], [40, 3], [0.9, 4 + 61]].forEach(([value = 0, row = 0]) => { v8[row * 8400 + 4321] = value; });
    [[320, 0], [200, 1], [40, 2], [40, 3], [0.9, 4], [1, 5 + 61]].forEach(([value = 0, column = 0]) => { v5[20_000 * 85 + column] = value; });
    const expected = [{ corners: [300, 180, 340, 220], category: 61, score: 0.9 }];
    expect(round(decodeBoxes({ output0: tensor([1, 84, 8400], v8) }, 80, plainDetector))).toEqual(expected);
    expect(round(decodeBoxes({ output: tensor([1, 25200, 85], v5) }, 80, plainDetector))).toEqual(expected);
  });
});

describe('classes and units', () => {
  const reader = (classes: readonly string[]) => ({ length: 1, classes, boxes: () => Promise.resolve({ areaOfPixel: 1, truths: [{ category: 0, box: [16, 0, 16, 8] as const }] }) }) as unknown as DatasetReader; // only what measureDetection reads
  const ask = (own: readonly string[], models: readonly string[], outputs: Readonly<Record<string, TensorValue>>) => measureDetection(reader(own), models, plainDetector, (take) => take(outputs, 0, { x: tensor([1, 3, 32, 64], new Float32Array(3 * 32 * 64)) }));
  const one = { boxes: tensor([1, 4], [0.25, 0, 0.5, 0.25]), scores: tensor([1], [0.9]), labels: { type: 'int64' as const, dims: [1], data: BigInt64Array.of(1n) } };
  it('shares are told from pixels, and a class is found by its name', async () => {
    const samples = await ask(['fold'], ['lid', 'fold'], one);
    expect(samples).toMatchObject({ labels: ['lid', 'fold'], truths: [{ category: 1 }], found: [{ category: 1, box: [16, 0, 16, 8] }] });
  });
  it('a class that the model does not know is told with the nearest one', async () => {
    await expect(ask(['flod'], ['lid', 'fold'], one)).rejects.toThrow('The class "flod" of the data is not a class of the model (lid, fold); did you mean "fold"?');
  });
});
