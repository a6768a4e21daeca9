// Frees what a finished stage leaves behind: buffers of models lie outside the collector's heap, so by itself it sees no reason to run.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Takes some ten milliseconds; worth it between stages that hold whole models. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void; // what the flag adds to every new context
  }
  collect();
}
