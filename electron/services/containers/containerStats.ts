// The engine's statistics of one container, about once a second, until it ends or the caller stops.
import type { Readable } from 'node:stream';
import { containerUsage, type ContainerUsage, type StatsReading } from '#core/stations/containerUsage';
import type { Engine } from './Engine.ts';
import { followLines } from './followLines.ts';
import { translateDockerError } from './translateDockerError.ts';

/** @throws CONNECTION_LOST when the engine dies */
export async function followStats(engine: Engine, name: string, onUsage: (usage: ContainerUsage) => void, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const onAbort = () => controller.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) return;
  let before: StatsReading | null = null;
  try {
    const stream = await engine.docker.getContainer(name).stats({ stream: true, abortSignal: controller.signal } as { stream: true }) as Readable; // the types know no signal; the answer is the response of Node's http
    await followLines(stream, (line) => {
      let reading: StatsReading;
      try { reading = JSON.parse(line) as StatsReading; } catch { return; } // every field of it is optional and looked at
      onUsage(containerUsage(before, reading));
      before = reading;
    });
  } catch (error) {
    if (!signal.aborted) throw translateDockerError(error, `Measuring ${name}`, engine.url);
  } finally {
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}
