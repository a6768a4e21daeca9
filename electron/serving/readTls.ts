// Reads the certificate of the server, its key, and the authority that clients must show a certificate of; what does not fit is said before anything listens.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { AppError } from '#shared/errors';
import type { Log } from './log.ts';
import type { TlsFiles } from './ServeOptions.ts';

export interface Tls { readonly cert: Buffer; readonly key: Buffer; /** Null where clients need no certificate. */ readonly clientCa: Buffer | null }

const soonMs = 30 * 24 * 3_600_000;

async function read(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    throw new AppError(denied ? 'PERMISSION_DENIED' : 'NOT_FOUND', `${what} ${path} ${denied ? 'may not be read' : 'cannot be read'}.`, { cause: error });
  }
}

function certificateOf(what: string, path: string, pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new AppError('BAD_INPUT', `${what} ${path} is no certificate in PEM form.`, { cause: error, hint: 'A PEM file begins with -----BEGIN CERTIFICATE-----.' });
  }
}

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function readTls({ certPath, keyPath, clientCaPath }: TlsFiles, log: Log): Promise<Tls> {
  const [cert, key, clientCa] = await Promise.all([read('The certificate', certPath), read('The key', keyPath), clientCaPath === null ? null : read('The authority for clients', clientCaPath)]);
  const certificate = certificateOf('The certificate', certPath, cert);
  if (clientCa && clientCaPath !== null) certificateOf('The authority for clients', clientCaPath, clientCa);
  try {
    createSecureContext({ cert, key, ...(clientCa ? { ca: clientCa } : {}) });
  } catch (error) {
    const mismatch = error instanceof Error && /mismatch/i.test(error.message);
    throw new AppError('BAD_INPUT', mismatch ? `The key ${keyPath} is not that of the certificate ${certPath}.` : `The key ${keyPath} is no private key in PEM form without a password.`, { cause: error });
  }
  const endsMs = Date.parse(certificate.validTo);
  if (endsMs < Date.now() + soonMs) log[endsMs < Date.now() ? 'error' : 'info'](endsMs < Date.now() ? 'certificate has expired' : 'certificate expires soon', { certificate: certPath, validTo: new Date(endsMs).toISOString() });
  return { cert, key, clientCa };
}
