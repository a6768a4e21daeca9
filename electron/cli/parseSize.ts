// Sizes as people write them on the command line: 512m, 1.5g, 2GiB, 1073741824.
import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = { '': 1, 'b': 1, 'k': 1024, 'm': 1024 ** 2, 'g': 1024 ** 3, 't': 1024 ** 4 };

/** Units are powers of 1024, as Docker reads them. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const unit = units[(match?.[2] ?? '').toLowerCase()];
  const bytes = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : 0;
  if (bytes <= 0) throw new InvalidArgumentError('A size is a number with a unit, such as 512m or 2g.');
  return bytes;
}
