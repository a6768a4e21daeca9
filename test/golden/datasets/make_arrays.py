"""Makes the goldens of .npy and .npz files of every type and order, as numpy writes them, with the values that must come out.

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python test/golden/datasets/make_arrays.py
"""
import base64, io, json, pathlib
import numpy as np

here = pathlib.Path(__file__).parent


def saved(array, **more):
    file = io.BytesIO()
    np.save(file, array, **more)
    return base64.b64encode(file.getvalue()).decode()


def plain(array):
    """Integers of 64 bits as text, since JSON has no form for them; halves as their bits; bool as 0 and 1."""
    if array.dtype.kind in "US":
        return [text.decode() if isinstance(text, bytes) else text for text in array.ravel().tolist()]
    if array.dtype.kind == "f" and array.dtype.itemsize == 2:
        return array.astype("<f2").view(np.uint16).ravel().tolist()
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:
        return [str(value) for value in array.ravel().tolist()]
    return array.astype(array.dtype.newbyteorder("=")).ravel().astype(float).tolist()


base = np.arange(24).reshape(4, 2, 3)
types = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
arrays = []
for name in types:
    for order in ["<", ">"] if name[1] != "1" else ["|"]:
        arrays.append((f"{order}{name}", (base * 5 - (40 if name[0] in "fi" else 0)).astype(order + name)))
arrays += [
    ("bool", base % 3 == 0),
    ("column-major", np.asfortranarray(base.astype("<f4"))),
    ("column-major, big-endian", np.asfortranarray(base.astype(">i4"))),
    ("one axis", np.arange(5, dtype="<i8")),
    ("huge integers", np.array([[-(2**63)], [2**63 - 1]], dtype="<i8")),
    ("texts", np.array([["Müller", "日本"], ["a\nb", ""]])),
    ("texts, big-endian", np.array([["Müller", "x"]]).astype(">U6")),
    ("bytes", np.array([[b"ab", b"c"]])),
]
entries = [{"name": name, "file": saved(array), "shape": list(array.shape), "rows": [plain(row if row.ndim else row.reshape(1)) for row in array]} for name, array in arrays]
refused = [
    {"name": "objects", "file": saved(np.array([{"a": 1}, None]), allow_pickle=True)},
    {"name": "structured", "file": saved(np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))},
    {"name": "single value", "file": saved(np.float32(3))},
    {"name": "complex", "file": saved(np.zeros((2, 2), dtype="c8"))},
]


def zipped(save):
    file = io.BytesIO()
    save(file, inputs=base.astype("<f4"), labels=np.array([0, 1, 1, 0]))
    return base64.b64encode(file.getvalue()).decode()


(here / "arrays.json").write_text(json.dumps({"numpy": np.__version__, "arrays": entries, "refused": refused, "npz": {"stored": zipped(np.savez), "deflated": zipped(np.savez_compressed)}}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
