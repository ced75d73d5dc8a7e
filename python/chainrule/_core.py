"""Experiments and models of the library with NumPy's arrays: what the rest of the package stands on."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
from ctypes import byref, c_size_t
from typing import Any, Callable, Mapping, Sequence, Union

import numpy as np

from ._library import (Arrays, Epoch, Error, OnEpoch, OnStep, Progress, Result, SessionRun, View, Weights, lib, take_bytes)

STATUSES = ("completed", "stopped_early", "interrupted", "diverged")
PARTS = ("train", "validation", "test")
KINDS = {"u": 0, "i": 1, "f": 2, "S": 3, "U": 4}
TICK_SECONDS = 0.05  # between looks for Ctrl-C

Config = Union[str, Mapping[str, Any]]


def as_plain(values: Any) -> np.ndarray:
    """The array as one of those that the library reads: numbers or texts of NumPy's own."""
    array = np.asarray(values)
    if array.dtype.kind == "b":
        return array.view(np.uint8) if array.flags.c_contiguous else array.astype(np.uint8)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    if array.dtype.kind == "O":
        return array.astype(str) if any(isinstance(value, str) for value in array.flat) else array.astype(np.float64)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"an array of {array.dtype}; numbers or texts were expected")
    return array


def fill_view(view: View, array: np.ndarray) -> None:
    if not 1 <= array.ndim <= 4:
        raise ValueError(f"an array of {array.ndim} dimensions; 1 to 4 were expected")
    kind = array.dtype.kind
    view.data = array.__array_interface__["data"][0]
    view.kind = KINDS[kind]
    view.size = array.dtype.itemsize
    view.big_endian = array.dtype.byteorder == ">"  # this is for little-endian machines
    view.rank = array.ndim
    view.dim[:array.ndim] = array.shape
    view.stride[:array.ndim] = array.strides


def fill_arrays(arrays: Arrays, part: Sequence[Any], classes: Any) -> list:
    """(X, y) or (X, y, weights): the arrays that have to stay while the library reads them."""
    kept = []
    weights = part[2] if len(part) > 2 else None
    for view, values in ((arrays.inputs, part[0]), (arrays.targets, part[1]), (arrays.weights, weights), (arrays.classes, classes)):
        if values is not None:
            kept.append(as_plain(values))
            if kept[-1].size == 0:
                raise ValueError(f"an array of shape {kept[-1].shape}: it holds nothing")
            fill_view(view, kept[-1])
    return kept


def check(good: Any, error: Error) -> None:
    if not good:
        error.raise_it()


class Model:
    """A trained network with what its data looked like. It is made by load(), from_bytes(), or by an Experiment."""

    def __init__(self, handle: int, owner: Any = None):
        self._handle, self._owner = handle, owner  # an owner frees it
        self._lock = threading.Lock()
        self.inputs = lib.cr_model_inputs(handle)
        self.outputs = lib.cr_model_outputs(handle)
        names = [lib.cr_model_class(handle, i) for i in range(self.outputs)]
        self.classes = [name.decode() for name in names] if names[0] is not None else None

    def __del__(self) -> None:
        if getattr(self, "_handle", None) and self._owner is None:
            lib.cr_model_destroy(self._handle)

    @classmethod
    def load(cls, path: Union[str, os.PathLike]) -> "Model":
        """The model of a model file or a run's directory."""
        error = Error()
        handle = lib.cr_model_load(os.fsencode(path), byref(error))
        check(handle, error)
        return cls(handle)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Model":
        error = Error()
        handle = lib.cr_model_load_bytes(data, len(data), byref(error))
        check(handle, error)
        return cls(handle)

    def to_bytes(self) -> bytes:
        return take_bytes(lib.cr_model_save_bytes, self._handle)

    def save(self, path: Union[str, os.PathLike]) -> None:
        error = Error()
        check(lib.cr_model_save(self._handle, os.fsencode(path), byref(error)), error)

    def __reduce__(self) -> tuple:
        return Model.from_bytes, (self.to_bytes(),)

    def raw(self, function: Any, X: np.ndarray) -> np.ndarray:
        """float32 [n, outputs] from X [n, ...], of which the library needs floats row after row."""
        x = np.ascontiguousarray(X, np.float32)
        rows = len(x)
        if x.size != rows * self.inputs:
            raise ValueError(f"X has the shape {x.shape}; examples of {self.inputs} values were expected")
        y = np.empty((rows, self.outputs), np.float32)
        with self._lock:
            if not function(self._handle, x.ctypes.data, rows, y.ctypes.data, None):
                raise MemoryError("out of memory")
        return y

    def predict_values(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (softmax, logistic), scores (svm) or values, float32 [n, outputs]."""
        return self.raw(lib.cr_model_predict, X)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """What the network says before it is made a probability, float32 [n, outputs]."""
        return self.raw(lib.cr_model_predict_scores, X)

    def _tensors(self) -> dict[str, np.ndarray]:
        """Views of the model's own memory."""
        found, weights = {}, Weights()
        while lib.cr_model_weights(self._handle, len(found), byref(weights)):
            flat = np.ctypeslib.as_array(weights.values, (weights.size,))
            found[weights.name.decode()] = flat.reshape(weights.dim[:weights.rank])
        return found

    def weights(self) -> dict[str, np.ndarray]:
        """Copies of all tensors by their names: "linear1.weight" [inputs, units], ..."""
        return {name: tensor.copy() for name, tensor in self._tensors().items()}

    def set_weights(self, values: Mapping[str, Any]) -> None:
        """Overwrites the named tensors with arrays of the same shapes."""
        tensors = self._tensors()
        for name, value in values.items():
            if name not in tensors:
                raise ValueError(f"there is no tensor {name!r}; there are {', '.join(tensors)}")
            if np.shape(value) != tensors[name].shape:
                raise ValueError(f"{name} has the shape {tensors[name].shape}, not {np.shape(value)}")
        for name, value in values.items():
            tensors[name][...] = value


class TrainResult:
    """How a training ended: status, epochs, steps, seconds, figures (of each part), best_epoch, best_value."""

    def __init__(self, result: Result):
        self.status = STATUSES[result.status]
        self.epochs, self.steps, self.seconds = result.epochs, result.steps, result.seconds
        self.samples_per_second = result.samples_per_second
        self.regularization_loss = result.regularization_loss
        self.best_epoch = result.best_epoch
        self.best_value = result.best_value if result.best_epoch else None
        self.best_metric = result.best_metric.decode() if result.best_metric else None
        self.figures = {name: {key: getattr(part, key) for key, _ in part._fields_}
                        for name, part in zip(PARTS, result.parts) if part.examples}
        self.by_signal = False  # Ctrl-C ended it


class Interrupts:
    """While C works, Ctrl-C only sets a flag, which is looked at between two steps. In other threads than the first nothing
    changes: signals are not theirs."""

    def __init__(self) -> None:
        self.seen = False
        self.former: Any = None

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self.former = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, _number: int, _frame: Any) -> None:
        self.seen = True

    def __exit__(self, *_: Any) -> None:
        if self.former is not None:
            signal.signal(signal.SIGINT, self.former)


class Experiment:
    """A config with its data and its network, and a training that goes on.

    config: a config as text or as a dict. train, validation, test: (X, y), arrays in place of what the config says: X
    [n, features] or [n, (channels,) height, width], y [n] or [n, targets]; and perhaps a third, [n] what each row counts. classes: those that there are besides those in y.
    Arrays of float32 in C's order and bytes are read where they lie, and must not change.
    """

    def __init__(self, config: Config, train: Any = None, validation: Any = None, test: Any = None, classes: Any = None,
                 overrides: Sequence[str] = ()):
        self._session = self._handle = None
        text = config if isinstance(config, str) else json.dumps(config)
        arrays = (Arrays * 3)()
        self._kept = [[], [], []]
        for i, part in enumerate((train, validation, test)):
            if part is not None:
                self._kept[i] = fill_arrays(arrays[i], part, classes if i == 0 else None)
        error = Error()
        texts = (ctypes.c_char_p * len(overrides))(*(text.encode() for text in overrides))
        self._handle = lib.cr_experiment_parse(text.encode(), arrays, texts, len(overrides), byref(error))
        check(self._handle, error)
        self._session = lib.cr_session_create(self._handle, byref(error))
        check(self._session, error)
        self.model = Model(lib.cr_experiment_model(self._handle), self)

    def __del__(self) -> None:
        if self._session:
            lib.cr_session_destroy(self._session)
        if self._handle:
            lib.cr_experiment_destroy(self._handle)

    @property
    def warnings(self) -> list[str]:
        return lib.cr_experiment_warnings(self._handle).decode().splitlines()

    def set_data(self, X: Any, y: Any, weights: Any = None) -> None:
        """From now on other rows of the same shape are trained on."""
        arrays, error = Arrays(), Error()
        kept = fill_arrays(arrays, (X, y, weights), None)
        check(lib.cr_session_set_data(self._session, byref(arrays), byref(error)), error)
        self._kept[0] = kept

    def train(self, epochs: Union[int, None] = None, on_epoch: Union[Callable[[Epoch], Any], None] = None,
              on_step: Union[Callable[[Progress], Any], None] = None, figures: bool = True) -> TrainResult:
        """Trains from where it stands: `epochs` further epochs, or to the end of the config's. A callback that returns False ends
        the training after this step (on_step) or this epoch (on_epoch); an exception of one is raised when the step is done.
        Ctrl-C ends it after the step: the status is "interrupted", and by_signal is set. figures=False saves the pass over every
        part at the end."""
        raised: list[BaseException] = []
        stop = [False]
        with Interrupts() as interrupts:
            def step(_user: Any, progress: Any) -> bool:
                try:
                    if on_step is not None and on_step(progress.contents) is False:
                        stop[0] = True
                except BaseException as error:
                    raised.append(error)
                return not (raised or interrupts.seen or stop[0])

            def epoch(_user: Any, done: Any, _error: Any) -> bool:
                try:
                    if on_epoch(done.contents) is False:  # type: ignore[misc]
                        stop[0] = True
                except BaseException as error:
                    raised.append(error)
                return True

            how = SessionRun(epochs=epochs or 0, on_step=OnStep(step), without_figures=not figures)
            if on_epoch is not None:
                how.on_epoch = OnEpoch(epoch)
            if on_step is None and on_epoch is None:
                how.step_seconds = TICK_SECONDS
            result, error = Result(), Error()
            good = lib.cr_session_train(self._session, byref(how), byref(result), byref(error))
        if raised:
            raise raised[0]
        check(good, error)
        done = TrainResult(result)
        done.by_signal = interrupts.seen
        return done

    def history(self) -> dict[str, np.ndarray]:
        """Figures of every epoch so far, an array a figure."""
        count = c_size_t()
        epochs = lib.cr_session_history(self._session, byref(count))
        names = ("epoch", "steps", "seconds", "learning_rate", "regularization_loss")
        found: dict[str, list] = {name: [] for name in names}
        for i in range(count.value):
            for name in names:
                found[name].append(getattr(epochs[i], name))
            for part in ("train", "validation"):
                figures = getattr(epochs[i], part)
                if figures.examples:
                    for name in ("loss", "accuracy", "rmse"):
                        found.setdefault(f"{part}_{name}", []).append(getattr(figures, name))
        return {name: np.array(values) for name, values in found.items()}

    def weights(self) -> dict[str, np.ndarray]:
        return self.model.weights()

    def set_weights(self, values: Mapping[str, Any]) -> None:
        self.model.set_weights(values)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.model.predict_values(X)

    def scores(self, X: np.ndarray) -> np.ndarray:
        return self.model.scores(X)

    def save(self, path: Union[str, os.PathLike]) -> None:
        self.model.save(path)

    @property
    def state(self) -> bytes:
        """All that the training is between two steps; it goes on from there when another experiment of the same config gets it."""
        return take_bytes(lib.cr_session_save, self._session)

    @state.setter
    def state(self, data: bytes) -> None:
        error = Error()
        check(lib.cr_session_load(self._session, data, len(data), byref(error)), error)
