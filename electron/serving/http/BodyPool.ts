// Memory for large bodies that is used again and again: fresh memory for each would keep the garbage collector busier than the model.
export interface BodyPool {
  /** Shared with the engine's threads, so that nothing is handed over. The byte at `alignAt` has an aligned address. */
  take(length: number, alignAt: number): Uint8Array;
  give(body: Uint8Array): void;
}

const smallest = 64 * 1024;

/** Keeps up to `keptBytesMax`, the most recently used first. */
export function createBodyPool(keptBytesMax: number): BodyPool {
  const kept: SharedArrayBuffer[] = [];
  const keptBytes = () => kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    take(length, alignAt) {
      const pad = (8 - (alignAt % 8)) % 8;
      const size = 2 ** Math.ceil(Math.log2(Math.max(smallest, length + 8)));
      const index = kept.map(({ byteLength }) => byteLength).lastIndexOf(size);
      const [buffer] = index === -1 ? [new SharedArrayBuffer(size)] : kept.splice(index, 1);
      return new Uint8Array(buffer!, pad, length); // one of the two is there
    },
    give({ buffer }) {
      if (!(buffer instanceof SharedArrayBuffer)) return;
      kept.push(buffer);
      while (kept.length > 0 && keptBytes() > keptBytesMax) kept.shift();
    },
  };
}
