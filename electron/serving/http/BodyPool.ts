// Memory for large bodies that is used again and again: fresh memory for each would keep the garbage collector busier than the model.
export interface BodyPool {
  /** Handed over to an engine's thread with the body, and back again. The byte at `alignAt` has an aligned address. */
  take(length: number, alignAt: number): Uint8Array<ArrayBuffer>;
  /** Memory that did not come from here, or that a thread still has, is left to the garbage collector. */
  give(memory: ArrayBuffer): void;
}

const smallest = 64 * 1024;
const sizeFor = (length: number) => 2 ** Math.ceil(Math.log2(Math.max(smallest, length)));

/** Keeps up to `keptBytesMax`, the most recently used first. */
export function createBodyPool(keptBytesMax: number): BodyPool {
  const kept: ArrayBuffer[] = [];
  const keptBytes = () => kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    take(length, alignAt) {
      const pad = (8 - (alignAt % 8)) % 8;
      const size = sizeFor(length + 8);
      const index = kept.map(({ byteLength }) => byteLength).lastIndexOf(size);
      const [buffer] = index === -1 ? [new ArrayBuffer(size)] : kept.splice(index, 1);
      return new Uint8Array(buffer!, pad, length); // one of the two is there
    },
    give(memory) {
      if (memory.byteLength !== sizeFor(memory.byteLength)) return;
      kept.push(memory);
      while (kept.length > 0 && keptBytes() > keptBytesMax) kept.shift();
    },
  };
}
