// Says in one sentence why a container engine cannot be reached, and what to do about it.
import { isAppError } from '#shared/errors';
import { SshError } from './sshConnection.ts';

export interface Explanation { readonly reason: string; /** Null where the kind of error says it. */ readonly hint: string | null }

const plain = (reason: string, hint: string | null = null): Explanation => ({ reason, hint });

/** Socket errors carry a code; dockerode's HTTP errors carry a status code. */
export function explainFailure(error: unknown, url: string): Explanation {
  if (isAppError(error)) return plain(error.message, error.hint);
  if (error instanceof SshError) return explainSsh(error, url);
  const { code = '', statusCode, syscall, message = '' } = error as { readonly code?: string; readonly statusCode?: number; readonly syscall?: string; readonly message?: string }; // fields of Node's and dockerode's errors, all optional
  const place = url.replace(/^(unix|npipe):\/\//, '');
  if (syscall === 'open') return plain('The certificates that DOCKER_CERT_PATH names cannot be read.', 'Put ca.pem, cert.pem and key.pem into that folder, readable for this user.');
  if (syscall?.startsWith('spawn') === true) return plain('The program ssh, through which this engine is reached, is not on this machine.', 'Install it: `sudo apt-get install openssh-client`, or the optional feature OpenSSH Client of Windows.');
  const tls = explainTls(code, message, place);
  if (tls) return tls;
  switch (code) {
    case 'ENOENT': return plain(`There is no container engine at ${place}.`);
    case 'ECONNREFUSED': return place.startsWith('/') ? plain(`The socket ${place} is there, but no container engine listens on it: the daemon is not running.`) : plain(`No container engine listens at ${place}.`, 'Start the engine there, see that it listens on this port, and that no firewall is between.');
    case 'EACCES': case 'EPERM': return plain(`This user may not use the container engine at ${place}.`, 'Add this user to the group docker and sign in again, or use an engine without root.');
    case 'ENOTFOUND': case 'EAI_AGAIN': return plain(`The host of the container engine, ${place}, has no address.`, 'Check the name, or write the address of the machine in its place.');
    case 'EHOSTUNREACH': case 'ENETUNREACH': return plain(`There is no way in the network to the container engine at ${place}.`, 'Check the address and the network of this machine.');
    case 'TIMEOUT': case 'ETIMEDOUT': return plain(`The container engine at ${place} accepts connections but does not answer.`);
    case 'ECONNRESET': case 'EPIPE': return plain(`The container engine at ${place} ended the connection.`, place.startsWith('/') ? null : 'See that it speaks TLS exactly where it is asked for: port 2376, DOCKER_TLS_VERIFY or --engine-certs.');
    default: break;
  }
  if (statusCode === 400 && /HTTP request to an HTTPS server/i.test(message)) return plain(`The container engine at ${place} wants TLS.`, 'Name the folder with ca.pem, cert.pem and key.pem: --engine-certs DIR, or DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.');
  if (statusCode !== undefined) return plain(`What answers at ${place} is not a working container engine (HTTP ${statusCode}).`);
  return plain(`The container engine at ${place} could not be reached.`);
}

function explainTls(code: string, message: string, place: string): Explanation | null {
  switch (code) {
    case 'CERT_HAS_EXPIRED': case 'CERT_NOT_YET_VALID': return plain(`The certificate of the container engine at ${place} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`, 'Give the engine a new certificate, or set the clock of this machine right.');
    case 'ERR_TLS_CERT_ALTNAME_INVALID': return plain(`The certificate of the container engine at ${place} is for another name.`, 'Use the name in the certificate, or make one with this name or address as subjectAltName.');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': case 'SELF_SIGNED_CERT_IN_CHAIN': case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE': case 'UNABLE_TO_GET_ISSUER_CERT': case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY': case 'CERT_SIGNATURE_FAILURE':
      return plain(`The certificate of the container engine at ${place} was not signed by the authority that is trusted here.`, 'Put the certificate of its authority into the folder of certificates as ca.pem: --engine-certs DIR or DOCKER_CERT_PATH.');
    case 'ERR_OSSL_PEM_NO_START_LINE': case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH': return plain(`The certificates for the container engine at ${place} do not fit: ${code.endsWith('MISMATCH') ? 'the key is that of another certificate' : 'one is not in PEM form'}.`, 'Put ca.pem, cert.pem and key.pem that belong together into the folder of certificates.');
    default: break;
  }
  // The same alert comes as a code of OpenSSL, or as EPROTO with OpenSSL's words.
  const words = `${code.replaceAll('_', ' ')} ${message}`;
  if (/wrong version number|packet length too long/i.test(words)) return plain(`What answers at ${place} does not speak TLS.`, 'Start the engine with --tlsverify, or use its port without TLS on loopback only.');
  if (/alert (certificate required|bad certificate|unknown ca|handshake failure|certificate expired|certificate unknown)/i.test(words)) {
    return plain(`The container engine at ${place} ${/required|handshake failure|bad certificate/i.test(words) ? 'wants a certificate of this user' : 'does not accept the certificate of this user'}.`, 'Put cert.pem and key.pem, signed by the authority that the engine trusts, into the folder of certificates: --engine-certs DIR or DOCKER_CERT_PATH.');
  }
  return code.startsWith('ERR_SSL') || code === 'EPROTO' ? plain(`No encrypted connection to the container engine at ${place} comes about (${message.split(':').at(-1)?.trim() || code}).`, 'See that both sides allow TLS 1.2 or 1.3.') : null;
}

function explainSsh({ words, exitCode }: SshError, url: string): Explanation {
  const place = url.replace(/^ssh:\/\//, '').replace(/\/.*$/, '');
  const host = place.replace(/^.*@/, '');
  if (/IDENTIFICATION HAS CHANGED|host key .*has changed/i.test(words)) return plain(`The machine at ${host} shows another host key than the one that is known here.`, `Ask who keeps it whether it was set up anew. Only then forget the old key: ssh-keygen -R ${knownName(host)}`);
  if (/Host key verification failed|No .* host key is known/i.test(words)) return plain(`The host key of ${host} is not known here, so that nobody can tell whether it is the right machine.`, `Connect once by hand, compare the fingerprint with what its keeper tells, and say yes: ssh ${sshWords(place)}`);
  if (/Permission denied \(|Too many authentication failures/i.test(words)) return plain(`${host} refused the SSH login.`, `Load a key that it accepts (ssh-add), or name it in ~/.ssh/config; passwords are not asked for here. Try: ssh ${sshWords(place)}`);
  if (/Could not resolve hostname/i.test(words)) return plain(`The host of the container engine, ${host}, has no address.`, 'Check the name, or write the address of the machine in its place.');
  if (/Connection refused/i.test(words) && exitCode === 255) return plain(`No SSH server listens at ${host}.`, 'Start sshd there, or name its port: ssh://USER@HOST:PORT');
  if (/timed out|No route to host|Network is unreachable/i.test(words) && exitCode === 255) return plain(`${host} does not answer over SSH.`, 'Check the address, the network of this machine, and that no firewall is between.');
  if (exitCode === 127 || /docker: (command )?not found/i.test(words)) return plain(`On ${host} there is no docker command that passes the connection on.`, 'Install Docker\'s command there; for Podman its package podman-docker.');
  if (/permission denied while trying to connect|connect: permission denied/i.test(words)) return plain(`Over there, this user may not use the container engine of ${host}.`, 'Add that user to the group docker on that machine.');
  if (/Cannot connect to the Docker daemon|dial unix .*(no such file|connection refused)/i.test(words)) return plain(`On ${host} no container engine is running.`, 'Start it there: sudo systemctl start docker');
  return plain(`The SSH connection to ${place} ended without an answer${words === '' ? '' : `: ${words.split('\n').at(-1)?.slice(0, 200).replace(/[.\s]+$/, '') ?? ''}`}.`, `Try: ssh ${sshWords(place)} docker version`);
}

/** As known_hosts writes a host that is not on port 22. */
const knownName = (host: string): string => { const [, name = host, port] = /^(.*):(\d+)$/.exec(host) ?? []; return port === undefined || port === '22' ? name : `"[${name}]:${port}"`; };
const sshWords = (place: string): string => { const [, name = place, port] = /^(.*):(\d+)$/.exec(place) ?? []; return port === undefined ? name : `-p ${port} ${name}`; };
