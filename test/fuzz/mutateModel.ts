// Damages a model in the ways that files get damaged and attackers damage them; the same seed gives the same damage.
import { graphMutationKinds, mutateGraph, type GraphMutationKind } from './mutateGraph.ts';

export const byteMutationKinds = ['bit-flips', 'cut-tail', 'swapped-blocks', 'length-byte', 'huge-length', 'deep-nesting', 'random-bytes', 'repeated-part', 'empty-messages', 'zeroed-block'] as const;
export const mutationKinds = [...byteMutationKinds, ...graphMutationKinds] as const;
export type MutationKind = (typeof mutationKinds)[number];

const isGraphKind = (kind: MutationKind): kind is GraphMutationKind => (graphMutationKinds as readonly string[]).includes(kind); // a list of words is a list of strings

/** xorshift32: numbers below `limit`. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = (seed | 0) || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, limit);
  };
}

/** Where structure is: most bytes are weights, so half of the hits go to the first and last kilobytes and to where text (names) is. */
function place(bytes: Uint8Array, random: (limit: number) => number): number {
  switch (random(4)) {
    case 0: return random(Math.min(bytes.length, 4096));
    case 1: return Math.max(0, bytes.length - 1 - random(4096));
    case 2: {
      const start = random(bytes.length);
      for (let at = start; at < Math.min(bytes.length - 4, start + 20_000); at++) if ([0, 1, 2, 3].every((i) => isLetter(bytes[at + i] ?? 0))) return Math.max(0, at - 1 - random(3));
      return start;
    }
    default: return random(bytes.length);
  }
}

const isLetter = (byte: number) => (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;

function insert(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + part.length);
  result.set(bytes.subarray(0, at));
  result.set(part, at);
  result.set(bytes.subarray(at), at + part.length);
  return result;
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left > 127) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

/** Node > attribute > graph > node … `depth` times, ending in an empty graph; a field that a ModelProto takes. */
export function nested(depth: number): Uint8Array {
  const heads: number[][] = [];
  let length = 0;
  const wrap = (tag: number) => {
    const head = [tag, ...varint(length)];
    heads.push(head);
    length += head.length;
  };
  for (let i = 0; i < depth; i++) {
    wrap(0x32); // AttributeProto.g
    wrap(0x2a); // NodeProto.attribute
    wrap(0x0a); // GraphProto.node
  }
  wrap(0x3a); // ModelProto.graph
  return Uint8Array.from(heads.reverse().flat());
}

export function mutate(source: Uint8Array, kind: MutationKind, seed: number): Uint8Array {
  const random = randomNumbers(seed * 2654435761);
  if (isGraphKind(kind)) return mutateGraph(source, kind, random);
  const bytes = source.slice();
  const at = place(bytes, random);
  switch (kind) {
    case 'bit-flips':
      for (let i = 1 + random(8); i > 0; i--) {
        const target = place(bytes, random);
        bytes[target] = (bytes[target] ?? 0) ^ (1 << random(8));
      }
      return bytes;
    case 'cut-tail': return bytes.subarray(0, random(bytes.length));
    case 'swapped-blocks': {
      const length = 1 + random(64);
      const other = place(bytes, random);
      const block = bytes.slice(at, at + length);
      bytes.copyWithin(at, other, Math.min(other + length, bytes.length));
      bytes.set(block.subarray(0, Math.max(0, bytes.length - other)), other);
      return bytes;
    }
    case 'length-byte':
      bytes[at] = random(256);
      return bytes;
    case 'huge-length':
      bytes.set([0xff, 0xff, 0xff, 0xff, random(2) ? 0x0f : 0x7f].slice(0, Math.max(0, bytes.length - at)), at);
      return bytes;
    case 'deep-nesting': return insert(bytes, random(2) ? bytes.length : 0, nested(1 + random(2000)));
    case 'random-bytes': return insert(bytes, at, Uint8Array.from({ length: 1 + random(40) }, () => random(256)));
    case 'repeated-part': {
      const part = bytes.slice(at, at + 1 + random(2000));
      return insert(bytes, at, part);
    }
    case 'empty-messages': {
      const count = 1 + Math.floor(400_000 / (1 + random(60))); // few of the largest, which take most of the time
      const part = new Uint8Array(count * 2);
      const inGraph = random(2) === 1;
      const tag = (inGraph ? [0x0a, 0x2a, 0x5a, 0x6a] : [0x42, 0x72, 0xa2, 0xca])[random(4)] ?? 0x42; // node, initializer, input, value_info; opset_import, metadata_props, and the low bytes of longer tags
      for (let i = 0; i < part.length; i += 2) part[i] = tag;
      // A second `graph` field: the decoder joins it with the first.
      return insert(bytes, bytes.length, inGraph ? insert(part, 0, Uint8Array.from([0x3a, ...varint(part.length)])) : part);
    }
    case 'zeroed-block':
      bytes.fill(0, at, at + 1 + random(4096));
      return bytes;
  }
}
