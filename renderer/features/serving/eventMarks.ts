// What happened to a station, as dotted lines in its charts: deployments, and starts of its containers.
import type { ServingView } from '#shared/contract/serving';
import type { EventMark } from '../../ui/charts/annotations.ts';

/** Those of the time that is shown; words that would stand on each other are put together at the first. @param shortOf the name of a container in the charts */
export function eventMarks({ versions, containers }: Pick<ServingView, 'versions' | 'containers'>, shortOf: (name: string) => string, xMin: number, xMax: number): readonly EventMark[] {
  const all = [
    ...versions.map(({ id, createdAt }) => ({ x: Date.parse(createdAt), label: `${id} deployed` })),
    ...containers.flatMap(({ name, startedAt, restarts }) => (startedAt === null ? [] : [{ x: Date.parse(startedAt), label: `${shortOf(name)} ${restarts > 0 ? 'restarted' : 'started'}` }])),
  ].filter(({ x }) => x >= xMin && x <= xMax).sort((a, b) => a.x - b.x);
  return all.reduce<readonly EventMark[]>((marks, mark) => {
    const last = marks.at(-1);
    return last && mark.x - last.x < (xMax - xMin) / 10 ? [...marks.slice(0, -1), { x: last.x, label: `${last.label}, ${mark.label}` }] : [...marks, mark];
  }, []);
}
