// Writes a ModelInferResponse: raw where the request was raw or a datatype has no other form, else typed contents.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { InferRequest, ModelIdentity, OutputTensor } from '../protocol/InferRequest.ts';
import { bytesOfTensor } from '../protocol/tensorBytes.ts';
import { selectOutputs, type WrittenResponse } from '../protocol/writeInferResponse.ts';
import { contentsField } from './readTensorContents.ts';

function writeContents({ datatype, data }: OutputTensor): Uint8Array {
  const writer = new BinaryWriter();
  const field = contentsField[datatype];
  if (field === 8) {
    for (const text of data as readonly string[]) writer.tag(field, WireType.LengthDelimited).string(text); // BYTES are text in an output
    return writer.finish();
  }
  writer.tag(field, WireType.LengthDelimited);
  if (field === 6 || field === 7) return writer.bytes(bytesOfTensor(data)).finish();
  writer.fork();
  for (const value of data as Iterable<number | bigint>) { // the other fields hold numbers
    switch (field) {
      case 1: writer.bool(value === 1); break;
      case 2: writer.int32(Number(value)); break;
      case 3: writer.int64(value); break;
      case 4: writer.uint32(Number(value)); break;
      default: writer.uint64(value);
    }
  }
  return writer.join().finish();
}

export function writeGrpcResponse(outputs: readonly OutputTensor[], request: InferRequest, model: ModelIdentity): WrittenResponse {
  const selected = selectOutputs(outputs, request, model);
  const raw = request.parameters['binary_data_output'] === true || selected.some(({ datatype }) => contentsField[datatype] === 0);
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(model.name).tag(2, WireType.LengthDelimited).string(model.version);
  if (request.id !== '') writer.tag(3, WireType.LengthDelimited).string(request.id);
  for (const output of selected) {
    writer.tag(5, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(output.name).tag(2, WireType.LengthDelimited).string(output.datatype).tag(3, WireType.LengthDelimited).fork();
    for (const size of output.shape) writer.int64(size);
    writer.join();
    if (!raw) writer.tag(5, WireType.LengthDelimited).bytes(writeContents(output));
    writer.join();
  }
  if (raw) for (const { data } of selected) writer.tag(6, WireType.LengthDelimited).bytes(bytesOfTensor(data));
  return { body: writer.finish(), jsonBytes: null };
}
