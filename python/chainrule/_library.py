"""libchainrule by ctypes: where it lies, its structs and functions, and its errors as exceptions.

ctypes releases the interpreter lock while C works, and one package serves every version of Python, since nothing of it is
compiled against one. A call costs about a microsecond more than cffi's.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_float, c_int, c_size_t, c_ssize_t
from ctypes import c_uint32, c_void_p
from typing import Any

VERSION = "0.1.0"


class ChainruleError(Exception):
    """What the library has to say; str() is its text, a message a line."""


class UsageError(ChainruleError, ValueError):
    """A wrong call."""


class ConfigError(ChainruleError, ValueError):
    """The config asks for something that does not exist or does not fit; all of it is said at once."""


class DataError(ChainruleError, ValueError):
    """Data, or a model file, that cannot be used as it is."""


class FileError(ChainruleError, OSError):
    """Reading or writing failed."""


class OutOfMemoryError(ChainruleError, MemoryError):
    """Out of memory."""


class DivergedError(ChainruleError, ArithmeticError):
    """The loss became NaN or infinite."""


ERRORS = {1: UsageError, 2: ConfigError, 3: DataError, 4: FileError, 5: OutOfMemoryError, 6: DivergedError}


class Error(Structure):
    _fields_ = [("code", c_int), ("count", c_size_t), ("length", c_size_t), ("text", c_char * 8192)]

    def raise_it(self) -> None:
        raise ERRORS.get(self.code, ChainruleError)(self.text.decode("utf-8", "replace"))


class View(Structure):
    _fields_ = [("data", c_void_p), ("kind", c_int), ("size", c_size_t), ("big_endian", c_bool), ("rank", c_size_t),
                ("dim", c_size_t * 4), ("stride", c_ssize_t * 4)]


class TableColumn(Structure):
    _fields_ = [("name", c_char_p), ("values", View)]


class Arrays(Structure):
    _fields_ = [("inputs", View), ("targets", View), ("weights", View), ("classes", View), ("columns", POINTER(TableColumn)),
                ("column_count", c_size_t)]


class Figures(Structure):
    _fields_ = [("examples", c_size_t), ("loss", c_double), ("accuracy", c_double), ("rmse", c_double)]


class Progress(Structure):
    _fields_ = [(name, c_size_t) for name in ("epoch", "epochs", "step", "epoch_steps", "total_steps", "samples")] + \
               [(name, c_double) for name in ("loss", "accuracy", "seconds")]


class Epoch(Structure):
    _fields_ = [("epoch", c_size_t), ("steps", c_size_t), ("seconds", c_double), ("learning_rate", c_double), ("train", Figures),
                ("validation", Figures), ("regularization_loss", c_double), ("parameters_crc32", c_uint32),
                ("logged", c_void_p), ("logged_count", c_size_t)]


OnStep = CFUNCTYPE(c_bool, c_void_p, POINTER(Progress))
OnEpoch = CFUNCTYPE(c_bool, c_void_p, POINTER(Epoch), c_void_p)


class SessionRun(Structure):
    _fields_ = [("epochs", c_size_t), ("user", c_void_p), ("on_step", OnStep), ("on_epoch", OnEpoch), ("step_seconds", c_double),
                ("without_figures", c_bool)]


class Result(Structure):
    _fields_ = [("status", c_int), ("epochs", c_size_t), ("steps", c_size_t), ("seconds", c_double), ("samples_per_second", c_double),
                ("parts", Figures * 3), ("regularization_loss", c_double), ("best_epoch", c_size_t), ("best_metric", c_char_p),
                ("best_value", c_double)]


class Weights(Structure):
    _fields_ = [("name", c_char_p), ("rank", c_size_t), ("dim", c_size_t * 4), ("size", c_size_t), ("values", c_void_p),
                ("trained", c_bool)]


TEXTS = POINTER(c_char_p)
FUNCTIONS = {
    "cr_version": (c_char_p,),
    "cr_model_real_size": (c_size_t,),
    "cr_experiment_load": (c_void_p, c_char_p, TEXTS, c_size_t, POINTER(Error)),
    "cr_experiment_parse": (c_void_p, c_char_p, POINTER(Arrays), TEXTS, c_size_t, POINTER(Error)),
    "cr_experiment_destroy": (None, c_void_p),
    "cr_experiment_warnings": (c_char_p, c_void_p),
    "cr_experiment_log_column": (c_char_p, c_void_p, c_size_t),
    "cr_experiment_model": (c_void_p, c_void_p),
    "cr_session_create": (c_void_p, c_void_p, POINTER(Error)),
    "cr_session_destroy": (None, c_void_p),
    "cr_session_train": (c_bool, c_void_p, POINTER(SessionRun), POINTER(Result), POINTER(Error)),
    "cr_session_history": (POINTER(Epoch), c_void_p, POINTER(c_size_t)),
    "cr_session_set_data": (c_bool, c_void_p, POINTER(Arrays), POINTER(Error)),
    "cr_session_save": (c_bool, c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(Error)),
    "cr_session_load": (c_bool, c_void_p, c_char_p, c_size_t, POINTER(Error)),
    "cr_model_load": (c_void_p, c_char_p, POINTER(Error)),
    "cr_model_load_bytes": (c_void_p, c_char_p, c_size_t, POINTER(Error)),
    "cr_model_destroy": (None, c_void_p),
    "cr_model_save": (c_bool, c_void_p, c_char_p, POINTER(Error)),
    "cr_model_save_bytes": (c_bool, c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(Error)),
    "cr_model_free_bytes": (None, c_void_p),
    "cr_model_weights": (c_bool, c_void_p, c_size_t, POINTER(Weights)),
    "cr_model_inputs": (c_size_t, c_void_p),
    "cr_model_outputs": (c_size_t, c_void_p),
    "cr_model_class": (c_char_p, c_void_p, c_size_t),
    "cr_model_prediction": (c_int, c_void_p),
    "cr_model_class_name": (c_char_p, c_void_p, c_size_t),
    "cr_model_use_threads": (None, c_void_p, c_int),
    "cr_model_predict_arrays": (c_bool, c_void_p, POINTER(Arrays), c_bool, c_void_p, POINTER(Error)),
    "cr_model_predict": (c_bool, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p),
    "cr_model_predict_scores": (c_bool, c_void_p, c_void_p, c_size_t, c_void_p, c_void_p),
}


# What processors have to have for the builds that a wheel brings besides that for all.
LEVELS = {"x86-64-v4": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma"},
          "x86-64-v3": {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"}}


def processor_flags() -> set[str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((set(line.split(":", 1)[1].split()) for line in file if line.startswith("flags")), set())
    except OSError:
        return set()


# The libraries' names, and the numbers that they compute with.
PRECISIONS: dict[str, tuple[str, Any]] = {"float32": ("libchainrule", c_float), "float64": ("libchainrule-f64", c_double)}


def find(precision: str = "float32") -> str:
    """The library's path: $CHAINRULE_LIBRARY (of float64: beside it), or beside this file the best for this processor, or where
    a build of the source tree is."""
    name = PRECISIONS[precision][0]
    named = os.environ.get("CHAINRULE_LIBRARY")
    if named:
        return os.path.join(os.path.dirname(named), os.path.basename(named).replace("libchainrule", name, 1))
    here = pathlib.Path(__file__).resolve().parent
    builds = {level: here / f"{name}-{level}.so" for level in LEVELS}
    flags = processor_flags() if any(place.exists() for place in builds.values()) else set()
    places = [place for level, place in builds.items() if LEVELS[level] <= flags]
    places += [here / f"{name}.so", here.parent.parent / "build" / f"{name}.so"]
    for place in places:
        if place.exists():
            return str(place)
    raise ImportError(f"{name}.so is not at {' nor at '.join(map(str, places))}; install the package with pip, or say where it "
                      "is with CHAINRULE_LIBRARY")


def load(path: str, precision: str = "float32") -> Any:
    """The library, which has to be of this package's version, and of the precision. `real` is what it computes with."""
    library: Any = ctypes.CDLL(path)
    try:
        library.cr_version.restype = c_char_p
        version = library.cr_version().decode()
    except AttributeError:
        raise ImportError(f"{path} is not libchainrule: it has no cr_version") from None
    if version != VERSION:
        raise ImportError(f"{path} is libchainrule {version}, but this package is chainrule {VERSION}; install both from one source")
    for name, (result, *arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    library.precision, library.real = precision, PRECISIONS[precision][1]
    if library.cr_model_real_size() != ctypes.sizeof(library.real):
        raise ImportError(f"{path} computes with {library.cr_model_real_size()} bytes, and {precision} was expected; CHAINRULE_LIBRARY "
                          "names the library of float32, and that of float64 lies beside it")
    return library


lib = load(find())
libraries = {"float32": lib}


def library_of(precision: str) -> Any:
    """The library that computes in it, which is loaded when it is asked for."""
    if precision not in PRECISIONS:
        raise UsageError(f"precision is {precision!r}; {' or '.join(map(repr, PRECISIONS))} was expected")
    if precision not in libraries:
        libraries[precision] = load(find(precision), precision)
    return libraries[precision]


def take_bytes(function, handle) -> bytes:
    """What a function writes into memory of its own."""
    error, data, length = Error(), c_void_p(), c_size_t()
    if not function(handle, byref(data), byref(length), byref(error)):
        error.raise_it()
    try:
        return ctypes.string_at(data, length.value)
    finally:
        lib.cr_model_free_bytes(data)
