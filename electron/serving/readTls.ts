// The certificate of the server, its key, and the authority that clients must show a certificate of; one that ends soon is in the log.
import { certificateFacts, readTlsFiles, type TlsPaths, type TlsTexts as Tls } from '#services/files/tlsFiles';
import type { Log } from './log.ts';

export type { Tls };

const soonMs = 30 * 24 * 3_600_000;

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function readTls(files: TlsPaths, log: Log): Promise<Tls> {
  const tls = await readTlsFiles(files);
  const { validTo } = certificateFacts(tls.cert);
  const endsMs = validTo.getTime();
  if (endsMs < Date.now() + soonMs) log[endsMs < Date.now() ? 'error' : 'info'](endsMs < Date.now() ? 'certificate has expired' : 'certificate expires soon', { certificate: files.certPath, validTo: validTo.toISOString() });
  return tls;
}
