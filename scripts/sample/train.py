"""Trains the lot code reader of the sample station and writes resources/sample/lot-code-reader.onnx.

Run from a checkout after `npm ci`:
    python3 -m venv .venv && .venv/bin/pip install -r scripts/sample/requirements.txt
    .venv/bin/python scripts/sample/train.py
Seeds are fixed: the same machine gives the same file; another processor may differ in the last bits of the weights.
"""

import argparse
import hashlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime as ort
import optax

from augment import augment
from digits import SAMPLE, folder_sha256, read_digits, split_digits, write_image_folder
from export import MEAN, STD, write_onnx

SEED = 20262
# (input channels, output channels, pool 2x2 after it)
LAYERS = [(1, 32, True), (32, 64, False), (64, 64, True), (64, 128, False), (128, 128, False)]
BATCH = 64
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-4
BATCH_NORM_EPSILON = 1e-5


def initial_parameters(key):
    """He initialisation for the convolutions (He et al. 2015), zeros for the head."""
    blocks = []
    for fan_in, fan_out, _ in LAYERS:
        key, sub = jax.random.split(key)
        weight = jax.random.normal(sub, (3, 3, fan_in, fan_out)) * np.sqrt(2 / (9 * fan_in))
        blocks.append({"weight": weight, "gamma": jnp.ones(fan_out), "beta": jnp.zeros(fan_out)})
    return {"blocks": blocks, "head": {"weight": jnp.zeros((LAYERS[-1][1], 10)), "bias": jnp.zeros(10)}}


def initial_statistics():
    return [{"mean": jnp.zeros(out), "var": jnp.ones(out)} for _, out, _ in LAYERS]


def forward(parameters, statistics, x, training):
    """x [N, 28, 28, 1] normalised -> logits [N, 10] and the running statistics after this batch."""
    after = []
    for block, running, (_, _, pool) in zip(parameters["blocks"], statistics, LAYERS):
        x = jax.lax.conv_general_dilated(x, block["weight"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        if training:
            mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
            after.append({"mean": 0.95 * running["mean"] + 0.05 * mean, "var": 0.95 * running["var"] + 0.05 * var})
        else:
            mean, var = running["mean"], running["var"]
        x = (x - mean) * jax.lax.rsqrt(var + BATCH_NORM_EPSILON) * block["gamma"] + block["beta"]
        x = jax.nn.relu(x)
        if pool:
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = x.mean((1, 2))
    return x @ parameters["head"]["weight"] + parameters["head"]["bias"], after


def normalise(images):
    return ((images.astype(np.float32) / 255 - MEAN) / STD)[..., None].astype(np.float32)


def train(images, labels, epochs, development):
    """Returns (parameters, running statistics) after the last epoch: no epoch is picked by its result."""
    rng = np.random.default_rng(SEED)
    parameters, statistics = initial_parameters(jax.random.key(SEED)), initial_statistics()
    steps = epochs * (len(images) // BATCH)
    optimiser = optax.adamw(optax.cosine_onecycle_schedule(steps, LEARNING_RATE), weight_decay=WEIGHT_DECAY)
    state = optimiser.init(parameters)

    def loss_of(parameters, statistics, x, y):
        logits, after = forward(parameters, statistics, x, True)
        targets = optax.smooth_labels(jax.nn.one_hot(y, 10), 0.05)
        return optax.softmax_cross_entropy(logits, targets).mean(), after

    @jax.jit
    def step(parameters, statistics, state, x, y):
        (loss, after), gradients = jax.value_and_grad(loss_of, has_aux=True)(parameters, statistics, x, y)
        updates, state = optimiser.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), after, state, loss

    predict = jax.jit(lambda p, s, x: forward(p, s, x, False)[0].argmax(1))
    for epoch in range(epochs):
        started, losses = time.time(), []
        order = rng.permutation(len(images))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            picked = order[start : start + BATCH]
            x = normalise(augment(images[picked], rng))
            parameters, statistics, state, loss = step(parameters, statistics, state, x, labels[picked])
            losses.append(loss)
        right = (np.asarray(predict(parameters, statistics, normalise(development[1]))) == development[2]).mean()
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, development {right:.4f}, {time.time() - started:.1f} s", flush=True)
    return parameters, statistics


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--epochs", type=int, default=16)
    epochs = arguments.parse_args().epochs
    sets = split_digits(read_digits())
    for name in ("calibration", "test", "challenge"):
        write_image_folder(name, sets[name])
    print({name: len(rows[0]) for name, rows in sets.items()}, flush=True)

    parameters, statistics = train(sets["training"][1], sets["training"][2], epochs, sets["development"])
    path = SAMPLE / "lot-code-reader.onnx"
    write_onnx(path, jax.tree.map(np.asarray, parameters), jax.tree.map(np.asarray, statistics), LAYERS, BATCH_NORM_EPSILON)

    # The file is judged, not the trainer's own idea of it.
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for name in ("development", "test", "challenge", "calibration"):
        _, images, labels = sets[name]
        (scores,) = session.run(None, {"image": normalise(images).transpose(0, 3, 1, 2)})
        print(f"{name}: {(scores.argmax(1) == labels).sum()} of {len(labels)} right")
    print("sha256", hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size, "bytes")
    for name in ("calibration", "test", "challenge"):
        print(name, "images sha256", folder_sha256(name))


if __name__ == "__main__":
    main()
