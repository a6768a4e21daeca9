"""Writes the types and shapes that the reference implementation (Python package onnx) infers, for the comparison in inferTypes.test.ts.

usage: python shape_inference.py OUT.json NAME=MODEL.onnx ...
The declared value_info is removed first, so that only inference is compared. Values of subgraphs are left out.
"""
import json
import sys

import onnx
from onnx import shape_inference


def shape_of(info):
    tensor = info.type.tensor_type
    if not info.type.HasField("tensor_type"):
        return None
    dims = None
    if tensor.HasField("shape"):
        dims = [d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in tensor.shape.dim]
    return [tensor.elem_type, dims]


def main():
    result = {"onnx": onnx.__version__, "models": {}}
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        model = onnx.load(path)
        del model.graph.value_info[:]
        inferred = shape_inference.infer_shapes(model, strict_mode=False, data_prop=True)
        values = {v.name: shape_of(v) for v in inferred.graph.value_info}
        result["models"][name] = {k: v for k, v in values.items() if v is not None}
    with open(sys.argv[1], "w") as out:
        json.dump(result, out, separators=(",", ":"), sort_keys=True)


main()
