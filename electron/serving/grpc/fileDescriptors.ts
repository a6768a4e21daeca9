// What the services are made of, in protobuf's own form, so that a client without our files can ask for it (gRPC server reflection).
import { encodeMessage, type Field, type MessageTable } from './MessageTable.ts';
import * as messages from './messages.ts';

const one = (number: number, kind: Field['kind']): Field => ({ number, kind });
const many = (number: number, kind: Field['kind']): Field => ({ number, kind, repeated: true });

/** Types that only tensors have, which are read past the tables. */
const wide = { uint32: 'uint32', float: 'float' } as const;
interface Described { readonly [field: string]: Omit<Field, 'kind'> & { readonly kind: Field['kind'] | keyof typeof wide | { readonly message: string } | Described } }

const parameters = { number: 0, kind: { message: 'InferParameter' }, map: true } as const;
const contents: Described = {
  bool_contents: many(1, 'bool'), int_contents: many(2, 'int32'), int64_contents: many(3, 'int64'), uint_contents: { number: 4, kind: 'uint32', repeated: true }, uint64_contents: many(5, 'uint64'), fp32_contents: { number: 6, kind: 'float', repeated: true },
  fp64_contents: many(7, 'double'), bytes_contents: many(8, 'bytes'),
};
const tensor: Described = { name: one(1, 'string'), datatype: one(2, 'string'), shape: many(3, 'int64'), parameters: { ...parameters, number: 4 }, contents: { number: 5, kind: { message: 'InferTensorContents' } } };
const inferMessages: Readonly<Record<string, Described>> = {
  InferParameter: { bool_param: one(1, 'bool'), int64_param: one(2, 'int64'), string_param: one(3, 'string'), double_param: one(4, 'double'), uint64_param: one(5, 'uint64') },
  InferTensorContents: contents, InferInputTensor: tensor, InferOutputTensor: tensor,
  InferRequestedOutputTensor: { name: one(1, 'string'), parameters: { ...parameters, number: 2 } },
  ModelInferRequest: { model_name: one(1, 'string'), model_version: one(2, 'string'), id: one(3, 'string'), parameters: { ...parameters, number: 4 }, inputs: { number: 5, kind: { message: 'InferInputTensor' }, repeated: true }, outputs: { number: 6, kind: { message: 'InferRequestedOutputTensor' }, repeated: true }, raw_input_contents: many(7, 'bytes') },
  ModelInferResponse: { model_name: one(1, 'string'), model_version: one(2, 'string'), id: one(3, 'string'), parameters: { ...parameters, number: 4 }, outputs: { number: 5, kind: { message: 'InferOutputTensor' }, repeated: true }, raw_output_contents: many(6, 'bytes') },
  ModelStreamInferResponse: { error_message: one(1, 'string'), infer_response: { number: 2, kind: { message: 'ModelInferResponse' } } },
};

interface Method { readonly name: string; readonly takes: readonly [string, MessageTable?]; readonly gives: readonly [string, MessageTable?]; readonly streams?: 'both' | 'answers' }
interface ServiceFile { readonly file: string; readonly package: string; readonly service: string; readonly methods: readonly Method[]; readonly messages: Readonly<Record<string, Described>> }

const files: readonly ServiceFile[] = [
  {
    file: 'grpc_service.proto', package: 'inference', service: 'GRPCInferenceService', messages: inferMessages,
    methods: [
      { name: 'ServerLive', takes: ['ServerLiveRequest', messages.nothing], gives: ['ServerLiveResponse', messages.live] }, { name: 'ServerReady', takes: ['ServerReadyRequest', messages.nothing], gives: ['ServerReadyResponse', messages.ready] },
      { name: 'ModelReady', takes: ['ModelReadyRequest', messages.modelName], gives: ['ModelReadyResponse', messages.ready] }, { name: 'ServerMetadata', takes: ['ServerMetadataRequest', messages.nothing], gives: ['ServerMetadataResponse', messages.serverMetadata] },
      { name: 'ModelMetadata', takes: ['ModelMetadataRequest', messages.modelName], gives: ['ModelMetadataResponse', messages.modelMetadata] }, { name: 'ModelInfer', takes: ['ModelInferRequest'], gives: ['ModelInferResponse'] },
      { name: 'ModelStreamInfer', takes: ['ModelInferRequest'], gives: ['ModelStreamInferResponse'], streams: 'both' }, { name: 'ModelConfig', takes: ['ModelConfigRequest', messages.modelName], gives: ['ModelConfigResponse', messages.modelConfigResponse] },
      { name: 'ModelStatistics', takes: ['ModelStatisticsRequest', messages.modelName], gives: ['ModelStatisticsResponse', messages.modelStatisticsResponse] }, { name: 'RepositoryIndex', takes: ['RepositoryIndexRequest', messages.repositoryIndexRequest], gives: ['RepositoryIndexResponse', messages.repositoryIndexResponse] },
      { name: 'RepositoryModelLoad', takes: ['RepositoryModelLoadRequest', messages.repositoryModelRequest], gives: ['RepositoryModelLoadResponse', messages.nothing] }, { name: 'RepositoryModelUnload', takes: ['RepositoryModelUnloadRequest', messages.repositoryModelRequest], gives: ['RepositoryModelUnloadResponse', messages.nothing] },
    ],
  },
  {
    file: 'grpc/health/v1/health.proto', package: 'grpc.health.v1', service: 'Health', messages: {},
    methods: [{ name: 'Check', takes: ['HealthCheckRequest', messages.healthRequest], gives: ['HealthCheckResponse', messages.healthResponse] }, { name: 'Watch', takes: ['HealthCheckRequest', messages.healthRequest], gives: ['HealthCheckResponse', messages.healthResponse], streams: 'answers' }],
  },
];

/** google/protobuf/descriptor.proto: numbers of types and labels. */
const types: Readonly<Record<string, number>> = { double: 1, float: 2, int64: 3, uint64: 4, int32: 5, bool: 8, string: 9, bytes: 12, uint32: 13 };
const messageType = 11;
const labels = { optional: 1, repeated: 3 } as const;

const fieldTable = { name: one(1, 'string'), number: one(3, 'int32'), label: one(4, 'int32'), type: one(5, 'int32'), type_name: one(6, 'string'), json_name: one(10, 'string') } as const satisfies MessageTable;
/** A message within a message is encoded beforehand, for a table cannot hold itself. */
const messageTable = { name: one(1, 'string'), field: many(2, fieldTable), nested_type: many(3, 'bytes'), options: one(7, { map_entry: one(7, 'bool') }) } as const satisfies MessageTable;
const methodTable = { name: one(1, 'string'), input_type: one(2, 'string'), output_type: one(3, 'string'), client_streaming: one(5, 'bool'), server_streaming: one(6, 'bool') } as const satisfies MessageTable;
const fileTable = { name: one(1, 'string'), package: one(2, 'string'), message_type: many(4, 'bytes'), service: many(6, { name: one(1, 'string'), method: many(2, methodTable) }), syntax: one(12, 'string') } as const satisfies MessageTable;

const pascal = (name: string) => name.split('_').map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`).join('');
const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function describeMessage(name: string, table: Described, path: string): Uint8Array {
  const nested: Uint8Array[] = [];
  const at = `${path}.${name}`;
  const field = Object.entries(table).map(([fieldName, { number, kind, repeated, map }]) => {
    const base = { name: fieldName, number, json_name: camel(fieldName), label: repeated === true || map === true ? labels.repeated : labels.optional };
    if (map) {
      const entry = `${pascal(fieldName)}Entry`;
      nested.push(withOptions(describeMessage(entry, { key: one(1, 'string'), value: { number: 2, kind } }, at)));
      return { ...base, type: messageType, type_name: `${at}.${entry}` };
    }
    if (typeof kind === 'string') return { ...base, type: types[kind] ?? 0 };
    if ('message' in kind && typeof kind.message === 'string') return { ...base, type: messageType, type_name: `${path.split('.').slice(0, packageDepth(path)).join('.')}.${kind.message}` };
    const inner = pascal(fieldName);
    nested.push(describeMessage(inner, kind as Described, at)); // not by name: told just above
    return { ...base, type: messageType, type_name: `${at}.${inner}` };
  });
  return encodeMessage(messageTable, { name, field, nested_type: nested });
}

/** Fields of protobuf messages may follow in any order, so that options can be added behind. */
const withOptions = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...bytes, ...encodeMessage(messageTable, { options: { map_entry: true } })]);
/** Packages are written small, messages are not. */
const packageDepth = (path: string): number => { const parts = path.split('.'); const first = parts.findIndex((part) => /^[A-Z]/.test(part)); return first < 0 ? parts.length : first; };

function describeFile({ file, package: name, service, methods, messages: own }: ServiceFile): Uint8Array {
  const tables = new Map<string, Described>(Object.entries(own));
  for (const { takes, gives } of methods) for (const [message, table] of [takes, gives]) if (table) tables.set(message, table);
  return encodeMessage(fileTable, {
    name: file, package: name, syntax: 'proto3', message_type: [...tables].map(([message, table]) => describeMessage(message, table, `.${name}`)),
    service: [{ name: service, method: methods.map((each) => ({ name: each.name, input_type: `.${name}.${each.takes[0]}`, output_type: `.${name}.${each.gives[0]}`, client_streaming: each.streams === 'both', server_streaming: each.streams !== undefined })) }],
  });
}

export const serviceNames: readonly string[] = files.map((each) => `${each.package}.${each.service}`);

/** The file of that name, or the one that has this service, method or message; null where there is none. */
export function findDescriptor(by: { readonly file: string } | { readonly symbol: string }): Uint8Array | null {
  const found = files.find((each) => ('file' in by ? each.file === by.file : by.symbol.startsWith(`${each.package}.`) && hasSymbol(each, by.symbol.slice(each.package.length + 1))));
  return found ? describeFile(found) : null;
}

function hasSymbol({ service, methods, messages: own }: ServiceFile, symbol: string): boolean {
  const [first = '', second] = symbol.split('.');
  if (first === service) return second === undefined || methods.some(({ name }) => name === second);
  return first in own || methods.some(({ takes, gives }) => takes[0] === first || gives[0] === first);
}
