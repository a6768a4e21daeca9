"""Writes what the reference implementation (Python package onnx) infers for single nodes, for the comparison in inferTypes.test.ts.

usage: python operator_shapes.py OUT.json
Each case is [operator, opset, inputs, attributes, outputs]: an input is [element type, dimensions] or [element type, dimensions, values] for a
constant; a dimension is a size, a symbol or null; an output is [element type, dimensions or null].
"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

F, I64, BOOL, U8, I8, I32, F16, STR = 1, 7, 9, 2, 3, 6, 10, 8


def f(*dims):
    return [F, list(dims)]


def c(*values, dims=None):
    return [I64, [len(values)] if dims is None else dims, list(values)]


CASES = [
    ("Conv", 17, [f("n", 3, 32, 40), f(8, 3, 3, 3)], dict(pads=[1, 1, 1, 1], strides=[2, 2])),
    ("Conv", 17, [f(1, 3, 33, 41), f(8, 3, 5, 3)], dict(auto_pad="SAME_UPPER", strides=[2, 3])),
    ("Conv", 17, [f(1, 3, 33, 41), f(8, 3, 5, 3)], dict(auto_pad="VALID", dilations=[2, 1])),
    ("Conv", 11, [f(1, 4, 20), f(6, 2, 5)], dict(group=2, kernel_shape=[5])),
    ("ConvTranspose", 17, [f(1, 4, 10, 12), f(4, 3, 3, 3)], dict(strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
    ("ConvTranspose", 17, [f(1, 4, 10), f(4, 3, 4)], dict(strides=[3], group=2)),
    ("MaxPool", 12, [f("n", 3, 33, 33)], dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
    ("MaxPool", 12, [f(1, 3, 33, 33)], dict(kernel_shape=[2, 2], pads=[0, 0, 1, 1], strides=[2, 2])),
    ("AveragePool", 19, [f(1, 3, 7, 7)], dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1, strides=[2, 2])),
    ("GlobalAveragePool", 17, [f("n", 8, 7, 9)], {}),
    ("GlobalMaxPool", 17, [f("n", 8, 7, 9)], {}),
    ("LpPool", 18, [f(1, 3, 9, 9)], dict(kernel_shape=[3, 3])),
    ("BatchNormalization", 15, [f("n", 8, 7, 9), f(8), f(8), f(8), f(8)], {}),
    ("InstanceNormalization", 17, [f("n", 8, 7), f(8), f(8)], {}),
    ("LayerNormalization", 17, [f("n", 8, 16), f(16), f(16)], dict(axis=-1)),
    ("LRN", 13, [f(1, 8, 7, 7)], dict(size=3)),
    ("MatMul", 13, [f("n", 3, 4), f(4, 5)], {}),
    ("MatMul", 13, [f(4), f("b", 4, 5)], {}),
    ("MatMul", 13, [f(2, 1, 3, 4), f(7, 4, 5)], {}),
    ("MatMul", 13, [f(4), f(4)], {}),
    ("Gemm", 13, [f(4, "n"), f(4, 5), f(5)], dict(transA=1)),
    ("Gemm", 13, [f("n", 4), f(5, 4)], dict(transB=1)),
    ("MatMulInteger", 10, [[U8, ["n", 4]], [I8, [4, 5]]], {}),
    ("Einsum", 12, [f(2, 3, 4), f(2, 4, 5)], dict(equation="bij,bjk->bik")),
    ("Add", 14, [f("n", 1, 4), f(3, 1)], {}),
    ("Mul", 14, [f("n", 3), f("n", 1)], {}),
    ("Pow", 15, [f(2, 3), [I64, []]], {}),
    ("Where", 16, [[BOOL, [3, 1]], f(1, 4), f(2, 3, 4)], {}),
    ("Equal", 13, [f(2, 1), f(1, 3)], {}),
    ("Greater", 13, [f("n"), f(1)], {}),
    ("Not", 1, [[BOOL, ["n", 2]]], {}),
    ("Relu", 14, [f("n", 3)], {}),
    ("Clip", 13, [f("n", 3), f(), f()], {}),
    ("Cast", 13, [f("n", 3)], dict(to=I64)),
    ("CastLike", 15, [f("n", 3), [F16, []]], {}),
    ("Sum", 13, [f(2, 1), f(1, 3), f(4, 1, 1)], {}),
    ("Max", 13, [f(2, 1), f(1, 3)], {}),
    ("ReduceMean", 13, [f(2, 3, 4)], dict(axes=[1], keepdims=0)),
    ("ReduceMean", 18, [f(2, 3, 4), c(-1)], dict(keepdims=1)),
    ("ReduceSum", 13, [f(2, "n", 4), c(0, 2)], dict(keepdims=0)),
    ("ReduceMax", 12, [f(2, 3)], dict(keepdims=0)),
    ("ArgMax", 13, [f("n", 3, 4)], dict(axis=1, keepdims=0)),
    ("ArgMin", 13, [f("n", 3, 4)], dict(axis=-1)),
    ("Softmax", 13, [f("n", 3)], dict(axis=-1)),
    ("Reshape", 14, [f(2, 3, 4), c(0, -1)], {}),
    ("Reshape", 14, [f(2, 3, 4), c(4, 6)], {}),
    ("Reshape", 14, [f("n", 3, 4), c(0, 12)], {}),
    ("Flatten", 13, [f(2, 3, 4)], dict(axis=2)),
    ("Flatten", 13, [f("n", 3, 4)], {}),
    ("Transpose", 13, [f("n", 3, 4)], dict(perm=[2, 0, 1])),
    ("Transpose", 13, [f("n", 3, 4)], {}),
    ("Squeeze", 13, [f(1, 3, 1), c(0, -1)], {}),
    ("Squeeze", 11, [f(1, 3, 1)], dict(axes=[2])),
    ("Squeeze", 13, [f(1, 3, 1)], {}),
    ("Unsqueeze", 13, [f(3, 4), c(0, -1)], {}),
    ("Unsqueeze", 11, [f(3, 4)], dict(axes=[1])),
    ("Concat", 13, [f("n", 3), f("n", 5)], dict(axis=1)),
    ("Concat", 13, [f(2, 3), f(4, 3)], dict(axis=-2)),
    ("Split", 13, [f(2, 9), c(2, 3, 4)], dict(axis=1)),
    ("Split", 11, [f(2, 9)], dict(axis=1, split=[4, 5])),
    ("Split", 13, [f(2, 9)], dict(axis=1)),
    ("Split", 18, [f(2, 10)], dict(axis=1, num_outputs=3)),
    ("Slice", 13, [f(10, 20), c(1, 2), c(8, 100), c(0, 1), c(2, 3)], {}),
    ("Slice", 13, [f(10, 20), c(-1), c(-100), c(1), c(-2)], {}),
    ("Slice", 13, [f("n", 20), c(0), c(2**62), c(1)], {}),
    ("Slice", 1, [f(10, 20)], dict(starts=[2], ends=[-3], axes=[1])),
    ("Gather", 13, [f(5, 6), [I64, [2, 3]]], dict(axis=1)),
    ("Gather", 13, [f(5, 6), [I64, []]], {}),
    ("GatherElements", 13, [f(5, 6), [I64, [5, 2]]], dict(axis=1)),
    ("GatherND", 13, [f(5, 6, 7), [I64, [3, 2]]], {}),
    ("ScatterElements", 18, [f(5, 6), [I64, [2, 6]], f(2, 6)], {}),
    ("ScatterND", 18, [f(5, 6), [I64, [2, 1]], f(2, 6)], {}),
    ("Expand", 13, [f(3, 1), c(2, 1, 6)], {}),
    ("Tile", 13, [f(3, 1), c(2, 4)], {}),
    ("Pad", 13, [f(3, 4), c(1, 0, 2, 5)], {}),
    ("Pad", 2, [f(3, 4)], dict(pads=[1, 0, 2, 5])),
    ("Pad", 18, [f(3, 4), c(1, 2), [F, []], c(1)], {}),
    ("Resize", 13, [f(1, 3, 10, 12), [F, [0], []], [F, [4], [1, 1, 2, 1.5]]], {}),
    ("Resize", 13, [f(1, 3, 10, 12), [F, [0], []], [F, [0], []], c(1, 3, 7, 9)], {}),
    ("Upsample", 9, [f(1, 3, 10, 12), [F, [4], [1, 1, 2, 3]]], {}),
    ("DepthToSpace", 13, [f(1, 12, 4, 5)], dict(blocksize=2)),
    ("SpaceToDepth", 13, [f(1, 3, 4, 6)], dict(blocksize=2)),
    ("TopK", 11, [f("n", 10), c(3)], dict(axis=1)),
    ("TopK", 1, [f(4, 10)], dict(axis=1, k=2)),
    ("NonZero", 13, [f(4, 10)], {}),
    ("OneHot", 11, [[I64, [2, 3]], c(5), f(2)], dict(axis=-1)),
    ("Shape", 15, [f(2, "n", 4)], {}),
    ("Shape", 15, [f(2, "n", 4)], dict(start=1)),
    ("Size", 13, [f(2, 3)], {}),
    ("ConstantOfShape", 9, [c(2, 3)], {}),
    ("Range", 11, [c(1, dims=[]), c(10, dims=[]), c(3, dims=[])], {}),
    ("EyeLike", 9, [f(3, 4)], {}),
    ("RandomNormal", 1, [], dict(shape=[2, 3])),
    ("LSTM", 14, [f(5, 2, 4), f(1, 12, 4), f(1, 12, 3)], dict(hidden_size=3)),
    ("LSTM", 14, [f(5, 2, 4), f(2, 12, 4), f(2, 12, 3)], dict(hidden_size=3, direction="bidirectional")),
    ("GRU", 14, [f(5, 2, 4), f(1, 9, 4), f(1, 9, 3)], dict(hidden_size=3)),
    ("QuantizeLinear", 13, [f("n", 4), f(), [U8, []]], {}),
    ("DequantizeLinear", 13, [[I8, ["n", 4]], f(), [I8, []]], {}),
    ("DynamicQuantizeLinear", 11, [f("n", 4)], {}),
    ("QLinearConv", 10, [[U8, [1, 3, 8, 8]], f(), [U8, []], [I8, [4, 3, 3, 3]], f(), [I8, []], f(), [U8, []]], {}),
    ("Dropout", 13, [f("n", 4)], {}),
    ("Identity", 16, [[STR, ["n"]]], {}),
    ("CumSum", 14, [f("n", 4), c(1, dims=[])], {}),
    ("Trilu", 14, [f("n", 4, 4)], {}),
    ("IsNaN", 13, [f("n", 4)], {}),
    ("PRelu", 16, [f("n", 4), f(4)], {}),
    ("Gelu", 20, [f("n", 4)], {}),
    ("HardSwish", 14, [f("n", 4)], {}),
]
OUTPUTS = {"Split": 3, "TopK": 2, "LSTM": 3, "GRU": 2, "DynamicQuantizeLinear": 3, "Dropout": 2}


def outputs_of(name, attributes, inputs):
    if name != "Split":
        return OUTPUTS.get(name, 1)
    if "split" in attributes:
        return len(attributes["split"])
    return len(inputs[1][2]) if len(inputs) > 1 else 3


def main():
    rows = []
    for name, opset, inputs, attributes in CASES:
        feeds, constants, names = [], [], []
        for at, spec in enumerate(inputs):
            elem, dims = spec[0], spec[1]
            names.append(f"x{at}")
            if len(spec) == 3:
                values = np.array(spec[2], dtype=helper.tensor_dtype_to_np_dtype(elem)).reshape(dims)
                constants.append(numpy_helper.from_array(values, f"x{at}"))
            else:
                feeds.append(helper.make_tensor_value_info(f"x{at}", elem, dims))
        made = [f"y{i}" for i in range(outputs_of(name, attributes, inputs))]
        graph = helper.make_graph([helper.make_node(name, names, made, **attributes)], "g", feeds, [onnx.ValueInfoProto(name=y) for y in made], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
        result = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        outputs = []
        for info in result.graph.output:
            tensor = info.type.tensor_type
            dims = [d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in tensor.shape.dim] if tensor.HasField("shape") else None
            outputs.append([tensor.elem_type, dims])
        rows.append([name, opset, inputs, attributes, outputs])
    with open(sys.argv[1], "w") as out:
        out.write('{"onnx":%s,"cases":[\n' % json.dumps(onnx.__version__))
        out.write(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
        out.write("\n]}\n")


main()
