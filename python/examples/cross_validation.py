"""How good a regression is, by cross-validation, beside scikit-learn's network with the same settings."""

import time
import warnings

from chainrule import ChainruleRegressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_diabetes(return_X_y=True)
scores = {}
for kind in (MLPRegressor, ChainruleRegressor):
    network = kind(hidden_layer_sizes=(16,), alpha=1, max_iter=150, learning_rate_init=0.005, random_state=0)
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), network), transformer=StandardScaler())
    began = time.perf_counter()
    scores[kind] = cross_val_score(model, X, y, cv=5)
    print(f"{kind.__name__:20} R2 {scores[kind].mean():.3f} +- {scores[kind].std():.3f}, {time.perf_counter() - began:.2f} s")
assert abs(scores[MLPRegressor].mean() - scores[ChainruleRegressor].mean()) < 0.05
