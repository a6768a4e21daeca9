import { expect, test } from 'vitest';
import { openOsStore, type OsStoreStep } from './openOsStore.ts';

/** A store that waits for a person until its process is ended. */
const waiting: OsStoreStep = (_input, signal) => new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(new Error('ended')), { once: true }); });

test('a store that never answers ends in a sentence', async () => {
  const store = openOsStore(waiting, { forNewKeys: true, deadlineMs: 20 });
  await expect(store.read('a')).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE', message: expect.stringContaining('locked') });
  await expect(store.write('a', 'b')).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
  await store.forget('a');
});

test('closing ends what waits', async () => {
  const store = openOsStore(waiting, { forNewKeys: true });
  const read = expect(store.read('a')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  await store.close();
  await read;
});

test('many who want the same entry ask once, and what was read is remembered', async () => {
  let asked = 0;
  const store = openOsStore(() => { asked += 1; return Promise.resolve({ secret: 's' }); }, { forNewKeys: true });
  expect(store.remembered('a')).toBeNull();
  expect(await Promise.all([store.read('a'), store.read('a'), store.read('a')])).toEqual(['s', 's', 's']);
  expect([await store.read('a'), store.remembered('a'), asked]).toEqual(['s', 's', 1]);
});

test('a store that forgets what is written to it is not used', async () => {
  const store = openOsStore(() => Promise.resolve({ secret: null }), { forNewKeys: true });
  await expect(store.write('a', 'b')).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
  expect(store.remembered('a')).toBeNull();
});
