"""Trains small neural networks, fast.

    import chainrule

    run = chainrule.train("digits.json", training__epochs=40)      # or a dict, and data=(X, y) or a DataFrame
    run.metrics                                                    # a DataFrame, a row an epoch
    run.model.predict(X)
    run.model.save("digits.safetensors")
    chainrule.Model.load("digits.safetensors").predict(X)

ChainruleClassifier and ChainruleRegressor are estimators of scikit-learn.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._library import (VERSION as __version__, ChainruleError, ConfigError, DataError, DivergedError, FileError, OutOfMemoryError,
                       UsageError)

if TYPE_CHECKING:
    from ._core import Model
    from ._estimators import ChainruleClassifier, ChainruleRegressor
    from ._program import load_runs, sweep
    from ._train import Run, train

__all__ = ["ChainruleClassifier", "ChainruleError", "ChainruleRegressor", "ConfigError", "DataError", "DivergedError", "FileError",
           "Model", "OutOfMemoryError", "Run", "UsageError", "__version__", "load_runs", "sweep", "train"]

# What stands in these is imported when it is asked for: NumPy takes a tenth of a second, scikit-learn one.
LATER = {"Model": "_core", "Run": "_train", "train": "_train", "sweep": "_program", "load_runs": "_program",
         "ChainruleClassifier": "_estimators", "ChainruleRegressor": "_estimators"}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{LATER[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
