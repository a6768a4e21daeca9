// The manifest of a data set: every file with its size and SHA-256, and the Merkle root that stands for all of them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '#shared/errors';
import type { DatasetManifest, ManifestEntry } from './DatasetReader.ts';

/** Hashes `files` (absolute paths) with names relative to `root`. Reads only. */
export async function makeManifest(root: string, files: readonly string[], samples: number, signal?: AbortSignal): Promise<DatasetManifest> {
  const entries: ManifestEntry[] = [];
  for (const path of files) {
    signal?.throwIfAborted();
    const name = relative(root, path).split(sep).join('/');
    entries.push({ name, sizeBytes: (await lstat(path)).size, sha256: await hashFile(path, name) });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)); // by code unit, so that every platform and language agrees
  return { sha256: merkleRoot(entries), samples, entries };
}

export async function hashFile(path: string, name: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer); // no encoding is set, so chunks are buffers
  } catch (error) {
    throw new AppError('BAD_DATA', `${name} cannot be read.`, { cause: error, hint: 'Check the permissions of the file and the disk.' });
  }
  return hash.digest('hex');
}

/**
 * Merkle root as in RFC 6962 section 2.1 (0x00 before leaves, 0x01 before nodes, split at the largest power of two below the count).
 * A leaf is the JSON array [name, sizeBytes, sha256]. The empty set has the hash of nothing.
 */
export function merkleRoot(entries: readonly ManifestEntry[]): string {
  const digest = (...parts: Uint8Array[]) => { const hash = createHash('sha256'); for (const part of parts) hash.update(part); return hash.digest(); };
  const leafMark = Uint8Array.of(0), nodeMark = Uint8Array.of(1);
  const rootOf = (from: number, to: number): Buffer => {
    const count = to - from;
    if (count === 0) return digest();
    if (count === 1) { const entry = entries[from]; return digest(leafMark, Buffer.from(JSON.stringify([entry?.name, entry?.sizeBytes, entry?.sha256]))); }
    let split = 1;
    while (split * 2 < count) split *= 2;
    return digest(nodeMark, rootOf(from, from + split), rootOf(from + split, to));
  };
  return rootOf(0, entries.length).toString('hex');
}

export const joinRelative = (root: string, name: string): string => join(root, ...name.split('/'));
