import { expect, it } from 'vitest';
import { answeredPerSec, createReadings, createReadingsOfStations, type Reading } from './readings.ts';

const start = Date.parse('2026-11-25T00:00:00.000Z');
const reading = (second: number, p99Ms = 5): Reading => ({ at: new Date(start + second * 1000).toISOString(), containers: [], engine: null, traffic: { requestsPerSec: 10, failuresPerSec: 4, meanMs: 2, p50Ms: 2, p99Ms, inFlight: 1 } });

it('counts as answered what did not fail', () => expect([answeredPerSec(reading(0)), answeredPerSec({ ...reading(0), traffic: null })]).toEqual([6, null]));

it('keeps eight hours in bounded memory, the last five minutes whole, and every spike', () => {
  const readings = createReadings();
  for (let second = 0; second < 30_000; second += 5) readings.push(reading(second, second === 20_005 ? 900 : 5));
  const all = readings.all();
  expect(all.length).toBeLessThan(3100);
  expect(Date.parse(all[0]?.at ?? '')).toBeLessThanOrEqual(start + (30_000 - 8 * 3600) * 1000 + 60_000);
  expect(all.slice(-60).map(({ at }) => at)).toEqual(Array.from({ length: 60 }, (_, index) => reading(29_700 + index * 5).at));
  expect(all.filter(({ traffic }) => traffic?.p99Ms === 900)).toHaveLength(1);
});

it('gives back what a station told before, and nothing of another', () => {
  const of = createReadingsOfStations();
  of('s-1').push(reading(1));
  expect([of('s-1').all().length, of('s-2').all().length]).toEqual([1, 0]);
});
