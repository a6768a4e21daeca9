// Numbers as people write them: 1,000 and 1.000 are a thousand where only whole numbers are meant; what can be read in two ways is refused, not guessed.

export interface NumberRule { readonly min?: number | undefined; readonly max?: number | undefined; /** Only whole numbers: a count, a port. */ readonly whole?: boolean | undefined; /** Nothing is an answer too. */ readonly optional?: boolean | undefined }

const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Three digits after each mark, and not a zero alone before the first. */
const grouped = /^[+-]?[1-9]\d{0,2}(?:([.,' \u00a0\u202f])\d{3})(?:\1\d{3})*$/;
const groupedWithFraction = /^[+-]?[1-9]\d{0,2}(?:([,' \u00a0\u202f])\d{3})(?:\1\d{3})*\.\d+$|^[+-]?[1-9]\d{0,2}(?:([.' \u00a0\u202f])\d{3})(?:\2\d{3})*,\d+$/;
const digitsOf = (text: string) => text.replace(/[.,' \u00a0\u202f]/g, '');

/** The comma of "1,000" parts thousands on this screen and decimals in half of the world. "1.250" is what the screen itself writes for one and a quarter. */
export const isAmbiguous = (text: string, whole = false): boolean => !whole && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text.trim());

function read(text: string, whole: boolean): number | undefined {
  if (isAmbiguous(text, whole)) return undefined;
  const mark = grouped.exec(text)?.[1];
  // One point before three digits is a decimal point, unless only whole numbers are meant.
  if (mark !== undefined && (whole || mark !== '.' || text.indexOf('.') !== text.lastIndexOf('.'))) return Number(digitsOf(text));
  if (whole) return /^[+-]?\d+(e\+?\d+)?$/i.test(text) ? Number(text) : undefined;
  if (groupedWithFraction.test(text)) { const at = Math.max(text.lastIndexOf('.'), text.lastIndexOf(',')); return Number(`${digitsOf(text.slice(0, at))}.${text.slice(at + 1)}`); }
  const point = text.replace(',', '.');
  return plain.test(point) ? Number(point) : undefined;
}

/** null: left empty, where that is allowed. undefined: no number that the field takes. */
export function parseNumber(text: string, { min, max, whole = false, optional = false }: NumberRule): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return optional ? null : undefined;
  const number = read(trimmed, whole);
  return number !== undefined && Number.isFinite(number) && (!whole || Number.isInteger(number)) && (min === undefined || number >= min) && (max === undefined || number <= max) ? number : undefined;
}

/** What a field takes, said where it holds something else. */
export function numberSentence(text: string, { min, max, whole = false }: NumberRule): string {
  if (isAmbiguous(text, whole)) { const [thousands = '', decimals = ''] = text.trim().split(','); return `Write ${thousands}${decimals} or ${thousands}.${decimals}: ${text.trim()} can be read as both.`; }
  const range = [min === undefined ? '' : `from ${min}`, max === undefined ? '' : `up to ${max}`].filter(Boolean).join(' ');
  return `${whole ? 'A whole number' : 'A number'}${range ? ` ${range}` : ''}.`;
}
