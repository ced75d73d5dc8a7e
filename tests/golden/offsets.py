#!/usr/bin/python3
"""Means, variances and what follows from them by NumPy and scikit-learn, of numbers close to 0 and far from it, as
offsets.json beside this script. All numbers are multiples of a power of two, so that float32 holds them exactly."""

import json
import pathlib

import numpy as np
from sklearn import metrics

HERE = pathlib.Path(__file__).parent
OFFSETS = {0: 1 / 16, 10 ** 6: 1 / 16, 10 ** 9: 64}  # and the unit: float32's step there


def numbers(array):
    return [None if np.isnan(v) else float(v) for v in np.ravel(array)]


def regression(draw, offset, unit):
    t = offset + unit * draw.integers(-50, 50, 60)
    s = t + unit * draw.integers(-9, 10, 60)
    return {"targets": numbers(t), "scores": numbers(s), "r2": float(metrics.r2_score(t, s)),
            "mae": float(metrics.mean_absolute_error(t, s))}


def column(draw, offset, unit):
    """A column of a table with gaps, filled with the mean and standardised."""
    values = offset + draw.integers(-2000, 2000, 80) / 1000  # as they are written, in double
    values[::7] = np.nan
    filled = np.where(np.isnan(values), np.nanmean(values), values)
    return {"values": numbers(values), "mean": float(filled.mean()), "deviation": float(filled.std())}


def normalised(draw, offset, unit):
    """A batch of which one value is constant: its variance is 0, and so is what comes out."""
    x = offset + unit * draw.integers(-500, 500, (300, 3))
    x[:, 1] = np.float32(offset + 1234567)
    over_rows = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    y = x[:40].copy()
    y[:, 1] = x[:40, 0] + 200 * unit  # an example's own values are to differ
    over_values = (y - y.mean(axis=1, keepdims=True)) / np.sqrt(y.var(axis=1, keepdims=True) + 1e-5)
    assert np.all(x == x.astype(np.float32)) and np.all(y == y.astype(np.float32))
    return {"size": 3, "step": float(np.spacing(np.float32(np.abs(x).max()))),
            "batch_norm": {"x": numbers(x), "y": numbers(over_rows), "least_deviation": float(x[:, [0, 2]].std(axis=0).min()),
                           "mean": numbers(x.mean(axis=0)), "variance": numbers(x.var(axis=0, ddof=1))},
            "layer_norm": {"x": numbers(y), "y": numbers(over_values), "least_deviation": float(y.std(axis=1).min())}}


def repeats(draw, offset, unit):
    """What two settings of a sweep came to with the same seeds: their deviations and that of the differences."""
    a = offset + draw.integers(-2000, 2000, 4) / 1000
    noise = draw.integers(-100, 100, 4) / 1000
    b = a + noise - noise.mean() + (0.01 if offset == 10 ** 6 else 0.25)
    difference = b - a
    return {"values": numbers([a, b]), "means": [float(a.mean()), float(b.mean())],
            "deviations": [float(a.std(ddof=1)), float(b.std(ddof=1))],
            "tied": bool(abs(difference.mean()) <= 2 * difference.std(ddof=1) / 2)}


def main():
    draw = np.random.default_rng(21)
    golden = {name: [make(draw, offset, unit) for offset, unit in OFFSETS.items()]
              for name, make in {"regressions": regression, "columns": column, "norms": normalised, "repeats": repeats}.items()}
    near = np.array([8000000.5, 8000001.5])
    golden["regressions"].append({"targets": numbers(near), "scores": numbers([8000001, 8000001]),
                                  "r2": float(metrics.r2_score(near, [8000001, 8000001])), "mae": 0.5})
    (HERE / "offsets.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
