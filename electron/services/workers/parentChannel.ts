// The channel to the process that started this one: by child_process.fork, or from Electron's main process as a utility process.
import type { Channel, Frame } from '#shared/rpc';

interface ElectronPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly ElectronPort[] }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** The channel that child_process.fork gives. */
function processChannel(): Channel {
  return {
    send: (frame) => { if (process.connected) process.send!(frame); },
    onFrame: (listener) => { process.on('message', (frame) => listener(frame as Frame)); }, // only the launcher holds the other end
    onClose: (listener) => { process.on('disconnect', listener); },
    close: () => process.disconnect(),
  };
}

function electronChannel(port: ElectronPort): Channel {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => { port.on('message', (event) => listener(event.data as Frame)); port.start(); }, // as above
    onClose: (listener) => { port.on('close', listener); },
    close: () => port.close(),
  };
}

/** Calls `serve` once there is a channel: at once after a fork, with the first message in a utility process. */
export function onParentChannel(serve: (channel: Channel) => void): void {
  // Electron adds parentPort to `process` in a utility process; its types belong to another layer.
  const { parentPort } = process as unknown as { parentPort?: ElectronPort };
  if (parentPort) parentPort.on('message', (event) => { if (event.ports[0]) serve(electronChannel(event.ports[0])); });
  else serve(processChannel());
}
