"""A pipeline of columns: numbers with gaps are scaled, words become inputs of 0 and 1. Needs pandas."""

import sys

import numpy as np
from chainrule import ChainruleClassifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

try:
    import pandas as pd
except ImportError:
    sys.exit(0)

draw = np.random.default_rng(0)
rows = 2000
table = pd.DataFrame({
    "age": draw.integers(18, 80, rows).astype(float),
    "hours": draw.normal(40, 8, rows),
    "job": draw.choice(["clerk", "cook", "nurse", "pilot"], rows),
})
chance = 1 / (1 + np.exp(-(0.08 * (table["age"] - 45) + 0.1 * (table["hours"] - 40) + 2 * (table["job"] == "pilot") - 1)))
rich = np.where(draw.random(rows) < chance, "yes", "no")
table.loc[draw.random(rows) < 0.05, "age"] = np.nan

columns = ColumnTransformer([
    ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), ["age", "hours"]),
    ("words", OneHotEncoder(handle_unknown="ignore"), ["job"]),
])
model = make_pipeline(columns, ChainruleClassifier(hidden_layer_sizes=(16,), learning_rate_init=0.01, max_iter=60, tol=0.002,
                                                   class_weight="balanced", random_state=0))
train, test, y_train, y_test = train_test_split(table, rich, random_state=0)
model.fit(train, y_train)

print(f"accuracy {model.score(test, y_test):.3f}")
new = pd.DataFrame({"age": [61, np.nan], "hours": [50, 30], "job": ["pilot", "juggler"]})
print(dict(zip(["pilot of 61", "juggler"], model.predict_proba(new)[:, 1].round(2))))
assert model.score(test, y_test) > 0.7
