// A gateway that cannot be told: what turns clients away is noted all the same, and the person hears both.
import { expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { freePort } from '#test/fakes/freePort';
import { follow } from './acting.ts';

it('says what is noted, that the gateway does not know of it, and how it follows', async () => {
  const away = { ...fakeDeployment(), port: await freePort(), hold: { reason: 'bad part', since: '2026-01-02T03:04:05.000Z' } };
  const { message, hint } = await follow(away, 'The acceptance stop', new AbortController().signal).then(() => ({ message: '', hint: '' }), (error: unknown) => error as { message: string; hint: string }); // an AppError, as the sentences below show
  expect(message).toMatch(/^The acceptance stop is noted for "Line 1", but its gateway could not be told\. .*does not answer at port/);
  expect(hint).toContain('station reconcile "Line 1"');
});
