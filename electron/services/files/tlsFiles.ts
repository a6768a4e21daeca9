// Certificate, key and authority from PEM files; what does not fit is told before anyone relies on it.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { AppError } from '#shared/errors';

export interface TlsPaths { readonly certPath: string; readonly keyPath: string; /** Clients must show a certificate that it has signed; null lets all in. */ readonly clientCaPath: string | null }
export interface TlsTexts { readonly cert: Buffer; readonly key: Buffer; /** Null where clients need no certificate. */ readonly clientCa: Buffer | null }

export interface CertificateFacts { readonly subject: string; readonly validTo: Date; readonly fingerprint: string; /** Whether it is for this host name or address. */ isFor(host: string): boolean }

async function read(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    throw new AppError(denied ? 'PERMISSION_DENIED' : 'NOT_FOUND', `${what} ${path} ${denied ? 'may not be read' : 'cannot be read'}.`, { cause: error });
  }
}

function checkCertificate(what: string, path: string, pem: Buffer): void {
  try {
    void new X509Certificate(pem);
  } catch (error) {
    throw new AppError('BAD_INPUT', `${what} ${path} is no certificate in PEM form.`, { cause: error, hint: 'A PEM file begins with -----BEGIN CERTIFICATE-----.' });
  }
}

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function readTlsFiles({ certPath, keyPath, clientCaPath }: TlsPaths): Promise<TlsTexts> {
  const [cert, key, clientCa] = await Promise.all([read('The certificate', certPath), read('The key', keyPath), clientCaPath === null ? null : read('The authority for clients', clientCaPath)]);
  checkCertificate('The certificate', certPath, cert);
  if (clientCa && clientCaPath !== null) checkCertificate('The authority for clients', clientCaPath, clientCa);
  try {
    createSecureContext({ cert, key, ...(clientCa ? { ca: clientCa } : {}) });
  } catch (error) {
    const mismatch = error instanceof Error && /mismatch/i.test(error.message);
    throw new AppError('BAD_INPUT', mismatch ? `The key ${keyPath} is not that of the certificate ${certPath}.` : `The key ${keyPath} is no private key in PEM form without a password.`, { cause: error });
  }
  return { cert, key, clientCa };
}

/** Of the first certificate in the text, which is the server's own. */
export function certificateFacts(pem: string | Buffer): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    subject: certificate.subject.split('\n').find((part) => part.startsWith('CN='))?.slice(3) ?? certificate.subject.replaceAll('\n', ', '),
    validTo: new Date(certificate.validTo), fingerprint: certificate.fingerprint256,
    isFor: (host) => (/^[\d.]+$|:/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined,
  };
}
