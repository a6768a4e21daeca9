// gRPC server reflection: tells a client without our files which services there are and what their messages hold. Source: grpc.reflection.v1; v1alpha has the same messages.
import { decodeMessage, encodeMessage, textOf, type MessageTable } from './MessageTable.ts';
import { findDescriptor, serviceNames } from './fileDescriptors.ts';

const request = {
  host: { number: 1, kind: 'string' }, file_by_filename: { number: 3, kind: 'string' }, file_containing_symbol: { number: 4, kind: 'string' }, file_containing_extension: { number: 5, kind: 'bytes' }, all_extension_numbers_of_type: { number: 6, kind: 'string' }, list_services: { number: 7, kind: 'string' },
} as const satisfies MessageTable;
const response = {
  valid_host: { number: 1, kind: 'string' }, original_request: { number: 2, kind: 'bytes' }, file_descriptor_response: { number: 4, kind: { file_descriptor_proto: { number: 1, kind: 'bytes', repeated: true } } },
  list_services_response: { number: 6, kind: { service: { number: 1, kind: { name: { number: 1, kind: 'string' } }, repeated: true } } }, error_response: { number: 7, kind: { error_code: { number: 1, kind: 'int32' }, error_message: { number: 2, kind: 'string' } } },
} as const satisfies MessageTable;

export const reflectionVersions = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'] as const;
/** gRPC's status codes. */
const [notFound, unimplemented] = [5, 12];

/** @throws BAD_INPUT */
export function reflect(bytes: Uint8Array): Uint8Array {
  const asked = decodeMessage(request, bytes);
  const answer = (value: Readonly<Record<string, unknown>>) => encodeMessage(response, { valid_host: textOf(asked['host']), original_request: bytes, ...value });
  if ('list_services' in asked) return answer({ list_services_response: { service: [...serviceNames, ...reflectionVersions.map((version) => `${version}.ServerReflection`)].map((name) => ({ name })) } });
  const wanted = 'file_by_filename' in asked ? { file: textOf(asked['file_by_filename']) } : 'file_containing_symbol' in asked ? { symbol: textOf(asked['file_containing_symbol']) } : null;
  if (wanted === null) return answer({ error_response: { error_code: unimplemented, error_message: 'Nothing here has extensions.' } });
  const file = findDescriptor(wanted);
  return answer(file === null ? { error_response: { error_code: notFound, error_message: `There is no ${'file' in wanted ? `file ${wanted.file}` : wanted.symbol} here.`.slice(0, 300) } } : { file_descriptor_response: { file_descriptor_proto: [file] } });
}
