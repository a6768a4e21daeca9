// What a container may do and use, as the engine describes it; and a file out of it.
import type { Readable } from 'node:stream';
import type { ContainerSecurity } from '#core/report/security';
import { readTarHeader, tarBlock } from '#core/images/tarHeader';
import type { ObservedContainer } from '#core/stations/planStation';
import { containerListeners } from './containerListeners.ts';
import type { Engine } from './Engine.ts';

/** Fields that the library's types lack or make optional in another way. */
interface Host { readonly CapAdd?: string[] | null; readonly CapDrop?: string[] | null; readonly SecurityOpt?: string[] | null; readonly Privileged?: boolean; readonly ReadonlyRootfs?: boolean; readonly Memory?: number; readonly NanoCpus?: number; readonly PidsLimit?: number | null }

const orNull = (value: number | null | undefined): number | null => (value === undefined || value === null || value <= 0 ? null : value);

/** Null where the container is gone. Nothing of its environment is taken: keys stand there. */
export async function containerSecurity(engine: Engine, { name, role, version }: ObservedContainer, signal?: AbortSignal): Promise<ContainerSecurity | null> {
  const found = await engine.askMaybe(`Looking at ${name}`, async (docker, abortSignal) => docker.getContainer(name).inspect({ abortSignal }), { signal });
  if (!found || role === 'filler') return null;
  const host = found.HostConfig as Host;
  const image = await engine.askMaybe(`Looking at the image of ${name}`, async (docker, abortSignal) => docker.getImage(found.Image).inspect({ abortSignal } as object), { signal });
  const networks = await Promise.all(Object.keys(found.NetworkSettings.Networks).sort().map(async (network) => {
    const seen = await engine.askMaybe(`Looking at the network ${network}`, async (docker) => docker.getNetwork(network).inspect(), { signal });
    return { name: network, internal: seen?.Internal ?? null };
  }));
  const listening = found.State.Running ? await containerListeners(engine, name, signal).catch((error: unknown) => { signal?.throwIfAborted(); if (error instanceof Error) return null; throw error; }) : null;
  return {
    name, role, version, state: found.State.Status, image: found.Config.Image, imageId: found.Image, repoDigests: image?.RepoDigests ?? [],
    user: found.Config.User, privileged: host.Privileged ?? false, capabilitiesAdded: host.CapAdd ?? [], capabilitiesDropped: host.CapDrop ?? [],
    noNewPrivileges: (host.SecurityOpt ?? []).some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)), readOnlyRoot: host.ReadonlyRootfs ?? false,
    networks, published: publishedOf(found.NetworkSettings.Ports), listening,
    memoryBytes: orNull(host.Memory), cpus: orNull(host.NanoCpus) === null ? null : (host.NanoCpus ?? 0) / 1e9, pids: orNull(host.PidsLimit),
  };
}

const publishedOf = (ports: Readonly<Record<string, ReadonlyArray<{ readonly HostIp: string; readonly HostPort: string }> | null>>): string[] =>
  Object.entries(ports).flatMap(([inside, bindings]) => (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort} to ${inside}`)).sort();

const fileBytesMax = 4 * 1024 ** 2;

/** One file out of a container; null where it has none of that name, or one too large to be a document. */
export async function fileInContainer(engine: Engine, name: string, path: string, signal?: AbortSignal): Promise<Buffer | null> {
  const archive = await engine.askMaybe(`Reading ${path} of ${name}`, async (docker, abortSignal) => {
    const stream: Readable = await docker.getContainer(name).getArchive({ path, abortSignal } as { path: string }) as Readable; // the types know no signal here, and a narrower stream
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > fileBytesMax) { stream.destroy(); return null; }
      parts.push(part);
    }
    return Buffer.concat(parts);
  }, { signal });
  const header = archive === null || archive.length < tarBlock ? null : readTarHeader(archive.subarray(0, tarBlock));
  return archive === null || header?.kind !== 'file' ? null : archive.subarray(tarBlock, tarBlock + header.sizeBytes);
}
