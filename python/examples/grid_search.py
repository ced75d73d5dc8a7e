"""The best of several networks by cross-validation, on all cores: each process trains with one thread."""

import warnings

from chainrule import ChainruleClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), ChainruleClassifier(max_iter=300, tol=0.002, learning_rate_init=0.01, random_state=0))
search = GridSearchCV(model, {
    "chainruleclassifier__hidden_layer_sizes": [(8,), (32,), (32, 16)],
    "chainruleclassifier__alpha": [0.0001, 0.1],
    "chainruleclassifier__dropout": [0.0, 0.3],
}, scoring="roc_auc", cv=5, n_jobs=2)
search.fit(X, y)

print(f"area under the ROC curve {search.best_score_:.4f} with")
for name, value in search.best_params_.items():
    print(f"  {name.split('__')[1]} = {value}")
assert search.best_score_ > 0.98
