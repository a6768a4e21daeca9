"""Quantizes one model with onnxruntime.quantization, as its documentation shows it.

Usage: python reference.py SETTING MODEL DATA_FOLDER OUT SAMPLES, where DATA_FOLDER holds <input name>.npy files, first axis = sample.
Only what the setting needs is imported, so that start-up counts as a user meets it.
"""
import pathlib
import sys

import numpy as np

setting, model, data, out, samples = sys.argv[1:6]
whole = sys.argv[6:]  # inputs without a batch axis: a sample is one row of the file


def feeds():
    arrays = {p.stem: np.load(p) for p in pathlib.Path(data).glob('*.npy')}
    for i in range(min(int(samples), len(next(iter(arrays.values()))))):
        yield {name: (np.asarray(a[i]) if a.ndim == 1 or name in whole else a[i:i + 1]) for name, a in arrays.items()}


if setting == 'int4':
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
    import onnx
    quantizer = MatMulNBitsQuantizer(onnx.load(model), block_size=32, is_symmetric=True)
    quantizer.process()
    quantizer.model.save_model_to_file(out)
else:
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_dynamic, quantize_static
    if setting.startswith('dynamic'):
        quantize_dynamic(model, out, weight_type=QuantType.QUInt8 if setting == 'dynamic-u8' else QuantType.QInt8)
    else:
        class Reader(CalibrationDataReader):
            def __init__(self):
                self.samples = feeds()

            def get_next(self):
                return next(self.samples, None)

        method, granularity = setting.split('/')
        quantize_static(
            model, out, Reader(), per_channel=granularity == 'channel', activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            calibrate_method={'minmax': CalibrationMethod.MinMax, 'percentile': CalibrationMethod.Percentile, 'entropy': CalibrationMethod.Entropy}[method],
        )
