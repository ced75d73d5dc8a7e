"""The estimators beside scikit-learn's own, and by its conventions; run by test_estimators.py with pytest, in environments with
several versions of scikit-learn."""

import copy
import inspect
import os
import pathlib
import pickle
import re
import subprocess
import sys
import threading
import warnings

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks

from chainrule import ChainruleClassifier, ChainruleRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X_DIGITS, Y_DIGITS = load_digits(return_X_y=True)
X_DIGITS = X_DIGITS[:500] / 16
Y_DIGITS = Y_DIGITS[:500]
LABELS = np.stack([Y_DIGITS % 2, Y_DIGITS > 4, Y_DIGITS == 3], axis=1).astype(int)
NUMBERS = np.stack([X_DIGITS[:, 20] * 2 + X_DIGITS[:, 30], X_DIGITS[:, 40] - 1], axis=1)
WEIGHTS = np.random.RandomState(0).choice([0.5, 1, 3], len(Y_DIGITS))
IS_NEW = tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 7)  # whose MLPs take weights
IS_LAST = tuple(map(int, sklearn.__version__.split(".")[:2])) >= (1, 3)  # whose n_iter_ counts the last fit alone
SGD = {"solver": "sgd", "learning_rate_init": 0.1, "max_iter": 10}
TASKS = {"classes": (MLPClassifier, ChainruleClassifier, Y_DIGITS), "two": (MLPClassifier, ChainruleClassifier, Y_DIGITS > 4),
         "labels": (MLPClassifier, ChainruleClassifier, LABELS), "numbers": (MLPRegressor, ChainruleRegressor, NUMBERS),
         "number": (MLPRegressor, ChainruleRegressor, NUMBERS[:, 0])}


def fit_both(task, weights=None, precision="float32", **how):
    theirs, ours, y = TASKS[task]
    if task.startswith("number") and "learning_rate_init" in how:  # so that errors do not grow from step to step
        how["learning_rate_init"] /= 10
    extra = {} if weights is None else {"sample_weight": weights}
    how.update(random_state=3, shuffle=False)
    return theirs(**how).fit(X_DIGITS, y, **extra), ours(precision=precision, **how).fit(X_DIGITS, y, **extra)


TOLERANCES = {"float32": 1e-4, "float64": 1e-12}  # they round at 6e-8 and at 1e-16; some hundred steps make more of it


def compare(theirs, ours, tolerance):
    """Weights, loss curves, and predictions."""
    for a, b in zip(theirs.coefs_ + theirs.intercepts_, ours.coefs_ + ours.intercepts_):
        np.testing.assert_allclose(b, a, rtol=0, atol=tolerance)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=10 * tolerance, atol=tolerance)
    for answer in ("predict_proba", "predict") if hasattr(theirs, "predict_proba") else ("predict",):
        np.testing.assert_allclose(getattr(ours, answer)(X_DIGITS), getattr(theirs, answer)(X_DIGITS), rtol=0, atol=10 * tolerance)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, name) == getattr(theirs, name), name


@pytest.mark.parametrize("precision", TOLERANCES)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("how", [
    {}, {"nesterovs_momentum": False}, {"momentum": 0}, {"activation": "tanh"}, {"activation": "logistic"}, {"activation": "identity"},
    {"hidden_layer_sizes": (20, 10), "activation": "tanh"}, {"batch_size": 64}], ids=str)
def test_the_same_steps_as_theirs(task, how, precision):
    """The loss is compared without alpha, which they add at each step, and we at the end of an epoch."""
    compare(*fit_both(task, precision=precision, **{**SGD, "alpha": 0, **how}), TOLERANCES[precision])


@pytest.mark.parametrize("precision", TOLERANCES)
@pytest.mark.parametrize("task", TASKS)
def test_the_same_steps_with_a_schedule_and_alpha(task, precision):
    theirs, ours = fit_both(task, precision=precision, **{**SGD, "learning_rate": "invscaling", "momentum": 0, "alpha": 0})
    compare(theirs, ours, TOLERANCES[precision])
    theirs, ours = fit_both(task, precision=precision, **{**SGD, "alpha": 5.0})
    for a, b in zip(theirs.coefs_, ours.coefs_):
        np.testing.assert_allclose(b, a, rtol=0, atol=TOLERANCES[precision])


@pytest.mark.skipif(not IS_NEW, reason="before 1.7 scikit-learn's MLPs take no weights")
@pytest.mark.parametrize("precision", TOLERANCES)
@pytest.mark.parametrize("task", TASKS)
def test_the_same_steps_with_weights(task, precision):
    """But for the loss of an epoch, which with them is a mean of the batches' and with us of the rows'."""
    for alpha in (0, 5.0):
        theirs, ours = fit_both(task, WEIGHTS, precision, **SGD, alpha=alpha)
        for a, b in zip(theirs.coefs_, ours.coefs_):
            np.testing.assert_allclose(b, a, rtol=0, atol=TOLERANCES[precision])


@pytest.mark.skipif(not IS_NEW, reason="before 1.7 scikit-learn's MLPRegressor has no loss=\"poisson\"")
def test_the_same_steps_with_poissons_loss():
    for y in (np.floor(X_DIGITS[:, 20] * 9), np.floor(X_DIGITS[:, 20:22] * 4)):
        for more in ({}, {"sample_weight": WEIGHTS}):
            how = {**SGD, "learning_rate_init": 0.02, "alpha": 0, "random_state": 3, "shuffle": False, "loss": "poisson"}
            theirs, ours = MLPRegressor(**how).fit(X_DIGITS, y, **more), ChainruleRegressor(precision="float64", **how).fit(X_DIGITS, y, **more)
            np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=0, atol=1e-12)
            np.testing.assert_allclose(ours.predict(X_DIGITS), theirs.predict(X_DIGITS), rtol=1e-11)
            if not more:
                np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-11)
            assert ours.out_activation_ == theirs.out_activation_ == "exp"
    ours = ChainruleRegressor(loss="poisson", early_stopping=True, max_iter=300, random_state=0, learning_rate_init=0.01)
    assert ours.fit(X_DIGITS, y).score(X_DIGITS, y) > 0.8 and max(ours.validation_scores_) > 0.8
    with pytest.raises(ValueError, match='has the target -1; the loss "poisson" takes numbers from 0 on'):
        ours.fit(X_DIGITS, y - 1)


@pytest.mark.parametrize("task", TASKS)
def test_adam_goes_where_theirs_goes(task):
    """Adam divides by the gradient's size, so that weights of inputs that are always 0 go other ways; the loss does not."""
    theirs, ours = fit_both(task, max_iter=20, activation="tanh")
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-3)


def test_it_ends_where_theirs_ends():
    """By the training loss, by the validation score, and by a rate that has become too small."""
    for how in ({"tol": 0.02, "max_iter": 400}, {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 3, "max_iter": 900}):
        theirs, ours = fit_both("classes", **{**SGD, "alpha": 0, **how})
        assert ours.n_iter_ == theirs.n_iter_ < how["max_iter"]
    ours = ChainruleClassifier(early_stopping=True, random_state=0, max_iter=300).fit(X_DIGITS, Y_DIGITS)
    assert len(ours.validation_scores_) == ours.n_iter_ < 300 and ours.best_loss_ is None
    assert ours.best_validation_score_ == max(ours.validation_scores_)


CHECKS_THAT_FAIL = {"float64": set(), "float32": {  # where predictions of equal sums in another order are to agree to 1e-7
    "check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data",
    "check_sample_weights_invariance"}}
CHECKS_WITHOUT_AN_OBJECT = {"check_classifiers_multilabel_output_format_decision_function"}  # no decision_function, as in theirs


@pytest.mark.parametrize("precision", CHECKS_THAT_FAIL)
@pytest.mark.parametrize("kind", [ChainruleClassifier, ChainruleRegressor])
def test_scikit_learn_checks_estimators(kind, precision):
    estimator = kind(max_iter=100, precision=precision)
    generate = getattr(estimator_checks, "estimator_checks_generator", None)
    checks = generate(estimator) if generate else estimator_checks.check_estimator(estimator, generate_only=True)
    failed, count = {}, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one, check in checks:
            count += 1
            name = getattr(check, "func", check).__name__
            try:
                check(one)
            except AssertionError as error:
                failed[name] = str(error)
            except Exception as error:
                lacks = "pandas is not installed" in str(error) or name in CHECKS_WITHOUT_AN_OBJECT
                if type(error).__name__ != "SkipTest" or not lacks:
                    raise AssertionError(f"{name}: {error!r}") from error
    assert count > 40
    assert set(failed) <= CHECKS_THAT_FAIL[precision], failed
    for text in failed.values():  # by no more than rounding
        assert "rtol=1e-07" in text and all(float(d) < 1e-6 for d in re.findall(r"Max absolute difference[^:]*: (\S+)", text)), text


def test_weights_are_rows():
    """As scikit-learn's check that fails above, with float32's tolerance."""
    X, y = load_iris(return_X_y=True)
    counts = np.random.RandomState(1).randint(0, 4, len(y))
    for kind in (ChainruleClassifier, ChainruleRegressor):
        how = {"max_iter": 30, "random_state": 0, "batch_size": 1000, "shuffle": False}
        weighted = kind(**how).fit(X, y, sample_weight=counts)
        repeated = kind(**how).fit(X.repeat(counts, axis=0), y.repeat(counts))
        for a, b in zip(weighted.coefs_, repeated.coefs_):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)


LBFGS = "the test needs solver='lbfgs'"
PRIVATE = "the test looks at a private attribute"
THEIR_TESTS_THAT_FAIL = {
    "test_gradient": LBFGS, "test_lbfgs_classification": LBFGS, "test_lbfgs_regression": LBFGS,
    "test_lbfgs_classification_maxfun": LBFGS, "test_lbfgs_regression_maxfun": LBFGS, "test_multilabel_classification": LBFGS,
    "test_multioutput_regression": LBFGS, "test_predict_proba_multilabel": LBFGS, "test_sparse_matrices": LBFGS,
    "test_warm_start": LBFGS, "test_mlp_warm_start_no_convergence": LBFGS, "test_mlp_vs_poisson_glm_equivalent": LBFGS,
    "test_learning_rate_warmstart": PRIVATE, "test_adaptive_learning_rate": PRIVATE, "test_n_iter_no_change": PRIVATE,
    "test_n_iter_no_change_inf": PRIVATE,
}


def test_scikit_learns_tests_of_its_mlp():
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rf", "--tb=no", "-p", "replace_mlp", "-p", "no:cacheprovider",
                           "--pyargs", "sklearn.neural_network.tests.test_mlp"], capture_output=True, text=True,
                          cwd=pathlib.Path(__file__).parent,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join([str(pathlib.Path(__file__).parent), *sys.path])})
    failed = re.findall(r"(?m)^FAILED \S*::(\w+)(\S*)", done.stdout)
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 25, done.stdout
    assert {name for name, _ in failed} == set(THEIR_TESTS_THAT_FAIL) & set(re.findall(r"def (test_\w+)", their_source())), done.stdout
    for name, case in failed:
        if name == "test_mlp_warm_start_no_convergence":
            assert "lbfgs" in case


def their_source():
    import sklearn.neural_network.tests.test_mlp as tests
    return inspect.getsource(tests)


def fitted(kind=ChainruleClassifier, **how):
    return kind(hidden_layer_sizes=(12,), max_iter=20, random_state=0, **how).fit(X_DIGITS, Y_DIGITS)


def test_coefs_are_the_users():
    model = fitted()
    before = model.predict_proba(X_DIGITS)
    model.coefs_[0][:] = 0  # in place
    assert np.ptp(model.predict_proba(X_DIGITS), axis=0).max() < 1e-6 < np.ptp(before, axis=0).max()
    model = fitted()
    model.intercepts_ = [np.zeros(12), np.eye(10)[7] * 1e4]
    assert (model.predict(X_DIGITS) == 7).all()
    model.coefs_ = [np.zeros((3, 3))] * 2
    with pytest.raises(ValueError, match=r"coefs_ has an array of shape \(3, 3\), but the network's is \(64, 12\)"):
        model.predict(X_DIGITS)
    assert not hasattr(ChainruleClassifier(), "coefs_")


@pytest.mark.parametrize("how", [{}, {"precision": "float64"}, {"precision": "float64", "early_stopping": True}], ids=str)
@pytest.mark.parametrize("kind", [ChainruleClassifier, ChainruleRegressor])
def test_copies_are_the_same(kind, how, tmp_path):
    model = fitted(kind, **how)
    joblib.dump(model, tmp_path / "model")
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), joblib.load(tmp_path / "model")):
        assert (other.predict(X_DIGITS) == model.predict(X_DIGITS)).all()
        assert other.loss_curve_ == model.loss_curve_
    with pytest.raises(NotFittedError):
        clone(model).predict(X_DIGITS)


@pytest.mark.parametrize("precision", TOLERANCES)
def test_partial_fit_goes_on_from_a_pickle(precision):
    """With the optimizer's state: to the bit."""
    alone, pickled = (ChainruleClassifier(random_state=1, hidden_layer_sizes=9, precision=precision) for _ in range(2))
    for first in range(0, 400, 100):
        part = slice(first, first + 100)
        alone.partial_fit(X_DIGITS[part], Y_DIGITS[part], classes=np.arange(10))
        pickled.partial_fit(X_DIGITS[part], Y_DIGITS[part], classes=np.arange(10))
        pickled = pickle.loads(pickle.dumps(pickled))
    assert all((a == b).all() for a, b in zip(alone.coefs_, pickled.coefs_))
    assert alone.t_ == 400 and len(alone.loss_curve_) == 4 and alone.n_iter_ == (1 if IS_LAST else 4)


def test_a_fit_that_fails_leaves_nothing_fitted():
    model = ChainruleClassifier(max_iter=5, solver="sgd", learning_rate_init=1e30, random_state=0)
    with pytest.raises(ValueError, match="non-finite"):
        model.fit(X_DIGITS, Y_DIGITS)
    with pytest.raises(NotFittedError):
        model.predict(X_DIGITS)
    assert model.set_params(learning_rate_init=0.1).fit(X_DIGITS, Y_DIGITS).score(X_DIGITS, Y_DIGITS) > 0.5


def test_partial_fits_learn_what_fit_learns():
    model = ChainruleClassifier(random_state=1, solver="sgd", learning_rate_init=0.2)
    for _ in range(40):
        model.partial_fit(X_DIGITS, Y_DIGITS, classes=range(10))
    assert model.score(X_DIGITS, Y_DIGITS) > 0.98
    heavy = np.where(Y_DIGITS == 1, 1000, 1)
    for _ in range(5):
        model.partial_fit(X_DIGITS, np.where(Y_DIGITS == 1, 7, Y_DIGITS), sample_weight=heavy)
    assert (model.predict(X_DIGITS[Y_DIGITS == 1]) == 7).all()


def test_partial_fit_goes_on_when_the_rate_has_become_too_small():
    model = ChainruleClassifier(random_state=1, solver="sgd", learning_rate="adaptive", tol=1e9, n_iter_no_change=1, max_iter=100)
    before = model.fit(X_DIGITS, Y_DIGITS).n_iter_
    assert before < 100
    assert model.partial_fit(X_DIGITS, Y_DIGITS).n_iter_ == (1 if IS_LAST else before + 1)


def test_warm_start_goes_on():
    model = ChainruleClassifier(random_state=1, max_iter=5, warm_start=True).fit(X_DIGITS, Y_DIGITS)
    first = model.loss_
    model.fit(X_DIGITS, Y_DIGITS)
    assert model.loss_ < first and len(model.loss_curve_) == 10 and model.n_iter_ == (5 if IS_LAST else 10)


def test_what_theirs_has_not():
    for how in ({"dropout": 0.2}, {"batch_norm": True}, {"label_smoothing": 0.1}, {"class_weight": "balanced"},
                {"layers": [{"type": "reshape", "shape": [1, 8, 8]}, {"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "relu"}]}):
        model = ChainruleClassifier(max_iter=60, random_state=0, learning_rate_init=0.01, **how).fit(X_DIGITS, Y_DIGITS)
        assert model.score(X_DIGITS, Y_DIGITS) > 0.97, how
        assert (pickle.loads(pickle.dumps(model)).predict_proba(X_DIGITS) == model.predict_proba(X_DIGITS)).all()
    model = ChainruleRegressor(loss="huber", max_iter=200, random_state=0, learning_rate_init=0.01).fit(X_DIGITS, NUMBERS[:, 0])
    assert model.score(X_DIGITS, NUMBERS[:, 0]) > 0.95


def test_class_weights_are_weights():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    how = {"max_iter": 20, "random_state": 0}
    by_class = ChainruleClassifier(class_weight={1: 3.0}, **how).fit(X, y)
    by_row = ChainruleClassifier(**how).fit(X, y, sample_weight=np.where(y == 1, 3.0, 1.0))
    assert (by_class.coefs_[0] == by_row.coefs_[0]).all()
    names = np.array(["no", "yes"])[y]
    assert (ChainruleClassifier(class_weight={"yes": 3.0}, **how).fit(X, names).coefs_[0] == by_row.coefs_[0]).all()


@pytest.mark.parametrize("kind", ["fortran", "steps", "big-endian", "float16", "object", "read-only", "list", "float32"])
def test_arrays_of_every_kind(kind):
    X = np.round(X_DIGITS * 16)
    made = {"fortran": np.asfortranarray(X), "steps": np.repeat(X, 2, axis=1)[:, ::2], "big-endian": X.astype(">f8"),
            "float16": X.astype(np.float16), "object": X.astype(object), "list": X.tolist(), "float32": X.astype(np.float32),
            "read-only": X.copy()}[kind]
    if kind == "read-only":
        made.flags.writeable = False
    how = {"max_iter": 3, "random_state": 0}
    plain = ChainruleClassifier(**how).fit(X, Y_DIGITS)
    other = ChainruleClassifier(**how).fit(made, Y_DIGITS)
    np.testing.assert_array_equal(other.predict(made), plain.predict(X))
    np.testing.assert_allclose(other.predict_proba(made), plain.predict_proba(X), rtol=0, atol=1e-6)


def test_sparse_is_dense():
    from scipy import sparse
    dense = fitted()
    for form in (sparse.csr_matrix, sparse.csc_matrix):
        model = ChainruleClassifier(hidden_layer_sizes=(12,), max_iter=20, random_state=0).fit(form(X_DIGITS), Y_DIGITS)
        assert (model.predict_proba(form(X_DIGITS)) == dense.predict_proba(X_DIGITS)).all()


def test_many_rows_are_predicted_as_few():
    """Many are read where they lie; few become float32 first. Batches are of 64 rows."""
    for kind in (ChainruleClassifier, ChainruleRegressor):
        model = fitted(kind)
        X = np.tile(X_DIGITS[:64], (40, 1))
        answer = model.predict if kind is ChainruleRegressor else model.predict_proba
        for many in (X, np.asfortranarray(X), X.astype(np.float32), np.repeat(X, 2, axis=1)[:, ::2], X[::-1][::-1]):
            few = answer(many[:64])
            assert (answer(many) == np.concatenate([few] * 40)).all()
        for value, said in ((np.nan, "NaN"), (-np.inf, "infinity"), (1e300, r"too large for dtype\('float32'\)")):
            X[-1, 3] = value
            with pytest.raises(ValueError, match=said):
                model.predict(X)


def test_classes_are_the_users():
    for names in (np.array(["b", "a", "c"]), np.array([10, -3, 7]), np.array(["x", "y", "z"], dtype=object), np.array([1.0, 2.0, 3.0])):
        X, y = load_iris(return_X_y=True)
        model = ChainruleClassifier(max_iter=150, random_state=0, learning_rate_init=0.01).fit(X, names[y])
        assert (model.classes_ == np.unique(names)).all() and model.score(X, names[y]) > 0.95
        assert model.predict_proba(X).shape == (150, 3)


BAD = [  # what is called, and what is said
    (lambda c: c.fit(X_DIGITS[0], Y_DIGITS), "Expected 2D array, got 1D array"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS[:-1]), "inconsistent numbers of samples"),
    (lambda c: c.fit(np.where(X_DIGITS > 0.9, np.nan, X_DIGITS), Y_DIGITS), "NaN"),
    (lambda c: c.fit(X_DIGITS[:0], Y_DIGITS[:0]), r"0 sample\(s\)"),
    (lambda c: c.fit(X_DIGITS[:, :0], Y_DIGITS), r"0 feature\(s\)"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS + 0.5), "Unknown label type"),
    (lambda c: c.fit(X_DIGITS * 1e300, Y_DIGITS), "too large for dtype\\('float32'\\)"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS, sample_weight=-WEIGHTS), "Negative values in data passed to `sample_weight`"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS, sample_weight=WEIGHTS[:9]), "sample_weight.shape"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS, sample_weight=0 * WEIGHTS), "0 for every row|at least one non-zero"),
    (lambda c: c.partial_fit(X_DIGITS, Y_DIGITS), "classes must be passed on the first call to partial_fit"),
    (lambda c: c.partial_fit(X_DIGITS, Y_DIGITS, classes=[0, 1]), "has classes not in `self.classes_`"),
    (lambda c: c.set_params(early_stopping=True).partial_fit(X_DIGITS, Y_DIGITS, classes=range(10)), "does not support early_stopping"),
    (lambda c: c.set_params(solver="lbfgs").fit(X_DIGITS, Y_DIGITS), "Use solver='adam'"),
    (lambda c: c.set_params(hidden_layer_sizes=(3, -1)).fit(X_DIGITS, Y_DIGITS), "hidden_layer_sizes must be > 0"),
    (lambda c: c.set_params(precision="float16").fit(X_DIGITS, Y_DIGITS), "'precision' parameter"),
    (lambda c: c.set_params(alpha=-1).fit(X_DIGITS, Y_DIGITS), "'alpha' parameter"),
    (lambda c: c.set_params(layers=[{"type": "liner"}]).fit(X_DIGITS, Y_DIGITS), 'did you mean "linear"'),
    (lambda c: c.set_params(learning_rate_init=1e30, solver="sgd").fit(X_DIGITS, Y_DIGITS), "non-finite parameter weights"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS).predict(X_DIGITS[:, :5]), "X has 5 features, but ChainruleClassifier is expecting 64"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS).predict(np.full((2, 64), np.inf)), "infinity"),
    (lambda c: c.fit(X_DIGITS, Y_DIGITS).predict(X_DIGITS[0]), "Expected 2D array, got 1D array"),
]


@pytest.mark.parametrize("call,said", BAD, ids=[said[:30] for _, said in BAD])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_input_is_said(call, said):
    with pytest.raises(ValueError, match=said):
        call(ChainruleClassifier(max_iter=2, random_state=0))


def test_what_is_warned_of():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        ChainruleClassifier(max_iter=2).fit(X_DIGITS, Y_DIGITS)
    with pytest.warns(UserWarning, match="It is going to be clipped"):
        ChainruleClassifier(max_iter=2, batch_size=10**6).fit(X_DIGITS, Y_DIGITS)
    with pytest.raises(NotFittedError):
        ChainruleRegressor().predict(X_DIGITS)


def test_names_of_features():
    pandas = pytest.importorskip("pandas")
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = ChainruleRegressor(max_iter=3).fit(X, y)
    assert list(model.feature_names_in_) == list(X.columns)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X.to_numpy())
    with pytest.raises(ValueError, match="feature names"):
        model.predict(pandas.DataFrame(X.to_numpy(), columns=list(X.columns[::-1])))


def test_pools():
    """Processes, and threads: what comes out does not depend on them."""
    model = ChainruleClassifier(max_iter=20, random_state=0)
    alone = cross_val_score(model, X_DIGITS, Y_DIGITS, cv=3)
    for backend in ("loky", "threading"):
        with joblib.parallel_backend(backend):
            assert (cross_val_score(model, X_DIGITS, Y_DIGITS, cv=3, n_jobs=2) == alone).all()
    results = {}
    threads = [threading.Thread(target=lambda k=k: results.update({k: fitted(alpha=k / 10).coefs_[0]})) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(4):
        assert (results[k] == fitted(alpha=k / 10).coefs_[0]).all()


def test_multilabel():
    X, y = make_multilabel_classification(random_state=0)
    model = ChainruleClassifier(random_state=0, max_iter=500).fit(X, y)
    assert model.predict(X).shape == y.shape and (model.predict(X) == y).mean() > 0.95
    assert model.predict_proba(X).shape == y.shape and model.out_activation_ == "logistic"


def test_nothing_leaks():
    """Of so many fits ($CHAINRULE_FITS, 10,000 by hand) none keeps a tenth of its data."""
    fits = int(os.environ.get("CHAINRULE_FITS", "400"))
    statm = pathlib.Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("no /proc")

    def memory():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    model = ChainruleClassifier(hidden_layer_sizes=(8,), max_iter=1)
    for _ in range(200):
        model.fit(X_DIGITS, Y_DIGITS)
    before = memory()
    for _ in range(fits):
        model.fit(X_DIGITS, Y_DIGITS)
    assert memory() - before < fits * X_DIGITS.nbytes / 10 / 8 + 2**21
