/** Field numbers of onnx.proto, and the codes in it, for what is read from a model's bytes without decoding it. */
export const modelFields = { graph: 7 } as const;
export const graphFields = { node: 1, initializer: 5, output: 12 } as const;
export const nodeFields = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const;
export const attributeFields = { tensor: 5, graph: 6, graphs: 11 } as const;
export const tensorFields = { dims: 1, dataType: 2, name: 8, rawData: 9, dataLocation: 14 } as const;
export const valueName = 1;
export const int8 = 3;
export const externalLocation = 1;

export const holdsGraph = (attributeField: number): boolean => attributeField === attributeFields.graph || attributeField === attributeFields.graphs;
