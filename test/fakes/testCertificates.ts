// Certificates made by openssl for one test run: an authority, a server on loopback, a client, and strangers that another authority signed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CertificateFiles { readonly cert: string; readonly key: string }
export interface TestCertificates {
  /** PEM files. */
  readonly ca: string;
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
  readonly stranger: CertificateFiles & { readonly ca: string };
}

export function testCertificates(openssl: string, folder: string): TestCertificates {
  const at = (name: string) => join(folder, name);
  const run = (...args: string[]) => { execFileSync(openssl, args, { stdio: ['ignore', 'ignore', 'ignore'], cwd: folder }); };
  const authority = (name: string) => { run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`); return at(`${name}.pem`); };
  const signed = (name: string, by: string, extensions: string): CertificateFiles => {
    writeFileSync(at(`${name}.ext`), extensions);
    run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    run('x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    return { cert: at(`${name}.pem`), key: at(`${name}.key`) };
  };
  const ca = authority('ca'), strangerCa = authority('stranger-ca');
  return {
    ca, server: signed('server', 'ca', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'), client: signed('client', 'ca', 'extendedKeyUsage=clientAuth\n'),
    stranger: { ca: strangerCa, ...signed('stranger', 'stranger-ca', 'extendedKeyUsage=clientAuth\n') },
  };
}
