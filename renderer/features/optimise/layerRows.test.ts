import { expect, it } from 'vitest';
import type { JobRecord } from '#shared/contract/jobs';
import { layerRows, lowPrecision, shareWords } from './layerRows.ts';
import { resultToShow } from './resultToShow.ts';

const output = { layers: [{ node: 'conv1', operator: 'Conv', sqnrDb: 40, aloneDb: null, clipShare: 0.01, deadShare: 0.2 }, { node: 'conv2', operator: 'Conv', sqnrDb: 12 }], nodesKept: [{ node: 'softmax', reason: 'stays in float' }, { node: 'conv5', reason: 'excluded by the user' }] };

it('offers the switch for what was measured and for what a person excluded, also where no list names it', () => {
  const rows = layerRows(output, ['conv5', 'type:Gemm', 'folded-away']);
  expect(rows.map(({ node, choosable }) => [node, choosable])).toEqual([['conv2', true], ['conv1', true], ['type:Gemm', true], ['folded-away', true], ['conv5', true], ['softmax', false]]);
  expect(rows.find(({ node }) => node === 'type:Gemm')?.reason).toBe('kept in float by this rule');
  expect(rows.find(({ node }) => node === 'folded-away')?.reason).toBe('not among the layers listed');
});
it('carries the figures of blame where the run has them', () => {
  const [, conv1] = layerRows(output, []);
  expect(conv1).toMatchObject({ node: 'conv1', aloneDb: null, clipShare: 0.01, deadShare: 0.2 });
  expect(layerRows(output, [])[0]?.aloneDb).toBeUndefined();
});
it('tells nodes without a name, or with the same, apart, and draws no switch for those without', () => {
  const rows = layerRows({ layers: [], nodesKept: [{ node: '', reason: 'a' }, { node: '', reason: 'b' }, { node: 'x', reason: 'c' }, { node: 'x', reason: 'd' }] }, []);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(4);
  expect(layerRows({ layers: [{ node: '', sqnrDb: 3 }], nodesKept: [] }, [])[0]?.choosable).toBe(false);
});
it('names the precision that the result has', () => expect(['static-int8', 'mixed-int8', 'int8-weights', 'int4-weights', 'fp16'].map(lowPrecision)).toEqual(['INT8', 'INT8', 'INT8', 'INT4', 'FP16']));
it('does not round a little to nothing', () => expect([0, 0.0001, 0.0123, 1].map(shareWords)).toEqual(['0.0 %', '< 0.1 %', '1.2 %', '100.0 %']));

const record = (id: string, state: JobRecord['state'], model = 'm-1'): JobRecord => ({ id, op: 'models.quantize', title: '', subject: '', lane: 'compute', state, input: { model }, error: null, progress: null, attempt: 1, resumable: false, createdAt: '2026-11-25T09:00:00.000Z', startedAt: null, endedAt: null });
const mine = (job: JobRecord) => (job.input as { model: string }).model === 'm-1';
it('an interrupted, cancelled or failed run does not hide the earlier good result, one that runs does', () => {
  const good = record('good', 'done');
  for (const state of ['interrupted', 'cancelled', 'failed'] as const) { const last = record('last', state); expect(resultToShow([last, record('other', 'done', 'm-2'), good], last, false, mine)).toBe(good); }
  expect(resultToShow([record('last', 'running'), good], record('last', 'running'), true, mine)).toBeNull();
  expect(resultToShow([good], null, false, mine)).toBe(good);
  expect(resultToShow([record('other', 'done', 'm-2')], null, false, mine)).toBeNull();
});
