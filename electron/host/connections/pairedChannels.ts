// Two ends of a channel within one process: frames arrive later, in order, and copied as a wire would copy them.
import type { Channel, Frame } from '#shared/rpc';

export function pairedChannels(): readonly [Channel, Channel] {
  const ends = [{ frames: [] as Array<(frame: Frame) => void>, closes: [] as Array<() => void> }, { frames: [] as Array<(frame: Frame) => void>, closes: [] as Array<() => void> }] as const;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    queueMicrotask(() => ends.forEach((end) => end.closes.forEach((listener) => listener())));
  };
  const channel = (mine: 0 | 1): Channel => ({
    send(frame) {
      if (!open) return;
      const copy = structuredClone(frame);
      queueMicrotask(() => { if (open) ends[mine === 0 ? 1 : 0].frames.forEach((listener) => listener(copy)); });
    },
    onFrame: (listener) => { ends[mine].frames.push(listener); },
    onClose: (listener) => { ends[mine].closes.push(listener); },
    close,
  });
  return [channel(0), channel(1)];
}
