// How each language writes the element types of a model's input; the names of the protocol are those of the Open Inference Protocol.

export interface SnippetType {
  readonly datatype: string;
  readonly numpy: string;
  /** The array of JavaScript whose bytes are those of the tensor; null where each element has a length of its own. */
  readonly array: string | null;
  /** The array of C# that its JSON writer puts as a list; null where JSON has no form for the type. */
  readonly csharp: string | null;
  /** One element in JSON; null where there is no form. */
  readonly json: string | null;
  readonly sizeBytes: number;
}

const number = (datatype: string, numpy: string, array: string, csharp: string, sizeBytes: number): SnippetType => ({ datatype, numpy, array, csharp, json: '0', sizeBytes });

const table: Readonly<Record<string, SnippetType>> = {
  float32: number('FP32', 'np.float32', 'Float32Array', 'float', 4), float64: number('FP64', 'np.float64', 'Float64Array', 'double', 8),
  int8: number('INT8', 'np.int8', 'Int8Array', 'sbyte', 1), int16: number('INT16', 'np.int16', 'Int16Array', 'short', 2), int32: number('INT32', 'np.int32', 'Int32Array', 'int', 4), int64: number('INT64', 'np.int64', 'BigInt64Array', 'long', 8),
  uint8: number('UINT8', 'np.uint8', 'Uint8Array', 'ushort', 1), // C# writes an array of bytes as one text in base64
  uint16: number('UINT16', 'np.uint16', 'Uint16Array', 'ushort', 2), uint32: number('UINT32', 'np.uint32', 'Uint32Array', 'uint', 4), uint64: number('UINT64', 'np.uint64', 'BigUint64Array', 'ulong', 8),
  bool: { datatype: 'BOOL', numpy: 'bool', array: 'Uint8Array', csharp: 'bool', json: 'false', sizeBytes: 1 },
  float16: { datatype: 'FP16', numpy: 'np.float16', array: 'Uint16Array', csharp: null, json: null, sizeBytes: 2 },
  bfloat16: { datatype: 'BF16', numpy: 'np.float32', array: 'Uint16Array', csharp: null, json: null, sizeBytes: 2 }, // tritonclient rounds float32 to it
  string: { datatype: 'BYTES', numpy: 'object', array: null, csharp: 'string', json: '"text"', sizeBytes: 0 },
};

/** Null where the protocol cannot carry the type (4-bit types). */
export const snippetType = (type: string): SnippetType | null => table[type] ?? null;
