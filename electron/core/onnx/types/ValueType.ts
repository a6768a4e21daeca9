// Type and shape of a value: element type number, dimensions that are a size, a symbol or unknown, and what is no tensor.
import { create } from '@bufbuild/protobuf';
import { dataTypeName } from '../tensors/dataTypes.ts';
import { maxRank } from '../tensors/elementCount.ts';
import { TensorShapeProto_DimensionSchema, TypeProtoSchema, ValueInfoProtoSchema, type TensorShapeProto, type TypeProto, type ValueInfoProto } from '../schema/onnx_pb.ts';

/** A size, a symbol such as "batch", or null when unknown. */
export type Dim = number | string | null;
export type Shape = readonly Dim[];

export interface ValueType {
  readonly kind: 'tensor' | 'sequence' | 'map' | 'optional' | 'sparse' | 'opaque' | 'unknown';
  /** TensorProto.DataType number; 0 unknown. */
  readonly elemType: number;
  /** Null when not even the rank is known. */
  readonly shape: Shape | null;
  /** What a sequence or an optional holds. */
  readonly inner?: ValueType;
}

export const unknownType: ValueType = { kind: 'unknown', elemType: 0, shape: null };

export function tensorType(elemType: number, shape: Shape | null = null): ValueType {
  return { kind: 'tensor', elemType, shape };
}

export function typeFromProto(type: TypeProto | undefined): ValueType {
  switch (type?.value.case) {
    case 'tensorType': return { kind: 'tensor', elemType: type.value.value.elemType, shape: shapeFromProto(type.value.value.shape) };
    case 'sparseTensorType': return { kind: 'sparse', elemType: type.value.value.elemType, shape: shapeFromProto(type.value.value.shape) };
    case 'sequenceType': return { kind: 'sequence', elemType: 0, shape: null, inner: typeFromProto(type.value.value.elemType) };
    case 'optionalType': return { kind: 'optional', elemType: 0, shape: null, inner: typeFromProto(type.value.value.elemType) };
    case 'mapType': return { kind: 'map', elemType: type.value.value.keyType, shape: null, inner: typeFromProto(type.value.value.valueType) };
    case 'opaqueType': return { kind: 'opaque', elemType: 0, shape: null };
    default: return unknownType;
  }
}

/** Dimensions as written; a negative size (old exporters' "any") is unknown, and so is a shape of more dimensions than any runtime has. */
export function shapeFromProto(shape: TensorShapeProto | undefined): Dim[] | null {
  if (!shape || shape.dim.length > maxRank) return null;
  return shape.dim.map(({ value }) => {
    if (value.case === 'dimValue') return value.value < 0n ? null : Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : null;
  });
}

/** A tensor type as the file holds it. */
export function valueInfo(name: string, elemType: number, shape: Shape | null): ValueInfoProto {
  const dims = shape?.map((dim) => create(TensorShapeProto_DimensionSchema, typeof dim === 'number' ? { value: { case: 'dimValue', value: BigInt(dim) } } : typeof dim === 'string' ? { value: { case: 'dimParam', value: dim } } : {}));
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType, ...(dims ? { shape: { dim: dims } } : {}) } } }) });
}

/** "float32", "sequence(map(int64, float32))": what `model show` prints as the type. */
export function typeLabel(type: ValueType): string {
  switch (type.kind) {
    case 'tensor': return dataTypeName(type.elemType);
    case 'sparse': return `sparse(${dataTypeName(type.elemType)})`;
    case 'sequence': return `sequence(${type.inner ? typeLabel(type.inner) : 'unknown'})`;
    case 'optional': return `optional(${type.inner ? typeLabel(type.inner) : 'unknown'})`;
    case 'map': return `map(${dataTypeName(type.elemType)}, ${type.inner ? typeLabel(type.inner) : 'unknown'})`;
    case 'opaque': return 'opaque';
    case 'unknown': return 'unknown';
  }
}

/** The more specific of two statements about one dimension; a size beats a symbol beats nothing. */
export function mergeDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number') return a;
  return typeof b === 'number' ? b : a ?? b;
}

export interface Merged {
  readonly type: ValueType;
  /** What the two say against each other, or null. */
  readonly conflict: string | null;
}

/** Joins what the file declares with what was inferred; where they disagree the file wins and the conflict is told. */
export function mergeTypes(declared: ValueType | null | undefined, inferred: ValueType | null | undefined): Merged {
  if (!declared || declared.kind === 'unknown') return { type: inferred ?? unknownType, conflict: null };
  if (!inferred || inferred.kind === 'unknown') return { type: declared, conflict: null };
  if (declared.kind !== inferred.kind) return { type: declared, conflict: `declared as ${typeLabel(declared)}, but it is ${typeLabel(inferred)}` };
  if (declared.kind !== 'tensor') return { type: declared, conflict: null };
  const elemType = declared.elemType || inferred.elemType;
  const typeConflict = declared.elemType !== 0 && inferred.elemType !== 0 && declared.elemType !== inferred.elemType
    ? `declared as ${dataTypeName(declared.elemType)}, but it is ${dataTypeName(inferred.elemType)}` : null;
  if (!declared.shape || !inferred.shape) return { type: { kind: 'tensor', elemType, shape: declared.shape ?? inferred.shape }, conflict: typeConflict };
  const other = inferred.shape;
  const shapeConflict = declared.shape.length !== other.length || declared.shape.some((dim, i) => typeof dim === 'number' && typeof other[i] === 'number' && dim !== other[i])
    ? `declared with the shape ${shapeLabel(declared.shape)}, but it is ${shapeLabel(other)}` : null;
  if (declared.shape.length !== other.length) return { type: { kind: 'tensor', elemType, shape: declared.shape }, conflict: typeConflict ?? shapeConflict };
  return { type: { kind: 'tensor', elemType, shape: declared.shape.map((dim, i) => mergeDims(dim, other[i] ?? null)) }, conflict: typeConflict ?? shapeConflict };
}

/** What both of two branches give: dimensions that differ are unknown. */
export function joinTypes(a: ValueType, b: ValueType): ValueType {
  if (a.kind !== b.kind) return unknownType;
  if (a.kind !== 'tensor') return a;
  const shapeB = b.shape;
  const shape = a.shape && shapeB && a.shape.length === shapeB.length ? a.shape.map((dim, i) => (dim === shapeB[i] ? dim : null)) : null;
  return { kind: 'tensor', elemType: a.elemType === b.elemType ? a.elemType : 0, shape };
}

export function shapeLabel(shape: Shape | null): string {
  return shape ? `[${shape.map((dim) => dim ?? '?').join(', ')}]` : '[unknown rank]';
}
