// Takes apart what Docker multiplexes: frames of 8 bytes head (stream, length) and content; they may be cut anywhere.
export interface EngineFrame { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }

const headBytes = 8;

/** Answers the pieces of content in their order, as they come: a frame that is cut comes in several. */
export function makeFrameReader(): (part: Uint8Array) => EngineFrame[] {
  let head: number[] = [];
  let left = 0;
  let stream: EngineFrame['stream'] = 'stdout';
  return (part) => {
    const frames: EngineFrame[] = [];
    for (let at = 0; at < part.length;) {
      if (left > 0) {
        const take = Math.min(left, part.length - at);
        frames.push({ stream, bytes: part.subarray(at, at + take) });
        left -= take;
        at += take;
        continue;
      }
      head.push(part[at++] ?? 0);
      if (head.length < headBytes) continue;
      stream = head[0] === 2 ? 'stderr' : 'stdout';
      left = head.slice(4).reduce((value, byte) => value * 256 + byte, 0);
      head = [];
    }
    return frames;
  };
}
