// How operators are rewritten from one opset to the next where their meaning or form changed (ONNX operator changelog, opsets 8 to 21).
import { attributeOf, bigIntsAttribute, floatAttribute, floatsAttribute, intAttribute, makeNode, setAttribute, stringAttribute } from '../graph/attributes.ts';
import { makeTensor } from '../tensors/makeTensor.ts';
import { readTensor } from '../tensors/readTensor.ts';
import { constantNumbers, floatInput, int64Input, Refusal, setInput, type Adapter } from './Adapter.ts';

/** `axes` moved from an attribute to the second input. */
const axesToInput: Adapter = (context) => {
  const axes = bigIntsAttribute(context.node, 'axes', null);
  if (!axes) return;
  setAttribute(context.node, 'axes', null);
  setInput(context.node, 1, int64Input(context, 'axes', axes));
};

/**
 * Until opset 12 the input was seen as a matrix, cut at `axis` (default 1); from 13 on one axis is meant (default -1). The same when the axis is
 * the last one; else the matrix is made explicit: Flatten, then the operator on its rows, then the old shape again.
 */
const softmaxTo13: Adapter = ({ node, view, types }) => {
  const axis = intAttribute(node, 'axis', 1);
  const rank = types.rankOf(node.input[0] ?? '', view.graph);
  if (rank !== null && (axis === rank - 1 || axis === -1)) return setAttribute(node, 'axis', { int: -1 });
  const [input = '', output = ''] = [node.input[0], node.output[0]];
  const [shape, matrix, rows] = ['shape', 'matrix', 'rows'].map((part) => view.uniqueName(`${output}_${part}`)) as [string, string, string]; // three parts in, three names out
  view.addNode(makeNode('Shape', [input], [shape], { name: view.uniqueName(`${view.nameOf(node)}_shape`) }), node);
  view.addNode(makeNode('Flatten', [input], [matrix], { name: view.uniqueName(`${view.nameOf(node)}_flatten`), attributes: { axis: { int: axis } } }), node);
  const restore = makeNode('Reshape', [rows, shape], [output], { name: view.uniqueName(`${view.nameOf(node)}_restore`) });
  const next = view.graph.node[view.graph.node.indexOf(node) + 1];
  node.input[0] = matrix;
  node.output[0] = rows;
  setAttribute(node, 'axis', { int: -1 });
  view.addNode(restore, next);
};

const splitTo13: Adapter = (context) => {
  const split = bigIntsAttribute(context.node, 'split', null);
  if (!split) return;
  setAttribute(context.node, 'split', null);
  setInput(context.node, 1, int64Input(context, 'split', split));
};

/** From 18 on, an equal split must say into how many parts. */
const splitTo18: Adapter = ({ node }) => {
  if ((node.input[1] ?? '') === '' && !attributeOf(node, 'num_outputs')) setAttribute(node, 'num_outputs', { int: node.output.length });
};

const clipTo11: Adapter = (context) => {
  for (const [index, name] of [[1, 'min'], [2, 'max']] as const) {
    const bound = floatAttribute(context.node, name, null);
    if (bound === null) continue;
    setAttribute(context.node, name, null);
    setInput(context.node, index, floatInput(context, name, [bound], { scalar: true }));
  }
};

const padTo11: Adapter = (context) => {
  const pads = bigIntsAttribute(context.node, 'pads', null);
  if (!pads) throw new Refusal('it has no pads');
  const value = floatAttribute(context.node, 'value', 0);
  setAttribute(context.node, 'pads', null);
  setAttribute(context.node, 'value', null);
  setInput(context.node, 1, int64Input(context, 'pads', pads));
  if (value !== 0) setInput(context.node, 2, floatInput(context, 'value', [value], { scalar: true }));
};

const sliceTo10: Adapter = (context) => {
  const { node } = context;
  const starts = bigIntsAttribute(node, 'starts', []);
  setInput(node, 1, int64Input(context, 'starts', starts));
  setInput(node, 2, int64Input(context, 'ends', bigIntsAttribute(node, 'ends', [])));
  setInput(node, 3, int64Input(context, 'axes', bigIntsAttribute(node, 'axes', starts.map((_, i) => BigInt(i)))));
  for (const name of ['starts', 'ends', 'axes']) setAttribute(node, name, null);
};

const topKTo10: Adapter = (context) => {
  const k = intAttribute(context.node, 'k', null);
  if (k === null) throw new Refusal('it has no k');
  setAttribute(context.node, 'k', null);
  setInput(context.node, 1, int64Input(context, 'k', [k]));
};

/** Inference ignores the ratio; it is kept all the same. The mask turned from numbers to booleans at 10. */
const dropoutTo10: Adapter = ({ node, view }) => {
  const mask = node.output[1] ?? '';
  if (mask !== '' && (view.consumersOf(mask).length > 0 || view.isOutput(mask))) throw new Refusal('its mask is used, and the type of the mask changed');
};
const dropoutTo12: Adapter = (context) => {
  const ratio = floatAttribute(context.node, 'ratio', 0.5);
  setAttribute(context.node, 'ratio', null);
  setInput(context.node, 1, floatInput(context, 'ratio', [ratio], { scalar: true, type: 'float32' }));
};

const upsampleTo9: Adapter = (context) => {
  const scales = floatsAttribute(context.node, 'scales', null);
  if (!scales) throw new Refusal('it has no scales');
  setAttribute(context.node, 'scales', null);
  setInput(context.node, 1, floatInput(context, 'scales', scales, { type: 'float32' }));
};
const upsampleTo10: Adapter = ({ node }) => {
  node.opType = 'Resize';
};

/** Resize 10 sampled at x / scale; nearest took the floor when enlarging and the ceiling when reducing (as the runtime computes it). */
const resizeTo11: Adapter = (context) => {
  const { node, view } = context;
  const mode = stringAttribute(node, 'mode', 'nearest');
  const scalesName = node.input[1] ?? '';
  setAttribute(node, 'coordinate_transformation_mode', 'asymmetric');
  if (mode === 'nearest') {
    const scales = constantNumbers(context, scalesName, (tensor) => readTensor(tensor).data);
    if (!scales) throw new Refusal('its scales are computed at run time, and whether it enlarges decides how it rounds');
    const reduces = scales.some((scale) => scale < 1);
    if (reduces && scales.some((scale) => scale > 1)) throw new Refusal('it enlarges one axis and reduces another, which no single rounding of the newer operator does');
    setAttribute(node, 'nearest_mode', reduces ? 'ceil' : 'floor');
  } else setAttribute(node, 'mode', 'linear');
  const roi = view.uniqueName(`${node.output[0] || 'Resize'}_roi`);
  view.addInitializer(makeTensor(roi, { type: 'float32', dims: [0], data: new Float32Array(0) }));
  node.input = [node.input[0] ?? '', roi, scalesName];
};

const batchNormalizationTo9: Adapter = ({ node }) => {
  if (intAttribute(node, 'spatial', 1) === 0) throw new Refusal('it normalizes each element on its own (spatial = 0), which newer opsets do not have');
  setAttribute(node, 'spatial', null);
};
const batchNormalizationTo14: Adapter = ({ node }) => {
  if (node.output.slice(1).some((name) => name !== '')) throw new Refusal('it is in training form, with more than one output');
  node.output.length = 1;
};

const roiAlignTo16: Adapter = ({ node }) => {
  if (!attributeOf(node, 'coordinate_transformation_mode')) setAttribute(node, 'coordinate_transformation_mode', 'output_half_pixel');
};

const gridSampleTo20: Adapter = ({ node }) => {
  const mode = stringAttribute(node, 'mode', 'bilinear');
  setAttribute(node, 'mode', mode === 'bilinear' ? 'linear' : mode === 'bicubic' ? 'cubic' : mode);
};

const dftTo20: Adapter = (context) => {
  const axis = intAttribute(context.node, 'axis', 1);
  setAttribute(context.node, 'axis', null);
  setInput(context.node, 2, int64Input(context, 'axis', [axis], true));
};

const rename = (name: string): Adapter => ({ node }) => { node.opType = name; };
const refuse = (reason: string): Adapter => () => { throw new Refusal(reason); };

const reductionsTo18 = ['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare'];

/** By the opset that is reached. Operators that are not named only gained types, attributes with the old default, or negative axes. */
export const adapters: Readonly<Record<number, Readonly<Record<string, Adapter>>>> = Object.freeze({
  8: {},
  9: { Upsample: upsampleTo9, BatchNormalization: batchNormalizationTo9, Scan: refuse('Scan changed its form at opset 9') },
  10: { Upsample: upsampleTo10, Slice: sliceTo10, TopK: topKTo10, Dropout: dropoutTo10 },
  11: { Clip: clipTo11, Pad: padTo11, Resize: resizeTo11, Scatter: rename('ScatterElements') },
  12: { Dropout: dropoutTo12 },
  13: { Softmax: softmaxTo13, LogSoftmax: softmaxTo13, Hardmax: softmaxTo13, Squeeze: axesToInput, Unsqueeze: axesToInput, ReduceSum: axesToInput, Split: splitTo13 },
  14: { BatchNormalization: batchNormalizationTo14 },
  15: {},
  16: { RoiAlign: roiAlignTo16 },
  17: {},
  18: { ...Object.fromEntries(reductionsTo18.map((name) => [name, axesToInput])), Split: splitTo18 },
  19: {},
  20: { GridSample: gridSampleTo20, DFT: dftTo20 },
  21: { GroupNormalization: refuse('its scale and bias changed from one per group to one per channel at opset 21') },
});
