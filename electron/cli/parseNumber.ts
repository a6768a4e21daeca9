// Numbers as options give them.
import { InvalidArgumentError } from 'commander';

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
}

/** From 0 to 100. */
export function parsePercent(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 100)) throw new InvalidArgumentError('A share is a number from 0 to 100.');
  return share;
}
