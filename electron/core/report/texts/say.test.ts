import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportLanguages } from '#shared/contract/validation';
import { de } from './de.ts';
import { en, type TextKey } from './en.ts';
import { inLanguage, phrase, say, translated } from './say.ts';

const keys = Object.keys(en) as TextKey[]; // of a table with exactly these keys

test('each language fills in the same values as English', () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  expect(keys.filter((key) => places(en[key]).join() !== places(de[key]).join())).toEqual([]);
});

test('nearly all texts differ between the languages: none was left in English', () => {
  const same = keys.filter((key) => en[key] === de[key] && /[a-z]{4}/.test(key));
  expect(same.length).toBeLessThan(30);
});

test('texts are put in place within longer strings, in whatever depth, and foreign text is left alone', () => {
  const seal = say('the sealed set {name}', { name: 'none' });
  const text = `1: ${say('{kind}: {metric} against severity', { kind: say('blur'), metric: `${seal} yes` })} (${phrase('Samples')})`;
  expect(reportLanguages.map((language) => inLanguage(language, text))).toEqual(['1: blur: the sealed set none yes against severity (Samples)', '1: Unschärfe: des versiegelten Satzes none yes über der Stärke (Proben)']);
  expect(translated('de', { a: [say('yes'), { b: 'yes', n: 1, z: null }] })).toEqual({ a: ['ja', { b: 'yes', n: 1, z: null }] });
});

test('whatever foreign text looks like, it is neither lost nor an error', () => {
  const odd = fc.array(fc.constantFrom('\ue000', '\ue001', '["yes"]', '{name}', '["', '\\', 'x', '"'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(fc.property(odd, (name) => {
    const kept = name.includes('\ue000') || name.includes('\ue001') ? inLanguage('de', name) : name;
    expect(inLanguage('de', say('the sealed set {name}', { name }))).toBe(`des versiegelten Satzes ${kept}`);
  }));
});
