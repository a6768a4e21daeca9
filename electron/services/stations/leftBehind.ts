// What a person can do about a station that was given up while its engine was away, once that engine is back.
import type { Deployment } from '#shared/contract/serving';
import { labelOf } from '../containers/stationSpecs.ts';

/** By its mark: a station that is deployed anew has another one, and its removal would not find these. Containers go first, for they hold the rest. */
export function leftBehind({ id, station, engine, swarm }: Pick<Deployment, 'id' | 'station' | 'engine' | 'swarm'>): string[] {
  const where = engine === null ? 'the engine of this machine' : `the engine at ${engine.host}`;
  const marked = `--filter label=${labelOf.station}=${id}`;
  return [
    `${swarm === null ? 'Containers, volumes and networks' : 'Services, containers and volumes'} of "${station}" may still be on ${where}. Should it come back, these commands take them away there:`,
    ...(swarm === null ? [] : [`  docker service rm $(docker service ls -q ${marked})`]),
    `  docker rm -f $(docker ps -aq ${marked})`,
    `  docker volume rm $(docker volume ls -q ${marked})`,
    ...(swarm === null ? [`  docker network rm $(docker network ls -q ${marked})`] : []),
  ];
}
