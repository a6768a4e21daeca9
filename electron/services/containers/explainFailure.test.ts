// The sentences for what a test cannot bring about at will: words of ssh and codes of TLS, as the programs give them.
import { describe, expect, it } from 'vitest';
import { explainFailure } from './explainFailure.ts';
import { sshArguments, SshError, sshTargetOf } from './sshConnection.ts';

const coded = (code: string, message = '') => Object.assign(new Error(message), { code });
const ssh = (words: string, exitCode: number | null = 255) => explainFailure(new SshError(words, exitCode), 'ssh://op@press-7:2222/run/docker.sock');
const tls = (code: string, message?: string) => explainFailure(coded(code, message), 'tcp://press-7:2376');

describe('over SSH', () => {
  it.each<[string, string, number, string, string]>([
    ['a host nobody knows', 'ssh: Could not resolve hostname press-7: Name or service not known', 255, 'has no address', 'Check the name'],
    ['a host that is silent', 'ssh: connect to host press-7 port 2222: Connection timed out', 255, 'does not answer over SSH', 'firewall'],
    ['a key that changed', '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.', 255, 'another host key', 'ssh-keygen -R "[press-7]:2222"'],
    ['a key that is new', 'No ED25519 host key is known for press-7 and you have requested strict checking.\nHost key verification failed.', 255, 'is not known here', 'ssh -p 2222 op@press-7'],
    ['a login with a password only', 'op@press-7: Permission denied (publickey,password).', 255, 'refused the SSH login', 'ssh-add'],
    ['a machine without the command', 'bash: line 1: docker: command not found', 127, 'no docker command', 'podman-docker'],
    ['a user without rights there', 'Got permission denied while trying to connect to the Docker daemon socket', 1, 'may not use the container engine', 'group docker'],
    ['an engine that is off', 'error during connect: dial unix /run/docker.sock: connect: connection refused', 1, 'no container engine is running', 'systemctl start docker'],
    ['anything else', 'kex_exchange_identification: read: Connection reset by peer.', 255, 'ended without an answer: kex_exchange_identification: read: Connection reset by peer.', 'ssh -p 2222 op@press-7 docker version'],
  ])('tells %s', (_what, words, exitCode, reason, hint) => {
    expect(ssh(words, exitCode)).toEqual({ reason: expect.stringContaining(reason) as unknown, hint: expect.stringContaining(hint) as unknown });
  });
  it('gives ssh what it needs and nothing that it, or a shell over there, would take for more', () => {
    expect(sshArguments(sshTargetOf('ssh://op@press-7:2222/run/docker.sock')).slice(-8)).toEqual(['-T', '-l', 'op', '-p', '2222', '--', 'press-7', 'docker -H unix:///run/docker.sock system dial-stdio']);
    expect(sshArguments(sshTargetOf('ssh://[::1]')).slice(-4)).toEqual(['-T', '--', '::1', 'docker system dial-stdio']);
    for (const url of ['ssh://-x', 'ssh://a b', 'ssh://-l@b', 'ssh://a@b/x;y', 'ssh://a@b:port', 'ssh://']) expect(() => sshTargetOf(url)).toThrow(expect.objectContaining({ code: 'BAD_USAGE' }));
  });
});

it.each([
  ['CERT_HAS_EXPIRED', '', 'has expired', 'clock'], ['ERR_TLS_CERT_ALTNAME_INVALID', '', 'for another name', 'subjectAltName'], ['SELF_SIGNED_CERT_IN_CHAIN', '', 'not signed by the authority', 'ca.pem'],
  ['EPROTO', 'C0:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:354:', 'does not speak TLS', '--tlsverify'],
  ['EPROTO', 'C0:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:SSL alert number 116', 'wants a certificate', 'cert.pem and key.pem'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', '', 'does not accept the certificate', 'signed by the authority'], ['EHOSTUNREACH', '', 'no way in the network', 'Check the address'], ['ECONNRESET', '', 'ended the connection', 'TLS'],
])('tells %s over TCP %s', (code, message, reason, hint) => {
  expect(tls(code, message)).toEqual({ reason: expect.stringContaining(reason) as unknown, hint: expect.stringContaining(hint) as unknown });
});
