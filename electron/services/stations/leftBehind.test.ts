// The commands for what a forgotten station leaves on its engine.
import { expect, it } from 'vitest';
import { fakeDeployment } from '#test/fakes/deployment';
import { leftBehind } from './leftBehind.ts';

const filter = '--filter label=org.millwright.station=station-1';

it('finds what is left by the mark of the station', () => {
  expect(leftBehind(fakeDeployment())).toEqual([
    'Containers, volumes and networks of "Line 1" may still be on the engine of this machine. Should it come back, these commands take them away there:',
    `  docker rm -f $(docker ps -aq ${filter})`, `  docker volume rm $(docker volume ls -q ${filter})`, `  docker network rm $(docker network ls -q ${filter})`,
  ]);
});

it('takes the services of a Swarm first', () => {
  expect(leftBehind({ ...fakeDeployment(), swarm: { replicas: 2, key: 'k', nodes: [] } })[1]).toBe(`  docker service rm $(docker service ls -q ${filter})`);
});
