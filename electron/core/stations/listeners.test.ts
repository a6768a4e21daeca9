// The kernel's table of sockets as a container shows it, and what is said of it.
import { expect, it } from 'vitest';
import { judgeListeners, readHostListeners, readListeners } from './listeners.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (address: string, port: number, state = '0A') => `   0: ${address}:${port.toString(16).toUpperCase().padStart(4, '0')} ${address.length === 8 ? '00000000' : '0'.repeat(32)}:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0\n`;
const expected = { title: 'MLServer', ports: { http: 8080, grpc: 8081, metrics: 8082 }, published: { host: '127.0.0.1', http: 8100, grpc: 8101 } };

it('sees who listens for others, in both families, and leaves connections and loopback out', () => {
  const table = head + row('00000000', 8080) + row('0100007F', 9999) + row('0B00007F', 35_001) + row('0200000A', 50_000, '01') + head + row('0'.repeat(32), 8081) + row('00000000000000000000000001000000', 7777) + row('0000000000000000FFFF00000100007F', 6666);
  expect(readListeners(table)).toEqual([8080, 8081]);
});

it('is content with the ports of the plan, and names others and missing ones with a remedy', () => {
  expect(judgeListeners([8080, 8081, 8082], expected)).toMatchObject({ severity: 'info', message: expect.stringContaining('8080, 8081, 8082') as string });
  expect(judgeListeners([5000, 8080, 8081, 8082], expected)).toMatchObject({ severity: 'warning', message: expect.stringContaining('port 5000') as string, remedy: expect.any(String) as string });
  expect(judgeListeners([8080, 8081], expected)).toMatchObject({ severity: 'warning', message: expect.stringContaining('8082') as string, remedy: expect.any(String) as string });
  expect(judgeListeners(null, expected)).toMatchObject({ severity: 'warning', remedy: expect.any(String) as string });
});

it('lists the ports of a machine with who reaches them and whose they are, each once', () => {
  const table = head + row('00000000', 22) + row('0100007F', 631) + row('0200000A', 50_000, '01') + row('00000000', 22) + head + row('00000000000000000000000001000000', 631);
  expect(readHostListeners(table, new Set())).toEqual([
    { address: '0.0.0.0', port: 22, loopback: false, own: false }, { address: '127.0.0.1', port: 631, loopback: true, own: false }, { address: '[0:0:0:0:0:0:0:1]', port: 631, loopback: true, own: false },
  ]);
  expect(readHostListeners(table, new Set(['4242'])).every(({ own }) => own)).toBe(true);
});
