// One sentence on what keeps a station from serving.
import { expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { judge } from './viewStation.ts';

const container = (name: string, role: 'gateway' | 'model', state: string) => ({ name, role, version: role === 'model' ? 'v1' : null, state, startedAt: null, exitCode: null, outOfMemory: false, restarts: 0 });

it('says of a paused container that it is paused, not that it ended', () => {
  const containers = [container('mw-gateway', 'gateway', 'running'), container('mw-v1', 'model', 'paused')];
  expect(judge(fakeDeployment(), containers, { now: 0, certificateEnds: null, answers: true, ready: false, changing: false, swarm: null })).toMatchObject({ state: 'failed', reason: 'The model\'s container is paused.' });
});
