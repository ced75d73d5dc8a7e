#!/usr/bin/env python3
"""Groups of rows as scikit-learn's GroupKFold and StratifiedGroupKFold share them out, as splits.json beside this
script. Needs scikit-learn 1.9.1."""

import json
import pathlib

import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

HERE = pathlib.Path(__file__).parent


def spread(counts):
    """How far folds [folds, classes] are from equal shares: the sum of ((found - wanted) / all)² over classes."""
    counts = np.asarray(counts, float)
    return float((((counts - counts.mean(axis=0)) / counts.sum(axis=0)) ** 2).sum())


def case(name, rows, groups, classes, folds, uneven, seed):
    draw = np.random.default_rng(seed)
    weight = draw.lognormal(0, uneven, groups)
    of = draw.choice(groups, rows, p=weight / weight.sum())
    of = np.unique(of, return_inverse=True)[1]
    own = draw.dirichlet([0.5] * classes, of.max() + 1)  # a group has mostly rows of one class or two
    labels = np.array([draw.choice(classes, p=own[g]) for g in of])
    plain = [len(held) for _, held in GroupKFold(folds).split(of, groups=of)]
    best = min(spread([np.bincount(labels[held], minlength=classes) for _, held in
                       StratifiedGroupKFold(folds, shuffle=True, random_state=s).split(of, labels, of)]) for s in range(5))
    return {"name": name, "folds": folds, "classes": classes, "groups": of.tolist(), "labels": labels.tolist(),
            "sizes": sorted(plain), "spread": best}


def main():
    cases = [case("alike", 300, 40, 2, 5, 0, 1), case("uneven", 400, 30, 3, 4, 1, 2), case("one large", 200, 12, 2, 3, 2, 3),
             case("as many folds as groups", 60, 6, 2, 6, 0.5, 4), case("many classes", 400, 60, 8, 5, 0.7, 5)]
    (HERE / "splits.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
