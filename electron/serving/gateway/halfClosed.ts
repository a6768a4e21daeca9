// A client may say that it has sent all and still wait for the answer (RFC 9112, 9.6). Its connection then looks as that of one that has gone, whose request is not to be carried on for nobody.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Only what is written tells the two apart: who has gone refuses it. */
const probeEveryMs = 100;

export function allowHalfClosed(server: Server): void {
  // Node has the property and no type for it.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
}

/** "102 Processing", which every client of HTTP/1.1 passes over (RFC 9110, 15.2), until the answer begins; a connection that is closed ends the response. */
export function watchHalfClosed({ socket, httpVersionMinor }: IncomingMessage, response: ServerResponse): void {
  const probe = () => {
    if (response.headersSent || response.destroyed) return;
    // An older client knows no interim answers, and is taken for gone, as ever.
    if (httpVersionMinor === 0) { socket.destroy(); return; }
    response.writeProcessing();
    setTimeout(probe, probeEveryMs).unref();
  };
  socket.once('end', probe);
  response.once('close', () => socket.off('end', probe));
}
