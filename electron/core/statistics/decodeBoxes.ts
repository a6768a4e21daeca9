// From the outputs of a detector to boxes with a class and a score: ready-made selections, rows, pairs of boxes and scores, YOLO heads.
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import type { DetectorSpec } from '../datasets/detectorSpec.ts';
import { floatsOfTensor } from './floatsOfTensor.ts';
import { suppressBoxes, type Candidate, type Corners } from './suppressBoxes.ts';

type Outputs = Readonly<Record<string, TensorValue>>;
type Format = Exclude<DetectorSpec['format'], 'auto'>;
interface Named { readonly name: string; readonly value: TensorValue }
/** What the outputs were told to be. */
interface Reading { readonly format: Format; readonly boxes: Named; readonly scores: Named | null; readonly labels: Named | null }

const isFloat = ({ type }: TensorValue) => type === 'float32' || type === 'float64' || type === 'float16';
const numbersOf = (value: TensorValue): Float64Array => Float64Array.from(floatsOfTensor(value), Number);
/** Of one sample: the batch axis of a tensor of three axes is 1. */
const shapeOf = ({ dims }: TensorValue): readonly number[] => (dims.length > 2 && dims[0] === 1 ? dims.slice(1) : dims);
const hint = 'docs/guide.md lists the outputs of detectors that are read; set detector.format, and task, in dataset.yaml to what the model does.';

/** The boxes of one sample, best first; in pixels or shares of the input as the model gives them. */
export function decodeBoxes(outputs: Outputs, classes: number, spec: DetectorSpec): Candidate[] {
  const reading = readingOf(outputs, classes, spec.format);
  switch (reading.format) {
    case 'boxes': return readyBoxes(reading, spec);
    case 'rows': return rowsOf(reading.boxes.value, spec);
    case 'pairs': return suppressBoxes(pairsOf(reading, classes, spec), spec.iou, spec.max);
    case 'yolo': case 'yolov5': return suppressBoxes(headOf(reading.boxes.value, reading.format, classes, spec), spec.iou, spec.max);
  }
}

/** Each reading that the shapes allow, where none was asked for; where there are several, a person has to say which. */
function readingOf(outputs: Outputs, classes: number, asked: DetectorSpec['format']): Reading {
  const all = Object.entries(outputs).map(([name, value]): Named => ({ name, value }));
  const readings = [...boxesBeside(all, classes, asked), ...all.flatMap((output) => wholeHeads(output, classes))].filter(({ format }) => asked === 'auto' || format === asked);
  const shown = all.map(({ name, value }) => `"${name.slice(0, 60)}" ${value.dims.join(' x ') || 'a single value'}`).join(', ');
  const [first, second] = readings;
  if (!first) throw new AppError('MODEL_UNSUPPORTED', `No output of the model gives boxes${asked === 'auto' ? '' : ` of the format ${asked}`} for ${classes} class${classes === 1 ? '' : 'es'}; it gives ${shown}.`, { hint });
  if (asked === 'auto' && second && second.format !== first.format) throw new AppError('MODEL_UNSUPPORTED', `The output of the model (${shown}) may be read as ${[...new Set(readings.map(({ format }) => format))].join(' or ')}.`, { hint });
  return first;
}

/** Boxes in one output, scores in another. */
function boxesBeside(all: readonly Named[], classes: number, asked: DetectorSpec['format']): Reading[] {
  const boxes = all.find(({ value }) => isFloat(value) && value.dims.at(-1) === 4 && value.dims.slice(1).filter((size) => size > 1).length <= 2);
  if (!boxes) return [];
  const count = boxes.value.data.length / 4;
  const others = all.filter((each) => each !== boxes);
  const single = others.find(({ value }) => isFloat(value) && value.data.length === count);
  const rows = others.find(({ value }) => isFloat(value) && count > 0 && value.data.length > count && value.data.length % count === 0);
  const labels = others.find((each) => each !== single && each.value.type !== 'string' && each.value.data.length === count) ?? null;
  // One score a box without a class may also be a raw head of one class: only the file can say so.
  if (single && (labels !== null || rows === undefined)) return [{ format: 'boxes', boxes, scores: single, labels }, ...(asked === 'pairs' && classes === 1 ? [{ format: 'pairs', boxes, scores: single, labels: null } as const] : [])];
  return rows ? [{ format: 'pairs', boxes, scores: rows, labels: null }] : [];
}

/** Everything in one output. */
function wholeHeads(output: Named, classes: number): Reading[] {
  const shape = shapeOf(output.value);
  if (!isFloat(output.value) || shape.length !== 2) return [];
  const [high = 0, wide = 0] = shape;
  const reading = (format: Format): Reading => ({ format, boxes: output, scores: null, labels: null });
  return [
    ...(wide === 6 && high <= 1000 ? [reading('rows')] : []),
    ...(high === classes + 4 || wide === classes + 4 ? [reading('yolo')] : []),
    ...(high === classes + 5 || wide === classes + 5 ? [reading('yolov5')] : []),
  ];
}

function cornersOf(a: number, b: number, c: number, d: number, form: NonNullable<DetectorSpec['box']>): Corners {
  switch (form) {
    case 'xyxy': return [a, b, c, d];
    case 'yxyx': return [b, a, d, c];
    case 'xywh': return [a, b, a + c, b + d];
    case 'cxcywh': return [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
  }
}

/** Place among the classes without the one that stands for nothing; -1 for that one. */
const classAt = (index: number, background: number | false): number => (background === false || index < background ? index : index === background ? -1 : index - 1);

function readyBoxes({ boxes, scores, labels }: Reading, { box = 'xyxy', background = false, keep }: DetectorSpec): Candidate[] {
  const corners = numbersOf(boxes.value), values = scores ? numbersOf(scores.value) : new Float64Array(), classes = labels ? numbersOf(labels.value) : null;
  const out: Candidate[] = [];
  for (let at = 0; at * 4 < corners.length; at++) {
    const [a = 0, b = 0, c = 0, d = 0] = corners.subarray(at * 4, at * 4 + 4);
    const category = classAt(classes?.[at] ?? 0, classes === null ? false : background), score = values[at] ?? 0;
    if (category >= 0 && score > keep) out.push({ corners: cornersOf(a, b, c, d, box), category, score });
  }
  return out.sort((a, b) => b.score - a.score);
}

function rowsOf(value: TensorValue, { box = 'xyxy', background = false, keep }: DetectorSpec): Candidate[] {
  const values = numbersOf(value);
  const out: Candidate[] = [];
  for (let at = 0; at < values.length; at += 6) {
    const [a = 0, b = 0, c = 0, d = 0, score = 0, label = 0] = values.subarray(at, at + 6);
    const category = classAt(label, background);
    if (category >= 0 && score > keep) out.push({ corners: cornersOf(a, b, c, d, box), category, score });
  }
  return out.sort((a, b) => b.score - a.score);
}

function pairsOf({ boxes, scores }: Reading, classes: number, { box = 'xyxy', background: asked, activation, keep }: DetectorSpec): Candidate[] {
  const corners = numbersOf(boxes.value), count = corners.length / 4;
  const shape = scores ? shapeOf(scores.value) : [], values = scores ? numbersOf(scores.value) : new Float64Array();
  const width = count === 0 ? 0 : values.length / count;
  const background = asked ?? (width === classes + 1 ? 0 : false);
  if (width !== classes + (background === false ? 0 : 1)) {
    throw new AppError('BAD_DATA', `The detector gives ${width} class scores a box${background === false ? '' : ', one of them for nothing'}, but there are ${classes} classes.`, { hint: 'List the classes in the order of the model\'s scores as `classes` in dataset.yaml, and set detector.background to the index of the class that stands for nothing.' });
  }
  // Scores are read a row an anchor, or, where the last axis is that of the anchors, a row a class.
  const isPlanar = shape.at(-1) === count && shape.at(-2) === width && width !== count;
  const row = new Float64Array(width);
  const out: Candidate[] = [];
  for (let at = 0; at < count; at++) {
    for (let column = 0; column < width; column++) row[column] = values[isPlanar ? column * count + at : at * width + column] ?? 0;
    activate(row, activation);
    const [a = 0, b = 0, c = 0, d = 0] = corners.subarray(at * 4, at * 4 + 4);
    addClasses(out, row, cornersOf(a, b, c, d, box), 1, background, keep);
  }
  return out;
}

/** YOLO heads: centre, size, for v5 an objectness, and a score a class; a row an anchor or a row a value. */
function headOf(value: TensorValue, format: 'yolo' | 'yolov5', classes: number, { box = 'cxcywh', activation, keep }: DetectorSpec): Candidate[] {
  const values = numbersOf(value), [high = 0, wide = 0] = shapeOf(value);
  const before = format === 'yolov5' ? 5 : 4, width = before + classes;
  const isPlanar = wide !== width || (high === width && wide > high);
  const anchors = isPlanar ? wide : high;
  const read = (at: number, column: number) => values[isPlanar ? column * anchors + at : at * width + column] ?? 0;
  const row = new Float64Array(classes), objectness = new Float64Array(1);
  const out: Candidate[] = [];
  for (let at = 0; at < anchors; at++) {
    for (let column = 0; column < classes; column++) row[column] = read(at, before + column);
    activate(row, activation);
    if (before === 5) { objectness[0] = read(at, 4); activate(objectness, activation === 'softmax' ? 'sigmoid' : activation); }
    addClasses(out, row, cornersOf(read(at, 0), read(at, 1), read(at, 2), read(at, 3), box), before === 5 ? objectness[0] ?? 0 : 1, false, keep);
  }
  return out;
}

/** Each class whose score is high enough is a candidate of its own. */
function addClasses(out: Candidate[], scores: Float64Array, corners: Corners, factor: number, background: number | false, keep: number): void {
  scores.forEach((each, index) => {
    if (each < -1e-3 || each > 1.001) throw new AppError('BAD_DATA', `A score of the detector is ${Number(each.toPrecision(4))}, which is not a share from 0 to 1.`, { hint: 'Set detector.activation in dataset.yaml to sigmoid or softmax, as the model\'s training code does after the last layer.' });
    const category = classAt(index, background), score = each * factor;
    if (category >= 0 && score > keep) out.push({ corners, category, score });
  });
}

function activate(row: Float64Array, activation: DetectorSpec['activation']): void {
  if (activation === 'none') return;
  const most = activation === 'softmax' ? row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) : 0;
  if (activation === 'sigmoid') { row.forEach((value, at) => { row[at] = 1 / (1 + Math.exp(-value)); }); return; }
  let sum = 0;
  row.forEach((value, at) => { row[at] = Math.exp(value - most); sum += row[at] ?? 0; });
  row.forEach((value, at) => { row[at] = value / sum; });
}
