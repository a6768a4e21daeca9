// Paths as servers behind the gateway read them, however they are written.
import { expect, it } from 'vitest';
import { isBelow, originForm, plainPath } from './plainPath.ts';
import { isInference } from './gateway/relay.ts';

it.each([['/v2/models/m/infer?x=1', '/v2/models/m/infer?x=1'], ['http://line-1:8100/v2/models/m/infer?x=1', '/v2/models/m/infer?x=1'], ['HTTPS://line-1', '/'], ['http://line-1?x', '/?x'], ['*', '*']])('takes %s for %s', (target, origin) => {
  expect(originForm(target)).toBe(origin);
});

it.each(['/v2/repository/models/m/unload', '/v2/%72epository/models/m/unload', '/v2//repository/index', '/V2/Repository/index?x=%zz', '/v2/./repository/index', '/v2/models/../repository/index', '/v2%2Frepository%2Findex', '/v2/%zz'])('%s is managing', (path) => {
  expect([isBelow(path, '/v2/repository'), isInference({ method: 'POST', path })]).toEqual([true, false]);
});

it('leaves inference alone', () => {
  expect([plainPath('/v2/models/Teil%20A/infer?a=%zz'), isBelow('/v2/models/repository/infer', '/v2/repository'), isInference({ method: 'POST', path: '/v2/models/m/infer' })]).toEqual(['/v2/models/teil a/infer', false, true]);
});
