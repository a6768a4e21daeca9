// X'X by the runtime's own product of matrices: for what GPTQ knows of inputs it is tens of times faster than loops of ours.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { makeNode } from '#core/onnx/graph/attributes';
import { GraphProtoSchema, ModelProtoSchema } from '#core/onnx/schema/onnx_pb';
import type { SquareProduct } from '#core/quantize/blocks/inputGram';
import { dataTypes } from '#core/quantize/graph/protos';
import { outputInfo } from '#core/quantize/observers/exposeTensors';
import { AppError } from '#shared/errors';
import { createNativeSession } from '../inference/nativeSession.ts';
import { writeModel } from './writeModel.ts';

export interface SquareSession { readonly square: SquareProduct; release(): Promise<void> }

/** For matrices of any size. @throws AppError DISK_FULL */
export async function openSquareSession(workDir: string, threads: number): Promise<SquareSession> {
  const path = join(workDir, 'square.onnx');
  const product = makeNode('Gemm', ['x', 'x'], ['y'], { attributes: { transA: 1n } }); // opset 11: without an addend
  writeModel(path, create(ModelProtoSchema, { irVersion: 7n, opsetImport: [{ domain: '', version: 13n }], graph: create(GraphProtoSchema, { name: 'square', node: [product], input: [outputInfo('x', dataTypes.float)], output: [outputInfo('y', dataTypes.float)] }) }));
  const session = await createNativeSession({ path, threads, spinning: false, once: true });
  rmSync(path, { force: true });
  return {
    async square(x, rows, k) {
      const y = (await session.run({ x: { type: 'float32', dims: [rows, k], data: x } }))['y']?.data;
      if (!(y instanceof Float32Array)) throw new AppError('INTERNAL', 'A product of float matrices is one of floats.');
      return y;
    },
    release: () => session.release(),
  };
}
