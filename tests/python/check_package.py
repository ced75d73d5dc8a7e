"""The package as its user sees it; run by test_package.py with pytest."""

import gc
import json
import os
import pathlib
import pickle
import re
import resource
import signal
import subprocess
import sys
import threading
import xml.etree.ElementTree

import numpy as np
import pandas as pd
import pytest

import chainrule
from chainrule import _core, _library, _program

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
IRIS = ROOT / "configs/iris.json"
PROGRAM = _program.find_program()
CONFIG = {
    "data": {"normalize": "standardize"},
    "model": {"layers": [{"type": "linear", "units": 8}, {"type": "tanh"}, {"type": "linear"}]},
    "loss": {"type": "softmax"},
    "optimizer": {"type": "adam", "learning_rate": 0.02},
    "training": {"epochs": 5, "batch_size": 16, "threads": 1},
}
RANDOM = np.random.default_rng(1)
X = RANDOM.standard_normal((200, 4)).astype(np.float32).astype(np.float64)
Y = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


def weights_of(x, y):
    return chainrule.train(CONFIG, (x, y)).model.weights()


def run_program(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def test_import_leaves_the_large_packages_alone():
    out = subprocess.run([sys.executable, "-c", "import sys, chainrule; print({'numpy', 'pandas', 'sklearn'} & set(sys.modules))"],
                         capture_output=True, text=True, check=True).stdout
    assert out == "set()\n"


def test_train_of_a_file_is_the_programs(tmp_path):
    run = chainrule.train(IRIS, training__epochs=7, **{"training.batch_size": 8}, optimizer={"learning_rate": 0.05})
    theirs = json.loads(run_program("train", IRIS, "training.epochs=7", "training.batch_size=8", "optimizer.learning_rate=0.05", "-q",
                                    "--json", "-o", tmp_path / "run"))
    for key in ("status", "epochs", "steps", "parameters", "train", "validation", "seed", "threads", "version"):
        assert run.summary[key] == theirs[key], key
    metrics = pd.read_csv(tmp_path / "run/metrics.csv")
    for column in ("epoch", "learning_rate", "train_loss", "validation_accuracy", "regularization_loss"):
        np.testing.assert_allclose(run.metrics[column], metrics[column], rtol=1e-8)  # as they are printed there
    assert run.config["training"]["batch_size"] == 8


def test_predictions_are_those_of_the_weights():
    run = chainrule.train(CONFIG, (X, Y))
    w = {name: tensor.astype(np.float64) for name, tensor in run.model.weights().items()}
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    scores = np.tanh(z @ w["linear1.weight"] + w["linear1.bias"]) @ w["linear2.weight"] + w["linear2.bias"]
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(run.model.scores(X), scores, rtol=0, atol=2e-5)  # float32
    np.testing.assert_allclose(run.model.predict_proba(X), shares, rtol=0, atol=1e-5)
    assert (run.model.predict(X) == shares.argmax(axis=1)).all()
    loss = -np.log(shares[np.arange(len(Y)), Y]).mean()
    assert abs(run.summary["train"]["loss"] - loss) < 1e-5


def test_double_precision(tmp_path):
    """Trained, saved and read in it, and then in the other."""
    run = chainrule.train(CONFIG, (X, Y), precision="float64")
    w = run.model.weights()
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    scores = np.tanh(z @ w["linear1.weight"] + w["linear1.bias"]) @ w["linear2.weight"] + w["linear2.bias"]
    assert run.model.precision == "float64" and run.model.scores(X).dtype == w["linear1.weight"].dtype == np.float64
    np.testing.assert_allclose(run.model.scores(X), scores, rtol=0, atol=1e-13)
    np.testing.assert_allclose(run.metrics["train_loss"], chainrule.train(CONFIG, (X, Y)).metrics["train_loss"], rtol=1e-5)
    run.model.save(tmp_path / "model")
    assert (chainrule.Model.load(tmp_path / "model", "float64").scores(X) == run.model.scores(X)).all()
    assert (pickle.loads(pickle.dumps(run.model)).scores(X) == run.model.scores(X)).all()
    single = chainrule.Model.load(tmp_path / "model")
    assert single.precision == "float32" and (single.weights()["linear2.bias"] == w["linear2.bias"].astype(np.float32)).all()
    with pytest.raises(chainrule.UsageError, match="precision is 'double'; 'float32' or 'float64' was expected"):
        chainrule.train(CONFIG, (X, Y), precision="double")


def test_a_library_of_another_precision_is_refused():
    code = "import os; os.environ['CHAINRULE_LIBRARY'] = os.environ['CHAINRULE_LIBRARY'].replace('chainrule.', 'chainrule-f64.')\n" \
           "import chainrule._library"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError" in done.stderr and "computes with 8 bytes, and float32 was expected" in done.stderr, done.stderr


@pytest.mark.parametrize("change", [
    np.asfortranarray, lambda x: x.astype(">f8"), lambda x: x.astype(np.float32), lambda x: np.repeat(x, 2, axis=0)[::2],
    lambda x: np.ascontiguousarray(x[:, ::-1])[:, ::-1], lambda x: x.astype(object),
    lambda x: np.frombuffer(x.tobytes()).reshape(x.shape), lambda x: x.astype(np.longdouble), lambda x: x.tolist()])
def test_arrays_of_any_kind_are_the_same_data(change):
    expected, found = weights_of(X, Y), weights_of(change(X), Y)
    for name, tensor in expected.items():
        assert (found[name] == tensor).all()


@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.uint8, np.int64, bool])
def test_small_types_are_numbers(dtype):
    x = (X > 0).astype(dtype)
    expected, found = weights_of(x.astype(np.float64), Y), weights_of(x, Y)
    for name, tensor in expected.items():
        np.testing.assert_allclose(found[name], tensor, rtol=0, atol=1e-5)  # bytes are normalised in float32


def test_targets_may_be_words_and_numbers():
    words = np.array(["no", "maybe", "yes"])[Y]
    run = chainrule.train(CONFIG, (X, words), training__epochs=60)
    assert run.model.classes == ["maybe", "no", "yes"]
    assert (run.model.predict(X) == words).mean() > 0.9
    two = chainrule.train({**CONFIG, "loss": {"type": "logistic"}}, (X, words == "no"))
    assert two.model.predict_proba(X).shape == (200, 2) and set(two.model.predict(X)) == {0, 1}
    labels = chainrule.train({**CONFIG, "loss": {"type": "logistic"}}, (X, (X > 0).astype(int)))
    assert labels.model.kind == "labels" and labels.model.predict(X).shape == (200, 4)
    numbers = chainrule.train({**CONFIG, "loss": {"type": "l2"}}, (X, X[:, 0]), training__epochs=60)
    assert numbers.model.predict(X).shape == (200,) and np.corrcoef(numbers.model.predict(X), X[:, 0])[0, 1] > 0.9


def test_figures_of_poissons_loss_are_of_what_is_predicted():
    counts = np.floor(np.exp(X[:, 0]) * 3)
    config = {**CONFIG, "loss": {"type": "poisson"}, "log": {"metrics": ["validation_r2"]}}
    parts = {"train": (X[:100], counts[:100]), "validation": (X[100:], counts[100:])}
    run = chainrule.train(config, parts, training__epochs=30)
    found = run.model.predict(X[100:])
    assert (found > 0).all() and np.corrcoef(found, counts[100:])[0, 1] > 0.8
    error = np.mean((found - counts[100:]) ** 2)
    assert abs(run.summary["validation"]["rmse"] / error**0.5 - 1) < 1e-5
    assert abs(run.metrics["validation_r2"].iloc[-1] - (1 - error / counts[100:].var())) < 1e-5
    with pytest.raises(chainrule.DataError, match="example 7 .from 0. of the train data has the target -3"):
        chainrule.train(config, (X, np.where(np.arange(200) == 7, -3, 1)))


def make_table():
    table = pd.DataFrame(X.copy(), columns=["a", "b", "c", "d"])
    table.loc[::7, "b"] = np.nan
    table["kind"] = np.where(X[:, 3] > 0, "round", "square")
    table.loc[::9, "kind"] = None
    table["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(table)) % 50, "D")
    return table


def test_tables_have_words_gaps_and_columns_by_name(tmp_path):
    table, config = make_table(), {**CONFIG, "data": {"missing": "indicator", "normalize": "standardize"}}
    run = chainrule.train(config, (table, pd.Series(Y, name="class")))
    again = chainrule.train({**config, "data": {**config["data"], "target": "class"}}, table.assign(**{"class": Y}))
    assert run.summary["train"] == again.summary["train"]
    turned = table[["day", "kind", "d", "c", "b", "a"]].assign(more=1)
    assert (run.model.predict(turned) == run.model.predict(table)).all()
    run.model.save(tmp_path / "model.safetensors")
    table.to_csv(tmp_path / "table.csv", index=False)
    lines = run_program("predict", tmp_path / "model.safetensors", tmp_path / "table.csv").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(label) for label in run.model.predict(table)]
    with pytest.raises(chainrule.DataError, match="kind"):
        run.model.predict(table.drop(columns="kind"))
    with pytest.raises(chainrule.DataError, match='found "high", expected a number'):
        run.model.predict(table.assign(a="high"))


def test_arrays_stand_in_place_of_a_configs_table():
    run = chainrule.train(IRIS, (X, Y))  # which names a target
    assert run.summary["train"]["accuracy"] > 0.8 and run.model.classes == ["0", "1", "2"]


def test_validation_and_test_may_be_arrays():
    parts = {"train": (X[:100], Y[:100]), "validation": (X[100:150], Y[100:150]), "test": (X[150:], Y[150:])}
    run = chainrule.train(CONFIG, parts)
    assert {"train", "validation", "test"} <= set(run.summary) and "validation_loss" in run.metrics
    with pytest.raises(ValueError, match="data has valid; expected train, validation, test"):
        chainrule.train(CONFIG, {"train": (X, Y), "valid": (X, Y)})


def test_examples_with_weights_count_as_often():
    often = np.repeat(np.arange(len(X)), 1 + np.arange(len(X)) % 3)
    config = {**CONFIG, "data": {}, "training": {**CONFIG["training"], "batch_size": 1000, "shuffle": False}}
    weighted = chainrule.train(config, (X, Y, 1 + np.arange(len(X)) % 3))
    repeated = chainrule.train(config, (X[often], Y[often]))
    assert abs(weighted.summary["train"]["loss"] - repeated.summary["train"]["loss"]) < 1e-5  # float32


def test_going_on_is_as_if_it_had_not_stopped():
    whole, parts = chainrule.train(CONFIG, (X, Y)), chainrule.train(CONFIG, (X, Y), training__epochs=2)
    parts.go_on(3)
    assert parts.summary["epochs"] == 5
    for name, tensor in whole.model.weights().items():
        assert (parts.model.weights()[name] == tensor).all()


def test_state_goes_on_elsewhere():
    one, other = (_core.Experiment(CONFIG, (X, Y)) for _ in range(2))
    one.train(2)
    other.state = one.state
    one.train(2)
    other.train(2)
    assert all((one.weights()[name] == tensor).all() for name, tensor in other.weights().items())
    with pytest.raises(chainrule.DataError):
        other.state = b"12345678"


def test_model_keeps_through_files_and_pickle(tmp_path):
    model = chainrule.train(CONFIG, (X, Y)).model
    model.save(tmp_path / "m.safetensors")
    for other in (chainrule.Model.load(tmp_path / "m.safetensors"), pickle.loads(pickle.dumps(model))):
        assert (other.predict_proba(X) == model.predict_proba(X)).all()
    other.set_weights({"linear2.bias": [0, 0, 100]})
    assert (other.predict(X) == 2).all() and (model.predict(X) != 2).any()
    with pytest.raises(ValueError, match="there is no tensor 'linear3.bias'"):
        other.set_weights({"linear3.bias": [0]})
    with pytest.raises(ValueError, match=r"the shape \(3,\), not \(2,\)"):
        other.set_weights({"linear2.bias": [0, 0]})


@pytest.mark.parametrize("config, data, kind, said", [
    ({"modell": 1}, None, chainrule.ConfigError, 'did you mean "model"'),
    ("{", None, chainrule.ConfigError, "config:1"),
    (CONFIG, (X, Y[:-1]), chainrule.DataError, "199 targets, but train has 200 examples"),
    (CONFIG, (np.where(X > 2, np.nan, X), Y), chainrule.DataError, r"missing \(NaN\)"),
    (CONFIG, (np.where(X > 2, np.inf, X), Y), chainrule.DataError, "infinite"),
    (CONFIG, (X[:0], Y[:0]), ValueError, "it holds nothing"),
    (CONFIG, (X, Y + 0.5), chainrule.DataError, "which is no class"),
    (CONFIG, (X, ["one"] * 200), chainrule.DataError, "at least two classes"),
    (CONFIG, (X[0], Y[:4]), chainrule.DataError, "two to four dimensions"),
    (CONFIG, (np.zeros((2, 1, 1, 1, 1)), Y[:2]), ValueError, "5 dimensions"),
    (CONFIG, (X.astype(complex), Y), TypeError, "complex128; numbers or texts were expected"),
    (CONFIG, (X, Y, -np.ones(200)), chainrule.DataError, "weights: found -1 for example 0"),
    (CONFIG, (X.astype(str), Y), chainrule.DataError, "inputs are numbers")])
def test_bad_input_is_said(config, data, kind, said):
    with pytest.raises(kind, match=said):
        chainrule.train(config, data)


def test_predict_refuses_what_it_cannot_read():
    model = chainrule.train(CONFIG, (X, Y)).model
    with pytest.raises(ValueError, match="examples of 4 values were expected"):
        model.predict(X[:, :3])
    with pytest.raises(chainrule.DataError, match="no such file"):
        chainrule.Model.load("nowhere.safetensors")
    with pytest.raises(chainrule.DataError, match="not a safetensors file"):
        chainrule.Model.from_bytes(b"nothing of the kind")


def test_divergence_is_an_exception():
    with pytest.raises(chainrule.DivergedError, match="smaller learning_rate"):
        chainrule.train({**CONFIG, "loss": {"type": "l2"}, "optimizer": {"type": "sgd", "learning_rate": 1e9}}, (X, X[:, 0]))


def test_callbacks_stop_and_their_exceptions_come_through():
    seen = []
    run = chainrule.train(CONFIG, (X, Y), on_epoch=lambda epoch: seen.append(epoch.epoch) or epoch.epoch < 3)
    assert seen == [1, 2, 3] and run.status == "interrupted"
    with pytest.raises(KeyError, match="mine"):
        chainrule.train(CONFIG, (X, Y), on_step=lambda progress: {}["mine"])


def test_ctrl_c_leaves_a_usable_model():
    code = ("import chainrule, signal, sys, time, numpy as np\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)  # which a background job of a shell has not\n"
            "x, begun = np.random.rand(500, 4), []\n"
            "def tell(epoch):\n    if not begun:\n        begun.append(print('training', flush=True))\n"
            f"run = chainrule.train({CONFIG!r}, (x, x[:, 0] > 0.5), training__epochs=10**8, on_epoch=tell)\n"
            "print(run.status, len(run.model.predict(x)), flush=True)\n"
            "try:\n    print('waiting', flush=True)\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('as ever')\n")
    with subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "training\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "interrupted 500\n"
            assert process.stdout.readline() == "waiting\n"
            process.send_signal(signal.SIGINT)
            assert process.stdout.read() == "as ever\n"
        finally:
            process.kill()


def test_threads_train_side_by_side_and_let_others_run():
    expected = weights_of(X, Y)
    found, count, done = [], 0, threading.Event()
    threads = [threading.Thread(target=lambda: found.append(weights_of(X, Y))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all((w[name] == expected[name]).all() for w in found for name in expected)
    long = threading.Thread(target=lambda: (chainrule.train(CONFIG, (X, Y), training__epochs=5000), done.set()))
    long.start()
    while not done.wait(0.001):
        count += 1
    long.join()
    assert count > 10  # of its milliseconds, which are hundreds


def test_fits_leave_nothing_behind():
    def fit(times):
        for _ in range(times):
            chainrule.train(CONFIG, (X, Y), training__epochs=1).model.predict(X)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gc.disable()  # memory is free at once
    before = fit(300)
    # KiB, with what the heap grows by while it settles. CHAINRULE_FITS=10000 sees a leak of 300 bytes a fit
    assert fit(int(os.environ.get("CHAINRULE_FITS", "1000"))) - before < 3000
    gc.enable()


def test_another_version_of_the_library_is_refused(tmp_path):
    library = tmp_path / "libchainrule.so"
    library.write_bytes(pathlib.Path(_library.find()).read_bytes().replace(b"\x000.1.0\x00", b"\x009.9.9\x00"))
    done = subprocess.run([sys.executable, "-c", "import chainrule"], capture_output=True, text=True,
                          env={**os.environ, "CHAINRULE_LIBRARY": str(library)})
    assert "is libchainrule 9.9.9, but this package is chainrule 0.1.0; install both from one source" in done.stderr
    other = next(pathlib.Path("/lib/x86_64-linux-gnu" if os.path.isdir("/lib/x86_64-linux-gnu") else "/lib").rglob("libm.so.6"))
    done = subprocess.run([sys.executable, "-c", "import chainrule"], capture_output=True, text=True,
                          env={**os.environ, "CHAINRULE_LIBRARY": str(other)})
    assert "is not libchainrule" in done.stderr


def test_run_shows_its_curves():
    run = chainrule.train(IRIS, training__epochs=5)
    page = xml.etree.ElementTree.fromstring(run._repr_html_())
    lines = page.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4 and all(len(line.get("points").split()) == 5 for line in lines)
    assert "validation accuracy" in repr(run)


def test_progress_is_a_line(capfd, monkeypatch):
    monkeypatch.setattr("chainrule._train.Progress.EVERY_SECONDS", 0)
    chainrule.train(IRIS, training__epochs=3, progress=True)
    assert "epoch 2, train loss" in capfd.readouterr().err


def test_sweep_and_load_runs(tmp_path):
    config = {**CONFIG, "data": {"validation": {"fraction": 0.2}},
              "sweep": {"parameters": {"optimizer.learning_rate": {"values": [0.01, 0.1, 0.3]}}}}
    table = chainrule.sweep(config, (X, Y), output=tmp_path / "sweep", jobs=2)
    assert sorted(table["optimizer.learning_rate"]) == [0.01, 0.1, 0.3]
    assert chainrule.load_runs(tmp_path / "sweep", sort="validation_accuracy").shape[0] == 3
    assert chainrule.Model.load(tmp_path / "sweep/best").predict(X).shape == (200,)
    frame = make_table().assign(target=Y)
    config["data"].update(target="target", missing="mean")
    assert len(chainrule.sweep(config, frame, training__epochs=1)) == 3
    with pytest.raises(chainrule.ConfigError, match="learning_rate"):
        chainrule.sweep({**config, "sweep": {"parameters": {"optimizer.learning_rate": 1}}}, frame)


def test_page_runs_from_top_to_bottom(tmp_path, monkeypatch):
    for name in ("configs", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/python.md").read_text().split("\n## Estimators")[0], re.S | re.M)
    assert len(blocks) >= 5
    names: dict = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert names["model"].predict([[5.1, 3.5, 1.4, 0.2]]) == ["setosa"]


def test_gaps_in_arrays_are_filled_or_refused():
    x = np.where(X > 1.5, np.nan, X)
    for missing in ("mean", "indicator"):
        run = chainrule.train({**CONFIG, "data": {"missing": missing}}, (x, Y), training__epochs=60)
        assert abs((run.model.predict(x) == Y).mean() - run.summary["train"]["accuracy"]) < 1e-9
    with pytest.raises(chainrule.DataError, match=r"missing \(NaN\)"):
        chainrule.train(CONFIG, (X, Y)).model.predict(x)
    with pytest.raises(chainrule.DataError, match="infinite"):
        chainrule.train(CONFIG, (X, Y)).model.predict(np.where(X > 1.5, np.inf, X))
