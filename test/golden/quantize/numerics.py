"""Makes numerics.json: scales, zero points, weight, bias and 4-bit bytes as the Python reference computes them.

Needs onnxruntime 1.32 and onnx 1.23 in the interpreter's environment. Run: python test/golden/quantize/numerics.py
"""
import base64
import json
import pathlib

import numpy as np
import onnx
from onnxruntime.capi._pybind_state import quantize_matmul_4bits
from onnxruntime.quantization import quant_utils as q
from onnxruntime.quantization.calibrate import HistogramCollector
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

rng = np.random.default_rng(20261)
T = onnx.TensorProto
TYPES = {'int8': T.INT8, 'uint8': T.UINT8, 'int16': T.INT16, 'uint16': T.UINT16, 'int4': T.INT4, 'uint4': T.UINT4}
b64 = lambda a: base64.b64encode(np.ascontiguousarray(a).tobytes()).decode()
out = {'versions': {'onnx': onnx.__version__, 'numpy': np.__version__}}

ranges = [(-1, 1), (0, 6), (-0.3, 0.1), (0.5, 2), (-3, -1), (0, 0), (1e-39, 2e-39), (-1e-30, 1e30), (-128.5, 127.25)]
ranges += [tuple(sorted(rng.standard_normal(2) * 10.0 ** rng.integers(-6, 6))) for _ in range(50)]
out['scales'] = []
for low, high in ranges:
    low, high = np.float32(low), np.float32(high)
    for name, t in TYPES.items():
        for sym in (True, False):
            for reduce in (True, False):
                qmin, qmax = q.get_qmin_qmax_for_qType(t, reduce_range=reduce, symmetric=sym)
                zp, scale = q.compute_scale_zp(np.array(low), np.array(high), qmin, qmax, sym)
                out['scales'].append([float(low), float(high), name, int(sym), int(reduce), float(np.float32(scale)), int(zp)])

out['weights'] = []
for dims, axis in (((4, 3, 3, 3), 0), ((5, 8), 1), ((3, 4, 2), 1), ((7,), None), ((6, 5), None)):
    for name in ('int8', 'uint8', 'int16', 'uint16'):
        w = (rng.standard_normal(dims) * rng.uniform(0.01, 4)).astype(np.float32)
        if axis is None:
            zp, scale, data = q.quantize_data(w.flatten(), TYPES[name], name.startswith('int'))
            scales, zps = [float(scale)], [int(zp)]
        else:
            parts = [q.quantize_data(w.take(i, axis).ravel(), TYPES[name], True) for i in range(dims[axis])]
            scales, zps = [float(p[1]) for p in parts], [int(p[0]) for p in parts]
            shape = list(dims); shape[axis] = 1
            data = np.concatenate([p[2].reshape(shape) for p in parts], axis)
        out['weights'].append({'dims': dims, 'axis': axis, 'type': name, 'data': b64(w), 'scales': scales, 'zeroPoints': zps, 'values': b64(data)})

out['biases'] = []
adjust = QDQQuantizer._adjust_weight_scale_for_int32_bias
for size, magnitude, in_scale, w_scale in ((4, 1, 0.02, 0.003), (6, 100, 1e-6, 1e-7), (5, 1e-3, 1e-9, 3e-4), (3, 0, 0.1, 0.1)):
    for per_channel in (False, True):
        bias = (rng.standard_normal(size) * magnitude).astype(np.float32)
        scales = (np.abs(rng.standard_normal(size if per_channel else 1)) * w_scale).astype(np.float32)
        before = scales.copy()
        scale_in = np.array(in_scale, np.float32)
        _, after = adjust(None, scale_in, scales.copy() if per_channel else scales[0].copy().reshape(()), 'w', onnx.numpy_helper.from_array(bias, 'b'), per_channel)
        after = np.asarray(after, np.float32).reshape(-1)
        product = scale_in * after * 1.0
        ints = np.clip((bias.astype(np.float64) / product.astype(np.float64)).round(), -2**31, 2**31 - 1).astype(np.int32)
        out['biases'].append({'bias': b64(bias), 'inputScale': float(scale_in), 'weightScales': [float(x) for x in before], 'raised': [float(x) for x in after], 'scales': [float(x) for x in product.reshape(-1)], 'values': b64(ints)})

out['nbits'] = []
for k, n, block in ((64, 9, 32), (64, 8, 16), (70, 5, 32), (96, 7, 64), (128, 6, 128)):
    for sym in (True, False):
        w = rng.standard_normal((k, n)).astype(np.float32)
        kb = -(-k // block)
        padded = np.pad(w, ((0, kb * block - k), (0, 0)))
        packed, scales, zps = np.zeros((n, kb, block // 2), np.uint8), np.zeros((n, kb), np.float32), np.zeros((n, (kb + 1) // 2), np.uint8)
        quantize_matmul_4bits(packed, padded, scales, zps, block, n, k, sym)
        out['nbits'].append({'k': k, 'n': n, 'block': block, 'symmetric': sym, 'weight': b64(w), 'packed': b64(packed), 'scales': b64(scales), 'zeroPoints': None if sym else b64(zps)})

halves = np.concatenate([rng.standard_normal(120), rng.standard_normal(200) * 1e-5, rng.standard_normal(100) * 3e-8, rng.standard_normal(100) * 5e4, [0, -0.0, 65504, 65519.9, 65520, 6.1035156e-05, 2**-25, 2**-24]]).astype(np.float32)
with np.errstate(over='ignore'):
    out['float16'] = {'values': b64(halves), 'bits': b64(halves.astype(np.float16))}

out['percentile'] = []
for shape, kind in (((3, 200), 'normal'), ((2, 200), 'relu'), ((4, 150), 'heavy'), ((1, 50), 'constant')):
    x = rng.standard_normal(shape).astype(np.float32)
    if kind == 'relu': x = np.maximum(x, 0)
    if kind == 'heavy': x = (x ** 5).astype(np.float32)
    if kind == 'constant': x = np.full(shape, 0.25, np.float32)
    for p in (99.999, 99.9, 90.0):
        for sym in (True, False):
            c = HistogramCollector('percentile', sym, 2048, 2048, p, 'same')
            c.collect({'t': [row for row in x]})
            low, high = c.compute_collection_result()['t'][:2]
            out['percentile'].append({'rows': shape[0], 'data': b64(x), 'percentile': p, 'symmetric': sym, 'low': float(low), 'high': float(high)})

pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(out, separators=(',', ':')) + '\n')
