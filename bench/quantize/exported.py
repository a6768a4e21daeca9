"""Small models of many architectures as PyTorch exports them, each with samples to calibrate on; needs numpy and torch (1.13 as Debian has it, or later).

Usage: python exported.py OUT_FOLDER
Leaves models/<name>.onnx and data/<name>.npz with 24 samples of each input. Weights are as they are initialized: what counts is whether a recipe copes with the form.
"""
import pathlib
import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SAMPLES = 24
warnings.filterwarnings('ignore')
torch.manual_seed(3)
out = pathlib.Path(sys.argv[1])
for folder in ('models', 'data'):
    (out / folder).mkdir(parents=True, exist_ok=True)


class Model(nn.Module):
    """Computes `run` with the modules and parameters that it is given."""

    def __init__(self, run, **parts):
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *inputs):
        return self.run(self, *inputs)


def sample(like, most):
    if like.is_floating_point():
        return torch.randn_like(like)
    return like if like.dim() == 0 else torch.randint(0, most, like.shape)


def export(name, model, *inputs, opset=13, axes=None, most=200):
    names = [f'x{i}' for i in range(len(inputs))]
    torch.onnx.export(model.eval(), inputs, out / 'models' / f'{name}.onnx', opset_version=opset, input_names=names, dynamic_axes=axes or {})
    drawn = {key: [sample(value, most).numpy() for _ in range(SAMPLES)] for key, value in zip(names, inputs)}
    np.savez(out / 'data' / f'{name}.npz', **{key: np.stack([a[0] if a.ndim and a.shape[0] == 1 else a for a in arrays]) for key, arrays in drawn.items()})


def parameter(*shape):
    return nn.Parameter(torch.randn(*shape))


image = torch.randn(1, 3, 32, 32)


# Convolutions
def unet(m, x):
    first = F.relu(m.first(x))
    return m.last(torch.cat([m.up(F.relu(m.down(first))), first], 1))


export('unet', Model(unet, first=nn.Conv2d(3, 16, 3, padding=1), down=nn.Conv2d(16, 32, 3, 2, 1), up=nn.ConvTranspose2d(32, 16, 2, 2), last=nn.Conv2d(32, 2, 1)), torch.randn(1, 3, 64, 64))


class SqueezeExcite(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.narrow, self.wide = nn.Conv2d(width, width // 4, 1), nn.Conv2d(width // 4, width, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.wide(F.relu(self.narrow(x.mean((2, 3), keepdim=True)))))


def inverted(width, to, stride):
    inner = width * 4
    return nn.Sequential(
        nn.Conv2d(width, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.Hardswish(), nn.Conv2d(inner, inner, 3, stride, 1, groups=inner, bias=False), nn.BatchNorm2d(inner),
        SqueezeExcite(inner), nn.Hardswish(), nn.Conv2d(inner, to, 1, bias=False), nn.BatchNorm2d(to))


export('mobile_net', nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.Hardswish(), inverted(16, 24, 2), inverted(24, 32, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)), torch.randn(1, 3, 96, 96), opset=14)
export('group_norm', nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.SiLU(), nn.Conv2d(16, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4)), image)
export('signal_autoencoder', nn.Sequential(nn.Conv1d(4, 16, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 8, 5, padding=2), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv1d(8, 4, 7, padding=3)), torch.randn(1, 4, 256), opset=12)
export('volume', nn.Sequential(nn.Conv3d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(8, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(16, 2)), torch.randn(1, 1, 8, 16, 16))
export('super_resolution', nn.Sequential(nn.Conv2d(1, 32, 5, padding=2), nn.PReLU(), nn.Conv2d(32, 4, 3, padding=1), nn.PixelShuffle(2)), torch.randn(1, 1, 40, 40))
export('mish', nn.Sequential(nn.Conv2d(3, 16, 3), nn.Mish(), nn.Conv2d(16, 16, 3), nn.Softplus(), nn.Conv2d(16, 8, 3), nn.ELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4), nn.LogSoftmax(1)), image)
export('style', nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(3, 16, 3), nn.InstanceNorm2d(16, affine=True), nn.ReLU(), nn.ReflectionPad2d(1), nn.Conv2d(16, 3, 3), nn.Tanh()), image, opset=11)
export('inception', Model(lambda m, x: m.head(torch.cat([F.relu(m.one(m.norm(x))), F.relu(m.five(x)), F.avg_pool2d(x, 3, 1, 1)], 1).mean((2, 3))), norm=nn.LocalResponseNorm(3), one=nn.Conv2d(3, 8, 1), five=nn.Conv2d(3, 8, 5, padding=2), head=nn.Linear(19, 6)), image, opset=10)
export('dilated', nn.Sequential(nn.Conv2d(4, 16, 3, dilation=2, padding=2, groups=4), nn.LeakyReLU(0.1), nn.Conv2d(16, 16, (1, 5), padding=(0, 2)), nn.ReLU6(), nn.Conv2d(16, 2, (5, 1), stride=(2, 1))), torch.randn(1, 4, 33, 47))
export('shared_conv', Model(lambda m, x: m.head((F.relu(m.conv(x)) + F.relu(m.conv(F.relu(m.conv(x))))).mean((2, 3))), conv=nn.Conv2d(8, 8, 3, padding=1), head=nn.Linear(8, 3)), torch.randn(1, 8, 20, 20))
export('segmentation_by_class', Model(lambda m, x: m.conv(x).argmax(1), conv=nn.Conv2d(3, 6, 3)), image)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 16, 3, 2, 1), nn.Conv2d(16, 32, 3, 2, 1), nn.Conv2d(32, 16, 1)
        self.near, self.far = nn.Conv2d(32, 18, 1), nn.Conv2d(32, 18, 1)

    def forward(self, x):
        a = F.silu(self.a(x))
        b = F.silu(self.b(a))
        near = self.near(torch.cat([F.interpolate(F.silu(self.c(b)), scale_factor=2.0, mode='nearest'), a], 1)).sigmoid()
        rows = torch.cat([near.reshape(1, 3, 6, -1), self.far(b).sigmoid().reshape(1, 3, 6, -1)], 3).transpose(2, 3).reshape(1, -1, 6)
        centre, size, score = rows.split([2, 2, 2], 2)
        best, at = score[..., 0].topk(20)
        return torch.cat([centre * 2 - 0.5, (size * 2) ** 2, score], 2).gather(1, at[..., None].expand(-1, -1, 6)), best


export('detector', Detector(), torch.randn(1, 3, 64, 64), opset=12)


class ConvNext(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depth, self.norm, self.wide, self.narrow = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(0.1 * torch.ones(width))

    def forward(self, x):
        return x + (self.scale * self.narrow(F.gelu(self.wide(self.norm(self.depth(x).permute(0, 2, 3, 1)))))).permute(0, 3, 1, 2)


export('conv_next', nn.Sequential(nn.Conv2d(3, 24, 4, 4), ConvNext(24), ConvNext(24), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(24), nn.Linear(24, 5)), torch.randn(1, 3, 64, 64), opset=15)

# Rows and sequences
export('row_autoencoder', nn.Sequential(nn.Linear(40, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 8), nn.ReLU(), nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 40)), torch.randn(4, 40), opset=9, axes={'x0': {0: 'n'}})
export('large_mlp', nn.Sequential(nn.Linear(512, 2048), nn.GELU(), nn.Linear(2048, 2048), nn.GELU(), nn.Linear(2048, 16)), torch.randn(1, 512), opset=17, axes={'x0': {0: 'n'}})
wide = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 3))
wide[0].weight.data[0] *= 1e4
wide[2].weight.data[:, 0] *= 1e-4
export('one_loud_channel', wide, torch.randn(1, 16))
export('two_inputs', Model(lambda m, x, v: (m.head(torch.cat([F.relu(m.conv(x)).mean((2, 3)), v], 1)), m.side(v)), conv=nn.Conv2d(3, 16, 3), head=nn.Linear(22, 5), side=nn.Linear(6, 2)), image, torch.randn(1, 6))
export('bidirectional_lstm', Model(lambda m, x: m.head(m.lstm(x)[0][:, -1]), lstm=nn.LSTM(12, 48, 2, batch_first=True, bidirectional=True), head=nn.Linear(96, 5)), torch.randn(2, 20, 12), axes={'x0': {0: 'n', 1: 't'}})
export('batch_first_gru', Model(lambda m, x: m.head(m.gru(x)[0]), gru=nn.GRU(16, 64, batch_first=True), head=nn.Linear(64, 4)), torch.randn(1, 30, 16), opset=11)
export('rnn', Model(lambda m, x: m.head(m.rnn(x)[1][0]), rnn=nn.RNN(8, 32), head=nn.Linear(32, 3)), torch.randn(10, 1, 8), opset=15)
export('text_classes', Model(lambda m, x: m.head(F.relu(m.conv(m.table(x).transpose(1, 2))).amax(2)), table=nn.Embedding(500, 64), conv=nn.Conv1d(64, 32, 3, padding=1), head=nn.Linear(32, 4)), torch.randint(0, 500, (1, 20)), axes={'x0': {1: 'length'}})
export('tied_table', Model(lambda m, x: F.relu(m.inner(m.table(x))) @ m.table.weight.t(), table=nn.Embedding(300, 64), inner=nn.Linear(64, 64)), torch.randint(0, 300, (1, 12)))
export('einsum_chain', Model(lambda m, x: torch.einsum('bij,jk->bik', torch.einsum('bij,jk->bik', x, m.w), m.v), w=parameter(32, 48), v=parameter(48, 8)), torch.randn(1, 6, 32))
export('masked', Model(lambda m, x, k: m.head(torch.where(k > 0, m.inner(x), torch.zeros_like(x))), inner=nn.Linear(16, 16), head=nn.Linear(16, 4)), torch.randn(1, 9, 16), torch.randint(0, 2, (1, 9, 1)), most=2)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.all, self.project, self.head = nn.Linear(24, 64), nn.LayerNorm(64), nn.Linear(64, 192), nn.Linear(64, 64), nn.Linear(64, 7)

    def forward(self, x):
        x = self.first(x)
        batch, length, width = x.shape
        q, k, v = self.all(self.norm(x)).reshape(batch, length, 3, 4, 16).permute(2, 0, 3, 1, 4)
        mixed = (q @ k.transpose(-1, -2) * 0.25).softmax(-1) @ v
        return self.head((x + self.project(mixed.transpose(1, 2).reshape(batch, length, width))).mean(1))


export('transformer', Attention(), torch.randn(2, 10, 24), opset=14)


class Decoder(nn.Module):
    """One step of a language model with a cache of keys and values."""

    def __init__(self):
        super().__init__()
        self.table, self.scale = nn.Embedding(200, 64), nn.Parameter(torch.ones(64))
        self.q, self.k, self.v, self.o = (nn.Linear(64, 64, bias=False) for _ in range(4))
        self.gate, self.up, self.down = nn.Linear(64, 160, bias=False), nn.Linear(64, 160, bias=False), nn.Linear(160, 64, bias=False)

    def norm(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * self.scale

    def forward(self, ids, keys, values):
        x = self.table(ids)
        batch, length, _ = x.shape
        heads = lambda z: z.reshape(batch, length, 4, 16).transpose(1, 2)
        inner = self.norm(x)
        q, k, v = heads(self.q(inner)), torch.cat([keys, heads(self.k(inner))], 2), torch.cat([values, heads(self.v(inner))], 2)
        x = x + self.o(((q @ k.transpose(-1, -2) / 4).softmax(-1) @ v).transpose(1, 2).reshape(batch, length, 64))
        inner = self.norm(x)
        return (x + self.down(F.silu(self.gate(inner)) * self.up(inner))) @ self.table.weight.t(), k, v


export('decoder_step', Decoder(), torch.randint(0, 200, (1, 1)), torch.randn(1, 4, 5, 16), torch.randn(1, 4, 5, 16), opset=14, axes={'x1': {2: 'past'}, 'x2': {2: 'past'}})


class Repeated(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.head = nn.Linear(16, 16), nn.Linear(16, 3)

    def forward(self, x, times: int):
        for _ in range(times):
            x = torch.relu(self.inner(x))
        if x.sum() > 0:
            return self.head(x)
        return self.head(x * 2)


export('scripted_loop', torch.jit.script(Repeated()), torch.randn(1, 16), torch.tensor(3), opset=14)
print(len(list((out / 'models').glob('*.onnx'))))
