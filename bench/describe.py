#!/usr/bin/python3
"""How well the configs of `chainrule describe` train: their accuracy (R² for numbers) on a quarter of the rows that was
held back, against scikit-learn's models in their default form, on the same rows, mean and deviation over some seeds.
Needs numpy, pandas and scikit-learn. Tables: FILE:TARGET (a name, or a number where there is no header)."""

import argparse
import json
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np
import pandas
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/chainrule"
MODELS = {True: {"linear": lambda s: LogisticRegression(max_iter=2000), "boosting": lambda s: HistGradientBoostingClassifier(random_state=s),
                 "network": lambda s: MLPClassifier(random_state=s, max_iter=300)},
          False: {"linear": lambda s: RidgeCV(np.logspace(-2, 3, 11)), "boosting": lambda s: HistGradientBoostingRegressor(random_state=s),
                  "network": lambda s: MLPRegressor(random_state=s, max_iter=500)}}


def read(path):
    names = ["?", "NA", ""]
    kinds = pandas.read_csv(path, skipinitialspace=True, na_values=names, header=None, nrows=3)
    header = all(pandas.to_numeric(kinds.iloc[0], errors="coerce").isna())
    return pandas.read_csv(path, skipinitialspace=True, na_values=names, header="infer" if header else None)


def ours(folder, train, test, target, classify, overrides):
    for name, table in (("train", train), ("test", test)):
        table.to_csv(folder / f"{name}.csv", index=False, header=not isinstance(target, int), na_rep="")
    run = lambda *a: subprocess.run([PROGRAM, *map(str, a)], cwd=folder, capture_output=True, text=True, check=True).stdout
    run("describe", "train.csv", "--target", target, "-o", "table.json")
    subprocess.run(["rm", "-rf", folder / "run"], check=True)
    run("train", "table.json", "-q", "-o", "run", *overrides)
    answer = json.loads(run("eval", "run", "--on", "test.csv", "--json"))
    figures = next(v for v in answer.values() if isinstance(v, dict) and "loss" in v)
    if classify:
        return figures["accuracy"]
    return 1 - figures["rmse"] ** 2 / np.var(test[target].to_numpy())


def theirs(model, train, test, target, classify, scale):
    x, y = train.drop(columns=target), train[target]
    z = test.drop(columns=target)
    for t in (x, z):
        t.columns = [str(c) for c in t.columns]
    words = [c for c in x.columns if not pandas.api.types.is_numeric_dtype(x[c]) and x[c].nunique() <= 100]
    numbers = [c for c in x.columns if pandas.api.types.is_numeric_dtype(x[c])]
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        (make_pipeline(SimpleImputer(), *([StandardScaler()] if scale else [])), numbers))
    mean, deviation = (0, 1) if classify else (y.mean(), y.std())
    fitted = make_pipeline(prepare, model).fit(x, y if classify else (y - mean) / deviation)
    predicted = fitted.predict(z)
    return accuracy_score(test[target], predicted) if classify else r2_score(test[target], predicted * deviation + mean)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=8000, help="at most so many of a table")
    parser.add_argument("--only", choices=("ours", "theirs"))
    parser.add_argument("--set", action="append", default=[], help="an override for our training")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for entry in options.tables:
        path, target = entry.rsplit(":", 1)
        table = read(path)
        target = table.columns[int(target)] if target.lstrip("-").isdigit() else target
        target = int(target) if not isinstance(target, str) else target
        if "wdbc" in path:
            table = table.drop(columns=0)
            table.columns = range(table.shape[1])
            target = 0
        classify = not pandas.api.types.is_numeric_dtype(table[target]) or table[target].nunique() <= 20
        found = {}
        for seed in range(options.seeds):
            some = table.sample(min(len(table), options.rows), random_state=seed)
            train, test = train_test_split(some, test_size=0.25, random_state=seed, stratify=some[target] if classify else None)
            if options.only != "theirs":
                with tempfile.TemporaryDirectory() as name:
                    found.setdefault("describe", []).append(ours(pathlib.Path(name), train, test, target, classify, options.set))
            for name, make in MODELS[classify].items() if options.only != "ours" else ():
                found.setdefault(name, []).append(theirs(make(seed), train, test, target, classify, name != "boosting"))
        print(pathlib.Path(path).name, " ".join(f"{k} {np.mean(v):.4f} ± {np.std(v):.4f}" for k, v in found.items()), flush=True)


if __name__ == "__main__":
    main()
