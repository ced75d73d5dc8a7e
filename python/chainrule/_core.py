"""Experiments and models of the library with NumPy's arrays: what the rest of the package stands on."""

from __future__ import annotations

import ctypes
import json
import math
import multiprocessing
import os
import signal
import threading
import weakref
from ctypes import byref, c_size_t
from typing import Any, Callable, Mapping, Optional, Sequence, Union

import numpy as np

from ._data import fill, fill_arrays, fill_table, is_table, join_target
from ._library import Arrays, Epoch, Error, OnEpoch, OnStep, Progress, Result, SessionRun, UsageError, Weights, library_of, take_bytes

STATUSES = ("completed", "stopped_early", "interrupted", "diverged")
PARTS = ("train", "validation", "test")
PREDICTIONS = ("class", "labels", "numbers")
TICK_SECONDS = 0.05  # between looks for Ctrl-C
MANY_ROWS = 1024  # from which on several threads may predict

EPOCH = np.dtype(Epoch)
REALS: dict[str, Any] = {"float32": np.dtype(np.float32), "float64": np.dtype(np.float64)}
BUFFER = ctypes.c_char * 0

Config = Union[str, Mapping[str, Any]]


def is_alone() -> bool:
    """Whether no other work of this process or of a pool waits for the processor's cores."""
    return threading.current_thread() is threading.main_thread() and multiprocessing.current_process().name == "MainProcess"


def check(good: Any, error: Error) -> None:
    if not good:
        error.raise_it()


def pointer_to(array: np.ndarray) -> Any:
    """What ctypes passes as the array's address, in half the time of array.ctypes.data where the array may be written."""
    try:
        return BUFFER.from_buffer(array)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return array.ctypes.data


class Model:
    """A trained network with what its data looked like. load() and from_bytes() make one, and every Run has one.

    inputs: values of an example. outputs: values of a prediction. kind: "class", "labels" or "numbers". classes: their names,
    in the order of the outputs; None where there are none. precision: "float32" or "float64", in which it computes. A model may
    be used by several threads, which take turns.
    """

    def __init__(self, handle: int, owner: Any = None, precision: str = "float32"):
        self._lib, self.precision, self._real = library_of(precision), precision, REALS[precision]
        self._handle, self._owner = handle, owner  # an owner frees it
        self._lock = threading.Lock()
        self.inputs = self._lib.cr_model_inputs(handle)
        self.outputs = self._lib.cr_model_outputs(handle)
        self.kind = PREDICTIONS[self._lib.cr_model_prediction(handle)]
        self.classes: Optional[list[str]] = None
        if self.kind == "class":
            self.classes = []
            while (name := self._lib.cr_model_class_name(handle, len(self.classes))) is not None:
                self.classes.append(name.decode())
            self._names = np.array(self.classes)
            if all(name.lstrip("-").isdigit() and str(int(name)) == name for name in self.classes):
                self._names = self._names.astype(np.int64)

    def __del__(self) -> None:
        if getattr(self, "_handle", None) and self._owner is None:
            self._lib.cr_model_destroy(self._handle)

    @classmethod
    def load(cls, path: Union[str, os.PathLike], precision: str = "float32") -> "Model":
        """The model of a model file or a run's directory, of any precision, to compute in this one."""
        error = Error()
        handle = library_of(precision).cr_model_load(os.fsencode(path), byref(error))
        check(handle, error)
        return cls(handle, precision=precision)

    @classmethod
    def from_bytes(cls, data: bytes, precision: str = "float32") -> "Model":
        error = Error()
        handle = library_of(precision).cr_model_load_bytes(data, len(data), byref(error))
        check(handle, error)
        return cls(handle, precision=precision)

    def to_bytes(self) -> bytes:
        return take_bytes(self._lib.cr_model_save_bytes, self._handle)

    def save(self, path: Union[str, os.PathLike]) -> None:
        error = Error()
        check(self._lib.cr_model_save(self._handle, os.fsencode(path), byref(error)), error)

    def __reduce__(self) -> tuple:
        return Model.from_bytes, (self.to_bytes(), self.precision)

    def raw(self, function: Any, X: np.ndarray) -> np.ndarray:
        """Numbers of its precision [n, outputs] from X [n, ...], of which the library needs such, row after row."""
        x = np.ascontiguousarray(X, self._real)
        rows = len(x)
        if x.size != rows * self.inputs:
            raise ValueError(f"X has the shape {x.shape}; examples of {self.inputs} values were expected")
        y = np.empty((rows, self.outputs), self._real)
        with self._lock:
            if not function(self._handle, pointer_to(x), rows, pointer_to(y), None):
                raise MemoryError("out of memory")
        return y

    def predict_values(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (softmax, logistic), scores (svm) or values [n, outputs]."""
        return self.raw(self._lib.cr_model_predict, X)

    def scores(self, X: np.ndarray) -> np.ndarray:
        """What the network says before it is made a probability [n, outputs]."""
        return self.raw(self._lib.cr_model_predict_scores, X)

    def predict_arrays(self, X: Any, scores: bool = False) -> np.ndarray:
        """Numbers [n, outputs] for an array or a DataFrame as the model was trained on: of floats, read where they lie."""
        arrays, error = Arrays(), Error()
        kept = fill_table(arrays, X) if is_table(X) else fill_arrays(arrays, (X, None))
        y = np.empty((len(X), self.outputs), self._real)
        with self._lock:
            if len(X) >= MANY_ROWS:
                self._lib.cr_model_use_threads(self._handle, 0 if is_alone() else 1)
            check(self._lib.cr_model_predict_arrays(self._handle, byref(arrays), scores, pointer_to(y), byref(error)), error)
        del kept
        return y

    def _values(self, X: Any, scores: bool) -> np.ndarray:
        """Numbers [n, outputs] for finite numbers of any type and shape, and for what else the model was trained on."""
        if not is_table(X):
            X = np.asarray(X)
            is_read = X.ndim == 2 and X.dtype in (np.float32, np.float64) and X.shape[1] == self.inputs
            if X.dtype.kind in "iub" or (X.dtype.kind == "f" and not is_read and math.isfinite(np.add.reduce(X, axis=None))):
                return self.scores(X) if scores else self.predict_values(X)
        return self.predict_arrays(X, scores)

    def predict(self, X: Any) -> np.ndarray:
        """Predictions for X: an array [n, features] or [n, (channels,) height, width], or a DataFrame, whose columns are found by
        their names and may hold words and gaps.

        Classes [n], numbers where all their names are whole ones, else texts; labels [n, outputs] of 0 and 1; numbers [n], or
        [n, outputs] where there are several targets.
        """
        y = self._values(X, False)
        if self.kind == "labels":
            return (y >= 0.5).astype(np.int64)
        if self.kind == "numbers":
            return y[:, 0] if self.outputs == 1 else y
        return self._names[(y[:, 0] >= 0.5).astype(int) if self.outputs == 1 else y.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities: [n, classes] (with "svm", which has none, scores), or [n, outputs] of labels."""
        if self.kind == "numbers":
            raise UsageError("the model predicts numbers; a probability is of a class or label")
        y = self._values(X, False)
        return np.hstack([1 - y, y]) if self.kind == "class" and self.outputs == 1 else y

    @property
    def metadata(self) -> dict[str, str]:
        """What the model file says besides its tensors, as texts: config, classes, normalization, ..."""
        data = self.to_bytes()
        return json.loads(data[8:8 + int.from_bytes(data[:8], "little")])["__metadata__"]

    @property
    def config(self) -> dict[str, Any]:
        """The config that it was trained by, with all defaults."""
        return json.loads(self.metadata["config"])

    def __repr__(self) -> str:
        said = {"class": f"one of {len(self.classes or ())} classes", "labels": f"{self.outputs} labels",
                "numbers": "a number" if self.outputs == 1 else f"{self.outputs} numbers"}[self.kind]
        return f"<chainrule.Model: {self.inputs} inputs, {said}>"

    def _tensors(self) -> dict[str, np.ndarray]:
        """Views of the model's own memory."""
        found: dict[str, np.ndarray] = {}
        weights = Weights()
        while self._lib.cr_model_weights(self._handle, len(found), byref(weights)):
            values = ctypes.cast(weights.values, ctypes.POINTER(self._lib.real))
            flat = np.ctypeslib.as_array(values, (weights.size,))
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
    [n, features] or [n, (channels,) height, width], y [n] or [n, targets], and perhaps a
    third, [n] what each row counts; or a DataFrame with the column that the config's data.target names; or (DataFrame, y).
    classes: those that there are besides those in y. path: of the config, where it is a file that names its data itself.
    Arrays of the precision's type in C's order and bytes are read where they lie, and must not change.
    """

    def __init__(self, config: Config, train: Any = None, validation: Any = None, test: Any = None, classes: Any = None,
                 overrides: Sequence[str] = (), path: Union[str, os.PathLike, None] = None, precision: str = "float32"):
        self._session = self._handle = None
        self._lib, self.precision = library_of(precision), precision
        text = config if isinstance(config, str) else json.dumps(config)
        arrays = (Arrays * 3)()
        self._kept: list = [[], [], []]
        overrides = list(overrides)
        for i, part in enumerate((train, validation, test)):
            if part is not None:
                table, target = join_target(part, None)
                if target:
                    overrides.append(f"data.target={json.dumps(target)}")
                self._kept[i] = fill(arrays[i], table, classes if i == 0 else None)
        error = Error()
        texts = (ctypes.c_char_p * len(overrides))(*(text.encode() for text in overrides))
        if path is not None and not any(self._kept):
            self._handle = self._lib.cr_experiment_load(os.fsencode(path), texts, len(overrides), byref(error))
        else:
            self._handle = self._lib.cr_experiment_parse(text.encode(), arrays, texts, len(overrides), byref(error))
        check(self._handle, error)
        self._session = self._lib.cr_session_create(self._handle, byref(error))
        check(self._session, error)
        self._model: Callable[[], Optional[Model]] = lambda: None

    def __del__(self) -> None:
        if self._session:
            self._lib.cr_session_destroy(self._session)
        if self._handle:
            self._lib.cr_experiment_destroy(self._handle)

    @property
    def model(self) -> Model:
        """The model as it is now. It keeps the experiment alive, and not the other way round: memory is free without waiting for
        Python to look for circles."""
        model = self._model()
        if model is None:
            model = Model(self._lib.cr_experiment_model(self._handle), self, self.precision)
            self._model = weakref.ref(model)
        return model

    @property
    def warnings(self) -> list[str]:
        return self._lib.cr_experiment_warnings(self._handle).decode().splitlines()

    def set_data(self, X: Any, y: Any = None, weights: Any = None) -> None:
        """From now on other rows of the same shape are trained on."""
        arrays, error = Arrays(), Error()
        kept = fill(arrays, X) if y is None else fill_arrays(arrays, (X, y, weights))
        check(self._lib.cr_session_set_data(self._session, byref(arrays), byref(error)), error)
        self._kept[0] = kept

    def train(self, epochs: Union[int, None] = None, on_epoch: Union[Callable[[Epoch], Any], None] = None,
              on_step: Union[Callable[[Progress], Any], None] = None, figures: bool = True) -> TrainResult:
        """Trains from where it stands: `epochs` further epochs, or to the end of the config's. A callback that returns False ends
        the training after this step (on_step) or this epoch (on_epoch); an exception of one is raised when the step is done.
        Ctrl-C ends it after the step: the status is "interrupted", and by_signal is set. figures=False saves the pass over every
        part at the end."""
        raised: list[BaseException] = []
        with Interrupts() as interrupts:
            def step(_user: Any, progress: Any) -> bool:
                stops = False
                try:
                    stops = on_step is not None and on_step(progress.contents) is False
                except BaseException as error:
                    raised.append(error)
                return not (stops or raised or interrupts.seen)

            def epoch(_user: Any, done: Any, _error: Any) -> bool:
                stops = False
                try:
                    stops = on_epoch(done.contents) is False  # type: ignore[misc]
                except BaseException as error:
                    raised.append(error)
                return not (stops or raised)

            how = SessionRun(epochs=epochs or 0, on_step=OnStep(step), without_figures=not figures)
            if on_epoch is not None:
                how.on_epoch = OnEpoch(epoch)
            if on_step is None:
                how.step_seconds = TICK_SECONDS
            result, error = Result(), Error()
            good = self._lib.cr_session_train(self._session, byref(how), byref(result), byref(error))
        if raised:
            raise raised[0]
        check(good, error)
        done = TrainResult(result)
        done.by_signal = interrupts.seen
        return done

    def history(self) -> dict[str, np.ndarray]:
        """Figures of every epoch so far, an array a figure; behind them the columns of the config's log."""
        count = c_size_t()
        epochs = self._lib.cr_session_history(self._session, byref(count))
        n = count.value
        rows = np.frombuffer(ctypes.string_at(epochs, n * ctypes.sizeof(Epoch)) if n else b"", EPOCH)
        found = {name: rows[name].copy() for name in ("epoch", "steps", "seconds", "learning_rate")}
        for part in ("train", "validation"):
            if n == 0 or rows[part]["examples"].any():
                for figure in ("loss", "rmse" if self.model.kind == "numbers" else "accuracy"):
                    found[f"{part}_{figure}"] = rows[part][figure].copy()
        found["regularization_loss"] = rows["regularization_loss"].copy()
        columns = epochs[0].logged_count if n else 0
        if columns:  # one behind the other, epoch after epoch
            logged = np.frombuffer(ctypes.string_at(epochs[0].logged, n * columns * 8), np.float64).reshape(n, columns)
            for k in range(columns):
                found[self._lib.cr_experiment_log_column(self._handle, k).decode()] = logged[:, k].copy()
        return found

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
        return take_bytes(self._lib.cr_session_save, self._session)

    @state.setter
    def state(self, data: bytes) -> None:
        error = Error()
        check(self._lib.cr_session_load(self._session, data, len(data), byref(error)), error)
