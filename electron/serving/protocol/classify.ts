// The classification extension: instead of values, the largest of them as "value:index:label".
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { datatypeOf } from './datatypes.ts';
import type { ModelIdentity, OutputTensor } from './InferRequest.ts';

interface Ranked { readonly index: number; readonly value: number | bigint | string }
const isNone = ({ value }: Ranked) => Number.isNaN(value);
/** NaN is no score and comes last. */
const byValue = (a: Ranked, b: Ranked): number => (isNone(a) || isNone(b) ? Number(isNone(a)) - Number(isNone(b)) || a.index - b.index : a.value < b.value ? 1 : a.value > b.value ? -1 : a.index - b.index);

/** Row by row over the last axis; of equal values the first comes first. */
export function classify({ name, datatype, shape, data: stored }: OutputTensor, classes: number, { labels }: ModelIdentity): OutputTensor {
  const element = datatypeOf(datatype)?.element;
  const data = element === 'float16' || element === 'bfloat16' ? floatsOfTensor({ type: element, dims: shape, data: stored }) : stored; // held as patterns, whose order is another
  const width = shape.at(-1) ?? 1;
  const kept = Math.min(classes, width);
  const rows = width === 0 ? 0 : data.length / width;
  const text: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: width }, (_, index): Ranked => ({ index, value: data[row * width + index] ?? 0 }));
    values.sort(byValue);
    for (const { index, value } of values.slice(0, kept)) text.push(`${typeof value === 'number' ? value.toFixed(6) : value}:${index}${labels[index] === undefined ? '' : `:${labels[index]}`}`);
  }
  return { name, datatype: 'BYTES', shape: [...shape.slice(0, -1), kept], data: text };
}
