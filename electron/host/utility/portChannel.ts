// Makes a channel of frames from a port of Electron's (MessagePortMain): events carry `data`, and `close` is an event.
import type { Channel, Frame } from '#shared/rpc';
import type { UtilityPort } from './messages.ts';

export function portChannel(port: UtilityPort): Channel {
  let open = true;
  const closeListeners: (() => void)[] = [];
  const closed = () => {
    if (!open) return;
    open = false;
    closeListeners.forEach((listener) => listener());
  };
  port.on('close', closed);
  return {
    send: (frame) => { if (open) port.postMessage(frame); },
    onFrame: (listener) => { port.on('message', (event) => listener(event.data as Frame)); port.start(); }, // the other end is our own code; serveChannel checks what a page sends
    onClose: (listener) => { closeListeners.push(listener); },
    close: () => { port.close(); closed(); },
  };
}
