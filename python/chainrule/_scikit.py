"""What differs between the versions of scikit-learn that the estimators work with: from 1.2 on."""

from __future__ import annotations

from typing import Any

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6
    def validate_data(estimator: Any, *arrays: Any, **how: Any) -> Any:
        return estimator._validate_data(*arrays, **how)

__all__ = ["validate_data"]
