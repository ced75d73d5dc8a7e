#!/usr/bin/python3
"""Files of arrays by NumPy, as arrays.json and arrays.npz beside this script: of the first .npy files of every type of elements, both orders of bytes,
every version of the header and several shapes, and what they hold, row by row; the second has inputs and classes."""

import io
import json
import pathlib

import numpy as np
from numpy.lib import format as npy

HERE = pathlib.Path(__file__).parent
TEXTS = {"S": [b"", b"a", b"dog", b"frog", b"x y", b"123456"], "U": ["", "a", "dog", "Frösch", "二つ", "\U0001f600"]}


def elements(dtype):
    if dtype.kind in TEXTS:
        return TEXTS[dtype.kind]
    if dtype.kind == "b":
        return [True, False, True]
    if dtype.kind == "f":
        info = np.finfo(dtype)
        return [0, -0.0, 1, -1.5, 0.1, info.max, info.min, info.tiny, info.smallest_subnormal, -3 * info.smallest_subnormal,
                np.inf, -np.inf, np.nan]
    info = np.iinfo(dtype)
    return [0, 1, 100, info.max, info.min, info.max // 3]


def case(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version)
    flat = array.ravel().tolist()  # row by row, whatever the order in memory
    if array.dtype.kind == "S":
        flat = [text.decode() for text in flat]
    if array.dtype.kind not in TEXTS:
        flat = ["nan" if np.isnan(v) else repr(float(v)) for v in flat]
    return {"type": array.dtype.str, "npy": file.getvalue().hex(), "shape": array.shape, "values": flat}


def main():
    codes = [f"{order}{kind}{size}" for order in "<>" for kind in "uif" for size in (1, 2, 4, 8) if (kind, size) != ("f", 1)]
    cases = [case(np.array(elements(np.dtype(code)), code)) for code in (*codes, "?", "S6", "<U6", ">U6")]
    cases += [case(np.arange(6, dtype="<i2"), version) for version in ((1, 0), (2, 0), (3, 0))]
    for shape in ((6, 1), (2, 3), (2, 3, 4), (3, 1, 2, 2)):
        for code in ("<f4", "u1", "<U2"):
            array = np.arange(np.prod(shape)).astype(code).reshape(shape)
            cases += [case(array), case(np.asfortranarray(array))]
    np.savez_compressed(HERE / "arrays.npz", x=np.asfortranarray([[1, np.nan], [2, 5], [4, 3], [8, 1]], "<f4"), y=np.array(["a", "ö", "a", "ö"]))
    (HERE / "arrays.json").write_text(json.dumps(cases, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
