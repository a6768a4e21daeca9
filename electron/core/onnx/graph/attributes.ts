// Attributes of nodes: read with their default, set, and made with the type that the value calls for.
import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema, AttributeProto_AttributeType as Kind, NodeProtoSchema,
  type AttributeProto, type GraphProto, type NodeProto, type TensorProto,
} from '../schema/onnx_pb.ts';

/** Integers as bigint or { int }, floats as { float }; text as string; lists likewise. */
export type AttributeValue =
  | bigint | string | TensorProto | GraphProto | readonly bigint[] | readonly string[]
  | { readonly int: number } | { readonly float: number } | { readonly ints: readonly number[] } | { readonly floats: readonly number[] };

export function attributeOf(node: NodeProto, name: string): AttributeProto | null {
  return node.attribute.find((attribute) => attribute.name === name) ?? null;
}

/** An integer attribute as a number, or `fallback` when it is absent. */
export function intAttribute<T>(node: NodeProto, name: string, fallback: T): number | T {
  const attribute = attributeOf(node, name);
  return attribute ? Number(attribute.i) : fallback;
}

export function floatAttribute<T>(node: NodeProto, name: string, fallback: T): number | T {
  return attributeOf(node, name)?.f ?? fallback;
}

export function intsAttribute<T>(node: NodeProto, name: string, fallback: T): number[] | T {
  return attributeOf(node, name)?.ints.map(Number) ?? fallback;
}

/** As `intsAttribute`, exact: "to the end" is 2^63 - 1 in many files, which no number holds. */
export function bigIntsAttribute<T>(node: NodeProto, name: string, fallback: T): bigint[] | T {
  return attributeOf(node, name)?.ints.slice() ?? fallback;
}

export function floatsAttribute<T>(node: NodeProto, name: string, fallback: T): number[] | T {
  return attributeOf(node, name)?.floats ?? fallback;
}

export function stringAttribute<T>(node: NodeProto, name: string, fallback: T): string | T {
  const attribute = attributeOf(node, name);
  return attribute ? new TextDecoder().decode(attribute.s) : fallback;
}

export function stringsAttribute(node: NodeProto, name: string): string[] {
  const decoder = new TextDecoder();
  return attributeOf(node, name)?.strings.map((bytes) => decoder.decode(bytes)) ?? [];
}

export function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  const encoder = new TextEncoder();
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: Kind.INT, i: value });
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: Kind.STRING, s: encoder.encode(value) });
  if (isList(value)) {
    if (value.every((item) => typeof item === 'string')) return create(AttributeProtoSchema, { name, type: Kind.STRINGS, strings: value.map((text) => encoder.encode(String(text))) });
    return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) });
  }
  if ('int' in value) return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value.int) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float });
  if ('ints' in value) return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.ints.map(BigInt) });
  if ('floats' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...value.floats] });
  if (value.$typeName === 'onnx.TensorProto') return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: value });
  return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: value });
}

/** Replaces the attribute or adds it; null removes it. */
export function setAttribute(node: NodeProto, name: string, value: AttributeValue | null): void {
  const index = node.attribute.findIndex((attribute) => attribute.name === name);
  if (value === null) {
    if (index >= 0) node.attribute.splice(index, 1);
  } else if (index >= 0) node.attribute[index] = makeAttribute(name, value);
  else node.attribute.push(makeAttribute(name, value));
}

export interface NodeOptions {
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export function makeNode(opType: string, input: readonly string[], output: readonly string[], options: NodeOptions = {}): NodeProto {
  return create(NodeProtoSchema, {
    opType, input: [...input], output: [...output],
    attribute: Object.entries(options.attributes ?? {}).map(([name, value]) => makeAttribute(name, value)),
    ...(options.name === undefined ? {} : { name: options.name }), ...(options.domain === undefined ? {} : { domain: options.domain }),
  });
}

function isList(value: AttributeValue): value is readonly bigint[] | readonly string[] {
  return Array.isArray(value);
}
