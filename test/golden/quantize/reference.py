"""Hashes of what onnxruntime.quantization stores: scales, zero points, integer weights and biases, by name of the initializer.

python test/golden/quantize/reference.py                                   makes exact.onnx and reference.json beside this file
python test/golden/quantize/reference.py SETTING MODEL DATA SAMPLES        prints the hashes of one model; DATA holds <input name>.npy files
python test/golden/quantize/reference.py stored MODEL                      prints the hashes of all initializers of a model

Needs the packages of bench/quantize/requirements.txt. The values of exact.onnx and its inputs are multiples of powers of two, so that every sum is exact and
the observed ranges are the same on every CPU and in every order of adding up.
"""
import hashlib
import json
import logging
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

logging.disable(logging.WARNING)
here = pathlib.Path(__file__).parent
SETTINGS = ('minmax/tensor', 'minmax/channel', 'percentile/tensor', 'percentile/channel', 'dynamic/tensor', 'dynamic/channel', 'int4')


def quantize(setting, model, feeds, out):
    method, _, granularity = setting.partition('/')
    if method == 'int4':
        quantizer = MatMulNBitsQuantizer(onnx.load(model), block_size=32, is_symmetric=True)
        quantizer.process()
        quantizer.model.save_model_to_file(str(out))
    elif method == 'dynamic':
        quantize_dynamic(model, out, weight_type=QuantType.QInt8, per_channel=granularity == 'channel')
    else:
        class Reader(CalibrationDataReader):
            def __init__(self):
                self.feeds = iter(feeds)

            def get_next(self):
                return next(self.feeds, None)

        quantize_static(model, out, Reader(), per_channel=granularity == 'channel', activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        calibrate_method=CalibrationMethod.MinMax if method == 'minmax' else CalibrationMethod.Percentile)


def hash_of(tensor):
    return hashlib.sha256(numpy_helper.to_array(tensor).tobytes()).hexdigest()[:16]


def hashes(setting, model, feeds):
    """Of the initializers that quantizing added."""
    before = {t.name for t in onnx.load(model).graph.initializer}
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / 'out.onnx'
        quantize(setting, str(model), feeds, out)
        added = [t for t in onnx.load(out).graph.initializer if t.name not in before]
    return {t.name: hash_of(t) for t in sorted(added, key=lambda t: t.name)}


def exact_values(*dims, seed, step, reach):
    """Multiples of `step` within about +-reach; exact_values in reference.test.ts makes the same."""
    count = int(np.prod(dims))
    i = np.arange(count, dtype=np.int64)
    levels = int(2 * reach / step) + 1
    return (((i * 7919 + seed * 104729) % 1000003 % levels) * step - reach).astype(np.float32).reshape(dims)


def make_exact():
    nodes, weights = [], []

    def weight(name, *dims, seed, step=2 ** -5, reach=0.5):
        weights.append(numpy_helper.from_array(exact_values(*dims, seed=seed, step=step, reach=reach), name))
        return name

    def node(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=f'{output}_node', **attributes))
        return output

    x = node('Conv', ['x', weight('conv1.w', 8, 3, 3, 3, seed=1, step=2 ** -2), weight('conv1.b', 8, seed=2)], 'conv1', pads=[1, 1, 1, 1])
    x = node('MaxPool', [node('Relu', [x], 'relu1')], 'pool1', kernel_shape=[2, 2], strides=[2, 2])
    y = node('Conv', [x, weight('conv2.w', 8, 8, 1, 1, seed=3, step=2 ** -2), weight('conv2.b', 8, seed=4)], 'conv2')
    x = node('Clip', [node('Add', [x, y], 'add1'), weight('low', seed=5, reach=0), weight('high', seed=6, step=8, reach=0)], 'clip1')
    x = node('Concat', [x, node('Sub', [y, weight('offset', 1, 8, 1, 1, seed=7)], 'sub1')], 'concat1', axis=1)
    x = node('Flatten', [node('Transpose', [x], 'transpose1', perm=[0, 2, 3, 1])], 'flatten1')
    x = node('Relu', [node('Gemm', [x, weight('gemm.w', 24, 256, seed=8, step=2 ** -2), weight('gemm.b', 24, seed=9)], 'gemm1', transB=1)], 'relu2')
    node('MatMul', [x, weight('matmul.w', 24, 10, seed=10, step=2 ** -2)], 'y')
    weights[[w.name for w in weights].index('high')] = numpy_helper.from_array(np.float32(6), 'high')
    graph = helper.make_graph(nodes, 'exact', [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['batch', 3, 8, 8])], [helper.make_tensor_value_info('y', TensorProto.FLOAT, ['batch', 10])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, here / 'exact.onnx')


if sys.argv[1:2] == ['stored']:
    print(json.dumps({t.name: hash_of(t) for t in onnx.load(sys.argv[2]).graph.initializer}))
elif len(sys.argv) > 1:
    setting, model, data, samples = sys.argv[1:5]
    arrays = {p.stem: np.load(p) for p in pathlib.Path(data).glob('*.npy')}
    print(json.dumps(hashes(setting, model, [{name: a[i:i + 1] for name, a in arrays.items()} for i in range(int(samples))])))
else:
    make_exact()
    feeds = [{'x': exact_values(1, 3, 8, 8, seed=100 + i, step=2 ** -2, reach=2)} for i in range(6)]
    golden = {'versions': {name: __import__(name).__version__ for name in ('onnx', 'onnxruntime', 'numpy')}, 'samples': len(feeds)}
    golden['settings'] = {setting: hashes(setting, here / 'exact.onnx', feeds) for setting in SETTINGS}
    (here / 'reference.json').write_text(json.dumps(golden, indent=1) + '\n')
