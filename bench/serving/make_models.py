"""Writes the models of the comparison: a tiny layered net that measures overhead, and on 1 x 3 x 224 x 224 a small image net and one that takes some 20 ms."""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)


def weight(name, *shape):
    return numpy_helper.from_array((random.standard_normal(shape) * 0.1).astype(np.float32), name)


def save(folder, name, nodes, given, answered, weights):
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, given)], [helper.make_tensor_value_info("y", TensorProto.FLOAT, answered)], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    path = Path(folder) / name / "1" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


folder = sys.argv[1]
save(folder, "mlp", [helper.make_node("MatMul", ["x", "w1"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("MatMul", ["b", "w2"], ["y"])], [1, 64], [1, 10], [weight("w1", 64, 32), weight("w2", 32, 10)])


def image_net(name, layers):
    nodes, weights, last = [], [], "x"
    for index, (inward, outward, stride) in enumerate(layers):
        weights.append(weight(f"k{index}", outward, inward, 3, 3))
        nodes += [helper.make_node("Conv", [last, f"k{index}"], [f"c{index}"], strides=[stride, stride], pads=[1, 1, 1, 1]), helper.make_node("Relu", [f"c{index}"], [f"r{index}"])]
        last = f"r{index}"
    nodes += [helper.make_node("GlobalAveragePool", [last], ["pooled"]), helper.make_node("Flatten", ["pooled"], ["flat"]), helper.make_node("MatMul", ["flat", "head"], ["y"])]
    save(folder, name, nodes, [1, 3, 224, 224], [1, 4], [*weights, weight("head", layers[-1][1], 4)])


image_net("cnn", [(3, 12, 2), (12, 24, 2), (24, 24, 2)])
image_net("slow", [(3, 32, 2), (32, 64, 1), (64, 64, 2), (64, 128, 1)])
