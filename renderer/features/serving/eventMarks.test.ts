import { expect, it } from 'vitest';
import type { ServingView } from '#shared/contract/serving';
import { eventMarks } from './eventMarks.ts';

const at = (second: number) => new Date(second * 1000).toISOString();
const view = { versions: [{ id: 'v1', createdAt: at(0) }, { id: 'v2', createdAt: at(500) }], containers: [{ name: 'a', startedAt: at(503), restarts: 0 }, { name: 'b', startedAt: at(900), restarts: 2 }, { name: 'c', startedAt: null, restarts: 0 }] } as unknown as ServingView; // only what is looked at

it('marks deployments, starts and restarts, those of one moment together', () => {
  expect(eventMarks(view, (name) => name.toUpperCase(), 0, 1_000_000)).toEqual([{ x: 0, label: 'v1 deployed' }, { x: 500_000, label: 'v2 deployed, A started' }, { x: 900_000, label: 'B restarted' }]);
});
it('draws what happened just after the left edge, whatever happened just before it', () => {
  expect(eventMarks(view, (name) => name, 501_000, 801_000)).toEqual([{ x: 503_000, label: 'a started' }]);
});
