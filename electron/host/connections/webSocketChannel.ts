// A channel over a WebSocket: frames as JSON text, with a limit on what waits for a slow reader.
import type { WebSocket } from 'ws';
import { AppError } from '#shared/errors';
import type { Channel, Frame } from '#shared/rpc';

/** The largest frame that is read; bytes of models and data never ride in frames. */
export const frameBytesMax = 4 * 1024 * 1024;
/** A reader that is behind by more than this is cut off: it connects again and asks anew, and the host's memory stays bounded. */
export const unsentBytesMax = 16 * 1024 * 1024;

const closeBadData = 1007;

export function webSocketChannel(socket: WebSocket): Channel {
  socket.on('error', () => undefined); // 'close' follows, and that is what counts
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return;
      const text = JSON.stringify(frame);
      if (Buffer.byteLength(text) > frameBytesMax && frame.t === 'call') throw new AppError('BAD_INPUT', 'The request is too large.');
      if (socket.bufferedAmount > unsentBytesMax) return socket.terminate(); // a closing handshake would wait behind all that is unsent
      socket.send(text);
    },
    onFrame(listener) {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        let value: unknown;
        try {
          value = isBinary ? undefined : JSON.parse(data.toString('utf8'));
        } catch {
          value = undefined;
        }
        if (value === undefined) return socket.close(closeBadData, 'not JSON');
        listener(value as Frame); // rpc.ts parses every frame
      });
    },
    onClose: (listener) => { socket.on('close', listener); },
    close: () => socket.close(),
  };
}
