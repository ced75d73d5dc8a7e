#!/usr/bin/env python3
"""Writes parzen.h: log densities of Parzen estimators by SciPy, in an environment with scipy and numpy."""

import pathlib

import numpy as np
from scipy.special import logsumexp
from scipy.stats import truncnorm

# a uniform parameter, one of whole numbers 1..4, a logarithmic one, one of whole numbers 1..8 in the logarithm, 3 words
LOW, HIGH = (-5, 1, 1e-3, 1, 0), (10, 4, 1, 8, 2)
MEMBERS = [(-4.5, 1, 0.5, 8, 0), (9.9, 4, 0.002, 1, 2), (2, 3, 0.03, 2, 2), (2.5, 3, 0.9, 2, 1)]
POINTS = [(-4, 2, 0.4, 7, 0), (2, 3, 0.03, 2, 2), (9, 4, 0.001, 1, 1), (0, 1, 1, 5, 0), (10, 2, 0.01, 8, 2)]


def cell(k, x):
    """The uniform draws that lead to the number."""
    if k == 1:
        return (x - 1) / 4, x / 4
    if k == 3:
        return np.log(x) / np.log(9), np.log(x + 1) / np.log(9)
    u = (x - LOW[k]) / (HIGH[k] - LOW[k]) if k == 0 else np.log(x / LOW[k]) / np.log(HIGH[k] / LOW[k])
    return u, u


def kernel(k, own, x, sigma, n):
    if k == 4:
        weights = np.full(3, 1 / (n + 1))
        weights[own] += 1
        return np.log(weights[x] / weights.sum())
    mean = np.mean(cell(k, own))
    normal = truncnorm(-mean / sigma, (1 - mean) / sigma, mean, sigma)
    low, high = cell(k, x)
    return np.log(normal.cdf(high) - normal.cdf(low)) if high > low else normal.logpdf(low)


def even(k, x):
    low, high = cell(k, x) if k < 4 else (0, 1 / 3)
    return np.log(high - low) if high > low else 0.0


def density(members, x):
    n, d = len(members), len(x)
    sigma = max(0.4 / min(100, n + 2), 0.07 * max(n, 1) ** (-1 / (d + 4)))
    terms = [sum(even(k, x[k]) for k in range(d))]
    terms += [sum(kernel(k, own[k], x[k], sigma, n) for k in range(d)) for own in members]
    return logsumexp(terms) - np.log(n + 1)


def rows(points):
    return ",\n".join("    {" + ", ".join(repr(float(v)) for v in p) + "}" for p in points)


def main():
    text = ("/* Written by parzen.py: SciPy's densities. Each row of parzen_log is a point's with the first 0, 1, … members. */\n"
            "/* clang-format off */\n"
            f"static const double parzen_members[{len(MEMBERS)}][5] = {{\n{rows(MEMBERS)}}};\n"
            f"static const double parzen_points[{len(POINTS)}][5] = {{\n{rows(POINTS)}}};\n"
            f"static const double parzen_log[{len(POINTS)}][{len(MEMBERS) + 1}] = {{\n"
            + rows([[density(MEMBERS[:n], p) for n in range(len(MEMBERS) + 1)] for p in POINTS]) + "};\n")
    pathlib.Path(__file__).with_name("parzen.h").write_text(text)


main()
