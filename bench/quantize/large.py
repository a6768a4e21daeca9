"""Makes a chain of matrix products with seeded weights in an external file: a model that no single ONNX file holds.

Usage: python large.py OUT_FOLDER [GIGABYTES]      leaves model.onnx and model.onnx.data; the same bytes at every run
"""
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

WIDTH = 4096


def main(out, gigabytes):
    out.mkdir(parents=True, exist_ok=True)
    layers = int(gigabytes * 1e9 / (WIDTH * WIDTH * 4)) + 1
    nodes, weights, offset = [], [], 0
    with open(out / 'model.onnx.data', 'wb') as data:
        for i in range(layers):
            block = (np.random.default_rng(i).standard_normal((WIDTH, WIDTH), dtype=np.float32) / np.float32(WIDTH ** 0.5)).tobytes()
            data.write(block)
            tensor = TensorProto(name=f'w{i}', data_type=TensorProto.FLOAT, dims=[WIDTH, WIDTH], data_location=TensorProto.EXTERNAL)
            for key, value in (('location', 'model.onnx.data'), ('offset', offset), ('length', len(block))):
                tensor.external_data.add(key=key, value=str(value))
            offset += len(block)
            weights.append(tensor)
            nodes.append(helper.make_node('MatMul', ['x' if i == 0 else f'h{i - 1}', f'w{i}'], [f'h{i}' if i < layers - 1 else 'y'], name=f'product{i}'))
    graph = helper.make_graph(nodes, 'large', [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['batch', WIDTH])], [helper.make_tensor_value_info('y', TensorProto.FLOAT, ['batch', WIDTH])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8), out / 'model.onnx')
    print(f'{layers} layers, {offset} bytes of weights')


main(pathlib.Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 2.5)
