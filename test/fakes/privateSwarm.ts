// Two hosts on one machine as a Swarm: the second engine has a network namespace of its own, and a cable between the two.
import { execFileSync } from 'node:child_process';
import { privateDocker, type PrivateDocker } from './privateDocker.ts';
import { until } from './testHost.ts';

export interface PrivateSwarm {
  readonly manager: PrivateDocker;
  readonly worker: PrivateDocker;
  readonly names: { readonly manager: string; readonly worker: string };
  /** Pulls the cable, or plugs it in: then nobody even refuses a connection. */
  cable(plugged: boolean): void;
  /** As `docker node update --availability` on the manager. */
  availability(name: string, to: 'active' | 'drain'): Promise<void>;
  close(): Promise<void>;
}

const addresses = { manager: '10.99.71.1', worker: '10.99.71.2' };
const names = { manager: 'line-b-1', worker: 'line-b-2' };

interface Node { readonly ID: string; readonly Version: { readonly Index: number }; readonly Spec: object; readonly Description: { readonly Hostname: string } }

export async function privateSwarm(dockerd: string): Promise<PrivateSwarm> {
  const [space, here, there] = [`mwsw${process.pid}`, `mwa${process.pid}`, `mwb${process.pid}`];
  const asRoot = (program: string, ...args: string[]) => { const [file, ...rest] = process.getuid?.() === 0 ? [program, ...args] : ['sudo', '-n', program, ...args]; execFileSync(file, rest, { stdio: 'ignore' }); };
  const quietly = (...command: [string, ...string[]]) => { try { asRoot(...command); } catch { /* not there any more */ } };
  const named = (name: string) => ['unshare', '--uts', 'sh', '-c', `hostname ${name}; exec "$0" "$@"`];
  asRoot('ip', 'netns', 'add', space);
  asRoot('ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there);
  asRoot('ip', 'link', 'set', there, 'netns', space);
  asRoot('ip', 'addr', 'add', `${addresses.manager}/24`, 'dev', here);
  asRoot('ip', '-n', space, 'addr', 'add', `${addresses.worker}/24`, 'dev', there);
  asRoot('ip', 'link', 'set', here, 'up');
  for (const link of ['lo', there]) asRoot('ip', '-n', space, 'link', 'set', link, 'up');
  const manager = privateDocker(dockerd, { before: named(names.manager) });
  // Not `ip netns exec`, which hides the control groups that the engine needs.
  const worker = privateDocker(dockerd, { before: ['nsenter', `--net=/var/run/netns/${space}`, ...named(names.worker)] });
  await manager.start();
  await worker.start();
  await manager.post('/swarm/init', { ListenAddr: `${addresses.manager}:2377`, AdvertiseAddr: addresses.manager });
  const { JoinTokens } = await manager.api<{ readonly JoinTokens: { readonly Worker: string } }>('/swarm');
  await worker.post('/swarm/join', { ListenAddr: `${addresses.worker}:2377`, AdvertiseAddr: addresses.worker, RemoteAddrs: [`${addresses.manager}:2377`], JoinToken: JoinTokens.Worker });
  const nodes = () => manager.api<Node[]>('/nodes');
  await until(async () => (await nodes()).length === 2, 'the worker joins', 20_000);
  return {
    manager, worker, names,
    cable(plugged) { asRoot('ip', '-n', space, 'link', 'set', there, plugged ? 'up' : 'down'); },
    async availability(name, to) {
      const node = (await nodes()).find(({ Description }) => Description.Hostname === name);
      if (!node) throw new Error(`no node ${name}`);
      await manager.post(`/nodes/${node.ID}/update?version=${node.Version.Index}`, { ...node.Spec, Availability: to });
    },
    async close() {
      for (const one of [worker, manager]) await one.post('/swarm/leave?force=1').catch(() => undefined);
      for (const one of [worker, manager]) { await one.remove('/networks/docker_gwbridge').catch(() => undefined); await one.close(); }
      quietly('ip', 'link', 'del', here);
      quietly('ip', 'netns', 'del', space);
    },
  };
}
