// The stable gRPC address: connections are handed to the live version whole, and a version that is taken away closes its own (GOAWAY). Where each call has to be looked at (keys, encryption, several hosts), calls are dealt out one by one.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { GatewayConfig } from '#shared/gateway';
import { targetsToTry, type Share } from './chooseTarget.ts';
import type { Doors } from './doors.ts';
import type { GrpcCalls } from './grpcCalls.ts';

interface TcpProxy {
  readonly server: Server;
  /** New orders: connections that came in before there were keys are ended, for nobody looks at what they carry. */
  follow(): void;
  close(): Promise<void>;
}

/** gRPC multiplexes its calls on one connection, so the share of a canary counts connections where they are handed on whole, and its key is not seen. */
export function makeTcpProxy({ config, share, calls, doors }: { readonly config: () => GatewayConfig | null; readonly share: Share; readonly calls: GrpcCalls; readonly doors: Pick<Doors, 'door' | 'guarded'> }): TcpProxy {
  const open = new Set<Socket>();
  const track = (socket: Socket) => { open.add(socket); socket.once('close', () => open.delete(socket)); };
  const admit = doors.door('h2', (socket) => calls.take(socket));
  const server = createServer((client) => {
    const orders = config();
    client.setNoDelay(true);
    if (doors.guarded() || orders?.targets.some(({ replicas }) => replicas !== undefined)) { admit(client); return; }
    track(client);
    client.on('error', () => client.destroy());
    if (!orders || orders.stopped) { client.destroy(); return; }
    void dial(orders, targetsToTry(orders, null, share), client, track);
  });
  return {
    server,
    follow() { if (doors.guarded()) for (const socket of open) socket.destroy(); },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      calls.close();
      for (const socket of open) socket.end();
    }),
  };
}

async function dial(config: GatewayConfig, names: readonly string[], client: Socket, track: (socket: Socket) => void): Promise<void> {
  for (const name of names) {
    const target = config.targets.find(({ id }) => id === name);
    if (!target || target.grpcPort === null) continue;
    const upstream = await reach(target.host, target.grpcPort);
    if (!upstream) continue;
    if (client.destroyed) { upstream.destroy(); return; }
    upstream.setNoDelay(true);
    track(upstream);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
    return;
  }
  client.destroy();
}

function reach(host: string, port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (reached: Socket | null) => { socket.removeAllListeners(); socket.setTimeout(0); if (!reached) socket.destroy(); resolve(reached); };
    socket.once('connect', () => end(socket)).once('error', () => end(null)).once('timeout', () => end(null));
  });
}
