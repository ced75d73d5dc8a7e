"""Estimators with scikit-learn's conventions: what its MLPClassifier and MLPRegressor are, and dropout, batch normalisation,
class weights, label smoothing and networks of any layers besides."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, Optional, Sequence, Union

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval, Options, StrOptions, validate_parameter_constraints
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from ._core import MANY_ROWS, REALS, Experiment, Model, is_alone
from ._library import DataError, DivergedError
from ._scikit import COUNTS_LAST_FIT, validate_data

ACTIVATIONS = {"identity": None, "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
NEVER = 10**9  # epochs
SMALLEST_RATE = 1e-6  # at which an adaptive rate ends the training, as in scikit-learn
NO_LBFGS = ("solver='lbfgs' is not available: chainrule trains in batches. Use solver='adam', with a learning_rate_init of 0.01 "
            "for small data, or solver='sgd'.")


NOT_FINITE = ("Solver produced non-finite parameter weights. The input data may contain large values and need to be "
              "preprocessed.")


def as_reals(X: Any, precision: str) -> np.ndarray:
    """Numbers of the precision in C's order, of an array or a sparse matrix."""
    if hasattr(X, "toarray"):
        X = X.astype(precision).toarray()
    with np.errstate(over="ignore"):
        reals = np.ascontiguousarray(X, precision)
    if precision == "float32" and reals is not X and not np.isfinite(reals.sum(dtype=np.float64)):
        raise ValueError(f"{NOT_FINITE} (X has a value too large for dtype('float32'), in which chainrule computes: "
                         f"{np.abs(X).max():g}; scale the features, or take precision='float64'.)")
    return reals


class ChainruleBase(BaseEstimator):
    """What the two estimators share. `_network` is the model; `_training` goes on with partial_fit, and is None where that would
    have to begin anew."""

    _parameter_constraints: dict = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_norm": ["boolean"],
        "layers": ["array-like", None],
        "precision": [StrOptions(set(REALS))],
    }

    def _take(self, parameters: dict) -> None:
        """__init__'s arguments as attributes, each as it was given."""
        self.__dict__.update({name: value for name, value in parameters.items() if name in self._parameter_constraints})

    # ---- the network as a config of chainrule

    def _hidden_sizes(self) -> list:
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if any(size <= 0 for size in sizes):
            raise ValueError("hidden_layer_sizes must be > 0, got %s." % sizes)
        return [int(size) for size in sizes]

    def _layers(self) -> list:
        if self.layers is not None:
            return [dict(layer) for layer in self.layers] + [{"type": "linear"}]
        layers: list = []
        for size in self._hidden_sizes():
            layers.append({"type": "linear", "units": size})
            if self.batch_norm:
                layers.append({"type": "batch_norm"})
            if ACTIVATIONS[self.activation]:
                layers.append({"type": ACTIVATIONS[self.activation]})
            if self.dropout:
                layers.append({"type": "dropout", "rate": self.dropout})
        return [*layers, {"type": "linear"}]

    def _optimizer_config(self) -> dict:
        if self.solver == "adam":
            return {"type": "adam", "learning_rate": self.learning_rate_init, "beta1": self.beta_1, "beta2": self.beta_2,
                    "epsilon": self.epsilon}
        return {"type": "sgd", "learning_rate": self.learning_rate_init, "momentum": self.momentum,
                "nesterov": bool(self.nesterovs_momentum and self.momentum > 0)}

    def _config(self, rows: int, monitor: str) -> dict:
        batch = min(200, rows) if self.batch_size == "auto" else int(min(self.batch_size, rows))
        patience = NEVER if np.isinf(self.n_iter_no_change) else int(self.n_iter_no_change)
        stopping = {"monitor": monitor, "patience": patience, "min_delta": self._min_delta(monitor), "from_best": True}
        config = {
            "seed": self._seed,
            "data": {},
            "model": {"layers": self._layers()},
            "loss": self._loss_config(),
            "regularization": {"l2": self.alpha / 2, "per_example": True},
            "optimizer": self._optimizer_config(),
            "early_stopping": {**stopping, "restore_best": self.early_stopping},
            "training": {"epochs": int(self.max_iter), "batch_size": batch, "shuffle": self.shuffle,
                         "threads": "auto" if is_alone() else 1},
            "log": {"metrics": [monitor] if monitor.endswith("_r2") else []},
        }
        if self.solver == "sgd" and self.learning_rate == "invscaling":
            config["learning_rate_schedule"] = {"type": "inverse", "scale": rows, "power": self.power_t}
        if self.solver == "sgd" and self.learning_rate == "adaptive":
            config["learning_rate_schedule"] = {"type": "plateau", "factor": 0.2, "stop_below": SMALLEST_RATE, **stopping}
            config["early_stopping"]["patience"] = NEVER
        return config

    # ---- parameters as scikit-learn's lists

    def _tensors_of(self, which: str) -> list:
        """The network's own arrays that coefs_ and intercepts_ are of: of layers that multiply with a matrix (or filters)."""
        tensors = self._network._tensors()
        layers = [name[:-len("weight")] for name, tensor in tensors.items() if name.endswith(".weight") and tensor.ndim > 1]
        return [tensors[layer + ("weight" if which == "_coefs" else "bias")] for layer in layers
                if which == "_coefs" or layer + "bias" in tensors]

    def _lists(self, which: str) -> list:
        """coefs_ or intercepts_, read from the network once; from then on they are the user's, who may change them in place."""
        kept = self.__dict__.get(which)
        if kept is None:
            if self.__dict__.get("_network") is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {which[1:] + '_'!r}")
            kept = self.__dict__[which] = [tensor.astype(self._dtype) for tensor in self._tensors_of(which)]
        return kept

    coefs_ = property(lambda self: self._lists("_coefs"), lambda self, value: self.__dict__.update(_coefs=value))
    intercepts_ = property(lambda self: self._lists("_intercepts"), lambda self, value: self.__dict__.update(_intercepts=value))

    def _write_lists(self) -> None:
        """The user's lists into the network."""
        for which in ("_coefs", "_intercepts"):
            own = self.__dict__.get(which)
            for tensor, values in zip(self._tensors_of(which) if own is not None else (), own or ()):
                if np.shape(values) != tensor.shape:
                    raise ValueError(f"{which[1:]}_ has an array of shape {np.shape(values)}, but the network's is {tensor.shape}")
                tensor[...] = values

    def _forget_lists(self) -> None:
        self.__dict__.pop("_coefs", None)
        self.__dict__.pop("_intercepts", None)

    def _draw(self, random: np.random.RandomState) -> tuple:
        """First weights and biases, as scikit-learn draws them (Glorot and Bengio, 2010)."""
        sizes = [self.n_features_in_, *self._hidden_sizes(), self.n_outputs_]
        bounds = [np.sqrt((2.0 if self.activation == "logistic" else 6.0) / sum(pair)) for pair in zip(sizes, sizes[1:])]
        drawn = [(random.uniform(-bound, bound, pair), random.uniform(-bound, bound, pair[1]))
                 for bound, pair in zip(bounds, zip(sizes, sizes[1:]))]
        return [weight for weight, _ in drawn], [bias for _, bias in drawn]

    # ---- training

    def _check(self, incremental: bool) -> None:
        names = self._parameter_constraints  # _validate_params would look up the signature each time
        validate_parameter_constraints(names, {name: getattr(self, name) for name in names}, caller_name=type(self).__name__)
        if self.solver == "lbfgs":
            raise ValueError(NO_LBFGS)
        if self.layers is None:
            self._hidden_sizes()
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")

    def _split(self, X: np.ndarray, y: np.ndarray, weights: Any, random: np.random.RandomState) -> tuple:
        """(train, validation), each (X, y, weights)."""
        if not self.early_stopping:
            return (X, y, weights), None
        stratify = y.astype(bool)[:, None] if self.out_activation_ == "logistic" and y.ndim == 1 else None  # as scikit-learn
        parts = [X, y] if weights is None else [X, y, weights]
        parts = train_test_split(*parts, random_state=random, test_size=self.validation_fraction, stratify=stratify)
        if len(parts[1]) < 2:
            raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")
        return (*parts[0::2], None)[:3], (*parts[1::2], None)[:3]

    def _begin(self, train: tuple, validation: Any, is_first: bool) -> Experiment:
        """A new training: of a new network, or of the one that is there."""
        monitor = self._monitor(validation)
        former = self.__dict__.get("_network")
        self._used = self._config(len(train[0]), monitor)
        experiment = Experiment(self._used, train, validation, classes=self._class_numbers(), precision=self.precision)
        self._network = experiment.model
        if former is not None and not is_first:
            self._network.set_weights(former.weights())
        self._write_lists()
        return experiment

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Any:
        self._check(incremental)
        is_new = not self.__sklearn_is_fitted__() and "_coefs" not in self.__dict__  # whose network the user may have made
        is_first = is_new or (not self.warm_start and not incremental)
        X, y = self._validate(X, y, incremental, is_first)
        X, y, weights = self._take_weights(X, y, sample_weight)
        self._warn_batch(len(y))
        random = check_random_state(self.random_state)
        going = self._going() if incremental and not is_first else None
        rows, self._dtype = as_reals(X, self.precision if going is None else going.precision), X.dtype
        if is_first:
            self._forget_lists()
            self._initialize(y)
        if is_first and self.layers is None:
            self._coefs, self._intercepts = self._draw(random)
        train, validation = self._split(rows, y, weights, random) if going is None else ((rows, y, weights), None)
        if going is None:
            self._seed = int(random.randint(2**31 - 1))
            experiment = self._begin(train, validation, is_first)
        else:
            self._write_lists()
            experiment = going
            experiment.set_data(*train)
        self._train(experiment, len(train[0]), validation, incremental)
        return self

    def _take_weights(self, X: Any, y: np.ndarray, sample_weight: Any) -> tuple:
        """X, y and what each row counts, or None where all count alike. Rows of no weight are as good as not there, and left out."""
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=np.float64)
        weights = self._weigh(y, weights)
        if weights is None or (weights == 1).all():
            return X, y, None
        if (weights < 0).any():
            raise ValueError("Negative values in data passed to `sample_weight`")
        counts = weights > 0
        if not counts.any():
            raise ValueError("sample_weight is 0 for every row: there is nothing to learn from")
        return (X, y, weights) if counts.all() else (X[counts], y[counts], weights[counts])

    def _warn_batch(self, rows: int) -> None:
        if self.batch_size != "auto" and self.batch_size > rows:
            warnings.warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")

    def _initialize(self, y: np.ndarray) -> None:
        """What a new training begins with."""
        self.t_ = 0
        self.loss_curve_: list = []
        self.validation_scores_: Optional[list] = [] if self.early_stopping else None
        self.best_validation_score_: Optional[float] = None
        self.best_loss_: Optional[float] = None
        self.n_outputs_ = self._count_outputs(y)

    def _train(self, experiment: Experiment, rows: int, validation: Any, incremental: bool) -> None:
        before = len(experiment.history()["epoch"])
        failure = None
        try:
            result = experiment.train(1 if incremental else None, figures=False,
                                      on_epoch=self._print_epoch if self.verbose else None)
        except DivergedError as error:
            result, failure = None, error
        self._forget_lists()
        self._note(experiment, before, rows, validation)
        self._keep(experiment)
        if failure is not None and not self.early_stopping:
            if not incremental:
                del self._network  # not fitted
            raise ValueError(f"{NOT_FINITE} ({failure})") from failure
        if result is None:
            self.validation_scores_ = [*(self.validation_scores_ or []), float("nan")]
        elif result.by_signal:
            warnings.warn("Training interrupted by user.")
        elif result.status == "completed" and not incremental:
            warnings.warn("Stochastic Optimizer: Maximum iterations (%d) reached and the optimization hasn't converged yet."
                          % self.max_iter, ConvergenceWarning)
        elif result.status == "stopped_early" and self.verbose:
            print(("Validation score" if self.early_stopping else "Training loss") +
                  " did not improve more than tol=%f for %s consecutive epochs. Stopping." % (self.tol, self.n_iter_no_change))

    def _print_epoch(self, epoch: Any) -> None:
        print("Iteration %d, loss = %.8f" % (epoch.epoch, self._scale_loss(epoch.train.loss + epoch.regularization_loss)))
        if self.early_stopping:
            print("Validation score: %f" % self._score_of(getattr(epoch.validation, self._judged_by)))

    def _note(self, experiment: Experiment, before: int, rows: int, validation: Any) -> None:
        """The figures of the new epochs as scikit-learn's attributes."""
        history = experiment.history()
        losses = [self._scale_loss(loss) for loss in
                  (history["train_loss"] + history["regularization_loss"])[before:].tolist()]
        self.t_ += rows * len(losses)
        self.loss_curve_ = self.loss_curve_ + losses
        self.n_iter_ = len(losses if COUNTS_LAST_FIT else self.loss_curve_)
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        self.n_layers_ = len(self._hidden_sizes()) + 2 if self.layers is None else len(self._layers()) + 1
        if validation is None:
            self.best_loss_ = min(self.loss_curve_, default=np.inf)
            return
        scores = [self._score_of(figure) for figure in history["validation_" + self._judged_by][before:].tolist()]
        self.validation_scores_ = (self.validation_scores_ or []) + scores
        self.best_validation_score_ = max(self.validation_scores_, default=-np.inf)

    def _keep(self, experiment: Experiment) -> None:
        """The network, and of the training what partial_fit goes on with, but no data."""
        self.__dict__.pop("_training_state", None)
        if self.early_stopping:
            self._network, self._training = Model.from_bytes(experiment.model.to_bytes(), experiment.precision), None
            return
        self._training = experiment
        experiment.set_data(*self._one_row())

    # ---- predictions

    def _outputs(self, X: Any) -> tuple:
        """What the network says of X [n, outputs], and the type that answers are to be of."""
        if "_network" not in self.__dict__:
            check_is_fitted(self)
        if "_coefs" in self.__dict__ or "_intercepts" in self.__dict__:
            self._write_lists()
        is_plain = (type(X) is np.ndarray and X.ndim == 2 and (X.dtype == np.float64 or X.dtype == np.float32)
                    and X.shape[1] == self.n_features_in_ and len(X) > 0 and "feature_names_in_" not in self.__dict__)
        if is_plain and len(X) >= MANY_ROWS:
            try:
                return self._network.predict_arrays(X), X.dtype
            except DataError:
                is_plain = False  # a number that is not finite
        if not (is_plain and np.isfinite(X.sum())):
            X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False)
        return self._network.predict_values(as_reals(X, self._network.precision)), X.dtype

    def __sklearn_is_fitted__(self) -> bool:
        return self.__dict__.get("_network") is not None

    # ---- pickle

    def __getstate__(self) -> dict:
        state = dict(super().__getstate__())
        training = state.pop("_training", None)
        if training is not None:
            threads = training.model.config["training"]["threads"]  # "auto" may be others where it is read
            used = {**self._used, "training": {**self._used["training"], "threads": threads}}
            state["_training_state"] = used, training.state, training.precision
        return state

    def _going(self) -> Optional[Experiment]:
        """What partial_fit goes on with; that of a pickle is made when it is asked for."""
        training, saved = self.__dict__.get("_training"), self.__dict__.pop("_training_state", None)
        if saved is None:
            return training
        self._used, state, precision = saved
        training = Experiment(self._used, self._one_row(), classes=self._class_numbers(), precision=precision)
        training.state = state
        training.set_weights(self._network.weights())
        self._network = training.model
        return training

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class ChainruleClassifier(ClassifierMixin, ChainruleBase):
    """A neural network that classifies: scikit-learn's MLPClassifier with chainrule at work.

    Parameters are those of MLPClassifier, with its defaults, but for solver="lbfgs", which is refused. Besides:

    dropout : float, the share of each hidden layer's outputs that is dropped while training
    batch_norm : bool, whether hidden layers are followed by batch normalisation
    class_weight : dict or "balanced", multiplies the weights of the examples by their class
    label_smoothing : float, the share of the target that is spread over all classes
    layers : list of dicts, hidden layers of any kind as in a config of chainrule, in place of hidden_layer_sizes, activation,
        dropout and batch_norm; the last linear layer is added
    precision : "float32", or "float64", which takes twice as long or more

    Attributes are those of MLPClassifier.
    """

    _parameter_constraints: dict = {
        **ChainruleBase._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, hidden_layer_sizes: Union[int, Sequence[int]] = (100,), activation: str = "relu", *, solver: str = "adam",
                 alpha: float = 0.0001, batch_size: Union[int, str] = "auto", learning_rate: str = "constant",
                 learning_rate_init: float = 0.001, power_t: float = 0.5, max_iter: int = 200, shuffle: bool = True,
                 random_state: Any = None, tol: float = 1e-4, verbose: Any = False, warm_start: bool = False, momentum: float = 0.9,
                 nesterovs_momentum: bool = True, early_stopping: bool = False, validation_fraction: float = 0.1, beta_1: float = 0.9,
                 beta_2: float = 0.999, epsilon: float = 1e-8, n_iter_no_change: float = 10, max_fun: int = 15000,
                 dropout: float = 0.0, batch_norm: bool = False, class_weight: Any = None, label_smoothing: float = 0.0,
                 layers: Any = None, precision: str = "float32"):
        self._take(locals())

    # ---- classes

    def _validate(self, X: Any, y: Any, incremental: bool, is_first: bool) -> tuple:
        """X, and y as numbers of classes [n] or as labels of 0 and 1 [n, labels]."""
        X, y = validate_data(self, X, y, accept_sparse=["csr", "csc"], multi_output=True, dtype=(np.float64, np.float32),
                             reset=is_first)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        is_multilabel, classes, numbers = self._find_classes(y)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self.classes_, self._multilabel = classes, is_multilabel
            return X, numbers
        self._check_classes(classes)
        if is_multilabel != self._multilabel:
            raise ValueError("y has several labels a row here and one class a row in another call; they are two networks")
        return X, numbers if is_multilabel else np.searchsorted(self.classes_, y).astype(np.int64)

    @staticmethod
    def _find_classes(y: np.ndarray) -> tuple:
        """Whether there are several labels a row, the classes, and y by their numbers."""
        if y.ndim == 1 and y.dtype.kind in "biuUS":
            return False, *np.unique(y, return_inverse=True)
        check_classification_targets(y)
        kind = type_of_target(y)
        if kind.startswith("multiclass-multioutput"):
            raise ValueError("Multioutput target data is not supported: one column of classes, or several of 0 and 1, is.")
        classes = unique_labels(y)
        if kind == "multilabel-indicator":
            return True, classes, np.ascontiguousarray(y, np.float32)
        return False, classes, np.searchsorted(classes, y).astype(np.int64)

    def _check_classes(self, classes: np.ndarray) -> None:
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError("warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                                 f"Previously got {self.classes_}, `y` has {classes}")
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError("`y` has classes not in `self.classes_`. "
                             f"`self.classes_` has {self.classes_}. 'y' has {classes}.")

    def _weigh(self, y: np.ndarray, weights: Any) -> Any:
        if self.class_weight is None:
            return weights
        if self._multilabel:
            raise ValueError("class_weight is for classes, not for several labels an example; use sample_weight")
        how = self.class_weight
        if isinstance(how, dict):
            how = {i: how.get(label, 1) for i, label in enumerate(self.classes_.tolist())}
        by_class = compute_sample_weight(how, y)
        return by_class if weights is None else weights * by_class

    def _is_binary(self) -> bool:
        return self._multilabel or len(self.classes_) <= 2

    def _class_numbers(self) -> Any:
        return None if self._multilabel else np.arange(max(len(self.classes_), 2))

    def _count_outputs(self, y: np.ndarray) -> int:
        self.out_activation_ = "logistic" if self._is_binary() else "softmax"
        return y.shape[1] if self._multilabel else 1 if self._is_binary() else len(self.classes_)

    def _one_row(self) -> tuple:
        X = np.zeros((1, self.n_features_in_), np.float32)
        return X, np.zeros((1, self.n_outputs_), np.float32) if self._multilabel else np.zeros(1, np.int64)

    def _loss_config(self) -> dict:
        return {"type": "logistic" if self._is_binary() else "softmax", "label_smoothing": self.label_smoothing}

    def _monitor(self, validation: Any) -> str:
        return "train_loss" if validation is None else "validation_accuracy"

    def _scale_loss(self, loss: float) -> float:
        return loss

    _judged_by = "accuracy"

    def _score_of(self, accuracy: float) -> float:
        return accuracy

    def _min_delta(self, _monitor: str) -> float:
        return float(self.tol)

    # ---- scikit-learn's methods

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ChainruleClassifier":
        """Trains on X [n, features] (dense or sparse) and y [n] (classes) or [n, labels] (0 and 1)."""
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> "ChainruleClassifier":
        """One epoch over these rows, from where the training stands. The first call needs all classes."""
        self._check(incremental=True)
        if _check_partial_fit_first_call(self, classes):
            self._multilabel = type_of_target(y).startswith("multilabel")
            self.classes_ = unique_labels(y) if self._multilabel else unique_labels(classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> np.ndarray:
        """The class of each row, or its labels."""
        outputs, _ = self._outputs(X)
        if self._multilabel:
            return (outputs > 0.5).astype(int)
        if outputs.shape[1] == 1:
            return self.classes_[np.minimum(outputs[:, 0] > 0.5, len(self.classes_) - 1).astype(np.intp)]
        return self.classes_[outputs.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities [n, classes] in the order of classes_, or [n, labels]."""
        outputs, dtype = self._outputs(X)
        outputs = outputs.astype(dtype, copy=False)
        if self._multilabel:
            return outputs
        if outputs.shape[1] == 1:
            return np.hstack([1 - outputs, outputs])
        return outputs / outputs.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithms of predict_proba."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _more_tags(self) -> dict:  # scikit-learn before 1.6
        return {"multilabel": True}


LOSSES: dict[str, dict] = {"squared_error": {"type": "l2", "factor": 0.5}, "poisson": {"type": "poisson"},
                           "absolute_error": {"type": "l1"}, "huber": {"type": "huber"}}


class ChainruleRegressor(RegressorMixin, ChainruleBase):
    """A neural network for numbers: scikit-learn's MLPRegressor with chainrule at work.

    Parameters are those of MLPRegressor, with its defaults, but for solver="lbfgs", which is refused. Besides:

    loss : "squared_error", "poisson", "absolute_error" or "huber"
    dropout, batch_norm, layers, precision : as in ChainruleClassifier

    Attributes are those of MLPRegressor.
    """

    _parameter_constraints: dict = {**ChainruleBase._parameter_constraints, "loss": [StrOptions(set(LOSSES))]}

    def __init__(self, hidden_layer_sizes: Union[int, Sequence[int]] = (100,), activation: str = "relu", *,
                 loss: str = "squared_error", solver: str = "adam",
                 alpha: float = 0.0001, batch_size: Union[int, str] = "auto", learning_rate: str = "constant",
                 learning_rate_init: float = 0.001, power_t: float = 0.5, max_iter: int = 200, shuffle: bool = True,
                 random_state: Any = None, tol: float = 1e-4, verbose: Any = False, warm_start: bool = False, momentum: float = 0.9,
                 nesterovs_momentum: bool = True, early_stopping: bool = False, validation_fraction: float = 0.1, beta_1: float = 0.9,
                 beta_2: float = 0.999, epsilon: float = 1e-8, n_iter_no_change: float = 10, max_fun: int = 15000,
                 dropout: float = 0.0, batch_norm: bool = False, layers: Any = None, precision: str = "float32"):
        self._take(locals())

    def _validate(self, X: Any, y: Any, incremental: bool, is_first: bool) -> tuple:
        X, y = validate_data(self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=True,
                             dtype=(np.float64, np.float32), reset=is_first)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not is_first and (1 if y.ndim == 1 else y.shape[1]) != self.n_outputs_:
            raise ValueError(f"y has {1 if y.ndim == 1 else y.shape[1]} targets, but the network was trained on {self.n_outputs_}")
        return X, np.ascontiguousarray(y, np.float64)

    def _weigh(self, _y: np.ndarray, weights: Any) -> Any:
        return weights

    def _class_numbers(self) -> None:
        return None

    def _count_outputs(self, y: np.ndarray) -> int:
        self.out_activation_ = "exp" if self.loss == "poisson" else "identity"
        return 1 if y.ndim == 1 else y.shape[1]

    def _one_row(self) -> tuple:
        return np.zeros((1, self.n_features_in_), np.float32), np.zeros((1, self.n_outputs_))

    def _loss_config(self) -> dict:
        return LOSSES[self.loss]

    def _monitor(self, validation: Any) -> str:
        if validation is None:
            return "train_loss"
        self._variance = self._spread(validation)
        return "validation_r2" if self._variance > 0 else "validation_loss"  # of which then no change counts

    def _min_delta(self, monitor: str) -> float:
        return 1e30 if monitor == "validation_loss" else float(self.tol)

    @staticmethod
    def _spread(validation: tuple) -> float:
        """Of the validation part's targets: their variance around the mean of each, over all."""
        _, y, weights = validation
        mean = np.average(y, axis=0, weights=weights)
        return float(np.mean(np.average((y - mean) ** 2, axis=0, weights=weights)))

    def _scale_loss(self, loss: float) -> float:
        return loss if self.loss == "poisson" else loss / self.n_outputs_  # as scikit-learn

    _judged_by = "rmse"

    def _score_of(self, rmse: float) -> float:
        return 1 - rmse**2 / self._variance if self._variance > 0 else float(rmse == 0)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ChainruleRegressor":
        """Trains on X [n, features] (dense or sparse) and y [n] or [n, targets]."""
        return self._fit(X, y, sample_weight, incremental=False)

    @available_if(lambda self: self.solver != "lbfgs")
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ChainruleRegressor":
        """One epoch over these rows, from where the training stands."""
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> np.ndarray:
        """The values [n] or [n, targets]."""
        outputs, dtype = self._outputs(X)
        outputs = outputs.astype(dtype, copy=False)
        return outputs.ravel() if outputs.shape[1] == 1 else outputs
