// The classification extension: instead of values, the largest of them as "value:index:label".
import type { ModelIdentity, OutputTensor } from './InferRequest.ts';

/** Row by row over the last axis; of equal values the first comes first. */
export function classify({ name, shape, data }: OutputTensor, classes: number, { labels }: ModelIdentity): OutputTensor {
  const width = shape.at(-1) ?? 1;
  const kept = Math.min(classes, width);
  const rows = width === 0 ? 0 : data.length / width;
  const text: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: width }, (_, index) => ({ index, value: data[row * width + index] ?? 0 }));
    values.sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : a.index - b.index));
    for (const { index, value } of values.slice(0, kept)) text.push(`${typeof value === 'number' ? value.toFixed(6) : value}:${index}${labels[index] === undefined ? '' : `:${labels[index]}`}`);
  }
  return { name, datatype: 'BYTES', shape: [...shape.slice(0, -1), kept], data: text };
}
