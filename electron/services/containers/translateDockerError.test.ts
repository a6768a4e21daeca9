import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#shared/errors';
import { translateDockerError } from './translateDockerError.ts';

const url = 'unix:///var/run/docker.sock';
const http = (statusCode: number, message: string | null, reason = 'server error') => Object.assign(new Error(`(HTTP code ${statusCode}) ${reason} - ${message ?? 'unexpected'} `), { statusCode, reason, json: message === null ? null : { message } });
const socket = (code: string) => Object.assign(new Error(`connect ${code} /var/run/docker.sock`), { code, errno: -1, syscall: 'connect', address: '/var/run/docker.sock' });

// What real engines answered: Docker 20.10 and 29, and Podman 4.3.
const cases: ReadonlyArray<readonly [string, unknown, ErrorCode, RegExp]> = [
  ['no socket', socket('ENOENT'), 'DOCKER_UNAVAILABLE', /There is no container engine/],
  ['a dead daemon', socket('ECONNREFUSED'), 'DOCKER_UNAVAILABLE', /is not running/],
  ['no permission', socket('EACCES'), 'PERMISSION_DENIED', /may not use/],
  ['a daemon that dies', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'CONNECTION_LOST', /ended the connection/],
  ['a stream that is cut', new Error('aborted'), 'CONNECTION_LOST', /ended the connection/],
  ['a taken port, 20.10', http(500, 'driver failed programming external connectivity on endpoint x (1f): Bind for 127.0.0.1:19091 failed: port is already allocated'), 'PORT_TAKEN', /port 19091 is taken/],
  ['a port of another program', http(500, 'driver failed programming external connectivity on endpoint x (1f): Error starting userland proxy: listen tcp4 127.0.0.1:8100: bind: address already in use'), 'PORT_TAKEN', /port 8100 is taken/],
  ['a taken port, 29', http(500, 'failed to set up container networking: driver failed programming external connectivity: Bind for 127.0.0.1:19091 failed: port is already allocated'), 'PORT_TAKEN', /port 19091/],
  ['an address of another machine', http(500, 'failed to set up container networking: driver failed programming external connectivity on endpoint x (1f): failed to listen on TCP socket: listen tcp4 192.168.99.9:8100: bind: cannot assign requested address'), 'BAD_INPUT', /machine has no address 192\.168\.99\.9\.$/],
  ['an address of another machine, IPv6', http(500, 'driver failed programming external connectivity on endpoint x (1f): Error starting userland proxy: listen tcp6 [fd00::9]:8100: bind: cannot assign requested address'), 'BAD_INPUT', /machine has no address fd00::9\.$/],
  ['an address of another machine, without words on it', http(500, 'driver failed programming external connectivity: cannot assign requested address'), 'BAD_INPUT', /has no address of that kind/],
  ['no GPU driver, 20.10', http(500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'), 'DOCKER_REFUSED', /no driver for GPUs/],
  ['no GPU driver, 29', http(500, 'failed to discover GPU vendor from CDI: no known GPU vendor found'), 'DOCKER_REFUSED', /no driver for GPUs/],
  ['an unknown runtime', http(400, 'Unknown runtime specified nvidia', 'bad parameter'), 'DOCKER_REFUSED', /no driver for GPUs/],
  ['too many processors', http(400, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available', 'bad parameter'), 'BAD_INPUT', /has 2 processors/],
  ['too little memory', http(400, 'Minimum memory limit allowed is 6MB', 'bad parameter'), 'BAD_INPUT', /6MB/],
  ['a missing mount', http(400, 'invalid mount config for type "bind": bind source path does not exist: /no/such', 'bad parameter'), 'NOT_FOUND', /\/no\/such/],
  ['a missing image', http(404, 'No such image: nope:1', 'no such container'), 'NOT_FOUND', /image nope:1 is not on this engine/],
  ['a missing container', http(404, 'No such container: ms-a', 'no such container'), 'NOT_FOUND', /No such container/],
  ['a name that is taken', http(409, 'Conflict. The container name "/ms-a" is already in use by container "1f".'), 'BUSY', /already in use/],
  ['a full disk', http(500, 'Error processing tar file(exit status 1): write /1f/layer.tar: no space left on device'), 'DISK_FULL', /disk of the container engine is full/],
  ['a cut archive', http(500, 'Error processing tar file(exit status 1): unexpected EOF'), 'BAD_INPUT', /damaged/],
  ['a flipped bit, 20.10', http(500, 'invalid diffID for layer 1: expected "sha256:a", got "sha256:b"'), 'BAD_INPUT', /damaged/],
  ['a flipped bit, 29', http(500, 'Error unpacking image x: wrong diff id calculated on extraction'), 'BAD_INPUT', /damaged/],
  ['the wrong architecture', http(400, 'failed to create shim task: OCI runtime create failed: exec /bin/x: exec format error'), 'DOCKER_REFUSED', /architecture/],
  ['used-up address ranges', http(500, 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network'), 'DOCKER_REFUSED', /address ranges/],
  ['a removed bridge', http(500, 'could not find bridge docker0: route ip+net: no such network interface'), 'DOCKER_REFUSED', /network is damaged/],
  ['what nobody has seen yet', http(500, 'the moon is full'), 'DOCKER_REFUSED', /The engine says: the moon is full\.$/],
  ['an answer without words, Podman', http(500, null), 'DOCKER_REFUSED', /The engine says: unexpected\.$/],
];

describe('translateDockerError', () => {
  it.each(cases)('says what to do about %s', (_what, error, code, sentence) => {
    const translated = translateDockerError(error, 'Starting mw-v1', url);
    expect(translated.code).toBe(code);
    expect(translated.message).toMatch(sentence);
    expect(translated.message).toMatch(/^[A-Z].*\.$/);
    expect(translated.hint).not.toBe('');
  });
  it('passes on what is told already', () => {
    const told = new AppError('BAD_MODEL', 'x.');
    expect(translateDockerError(told, 'x', url)).toBe(told);
  });
});
