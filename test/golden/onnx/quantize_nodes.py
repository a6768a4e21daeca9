"""Writes the backend node tests of quantization of the Python package onnx as data, for quantizeNodes.test.ts: inputs, attributes and expected outputs.

usage: python quantize_nodes.py OUT.json        needs the packages of bench/quantize/requirements.txt
Tests of element types that the quantizer does not write (8-bit floats, 2 bits) are named in `left_out`.
"""
import json
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

OPERATORS = ('QuantizeLinear', 'DequantizeLinear', 'QLinearMatMul', 'QLinearConv', 'DynamicQuantizeLinear')
KNOWN = {'float32', 'float16', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'uint4', 'int4'}


def plain(value, declared):
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if not isinstance(value, np.ndarray) and not np.isscalar(value) and not isinstance(value, np.generic):
        return None
    array = np.asarray(value)
    name = onnx.TensorProto.DataType.Name(declared).lower()
    name = {'float': 'float32'}.get(name, name)
    return {'type': name, 'dims': list(array.shape), 'data': [float(x) for x in array.astype(np.float64).ravel()]} if name in KNOWN else None


def main():
    cases, left_out = {}, []
    for test in collect_testcases(None):
        if test.model is not None and len(test.model.graph.node) == 1 and test.model.graph.node[0].op_type in OPERATORS:
            graph = test.model.graph
            op = graph.node[0].op_type
            (inputs, outputs), = test.data_sets
            filled = [plain(v, i.type.tensor_type.elem_type) for v, i in zip(inputs, graph.input)]
            answers = [plain(v, o.type.tensor_type.elem_type) for v, o in zip(outputs, graph.output)]
            if any(x is None for x in filled + answers):
                left_out.append(test.name)
                continue
            node = graph.node[0]
            names = {i.name: x for i, x in zip(graph.input, filled)}
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            cases[test.name] = {'operator': op, 'attributes': attributes, 'inputs': [names.get(n) for n in node.input], 'outputs': answers}
    with open(sys.argv[1], 'w') as out:
        json.dump({'onnx': onnx.__version__, 'left_out': sorted(set(left_out)), 'cases': cases}, out, separators=(',', ':'), sort_keys=True)
        out.write('\n')
    print({op: sum(c['operator'] == op for c in cases.values()) for op in OPERATORS}, left_out)


main()
