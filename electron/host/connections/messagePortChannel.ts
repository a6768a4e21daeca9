// A channel over a MessagePort of Node's worker_threads or of the web: both have postMessage and a close event.
import type { Channel, Frame } from '#shared/rpc';

/** What Node's MessagePort offers of what is needed here. */
export interface PortLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

export function messagePortChannel(port: PortLike): Channel {
  let open = true;
  const closeListeners: Array<() => void> = [];
  port.on('close', () => {
    if (!open) return;
    open = false;
    closeListeners.forEach((listener) => listener());
  });
  return {
    send: (frame) => { if (open) port.postMessage(frame); },
    onFrame: (listener) => { port.on('message', (data) => listener(data as Frame)); }, // rpc.ts parses every frame
    onClose: (listener) => { closeListeners.push(listener); },
    close: () => port.close(),
  };
}
