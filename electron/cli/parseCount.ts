// Whole numbers as options give them.
import { InvalidArgumentError } from 'commander';

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return value;
}

/** From 0. */
export function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Give a whole number from 0.');
  return value;
}
