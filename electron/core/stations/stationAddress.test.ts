import { describe, expect, it } from 'vitest';
import { hostForClients, hostThere, machineOf, reachOf } from './stationAddress.ts';

const elsewhere = (host: string) => ({ host, certs: null });

describe('the address of a station', () => {
  it('is what was asked for, or a name of the machine where it listens at all addresses', () => {
    expect(hostForClients({ listen: '127.0.0.1', engine: null }, 'desk-2')).toBe('127.0.0.1');
    expect(hostForClients({ listen: '0.0.0.0', engine: null }, 'desk-2')).toBe('desk-2');
    expect(hostForClients({ listen: '192.168.10.4', engine: elsewhere('ssh://plant@line-4') }, 'desk-2')).toBe('192.168.10.4');
    expect(hostForClients({ listen: '0.0.0.0', engine: elsewhere('ssh://plant@line-4:2222/run/docker.sock') }, 'desk-2')).toBe('line-4');
    expect(hostForClients({ listen: '::', engine: elsewhere('https://[fd00::4]:2376') }, 'desk-2')).toBe('[fd00::4]');
    expect(hostForClients({ listen: 'fd00::4', engine: null }, 'desk-2')).toBe('[fd00::4]');
  });
  it('says who reaches it', () => {
    expect(reachOf({ listen: '127.0.0.1', engine: null, tls: null })).toBe('on this machine only');
    expect(reachOf({ listen: '::1', engine: elsewhere('ssh://plant@line-4'), tls: null })).toBe('on line-4 only');
    expect(reachOf({ listen: '0.0.0.0', engine: elsewhere('https://10.4.0.12:2376'), tls: null })).toBe('at all addresses of 10.4.0.12, unencrypted');
    expect(reachOf({ listen: '192.168.10.4', engine: null, tls: null })).toBe('at 192.168.10.4 of this machine, unencrypted');
    expect(reachOf({ listen: '0.0.0.0', engine: null, tls: { cert: '', key: '', clientCa: null } })).toBe('at all addresses of this machine, encrypted');
  });
  it('is the loopback for the machine itself where it listens at all addresses', () => {
    expect(['127.0.0.1', '0.0.0.0', '::', '192.168.10.4'].map((listen) => hostThere({ listen }))).toEqual(['127.0.0.1', '127.0.0.1', '::1', '192.168.10.4']);
  });
  it('takes the name of a machine from any address of an engine', () => {
    expect(['ssh://plant@line-4', 'ssh://line-4:22', 'tcp://line-4:2376', 'https://10.0.0.1'].map(machineOf)).toEqual(['line-4', 'line-4', 'line-4', '10.0.0.1']);
  });
});
