// Small labelled image sets and the models that judge them, made in a test: coloured cells on a grid, found by pooling.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from '#services/evidence/crc32';
import { tensorOver, dataTypes } from '#core/quantize/graph/protos';
import { node, tinyModelBytes, weight } from './tinyModel.ts';

export type Rgb = readonly [number, number, number];
export interface Png { readonly width: number; readonly height: number; /** 0 gray, 2 colour, 3 palette; all of 8 bits. */ readonly kind: 0 | 2 | 3; readonly data: Uint8Array; readonly palette?: readonly Rgb[] }

export function pngBytes({ width, height, kind, data, palette = [] }: Png): Uint8Array {
  const chunk = (name: string, body: Uint8Array) => {
    const out = Buffer.alloc(12 + body.length);
    out.writeUInt32BE(body.length, 0);
    out.write(name, 4, 'latin1');
    out.set(body, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, kind, 0, 0, 0], 8);
  const row = width * (kind === 2 ? 3 : 1);
  const raw = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y++) raw.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), ...(kind === 3 ? [chunk('PLTE', Uint8Array.from(palette.flat()))] : []), chunk('IDAT', deflateSync(raw)), chunk('IEND', new Uint8Array())]);
}

/** Makes the folders on the way. */
export function put(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

export interface GridCell { readonly x: number; readonly y: number; readonly color: Rgb }

/** Black, with cells of 16 x 16 pixels on a grid of 4 x 4. */
export function gridPicture(cells: readonly GridCell[]): Uint8Array {
  const data = new Uint8Array(64 * 64 * 3);
  for (const { x, y, color } of cells) for (let row = 0; row < 16; row++) for (let column = 0; column < 16; column++) data.set(color, ((y * 16 + row) * 64 + x * 16 + column) * 3);
  return pngBytes({ width: 64, height: 64, kind: 2, data });
}

/** Input 32 x 32; for each cell of a grid of 4 x 4 its box (shares of the input) and the mean of red, green and blue as three class scores. */
export function cellDetector(): Uint8Array {
  const boxes = Array.from({ length: 16 }, (_, at) => { const x = (at % 4) / 4, y = Math.floor(at / 4) / 4; return [x, y, x + 0.25, y + 0.25]; }).flat();
  return tinyModelBytes({
    inputs: { image: [1, 3, 32, 32] }, outputs: { boxes: [1, 16, 4], scores: [1, 16, 3] },
    weights: [weight('grid', [1, 16, 4], boxes), tensorOver('flat', dataTypes.int64, [3], BigInt64Array.of(1n, 3n, 16n))],
    nodes: [
      node('AveragePool', ['image'], ['cells'], { kernel_shape: [8n, 8n], strides: [8n, 8n] }), node('Reshape', ['cells', 'flat'], ['rows']),
      node('Transpose', ['rows'], ['scores'], { perm: [0n, 2n, 1n] }), node('Identity', ['grid'], ['boxes']),
    ],
  });
}

/** The class of each pixel is its strongest colour. */
export const colorSegmenter = (): Uint8Array => tinyModelBytes({ inputs: { image: [1, 3, 32, 32] }, outputs: { planes: [1, 3, 32, 32] }, nodes: [node('Identity', ['image'], ['planes'])] });

const red: Rgb = [255, 0, 0], blue: Rgb = [0, 0, 255];
/** Four pictures: of four true boxes one is too dim to be found; one picture without boxes shows a bright cell that nobody labelled. */
export const gridPictures: Readonly<Record<string, readonly (GridCell & { readonly category: number | null })[]>> = {
  'a.png': [{ x: 0, y: 0, color: red, category: 0 }, { x: 2, y: 1, color: [0, 200, 0], category: 1 }],
  'b.png': [],
  'c.png': [{ x: 3, y: 3, color: blue, category: 2 }, { x: 1, y: 0, color: [100, 0, 0], category: 0 }],
  'd.png': [{ x: 1, y: 2, color: [0, 255, 0], category: null }],
};
export const gridFigures = { map_50: (1 + 0.5 + 1) / 3, map_50_95: (1 + 0.5 + 1) / 3, box_escape_rate: 0.25, image_escape_rate: 0, image_false_reject_rate: 0.5, false_alarms_per_image: 0.25 };

const labelled = () => Object.entries(gridPictures).flatMap(([name, cells], image) => cells.flatMap(({ x, y, category }) => (category === null ? [] : [{ name, image, x, y, category }])));
export const gridCoco = () => ({
  images: Object.keys(gridPictures).map((name, id) => ({ id: id + 1, file_name: name, width: 64, height: 64 })),
  categories: ['red', 'green', 'blue'].map((name, id) => ({ id: (id + 1) * 10, name })),
  annotations: labelled().map(({ image, x, y, category }, id) => ({ id: id + 1, image_id: image + 1, category_id: (category + 1) * 10, bbox: [x * 16, y * 16, 16, 16], area: 256, iscrowd: 0 })),
});

/** images/ and annotations.json. */
export function writeCocoSet(folder: string): void {
  for (const [name, cells] of Object.entries(gridPictures)) put(folder, `images/${name}`, gridPicture(cells));
  put(folder, 'annotations.json', JSON.stringify(gridCoco()));
}

/** images/ and labels/NAME.txt; what shows nothing has no file. */
export function writeYoloSet(folder: string): void {
  for (const [name, cells] of Object.entries(gridPictures)) put(folder, `images/${name}`, gridPicture(cells));
  for (const name of Object.keys(gridPictures)) {
    const lines = labelled().filter((each) => each.name === name).map(({ x, y, category }) => `${category} ${(x + 0.5) / 4} ${(y + 0.5) / 4} 0.25 0.25`);
    if (lines.length > 0) put(folder, `labels/${name.replace('.png', '.txt')}`, `${lines.join('\n')}\n`);
  }
}

/** images/ and masks/: two pictures of 32 x 32, half red and half blue; the second mask calls a quarter of the picture green, and its first row is void. */
export function writeMaskSet(folder: string, kind: 'gray' | 'palette' | 'colour'): void {
  const places = (wrong: boolean) => Uint8Array.from({ length: 1024 }, (_, pixel) => { const x = pixel % 32, y = Math.floor(pixel / 32); return wrong && y === 0 ? 255 : wrong && x < 8 ? 1 : x < 16 ? 0 : 2; });
  const colors: readonly Rgb[] = Array.from({ length: 256 }, (_, at): Rgb => (at === 255 ? [224, 224, 192] : [at * 40, 255 - at, 7]));
  for (const name of ['one', 'two']) {
    put(folder, `images/${name}.png`, pngBytes({ width: 32, height: 32, kind: 2, data: Uint8Array.from(Array.from({ length: 1024 }, (_, pixel) => (pixel % 32 < 16 ? red : blue)).flat()) }));
    const mask = places(name === 'two');
    put(folder, `masks/${name}.png`, pngBytes(kind === 'colour' ? { width: 32, height: 32, kind: 2, data: Uint8Array.from([...mask].flatMap((place) => [...colors[place]!])) } : { width: 32, height: 32, kind: kind === 'gray' ? 0 : 3, data: mask, palette: colors }));
  }
  put(folder, 'dataset.yaml', kind === 'colour' ? `task: segmentation\nlabels: masks\nclasses:\n${['red', 'green', 'blue'].map((name, at) => `  - { name: ${name}, color: [${colors[at]!.join(', ')}] }\n`).join('')}void_color: "#e0e0c0"\n` : 'task: segmentation\nclasses: [red, green, blue]\n');
}
/** Of 1024 + 992 judged pixels 8 x 31 are wrong. */
export const maskFigures = { pixel_accuracy: 1 - (8 * 31) / (1024 + 992) };
