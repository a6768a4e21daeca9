import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peekJsonSchedule, scheduleOf } from './readSchedule.ts';

const peek = (value: unknown) => { const text = typeof value === 'string' ? value : JSON.stringify(value); const bytes = Buffer.from(text); return peekJsonSchedule(bytes, bytes.length); };
const inputs = (count: number, parameters?: object) => [{ name: 'x', shape: [count], datatype: 'FP32', ...(parameters ? { parameters } : {}), data: Array(count).fill(0.5) }];
const usual = { priority: 5, timeoutUs: 0 };

describe('peekJsonSchedule', () => {
  it('finds the parameters of the request before its inputs and behind them, however large these are', () => {
    const parameters = { priority: 2, timeout: 1500 };
    for (const count of [1, 100_000]) {
      expect(peek({ id: 'a', parameters, inputs: inputs(count) })).toEqual({ priority: 2, timeoutUs: 1500 });
      expect(peek({ inputs: inputs(count), parameters })).toEqual({ priority: 2, timeoutUs: 1500 });
      expect(peek({ inputs: inputs(count), parameters, outputs: [{ name: 'y' }], id: 'b' })).toEqual({ priority: 2, timeoutUs: 1500 });
    }
  });
  it('takes those of an input or an output for no parameters of the request', () => {
    const parameters = { priority: 1, timeout: 1 };
    expect(peek({ inputs: inputs(1, parameters) })).toEqual(usual);
    expect(peek({ inputs: inputs(1), outputs: [{ name: 'y', parameters }] })).toEqual(usual);
    expect(peek({ inputs: [{ name: 'x', shape: [1], datatype: 'BYTES', data: ['"parameters":{"priority":1}}'] }] })).toEqual(usual);
  });
  it('reads the JSON only, where binary tensors follow it', () => {
    const head = Buffer.from(JSON.stringify({ inputs: [], parameters: { priority: 3 } }));
    expect(peekJsonSchedule(Buffer.concat([head, Buffer.from(',"parameters":{"priority":1}}')]), head.length)).toEqual({ priority: 3, timeoutUs: 0 });
  });
  it('takes 0 for the usual priority and all beyond the last level for the last', () => {
    expect([scheduleOf({ priority: 0 }), scheduleOf({ priority: 4n }), scheduleOf({ priority: 99 })].map(({ priority }) => priority)).toEqual([5, 4, 10]);
  });
  it.each([{ priority: -1 }, { priority: 1.5 }, { priority: 'high' }, { timeout: -1 }, { timeout: 'soon' }])('refuses %j', (parameters) => {
    expect(() => peek({ parameters, inputs: [] })).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
  it('leaves any other bytes to whoever reads the whole', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => { try { return peek(text).priority > 0; } catch (error) { return (error as { code?: string }).code === 'BAD_INPUT'; } }));
    expect(['', '{', '[]', '{"parameters"', '{"parameters":{"priority":1', 'x'].map(peek)).toEqual(Array(6).fill(usual));
  });
});
