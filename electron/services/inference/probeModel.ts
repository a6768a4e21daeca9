// Asks the runtime here whether it can load a model: in a worker process, because some models make it abort.
import { isAppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import { openSession } from './openSession.ts';

/** Never throws for what the model does; `reason` is one sentence, empty when it loads. */
export async function probeModel(services: Pick<Services, 'workers'>, path: string): Promise<{ readonly ok: boolean; readonly reason: string }> {
  try {
    const session = await openSession(services, { path, threads: 1, optimization: 'all' });
    const structured = session.outputs.find(({ type }) => type === null);
    await session.close();
    return structured ? { ok: false, reason: `Output "${structured.name}" is a sequence or map, which the runtime here cannot hand over.` } : { ok: true, reason: '' };
  } catch (error) {
    if (isAppError(error)) return { ok: false, reason: error.message };
    throw error;
  }
}
