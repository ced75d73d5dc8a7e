#!/usr/bin/python3
"""Golden values for golden.h: losses and their gradients by SciPy in float64, and Philox4x32-10."""

import pathlib

import numpy as np
from scipy.special import expit, huber, log_expit, logsumexp, softmax, xlogy

HERE = pathlib.Path(__file__).parent


def philox(counter, key):
    """Salmon et al., SC 2011, section 5.3, with Python's integers."""
    counter, key = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(b >> 32) ^ counter[1] ^ key[0], b & 0xFFFFFFFF, (a >> 32) ^ counter[3] ^ key[1], a & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter


# of the classes, in the cases called "weighted"
WEIGHTS = np.array([0.5, 2.0, 1.0, 0.0, 3.25])

# published with the Random123 library (kat_vectors)
PUBLISHED = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
     [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]),
]
MORE = [([1, 2, 3, 4], [5, 6]), ([0, 0, 0, 1], [1, 0]), ([7, 0, 12345, 2], [42, 0]), ([0, 1, 0, 3], [0, 9])]


def softmax_loss(s, y, smoothing):
    target = (1 - smoothing) * np.eye(s.shape[1])[y] + smoothing / s.shape[1]
    return (logsumexp(s, axis=1) - (target * s).sum(axis=1)).mean(), (softmax(s, axis=1) - target) / len(s)


def logistic_loss(s, t, smoothing):
    t = (1 - smoothing) * t + smoothing / 2
    return -(t * log_expit(s) + (1 - t) * log_expit(-s)).sum() / len(s), (expit(s) - t) / len(s)


def svm_loss(s, y, margin):
    rows = np.arange(len(s))
    total, gradient = 0.0, np.zeros_like(s)
    for i in rows:  # by the definition, term by term
        for j in range(s.shape[1]):
            if j != y[i] and s[i, j] - s[i, y[i]] + margin > 0:
                total += s[i, j] - s[i, y[i]] + margin
                gradient[i, j] += 1
                gradient[i, y[i]] -= 1
    return total / len(s), gradient / len(s)


def l2_loss(s, t):
    return np.linalg.norm(s - t) ** 2 / len(s), 2 * (s - t) / len(s)


def poisson_loss(s, t):
    e = np.exp(s)  # the formula of scikit-learn's MLPRegressor
    return (xlogy(t, t / e) - t + e).sum() / len(s), (e - t) / len(s)


def cases():
    draw = np.random.default_rng(0)
    grid = lambda *shape: np.round(draw.standard_normal(shape) * 4) / 4  # exact in float32
    classified = [
        ("course", np.array([[3.25, 5.0, -1.75], [1.25, 5.0, 2.0], [2.25, 2.5, -3.0]]), [0, 1, 2]),
        ("random", grid(6, 5), [0, 1, 2, 3, 4, 0]),
        ("equal", np.full((2, 4), 2.5), [3, 0]),
        ("large", np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0]]), [0, 2]),
        ("one row", np.array([[0.5, -0.5]]), [1]),
    ]
    for name, s, y in classified:
        for smoothing in (0.0, 0.125):
            yield ("softmax", f"{name} {smoothing}", s, y, None, smoothing, *softmax_loss(s, np.array(y), smoothing))
        for margin in (1.0, 0.5):
            yield ("svm", f"{name} {margin}", s, y, None, margin, *svm_loss(s, np.array(y), margin))
    name, s, y = classified[1]
    for kind, loss in (("softmax", lambda row, label: softmax_loss(row, label, 0.125)),
                       ("svm", lambda row, label: svm_loss(row, label, 0.125))):
        rows = [loss(s[i:i + 1], np.array(y[i:i + 1])) for i in range(len(s))]
        w = WEIGHTS[np.array(y)]
        yield (kind, "weighted", s, y, None, 0.125, sum(w * [r[0] for r in rows]) / len(s),
               w[:, None] * np.concatenate([r[1] for r in rows]) / len(s))
    for name, s in (("labels", grid(5, 3)), ("large", np.array([[1e3, -1e3], [-40.0, 0.0]]))):
        for smoothing in (0.0, 0.125):
            t = draw.integers(0, 2, s.shape).astype(float)
            yield ("logistic", f"{name} {smoothing}", s, None, t, smoothing, *logistic_loss(s, t, smoothing))
    s = grid(4, 1)
    yield ("logistic", "two classes", s, [0, 1, 1, 0], None, 0.0, *logistic_loss(s, np.array([[0, 1, 1, 0]]).T, 0.0))
    for name, s, t in (("random", grid(4, 3), grid(4, 3)), ("exact", grid(2, 2), None), ("one", grid(1, 1), grid(1, 1))):
        t = s.copy() if t is None else t
        yield ("l2", name, s, None, t, 1.0, *l2_loss(s, t))
        yield ("l2", name + " half", s, None, t, 0.5, *(part / 2 for part in l2_loss(s, t)))
        yield ("l1", name, s, None, t, 1.0, np.linalg.norm((s - t).ravel(), 1) / len(s), np.sign(s - t) / len(s))
        for delta in (1.0, 0.25):
            # the derivative of SciPy's huber, by its definition
            yield ("huber", f"{name} {delta}", s, None, t, delta, huber(delta, s - t).sum() / len(s),
                   np.where(abs(s - t) <= delta, s - t, delta * np.sign(s - t)) / len(s))
    for name, s in (("counts", grid(5, 3)), ("small", grid(4, 1) - 20), ("one", grid(1, 1))):
        t = draw.integers(0, 4, s.shape).astype(float)
        yield ("poisson", name, s, None, t, 1.0, *poisson_loss(s, t))


def numbers(values):
    return "{" + ", ".join(f"{v:.17g}" for v in np.ravel(values)) + "}"


def words(values):
    return "{" + ", ".join(f"0x{v:08X}u" for v in values) + "}"


def main():
    out = ["/* Made by losses.py. */", "#ifndef CHAINRULE_TESTS_GOLDEN_H", "#define CHAINRULE_TESTS_GOLDEN_H", "",
           "#include <stddef.h>", "#include <stdint.h>", "", "/* clang-format off */",
           "typedef struct golden_philox_vector {", "    uint32_t counter[4], key[2], output[4];",
           "} golden_philox_vector;", "", "static const golden_philox_vector golden_philox[] = {"]
    for counter, key, expected in PUBLISHED:
        assert philox(counter, key) == expected
    for counter, key in [v[:2] for v in PUBLISHED] + MORE:
        out.append(f"    {{{words(counter)}, {words(key)}, {words(philox(counter, key))}}},")
    out += ["};", "", "/* loss: the mean over the rows; gradient: of that, with respect to the scores */",
            "typedef struct golden_loss {", "    const char *type, *name;", "    size_t rows, columns;",
            "    const double *scores;  /* [rows, columns] */", "    const int32_t *labels; /* [rows], or NULL */",
            "    const double *targets; /* [rows, columns], or NULL */", "    double option, loss; /* of the loss's option, if it has one */",
            "    const double *gradient; /* [rows, columns] */", "} golden_loss;", "",
            f"static const double golden_weights[] = {numbers(WEIGHTS)};", "",
            "static const golden_loss golden_losses[] = {"]
    for kind, name, s, y, t, option, loss, gradient in cases():
        labels = "(const int32_t[]){" + ", ".join(map(str, y)) + "}" if y is not None else "NULL"
        targets = f"(const double[]){numbers(t)}" if t is not None else "NULL"
        out += [f'    {{"{kind}", "{name}", {s.shape[0]}, {s.shape[1]},', f"     (const double[]){numbers(s)},",
                f"     {labels}, {targets},", f"     {option:.17g}, {loss:.17g},",
                f"     (const double[]){numbers(gradient)}}},"]
    out += ["};", "/* clang-format on */", "", "#endif"]
    (HERE / "golden.h").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
