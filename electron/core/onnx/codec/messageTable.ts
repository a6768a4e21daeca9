// What each field of each ONNX message looks like on the wire, derived from the generated schema, for the check that runs before decoding.
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';

/** Wire types of the protobuf encoding. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

export type FieldForm =
  | { readonly form: 'message'; readonly message: MessageForm }
  | { readonly form: 'string' | 'bytes' }
  /** A number: `wire` when it stands alone; in a list it may also come packed. `heapBytes` is what one element costs once decoded. */
  | { readonly form: 'number'; readonly wire: 0 | 1 | 5; readonly list: boolean; readonly heapBytes: number };

export interface MessageForm {
  readonly name: string;
  readonly fields: ReadonlyMap<number, FieldForm & { readonly name: string }>;
  /** What an empty message costs once decoded, measured on Node 20: an object, and an array for each list. */
  readonly heapBytes: number;
}

/** A string beside its characters: its slot, and its entries in the indexes that the checker and the shape inference keep by name. */
export const stringHeapBytes = 160;

/** What the indexes over a graph cost for each node (names, order, producers, readers), measured on graphs of 100,000 nodes. */
const nodeIndexBytes = 800;

const forms = new Map<string, MessageForm>();

/** The table of a message and of all messages within it; built once, tied in knots where the schema is recursive. */
export function messageFormOf(message: DescMessage): MessageForm {
  const known = forms.get(message.typeName);
  if (known) return known;
  const fields = new Map<number, FieldForm & { name: string }>();
  const lists = message.fields.filter((field) => field.fieldKind === 'list').length;
  const form: MessageForm = { name: message.name, fields, heapBytes: 120 + lists * 48 + message.fields.length * 8 + (message.name === 'NodeProto' ? nodeIndexBytes : 0) };
  forms.set(message.typeName, form); // before its fields: a graph holds nodes that hold graphs
  for (const field of message.fields) fields.set(field.number, { name: field.name, ...fieldFormOf(field) });
  return form;
}

function fieldFormOf(field: DescField): FieldForm {
  if (field.message) return { form: 'message', message: messageFormOf(field.message) };
  const list = field.fieldKind === 'list';
  if (field.enum) return { form: 'number', wire: 0, list, heapBytes: 8 };
  switch (field.scalar) {
    case ScalarType.STRING: return { form: 'string' };
    case ScalarType.BYTES: return { form: 'bytes' };
    case ScalarType.DOUBLE: return { form: 'number', wire: 1, list, heapBytes: 16 };
    case ScalarType.FLOAT: return { form: 'number', wire: 5, list, heapBytes: 16 };
    case ScalarType.INT64:
    case ScalarType.UINT64: return { form: 'number', wire: 0, list, heapBytes: 40 }; // a bigint and its slot
    default: return { form: 'number', wire: 0, list, heapBytes: 16 };
  }
}
