// Checks of one stored tensor: type, dimensions, and whether the bytes that it has are the bytes that it needs. Of its values only NaN is looked for, in what the file itself holds.
import { AppError } from '#shared/errors';
import type { TensorProto } from '../schema/onnx_pb.ts';
import { dataTypeName, dataTypeOf, rawByteLength } from '../tensors/dataTypes.ts';
import { elementCount } from '../tensors/elementCount.ts';
import { externalPlaceOf, isExternal } from '../tensors/ExternalData.ts';
import { quoted, type FindingList } from './FindingList.ts';

/** What the checker may ask about files beside the model. */
export interface ExternalFiles {
  /** Size in bytes, or a sentence that says why the file cannot be used ("it does not exist"). */
  sizeOf(location: string): number | string;
}

export function checkTensor(tensor: TensorProto, place: string, findings: FindingList, files: ExternalFiles | null): void {
  const name = quoted(tensor.name);
  const bad = (id: string, message: string, remedy = 'Export the model again.') => findings.add(id, 'error', place, message, remedy);
  const type = dataTypeOf(tensor.dataType);
  if (!type) return bad('TENSOR_TYPE', `The tensor ${name} has the element type ${tensor.dataType}, which does not exist.`);
  const count = elementCount(tensor.dims);
  if (count === null) return bad('TENSOR_DIMS', `The tensor ${name} has impossible dimensions: [${tensor.dims.slice(0, 8).join(', ')}${tensor.dims.length > 8 ? `, and ${tensor.dims.length - 8} more` : ''}].`);
  if (tensor.segment) return bad('TENSOR_SEGMENT', `The tensor ${name} is stored in segments, which no runtime reads.`);
  const length = rawByteLength(type, count);
  if (isExternal(tensor)) return checkExternal(tensor, place, findings, files, length);
  const lists = { floatData: tensor.floatData.length, int32Data: tensor.int32Data.length, int64Data: tensor.int64Data.length, uint64Data: tensor.uint64Data.length, doubleData: tensor.doubleData.length, stringData: tensor.stringData.length };
  const filled = Object.entries(lists).filter(([, entries]) => entries > 0);
  const raw = tensor.rawData.length;
  if (raw > 0 && filled.length > 0) return bad('TENSOR_DATA_TWICE', `The tensor ${name} has its data twice: raw and as a list.`);
  const wrong = filled.find(([field]) => field !== type.field);
  if (wrong) return bad('TENSOR_FIELD', `The tensor ${name} is ${type.name}, but its data is in the list for another type.`);
  if (raw > 0) {
    if (length === null) return bad('TENSOR_FIELD', `The tensor ${name} holds strings, but has raw bytes.`);
    if (raw !== length) bad('TENSOR_SIZE', `The tensor ${name} (${type.name} [${tensor.dims.join(', ')}]) has ${raw} bytes of data, but needs ${length}.`);
    else if (count > 1) {
      const broken = nanIn(tensor.rawData, type.name);
      if (broken > 0) findings.add('TENSOR_NAN', 'warning', place, `Of the ${count} values of the tensor ${name} ${broken} ${broken === 1 ? 'is' : 'are'} NaN.`, 'Export the model again from sound weights.');
    }
    return;
  }
  const parts = type.name.startsWith('complex') ? 2 : 1;
  const expected = type.bits > 0 && type.bits < 6 ? length ?? 0 : count * parts;
  if (lists[type.field] !== expected) bad('TENSOR_SIZE', `The tensor ${name} (${dataTypeName(tensor.dataType)} [${tensor.dims.join(', ')}]) has ${lists[type.field]} values, but needs ${expected}.`);
}

function checkExternal(tensor: TensorProto, place: string, findings: FindingList, files: ExternalFiles | null, length: number | null): void {
  const name = quoted(tensor.name);
  const bad = (message: string, remedy = 'Copy the data file beside the model, under the name that the model gives.') => findings.add('EXTERNAL_DATA', 'error', place, message, remedy);
  if (length === null) return bad(`The tensor ${name} holds strings, which cannot be in an external file.`);
  try {
    const external = externalPlaceOf(tensor);
    if (external.length !== null && external.length !== length) return bad(`The tensor ${name} needs ${length} bytes, but the model says that ${external.length} are in ${quoted(external.location)}.`);
    if (!files) return undefined;
    const size = files.sizeOf(external.location);
    if (typeof size === 'string') return bad(`The data of the tensor ${name} is in ${quoted(external.location)}, which cannot be used: ${size}.`);
    if (external.offset + length > size) return bad(`The data of the tensor ${name} would end at byte ${external.offset + length} of ${quoted(external.location)}, which has only ${size}.`);
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return bad(error.message);
    throw error;
  }
}

/** How many values are no numbers, by their bits: an exponent of all ones and a fraction. */
function nanIn(bytes: Uint8Array, type: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let found = 0;
  if (type === 'float32') for (let at = 0; at < bytes.length; at += 4) { if ((view.getUint32(at, true) & 0x7fff_ffff) > 0x7f80_0000) found++; }
  if (type === 'float16') for (let at = 0; at < bytes.length; at += 2) { if ((view.getUint16(at, true) & 0x7fff) > 0x7c00) found++; }
  if (type === 'float64') for (let at = 0; at < bytes.length; at += 8) { if (Number.isNaN(view.getFloat64(at, true))) found++; }
  return found;
}
