// A whole number from 1 as an option gives it.
import { InvalidArgumentError } from 'commander';

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return value;
}
