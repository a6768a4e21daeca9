// The messages of the inference service and of the health service, by their field numbers.
import type { MessageTable, Scalar } from './MessageTable.ts';

const one = (number: number, kind: Scalar | MessageTable) => ({ number, kind });
const many = (number: number, kind: Scalar | MessageTable) => ({ number, kind, repeated: true });

export const inferParameter = { bool: one(1, 'bool'), int64: one(2, 'int64'), string: one(3, 'string'), double: one(4, 'double'), uint64: one(5, 'uint64') } as const satisfies MessageTable;
export const modelName = { name: one(1, 'string'), version: one(2, 'string') } as const satisfies MessageTable;
export const live = { live: one(1, 'bool') } as const satisfies MessageTable;
export const ready = { ready: one(1, 'bool') } as const satisfies MessageTable;
export const serverMetadata = { name: one(1, 'string'), version: one(2, 'string'), extensions: many(3, 'string') } as const satisfies MessageTable;

const tensorMetadata = { name: one(1, 'string'), datatype: one(2, 'string'), shape: many(3, 'int64') } as const satisfies MessageTable;
export const modelMetadata = { name: one(1, 'string'), versions: many(2, 'string'), platform: one(3, 'string'), inputs: many(4, tensorMetadata), outputs: many(5, tensorMetadata) } as const satisfies MessageTable;

const modelInput = { name: one(1, 'string'), data_type: one(2, 'int32'), dims: many(4, 'int64') } as const satisfies MessageTable;
const modelOutput = { name: one(1, 'string'), data_type: one(2, 'int32'), dims: many(3, 'int64') } as const satisfies MessageTable;
const instanceGroup = { name: one(1, 'string'), count: one(2, 'int32'), gpus: many(3, 'int32'), kind: one(4, 'int32') } as const satisfies MessageTable;
const dynamicBatching = { preferred_batch_size: many(1, 'int32'), max_queue_delay_microseconds: one(2, 'uint64'), priority_levels: one(4, 'uint64'), default_priority_level: one(5, 'uint64') } as const satisfies MessageTable;
const modelConfig = {
  name: one(1, 'string'), platform: one(2, 'string'), version_policy: one(3, { latest: one(1, { num_versions: one(1, 'int32') }) }), max_batch_size: one(4, 'int32'), input: many(5, modelInput), output: many(6, modelOutput),
  instance_group: many(7, instanceGroup), default_model_filename: one(8, 'string'), dynamic_batching: one(11, dynamicBatching), parameters: { number: 14, kind: { string_value: one(1, 'string') }, map: true }, backend: one(17, 'string'),
} as const satisfies MessageTable;
export const modelConfigResponse = { config: one(1, modelConfig) } as const satisfies MessageTable;
/** Data types of a configuration, in the order of their numbers. */
export const configDataTypes = ['TYPE_INVALID', 'TYPE_BOOL', 'TYPE_UINT8', 'TYPE_UINT16', 'TYPE_UINT32', 'TYPE_UINT64', 'TYPE_INT8', 'TYPE_INT16', 'TYPE_INT32', 'TYPE_INT64', 'TYPE_FP16', 'TYPE_FP32', 'TYPE_FP64', 'TYPE_STRING', 'TYPE_BF16'] as const;
export const instanceKinds = ['KIND_AUTO', 'KIND_GPU', 'KIND_CPU'] as const;

const duration = { count: one(1, 'uint64'), ns: one(2, 'uint64') } as const satisfies MessageTable;
const inferStatistics = { success: one(1, duration), fail: one(2, duration), queue: one(3, duration), compute_input: one(4, duration), compute_infer: one(5, duration), compute_output: one(6, duration), cache_hit: one(7, duration), cache_miss: one(8, duration) } as const satisfies MessageTable;
const batchStatistics = { batch_size: one(1, 'uint64'), compute_input: one(2, duration), compute_infer: one(3, duration), compute_output: one(4, duration) } as const satisfies MessageTable;
const modelStatistics = { name: one(1, 'string'), version: one(2, 'string'), last_inference: one(3, 'uint64'), inference_count: one(4, 'uint64'), execution_count: one(5, 'uint64'), inference_stats: one(6, inferStatistics), batch_stats: many(7, batchStatistics) } as const satisfies MessageTable;
export const modelStatisticsResponse = { model_stats: many(1, modelStatistics) } as const satisfies MessageTable;

export const repositoryIndexRequest = { repository_name: one(1, 'string'), ready: one(2, 'bool') } as const satisfies MessageTable;
export const repositoryIndexResponse = { models: many(1, { name: one(1, 'string'), version: one(2, 'string'), state: one(3, 'string'), reason: one(4, 'string') }) } as const satisfies MessageTable;
export const repositoryModelRequest = { repository_name: one(1, 'string'), model_name: one(2, 'string'), parameters: { number: 3, kind: inferParameter, map: true } } as const satisfies MessageTable;
export const nothing = {} as const satisfies MessageTable;

export const streamInferResponse = { error_message: one(1, 'string'), infer_response: one(2, 'bytes') } as const satisfies MessageTable;

export const healthRequest = { service: one(1, 'string') } as const satisfies MessageTable;
export const healthResponse = { status: one(1, 'int32') } as const satisfies MessageTable;
export const healthStatus = { unknown: 0, serving: 1, notServing: 2, serviceUnknown: 3 } as const;
