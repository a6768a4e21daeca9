// The form of a carried folder: station.json, evidence.zip, model/, and SHA256SUMS as `sha256sum -c` reads it.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileErrors } from '../files/translateFileError.ts';

export const sumsName = 'SHA256SUMS';
export const stationName = 'station.json';
export const evidenceName = 'evidence.zip';
export const modelName = 'model/model.onnx';

export interface SumLine { readonly sha256: string; readonly name: string }

export const writeSums = (lines: readonly SumLine[]): string => lines.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');

/** A name that stays inside the folder: relative, with forward slashes, no step up. */
export const isInside = (name: string): boolean => name !== '' && !/^([/\\]|[A-Za-z]:)/.test(name) && !name.includes('\0') && !name.split(/[/\\]/).some((part) => part === '..' || part === '.' || part === '');

/** The lines, or the number of the first that is none. */
export function readSums(text: string): { readonly lines: readonly SumLine[] } | { readonly badLine: number } {
  const rows = text.split('\n');
  if (rows.at(-1) === '') rows.pop();
  const lines: SumLine[] = [];
  for (const [index, row] of rows.entries()) {
    const match = /^([0-9a-f]{64}) [ *](.+?)\r?$/.exec(row);
    if (!match?.[1] || !match[2] || !isInside(match[2])) return { badLine: index + 1 };
    lines.push({ sha256: match[1], name: match[2] });
  }
  return { lines };
}

export interface FolderEntry { readonly name: string; readonly kind: 'file' | 'other'; readonly sizeBytes: number }
/** Everything below the folder but folders, names with forward slashes; links are not followed. */
export async function listFolder(folder: string, under = ''): Promise<FolderEntry[]> {
  const found: FolderEntry[] = [];
  for (const entry of (await withFileErrors(folder, 'list', () => readdir(join(folder, under)))).sort()) {
    const name = under === '' ? entry : `${under}/${entry}`;
    const info = await withFileErrors(join(folder, name), 'read', () => lstat(join(folder, name)));
    if (info.isDirectory()) found.push(...await listFolder(folder, name));
    else found.push({ name, kind: info.isFile() ? 'file' : 'other', sizeBytes: info.size });
  }
  return found;
}
