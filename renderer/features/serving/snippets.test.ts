import { expect, it } from 'vitest';
import { snippetsFor } from './snippets.ts';

const facts = { address: 'http://127.0.0.1:8100', grpcAddress: '127.0.0.1:8101', model: 'bert', outputs: [], keyed: false };
const tokens = ['input_ids', 'attention_mask', 'token_type_ids'];

it('names every input of a model in every language', () => {
  const snippets = snippetsFor({ ...facts, inputs: tokens.map((name) => ({ name, type: 'int64', shape: [null, 128] })) });
  for (const { key, text } of snippets.filter(({ key: each }) => each !== 'plc')) expect(tokens.filter((name) => !text.includes(name)), key).toEqual([]);
});
it('tells the length of a head with inputs of either form', () => {
  const text = snippetsFor({ ...facts, inputs: [{ name: 'x', type: 'float16', shape: [4] }, { name: 'words', type: 'string', shape: [2] }, { name: 'ids', type: 'int64', shape: [3] }] })[0]?.text ?? '';
  const head = /printf '%s' '(.*)'/.exec(text)?.[1] ?? '';
  expect(JSON.parse(head)).toMatchObject({ inputs: [{ parameters: { binary_data_size: 8 } }, { data: ['text', 'text'] }, { parameters: { binary_data_size: 24 } }] });
  expect(text).toContain(`inference-header-content-length: ${head.length}`);
  expect(text).toContain('head -c 32 /dev/zero');
});
it('has none where the protocol cannot carry one of the inputs', () => { expect(snippetsFor({ ...facts, inputs: [{ name: 'x', type: 'float32', shape: [1] }, { name: 'w', type: 'int4', shape: [1] }] })).toEqual([]); });
