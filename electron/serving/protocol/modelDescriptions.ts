// Metadata, configuration and statistics of a model, as the Open Inference Protocol and its extensions word them.
import type { ModelVersion } from '../repository/createModelRegistry.ts';
import type { ModelEngine } from '../engine/createModelEngine.ts';
import type { Tally } from '../metrics/modelStatistics.ts';
import type { TensorSignature } from './InferRequest.ts';
import { priorityLevels, usualPriority } from './readSchedule.ts';

export const serverName = 'millwright';
export const platform = 'onnx_onnxv1';
export const extensions = ['binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'parameters', 'schedule_policy', 'sequence', 'statistics'] as const;

export const metadataOf = (model: ModelVersion & { readonly engine: ModelEngine }, versions: readonly string[]) => ({
  name: model.name, versions, platform, inputs: model.engine.signature.inputs, outputs: model.engine.signature.outputs,
});

const dataType = (datatype: string) => (datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`);

/** With batching the first dimension is the batch, which the configuration leaves out. */
export function configOf({ name, engine }: ModelVersion & { readonly engine: ModelEngine }) {
  const { on } = engine.batching;
  const tensor = ({ name: tensorName, datatype, shape }: TensorSignature) => ({ name: tensorName, data_type: dataType(datatype), dims: on ? shape.slice(1) : shape });
  return {
    name, platform: 'onnxruntime_onnx', backend: 'onnxruntime', version_policy: { latest: { num_versions: 1 } }, max_batch_size: on ? engine.options.maxBatch : 0,
    input: engine.signature.inputs.map(tensor), output: engine.signature.outputs.map(tensor),
    instance_group: [{ name, kind: engine.provider.used === 'cuda' ? 'KIND_GPU' : 'KIND_CPU', count: engine.options.instances, gpus: [] }], default_model_filename: 'model.onnx', parameters: { intra_op_thread_count: { string_value: String(engine.options.threads) } },
    ...(on ? { dynamic_batching: { preferred_batch_size: [engine.options.maxBatch], max_queue_delay_microseconds: Math.round(engine.options.maxDelayMs * 1000), priority_levels: priorityLevels, default_priority_level: usualPriority } } : {}),
  };
}

const tally = ({ count, ns }: Tally) => ({ count, ns: Math.round(ns) });
const none = { count: 0, ns: 0 };

export function statisticsOf({ name, version, statistics }: ModelVersion) {
  const { success, fail, queue, input, infer, output, batches } = statistics;
  return {
    name, version, last_inference: statistics.lastInferenceMs(), inference_count: statistics.inferences(), execution_count: statistics.executions(),
    inference_stats: { success: tally(success), fail: tally(fail), queue: tally(queue), compute_input: tally(input), compute_infer: tally(infer), compute_output: tally(output), cache_hit: none, cache_miss: none },
    response_stats: {}, batch_stats: [...batches.values()].sort((a, b) => a.size - b.size).map((batch) => ({ batch_size: batch.size, compute_input: tally(batch.input), compute_infer: tally(batch.infer), compute_output: tally(batch.output) })),
    memory_usage: [],
  };
}
