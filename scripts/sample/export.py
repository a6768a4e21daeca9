"""Writes the trained network as ONNX: opset 17, any batch, batch normalisation folded into the convolutions."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MEAN, STD = 0.1307, 0.3081


def write_onnx(path, parameters, statistics, layers, epsilon):
    """parameters and statistics as train.py keeps them (NumPy). Input `image` float32[N, 1, 28, 28], output `probabilities` float32[N, 10]."""
    nodes, initializers = [], []

    def constant(name, values):
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    def node(operator, inputs, name, **attributes):
        nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    x = "image"
    for index, (block, running, (_, _, pool)) in enumerate(zip(parameters["blocks"], statistics, layers), start=1):
        gain = block["gamma"] / np.sqrt(running["var"] + epsilon)
        weight = constant(f"conv{index}.weight", (block["weight"] * gain).transpose(3, 2, 0, 1))
        bias = constant(f"conv{index}.bias", block["beta"] - running["mean"] * gain)
        x = node("Conv", [x, weight, bias], f"conv{index}", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = node("Relu", [x], f"relu{index}")
        if pool:
            x = node("MaxPool", [x], f"pool{index}", kernel_shape=[2, 2], strides=[2, 2])
    x = node("GlobalAveragePool", [x], "average")
    x = node("Flatten", [x], "flatten", axis=1)
    head = parameters["head"]
    x = node("Gemm", [x, constant("head.weight", head["weight"].T), constant("head.bias", head["bias"])], "logits", transB=1)
    node("Softmax", [x], "probabilities", axis=1)

    graph = helper.make_graph(
        nodes,
        "lot-code-reader",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="millwright-sample")
    model.doc_string = "Reads one handwritten digit of a lot code: 28x28 gray, normalised with mean 0.1307 and std 0.3081."
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
