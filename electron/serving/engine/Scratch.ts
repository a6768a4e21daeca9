// Memory of an engine's thread into which it copies shared bodies: the runtime takes no shared memory, and one place serves all requests in turn.
export interface Scratch {
  /** What was placed before is over: its requests are answered. */
  reset(): void;
  /** A copy with the same alignment; bodies that are not shared are used as they are. */
  place(body: Uint8Array): Uint8Array;
}

export function createScratch(keptBytesMax: number): Scratch {
  let buffer = new ArrayBuffer(0);
  let used = 0;
  return {
    reset: () => { used = 0; },
    place(body) {
      if (!(body.buffer instanceof SharedArrayBuffer)) return body;
      const start = Math.ceil(used / 8) * 8 + (body.byteOffset % 8);
      const end = start + body.length;
      let target = buffer;
      if (end > buffer.byteLength) {
        // requests that were placed before keep the old memory alive
        target = new ArrayBuffer(Math.max(end, Math.min(keptBytesMax, end * 2)));
        if (target.byteLength <= keptBytesMax) buffer = target;
      }
      if (target === buffer) used = end;
      const copy = new Uint8Array(target, start, body.length);
      copy.set(body);
      return copy;
    },
  };
}
