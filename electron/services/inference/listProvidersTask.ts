// Task: what the runtime of this worker was built with.
import { loadRuntime } from './nativeSession.ts';

export async function listProvidersTask(): Promise<readonly { readonly name: string; readonly bundled: boolean }[]> {
  const ort = await loadRuntime();
  return ort.listSupportedBackends();
}
