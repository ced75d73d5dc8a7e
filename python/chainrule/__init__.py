"""Trains small neural networks, fast."""

from ._library import (VERSION as __version__, ChainruleError, ConfigError, DataError, DivergedError, FileError, OutOfMemoryError,
                       UsageError)

__all__ = ["ChainruleError", "ConfigError", "DataError", "DivergedError", "FileError", "OutOfMemoryError", "UsageError", "__version__"]


def __getattr__(name: str):
    """The estimators need scikit-learn, which nothing else does."""
    if name in ("ChainruleClassifier", "ChainruleRegressor"):
        from . import _estimators
        return getattr(_estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
