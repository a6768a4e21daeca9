"""Judges quantized models with Python's runtime: SQNR of the first output, share of equal decisions, and latency against the original, taking turns.

python judge.py raise MODEL OUT                     opset 13 and weights out of Constant nodes, for the reference; a copy where the converter cannot
python judge.py MODEL DATA FROM TO CANDIDATE...     one line of JSON; DATA holds <input name>.npy files, first axis = sample
"""
import json
import pathlib
import shutil
import statistics
import sys
import time

import numpy as np


def raise_opset(source, target):
    import onnx
    from onnx import version_converter
    try:
        model = onnx.load(source)
        opset = next(o.version for o in model.opset_import if o.domain in ('', 'ai.onnx'))
        names = {t.name for t in model.graph.initializer}
        if opset < 13:
            model = version_converter.convert_version(model, 13)
        for value in [v for v in model.graph.input if v.name in names]:
            model.graph.input.remove(value)
        kept = []
        for node in model.graph.node:
            if node.op_type == 'Constant' and node.attribute[0].name == 'value':
                node.attribute[0].t.name = node.output[0]
                model.graph.initializer.append(node.attribute[0].t)
            else:
                kept.append(node)
        del model.graph.node[:]
        model.graph.node.extend(kept)
        model.ir_version = max(model.ir_version, 8)
        onnx.checker.check_model(model)
        onnx.save(model, target)
    except Exception:
        shutil.copy(source, target)


def main(model, data, first, last, candidates):
    import onnxruntime as ort
    ort.set_default_logger_severity(4)

    def open_session(path):
        return ort.InferenceSession(str(path), providers=['CPUExecutionProvider'])

    original, twin = open_session(model), open_session(model)
    arrays = {p.stem: np.load(p) for p in pathlib.Path(data).glob('*.npy')}
    ranks = {i.name: len(i.shape) for i in original.get_inputs()}
    feeds = [{name: np.asarray(arrays[name][i]) if arrays[name].ndim == ranks[name] + 1 or ranks[name] == 0 else arrays[name][i:i + 1] for name in ranks} for i in range(first, last)]
    wanted = [original.get_outputs()[0].name]
    expected = [original.run(wanted, f)[0].astype(np.float64) for f in feeds]
    decide = (lambda y: (y > 0.5).ravel()) if expected[0].size == 1 else (lambda y: y.reshape(-1, y.shape[-1]).argmax(1))
    results = []
    for path in candidates:
        try:
            session = open_session(path)
            got = [session.run(wanted, f)[0].astype(np.float64) for f in feeds]
        except Exception as error:
            results.append({'failed': str(error).strip().splitlines()[-1][:200]})
            continue
        signal, noise = sum((e ** 2).sum() for e in expected), sum(((e - g) ** 2).sum() for e, g in zip(expected, got))
        equal = np.concatenate([decide(e) == decide(g) for e, g in zip(expected, got)])
        times = {'a': [], 'b': [], 'null': []}
        sides = {'a': original, 'b': session, 'null': twin}
        end = time.perf_counter() + 1.5
        round_ = 0
        while round_ < 9 or (time.perf_counter() < end and round_ < 300):
            for side in (list(sides) if round_ % 2 else list(sides)[::-1]):
                start = time.perf_counter()
                for f in feeds[:2]:
                    sides[side].run(wanted, f)
                times[side].append(time.perf_counter() - start)
            round_ += 1
        ratio = lambda side: statistics.median(x / y for x, y in zip(times[side][2:], times['a'][2:]))
        results.append({
            'bytes': pathlib.Path(path).stat().st_size, 'sqnrDb': None if noise == 0 else float(10 * np.log10(signal / noise)) if np.isfinite(noise) else -999.0,
            'agreement': float(equal.mean()), 'latencyRatio': ratio('b'), 'nullRatio': ratio('null'),
        })
    print(json.dumps(results))


if __name__ == '__main__':
    if sys.argv[1] == 'raise':
        raise_opset(*sys.argv[2:4])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
