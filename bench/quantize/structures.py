"""Small models of many structures, as exporters, optimizers and people write them, each with samples to calibrate on; needs numpy and onnx.

Usage: python structures.py OUT_FOLDER
Leaves models/<name>.onnx and data/<name>.npz with 24 samples of each input. Weights are random: what counts is whether a recipe copes with the form.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

SAMPLES = 24
out = pathlib.Path(sys.argv[1])
for folder in ('models', 'data'):
    (out / folder).mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(5)
node = helper.make_node
MS = {'domain': 'com.microsoft'}


def weights(name, *shape, reach=0.1):
    return numpy_helper.from_array((random.standard_normal(shape) * reach).astype(np.float32), name)


def constant(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype), name)


def value(name, shape, dtype=T.FLOAT):
    return helper.make_tensor_value_info(name, dtype, shape)


def samples(shape, dtype, most):
    shape = (SAMPLES, *[size if isinstance(size, int) else 3 for size in shape])
    if dtype in (T.FLOAT, T.FLOAT16, T.DOUBLE):
        array = random.standard_normal(shape)
    else:
        array = random.integers(0, most, shape)
    array = array.astype(helper.tensor_dtype_to_np_dtype(dtype))
    return array[:, 0] if len(shape) > 1 and shape[1] == 1 else array  # samples have no batch of their own


def save(name, nodes, inputs, outputs, initializers=(), opset=17, ir=8, functions=(), domains=('com.microsoft',), weights_as_inputs=False, most=10, sparse=()):
    infos = [value(*one) for one in inputs]
    if weights_as_inputs:
        infos += [value(t.name, list(t.dims), t.data_type) for t in initializers]
    graph = helper.make_graph(nodes, name, infos, [value(*one) for one in outputs], list(initializers), sparse_initializer=list(sparse))
    used = {n.domain for n in nodes} & set(domains)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)] + [helper.make_opsetid(d, 1) for d in sorted(used)], functions=list(functions), ir_version=ir)
    onnx.save(model, out / 'models' / f'{name}.onnx')
    np.savez(out / 'data' / f'{name}.npz', **{one[0]: samples(one[1], one[2] if len(one) > 2 else T.FLOAT, most) for one in inputs})


IMAGE = ('x', [1, 3, 12, 12])
ROW = ('x', [1, 64])

# Older forms
save('old_opset7', [node('Conv', ['x', 'w', 'b'], ['c'], kernel_shape=[3, 3]), node('BatchNormalization', ['c', 's', 'o', 'm', 'v'], ['d']), node('Relu', ['d'], ['e']), node('GlobalAveragePool', ['e'], ['f']), node('Flatten', ['f'], ['g']), node('Dropout', ['g'], ['h']), node('Gemm', ['h', 'u', 'ub'], ['y'], transB=1)],
     [('x', [1, 3, 16, 16])], [('y', [1, 4])], [weights('w', 8, 3, 3, 3), weights('b', 8), constant('s', np.ones(8)), weights('o', 8), weights('m', 8), constant('v', np.ones(8)), weights('u', 4, 8, reach=.5), weights('ub', 4)], opset=7, ir=3, weights_as_inputs=True)
save('constant_nodes', [node('Constant', [], ['w'], value=weights('', 32, 64)), node('Constant', [], ['v'], value=weights('', 64, 8)), node('MatMul', ['x', 'w'], ['h']), node('Sigmoid', ['h'], ['r']), node('MatMul', ['r', 'v'], ['y'])], [('x', ['N', 32])], [('y', ['N', 8])])
block = helper.make_function('own', 'Block', ['X', 'A', 'B'], ['Y'], [node('MatMul', ['X', 'A'], ['t']), node('Add', ['t', 'B'], ['u']), node('Relu', ['u'], ['Y'])], [helper.make_opsetid('', 17)])
save('functions', [node('Block', ['x', 'a', 'b'], ['h'], domain='own'), node('Block', ['h', 'c', 'd'], ['y'], domain='own')], [('x', ['N', 32])], [('y', ['N', 16])], [weights('a', 32, 64), weights('b', 64), weights('c', 64, 16), weights('d', 16)], functions=[block], domains=('own',))
save('bn_alone', [node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], ['h']), node('Conv', ['h', 'w'], ['y'])], [('x', [1, 4, 8, 8])], [('y', None)], [weights('s', 4, reach=1), weights('b', 4), weights('m', 4), constant('v', np.ones(4)), weights('w', 8, 4, 3, 3)])

# What the runtime's optimizers leave
save('fused', [node('FusedGemm', ['x', 'w', 'b'], ['h'], activation='Relu', **MS), node('FusedMatMul', ['h', 'v'], ['y'], alpha=0.5, **MS)], [('x', [1, 32])], [('y', [1, 8])], [weights('w', 32, 64), weights('b', 64), weights('v', 64, 8)])
save('skip_layer_norm', [node('SkipLayerNormalization', ['x', 's', 'g', 'b'], ['l'], **MS), node('MatMul', ['l', 'w'], ['m']), node('BiasGelu', ['m', 'wb'], ['y'], **MS)], [('x', [1, 8, 64]), ('s', [1, 8, 64])], [('y', [1, 8, 32])], [constant('g', np.ones(64)), weights('b', 64), weights('w', 64, 32), weights('wb', 32)])
save('fused_attention', [node('Attention', ['x', 'w', 'b'], ['a'], num_heads=4, **MS), node('MatMul', ['a', 'v'], ['y'])], [('x', [1, 8, 64])], [('y', [1, 8, 16])], [weights('w', 64, 192), weights('b', 192), weights('v', 64, 16)])

# Newer operators
save('layer_norm17', [node('LayerNormalization', ['x', 'g', 'b'], ['l'], axis=-1), node('MatMul', ['l', 'w'], ['m']), node('Add', ['m', 'wb'], ['y'])], [('x', [1, 8, 64])], [('y', [1, 8, 32])], [constant('g', np.ones(64)), weights('b', 64), weights('w', 64, 32), weights('wb', 32)])
save('gelu20', [node('Gemm', ['x', 'w', 'b'], ['h']), node('Gelu', ['h'], ['g']), node('Gemm', ['g', 'v'], ['y'])], [('x', ['B', 32])], [('y', ['B', 4])], [weights('w', 32, 64), weights('b', 64), weights('v', 64, 4)], opset=20, ir=9)
save('rms_norm23', [node('RMSNormalization', ['x', 'g'], ['l'], axis=-1), node('MatMul', ['l', 'w'], ['y'])], [('x', [1, 4, 32])], [('y', [1, 4, 16])], [constant('g', np.ones(32)), weights('w', 32, 16)], opset=23, ir=11)
save('attention23', [node('MatMul', ['x', 'w'], ['qkv']), node('Split', ['qkv'], ['q', 'k', 'v'], axis=-1, num_outputs=3), node('Attention', ['q', 'k', 'v'], ['a'], q_num_heads=4, kv_num_heads=4), node('MatMul', ['a', 'o'], ['y'])], [('x', [1, 6, 32])], [('y', [1, 6, 32])], [weights('w', 32, 96), weights('o', 32, 32)], opset=23, ir=11)
save('swish24', [node('MatMul', ['x', 'w'], ['h']), node('Swish', ['h'], ['y'])], [ROW], [('y', [1, 32])], [weights('w', 64, 32)], opset=24, ir=11)
save('grid_sample', [node('Conv', ['x', 'w'], ['c'], pads=[1, 1, 1, 1]), node('GridSample', ['c', 'grid'], ['y'])], [('x', [1, 2, 8, 8]), ('grid', [1, 4, 4, 2])], [('y', [1, 4, 4, 4])], [weights('w', 4, 2, 3, 3)])

# Types
half = lambda name, *shape: numpy_helper.from_array((random.standard_normal(shape) * .1).astype(np.float16), name)
save('half', [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['r']), node('MatMul', ['r', 'v'], ['y'])], [('x', [1, 32], T.FLOAT16)], [('y', [1, 8], T.FLOAT16)], [half('w', 32, 64), half('v', 64, 8)])
save('double', [node('MatMul', ['x', 'w'], ['y'])], [('x', [1, 32], T.DOUBLE)], [('y', [1, 8], T.DOUBLE)], [numpy_helper.from_array(random.standard_normal((32, 8)), 'w')])
save('bool_input', [node('Where', ['c', 'x', 'z'], ['h']), node('MatMul', ['h', 'w'], ['y'])], [('c', [1, 32], T.BOOL), ('x', [1, 32])], [('y', [1, 8])], [weights('w', 32, 8), constant('z', [0])], most=2)
save('image_of_bytes', [node('Cast', ['x'], ['f'], to=T.FLOAT), node('Mul', ['f', 'k'], ['g']), node('Transpose', ['g'], ['t'], perm=[0, 3, 1, 2]), node('Conv', ['t', 'w', 'b'], ['c']), node('Relu', ['c'], ['r']), node('GlobalAveragePool', ['r'], ['p']), node('Flatten', ['p'], ['q']), node('Gemm', ['q', 'v'], ['y'])], [('x', [1, 24, 24, 3], T.UINT8)], [('y', [1, 4])], [constant('k', 1 / 255), weights('w', 16, 3, 3, 3), weights('b', 16), weights('v', 16, 4)], most=255)
save('table', [node('Gather', ['t', 'ids'], ['e']), node('ReduceMean', ['e'], ['y'], axes=[1], keepdims=0)], [('ids', [1, 6], T.INT64)], [('y', [1, 32])], [weights('t', 1000, 32)], opset=13, most=1000)
save('quantized_already', [node('QuantizeLinear', ['x', 'xs', 'xz'], ['q']), node('DequantizeLinear', ['q', 'xs', 'xz'], ['d']), node('MatMul', ['d', 'w'], ['y'])], [ROW], [('y', [1, 32])], [constant('xs', .02), constant('xz', 128, np.uint8), weights('w', 64, 32)])
save('sequence', [node('MatMul', ['x', 'w'], ['h']), node('SplitToSequence', ['h', 'k'], ['s'], axis=1), node('SequenceAt', ['s', 'i'], ['a']), node('MatMul', ['a', 'v'], ['y'])], [ROW], [('y', None)], [weights('w', 64, 32), constant('k', 16, np.int64), constant('i', 0, np.int64), weights('v', 16, 4)])

# Graphs in graphs
scan = helper.make_graph([node('MatMul', ['p', 'w'], ['q']), node('Add', ['q', 'each'], ['r']), node('Tanh', ['r'], ['s']), node('Identity', ['s'], ['kept'])], 'body', [value('p', [1, 16]), value('each', [1, 16])], [value('s', [1, 16]), value('kept', [1, 16])])
save('scan', [node('Scan', ['h0', 'x'], ['last', 'all'], body=scan, num_scan_inputs=1), node('MatMul', ['last', 'o'], ['y'])], [('x', [6, 1, 16])], [('y', [1, 4]), ('all', [6, 1, 16])], [constant('h0', np.zeros((1, 16))), weights('w', 16, 16, reach=.3), weights('o', 16, 4)])
loop = helper.make_graph([node('MatMul', ['state', 'w'], ['q']), node('Relu', ['q'], ['r']), node('MatMul', ['r', 'u'], ['s']), node('Identity', ['go'], ['on']), node('Concat', ['seen', 's'], ['more'], axis=0)], 'body', [value('i', [], T.INT64), value('go', [], T.BOOL), value('state', [1, 16]), value('seen', ['k', 16])], [value('on', [], T.BOOL), value('s', [1, 16]), value('more', ['m', 16])])
save('loop_that_grows', [node('Loop', ['n', '', 'x', 'x'], ['last', 'all'], body=loop), node('MatMul', ['all', 'o'], ['y'])], [('x', [1, 16])], [('y', ['K', 4])], [constant('n', 4, np.int64), weights('w', 16, 32, reach=.3), weights('u', 32, 16, reach=.3), weights('o', 16, 4)])

# Products
save('gemm_factors', [node('Gemm', ['x', 'w', 'b'], ['y'], alpha=0.5, beta=2.0, transA=1)], [('x', [16, 4])], [('y', [4, 32])], [weights('w', 16, 32), weights('b', 1, 32)])
save('gemm_scalar_bias', [node('Gemm', ['x', 'w', 'b'], ['y'])], [('x', [4, 64])], [('y', [4, 32])], [weights('w', 64, 32), constant('b', .7)])
save('gemm_bias_by_row', [node('Gemm', ['x', 'w', 'b'], ['y'])], [('x', [4, 64])], [('y', [4, 32])], [weights('w', 64, 32), weights('b', 4, 1)])
save('gemm_without_bias', [node('Gemm', ['x', 'w'], ['y'], transB=1)], [('x', [4, 64])], [('y', [4, 32])], [weights('w', 32, 64)])
save('matrix_by_vector', [node('MatMul', ['x', 'w'], ['y'])], [('x', [4, 64])], [('y', [4])], [weights('w', 64)])
save('vector_by_matrix', [node('ReduceMean', ['x'], ['v'], axes=[0], keepdims=0), node('MatMul', ['v', 'w'], ['y'])], [('x', [4, 64])], [('y', [32])], [weights('w', 64, 32)])
save('weight_on_the_left', [node('MatMul', ['w', 'x'], ['y'])], [('x', [32, 5])], [('y', [16, 5])], [weights('w', 16, 32)])
save('stack_of_matrices', [node('MatMul', ['x', 'w'], ['y'])], [('x', [4, 5, 32])], [('y', [4, 5, 8])], [weights('w', 4, 32, 8)])
save('transposed_weight', [node('Transpose', ['w'], ['wt'], perm=[1, 0]), node('MatMul', ['x', 'wt'], ['y'])], [('x', [1, 32])], [('y', [1, 64])], [weights('w', 64, 32)])
save('einsum', [node('Einsum', ['x', 'w'], ['y'], equation='bsd,df->bsf')], [('x', [1, 6, 32])], [('y', [1, 6, 16])], [weights('w', 32, 16)])
save('einsum_heads', [node('Einsum', ['x', 'w'], ['q'], equation='bsd,dhe->bhse'), node('ReduceMean', ['q'], ['y'], axes=[1], keepdims=0)], [('x', [1, 6, 32])], [('y', None)], [weights('w', 32, 4, 8)])
save('shared_weight', [node('MatMul', ['x', 'w'], ['a']), node('Relu', ['a'], ['r']), node('MatMul', ['r', 'w'], ['b']), node('Add', ['a', 'b'], ['y'])], [('x', [1, 32])], [('y', [1, 32])], [weights('w', 32, 32)])

# Convolutions
save('same_padding', [node('Conv', ['x', 'w'], ['c'], auto_pad='SAME_UPPER', strides=[2, 2]), node('Relu', ['c'], ['y'])], [('x', [1, 3, 16, 16])], [('y', None)], [weights('w', 16, 3, 3, 3)])
save('computed_bias', [node('Mul', ['b', 'two'], ['bb']), node('Conv', ['x', 'w', 'bb'], ['y'])], [IMAGE], [('y', None)], [weights('w', 16, 3, 3, 3), weights('b', 16), constant('two', 2)])
save('resize_cubic', [node('Conv', ['x', 'w'], ['c'], pads=[1, 1, 1, 1]), node('Resize', ['c', '', 's'], ['y'], mode='cubic')], [IMAGE], [('y', None)], [weights('w', 16, 3, 3, 3), constant('s', [1, 1, 2, 2])])
save('prelu_clip', [node('Conv', ['x', 'w'], ['c']), node('PRelu', ['c', 'sl'], ['p']), node('Conv', ['p', 'v'], ['d']), node('Clip', ['d', '', 'most'], ['y'])], [IMAGE], [('y', None)], [weights('w', 16, 3, 3, 3), weights('sl', 16, 1, 1), weights('v', 8, 16, 3, 3), constant('most', .3)])
save('depthwise', [node('Conv', ['x', 'w', 'b'], ['y'], group=4)], [('x', [1, 4, 12, 12])], [('y', None)], [weights('w', 12, 1, 3, 3), weights('b', 12)])
save('transposed_conv', [node('ConvTranspose', ['x', 'w', 'b'], ['y'], strides=[2, 2], output_padding=[1, 1], group=2)], [('x', [1, 8, 6, 6])], [('y', None)], [weights('w', 8, 4, 3, 3), weights('b', 8)])
pruned = np.where(np.arange(16)[:, None, None, None] % 2, random.standard_normal((16, 3, 3, 3)) * .1, 0)
save('pruned_channels', [node('Conv', ['x', 'w', 'b'], ['c']), node('Relu', ['c'], ['r']), node('GlobalAveragePool', ['r'], ['y'])], [IMAGE], [('y', None)], [constant('w', pruned), weights('b', 16)])

# Recurrent
save('lstm', [node('LSTM', ['x', 'w', 'r', 'b', 'lengths', 'h0', 'c0', 'p'], ['y', 'yh', 'yc'], hidden_size=16, direction='bidirectional')], [('x', [5, 2, 8]), ('lengths', [2], T.INT32)], [('y', None), ('yh', None), ('yc', None)], [weights('w', 2, 64, 8), weights('r', 2, 64, 16), weights('b', 2, 128), weights('h0', 2, 2, 16), weights('c0', 2, 2, 16), weights('p', 2, 48)], most=5)
save('gru', [node('GRU', ['x', 'w', 'r', 'b'], ['y', ''], hidden_size=16, linear_before_reset=1)], [('x', [5, 2, 8])], [('y', None)], [weights('w', 1, 48, 8), weights('r', 1, 48, 16), weights('b', 1, 96)])

# Names, ends and odd values
save('clashing_names', [node('MatMul', ['x', 'w'], ['x_QuantizeLinear_Output']), node('Add', ['x_QuantizeLinear_Output', 'w_quantized'], ['w_scale']), node('Relu', ['w_scale'], ['x_DequantizeLinear_Output']), node('MatMul', ['x_DequantizeLinear_Output', 'v'], ['y'])], [ROW], [('y', [1, 8])], [weights('w', 64, 32), weights('w_quantized', 32), weights('v', 32, 8)])
save('names_beyond_ascii', [node('MatMul', ['größe 1', 'w/ü'], ['h:0'], name='Schicht "1"'), node('Relu', ['h:0'], ['y~'])], [('größe 1', [1, 64])], [('y~', [1, 32])], [weights('w/ü', 64, 32)])
save('unused_input', [node('MatMul', ['x', 'w'], ['y'])], [ROW, ('u', [1, 3])], [('y', [1, 32])], [weights('w', 64, 32)])
save('input_is_output', [node('MatMul', ['x', 'w'], ['y'])], [ROW], [('y', [1, 32]), ROW], [weights('w', 64, 32)])
save('weight_is_output', [node('MatMul', ['x', 'w'], ['y']), node('Identity', ['w'], ['wo'])], [('x', [1, 8])], [('y', [1, 64]), ('wo', [8, 64])], [weights('w', 8, 64)])
save('inner_outputs', [node('MatMul', ['x', 'w'], ['h']), node('Identity', ['h'], ['y']), node('Relu', ['h'], ['z'])], [('x', [1, 32])], [('y', [1, 64]), ('z', [1, 64]), ('h', [1, 64])], [weights('w', 32, 64)])
save('scalar_output', [node('MatMul', ['x', 'w'], ['h']), node('ReduceSum', ['h'], ['y'], keepdims=0)], [ROW], [('y', [])], [weights('w', 64, 32)])
save('two_readers', [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['r']), node('Neg', ['h'], ['g']), node('Concat', ['r', 'g'], ['c'], axis=1), node('MatMul', ['c', 'v'], ['y'])], [ROW], [('y', [1, 8])], [weights('w', 64, 32), weights('v', 64, 8)])
save('zero_weight', [node('MatMul', ['x', 'w'], ['h']), node('Add', ['h', 'b'], ['y'])], [ROW], [('y', [1, 32])], [constant('w', np.zeros((64, 32))), weights('b', 32)])
save('large_bias', [node('Conv', ['x', 'w', 'b'], ['y'])], [IMAGE], [('y', None)], [weights('w', 16, 3, 3, 3, reach=1e-6), weights('b', 16, reach=1e5)])
save('weight_of_nan', [node('MatMul', ['x', 'w'], ['y'])], [ROW], [('y', [1, 32])], [constant('w', np.full((64, 32), np.nan))])
save('without_weights', [node('Relu', ['x'], ['y'])], [('x', [1, 8])], [('y', [1, 8])])
print(len(list((out / 'models').glob('*.onnx'))))

# Weights that several operators share
layers = [node('MatMul' if i else 'Gemm', [f'r{i}' if i else 'x', 'w', *([] if i else ['b'])], [f'p{i}']) for i in range(8)]
save('shared_layers', [step for i, layer in enumerate(layers) for step in (layer, node('Relu', [f'p{i}'], [f'r{i + 1}' if i < 7 else 'y']))], [('x', [1, 64])], [('y', [1, 64])], [weights('w', 64, 64, reach=.18), weights('b', 64)])
save('tied_autoencoder', [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['r']), node('Gemm', ['r', 'w'], ['y'], transB=1)], [('x', [1, 64])], [('y', [1, 64])], [weights('w', 64, 64)])
save('tied_embedding', [node('Gather', ['table', 'x'], ['e']), node('ReduceMean', ['e'], ['m'], axes=[1], keepdims=0), node('Gemm', ['m', 'table'], ['y'], transB=1)], [('x', [1, 6], T.INT64)], [('y', [1, 200])], [weights('table', 200, 64)], most=200)
pyramid = [node('Conv', ['x', 'c1'], ['l1'], pads=[1, 1, 1, 1]), node('Conv', ['l1', 'c2'], ['l2'], pads=[1, 1, 1, 1], strides=[2, 2]), node('Conv', ['l2', 'c2'], ['l3'], pads=[1, 1, 1, 1], strides=[2, 2])]
heads = [step for i in (1, 2, 3) for step in (node('Conv', [f'l{i}', 'h', 'hb'], [f't{i}'], pads=[1, 1, 1, 1]), node('Relu', [f't{i}'], [f'u{i}']), node('Conv', [f'u{i}', 'o', 'ob'], [f'o{i}']), node('Reshape', [f'o{i}', 'flat'], [f'f{i}']))]
save('shared_heads', [*pyramid, *heads, node('Concat', ['f1', 'f2', 'f3'], ['y'], axis=1)], [IMAGE], [('y', None)], [weights('c1', 16, 3, 3, 3), weights('c2', 16, 16, 3, 3), weights('h', 16, 16, 3, 3), weights('hb', 16), weights('o', 6, 16, 1, 1), weights('ob', 6), constant('flat', [1, -1], np.int64)])
save('two_branches', [*[step for one in 'ab' for step in (node('Conv', [one, 'w', 'b_w'], [f'{one}c']), node('Relu', [f'{one}c'], [f'{one}r']), node('GlobalAveragePool', [f'{one}r'], [f'{one}p']), node('Flatten', [f'{one}p'], [f'{one}f']), node('Gemm', [f'{one}f', 'v'], [f'{one}e']))], node('Sub', ['ae', 'be'], ['d']), node('Abs', ['d'], ['y'])],
     [('a', [1, 3, 12, 12]), ('b', [1, 3, 12, 12])], [('y', [1, 16])], [weights('w', 32, 3, 3, 3), weights('b_w', 32), weights('v', 32, 16, reach=.3)])
inner = helper.make_graph([node('MatMul', ['p', 'w'], ['t'])], 'then', [], [value('t', [1, 32])]), helper.make_graph([node('Relu', ['p'], ['q']), node('MatMul', ['q', 'w'], ['e'])], 'else', [], [value('e', [1, 32])])
save('shared_with_branches', [node('MatMul', ['x', 'w'], ['p']), node('ReduceSum', ['p'], ['s'], keepdims=0), node('Greater', ['s', 'zero'], ['which']), node('If', ['which'], ['y'], then_branch=inner[0], else_branch=inner[1])], [('x', [1, 32])], [('y', [1, 32])], [weights('w', 32, 32), constant('zero', 0)])

# Where a range must not do the work of a node
def two_convolutions(name, between, outputs=(('y', None),), inputs=(IMAGE,), more=()):
    save(name, [node('Conv', ['x', 'w', 'b'], ['c']), between, node('Conv', ['r', 'v'], ['y'])], list(inputs), list(outputs), [weights('w', 16, 3, 3, 3), weights('b', 16), weights('v', 8, 16, 3, 3), *more])


two_convolutions('clip_positive_min', node('Clip', ['c', 'lo', 'hi'], ['r']), more=[constant('lo', .2), constant('hi', .8)])
save('clip_computed', [node('Conv', ['x', 'w'], ['c']), node('ReduceMax', ['x'], ['hi'], keepdims=0), node('Clip', ['c', '', 'hi'], ['r']), node('Conv', ['r', 'v'], ['y'])], [IMAGE], [('y', None)], [weights('w', 16, 3, 3, 3, reach=.5), weights('v', 8, 16, 3, 3)])
two_convolutions('relu_of_output', node('Relu', ['c'], ['r']), outputs=[('y', None), ('c', None)])
two_convolutions('relu_of_output_first', node('Relu', ['c'], ['r']), outputs=[('c', None), ('y', None)])
two_convolutions('resize_extrapolate', node('Resize', ['c', 'roi', 's'], ['r'], mode='linear', coordinate_transformation_mode='tf_crop_and_resize', extrapolation_value=-20.0), more=[constant('roi', [0, 0, -.3, -.3, 1, 1, 1.3, 1.3]), constant('s', [1, 1, 2, 2])])
save('clip_int64', [node('Clip', ['i', 'lo', 'hi'], ['j']), node('Gather', ['t', 'j'], ['e']), node('ReduceMean', ['e'], ['m'], axes=[1], keepdims=0), node('MatMul', ['m', 'w'], ['y'])], [('i', [1, 6], T.INT64)], [('y', [1, 16])], [constant('lo', 0, np.int64), constant('hi', 7, np.int64), weights('t', 100, 64, reach=1), weights('w', 64, 16)])
save('clip_double', [node('MatMul', ['x', 'w'], ['h']), node('Cast', ['h'], ['d'], to=T.DOUBLE), node('Clip', ['d', 'lo', 'hi'], ['f']), node('Cast', ['f'], ['y'], to=T.FLOAT)], [ROW], [('y', [1, 64])], [weights('w', 64, 64), constant('lo', -1, np.float64), constant('hi', 1, np.float64)])
for form, shape in (('row', (1, 32)), ('one', (1,)), ('scalar', ())):
    save(f'gemm_bias_{form}', [node('Gemm', ['x', 'w', 'b'], ['h'], transB=1), node('Relu', ['h'], ['r']), node('Gemm', ['r', 'v'], ['y'], transB=1)], [('x', [4, 64])], [('y', [4, 8])], [weights('w', 32, 64), weights('b', *shape, reach=1), weights('v', 8, 32)])

# Types that half precision must not change
def row(name, nodes, initializers, outputs=(('y', None),), **more):
    save(name, [node('MatMul', ['x', 'w'], ['h']), *nodes], [ROW], list(outputs), [weights('w', 64, 64), *initializers], **more)


save('weight_itself_is_output', [node('MatMul', ['x', 'w'], ['y'])], [ROW], [('y', [1, 64]), ('w', [64, 64])], [weights('w', 64, 64)])
row('eye_like', [node('EyeLike', ['h'], ['e'], dtype=T.FLOAT), node('Add', ['h', 'e'], ['y'])], [])
row('zeros_without_value', [node('Shape', ['h'], ['s']), node('ConstantOfShape', ['s'], ['z']), node('Concat', ['h', 'z'], ['c'], axis=1), node('MatMul', ['c', 'v'], ['y'])], [weights('v', 128, 8)])
row('is_inf', [node('IsInf', ['h'], ['i']), node('Where', ['i', 'z', 'h'], ['y'])], [constant('z', 0)])
row('layer_norm_mean', [node('LayerNormalization', ['h', 'g', 'b'], ['l', 'mean', 'inv']), node('Mul', ['l', 'inv'], ['a']), node('Add', ['a', 'mean'], ['y'])], [constant('g', np.ones(64)), weights('b', 64)])
sequences = lambda name: helper.make_tensor_sequence_value_info(name, T.FLOAT, None)
body = helper.make_graph([node('MatMul', ['st', 'w'], ['q']), node('Tanh', ['q'], ['st2']), node('SequenceInsert', ['sq', 'st2'], ['sq2']), node('Identity', ['go'], ['on'])], 'body', [value('i', [], T.INT64), value('go', [], T.BOOL), value('st', [1, 64]), sequences('sq')], [value('on', [], T.BOOL), value('st2', [1, 64]), sequences('sq2')])
save('loop_sequence', [node('SequenceEmpty', [], ['s0']), node('Loop', ['n', '', 'x', 's0'], ['last', 'all'], body=body), node('ConcatFromSequence', ['all'], ['cc'], axis=0), node('MatMul', ['cc', 'v'], ['y'])], [ROW], [('y', None)], [constant('n', 4, np.int64), weights('w', 64, 64), weights('v', 64, 8)])
for reads in ('x', 'h'):
    branches = [helper.make_graph([node('Max', [reads, 'zero'], ['t'])], 'then', [], [value('t', None)]), helper.make_graph([node('MatMul', ['h', 'v'], ['e'])], 'else', [], [value('e', None)])]
    row(f'branch_blocked_{reads}', [node('ReduceSum', ['x'], ['s'], keepdims=0), node('Greater', ['s', 'zero'], ['which']), node('If', ['which'], ['y'], then_branch=branches[0], else_branch=branches[1])], [constant('zero', 0), weights('v', 64, 64)], outputs=[('y', None), ('h', [1, 64])])
places = numpy_helper.from_array(np.sort(random.choice(64 * 64, 40, replace=False)).astype(np.int64), 'places')
row('sparse', [node('MatMul', ['h', 'sw'], ['y'])], [], sparse=[helper.make_sparse_tensor(weights('sw', 40, reach=1), places, [64, 64])], ir=9)
