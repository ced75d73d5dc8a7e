"""Trains small neural networks, fast."""

from ._library import (VERSION as __version__, ChainruleError, ConfigError, DataError, DivergedError, FileError, OutOfMemoryError,
                       UsageError)

__all__ = ["ChainruleError", "ConfigError", "DataError", "DivergedError", "FileError", "OutOfMemoryError", "UsageError", "__version__"]
