// A connection to a port inside a container, through nothing but the engine: what a container publishes on another machine's loopback is reached all the same.
import { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { makeFrameReader } from '#core/stations/engineFrames';

/** Hands bytes on between its own streams and the port; the serving image has Node and nothing else. */
const relay = (port: number) => `const s=require("node:net").connect(${port},"127.0.0.1");s.on("error",()=>process.exit(1));s.on("close",()=>process.exit(0));process.stdin.pipe(s).pipe(process.stdout)`;

/** @throws what the engine answers, as where the container does not run */
export async function openContainerSocket(docker: Docker, container: string, port: number): Promise<Duplex> {
  const exec = await docker.getContainer(container).exec({ Cmd: ['/usr/local/bin/node', '--max-old-space-size=32', '-e', relay(port)], AttachStdin: true, AttachStdout: true, AttachStderr: false, Tty: false });
  const stream = await exec.start({ hijack: true, stdin: true });
  const framesOf = makeFrameReader();
  const duplex = new Duplex({
    allowHalfOpen: false,
    read() { stream.resume(); },
    write(chunk: Buffer, _encoding, done) { stream.write(chunk, () => done()); }, // that nobody reads it any more is said by the end of the stream
    final(done) { stream.end(); done(); },
    destroy(error, done) { stream.destroy(); done(error); },
  });
  stream.on('data', (part: Buffer) => { for (const { bytes } of framesOf(part)) if (!duplex.push(bytes)) stream.pause(); });
  stream.on('error', (error: Error) => duplex.destroy(error));
  for (const last of ['end', 'close']) stream.once(last, () => { if (!duplex.readableEnded && !duplex.destroyed) duplex.push(null); });
  // An agent of Node's http that keeps it takes it for a socket of the operating system.
  return Object.assign(duplex, { timeout: 0, setTimeout: () => duplex, setKeepAlive: () => duplex, ref: () => duplex, unref: () => duplex });
}
