// Many test images out of the sample's digits: each drawn with seeded shift, light and noise, in class folders beside a dataset.yaml.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** mulberry32 (T. Ettinger, public domain). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {string} folder @param {number} samples @param {{ seed: number, noise: number }} options noise: standard deviation in grey levels */
export async function makeDigits(folder, samples, { seed, noise }) {
  const source = 'resources/sample/test';
  const classes = readdirSync(join(source, 'images')).sort();
  const originals = new Map(await Promise.all(classes.map(async (name) => [name, await Promise.all(readdirSync(join(source, 'images', name)).sort().map((file) => sharp(join(source, 'images', name, file)).grayscale().raw().toBuffer()))])));
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (const name of classes) mkdirSync(join(folder, 'images', name), { recursive: true });
  writeFileSync(join(folder, 'dataset.yaml'), readFileSync(join(source, 'dataset.yaml'), 'utf8').replace(/^description:.*$/m, `description: ${samples} disturbed digits, seed ${seed}`));
  const size = 28;
  for (let index = 0; index < samples; index++) {
    const name = classes[index % classes.length];
    const all = originals.get(name);
    const image = all[Math.floor(index / classes.length) % all.length];
    const [dx, dy, light] = [Math.round(random() * 4 - 2), Math.round(random() * 4 - 2), 0.6 + random() * 0.6];
    const drawn = Buffer.alloc(size * size);
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
      const [sx, sy] = [x - dx, y - dy];
      const pixel = sx >= 0 && sy >= 0 && sx < size && sy < size ? image[sy * size + sx] : 0;
      drawn[y * size + x] = Math.max(0, Math.min(255, Math.round(pixel * light + normal() * noise)));
    }
    writeFileSync(join(folder, 'images', name, `digit-${String(index).padStart(6, '0')}.png`), await sharp(drawn, { raw: { width: size, height: size, channels: 1 } }).png({ compressionLevel: 1 }).toBuffer());
  }
}
