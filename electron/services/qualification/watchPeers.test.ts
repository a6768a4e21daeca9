import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchPeers } from './watchPeers.ts';

beforeEach(() => { vi.useFakeTimers({ now: Date.parse('2026-11-20T09:00:00Z') }); });
afterEach(() => { vi.useRealTimers(); });

it('keeps each peer with the first and last look at which it was there, though it is gone at the end', () => {
  const answers = [[], ['10.0.0.5:443'], ['10.0.0.5:443', '10.0.0.9:22'], []];
  const watch = watchPeers({ clock: Date.now }, () => answers.shift() ?? []);
  vi.advanceTimersByTime(4_000);
  expect(watch.told()).toEqual({
    from: '2026-11-20T09:00:00.000Z', to: '2026-11-20T09:00:04.000Z', looks: 4, everyMs: 2_000,
    peers: [{ peer: '10.0.0.5:443', first: '2026-11-20T09:00:02.000Z', last: '2026-11-20T09:00:04.000Z', looks: 2 }, { peer: '10.0.0.9:22', first: '2026-11-20T09:00:04.000Z', last: '2026-11-20T09:00:04.000Z', looks: 1 }],
  });
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('says nothing, and not that there was nobody, where the system does not tell', () => {
  const watch = watchPeers({ clock: Date.now }, () => null);
  expect(watch.told()).toBeNull();
  watch.stop();
});
