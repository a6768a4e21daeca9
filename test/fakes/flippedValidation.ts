// A data folder in which a validation changed six decisions: twelve small pictures, a model that looks at all of each, one that looks at its left half,
// and four people with passwords. For the tests of those who judge.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ValidationOutput } from '#shared/contract/validation';
import { runJob } from './runJob.ts';
import { openTestHost } from './testHost.ts';
import { testWorkers } from './testWorkers.ts';
import { node, tinyModelBytes, weight } from './tinyModel.ts';

export const judges = {
  admin: { printedName: 'Ada Root', user: 'ada', password: 'copper lantern forty', role: 'Admin' },
  first: { printedName: 'Ben Ott', user: 'ben', password: 'seven quiet bridges', role: 'Quality' },
  second: { printedName: 'Cem Aydin', user: 'cem', password: 'amber window eleven', role: 'Operator' },
  third: { printedName: 'Dora Weiss', user: 'dora', password: 'granite orchard nine', role: 'Engineer' },
} as const;

export interface FlippedValidation { readonly validation: ValidationOutput; readonly data: string; readonly datasetId: string }

const side = 8;
/** Gray of the left and of the right half; by both halves the first three are dark and the next three bright, by the left half alone it is the other way. */
const pictures = [[160, 40], [170, 30], [150, 50], [90, 220], [100, 210], [80, 230], [210, 200], [220, 190], [230, 215], [30, 40], [20, 50], [45, 25]] as const;
export const changedDecisions = 6;

/** The sum of what it looks at against one half: the class "bright" first, then "dark", as folders are sorted. */
function model(looksAt: (column: number) => boolean): Uint8Array {
  const seen = Array.from({ length: side * side }, (_, at) => (looksAt(at % side) ? 1 : 0));
  const share = 16 / seen.filter((each) => each === 1).length;
  return tinyModelBytes({
    inputs: { image: [-1, 1, side, side] }, outputs: { scores: [-1, 2] },
    weights: [weight('w', [side * side, 2], seen.flatMap((each) => [each * share, -each * share])), weight('b', [2], [-8, 8])],
    nodes: [node('Flatten', ['image'], ['flat']), node('Gemm', ['flat', 'w', 'b'], ['scores'])],
  });
}

/** Makes it in `dataDir` and, for pictures and models, in `folder`; nothing runs when it answers. */
export async function makeFlippedValidation({ dataDir, folder }: { readonly dataDir: string; readonly folder: string }): Promise<FlippedValidation> {
  const data = join(folder, 'Lids');
  const classOf = (left: number, right: number) => (left + right > 255 ? 'bright' : 'dark');
  await Promise.all(pictures.map(async ([left, right], at) => {
    const place = join(data, 'images', classOf(left, right));
    mkdirSync(place, { recursive: true });
    const pixels = Buffer.from(Array.from({ length: side * side }, (_, pixel) => (pixel % side < side / 2 ? left : right)));
    await sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).png().toFile(join(place, `lid-${String(at + 1).padStart(2, '0')}.png`));
  }));
  writeFileSync(join(data, 'dataset.yaml'), 'name: Lids\npath: images\ntask: classification\nlabels: [bright, dark]\npreprocess: { color: gray, scale: 0.00392156862745098, layout: NCHW }\n');
  const [original, optimised] = [join(folder, 'lids.onnx'), join(folder, 'lids-half.onnx')];
  writeFileSync(original, model(() => true));
  writeFileSync(optimised, model((column) => column < side / 2));
  const test = openTestHost({ dataDir, workers: await testWorkers() });
  try {
    for (const { printedName, user, password, role } of Object.values(judges)) {
      await test.host.call('people.add', { printedName, user, password, role, ...(role === 'Admin' ? {} : { by: { user: judges.admin.user, password: judges.admin.password } }) });
    }
    const { id: datasetId } = await runJob(test, 'datasets.add', { path: data, purpose: 'test' });
    const validation = await runJob(test, 'validation.run', { model: { path: optimised }, reference: { path: original }, data: { id: datasetId }, robustness: false });
    return { validation, data, datasetId };
  } finally { await test.close(); }
}
