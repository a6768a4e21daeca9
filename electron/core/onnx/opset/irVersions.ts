// Which IR version each opset of ai.onnx was published with (ONNX docs/Versioning): a file must declare at least that.

const published: readonly (readonly [opset: number, ir: number])[] = [[1, 3], [9, 4], [10, 5], [11, 6], [12, 7], [15, 8], [19, 9], [21, 10], [23, 11], [24, 12], [25, 13], [27, 14]];

/** The newest IR version of the schema here. */
export const newestIrVersion = 14;

export function irVersionFor(opset: number): number {
  return published.filter(([from]) => opset >= from).at(-1)?.[1] ?? 3;
}
