// Ways in which a package can be altered: single bytes anywhere, and what someone who knows zip files would do.
import { deflateRawSync } from 'node:zlib';
import { makeManifest } from '#services/evidence/manifest';
import { packEntry, readZip, writeZip, type PackedEntry } from '#services/evidence/zipContainer';

export function flipByte(zip: Buffer, at: number, by: number): Buffer {
  const copy = Buffer.from(zip);
  copy[at] = ((copy[at] ?? 0) + by) & 0xff;
  return copy;
}

const replace = (entries: readonly PackedEntry[], name: string, bytes: Buffer) => entries.map((entry) => (entry.name === name ? packEntry({ name, bytes }) : entry));
/** Writes any names, also those that writeZip refuses, by patching a name of equal length. */
function rename(zip: Buffer, from: string, to: string): Buffer {
  if (from.length !== to.length) throw new Error('names must be of equal length');
  const copy = Buffer.from(zip);
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + 1)) copy.write(to, at, 'latin1');
  return copy;
}

/** Each gives a zip that other tools would open, but that is not what was signed. */
export function skilledEdits(zip: Buffer): ReadonlyArray<readonly [string, Buffer]> {
  const { entries } = readZip(zip);
  const csv = entries.find((entry) => entry.name === 'results.csv');
  const html = entries.find((entry) => entry.name === 'report.html');
  if (!csv || !html) throw new Error('the package lacks files');
  const forgedCsv = Buffer.from(csv.bytes.toString().replace('no', 'on'));
  const extra = packEntry({ name: 'extra.txt', bytes: Buffer.from('hello') });
  const content = entries.slice(0, entries.findIndex((entry) => entry.name === 'manifest.sha256'));
  const forgedContent = replace(content, 'results.csv', forgedCsv);
  const manifest = packEntry({ name: 'manifest.sha256', bytes: makeManifest(forgedContent) });
  const signature = entries[entries.length - 1];
  return [
    ['a file swapped', writeZip(replace(entries, 'results.csv', forgedCsv))],
    ['a file and the manifest swapped', writeZip([...forgedContent, manifest, ...(signature ? [signature] : [])])],
    ['a file removed', writeZip(entries.filter((entry) => entry.name !== 'results.csv'))],
    ['a file added', writeZip([extra, ...entries])],
    ['a file added at the end', writeZip([...entries, extra])],
    ['two files exchanged in order', writeZip([entries[1], entries[0], ...entries.slice(2)].flatMap((entry) => (entry ? [entry] : [])))],
    ['the signature removed', writeZip(entries.filter((entry) => entry.name !== 'manifest.sig'))],
    ['the manifest removed', writeZip(entries.filter((entry) => entry.name !== 'manifest.sha256'))],
    ['a file packed another way', writeZip(entries.map((entry) => (entry.name === 'report.html' ? { ...entry, packed: deflateRawSync(entry.bytes, { level: 1 }) } : entry)))],
    ['a file stored instead of packed', writeZip(entries.map((entry) => (entry.name === 'report.html' ? { ...entry, packed: entry.bytes } : entry)))],
    ['the same name twice', writeZip([...entries, packEntry({ name: 'results.csv', bytes: forgedCsv })])],
    ['a name in capitals', rename(zip, 'results.csv', 'Results.csv')],
    ['a name that leaves the folder', rename(zip, 'results.csv', '../ults.csv')],
    ['a name with a backslash', rename(zip, 'results.csv', 'r\\sults.csv')],
    ['bytes after the end', Buffer.concat([zip, Buffer.from('x')])],
    ['another zip after the end', Buffer.concat([zip, zip])],
    ['bytes before the begin', Buffer.concat([Buffer.from('#!/bin/sh\n'), zip])],
    ['cut off by one byte', zip.subarray(0, zip.length - 1)],
    ['cut off in the middle', zip.subarray(0, zip.length >> 1)],
    ['a comment added', Buffer.concat([zip.subarray(0, zip.length - 2), Buffer.from([5, 0]), Buffer.from('hello')])],
    ['nothing at all', Buffer.alloc(0)],
    ['a picture', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ];
}
