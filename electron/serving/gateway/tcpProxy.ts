// The stable gRPC address: connections are handed to the live version whole, and a version that is taken away closes its own (GOAWAY). Where a version runs on several hosts, its calls are dealt out one by one.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { GatewayConfig } from '#shared/gateway';
import { targetsToTry, type Share } from './chooseTarget.ts';
import type { GrpcReplicas } from './grpcReplicas.ts';

/** gRPC multiplexes its calls on one connection, so the share of a canary counts connections here, and keys are not seen. */
export function makeTcpProxy(config: () => GatewayConfig | null, share: Share, onReplicas: GrpcReplicas): { readonly server: Server; close(): Promise<void> } {
  const open = new Set<Socket>();
  const track = (socket: Socket) => { open.add(socket); socket.once('close', () => open.delete(socket)); socket.setNoDelay(true); };
  const server = createServer((client) => {
    const orders = config();
    if (orders?.targets.some(({ replicas }) => replicas !== undefined)) { client.setNoDelay(true); onReplicas.take(client); return; }
    track(client);
    client.on('error', () => client.destroy());
    if (!orders || orders.stopped) { client.destroy(); return; }
    void dial(orders, targetsToTry(orders, null, share), client, track);
  });
  return {
    server,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      onReplicas.close();
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
