// What keeps a new version from serving, as its containers show it.
import { expect, it } from 'vitest';
import type { ContainerDetail } from '../containers/stationObjects.ts';
import { problemOf } from './awaitReady.ts';

const running: ContainerDetail = { state: 'running', startedAt: '2026-01-02T03:04:05.000Z', exitCode: null, outOfMemory: false, error: '', restarts: 0 };
const first = { ...running, restarts: 1 };

it('lets a gateway be that was restarted long before, and that runs', () => {
  expect(problemOf(running, running)).toBeNull();
  expect(problemOf(first, first)).toBeNull();
  expect(problemOf({ ...first, outOfMemory: true }, { ...first, outOfMemory: true })).toBeNull();
});

it.each([
  ['gone', null, 'it is gone'],
  ['restarted since', { ...running, restarts: 2 }, 'it ended, and was started again'],
  ['restarted since for want of memory', { ...running, restarts: 2, outOfMemory: true }, 'it needs more memory than its limit'],
  ['running, with a process that was ended for want of memory', { ...first, outOfMemory: true }, 'it needs more memory than its limit'],
  ['about to be restarted', { ...running, state: 'restarting', exitCode: 1, restarts: 1 }, 'it ended with code 1'],
  ['out of memory', { ...running, state: 'exited', exitCode: 137, outOfMemory: true, restarts: 1 }, 'it needs more memory than its limit'],
  ['never started', { ...running, state: 'created', error: 'no such device', restarts: 1 }, 'it was not started: no such device'],
  ['paused', { ...running, state: 'paused', restarts: 1 }, 'it is paused'],
])('tells of one that is %s', (_, detail, problem) => {
  expect(problemOf(detail, first)).toBe(problem);
});
