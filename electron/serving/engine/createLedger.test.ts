import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger } from './createLedger.ts';

describe('createLedger', () => {
  it('holds what was added and not taken, under numbers that no two share, and uses numbers again', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(12)), { maxLength: 80 }), (steps) => {
      const ledger = createLedger<{ readonly step: number }>();
      const held = new Map<number, { readonly step: number }>();
      let most = 0;
      steps.forEach((one, step) => {
        if (one === 'add') {
          const entry = { step }, id = ledger.add(entry);
          expect(held.has(id)).toBe(false);
          held.set(id, entry);
          most = Math.max(most, held.size);
          expect(id).toBeLessThan(most);
        } else {
          expect(ledger.take(one)).toBe(held.get(one));
          held.delete(one);
        }
        expect(ledger.size).toBe(held.size);
        for (const [id, entry] of held) expect(ledger.get(id)).toBe(entry);
        expect(new Map(ledger.all())).toEqual(held);
      });
    }));
  });
});
