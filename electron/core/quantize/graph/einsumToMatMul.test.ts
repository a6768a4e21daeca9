// Equations as products of matrices, with the runtime's Einsum as judge.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encodeModel } from '#core/onnx/encodeModel';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { info, node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { cloneModel } from './cloneModel.ts';
import { einsumToMatMul, productOf } from './einsumToMatMul.ts';
import { dataTypes } from './protos.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-einsum-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

const sizes: Readonly<Record<string, number>> = { b: 2, s: 3, d: 4, h: 5, e: 6, f: 7 };
const dimsOf = (labels: string) => [...labels].map((label) => sizes[label]!);
const elements = (labels: string) => dimsOf(labels).reduce((a, b) => a * b, 1);

function einsum(equation: string, weightAt: 0 | 1): { readonly model: ModelProto; readonly activation: string } {
  const [terms = '', output = ''] = equation.replaceAll(' ', '').split('->');
  const [activation, constant] = weightAt === 1 ? terms.split(',') as [string, string] : terms.split(',').reverse() as [string, string];
  const model = tinyModel({
    inputs: { x: dimsOf(activation) }, outputs: {}, weights: [weight('w', dimsOf(constant), noise(elements(constant), 7))],
    nodes: [node('Einsum', weightAt === 1 ? ['x', 'w'] : ['w', 'x'], ['y'], { equation }, 'e')],
  });
  model.graph!.output = [info('y', dimsOf(output))];
  return { model, activation };
}

async function answers(model: ModelProto, activation: string): Promise<{ readonly dims: readonly number[]; readonly data: Float32Array }> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const path = join(root, `${count++}.onnx`);
  writeFileSync(path, encodeModel(model));
  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new Tensor('float32', noise(elements(activation), 8), dimsOf(activation)) });
  await session.release();
  return { dims: y!.dims, data: y!.data as Float32Array };
}

it.each([
  ['bsd,df->bsf', 1, ['MatMul']], ['bsd,fd->bsf', 1, ['MatMul']], ['df , bsd -> bsf', 0, ['MatMul']], ['d,df->f', 1, ['MatMul']],
  ['bsd,dhe->bshe', 1, ['MatMul', 'Reshape']], ['bsd,dhe->bhse', 1, ['MatMul', 'Reshape', 'Transpose']], ['bshe,hed->bsd', 1, ['Reshape', 'MatMul']], ['bshe,ehd->bsd', 1, ['Reshape', 'MatMul']],
  ['bshe,dhe->bds', 1, ['Reshape', 'MatMul', 'Transpose']], ['bd,fd->fb', 1, ['MatMul', 'Transpose']], ['he,hefd->df', 1, ['Reshape', 'MatMul', 'Reshape', 'Transpose']],
] as const)('%s answers what Einsum answers', async (equation, weightAt, operators) => {
  const { model, activation } = einsum(equation, weightAt);
  const rewritten = cloneModel(model);
  expect(einsumToMatMul(rewritten)).toBe(1);
  expect(rewritten.graph!.node.map(({ opType }) => opType)).toEqual(operators);
  const [a, b] = [await answers(model, activation), await answers(rewritten, activation)];
  expect(b.dims).toEqual(a.dims);
  b.data.forEach((x, i) => expect(x).toBeCloseTo(a.data[i]!, 4));
});

it('what is no product of matrices stays: shared labels, sums over one side, diagonals, dots, no arrow', () => {
  for (const equation of ['bsd,bdf->bsf', 'bsd,df->sf', 'bsd,dfe->bsf', 'bdd,df->bf', 'dbs,df->bsf', 'bsd,d->bs', '...d,df->...f', 'bsd,df', 'bs,df->bsdf', 'bsd,df->bsfd']) expect([equation, productOf(equation, 1)]).toEqual([equation, null]);
});

it('a product of two activations stays, and one of halves', () => {
  const { model } = einsum('bsd,df->bsf', 1);
  model.graph!.initializer = [];
  model.graph!.input.push(info('w', dimsOf('df')));
  expect(einsumToMatMul(model)).toBe(0);
  const half = einsum('bsd,df->bsf', 1).model;
  half.graph!.initializer[0]!.dataType = dataTypes.float16;
  expect(einsumToMatMul(half)).toBe(0);
});
