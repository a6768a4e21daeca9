// The reader of JSON numbers against JSON.parse and Number: every double, every bracket, and hostile bodies.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '#shared/errors';
import { datatypeOf, type DatatypeName } from './datatypes.ts';
import { readJsonTensor } from './readJsonTensor.ts';

/** What was read, and the part of the text that it was read from: what follows is for the reader of the request. */
function readPart(text: string, name: DatatypeName, shape: readonly number[]) {
  const bytes = Buffer.from(text);
  const cursor = { bytes, at: 0, end: bytes.length };
  const data = readJsonTensor(cursor, datatypeOf(name)!, shape, shape.reduce((product, size) => product * size, 1), 'input "x"');
  return { data, part: bytes.subarray(0, cursor.at).toString() };
}
function read(text: string, name: DatatypeName, shape: readonly number[]) {
  const { data, part } = readPart(text, name, shape);
  expect(part).toBe(text);
  return data;
}
const refusal = (work: () => unknown) => { try { work(); } catch (error) { return isAppError(error) && error.code === 'BAD_INPUT' ? error.message : `threw ${String(error)}`; } return 'accepted'; };

/** The text of a number, in all the ways in which JSON allows it. */
const numberText = fc.tuple(fc.constantFrom('', '-'), fc.oneof(fc.constant('0'), fc.bigInt({ min: 1n, max: 10n ** 25n }).map(String)), fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,25}$/)), fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)))
  .map((parts) => parts.join(''));

describe('numbers', () => {
  it('reads every double as Number does', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => { expect([...read(JSON.stringify([value, 1]), 'FP64', [2])]).toEqual([value === 0 ? 0 : value, 1]); }), { numRuns: 3000 });
    fc.assert(fc.property(numberText, (text) => { expect(read(`[${text}]`, 'FP64', [1])[0]).toBe(Number(text)); }), { numRuns: 5000 });
  });
  it('reads single precision as rounding the double does', () => {
    fc.assert(fc.property(numberText, (text) => { expect(read(`[${text}]`, 'FP32', [1])[0]).toBe(Math.fround(Number(text))); }), { numRuns: 5000 });
    fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => { expect(read(JSON.stringify([value]), 'FP32', [1])[0]).toBe(value === 0 ? 0 : value); }), { numRuns: 3000 });
    // halfway between two single-precision values, and a digit beside it
    for (const text of ['1.000000059604644775390625', '1.0000000596046447753906249', '1.0000000596046447753906251', '16777217', '16777217.000000001', '3.4028235677973366e38', '1e39', '1e-46', '7.0064923216240853e-46', '7.0064923216240854e-46', '-0']) {
      expect([text, read(`[${text}]`, 'FP32', [1])[0]]).toEqual([text, Math.fround(Number(text))]);
    }
  });
  it('reads short and long numbers beside each other, whatever stands between them', () => {
    const short = fc.tuple(fc.constantFrom('', '-'), fc.stringMatching(/^(0|[1-9]\d{0,10})$/), fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,10}$/))).map((parts) => parts.join(''));
    const list = fc.array(fc.oneof({ weight: 4, arbitrary: short }, numberText), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(list, fc.constantFrom(',', ', ', ' ,\n'), (texts, between) => {
      expect([...read(`[${texts.join(between)}]`, 'FP64', [texts.length])]).toEqual(texts.map(Number));
      expect([...read(`[${texts.join(between)}]`, 'FP32', [texts.length])]).toEqual(texts.map((text) => Math.fround(Number(text))));
    }), { numRuns: 2000 });
  });
  it.each(['1,02', '1,-', '1,2.,3', '1,.5', '1,-.5', '1,00', '1,2..3', '1,+2', '1,2;3', '1,--2', '1,2,', '1,2e,3'])('refuses [%s]', (text) => {
    expect(refusal(() => read(`[${text}]`, 'FP32', [text.split(',').length]))).not.toMatch(/^(accepted|threw)/);
  });
  it('keeps 64-bit integers exact', () => {
    fc.assert(fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }), (values) => { expect([...read(`[${values.join(' , ')}]`, 'INT64', [values.length])]).toEqual(values); }));
    expect([...read('[18446744073709551615, 9007199254740993]', 'UINT64', [2])]).toEqual([18446744073709551615n, 9007199254740993n]);
  });
  it.each([['INT8', '[-128, 127]', [-128, 127]], ['UINT16', '[0,65535]', [0, 65535]], ['UINT32', '[4294967295]', [4294967295]], ['INT32', '[1e3, 2.0, -7]', [1000, 2, -7]], ['BOOL', '[true, false, 1, 0]', [1, 0, 1, 0]], ['BYTES', '["a", "\\u00e9\\n", "é"]', ['a', 'é\n', 'é']], ['INT64', '[1e3]', [1000n]]] as const)('reads %s', (name, text, values) => {
    expect([...read(text, name, [values.length])]).toEqual(values);
  });
});

describe('brackets', () => {
  it('takes nested and flat arrays alike', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(shapes, fc.constantFrom(0, 1), (shape, indent) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = Array.from({ length: count }, (_, index) => index / 8);
      let at = 0;
      const nest = (depth: number): unknown => Array.from({ length: shape[depth]! }, () => (depth === shape.length - 1 ? values[at++] : nest(depth + 1)));
      expect([...read(JSON.stringify(nest(0), null, indent), 'FP32', shape)]).toEqual(values);
      expect([...read(JSON.stringify(values, null, indent), 'FP32', shape)]).toEqual(values);
    }));
  });
  it.each([
    ['too few', '[1,2,3]', [2, 2]], ['too many', '[1,2,3,4,5]', [2, 2]], ['ragged', '[[1,2,3],[4]]', [2, 2]], ['mixed', '[[1,2],3,4]', [2, 2]], ['too deep', '[[[1],[2]],[[3],[4]]]', [2, 2]], ['half nested', '[[1,2],[3,4]]', [2, 2, 1]],
    ['no array', '7', [1]], ['an object', '{}', [1]], ['a comma at the end', '[1,2,]', [2]], ['a comma alone', '[,]', [2]], ['two commas', '[1,,2]', [2]], ['an open end', '[1,2', [2]], ['an open number', '[1,2e', [2]],
    ['NaN', '[1,NaN]', [2]], ['infinity', '[-Infinity,1]', [2]], ['null', '[null,1]', [2]], ['a string', '["1",2]', [2]], ['a leading zero', '[01,2]', [2]], ['a plus', '[+1,2]', [2]], ['a bare dot', '[1.,2]', [2]], ['hex', '[0x1,2]', [2]], ['a bracket of another kind', '[1,2}', [2]],
    ['a large shape', '[1]', [1e9, 1000]], ['deep nesting', '['.repeat(100_000), [100_000]],
  ] as const)('refuses %s', (_what, text, shape) => {
    for (const name of ['FP32', 'FP64', 'INT32', 'INT64', 'BOOL'] as const) expect(refusal(() => read(text, name, shape))).toMatch(/^(Element|The (data|JSON)) .*\.$/);
  });
  it.each([['INT8', '[128]'], ['UINT8', '[-1]'], ['INT32', '[1.5]'], ['INT32', '[2147483648]'], ['INT64', '[9223372036854775808]'], ['UINT64', '[-1]'], ['INT64', '[1e30]'], ['BOOL', '[2]'], ['BOOL', '["true"]'], ['BYTES', '[1]'], ['FP16', '[1]'], ['BF16', '[1]']] as const)('refuses what does not fit %s', (name, text) => {
    expect(refusal(() => read(text, name, [1]))).toMatch(/^(Element 0|The (data|datatype)) .*\.$/);
  });
  it('says no more than a sentence on any body', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'[]{},:"\\0123456789.eE+-tfn \u0000é'), maxLength: 40 }), fc.constantFrom('FP32', 'INT8', 'INT64', 'BOOL', 'BYTES' as const), (text, name) => {
      expect(refusal(() => { expect(JSON.parse(readPart(text, name as DatatypeName, [2]).part)).toHaveLength(2); })).toMatch(/^accepted$|^(?!threw)[A-Z][^]*\.$/);
    }), { numRuns: 5000 });
  });
});
