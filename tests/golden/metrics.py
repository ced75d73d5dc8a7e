#!/usr/bin/python3
"""Metrics by scikit-learn and SciPy on random scores, as metrics.json beside this script."""

import json
import pathlib
import warnings

import numpy as np
from scipy.special import expit, softmax
from sklearn import metrics as m

HERE = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")  # a class that is never predicted has a precision of 0


def numbers(array):
    return [float(v) for v in np.ravel(array)]


def agreement(labels, predicted, weights=None):
    return {name: float(of(labels, predicted, sample_weight=weights)) for name, of in (
        ("balanced_accuracy", m.balanced_accuracy_score), ("matthews", m.matthews_corrcoef), ("cohen_kappa", m.cohen_kappa_score))}


def probabilities(labels, p, weights=None):
    classes = p.shape[1]
    brier = m.brier_score_loss(labels, p[:, 1], sample_weight=weights) if classes == 2 else m.brier_score_loss(
        labels, p, labels=range(classes), sample_weight=weights)
    return {"brier": float(brier), "calibration_error": calibration_error(labels, p, weights)}


def calibration_error(labels, p, weights=None, bins=15):
    """Guo et al., ICML 2017; scikit-learn has none."""
    confidence, right, total = p.max(axis=1), p.argmax(axis=1) == labels, 0
    w = np.ones(len(p)) if weights is None else weights
    for k in range(bins):
        within = (confidence > k / bins) & (confidence <= (k + 1) / bins)
        total += abs((w * (right - confidence))[within].sum()) / w.sum()
    return float(total)


def draw_weights(rows):
    """Of a quarter of the rows 0."""
    return np.random.default_rng(rows).choice([0, 0.5, 1.25, 3], rows)


def classified(draw, rows, classes, spread, present=None, weighted=False):
    weights = draw_weights(rows) if weighted else None
    w = {"sample_weight": weights}
    labels = draw.integers(0, present or classes, rows)
    scores = np.round(draw.standard_normal((rows, classes)) * 4) / 4  # exact in float32, with ties
    scores[np.arange(rows), labels] += spread
    if classes == 5:
        scores[:, 4] = -9  # never predicted
    predicted = scores.argmax(axis=1)
    precision, recall, f1, support = m.precision_recall_fscore_support(labels, predicted, labels=range(classes), zero_division=0, **w)
    case = {"classes": classes, "scores": numbers(scores), "labels": numbers(labels),
            "confusion": numbers(m.confusion_matrix(labels, predicted, labels=range(classes), **w)),
            "precision": numbers(precision), "recall": numbers(recall), "f1": numbers(f1), "examples": numbers(support),
            "mean": numbers(mean(labels, predicted, weights)),
            "log_loss": float(m.log_loss(labels, softmax(scores, axis=1), labels=range(classes), **w))}
    case |= agreement(labels, predicted, weights) | probabilities(labels, softmax(scores, axis=1), weights)
    if weighted:
        case["weights"] = numbers(weights)
    if classes == 2:
        case["auc"] = float(m.roc_auc_score(labels, scores[:, 1] - scores[:, 0], **w))
        case["average_precision"] = float(m.average_precision_score(labels, scores[:, 1] - scores[:, 0], **w))
        case["average_precision_first"] = float(m.average_precision_score(1 - labels, scores[:, 0] - scores[:, 1], **w))
    else:
        # without ties, which scikit-learn breaks by its own order
        apart = scores + np.arange(classes) * 2.0 ** -12
        case["apart"] = numbers(apart)
        case["top"] = [float(m.top_k_accuracy_score(labels, apart, k=k, labels=range(classes), **w)) for k in range(1, classes)]
    return case


def mean(labels, predicted, weights):
    """Over the classes that some row, of those that count, is of or was taken for."""
    counts = slice(None) if weights is None else weights > 0
    return m.precision_recall_fscore_support(labels[counts], predicted[counts], average="macro", zero_division=0,
                                             sample_weight=None if weights is None else weights[counts])[:3]


def two(score):
    return np.stack([expit(-score), expit(score)], axis=1)


def million():
    """Scores with ties, and classes that they say something of, by formulas that test_report.c has too."""
    i = np.arange(1000000, dtype=np.uint64)
    score = (i * np.uint64(2654435761) % np.uint64(2 ** 32) >> np.uint64(12)) / 2 ** 20
    yes = i * np.uint64(2246822519) % np.uint64(2 ** 32) / 2 ** 32 < score
    score -= 0.5
    return {"positives": int(yes.sum()), "roc_auc": float(m.roc_auc_score(yes, score)),
            "average_precision": float(m.average_precision_score(yes, score)),
            "average_precision_first": float(m.average_precision_score(~yes, -score)),
            "log_loss": float(m.log_loss(yes, expit(score))), **agreement(yes, score > 0), **probabilities(yes, two(score))}


def chosen(draw, rows, spread, weighted=False):
    """Thresholds on probabilities with ties, each the highest of those that are equally good."""
    yes = draw.random(rows) < 0.3
    p = np.clip(np.round((draw.random(rows) * (1 - spread) + spread * yes) * 64) / 64, 0, 1)
    weights = draw_weights(rows) if weighted else np.ones(rows)
    w = {"sample_weight": weights}
    precision, recall, thresholds = m.precision_recall_curve(yes, p, **w)
    precision, recall = precision[:-1], recall[:-1]
    f1 = np.array([m.f1_score(yes, p >= t, **w) for t in thresholds])
    best = {"f1": thresholds[f1 >= f1.max() - 1e-12].max()}
    for share in (0.5, 0.9, 1):
        best[f"recall={share:g}"] = thresholds[recall >= share - 1e-12].max()
    for share in (0.3, 0.5, 0.6):
        precise = precision >= share - 1e-12
        best[f"precision={share:g}"] = thresholds[precise & (recall >= recall[precise].max() - 1e-12)].max()
    for fp, fn in ((1, 1), (1, 5), (20, 1), (0.5, 0)):
        tried = [*thresholds, 1] if p.max() < 1 else thresholds
        costs = np.array([fp * weights[~yes & (p >= t)].sum() + fn * weights[yes & (p < t)].sum() for t in tried])
        best[f"cost={fp:g}:{fn:g}"] = np.max(np.array(tried)[costs == costs.min()])
    return {**({"weights": numbers(weights)} if weighted else {}), "probabilities": numbers(p), "labels": numbers(yes), "rules": {rule: float(t) for rule, t in best.items()},
            "f1": {rule: float(m.f1_score(yes, p >= t, zero_division=0, **w)) for rule, t in best.items()}}


def labelled(draw, rows, labels):
    yes = draw.integers(0, 2, (rows, labels))
    scores = np.round(draw.standard_normal((rows, labels)) * 4) / 4 + 0.125 + yes / 2  # never 0
    precision, recall, _, _ = m.precision_recall_fscore_support(yes, scores > 0, zero_division=0)
    return {"scores": numbers(scores), "labels": numbers(yes), "precision": numbers(precision), "recall": numbers(recall),
            "auc": numbers(m.roc_auc_score(yes, scores, average=None)),
            "average_precision": numbers(m.average_precision_score(yes, scores, average=None)),
            "average_precision_first": numbers(m.average_precision_score(1 - yes, -scores, average=None)),
            **{key: [c[key] for c in (agreement(yes[:, j], scores[:, j] > 0) | probabilities(yes[:, j], two(scores[:, j]))
                                      for j in range(labels))]
               for key in ("balanced_accuracy", "matthews", "cohen_kappa", "brier", "calibration_error")},
            "log_loss": [float(m.log_loss(yes[:, j], expit(scores[:, j]))) for j in range(labels)]}


def main():
    draw = np.random.default_rng(8)
    t = np.round(draw.standard_normal((30, 2)) * 8) / 8
    s = t + np.round(draw.standard_normal((30, 2)) * 4) / 8
    total = ((t - t.mean(axis=0)) ** 2).sum()
    regression = {"scores": numbers(s), "targets": numbers(t), "mae": float(m.mean_absolute_error(t, s)),
                  "r2_of_the_first": float(m.r2_score(t[:, 0], s[:, 0])), "r2": float(1 - ((s - t) ** 2).sum() / total)}
    w = draw_weights(30)[:, None]
    total = (w * (t - (w * t).sum(axis=0) / w.sum()) ** 2).sum()
    weighted = {"scores": numbers(s), "targets": numbers(t), "weights": numbers(w),
                "mae": float(m.mean_absolute_error(t, s, sample_weight=w[:, 0])), "r2": float(1 - (w * (s - t) ** 2).sum() / total)}
    rest = np.random.default_rng(9)
    golden = {"classified": [classified(draw, 40, 2, 0.5), classified(draw, 60, 5, 1), classified(draw, 25, 3, 0.25),
                             classified(rest, 30, 5, 1, present=4),
                             classified(rest, 44, 2, 0.5, weighted=True), classified(rest, 63, 5, 1, weighted=True)],  # one class is neither there nor predicted
              "labelled": labelled(draw, 40, 3), "regression": regression, "regression_weighted": weighted,
              "million": million(),
              "chosen": [chosen(np.random.default_rng(seed), 90, spread) for seed, spread in ((1, 0.1), (2, 0.4), (3, 0.7))] +
                        [chosen(np.random.default_rng(4), 90, 0.3, weighted=True)]}
    (HERE / "metrics.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
