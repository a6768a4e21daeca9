// Puts the outcome of self-tests into the audit trail, so that each has an evidence id that leads to an entry nobody can change unseen.
import type { SelfTest } from '#shared/contract/validation';
import { actorOf } from '../stations/actor.ts';
import type { Services } from '../Services.ts';

/** The same tests with their evidence ids: the number of the audit entry, and the test within it. */
export function recordSelfTests(services: Services, run: { readonly id: string; readonly model: string }, tests: readonly SelfTest[]): SelfTest[] {
  const results = tests.map(({ id, expected, actual, status }) => ({ id, expected, actual, status }));
  const { seq } = services.store.audit.append({ actor: actorOf(services), action: 'validation.selftests', subject: run.model, detail: { id: run.id, tests: results } });
  return tests.map((test) => ({ ...test, evidence: `audit-${seq}/${test.id}` }));
}
