#!/usr/bin/env python3
"""Earlier values within groups as pandas' groupby().shift() gives them, as lags.json beside this script. Needs pandas."""

import io
import json
import pathlib

import numpy as np
import pandas

HERE = pathlib.Path(__file__).parent
LAGS = [("load", 1, "site"), ("load", 2, "site"), ("load", 7, "site"), ("wind", 1, "site"), ("wind", 3, None)]


def main():
    draw = np.random.default_rng(1)
    rows = 40
    table = pandas.DataFrame({"wind": draw.integers(0, 90, rows) / 10,
                              "site": draw.choice(["a", "b", "c"], rows, p=[.6, .3, .1]),
                              "load": draw.integers(-50, 500, rows)})
    table.loc[[9, 20], "wind"] = np.nan
    text = table.to_csv(index=False)
    table = pandas.read_csv(io.StringIO(text))
    lagged = pandas.DataFrame({f"{name}_lag{step}": (table.groupby(group)[name] if group else table[name]).shift(step)
                               for name, step, group in LAGS})
    complete = table.notna().all(axis=1) & lagged.notna().all(axis=1)
    golden = {"text": text, "columns": list(table), "names": list(lagged),
              "lags": [{"column": name, "step": step, **({"group": group} if group else {})} for name, step, group in LAGS],
              "values": [[None if np.isnan(v) else v for v in row] for row in lagged.to_numpy().tolist()],
              "complete": np.flatnonzero(complete).tolist()}
    (HERE / "lags.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
