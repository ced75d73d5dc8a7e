"""Whether probabilities are what they say: the share of positives among rows of about the same predicted probability."""

import warnings

from chainrule import ChainruleClassifier
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import train_test_split

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = make_classification(6000, n_features=12, n_informative=6, flip_y=0.2, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

network = ChainruleClassifier(hidden_layer_sizes=(100,), learning_rate_init=0.01, max_iter=60, random_state=0)  # and too long
scores = {}
for name, model in (("network", network), ("calibrated", CalibratedClassifierCV(network, method="isotonic", cv=3))):
    p = model.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    share, said = calibration_curve(y_test, p, n_bins=8)
    scores[name] = brier_score_loss(y_test, p)
    print(f"{name:10}  Brier score {scores[name]:.4f}")
    print("  said ", " ".join(f"{x:5.2f}" for x in said))
    print("  is   ", " ".join(f"{x:5.2f}" for x in share))
assert scores["calibrated"] < scores["network"]
