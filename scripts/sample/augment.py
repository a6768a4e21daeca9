"""Small turns, shears, sizes and shifts of digit images, so that 7,500 images teach as much as more would."""

import numpy as np


def augment(images, rng):
    """uint8[N, 28, 28] -> uint8[N, 28, 28], each moved by an own affine map; bilinear, black outside."""
    count, size = images.shape[0], images.shape[1]
    angle = rng.uniform(-0.2, 0.2, count)
    scale = 1 / rng.uniform(0.88, 1.12, (2, count))
    shear = rng.uniform(-0.15, 0.15, count)
    shift = rng.uniform(-2, 2, (2, count))
    middle = (size - 1) / 2
    y, x = np.meshgrid(np.arange(size) - middle, np.arange(size) - middle, indexing="ij")
    cos, sin = np.cos(angle), np.sin(angle)

    def column(values):
        return values[:, None, None]

    source_y = column(scale[0]) * (column(cos) * y - column(sin) * x) + column(shift[0]) + middle
    source_x = column(scale[1]) * (column(sin) * y + column(cos) * x + column(shear) * y) + column(shift[1]) + middle
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1))).astype(np.float32)
    source_y, source_x = np.clip(source_y + 1, 0, size + 0.999), np.clip(source_x + 1, 0, size + 0.999)
    top, left = np.floor(source_y).astype(int), np.floor(source_x).astype(int)
    down, right = source_y - top, source_x - left
    n = np.arange(count)[:, None, None]
    mixed = (
        padded[n, top, left] * (1 - down) * (1 - right)
        + padded[n, top, np.minimum(left + 1, size + 1)] * (1 - down) * right
        + padded[n, np.minimum(top + 1, size + 1), left] * down * (1 - right)
        + padded[n, np.minimum(top + 1, size + 1), np.minimum(left + 1, size + 1)] * down * right
    )
    return np.rint(mixed).astype(np.uint8)
