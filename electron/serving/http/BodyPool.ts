// Memory for large bodies that is used again and again: fresh memory for each would keep the garbage collector busier than the model.
import { freeMemory } from './freeMemory.ts';

export interface BodyPool {
  /** Handed over to an engine's thread with the body, and back again. The byte at `alignAt` has an aligned address. */
  take(length: number, alignAt: number): Uint8Array<ArrayBuffer>;
  /** Memory that did not come from here, or that a thread still has, is left to the garbage collector. */
  give(memory: ArrayBuffer): void;
}

const smallest = 64 * 1024;
const sizeFor = (length: number) => 2 ** Math.ceil(Math.log2(Math.max(smallest, length)));

/** What a burst of requests left behind is given back to the system after so long. */
const unusedMs = 10_000;

/** Keeps up to `keptBytesMax`, the most recently used first, and nothing that was not needed for a while. @param now milliseconds on a clock that never goes back */
export function createBodyPool(keptBytesMax: number, now: () => number = () => performance.now()): BodyPool {
  // The least recently used first.
  const kept: { readonly memory: ArrayBuffer; readonly at: number }[] = [];
  let keptBytes = 0;
  return {
    take(length, alignAt) {
      const pad = (8 - (alignAt % 8)) % 8;
      const size = sizeFor(length + 8);
      const index = kept.map(({ memory }) => memory.byteLength).lastIndexOf(size);
      const [found] = index === -1 ? [] : kept.splice(index, 1);
      if (found) keptBytes -= size;
      return new Uint8Array(found?.memory ?? new ArrayBuffer(size), pad, length);
    },
    give(memory) {
      if (memory.byteLength !== sizeFor(memory.byteLength)) return;
      const at = now();
      kept.push({ memory, at });
      keptBytes += memory.byteLength;
      for (let oldest = kept[0]; oldest && (keptBytes > keptBytesMax || oldest.at < at - unusedMs); oldest = kept[0]) {
        kept.shift();
        keptBytes -= oldest.memory.byteLength;
        freeMemory(oldest.memory);
      }
    },
  };
}
