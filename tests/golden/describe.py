"""Figures of the tables that ship, from pandas, SciPy and scikit-learn, into describe.json: run it with these installed.
How strongly a column predicts the target: see src/data/association.h."""

import json
import pathlib

import numpy as np
import pandas
from scipy import stats
from sklearn.metrics import mutual_info_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

HERE = pathlib.Path(__file__).parent
TABLES = {"iris": "species", "diabetes": "progression", "regions": "season", "breast_cancer": "diagnosis"}
MORE = {"words": "value", "gaps": "kind"}  # made here: words that predict numbers, and missing values as a value of their own


def make():
    draw = np.random.default_rng(3)
    place = draw.choice(["north", "south", "east", "west"], 120)
    value = np.select([place == "north", place == "south"], [3.0, 5.0], 4.0) + draw.normal(size=120)
    many = [f"w{i}" for i in draw.integers(0, 40, 120)]
    yield "words", pandas.DataFrame({"place": place, "many": many, "bent": np.round(np.exp(value + draw.normal(size=120) / 3), 3),
                                     "value": np.round(value, 3)})
    kind = draw.choice(["a", "b", "c"], 150, p=[.5, .3, .2])
    gap = np.round(draw.normal(size=150), 2).astype(object)
    gap[(kind == "a") & (draw.random(150) < .5)] = np.nan
    yield "gaps", pandas.DataFrame({"gap": gap, "few": draw.integers(0, 4, 150), "ids": [f"n{i}" for i in range(150)],
                                    "hint": [k + draw.choice(list("xyz")) if draw.random() < .7 else "?q" for k in kind], "kind": kind})


def information(x, y):
    keep = y.notna()
    if pandas.api.types.is_numeric_dtype(x) and x.nunique() > 10:
        ranks = x.dropna()
        middle = (stats.rankdata(ranks, "min") - 1 + stats.rankdata(ranks, "max")) // 2
        bins = pandas.Series(10.0, x.index)  # missing
        bins[ranks.index] = middle * 10 // len(ranks)
    else:
        bins = pandas.Series(pandas.factorize(x, use_na_sentinel=False)[0], x.index)
    bins, y = bins[keep], y[keep]
    chance = (bins.nunique() - 1) * (y.nunique() - 1) / 2 / len(y)
    if not pandas.api.types.is_numeric_dtype(x):
        chance = expected_mutual_information(contingency_matrix(y, bins, sparse=True).astype(np.int64), len(y))
    entropy = stats.entropy(y.value_counts()) - chance
    return min(1.0, max(0.0, (mutual_info_score(bins, y) - chance) / entropy)) if entropy > 1e-9 else 0.0


def correlation(x, y):
    keep = x.notna() & y.notna()
    x, y = x[keep], y[keep]
    if pandas.api.types.is_numeric_dtype(x):
        return max(abs(stats.pearsonr(x, y)[0]), abs(stats.spearmanr(x, y)[0]))
    groups = [g for _, g in y.groupby(x)]
    n, k = len(y), len(groups)
    f = stats.f_oneway(*groups)[0]
    return float(np.sqrt(max(0.0, (f - 1) * (k - 1) / (f * (k - 1) + n - k))))  # epsilon of the F of an analysis of variance


def describe(table, target):
    y = table[target]
    classify = not pandas.api.types.is_numeric_dtype(y) or y.nunique() <= 20
    columns = {}
    for name in table:
        x = table[name]
        column = {"missing": int(x.isna().sum()), "different": int(x.nunique())}
        if pandas.api.types.is_numeric_dtype(x):
            column |= {"smallest": float(x.min()), "largest": float(x.max()), "mean": float(x.mean()), "deviation": float(x.std(ddof=0))}
        if name != target:
            column["strength"] = float((information if classify else correlation)(x, y))
        columns[name] = column
    return {"target": target, "rows": len(table), "columns": columns}


def main():
    golden = {}
    for name, target in TABLES.items():
        golden[name] = describe(pandas.read_csv(HERE.parent.parent / f"data/{name}.csv", na_values=["?"]), target)
    for name, table in make():
        text = table.to_csv(index=False)
        (HERE / f"describe_{name}.csv").write_text(text)
        golden[name] = describe(pandas.read_csv(HERE / f"describe_{name}.csv"), MORE[name])
    (HERE / "describe.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
