// A share as an option gives it: 0.005 or 0.5%.
import { InvalidArgumentError } from 'commander';

/** From 0 to 1, both excluded. */
export function parseShare(text: string): number {
  const [, digits = '', percent] = /^\s*(\d*\.?\d+(?:e-?\d+)?)\s*(%?)\s*$/i.exec(text) ?? [];
  const value = digits === '' ? Number.NaN : percent === '%' ? Number(digits) / 100 : Number(digits);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('Give a share between 0 and 1, such as 0.005, or 0.5%.');
  return value;
}
