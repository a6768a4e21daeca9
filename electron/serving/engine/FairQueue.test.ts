import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairQueue, type FairQueue, type Ticket } from './FairQueue.ts';

const from = (address: string, within = '', priority = 5): Ticket => ({ client: [address, within], priority });
const fill = (queue: FairQueue<string>, ...entries: readonly (readonly [string, Ticket])[]) => { for (const [entry, ticket] of entries) queue.push(entry, ticket); };
const drain = (queue: FairQueue<string>) => { const seen: string[] = []; for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) seen.push(entry); return seen; };

describe('createFairQueue', () => {
  it('lets clients take turns, each with its own requests in their order', () => {
    const queue = createFairQueue<string>(100);
    fill(queue, ['a1', from('a')], ['a2', from('a')], ['a3', from('a')], ['b1', from('b')], ['b2', from('b')], ['c1', from('c')]);
    expect(queue.oldest()).toBe('a1');
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });
  it('answers the lower priority number first', () => {
    const queue = createFairQueue<string>(100);
    fill(queue, ['usual', from('a')], ['late', from('a', '', 9)], ['first', from('b', '', 1)], ['usual too', from('b')]);
    expect(drain(queue)).toEqual(['first', 'usual', 'usual too', 'late']);
  });
  it('gives who invents names no more turns than an address has', () => {
    const queue = createFairQueue<string>(100);
    fill(queue, ...Array.from({ length: 6 }, (_, index) => [`x${index}`, from('x', `name ${index}`)] as const), ['y0', from('y')], ['y1', from('y')]);
    expect(drain(queue).slice(0, 4)).toEqual(['x0', 'y0', 'x1', 'y1']);
  });
  it('takes the last request of the greediest client out of a full queue, its least urgent one, for a client that has less', () => {
    const queue = createFairQueue<string>(4);
    fill(queue, ['a1', from('a')], ['a2', from('a')], ['a3', from('a', '', 8)], ['a4', from('a')]);
    expect(queue.push('a5', from('a'))).toEqual({ accepted: false, evicted: null });
    expect(queue.push('b1', from('b'))).toEqual({ accepted: true, evicted: 'a3' });
    expect(queue.push('b2', from('b'))).toEqual({ accepted: true, evicted: 'a4' });
    expect(queue.push('b3', from('b'))).toEqual({ accepted: false, evicted: null });
    expect(drain(queue)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });
  it('divides the room of one address between the clients that are named there', () => {
    const queue = createFairQueue<string>(3);
    fill(queue, ['a1', from('g', 'a')], ['a2', from('g', 'a')], ['a3', from('g', 'a')]);
    expect(queue.push('b1', from('g', 'b'))).toEqual({ accepted: true, evicted: 'a3' });
    const even = createFairQueue<string>(4);
    fill(even, ['x1', from('x')], ['x2', from('x')], ['a1', from('g', 'a')], ['a2', from('g', 'a')]);
    expect(even.push('b1', from('g', 'b'))).toEqual({ accepted: true, evicted: 'a2' });
  });
  it('holds what was pushed and neither shifted nor removed, whatever happens, and never more than its bound', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push' as const), address: fc.constantFrom('a', 'b', 'c'), within: fc.constantFrom('', 'x'), priority: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ do: fc.constant('shift' as const) }), fc.record({ do: fc.constant('remove' as const), index: fc.nat(20) }));
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = createFairQueue<number>(8);
      const held = new Map<number, Ticket>();
      steps.forEach((one, id) => {
        if (one.do === 'push') {
          const ticket = from(one.address, one.within, one.priority);
          const { accepted, evicted } = queue.push(id, ticket);
          if (evicted !== null) held.delete(evicted);
          if (accepted) held.set(id, ticket);
        } else if (one.do === 'shift') {
          const entry = queue.shift();
          expect(entry === undefined).toBe(held.size === 0);
          if (entry === undefined) return;
          expect(held.get(entry)?.priority).toBe(Math.min(...[...held.values()].map(({ priority }) => priority)));
          held.delete(entry);
        } else {
          const entry = [...held.keys()][one.index];
          if (entry !== undefined) { expect(queue.remove(entry)).toBe(true); held.delete(entry); }
        }
        expect([queue.length, queue.oldest(), queue.length <= 8]).toEqual([held.size, [...held.keys()][0], true]);
      });
    }));
  });
});
