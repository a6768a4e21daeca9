// What `model show` says of a model: versions, inputs and outputs, operators, parameters, precision.
import type { ModelSummary } from '#shared/contract/models';
import type { Finding } from '#shared/finding';
import type { TensorInfo } from '#shared/contract/references';
import { eachTensor } from './externalRefs.ts';
import { canonicalDomain, opsetsOf } from './graph/opsets.ts';
import { eachGraph } from './graph/subgraphs.ts';
import type { ModelProto, ValueInfoProto } from './schema/onnx_pb.ts';
import { dataTypeName, dataTypeOf, rawByteLength } from './tensors/dataTypes.ts';
import { elementCount } from './tensors/elementCount.ts';
import { typeFromProto, typeLabel } from './types/ValueType.ts';

export interface FileFacts {
  readonly sha256: string;
  /** The file, and its external data files where it has some. */
  readonly sizeBytes: number;
  readonly findings: readonly Finding[];
}

export function summarizeModel(model: ModelProto, file: FileFacts): ModelSummary {
  const graphs = model.graph ? [...eachGraph(model.graph)] : [];
  const operators = new Map<string, number>();
  for (const node of graphs.flatMap((graph) => graph.node)) {
    const domain = canonicalDomain(node.domain);
    const name = domain === '' ? node.opType : `${domain}.${node.opType}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const { parameters, precision } = weightsOf(model);
  const held = new Set(model.graph?.initializer.map((tensor) => tensor.name));
  return {
    format: 'onnx', sha256: file.sha256, sizeBytes: file.sizeBytes, irVersion: Number(model.irVersion),
    producer: `${model.producerName} ${model.producerVersion}`.trim(),
    opset: opsetsOf(model),
    inputs: (model.graph?.input ?? []).filter((input) => !held.has(input.name)).map(tensorInfo),
    outputs: (model.graph?.output ?? []).map(tensorInfo),
    nodes: graphs.reduce((sum, graph) => sum + graph.node.length, 0),
    operators: Object.fromEntries([...operators].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))),
    parameters, precision, subgraphs: Math.max(0, graphs.length - 1),
    metadata: metadataOf(model), findings: [...file.findings],
  };
}

export function tensorInfo(info: ValueInfoProto): TensorInfo {
  const type = typeFromProto(info.type);
  return { name: info.name, type: typeLabel(type), shape: [...(type.shape ?? [])] };
}

/** metadata_props; at most 200 entries, long values cut. */
export function metadataOf(model: ModelProto): Record<string, string> {
  return Object.fromEntries(model.metadataProps.slice(0, 200).map(({ key, value }) => [key, value.length > 100_000 ? `${value.slice(0, 100_000)}…` : value]));
}

/** Stored values, and what most of their bytes are stored as: "mixed" when no type has nine tenths. */
function weightsOf(model: ModelProto): { parameters: number; precision: string } {
  let parameters = 0;
  let total = 0;
  const bytes = new Map<string, number>();
  for (const tensor of eachTensor(model)) {
    const type = dataTypeOf(tensor.dataType);
    const count = elementCount(tensor.dims);
    if (!type || count === null) continue;
    const size = rawByteLength(type, count) ?? 0;
    parameters += count;
    total += size;
    bytes.set(dataTypeName(type.number), (bytes.get(dataTypeName(type.number)) ?? 0) + size);
  }
  const [first] = [...bytes].sort(([, a], [, b]) => b - a);
  if (!first || total === 0) return { parameters, precision: 'none' };
  return { parameters, precision: first[1] >= 0.9 * total ? first[0] : 'mixed' };
}
