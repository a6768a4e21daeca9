// How foreign text and numbers are shown: nothing hidden, nothing endless, units beside the number, at least three significant digits.
import type { Interval, ReportLanguage } from '#shared/contract/validation';
import { recordedWords } from './texts/recordedWords.ts';
import { inLanguage, say } from './texts/say.ts';

// Marks that reorder or hide text: shown by code, so that "exe.gpj" cannot pose as "jpg.exe". Tags (U+E0000…) are invisible too.
const hidden = /[\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;
// oxlint-disable-next-line no-control-regex -- exactly these are meant; tab and line feed stay
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const markFlood = /(\p{M}{4})\p{M}+/gu;

const codeOf = (char: string) => `[U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;

/** Text from models, data sets and people, safe to lay out: control and direction marks shown by code, cut at `max` characters with a note in that language. */
export function safeText(text: string, max: number, language: ReportLanguage = 'en'): string {
  const cut = text.length > max ? text.slice(0, max) : text; // before the replacing, which makes it longer
  const shown = cut.replace(/\r\n?/g, '\n').replace(loneSurrogate, '\ufffd').replace(hidden, codeOf).replace(control, codeOf).replace(markFlood, '$1…').normalize('NFC');
  return text.length > max ? `${shown}${inLanguage(language, say('… (cut: {n} characters, first {max} shown)', { n: text.length, max }))}` : shown;
}

/** safeText on one line: titles and names of people. */
export const safeLine = (text: string, max: number, language: ReportLanguage = 'en'): string => safeText(text.replace(/\s+/g, ' ').trim(), max, language);

/** Four significant digits, or as many as asked for; integers whole. 0.97 is "0.9700". */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return say('not a number');
  if (!Number.isFinite(value)) return value > 0 ? say('infinite') : say('minus infinite');
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4) return value.toExponential(digits - 1);
  return size >= 1000 ? value.toFixed(Math.max(1, digits - 4)) : value.toPrecision(digits);
}

/** Up to six significant digits, so that a result just beside its limit is not rounded onto it; at least four. */
export function formatLimitValue(value: number): string {
  const text = formatNumber(value, 6);
  if (!/^-?\d+\.\d+$/.test(text) || Math.abs(value) >= 1000) return text;
  const short = formatNumber(value, 4);
  return Number(short) === Number(text) ? short : text.replace(/0+$/, '');
}

/** ISO 8601 with zone, whole seconds: "2026-11-20T09:04:31Z". */
export const formatTime = (time: string): string => time.replace(/^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d+/, '$1');

export const formatOr = (value: number | null, unit = ''): string => (value === null ? say('not measured') : withUnit(value, unit));

export function withUnit(value: number, unit: string): string {
  return unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** "1.235 MB (1234567 bytes)": decimal units, and the exact count. */
export function formatBytes(bytes: number): string {
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < byteUnits.length - 1) { value /= 1000; step += 1; }
  const exact = say('{n} bytes', { n: bytes });
  return step === 0 ? exact : `${value.toPrecision(4)} ${byteUnits[step] ?? ''} (${exact})`;
}

/** "0.9812 to 0.9953 (95 %, Wilson, n = 1000)" */
export function formatInterval(interval: Interval | null): string {
  if (interval === null) return say('none');
  return say('{low} to {high} ({confidence} %, {method}, n = {n})', { low: formatNumber(interval.low), high: formatNumber(interval.high), confidence: formatNumber(interval.confidence * 100), method: recordedWords(interval.method), n: interval.n });
}

/** 0.1234 as "12.34 %". */
export const formatPercent = (share: number): string => `${formatNumber(share * 100)} %`;

export const formatShape = (shape: ReadonlyArray<number | string | null>): string => (shape.length === 0 ? say('scalar') : shape.map((size) => size ?? '?').join(' × '));

/** "3 samples", "1 sample". */
export const samplesText = (n: number): string => (n === 1 ? say('1 sample') : say('{n} samples', { n }));
