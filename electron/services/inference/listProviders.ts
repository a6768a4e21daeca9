// The execution providers that the runtime here was built with.
import type { Services } from '../Services.ts';
import { runTask } from '../workers/runTask.ts';

export function listProviders({ workers }: Pick<Services, 'workers'>): Promise<readonly { readonly name: string; readonly bundled: boolean }[]> {
  return runTask(workers, 'inference.providers', {});
}
