import { expect, it } from 'vitest';
import { servingBreaker, servingCanary, servingOldGateway, servingShadow, servingShadowQuiet } from '../../gallery/fixtures/serving.ts';
import { errorShareOf, judgeTrial, trafficOf } from './trialFigures.ts';

it('says what stands against a version on trial, the worst first', () => {
  const { shadow } = servingShadow;
  if (!shadow) throw new Error('the fixture has a shadow');
  expect(judgeTrial(servingBreaker)).toMatchObject({ tone: 'bad', text: expect.stringContaining('left alone; v2 answers everything') as string });
  expect(judgeTrial(servingShadow)).toMatchObject({ tone: 'bad', text: expect.stringContaining('decided otherwise 2 times') as string });
  expect(judgeTrial({ ...servingShadow, shadow: { ...shadow, decisionsChanged: 0 } }).tone).toBe('warn');
  expect(judgeTrial({ ...servingShadow, shadow: { ...shadow, decisionsChanged: 0, different: 0 } }).tone).toBe('ok');
});
it('is not content with few requests, or with none, or with a gateway that tells nothing', () => {
  expect(judgeTrial(servingCanary).tone).toBe('ok');
  const few = { ...servingCanary, traffic: servingCanary.traffic.map((each) => ({ ...each, recent: each.recent && { ...each.recent, requests: 99 } })) };
  expect([few, servingShadowQuiet, servingOldGateway].map((view) => judgeTrial(view).tone)).toEqual(['info', 'info', 'info']);
});
it('compares error shares: failures that the live version has as well are not held against the new one', () => {
  const failing = (live: number, tried: number) => ({ ...servingCanary, traffic: servingCanary.traffic.map((each) => ({ ...each, recent: each.recent && { ...each.recent, requests: 1000, failed: each.version === 'v3' ? tried : live } })) });
  expect(judgeTrial(failing(10, 10)).tone).toBe('ok');
  expect(judgeTrial(failing(10, 11)).tone).toBe('bad');
  expect(errorShareOf(trafficOf(servingShadowQuiet, 'v3'))).toBeNull();
});
