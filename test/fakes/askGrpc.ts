// A unary call of gRPC by hand, with an empty request: true where field 1 of the answer is 1, which says "serving" and "ready" alike; else the answer's bytes as hex, none where it is refused.
import { connect } from 'node:http2';

export async function askGrpc(port: number, path: string, host = '127.0.0.1'): Promise<true | string> {
  const client = connect(`http://${host}:${port}`);
  try {
    return await new Promise<true | string>((resolve, reject) => {
      client.on('error', reject);
      const call = client.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', 'te': 'trailers' });
      const parts: Buffer[] = [];
      call.setTimeout(10_000, () => call.close());
      call.on('data', (part: Buffer) => parts.push(part));
      call.on('error', reject);
      call.on('close', () => { const answer = Buffer.concat(parts); resolve(answer[5] === 8 && answer[6] === 1 ? true : answer.toString('hex')); });
      call.end(Buffer.alloc(5));
    });
  } finally { client.close(); }
}
