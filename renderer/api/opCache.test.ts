import { expect, it } from 'vitest';
import { nouns } from '#shared/contract/app';
import { operations, type Call, type QueryName } from '#shared/contract/index';
import { AppError } from '#shared/errors';
import { createOpCache, nounOf } from './opCache.ts';

interface Asked { readonly op: string; readonly input: unknown; answer(value: unknown): Promise<void>; fail(error: unknown): Promise<void> }
/** A host that answers when the test says so. */
function host() {
  const asked: Asked[] = [];
  const settle = () => new Promise<void>((done) => { setImmediate(done); });
  const call = ((op: string, input: unknown) => new Promise<unknown>((resolve, reject) => {
    asked.push({ op, input, answer: (value) => { resolve(value); return settle(); }, fail: (error) => { reject(error instanceof Error ? error : new Error(String(error))); return settle(); } });
  })) as unknown as Call; // the cache calls it as a query only
  return { asked, cache: createOpCache(call) };
}
const nobody = () => undefined;

it('asks once for all who want the same answer', async () => {
  const { asked, cache } = host();
  let drawn = 0;
  cache.subscribe('models.list', {}, () => { drawn += 1; });
  cache.subscribe('models.list', {}, () => { drawn += 1; });
  cache.subscribe('models.get', { id: 'm' }, nobody);
  expect(asked.map(({ op }) => op)).toEqual(['models.list', 'models.get']);
  await asked[0]?.answer(['a']);
  expect(cache.get('models.list', {})).toMatchObject({ data: ['a'], loading: false, error: null });
  expect(drawn).toBe(2);
});

it('reads again what a change in the store made old, and only that', () => {
  const { asked, cache } = host();
  cache.subscribe('models.list', {}, nobody);
  cache.subscribe('datasets.list', {}, nobody);
  cache.invalidate('datasets');
  expect(asked.map(({ op }) => op)).toEqual(['models.list', 'datasets.list', 'datasets.list']);
});

it('keeps the answer to the newest question, also when an older one comes late', async () => {
  const { asked, cache } = host();
  cache.subscribe('models.list', {}, nobody);
  cache.reload('models.list', {});
  await asked[1]?.answer('new');
  await asked[0]?.answer('old');
  expect(cache.get('models.list', {}).data).toBe('new');
});

it('shows the error beside the last good answer, and asks again when the screen is opened again', async () => {
  const { asked, cache } = host();
  const leave = cache.subscribe('models.list', {}, nobody);
  await asked[0]?.answer('good');
  cache.invalidate('models');
  await asked[1]?.fail(new AppError('PERMISSION_DENIED', 'No right.'));
  expect(cache.get('models.list', {})).toMatchObject({ data: 'good', loading: false, error: { code: 'PERMISSION_DENIED' } });
  leave();
  cache.subscribe('models.list', {}, nobody);
  expect(asked).toHaveLength(3);
});
it('never shows the text of an unknown fault', async () => {
  const { asked, cache } = host();
  cache.subscribe('models.list', {}, nobody);
  await asked[0]?.fail(new TypeError('x is undefined'));
  expect(cache.get('models.list', {}).error).toMatchObject({ code: 'INTERNAL', message: 'Something went wrong in the page.' });
});

it('does not ask for what nobody looks at until somebody does', () => {
  const { asked, cache } = host();
  cache.subscribe('models.list', {}, nobody)();
  cache.invalidate('models');
  expect(asked).toHaveLength(1);
  cache.subscribe('models.list', {}, nobody);
  expect(asked).toHaveLength(2);
});

it('after a reconnect reads the store again, but not what was dear to find out', async () => {
  const { asked, cache } = host();
  cache.subscribe('machine.inspect', {}, nobody);
  cache.subscribe('stations.list', {}, nobody);
  await asked[0]?.answer('machine');
  await asked[1]?.answer([]);
  cache.invalidate(null);
  expect(asked.slice(2).map(({ op }) => op)).toEqual(['stations.list']);
});

it('knows for every query which change makes its answer old', () => {
  const queries = Object.entries(operations).flatMap(([name, operation]) => (operation.kind === 'query' ? [name as QueryName] : [])); // filtered by kind
  expect(queries.filter((name) => { const noun = nounOf(name); return noun !== null && !(nouns as readonly string[]).includes(noun); })).toEqual([]);
});

it('does not show a list that was empty before something came to it, but any other while it is read again', async () => {
  const { asked, cache } = host();
  const leave = [cache.subscribe('models.list', {}, nobody), cache.subscribe('datasets.list', {}, nobody)];
  await asked[0]?.answer([]);
  await asked[1]?.answer(['set']);
  leave.forEach((each) => { each(); });
  cache.invalidate(null);
  cache.invalidate('models');
  expect([cache.get('models.list', {}).data, cache.get('datasets.list', {}).data]).toEqual([undefined, ['set']]);
});

it('does not show a list that was empty to who comes back before the change was read, nor while it is read', async () => {
  for (const change of ['outdate', 'invalidate'] as const) {
    const { asked, cache } = host();
    const leave = cache.subscribe('datasets.list', {}, nobody);
    await asked[0]?.answer([]);
    cache[change]('datasets');
    expect(cache.get('datasets.list', {}).data).toEqual([]);
    leave();
    cache.subscribe('datasets.list', {}, nobody);
    expect([cache.get('datasets.list', {}).data, asked.length]).toEqual([undefined, 2]);
    await asked[1]?.answer(['set']);
    expect(cache.get('datasets.list', {}).data).toEqual(['set']);
  }
});
