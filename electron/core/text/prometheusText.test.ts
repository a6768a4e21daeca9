// Reading what exporters write, also where they write nonsense.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantileOf, readPrometheusText } from './prometheusText.ts';

it('reads names, labels with escapes, values and leaves the rest out', () => {
  expect(readPrometheusText(String.raw`# HELP a text
# TYPE a counter
a 1
b{x="1",y="a\"b\\c\nd",} 2.5e3 1395066363000
c_bucket{le="+Inf"} +Inf
d NaN
:tensorflow:serving:request_count{status="OK"} 7
no value
e{x=1} 2
f{x="unclosed} 3
g 12 # {trace="1"} 1`)).toEqual([
    { name: 'a', labels: {}, value: 1 }, { name: 'b', labels: { x: '1', y: 'a"b\\c\nd' }, value: 2500 }, { name: 'c_bucket', labels: { le: '+Inf' }, value: Infinity },
    { name: 'd', labels: {}, value: NaN }, { name: ':tensorflow:serving:request_count', labels: { status: 'OK' }, value: 7 }, { name: 'g', labels: {}, value: 12 },
  ]);
});

it('gives back any label and value that was written by the rules', () => {
  const label = fc.string().map((text) => text.replace(/\r/g, ''));
  fc.assert(fc.property(label, fc.double({ noNaN: true, noDefaultInfinity: true }), (text, value) => {
    const written = text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
    expect(readPrometheusText(`m{l="${written}"} ${value}`)).toEqual([{ name: 'm', labels: { l: text }, value: value === 0 && Object.is(value, -0) ? 0 : value }]);
  }));
});

it('takes no more than asked, and any text without a throw', () => {
  expect(readPrometheusText('a 1\n'.repeat(100), 10)).toHaveLength(10);
  fc.assert(fc.property(fc.string(), (text) => { readPrometheusText(text); }));
});

it('interpolates quantiles inside the bucket', () => {
  const histogram = { bounds: [0.01, 0.1, 1, Infinity], counts: [0, 50, 100, 100] };
  expect(quantileOf(histogram, 0.5)).toBeCloseTo(0.1, 12);
  expect(quantileOf(histogram, 0.75)).toBeCloseTo(0.55, 12);
  expect(quantileOf({ bounds: [1, Infinity], counts: [0, 5] }, 0.5)).toBe(1);
  expect(quantileOf({ bounds: [1, Infinity], counts: [0, 0] }, 0.5)).toBeNull();
});
