import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pendingRemovals, removeWithUndo } from './undo.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.runAllTimers(); vi.useRealTimers(); });

it('asks the host to remove only when the time to undo has passed', () => {
  const commit = vi.fn();
  removeWithUndo('m-1', 'Lid seal was removed.', commit);
  expect(pendingRemovals().map(({ key, text }) => [key, text])).toEqual([['m-1', 'Lid seal was removed.']]);
  vi.advanceTimersByTime(5999);
  expect(commit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(commit).toHaveBeenCalledOnce();
  expect(pendingRemovals()).toEqual([]);
});
it('removes nothing after undo, and leaves other removals alone', () => {
  const first = vi.fn();
  const second = vi.fn();
  removeWithUndo('a', 'A', first);
  removeWithUndo('b', 'B', second);
  pendingRemovals().find(({ key }) => key === 'a')?.undo();
  vi.runAllTimers();
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
});
it('removes once, however often it is asked for', () => {
  const commit = vi.fn();
  removeWithUndo('a', 'A', commit);
  removeWithUndo('a', 'A', commit);
  expect(pendingRemovals()).toHaveLength(1);
  vi.runAllTimers();
  expect(commit).toHaveBeenCalledOnce();
});
