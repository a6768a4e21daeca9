// The bundled sample station is whole: files, counts, hashes and limits are what PROVENANCE.md and station.yaml say.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDatasetYaml } from '#core/datasets/datasetYaml';
import { parseLimits } from '#core/limits/parseLimits';

const folder = join(import.meta.dirname, '../../resources/sample');
const read = (...path: string[]) => readFileSync(join(folder, ...path));
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const provenance = read('PROVENANCE.md').toString();
const counts = { calibration: 200, test: 1500, challenge: 50 };

/** "class/file" -> SHA-256 of the file. */
function imagesOf(set: string): Map<string, string> {
  const root = join(folder, set, 'images');
  return new Map(readdirSync(root).flatMap((label) => readdirSync(join(root, label)).map((name) => [`${label}/${name}`, sha256(readFileSync(join(root, label, name)))] as const)));
}

describe('sample station', () => {
  it('holds the model whose hash is in PROVENANCE.md', () => {
    expect(provenance).toContain(sha256(read('lot-code-reader.onnx')));
  });

  it.each(Object.entries(counts))('holds the %s set as PROVENANCE.md says: %i images', (set, count) => {
    const images = imagesOf(set);
    expect(images.size).toBe(count);
    expect(provenance).toContain(sha256([...images].map(([name, hash]) => `${name} ${hash}\n`).sort().join('')));
    const spec = parseDatasetYaml(read(set, 'dataset.yaml').toString());
    expect([spec.task, spec.labels, spec.preprocess?.color, spec.preprocess?.layout]).toEqual(['classification', ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'], 'gray', 'NCHW']);
  });

  it('has no image in two sets', () => {
    const hashes = Object.keys(counts).flatMap((set) => [...imagesOf(set).values()]);
    expect(new Set(hashes).size).toBe(1750);
  });

  it('has limits that parse, and a station whose files exist and whose requirements the limits name', () => {
    const limits = parseLimits(read('limits.yaml').toString());
    expect(limits.map(({ id }) => id)).toEqual(['ACC-1', 'PAR-1', 'SQN-1', 'LAT-1', 'TAK-1', 'DEV-1', 'MEM-1']);
    const station = parse(read('station.yaml').toString()) as Record<string, string> & { requirements: Record<string, string>; taktMs: number };
    expect(['model', 'calibration', 'test', 'challenge', 'limits'].filter((key) => !existsSync(join(folder, station[key] ?? 'absent')))).toEqual([]);
    expect(station.taktMs).toBe(limits.find(({ metric }) => metric === 'takt_ms')?.max);
    expect(limits.filter(({ reason }) => !Object.hasOwn(station.requirements, reason?.split(':')[0] ?? ''))).toEqual([]);
  });
});
