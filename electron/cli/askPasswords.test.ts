import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askPasswords, type Asked } from './askPasswords.ts';

const never = new AbortController().signal;
const two: readonly Asked[] = [{ what: 'Password of ada' }, { what: 'New password of ben', isNew: true }];

function terminal() {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => modes.push(on) });
  let shown = '';
  return { stdin, modes, stderr: { write: (text: string) => { shown += text; } }, shown: () => shown };
}

test('a terminal shows the questions and nothing of the answers, and is put back', async () => {
  const { stdin, stderr, modes, shown } = terminal();
  const answers = askPasswords(two, { fromStdin: false, signal: never, stdin, stderr });
  for (const typed of ['copper l\u007flantern', '\u001b[A', ' forty\r', 'nope\u0015seven bridges\r', 'seven bridges\r']) stdin.write(typed);
  expect(await answers).toEqual(['copper lantern forty', 'seven bridges']);
  expect(shown()).toBe('Password of ada: \nNew password of ben: \nNew password of ben, again: \n');
  expect(modes).toEqual([true, false]);
});

test('a new password that is typed otherwise the second time is refused', async () => {
  const { stdin, stderr, modes } = terminal();
  const answers = askPasswords(two, { fromStdin: false, signal: never, stdin, stderr });
  stdin.write('copper\rone\rother\r'); // pasted at once
  await expect(answers).rejects.toMatchObject({ code: 'BAD_INPUT' });
  expect(modes).toEqual([true, false]);
});

test.each([['Ctrl-C', '\u0003'], ['Ctrl-D on an empty line', '\u0004']])('%s cancels and puts the terminal back', async (_what, key) => {
  const { stdin, stderr, modes } = terminal();
  const answers = askPasswords(two, { fromStdin: false, signal: never, stdin, stderr });
  stdin.write(key);
  await expect(answers).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(modes).toEqual([true, false]);
});

test('stdin gives one password a line, with any line ends and spaces kept', async () => {
  const read = (text: string) => askPasswords(two, { fromStdin: true, signal: never, stdin: new PassThrough().end(text) });
  expect(await read('copper lantern \r\nseven bridges\r\n')).toEqual(['copper lantern ', 'seven bridges']);
  expect(await read('copper\nseven')).toEqual(['copper', 'seven']);
  for (const text of ['', 'copper\n', 'a\nb\nc\n', '\nseven\n']) await expect(read(text)).rejects.toMatchObject({ code: 'BAD_USAGE' });
});

test('without a terminal nothing is read unless it was said', async () => {
  await expect(askPasswords(two, { fromStdin: false, signal: never, stdin: new PassThrough().end('a\nb\n') })).rejects.toMatchObject({ code: 'BAD_USAGE', hint: expect.stringContaining('--password-stdin') });
});

test('an abort ends the wait', async () => {
  const controller = new AbortController();
  const { stdin, stderr } = terminal();
  const [typed, piped] = [askPasswords(two, { fromStdin: false, signal: controller.signal, stdin, stderr }), askPasswords(two, { fromStdin: true, signal: controller.signal, stdin: new PassThrough() })];
  controller.abort(new Error('stopped'));
  await expect(typed).rejects.toThrow('stopped');
  await expect(piped).rejects.toThrow('stopped');
});
