// The one place that speaks to the key store of the operating system: in a worker process, because a call that waits for a person to unlock the store cannot be interrupted.
import { Entry } from '@napi-rs/keyring';
import { AppError } from '#shared/errors';

export type OsStoreInput =
  | { readonly step: 'read' | 'remove'; readonly service: string; readonly account: string }
  | { readonly step: 'write'; readonly service: string; readonly account: string; readonly secret: string };

/** `secret`: what the store holds after the step; null where it holds nothing. KEY_STORE_UNAVAILABLE with the store's own words. */
export function osStoreTask(input: OsStoreInput): Promise<{ readonly secret: string | null }> {
  try {
    // On Linux the Secret Service alone: the library would fall back to the keyring of the kernel, which is empty after a restart.
    const entry = new Entry(input.service, input.account, { linux: { store: 'secret-service' } });
    if (input.step === 'write') entry.setPassword(input.secret);
    if (input.step === 'remove') entry.deletePassword();
    return Promise.resolve({ secret: input.step === 'remove' ? null : entry.getPassword() });
  } catch (error) {
    if (/autolaunch|DBUS_SESSION_BUS_ADDRESS/.test(String(error))) return Promise.reject(new AppError('KEY_STORE_UNAVAILABLE', 'There is no key store of the operating system in this session: it has no session bus (D-Bus).', { cause: error }));
    const words = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 200).replace(/\.$/, '');
    return Promise.reject(new AppError('KEY_STORE_UNAVAILABLE', `The key store of the operating system did not answer as it must: ${words}.`, { cause: error }));
  }
}
