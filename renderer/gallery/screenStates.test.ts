import { expect, it } from 'vitest';
import { operations, type OperationName } from '#shared/contract/index';
import { jobRecordSchema } from '#shared/contract/jobs';
import { parseRoute, places } from '../app/routes.ts';
import { screenStates } from './screenStates.ts';

const screens = screenStates.flatMap((state) => ('hash' in state ? [state] : []));

it('shows only what a host could answer by the contract, outputs of jobs included', () => {
  const wrong = screens.flatMap(({ id, scenario }) => {
    const { answers, jobs = [], samples = [], events = {} } = scenario();
    const inAnswers = Object.entries(answers).flatMap(([op, answer]) => (answer instanceof Error || typeof answer === 'function' || operations[op as OperationName].output.safeParse(answer).success ? [] : [`${id}: ${op}`])); // keys of a scenario are operation names
    const inJobs = jobs.flatMap((job) => (jobRecordSchema.safeParse(job).success && (job.output === undefined || operations[job.op as OperationName].output.safeParse(job.output).success) ? [] : [`${id}: ${job.op}`])); // fixtures name operations of the contract
    const inEvents = Object.entries(events).flatMap(([op, told]) => (told.every((event) => operations[op as OperationName].event.safeParse(event).success) ? [] : [`${id}: events of ${op}`])); // keys of a scenario are operation names
    return [...inAnswers, ...inJobs, ...inEvents, ...samples.some((sample) => !operations['machine.watch'].event.safeParse(sample).success) ? [`${id}: sample`] : []];
  });
  expect(wrong).toEqual([]);
});
it('has a name of its own for each state, and at least one of every place', () => {
  expect(new Set(screenStates.map(({ id }) => id)).size).toBe(screenStates.length);
  expect(places.filter((place) => !screens.some(({ hash }) => parseRoute(hash).place === place))).toEqual([]);
});
