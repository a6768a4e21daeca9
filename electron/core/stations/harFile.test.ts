import { expect, it } from 'vitest';
import type { GatewayRecord } from '#shared/gateway';
import { harEntry, harText } from './harFile.ts';
import { readableBody } from './readableBody.ts';

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64');
const tensor = new Uint8Array([0, 0, 128, 63]);
const head = '{"inputs":[{"name":"x","parameters":{"binary_data_size":4}}]}';
const record: GatewayRecord = {
  seq: 7, at: '2026-11-26T10:00:00.000Z', requestId: 'r-7', path: '/v2/models/m/infer?lot=17%20b&x', version: 'v2', client: 'camera', status: 200, durationMs: 8.5, questionBytes: head.length + 4, answerBytes: 5, whole: true, method: 'POST',
  question: { headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) }, body: base64(Buffer.concat([Buffer.from(head), tensor])) },
  answer: { headers: { 'content-type': 'application/json' }, body: base64('{"ä":1}') },
};

it('writes text as it was, bytes as base64, and what was not kept as such', () => {
  const entry = harEntry(record, 'http://127.0.0.1:8100', decode);
  expect(entry).toMatchObject({
    startedDateTime: record.at, time: 8.5, _seq: 7, _requestId: 'r-7', _version: 'v2', _client: 'camera',
    // 0x80 alone is no UTF-8, so the question is not text.
    request: { method: 'POST', url: 'http://127.0.0.1:8100/v2/models/m/infer?lot=17%20b&x', queryString: [{ name: 'lot', value: '17%20b' }, { name: 'x', value: '' }], postData: { mimeType: 'application/octet-stream', text: record.question.body, _encoding: 'base64' }, bodySize: head.length + 4 },
    response: { status: 200, content: { mimeType: 'application/json', text: '{"ä":1}', size: 5 } },
  });
  const lost = harEntry({ ...record, version: null, status: 503, answer: null, question: { ...record.question, body: null } }, 'http://a', decode);
  expect(lost).toMatchObject({ request: { postData: { text: '', comment: 'too large to be kept' } }, response: { status: 503, headers: [], content: { text: '', comment: 'not kept whole' } } });
  expect(JSON.parse(harText([JSON.stringify(entry), JSON.stringify(lost)], { name: 'Millwright', version: '1.0.0' }))).toEqual({ log: { version: '1.2', creator: { name: 'Millwright', version: '1.0.0' }, entries: [entry, lost] } });
});

it('reads bodies to people', () => {
  const { headers, body } = record.question;
  expect(readableBody(headers, decode(body ?? ''))).toBe(`${head}\n4 bytes of tensors follow.`);
  expect(readableBody({ 'content-type': 'application/json' }, Buffer.from('{"a":1}'))).toBe('{"a":1}');
  expect(readableBody({ 'content-type': 'application/json' }, Buffer.from('x'.repeat(12_345)))).toBe(`${'x'.repeat(4000)}… (12,345 characters)`);
  expect(readableBody({ 'content-type': 'image/png' }, Buffer.from([0x89, 0x50, 0xff]))).toBe('3 bytes of image/png.');
  expect(readableBody({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, Buffer.alloc(1200))).toBe('1,200 bytes of application/json, compressed with gzip.');
  expect([readableBody({}, null), readableBody({}, Buffer.alloc(0))]).toEqual(['The body was too large to be kept.', 'Empty.']);
  // A header that lies about the length of the JSON is passed over.
  expect(readableBody({ ...headers, 'inference-header-content-length': '999' }, Buffer.from('{}'))).toBe('{}');
});
