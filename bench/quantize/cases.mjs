// What is compared: models, their samples, and the settings of both sides that mean the same.
import { join } from 'node:path';
import { realModels } from '../../test/fixtures/quantize/samples.mjs';

/** @param {number} seed */
const random = (seed) => { let s = (seed * 2654435761) | 1; return () => { s ^= s << 13; s ^= s >>> 17; s ^= s << 5; return (s >>> 0) / 4294967296; }; };
const bell = (count, seed) => { const next = random(seed); return Float32Array.from({ length: count }, () => next() + next() + next() + next() - 2); };

/**
 * @param {string} made folder of the models that models.py makes
 * @returns {Record<string, { path: string, samples: (count: number) => Record<string, { data: Float32Array | BigInt64Array, shape: readonly number[] }> }>}
 */
export const models = (made) => ({
  'PP-OCR det': { path: join(made, 'pp-ocr-det-opset13.onnx'), samples: realModels['PP-OCR det'].samples },
  'PP-OCR rec': { path: join(made, 'pp-ocr-rec-opset13.onnx'), samples: realModels['PP-OCR rec'].samples },
  'PP-OCR cls': { path: join(made, 'pp-ocr-cls-opset13.onnx'), samples: realModels['PP-OCR cls'].samples },
  'ResNet-18 shape': { path: join(made, 'resnet18-shape.onnx'), samples: (count) => ({ x: { data: bell(count * 3 * 224 * 224, 11), shape: [count, 3, 224, 224] } }) },
  'MiniLM shape': { path: join(made, 'minilm-shape.onnx'), samples: (count) => ({ ids: { data: BigInt64Array.from({ length: count * 64 }, ((next) => () => BigInt(Math.floor(next() * 30522)))(random(12))), shape: [count, 64] } }) },
});

/** Arguments of `millwright quantize`, and the setting of reference.py. */
export const settings = {
  'static min-max, per tensor': { reference: 'minmax/tensor', millwright: ['--recipe', 'static-int8', '--method', 'minmax', '--per-tensor'], calibrated: true },
  'static min-max, per channel': { reference: 'minmax/channel', millwright: ['--recipe', 'static-int8', '--method', 'minmax'], calibrated: true },
  'static percentile, per channel': { reference: 'percentile/channel', millwright: ['--recipe', 'static-int8', '--method', 'percentile'], calibrated: true },
  'static entropy, per channel': { reference: 'entropy/channel', millwright: ['--recipe', 'static-int8', '--method', 'entropy'], calibrated: true },
  dynamic: { reference: 'dynamic', millwright: ['--recipe', 'dynamic-int8', '--per-tensor'], calibrated: false },
  '4-bit weights': { reference: 'int4', millwright: ['--recipe', 'int4-weights', '--rounding', 'nearest'], calibrated: false },
};

/** Which settings are tried on which models; 4-bit needs matrix products. */
export const plan = [
  ...['static min-max, per channel', 'dynamic'].flatMap((setting) => ['PP-OCR rec', 'PP-OCR det', 'PP-OCR cls', 'MiniLM shape', 'ResNet-18 shape'].map((model) => ({ setting, model }))),
  { setting: '4-bit weights', model: 'MiniLM shape' },
  ...['static percentile, per channel', 'static entropy, per channel'].flatMap((setting) => ['PP-OCR det', 'PP-OCR cls'].map((model) => ({ setting, model }))),
  ...['PP-OCR rec', 'MiniLM shape'].map((model) => ({ setting: 'static min-max, per tensor', model })),
];
