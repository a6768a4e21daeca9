// Opens a session where the model is to run; where the accelerator's library is missing it runs on the processor, and that is said.
import { isAppError } from '#shared/errors';
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import { createNativeSession, type NativeSession } from '#services/inference/nativeSession';
import type { ProviderUse, ServingProvider } from '../ServingProvider.ts';

/** @throws what the session throws on the processor: MODEL_UNSUPPORTED, BAD_MODEL, NOT_FOUND */
export async function openOnProvider({ path, threads, provider }: { readonly path: string; readonly provider: ServingProvider } & Pick<RuntimeOptions, 'threads'>): Promise<{ readonly session: NativeSession; readonly provider: ProviderUse }> {
  if (provider === 'cpu') return { session: await createNativeSession({ path, threads }), provider: { used: 'cpu', missing: null } };
  let reason: string;
  try {
    return { session: await createNativeSession({ path, threads, provider }), provider: { used: provider, missing: null } };
  } catch (error) {
    const cause = isAppError(error) && error.cause instanceof Error ? error.cause.message : error instanceof Error ? error.message : String(error);
    reason = cause.replace(/\s+/g, ' ').slice(0, 400);
  }
  return { session: await createNativeSession({ path, threads }), provider: { used: 'cpu', missing: `The execution provider ${provider} is missing: ${reason}` } };
}
