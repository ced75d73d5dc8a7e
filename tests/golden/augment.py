#!/usr/bin/env python3
"""Augmented images by NumPy and SciPy in float64, for given draws, as augment.json beside this script. Needs SciPy
1.17.1."""

import json
import math
import pathlib

import numpy as np
from scipy.ndimage import map_coordinates

from losses import philox

HERE = pathlib.Path(__file__).parent
SHAPE = (2, 7, 6)
AUGMENT = 7  # what draws are for


def words(seed, count):
    out = []
    while len(out) < count:
        out += philox([len(out) // 4, 0, 0, AUGMENT], [seed & 0xFFFFFFFF, seed >> 32])
    return np.array(out[:count], dtype=np.uint64)


def uniform(seed, count):
    w = words(seed, 2 * count)
    return ((w[1::2] << np.uint64(32) | w[::2]) >> np.uint64(11)).astype(float) / 2.0**53


def normal(seed, count):
    """Box and Muller's, of 24 bits a draw; 512 draws at a time, the radii's words before the angles'."""
    w = words(seed, -(-count // 512) * 512).reshape(-1, 2, 256) >> np.uint64(8)
    radius = np.sqrt(-2 * np.log((w[:, 0] + np.uint64(1)).astype(float) / 2**24))
    angle = 2 * np.pi * (w[:, 1].astype(float) / 2**24 - 0.5)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)[:count]


def whole(u, most):
    return math.floor(u * (2 * most + 1)) - most


def source(entry, u, y, x):
    """Where the pixels at y, x come from."""
    kind = entry["type"]
    middle_y, middle_x = (SHAPE[1] - 1) / 2, (SHAPE[2] - 1) / 2
    if kind == "crop":  # of the padded image, whose first pixel is at -padding
        return y + whole(u[0], entry["padding"]), x + whole(u[1], entry["padding"])
    if kind == "shift":
        most = [entry.get("pixels", round(entry.get("share", 0) * side)) for side in SHAPE[1:]]
        return y + whole(u[0], most[0]), x + whole(u[1], most[1])
    if kind == "flip":
        p = entry.get("probability", 0.5)
        y = SHAPE[1] - 1 - y if entry.get("vertical") and u[0] < p else y
        return y, SHAPE[2] - 1 - x if entry.get("horizontal", True) and u[1] < p else x
    if kind == "rotate":  # complex numbers: x to the right, y upward
        angle = math.radians((2 * u[0] - 1) * entry["degrees"])
        place = ((x - middle_x) - 1j * (y - middle_y)) * np.exp(-1j * angle)
        return middle_y - place.imag, middle_x + place.real
    low, high = entry["range"]
    factor = low + u[0] * (high - low)
    return middle_y + (y - middle_y) / factor, middle_x + (x - middle_x) / factor


def paint(entry, u, seed, x, limits):
    kind = entry["type"]
    if kind == "cutout":
        x = x.copy()
        for k in range(entry.get("count", 1)):
            middle = [int(v * side) for v, side in zip(uniform(seed, 2 * k + 2)[-2:], SHAPE[1:])]
            top, left = (m - entry["size"] // 2 for m in middle)
            x[:, max(top, 0):top + entry["size"], max(left, 0):left + entry["size"]] = 0
        return x
    if kind == "noise":
        return np.clip(x + entry["std"] * normal(seed, x.size).reshape(x.shape), *limits)
    low, high = entry["range"]
    factor = low + u[0] * (high - low)
    mean = x.mean(axis=(1, 2), keepdims=True) if kind == "contrast" else 0
    return np.clip(mean + factor * (x - mean), *limits)


def augmented(entries, draws, x, limits):
    while entries:
        moves = []
        while entries and entries[0]["type"] in ("crop", "shift", "flip", "rotate", "scale"):
            moves.append((entries[0], draws[0]["u"]))
            entries, draws = entries[1:], draws[1:]
        if moves:
            at = np.meshgrid(*(np.arange(n, dtype=float) for n in SHAPE[1:]), indexing="ij")
            for entry, u in reversed(moves):
                at = source(entry, u, *at)
            x = np.stack([map_coordinates(c, at, order=1, mode="grid-constant", cval=0) for c in x])
        if entries:
            x = paint(entries[0], draws[0]["u"], draws[0]["seed"], x, limits)
            entries, draws = entries[1:], draws[1:]
    return x


CASES = [
    [{"type": "crop", "padding": 2}],
    [{"type": "crop", "padding": 5}],
    [{"type": "shift", "pixels": 3}],
    [{"type": "shift", "share": 0.5}],
    [{"type": "flip"}],
    [{"type": "flip", "vertical": True, "probability": 1}],
    [{"type": "flip", "horizontal": False, "vertical": True}],
    [{"type": "flip", "probability": 1}, {"type": "shift", "pixels": 5}, {"type": "crop", "padding": 5},
     {"type": "shift", "pixels": 5}, {"type": "flip", "vertical": True, "probability": 1}],
    [{"type": "rotate", "degrees": 30}],
    [{"type": "rotate", "degrees": 180}],
    [{"type": "scale", "range": [0.5, 0.9]}],
    [{"type": "scale", "range": [1.1, 3]}],
    [{"type": "crop", "padding": 2}, {"type": "flip"}],
    [{"type": "flip"}, {"type": "shift", "pixels": 4}, {"type": "flip", "vertical": True}],
    [{"type": "rotate", "degrees": 20}, {"type": "scale", "range": [0.8, 1.2]}, {"type": "shift", "pixels": 2}],
    [{"type": "scale", "range": [0.8, 1.2]}, {"type": "shift", "pixels": 2}, {"type": "rotate", "degrees": 90}],
    [{"type": "cutout", "size": 3}],
    [{"type": "cutout", "size": 4, "count": 3}],
    [{"type": "noise", "std": 20}],
    [{"type": "brightness", "range": [0.2, 1.8]}],
    [{"type": "contrast", "range": [0, 3]}],
    [{"type": "crop", "padding": 1}, {"type": "noise", "std": 5}, {"type": "rotate", "degrees": 45},
     {"type": "brightness", "range": [0.9, 1.4]}, {"type": "cutout", "size": 2}, {"type": "flip"}],
]


def main():
    draw = np.random.default_rng(2)
    out = []
    for entries in CASES:
        for bytes_only in (True, False):
            limits = (0, 255) if bytes_only else (-np.inf, np.inf)
            draws = [{"u": (draw.integers(0, 2**32, 4) / 2**32).tolist(), "seed": int(draw.integers(0, 2**53))}
                     for _ in entries]
            x = draw.integers(0, 256, SHAPE).astype(float) - (0 if bytes_only else 100)
            out.append({"augment": entries, "bytes": bytes_only, "draws": draws, "x": x.ravel().tolist(),
                        "y": np.round(augmented(entries, draws, x, limits), 9).ravel().tolist()})
    x = np.arange(36.0).reshape(1, 6, 6)  # a quarter turn against the clock
    (HERE / "augment.json").write_text(json.dumps({"shape": SHAPE, "cases": out, "quarter": {
        "x": x.ravel().tolist(), "y": np.rot90(x, axes=(1, 2)).ravel().tolist()}}) + "\n")


if __name__ == "__main__":
    main()
