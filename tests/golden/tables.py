#!/usr/bin/python3
"""A messy table as scikit-learn's encoder, imputer and scaler make it numbers, as tables.json beside this script."""

import io
import json
import pathlib
import warnings

import numpy as np
import pandas
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")

TEXT = "\ufeff" + "\r\n".join([
    "class;age; job ;code;\"city; or town\";paid",
    "yes;39;clerk;7;\"Paris; 8e\";1.5",
    "no;?;clerk;12;Rome;NA",
    "no;50; \"sales \"\"A\"\"\" ;7;Rome;12",
    "yes;28;;9;Oslo;-3",
    "no;33;clerk;;Rome;4e1",
    "yes;n/a;farmer;12;?;0.5",
    "no;61;farmer;9;Oslo;NULL",
    "yes;45;clerk;7;Rome;6",
]) + "\r\n"
NEW = "\n".join(["city; or town,code,age,job,paid", "Rome,7,30,clerk,1", "?,12,,pilot,2"]) + "\n"  # pilot: not seen before
NUMBERS = ["age", "paid"]
ORDER = ["age", "job", "code", "city; or town", "paid"]


def read(text, separator):
    table = pandas.read_csv(io.StringIO(text.lstrip("\ufeff")), sep=separator, skipinitialspace=True, dtype=str,
                            na_values=["?", "", "NA", "n/a", "NULL"], keep_default_na=False)
    table.columns = [c.strip() for c in table.columns]
    table = table.apply(lambda c: c.str.strip())
    table[NUMBERS] = table[NUMBERS].astype(float)
    return table


def encode(train, rows, indicator):
    """Columns of features in the order of the table, before scaling."""
    parts = []
    for name in ORDER:
        missing = rows[[name]].isna()
        if name in NUMBERS:
            parts.append(SimpleImputer(strategy="mean").fit(train[[name]]).transform(rows[[name]]))
        else:
            words = sorted(train[name].dropna().unique(), key=(float if name == "code" else str))
            encoder = OneHotEncoder(categories=[words], handle_unknown="ignore", sparse_output=False)
            seen = train[[name]].dropna()
            encoder.fit(seen)
            missing = missing | ~rows[[name]].isin(words)
            hot = encoder.transform(rows[[name]].where(~missing, words[0]))
            # a missing word: nothing with an indicator, else the mean of each feature
            mean = np.zeros(len(words)) if indicator and train[name].isna().any() else encoder.transform(seen).mean(axis=0)
            parts.append(np.where(missing.to_numpy(), mean, hot))
        if indicator and train[name].isna().any():
            parts.append(missing.to_numpy(float))
    return np.hstack(parts)


def main():
    train, new = read(TEXT, ";"), read(NEW, ",")
    golden = {"text": TEXT, "new": NEW, "cases": []}
    for missing in ("mean", "indicator", "drop"):
        kept = train.dropna() if missing == "drop" else train
        rows = kept if missing == "drop" else new
        x = encode(kept, kept, missing == "indicator")
        scaler = StandardScaler().fit(x)
        golden["cases"].append({"missing": missing, "rows": len(kept), "train": scaler.transform(x).tolist(),
                                "new": scaler.transform(encode(kept, rows, missing == "indicator")).tolist(),
                                "labels": [int(c == "yes") for c in kept["class"]]})
    (HERE / "tables.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
