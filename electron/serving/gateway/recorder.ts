// The flight recorder: the last inferences with their answers, and the last failures whatever came after them. In memory only, and only where the orders ask for it.
import type { IncomingHttpHeaders } from 'node:http';
import { isFailure, type GatewayConfig, type GatewayRecord, type RecorderStatus, type RecordSummary } from '#shared/gateway';
import { clientHeader } from '../clientOf.ts';
import { makeShare } from './chooseTarget.ts';
import type { Answer } from './compareAnswers.ts';
import { endToEnd, type Question } from './forward.ts';
import { makeRing } from './recordRing.ts';

export interface Passed { readonly at: number; readonly durationMs: number; readonly requestId: string; readonly version: string | null; readonly client: string | null; readonly status: number; readonly question: Question; /** Null where it was not kept whole. */ readonly answer: Answer | null; readonly answerBytes: number }

export interface Recorded { readonly summary: RecordSummary; readonly method: string; readonly question: Kept; readonly answer: (Kept & { readonly status: number }) | null }
interface Kept { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer | null }

/** Whether a request is kept: by lot, and whatever the lot by the status that it ends with. */
export interface Draw { readonly drawn: boolean; keeps(status: number): boolean }

export interface Recorder {
  /** Turned off, it forgets everything at once. */
  follow(config: Pick<GatewayConfig, 'recorder'> | null): void;
  /** Asked once for each inference, before its body is read. */
  draw(): Draw;
  add(passed: Passed): void;
  /** Newest first. */
  list(): RecordSummary[];
  find(seq: number): Recorded | null;
  status(): RecorderStatus | null;
}

/** Together a small part of the container's memory, beside the bodies that are under way. */
const answeredBytesMax = 24 * 1024 ** 2;
const failedBytesMax = 8 * 1024 ** 2;
const failuresMax = 50;
/** What is larger is noted without its body. */
export const recordedBodyBytesMax = 6 * 1024 ** 2;
/** Headers and the entry itself. */
const entryBytes = 1024;
/** Who asks is proven by these, and the name of a client may be made from one; a recording is handed on and must not carry them. */
const secret = /auth|cookie|token|secret|passw|credential|api-?key/i;

export const notDrawn: Draw = { drawn: false, keeps: () => false };

export function makeRecorder(): Recorder {
  const share = makeShare();
  let wish: GatewayConfig['recorder'] = null;
  let [seq, seen] = [0, 0];
  const answered = makeRing<Recorded>(answeredBytesMax);
  const failed = makeRing<Recorded>(failedBytesMax);
  failed.limit(failuresMax);

  return {
    follow(config) {
      wish = config?.recorder ?? null;
      if (wish === null) { answered.clear(); failed.clear(); seen = 0; } else answered.limit(wish.entries);
    },
    draw() {
      if (wish === null) return notDrawn;
      seen += 1;
      const drawn = share.takes(wish.percent);
      return { drawn, keeps: (status) => wish !== null && (drawn || isFailure(status)) };
    },
    add({ at, durationMs, requestId, version, client, status, question, answer, answerBytes }) {
      const asked = keep(question.body);
      const said = answer === null ? null : keep(answer.body);
      const whole = asked !== null && answer !== null && said !== null;
      const summary = { seq: seq += 1, at: new Date(at).toISOString(), requestId, path: question.path, version, client, status, durationMs, questionBytes: question.body.byteLength, answerBytes, whole };
      const entry: Recorded = { summary, method: question.method, question: { headers: told(question.headers), body: asked }, answer: answer === null ? null : { status: answer.status, headers: told(answer.headers), body: said } };
      (isFailure(status) ? failed : answered).push(entry, (asked?.length ?? 0) + (said?.length ?? 0) + entryBytes);
    },
    list: () => [...answered.entries(), ...failed.entries()].map(({ summary }) => summary).sort((a, b) => b.seq - a.seq),
    find: (wanted) => [...answered.entries(), ...failed.entries()].find(({ summary }) => summary.seq === wanted) ?? null,
    status() {
      if (wish === null) return null;
      const oldest = [answered.entries()[0], failed.entries()[0]].flatMap((entry) => (entry ? [entry.summary.at] : [])).sort()[0];
      return { ...wish, kept: answered.entries().length, failuresKept: failed.entries().length, bytes: answered.bytes() + failed.bytes(), seen, oldestAt: oldest ?? null };
    },
  };
}

/** As it goes over the wire. */
export function recordOf({ summary, method, question, answer }: Recorded): GatewayRecord {
  const message = ({ headers, body }: Kept) => ({ headers: { ...headers }, body: body?.toString('base64') ?? null });
  return { ...summary, method, question: message(question), answer: answer === null ? null : message(answer) };
}

/** A small body is a piece of a larger block that the socket was read into: kept as it is, it would keep the whole block. */
function keep(body: Uint8Array): Buffer | null {
  if (body.byteLength > recordedBodyBytesMax) return null;
  if (body.byteLength === body.buffer.byteLength) return Buffer.from(body.buffer);
  return Buffer.from(new Uint8Array(body).buffer);
}

function told(headers: IncomingHttpHeaders | Answer['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(endToEnd(headers as IncomingHttpHeaders)).flatMap(([name, value]) => (value === undefined || name === clientHeader || secret.test(name) ? [] : [[name, String(value)]])));
}
