// Recorded requests as an HTTP Archive (HAR 1.2), which browsers' developer tools and HTTP clients read. Names that begin with an underscore are ours, as the format allows.
import type { GatewayRecord } from '#shared/gateway';
import { textOrNull } from './readableBody.ts';

interface Pair { readonly name: string; readonly value: string }
const pairsOf = (headers: Readonly<Record<string, string>>): Pair[] => Object.entries(headers).map(([name, value]) => ({ name, value }));
const unknownSize = -1;

/** Text stays readable; all else is base64, which the format knows for answers and we mark for questions. */
function contentOf(base64: string, decode: (base64: string) => Uint8Array): { readonly text: string; readonly encoding?: 'base64' } {
  const text = textOrNull(decode(base64));
  return text === null ? { text: base64, encoding: 'base64' } : { text };
}

const queryOf = (path: string): Pair[] => (path.split('?')[1] ?? '').split('&').filter((part) => part !== '').map((part) => { const [name = '', ...value] = part.split('='); return { name, value: value.join('=') }; });

/** `origin`: where clients ask, such as http://127.0.0.1:8100. `decode`: of base64. */
export function harEntry(record: GatewayRecord, origin: string, decode: (base64: string) => Uint8Array): object {
  const { at, durationMs, method, path, status, question, answer, seq, requestId, version, client, questionBytes, answerBytes } = record;
  const typeOf = (headers: Readonly<Record<string, string>>) => headers['content-type'] ?? 'application/octet-stream';
  const asked = question.body === null ? null : contentOf(question.body, decode);
  const said = answer?.body == null ? null : contentOf(answer.body, decode);
  return {
    startedDateTime: at, time: durationMs,
    request: {
      method, url: origin + path, httpVersion: 'HTTP/1.1', cookies: [], headers: pairsOf(question.headers), queryString: queryOf(path),
      postData: { mimeType: typeOf(question.headers), text: asked?.text ?? '', ...(asked?.encoding ? { _encoding: asked.encoding } : {}), ...(asked ? {} : { comment: 'too large to be kept' }) },
      headersSize: unknownSize, bodySize: questionBytes,
    },
    response: {
      status, statusText: '', httpVersion: 'HTTP/1.1', cookies: [], headers: pairsOf(answer?.headers ?? {}), redirectURL: '',
      content: { size: answerBytes, mimeType: typeOf(answer?.headers ?? {}), text: said?.text ?? '', ...(said?.encoding ? { encoding: said.encoding } : {}), ...(said ? {} : { comment: 'not kept whole' }) },
      headersSize: unknownSize, bodySize: answerBytes,
    },
    cache: {}, timings: { send: 0, wait: durationMs, receive: 0 },
    _seq: seq, _requestId: requestId, _version: version, ...(client === null ? {} : { _client: client }),
  };
}

/** `entries`: JSON of each, oldest first; put together as text, so that they are held only once. */
export const harText = (entries: readonly string[], creator: { readonly name: string; readonly version: string }): string =>
  `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[\n${entries.join(',\n')}\n]}}\n`;
