// The plans of other engines against the layouts and command lines that their manuals give.
import { describe, expect, it } from 'vitest';
import { isAppError } from '#shared/errors';
import type { EngineRequest } from './EnginePlan.ts';
import { engineFacts, engineIds } from '#shared/engines';
import { planEngine, refuseFormat, type OtherEngineId } from './planEngine.ts';

const request = (change: Partial<EngineRequest> = {}): EngineRequest => ({
  name: 'lot_code', version: 3, format: 'onnx', threads: 2, batching: null, gpu: false,
  inputs: [{ name: 'image', type: 'float32', shape: ['N', 1, 28, 28] }], outputs: [{ name: 'logits', type: 'float32', shape: ['N', 10] }], ...change,
});
const fileText = (engine: OtherEngineId, path: string, change: Partial<EngineRequest> = {}) => {
  const file = planEngine(engine, request(change)).files.find((each) => each.path === path);
  return file && 'text' in file ? file.text : null;
};
const codeOf = (act: () => unknown) => { try { act(); return null; } catch (error) { return isAppError(error) ? error.code : 'not an AppError'; } };

describe('Triton', () => {
  it('writes the model configuration with whole shapes while batching is off', () => {
    expect(fileText('triton', 'lot_code/config.pbtxt')).toBe(`name: "lot_code"
backend: "onnxruntime"
max_batch_size: 0
input [
  { name: "image" data_type: TYPE_FP32 dims: [-1, 1, 28, 28] }
]
output [
  { name: "logits" data_type: TYPE_FP32 dims: [-1, 10] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
parameters { key: "intra_op_thread_count" value: { string_value: "2" } }
version_policy { latest { num_versions: 1 } }
`);
  });
  it('leaves the batch dimension out when it batches, and stays off with a fixed one', () => {
    const batching = { maxBatch: 8, maxDelayMs: 0.5 };
    expect(fileText('triton', 'lot_code/config.pbtxt', { batching })).toContain('dims: [1, 28, 28]');
    expect(fileText('triton', 'lot_code/config.pbtxt', { batching })).toContain('max_queue_delay_microseconds: 500');
    const fixed = planEngine('triton', request({ batching, inputs: [{ name: 'image', type: 'float32', shape: [1, 1, 28, 28] }] }));
    expect(fixed.findings.map(({ id }) => id)).toEqual(['ENGINE_FIXED_BATCH']);
  });
  it('leaves tensors out that are not known here, for Triton reads them itself', () => {
    expect(fileText('triton', 'lot_code/config.pbtxt', { format: 'openvino', inputs: [], outputs: [] })).not.toContain('input [');
  });
  it('cannot be talked into other configuration by a name of a tensor', () => {
    const text = fileText('triton', 'lot_code/config.pbtxt', { inputs: [{ name: 'x" } ] instance_group [ { count: 99', type: 'string', shape: [1] }] });
    expect(text).toContain(String.raw`{ name: "x\" } ] instance_group [ { count: 99" data_type: TYPE_STRING dims: [1] }`);
  });
});

it('gives OpenVINO Model Server its figures, which are off by default', () => {
  expect(JSON.parse(fileText('ovms', 'config.json') ?? '')).toMatchObject({ model_config_list: [{ config: { name: 'lot_code', base_path: '/models/lot_code', target_device: 'CPU' } }], monitoring: { metrics: { enable: true } } });
  expect(planEngine('ovms', request()).files.at(-1)).toEqual({ path: 'lot_code/3/model.onnx', model: true });
});

it('starts TensorFlow Serving and TorchServe without the scripts that keep SIGTERM to themselves', () => {
  expect(planEngine('tf-serving', request({ format: 'savedmodel' })).entrypoint).toEqual(['tensorflow_model_server']);
  expect(planEngine('torchserve', request({ format: 'mar' })).entrypoint?.[2]).toContain('os.execvp');
});

it('lets no engine be managed from outside', () => {
  expect(fileText('torchserve', 'config.properties', { format: 'mar' })).toContain('management_address=http://127.0.0.1:8081');
  expect(fileText('torchserve', 'config.properties', { format: 'mar' })).toContain('enable_model_api=false');
});

it('refuses what an engine cannot serve, and says which can', () => {
  for (const engine of engineIds.filter((id) => id !== 'millwright')) expect(codeOf(() => planEngine(engine, request({ format: engineFacts[engine].formats.includes('onnx') ? 'savedmodel' : 'onnx' })))).toBe('MODEL_UNSUPPORTED');
  expect(() => planEngine('tf-serving', request())).toThrow('TensorFlow Serving does not serve ONNX models; it serves TensorFlow SavedModel folders.');
  const hintOf = (act: () => unknown) => { try { act(); return null; } catch (error) { return isAppError(error) ? error.hint : 'not an AppError'; } };
  expect(hintOf(() => refuseFormat('torchserve', 'onnx'))).toContain('torch-model-archiver');
  expect(hintOf(() => refuseFormat('millwright', 'mar'))).toBe('Choose TorchServe for this model.');
  expect(codeOf(() => planEngine('triton', request({ name: '../escape' })))).toBe('BAD_INPUT');
  expect(codeOf(() => planEngine('triton', request({ version: 0 })))).toBe('BAD_INPUT');
  expect(codeOf(() => planEngine('triton', request({ inputs: [{ name: 'x', type: 'int4', shape: [1] }] })))).toBe('MODEL_UNSUPPORTED');
});
