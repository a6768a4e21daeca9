// Labels of images from every layout: what a person lays into a folder is what the model is judged by, and what does not fit is told in one sentence.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetRecord } from '#shared/contract/datasets';
import { classNames } from '#core/datasets/datasetYaml';
import { taskResult } from '#core/statistics/taskFigures';
import { testWorkers } from '#test/fakes/testWorkers';
import { cellDetector, colorSegmenter, gridCoco, gridFigures, gridPicture, maskFigures, pngBytes, put, writeCocoSet, writeMaskSet, writeYoloSet } from '#test/fakes/tinyDataset';
import type { Services } from '../../Services.ts';
import { measureTask } from '../../validation/measureTask.ts';
import type { WorkerLauncher } from '../../workers/WorkerLauncher.ts';
import { checkDataset } from '../checkDataset.ts';
import { decodeImage, makeThumbnail } from '../decodeImage.ts';
import { labelShown } from '../labelShown.ts';
import { openDataset } from '../openDataset.ts';

const dir = mkdtempSync(join(tmpdir(), 'millwright-labels-'));
let workers: WorkerLauncher;
beforeAll(async () => { workers = await testWorkers(); });
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const services = { store: { collection: () => ({ list: (): DatasetRecord[] => [], get: () => null }) } } as unknown as Pick<Services, 'store'>; // no registered sets
const context = { signal: new AbortController().signal, killSignal: new AbortController().signal, progress: () => undefined };
const image = { name: 'image', type: 'tensor(float)', shape: [1, 3, 32, 32] };
let sets = 0;
const fresh = () => join(dir, `set${sets++}`);

async function judge(folder: string, model: Uint8Array) {
  const path = join(dir, `model${sets++}.onnx`);
  writeFileSync(path, model);
  const reader = await openDataset(services, { path: folder }, { inputs: [image] });
  const samples = await measureTask({ workers }, { path, fetches: null }, null, reader, reader.classes, context, reader.yaml?.detector);
  const { figures, rows } = taskResult(samples!);
  return { task: reader.task, kind: reader.labelKind, rows, figures: Object.fromEntries(figures.map(({ metric, value }) => [metric, value])) };
}
const refusal = async (folder: string, read = false) => {
  try {
    const reader = await openDataset(services, { path: folder }, { inputs: [image] });
    if (read) for (let index = 0; index < reader.length; index++) { await reader.boxes?.(index); await reader.target?.(index); }
    return 'accepted';
  } catch (error) { return error instanceof Error ? `${'code' in error ? String(error.code) : ''}: ${error.message}` : 'thrown'; }
};
const sealed = async (folder: string) => { const reader = await openDataset(services, { path: folder }, null); return reader.manifest(); };

describe('boxes', () => {
  it('COCO JSON, by its name alone: a detector is judged box by box', async () => {
    const folder = fresh();
    writeCocoSet(folder);
    const { task, kind, figures, rows } = await judge(folder, cellDetector());
    expect([task, kind]).toEqual(['detection', 'boxes']);
    for (const [metric, value] of Object.entries(gridFigures)) expect(figures[metric], metric).toBeCloseTo(value, 9);
    expect(rows).toEqual([['red', 2, 1, 1, 1, 0], ['green', 1, 0.5, 0.5, 0, 1], ['blue', 1, 1, expect.closeTo(1, 9), 0, 0]].map((row) => [...row.slice(0, 2), ...row.slice(2, 4).map((value) => (typeof value === 'number' ? expect.closeTo(value, 9) as unknown : value)), ...row.slice(4)]));
  });
  it('boxes move with a picture that is moved; what leaves it by more than half is not judged', async () => {
    const folder = fresh();
    writeCocoSet(folder);
    const reader = await openDataset(services, { path: folder }, { inputs: [image] });
    const boxes = async (x: number, y: number) => (await reader.boxes?.(0, () => ({ x, y })))?.truths.map(({ box, crowd }) => [...box, crowd === true]);
    // Pictures of 64 x 64 for an input of 32 x 32.
    expect(await boxes(0, 0)).toEqual([[0, 0, 8, 8, false], [16, 8, 8, 8, false]]);
    expect(await boxes(6, 10)).toEqual([[3, 5, 8, 8, false], [19, 13, 8, 8, false]]);
    expect(await boxes(-10, 0)).toEqual([[0, 0, 3, 8, true], [11, 8, 8, 8, false]]);
    expect(await boxes(-20, 0)).toEqual([[6, 8, 8, 8, false]]);
  });
  it('YOLO text files give the same figures, and an image without a file shows nothing', async () => {
    const folder = fresh();
    writeYoloSet(folder);
    put(folder, 'dataset.yaml', 'classes: [red, green, blue]\n');
    const { figures } = await judge(folder, cellDetector());
    for (const [metric, value] of Object.entries(gridFigures)) expect(figures[metric], metric).toBeCloseTo(value, 9);
    const { check } = await checkDataset(services, { path: folder });
    expect(check).toMatchObject({ labelKind: 'boxes', labelled: true, classes: [{ name: 'red', count: 2 }, { name: 'green', count: 1 }, { name: 'blue', count: 1 }] });
    expect(check.findings).toContainEqual(expect.objectContaining({ id: 'DATA_NO_LABEL_FILE', message: '2 images have no label file and count as showing nothing.' }));
  });
  it('the score from which a box counts and the classes are those of dataset.yaml', async () => {
    const folder = fresh();
    writeCocoSet(folder);
    put(folder, 'dataset.yaml', 'task: detection\ndetector: { score: 0.3 }\n');
    expect((await judge(folder, cellDetector())).figures.box_escape_rate).toBe(0);
    put(folder, 'dataset.yaml', 'classes: [green, red, blue]\n');
    expect((await judge(folder, cellDetector())).figures.map_50).toBeLessThan(0.5);
  });
  it('the seal covers the labels: one changed number is another set', async () => {
    const folder = fresh();
    writeCocoSet(folder);
    const before = await sealed(folder);
    expect(before.entries.map(({ name }) => name)).toContain('annotations.json');
    put(folder, 'annotations.json', JSON.stringify(gridCoco()).replace('[0,0,16,16]', '[0,0,16,15]'));
    expect((await sealed(folder)).sha256).not.toBe(before.sha256);
  });
  it.each<[string, (coco: ReturnType<typeof gridCoco>) => unknown, RegExp]>([
    ['an image that is not in the JSON', (coco) => ({ ...coco, images: coco.images.slice(0, 3) }), /^BAD_DATA: The image d\.png is not in annotations\.json\.$/],
    ['an image that is not there', (coco) => ({ ...coco, images: [...coco.images, { id: 9, file_name: 'e.png', width: 64, height: 64 }] }), /names the image "e\.png", which is not there/],
    ['a category that is not there', (coco) => ({ ...coco, categories: coco.categories.slice(0, 2) }), /annotation 3: there is no category with the id 30/],
    ['an annotation of no image', (coco) => ({ ...coco, annotations: [{ ...coco.annotations[0], image_id: 77 }] }), /annotation 1: there is no image with the id 77/],
    ['a box of three numbers', (coco) => ({ ...coco, annotations: [{ ...coco.annotations[0], bbox: [1, 2, 3] }] }), /annotation 1: bbox must be four numbers/],
    ['another size', (coco) => ({ ...coco, images: coco.images.map((each) => ({ ...each, width: 48 })) }), /a\.png has 64 x 64 pixels, but annotations\.json says 48 x 64/],
    ['no COCO at all', () => ({ pictures: [] }), /annotations\.json is no COCO file of boxes: "images" is missing/],
  ])('%s is told in one sentence', async (_, change, sentence) => {
    const folder = fresh();
    writeCocoSet(folder);
    put(folder, 'annotations.json', JSON.stringify(change(gridCoco())));
    expect(await refusal(folder, true)).toMatch(sentence);
  });
  it.each([['0 0.5 0.5 0.2', /labels\/a\.txt, line 1: it has 4 numbers/], ['0 32 32 16 16', /line 1: a value is not from 0 to 1/], ['7 0.5 0.5 0.2 0.2', /line 1: there is no class 7; dataset\.yaml lists 3/], ['red 0.5 0.5 0.2 0.2', /holds something that is not a number/]])('a YOLO line "%s" is refused', async (line, sentence) => {
    const folder = fresh();
    writeYoloSet(folder);
    put(folder, 'dataset.yaml', 'classes: [red, green, blue]\n');
    put(folder, 'labels/a.txt', line);
    expect(await refusal(folder)).toMatch(sentence);
  });
});

describe('masks', () => {
  it.each(['gray', 'palette', 'colour'] as const)('of %s: class numbers or colours, void is left out', async (kind) => {
    const folder = fresh();
    writeMaskSet(folder, kind);
    const { task, kind: labelKind, figures } = await judge(folder, colorSegmenter());
    expect([task, labelKind]).toEqual(['segmentation', 'mask']);
    expect(figures.pixel_accuracy).toBeCloseTo(maskFigures.pixel_accuracy, 12);
    expect((await checkDataset(services, { path: folder })).check.classes).toEqual([{ name: 'red', count: 2 }, { name: 'green', count: 1 }, { name: 'blue', count: 2 }]);
    expect((await sealed(folder)).entries.map(({ name }) => name)).toContain('masks/two.png');
  });
  it('a mask of another size, a class that nobody listed, a colour of no class, and an image without one', async () => {
    const folder = fresh();
    writeMaskSet(folder, 'gray');
    put(folder, 'masks/two.png', pngBytes({ width: 8, height: 8, kind: 0, data: new Uint8Array(64) }));
    expect(await refusal(folder, true)).toBe('BAD_DATA: The mask masks/two.png has 8 x 8 pixels, but its image has 32 x 32.');
    put(folder, 'masks/two.png', pngBytes({ width: 32, height: 32, kind: 0, data: new Uint8Array(1024).fill(9) }));
    expect(await refusal(folder, true)).toMatch(/masks\/two\.png, pixel 0, 0: there is no class 9; dataset\.yaml lists 3/);
    put(folder, 'masks/two.png', pngBytes({ width: 32, height: 32, kind: 2, data: new Uint8Array(3072).map((_, at) => at % 3) }));
    expect(await refusal(folder, true)).toMatch(/has colours, but dataset\.yaml does not say which class/);
    rmSync(join(folder, 'masks/two.png'));
    expect(await refusal(folder)).toBe('BAD_DATA: masks has no mask for the image two.png; it would be two.png.');
  });
});

describe('anomaly', () => {
  const picture = (bright: boolean) => { const data = new Uint8Array(32 * 32 * 3); if (bright) for (let y = 4; y < 12; y++) data.fill(250, (y * 32 + 4) * 3, (y * 32 + 12) * 3); return pngBytes({ width: 32, height: 32, kind: 2, data }); };
  const mask = (side: number) => { const data = new Uint8Array(1024); for (let y = 4; y < 4 + side; y++) data.fill(255, y * 32 + 4, y * 32 + 4 + side); return pngBytes({ width: 32, height: 32, kind: 0, data }); };
  const write = (folder: string) => {
    for (const name of ['000', '001']) { put(folder, `test/good/${name}.png`, picture(false)); put(folder, `test/scratch/${name}.png`, picture(true)); put(folder, `ground_truth/scratch/${name}_mask.png`, mask(8)); }
    put(folder, 'train/good/000.png', picture(false));
  };
  it('folders as MVTec AD has them: AUROC of the images and PRO of the masks', async () => {
    const folder = fresh();
    write(folder);
    // The mean of the colours is the map.
    const { node, tinyModelBytes } = await import('#test/fakes/tinyModel');
    const model = tinyModelBytes({ inputs: { image: [1, 3, 32, 32] }, outputs: { map: [1, 1, 32, 32] }, nodes: [node('ReduceMean', ['image'], ['map'], { axes: [1n], keepdims: 1n })] });
    expect(await judge(folder, model)).toMatchObject({ task: 'anomaly', kind: 'class and mask', figures: { auroc: 1, average_precision: 1, pro: 1 } });
    expect((await sealed(folder)).entries.map(({ name }) => name)).toEqual(['ground_truth/scratch/000_mask.png', 'ground_truth/scratch/001_mask.png', 'test/good/000.png', 'test/good/001.png', 'test/scratch/000.png', 'test/scratch/001.png']);
  });
  it('a defect without its mask is told', async () => {
    const folder = fresh();
    write(folder);
    rmSync(join(folder, 'ground_truth/scratch/001_mask.png'));
    expect(await refusal(folder)).toBe('BAD_DATA: ground_truth has no mask for the image scratch/001.png; it would be scratch/001_mask.png.');
  });
});

describe('tables beside images, and several labels', () => {
  const write = (folder: string, table: string, yaml: string) => {
    for (const name of ['a.png', 'b.png', 'c.png']) put(folder, `images/${name}`, gridPicture([]));
    put(folder, 'labels.csv', table);
    put(folder, 'dataset.yaml', `path: images\nlabels: labels.csv\n${yaml}`);
  };
  const targets = async (folder: string) => { const reader = await openDataset(services, { path: join(folder, 'dataset.yaml') }, null); const rows = []; for (let index = 0; index < reader.length; index++) rows.push(Array.from((await reader.target?.(index))?.data as Uint8Array)); return { classes: reader.classes, rows, task: reader.task, labels: reader.labels }; };
  it('labels in one cell, in the order of the images, however the rows are ordered', async () => {
    const folder = fresh();
    write(folder, 'image,label\nc.png,\nb.png,scratch;dent\na.png,dent\n', 'task: multilabel\n');
    expect(await targets(folder)).toEqual({ task: 'multilabel', labels: null, classes: ['dent', 'scratch'], rows: [[1, 0], [1, 1], [0, 0]] });
    write(folder, 'image,label\nc.png,\nb.png,scratch|dent\na.png,dent\n', 'task: multilabel\nseparator: "|"\nclasses: [scratch, dent]\n');
    expect((await targets(folder)).rows).toEqual([[0, 1], [1, 1], [0, 0]]);
  });
  it('a column a label; text in it is told with its row', async () => {
    const folder = fresh();
    write(folder, 'image,scratch,dent\na.png,0,1\nb.png,1,1\nc.png,0,0\n', 'label_columns: [scratch, dent]\n');
    expect(await targets(folder)).toMatchObject({ task: 'multilabel', classes: ['scratch', 'dent'], rows: [[0, 1], [1, 1], [0, 0]] });
    write(folder, 'image,scratch,dent\na.png,0,1\nb.png,maybe,1\nc.png,0,0\n', 'label_columns: [scratch, dent]\n');
    expect(await refusal(join(folder, 'dataset.yaml'))).toBe('BAD_DATA: labels.csv, row 3, column "scratch": "maybe" is neither 0 nor 1.');
  });
  it('subgroups stand in the table of the labels, or in one of their own that is sealed too', async () => {
    const folder = fresh();
    const groupsOf = async () => (await openDataset(services, { path: join(folder, 'dataset.yaml') }, null)).subgroups;
    write(folder, 'image,label,shift\nc.png,x,late\na.png,x,early\nb.png,y,early\n', 'subgroups: shift\n');
    expect(await groupsOf()).toEqual([{ column: 'shift', values: ['early', 'early', 'late'] }]);
    put(folder, 'groups.csv', 'image,camera\nb.png,2\na.png,1\nc.png,2\n');
    write(folder, 'image,label\na.png,x\nb.png,x\nc.png,y\n', 'subgroups: [camera]\nsubgroup_table: groups.csv\n');
    expect(await groupsOf()).toEqual([{ column: 'camera', values: ['1', '2', '2'] }]);
    expect((await sealed(join(folder, 'dataset.yaml'))).entries.map(({ name }) => name)).toContain('groups.csv');
    put(folder, 'groups.csv', 'image,camera\nb.png,2\na.png,1\n');
    expect(await refusal(join(folder, 'dataset.yaml'))).toBe('BAD_DATA: The image c.png has no row in groups.csv.');
    put(folder, 'dataset.yaml', 'path: images\nsubgroups: camera\n');
    expect(await refusal(join(folder, 'dataset.yaml'))).toBe('BAD_DATA: dataset.yaml names subgroups, but no table to take them from.');
  });
  it('an image without a row, a row without its image, an unknown label', async () => {
    const folder = fresh();
    write(folder, 'image,label\na.png,x\nb.png,x\n', '');
    expect(await refusal(join(folder, 'dataset.yaml'))).toBe('BAD_DATA: The image c.png has no row in labels.csv.');
    write(folder, 'image,label\na.png,x\nb.png,x\nz.png,x\n', '');
    expect(await refusal(join(folder, 'dataset.yaml'))).toBe('BAD_DATA: labels.csv, row 4: the image "z.png" is not there.');
    write(folder, 'image,label\na.png,x\nb.png,y\nc.png,x\n', 'task: embedding\nclasses: [x]\n');
    expect(await refusal(join(folder, 'dataset.yaml'))).toMatch(/row 3, column "label": the label "y" is not among the classes/);
  });
  it('rows of features with several labels', async () => {
    const folder = fresh();
    put(folder, 'parts.csv', 'u,v,scratch,dent\n0.1,2,1,0\n0.2,3,1,1\n');
    put(folder, 'dataset.yaml', 'path: parts.csv\nlabel_columns: [scratch, dent]\n');
    const reader = await openDataset(services, { path: join(folder, 'dataset.yaml') }, { inputs: [{ name: 'x', type: 'tensor(float)', shape: [null, 2] }] });
    expect([reader.task, reader.labelKind, (await reader.target?.(1))?.data, (await reader.read(1)).feeds.x?.data]).toEqual(['multilabel', 'label set', Uint8Array.of(1, 1), Float32Array.of(0.2, 3)]);
    expect((await checkDataset(services, { path: join(folder, 'dataset.yaml') })).check.classes).toEqual([{ name: 'scratch', count: 2 }, { name: 'dent', count: 1 }]);
  });
  it('identities of an embedding are a column', async () => {
    const folder = fresh();
    write(folder, 'image,label\na.png,p1\nb.png,p2\nc.png,p1\n', 'task: embedding\n');
    const reader = await openDataset(services, { path: join(folder, 'dataset.yaml') }, null);
    expect([reader.task, reader.labels]).toEqual(['embedding', ['p1', 'p2', 'p1']]);
  });
});

describe('what a person sees of the labels', () => {
  const shown = async (folder: string, index: number) => {
    const reader = await openDataset(services, { path: folder }, null);
    const { label, mark } = await labelShown(reader, index);
    const url = await makeThumbnail(reader.imagePath(index) ?? '', 'x', mark);
    return { label, image: (await decodeImage(Buffer.from(url?.split(',')[1] ?? '', 'base64'), 'x')).image };
  };
  it('boxes are counted by class and drawn into the small picture', async () => {
    const folder = fresh();
    writeCocoSet(folder);
    // How the pictures are prepared has nothing to do with how they are shown.
    put(folder, 'dataset.yaml', 'preprocess: { resize: { letterbox: [40, 20] } }\n');
    const { label, image: { width, height, data } } = await shown(folder, 0);
    expect([label, width, height]).toEqual(['red, green', 96, 96]);
    // The first cell ends at a quarter of the picture: its outline is no longer red.
    expect([...data.subarray((23 * 96 + 5) * 3, (23 * 96 + 5) * 3 + 3)]).toEqual([230, 159, 0]);
    expect([...data.subarray((10 * 96 + 10) * 3, (10 * 96 + 10) * 3 + 3)]).toEqual([255, 0, 0]);
    expect((await shown(folder, 1)).label).toBe('no box');
  });
  it('masks tint the picture, and a mask that does not fit is shown as such', async () => {
    const folder = fresh();
    writeMaskSet(folder, 'gray');
    const { label, image: { data, width } } = await shown(folder, 0);
    expect(label).toBeNull();
    expect([...data.subarray((width - 4) * 3, (width - 4) * 3 + 3)]).not.toEqual([0, 0, 255]);
    put(folder, 'masks/two.png', pngBytes({ width: 8, height: 8, kind: 0, data: new Uint8Array(64) }));
    expect((await shown(folder, 1)).label).toBe('label does not fit');
  });
});

it('class names stand in labels or in classes', () => {
  expect([classNames({ labels: ['a', 'b'] }), classNames({ labels: 'masks', classes: ['a', { name: 'b', color: '#ffffff' }] }), classNames({ labels: 'masks' })]).toEqual([['a', 'b'], ['a', 'b'], null]);
});
