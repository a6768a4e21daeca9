// Tells what is served and each change of it, from the store and from the engine.
import type { ServingView } from '#shared/contract/serving';
import type { Services } from '../Services.ts';
import { viewStations } from './viewStation.ts';

const everyMs = 2000;

export async function watchServing(services: Services, emit: (views: ServingView[]) => void, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined;
  const stop = services.store.onChange(({ noun }) => { if (noun === 'serving' || noun === 'stations') wake(); });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  let last = '';
  try {
    while (!signal.aborted) {
      const views = await viewStations(services, signal).catch((error: unknown) => { if (signal.aborted) return null; throw error; });
      if (views === null) return;
      const text = JSON.stringify(views);
      if (text !== last) emit(views);
      last = text;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => { const timer = setTimeout(resolve, everyMs); wake = () => { clearTimeout(timer); resolve(); }; });
    }
  } finally {
    stop();
    signal.removeEventListener('abort', onAbort);
  }
}
