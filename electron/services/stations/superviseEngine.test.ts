// What the supervisor leaves to others without a word, and what it tells of.
import { expect, it } from 'vitest';
import { AppError } from '#shared/errors';
import { translateDockerError } from '../containers/translateDockerError.ts';
import { isChangedByAnother } from './superviseEngine.ts';

it('leaves a station alone that another process changes', () => {
  expect(isChangedByAnother(new AppError('BUSY', 'The station is being changed.'))).toBe(true);
});

it('does not take a conflict on the engine for that', () => {
  const refused = translateDockerError(Object.assign(new Error('x'), { statusCode: 409, json: { message: 'removal of container is in progress' } }), 'Starting mw-v1', '');
  expect(refused.code).toBe('BUSY');
  expect(isChangedByAnother(refused)).toBe(false);
});
