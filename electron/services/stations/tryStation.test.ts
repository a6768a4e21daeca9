// What a station is sent when a person tries it.
import { expect, it } from 'vitest';
import { questionOf } from './tryStation.ts';

it('sends integers of 64 bits exactly, and all else as JSON has it', () => {
  expect(questionOf({ a: { type: 'int64', dims: [1, 2], data: BigInt64Array.of(9_007_199_254_740_993n, -1n) }, b: { type: 'bool', dims: [1], data: Uint8Array.of(1) }, c: { type: 'string', dims: [1], data: ['ä"'] } }))
    .toBe('{"inputs":[{"name":"a","datatype":"INT64","shape":[1,2],"data":[9007199254740993,-1]},{"name":"b","datatype":"BOOL","shape":[1],"data":[true]},{"name":"c","datatype":"BYTES","shape":[1],"data":["ä\\""]}]}');
  expect(() => questionOf({ a: { type: 'float16', dims: [1], data: Uint16Array.of(0) } })).toThrow('no JSON form');
});
