// The report's own words: marked where they are put together, and put into the language of the report at the end, so that foreign text is never translated.
import type { ReportLanguage } from '#shared/contract/validation';
import { de } from './de.ts';
import { deMachine } from './deMachine.ts';
import { deActions, deMetrics, deSubjects } from './deNames.ts';
import { deOptimise } from './deOptimise.ts';
import { deRecorded } from './deRecorded.ts';
import { en, type TextKey } from './en.ts';

/** A text of the report that stands for its words in each language; it may be part of a longer string. */
export type Said = string & { readonly said: true };
/** What headings, captions and column titles take: a key of the language files, or one with its values filled in. */
export type Phrase = TextKey | Said;

const [open, close] = ['\ue000', '\ue001'];
const marked = /\ue000([^\ue000\ue001]*)\ue001/;
const dictionaries: Readonly<Record<ReportLanguage, Readonly<Record<TextKey, string>>>> = { en, de };

/** Sentences that runs record; in English they are as recorded. A key of en.ts that is recorded too has one wording in both. */
const recordedIn: Readonly<Record<ReportLanguage, Readonly<Record<string, string>>>> = { en: {}, de: { ...deRecorded, ...deMachine, ...deOptimise } };
export const recordedTexts: readonly string[] = Object.keys(recordedIn.de);
/** Identifiers get their German name before them; English reports print the identifier alone. Keys carry their kind, so that no sentence of a person is taken for one. */
const namesOf: Readonly<Record<string, { readonly names: Readonly<Record<string, string>>; readonly alone: boolean }>> = { metric: { names: deMetrics, alone: false }, action: { names: deActions, alone: false }, subject: { names: deSubjects, alone: true } };
const nameOf = (language: ReportLanguage, key: string): string | null => {
  const [, kind = '', id = ''] = /^(\w+):(.*)$/s.exec(key) ?? [];
  const known = Object.hasOwn(namesOf, kind) ? namesOf[kind] : undefined;
  if (!known || !Object.hasOwn(known.names, id)) return null;
  const name = known.names[id] ?? id;
  return language === 'en' ? id : known.alone ? name : `${name} (${id})`;
};
const wordsOf = (language: ReportLanguage, key: string): string | null => {
  if (isKey(key)) return dictionaries[language][key];
  return Object.hasOwn(recordedIn.de, key) ? recordedIn[language][key] ?? key : nameOf(language, key);
};

const isKey = (text: string): text is TextKey => Object.hasOwn(en, text);
const isSaid = (text: string): text is Said => text.startsWith(open);

/** `{name}` in the key is replaced by the value of that name. */
export const say = (key: TextKey, values: Readonly<Record<string, string | number>> = {}): Said =>
  `${open}${escapeMarks(JSON.stringify([key, ...Object.entries(values).map(([name, value]) => [name, String(value)])]))}${close}` as Said; // here and below alone is one made

/** For a sentence of `recordedTexts`. */
export const sayRecorded = (key: string, values: ReadonlyArray<readonly [string, string]>): Said => `${open}${escapeMarks(JSON.stringify([key, ...values]))}${close}` as Said; // as above

/** Values may themselves hold marked texts: within JSON their marks are written as escapes. */
const escapeMarks = (json: string) => json.replaceAll(open, '\\ue000').replaceAll(close, '\\ue001');

const sayName = (kind: 'metric' | 'action' | 'subject', id: string): string => (nameOf('en', `${kind}:${id}`) === null ? id : sayRecorded(`${kind}:${id}`, []));
export const sayMetric = (metric: string): string => sayName('metric', metric);
export const sayAction = (action: string): string => sayName('action', action);
/** For a subject that the tool names itself; see deSubjects. */
export const saySubject = (subject: string): string => sayName('subject', subject);

export const phrase = (text: Phrase): string => (isSaid(text) ? text : say(text));
/** For words that come as data, such as a verdict: said where they are known, else as they are. */
export const sayIfKnown = (word: string): string => (isKey(word) ? say(word) : word);

/** All marked texts of a string in a language. What looks marked and is not stays as it is. */
export function inLanguage(language: ReportLanguage, text: string): string {
  const match = marked.exec(text);
  if (!match) return text;
  const before = text.slice(0, match.index);
  return `${before}${fill(language, match[1] ?? '') ?? match[1] ?? ''}${inLanguage(language, text.slice(match.index + match[0].length))}`;
}

function fill(language: ReportLanguage, json: string): string | null {
  let parts: unknown;
  try { parts = JSON.parse(json); } catch { return null; }
  if (!Array.isArray(parts) || typeof parts[0] !== 'string') return null;
  const words = wordsOf(language, parts[0]);
  if (words === null) return null;
  const values = new Map(parts.slice(1).filter((part): part is [string, string] => Array.isArray(part) && part.length === 2 && part.every((each) => typeof each === 'string')));
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => { const value = values.get(name); return value === undefined ? whole : inLanguage(language, value); });
}

/** Every string of a value, at whatever depth. */
export function translated<T>(language: ReportLanguage, value: T): T {
  if (typeof value === 'string') return inLanguage(language, value) as T; // a string stays one
  if (Array.isArray(value)) return value.map((item: unknown) => translated(language, item)) as T; // of the same items
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name, translated(language, item)])) as T; // of the same fields
}
