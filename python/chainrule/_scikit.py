"""What differs between the versions of scikit-learn that the estimators work with: from 1.2 on."""

from __future__ import annotations

from typing import Any

import sklearn

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6
    def validate_data(estimator: Any, *arrays: Any, **how: Any) -> Any:
        return estimator._validate_data(*arrays, **how)

# What n_iter_ counts of a warm start: the epochs of the last fit, or of all.
COUNTS_LAST_FIT = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) >= (1, 3)

__all__ = ["COUNTS_LAST_FIT", "validate_data"]
