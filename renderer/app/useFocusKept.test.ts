import { expect, it } from 'vitest';
import { focusIsLost } from './useFocusKept.ts';

const body = { name: 'body' };
it('gives the focus on only where it was lost with its element', () => {
  expect(focusIsLost({ isConnected: false }, body, body)).toBe(true);
  expect(focusIsLost({ isConnected: false }, null, body)).toBe(true);
  expect(focusIsLost({ isConnected: true }, body, body)).toBe(false); // a person clicked beside it
  expect(focusIsLost({ isConnected: false }, { name: 'another button' }, body)).toBe(false); // somebody took it
  expect(focusIsLost(null, body, body)).toBe(false);
});
