// Looks at every sample of a data set and says what is wrong with it: unreadable, double, alike, unlabelled, unbalanced, constant, out of range.
import type { DatasetCheck } from '#shared/contract/datasets';
import type { DataRef } from '#shared/contract/references';
import type { Finding } from '#shared/finding';
import type { Progress } from '#shared/progress';
import { statedIn } from '#core/datasets/datasetYaml';
import { lookAlikes } from '#core/datasets/perceptualHash';
import type { Services } from '../Services.ts';
import type { ColumnValues, SampleFault, SampleIdentity } from './DatasetReader.ts';
import { openDataset, type OpenedDataset } from './openDataset.ts';

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((progress: Progress) => void) | undefined;
}
export interface CheckedDataset { readonly check: DatasetCheck; readonly identities: readonly SampleIdentity[] }

/** Reads everything once; memory holds about 400 bytes a sample. Throws as openDataset does. */
export async function checkDataset(services: Pick<Services, 'store'>, ref: DataRef, options: CheckOptions = {}): Promise<CheckedDataset> {
  const reader = await openDataset(services, ref, null);
  try { return await checkReader(reader, options); } finally { await reader.close(); }
}

async function checkReader(reader: OpenedDataset, { signal, progress }: CheckOptions): Promise<CheckedDataset> {
  const identities: SampleIdentity[] = [];
  const faults: SampleFault[] = [];
  const shapes = new Map<string, number>();
  let rotated = 0;
  for await (const entry of reader.identities(signal)) {
    if ('reason' in entry) faults.push(entry);
    else {
      identities.push(entry);
      if (entry.image) {
        const shape = `${entry.image.width} x ${entry.image.height}, ${entry.image.channels === 1 ? 'gray' : 'colour'}`;
        shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
        if (entry.image.rotated) rotated++;
      }
    }
    if (entry.index % 50 === 0) progress?.({ stage: 'Read samples', done: entry.index, total: reader.length });
  }
  progress?.({ stage: 'Read samples', done: reader.length, total: reader.length });
  const counts = new Map<string, number>(reader.classes.map((name) => [name, 0]));
  for (const label of reader.labels ?? []) if (label !== null && reader.task !== 'regression') counts.set(label, (counts.get(label) ?? 0) + 1);
  const stated = reader.yaml && statedIn(reader.yaml);
  const columns = await reader.columns();
  const told = await reader.labelCounts?.(signal);
  const findings = [
    ...(told?.findings ?? []),
    ...faultFindings(faults), ...duplicateFindings(identities, reader), ...labelFindings(reader, counts),
    ...imageFindings(reader, shapes, rotated), ...columns.flatMap((column) => columnFindings(column)),
  ];
  const classes = told ? [...told.counts] : reader.task === 'regression' || reader.labels === null ? [] : [...counts].map(([name, count]) => ({ name, count }));
  return {
    identities,
    check: { layout: reader.layout, task: reader.task, samples: reader.length, labelled: reader.labelKind !== null, labelKind: reader.labelKind, classes, columns: columns.map(describeColumn), findings, ...(stated && { stated }) },
  };
}

const shown = 20;
/** The first so many findings one by one, the rest as one count. */
function capped<T>(items: readonly T[], each: (item: T) => Finding, rest: (count: number) => Finding): Finding[] {
  return [...items.slice(0, shown).map(each), ...(items.length > shown ? [rest(items.length - shown)] : [])];
}

const faultFindings = (faults: readonly SampleFault[]): Finding[] => capped(faults,
  ({ name, reason }) => ({ id: 'DATA_UNREADABLE', severity: 'error', place: name, message: reason, remedy: 'Replace or remove the file.' }),
  (count) => ({ id: 'DATA_UNREADABLE', severity: 'error', place: 'data set', message: `${count} more samples cannot be read.`, remedy: 'Replace or remove them.' }));

function duplicateFindings(identities: readonly SampleIdentity[], reader: OpenedDataset): Finding[] {
  const groups = new Map<string, SampleIdentity[]>();
  for (const identity of identities) {
    const group = groups.get(identity.sha256);
    if (group) group.push(identity);
    else groups.set(identity.sha256, [identity]);
  }
  const doubles = [...groups.values()].filter((group) => group.length > 1);
  const labelsOf = (group: readonly SampleIdentity[]) => [...new Set(group.map(({ index }) => reader.labels?.[index] ?? ''))];
  const conflicts = reader.task === 'classification' ? doubles.filter((group) => labelsOf(group).length > 1) : [];
  const plain = doubles.filter((group) => !conflicts.includes(group));
  const firsts = [...groups.values()].flatMap((group) => group[0] ?? []);
  const signed = firsts.map(({ perceptualHash, thumbnail }) => ({ hash: perceptualHash, thumbnail: thumbnail ?? new Uint8Array(0) }));
  const alike = lookAlikes(signed, signed);
  const names = (group: readonly SampleIdentity[]) => group.slice(0, 4).map(({ name }) => name).join(', ') + (group.length > 4 ? ` and ${group.length - 4} more` : '');
  return [
    ...capped(conflicts, (group) => ({ id: 'DATA_LABEL_CONFLICT', severity: 'error', place: names(group), message: `The same sample has different labels: ${labelsOf(group).join(', ')}.`, remedy: 'Find out which label is right, and remove the others.' }),
      (count) => ({ id: 'DATA_LABEL_CONFLICT', severity: 'error', place: 'data set', message: `${count} more samples have different labels in different places.` })),
    ...capped(plain, (group) => ({ id: 'DATA_DUPLICATE', severity: 'warning', place: names(group), message: `${group.length} samples are identical; they count as ${group.length}, but prove as much as one.`, remedy: 'Keep one of them.' }),
      (count) => ({ id: 'DATA_DUPLICATE', severity: 'warning', place: 'data set', message: `${count} more groups of identical samples.`, remedy: 'Keep one of each.' })),
    ...capped(alike, ([a, b]) => ({ id: 'DATA_NEAR_DUPLICATE', severity: 'warning', place: `${firsts[a]?.name ?? ''}, ${firsts[b]?.name ?? ''}`, message: 'The two images look the same.', remedy: 'Look at both; keep one where they show the same part in the same take.' }),
      (count) => ({ id: 'DATA_NEAR_DUPLICATE', severity: 'warning', place: 'data set', message: `${count} more pairs of images look the same.` })),
  ];
}

function labelFindings(reader: OpenedDataset, counts: ReadonlyMap<string, number>): Finding[] {
  if (reader.labels === null && reader.labelKind !== null) return []; // masks, boxes, sets of labels: told by labelCounts
  if (reader.labels === null) return [{ id: 'DATA_NO_LABELS', severity: 'info', place: 'data set', message: 'There are no labels: the data serves for calibration and parity, not for accuracy.', remedy: 'Put images into class folders, or name the label column in dataset.yaml.' }];
  const findings: Finding[] = [];
  const unlabelled = reader.labels.filter((label) => label === null || label === '').length;
  if (unlabelled > 0) findings.push({ id: 'DATA_MISSING_LABEL', severity: 'error', place: firstUnlabelled(reader), message: `${unlabelled} of ${reader.length} samples have no label.`, remedy: 'Label or remove them.' });
  if (reader.task !== 'classification') return findings;
  const empty = [...counts].filter(([, count]) => count === 0).map(([name]) => name);
  if (empty.length > 0) findings.push({ id: 'DATA_EMPTY_CLASS', severity: 'warning', place: empty.slice(0, 10).join(', '), message: `${empty.length === 1 ? 'A class has' : `${empty.length} classes have`} no sample.`, remedy: 'Add samples, or remove the class.' });
  const filled = [...counts.values()].filter((count) => count > 0);
  if (filled.length === 1) findings.push({ id: 'DATA_ONE_CLASS', severity: 'warning', place: 'data set', message: 'Every sample has the same label, so that accuracy says little.', remedy: 'Add samples of the other classes.' });
  const most = Math.max(...filled, 0), least = Math.min(...filled, most);
  if (filled.length > 1 && most >= 10 * least) findings.push({ id: 'DATA_IMBALANCE', severity: 'warning', place: [...counts].filter(([, count]) => count === least).map(([name]) => name).slice(0, 10).join(', '), message: `The largest class has ${most} samples, the smallest ${least}.`, remedy: 'Judge by escape rate or recall of the rare class rather than by accuracy.' });
  return findings;
}

const firstUnlabelled = (reader: OpenedDataset): string => reader.names[reader.labels?.findIndex((label) => label === null || label === '') ?? 0] ?? 'data set';

function imageFindings(reader: OpenedDataset, shapes: ReadonlyMap<string, number>, rotated: number): Finding[] {
  const findings: Finding[] = [];
  if (shapes.size > 1) findings.push({ id: 'DATA_MIXED_SIZES', severity: 'info', place: 'data set', message: `The images have ${shapes.size} different sizes or kinds: ${[...shapes].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([shape, count]) => `${shape} (${count})`).join('; ')}.`, remedy: 'State resize in dataset.yaml as the model was trained with.' });
  if (rotated > 0) findings.push({ id: 'DATA_EXIF_ROTATED', severity: 'warning', place: 'data set', message: `${rotated} image${rotated === 1 ? ' carries' : 's carry'} a rotation mark of the camera, which is not applied.`, remedy: 'Save the images upright.' });
  findings.push(...hiddenFindings(reader.found));
  const ignored = reader.found?.ignored ?? [];
  if (ignored.length > 0) findings.push({ id: 'DATA_IGNORED_FILES', severity: 'info', place: ignored.slice(0, 5).join(', '), message: `${ignored.length} file${ignored.length === 1 ? ' is' : 's are'} no image that can be read, and left out.` });
  return findings;
}

/** What lies there and is passed over because of its name. */
export function hiddenFindings(found: OpenedDataset['found']): Finding[] {
  const hidden = found?.hidden ?? [];
  if (hidden.length === 0) return [];
  const message = hidden.length === 1 ? '1 folder or image whose name begins with a dot is left out.' : `${hidden.length} folders or images whose names begin with a dot are left out.`;
  return [{ id: 'DATA_HIDDEN', severity: 'warning', place: hidden.slice(0, 5).join(', '), message, remedy: 'Take the dot off the name where it holds samples; remove it where it does not.' }];
}

function rangeOf(column: ColumnValues): { min: number; max: number; infinite: number; seen: number } {
  let min = Number.POSITIVE_INFINITY, max = Number.NEGATIVE_INFINITY, infinite = 0, seen = 0;
  for (const value of column.numbers ?? []) {
    if (Number.isNaN(value)) continue;
    seen++;
    if (!Number.isFinite(value)) { infinite++; continue; }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max, infinite, seen };
}

function describeColumn(column: ColumnValues): DatasetCheck['columns'][number] {
  const { min, max } = rangeOf(column);
  const known = column.numbers !== null && min <= max;
  return { name: column.name, type: column.type, missing: column.missing, min: known ? min : null, max: known ? max : null };
}

function columnFindings(column: ColumnValues): Finding[] {
  const place = `column "${column.name}"`;
  const findings: Finding[] = [];
  const first = column.misfits[0];
  if (first && column.numbers) findings.push({ id: 'DATA_TEXT_IN_NUMBERS', severity: 'error', place: `row ${first.row}, ${place}`, message: `"${first.value.slice(0, 60)}" is not a number${column.misfitCount > 1 ? `, and ${column.misfitCount - 1} more cells of this column are none` : ''}.`, remedy: 'Correct the cells, or remove the rows.' });
  if (column.missing > 0) findings.push({ id: 'DATA_MISSING_VALUE', severity: 'warning', place, message: `${column.missing} value${column.missing === 1 ? ' is' : 's are'} missing.`, remedy: 'Fill them as the training did, or remove the rows.' });
  if (!column.numbers) return findings;
  const { min, max, infinite, seen } = rangeOf(column);
  if (infinite > 0) findings.push({ id: 'DATA_INFINITE', severity: 'error', place, message: `${infinite} value${infinite === 1 ? ' is' : 's are'} infinite.`, remedy: 'Correct them at their source.' });
  if (seen > 1 && min === max) findings.push({ id: 'DATA_CONSTANT', severity: 'warning', place, message: `Every value is ${min}.`, remedy: 'Check the sensor, or leave the column out.' });
  if (seen === 0 && column.numbers.length > 0) findings.push({ id: 'DATA_ALL_MISSING', severity: 'error', place, message: 'Every value is missing.', remedy: 'Leave the column out.' });
  return findings;
}
