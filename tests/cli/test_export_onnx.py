"""export --format onnx against onnxruntime: every layer type, every loss, every config that ships, words and gaps."""

import csv
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import ROOT, ProgramTest, find_data, main  # noqa: E402

# Sums of single precision in another order: of each output, relative to itself, or to a tenth of the largest where it is
# smaller (what larger ones have cancelled to).
RELATIVE, SMALL = 1e-5, 0.1

ROWS = 16
IMAGE, LINE, FLAT = [2, 6, 5], [3, 8], [5]

# Of each layer type: shapes of examples, layers that end in it. What is not defined everywhere gets positive inputs.
POSITIVE = {"log", "power", "reciprocal"}
SEVERAL = [{"type": "linear", "name": "a", "units": 4}, {"type": "linear", "name": "b", "units": 4, "inputs": ["data"]},
           {"type": "linear", "name": "one", "units": 1, "inputs": ["data"]}]


def of_several(kind, *inputs):
    return (FLAT, [layer for layer in SEVERAL if layer["name"] in inputs] + [{"type": kind, "inputs": list(inputs)}])


def with_single(kind):
    """A single number that goes with every value of an image."""
    return (IMAGE, [{"type": "relu", "name": "image"}, {"type": "mean", "name": "one", "inputs": ["image"]},
                    {"type": kind, "inputs": ["one", "image"]}])


CASES = {
    "linear": [(FLAT, [{"type": "linear", "units": 3}]), (IMAGE, [{"type": "linear", "units": 3}]),
               (FLAT, [{"type": "linear", "units": 3, "bias": False}])],
    "add": [of_several("add", "a", "b", "one"), with_single("add")],
    "subtract": [of_several("subtract", "a", "b"), of_several("subtract", "one", "b"), with_single("subtract")],
    "mul": [of_several("mul", "a", "b", "one"), with_single("mul")],
    "max": [of_several("max", "a", "b", "one"), with_single("max")],
    "scale": [(FLAT, [{"type": "scale", "by": -1.7}])],
    "shift": [(IMAGE, [{"type": "shift", "by": 0.3}])],
    "power": [(FLAT, [{"type": "power", "exponent": 2.5}]), (FLAT, [{"type": "power", "exponent": -2}])],
    "matmul": [(FLAT, SEVERAL[:2] + [{"type": "reshape", "name": "m", "shape": shape, "inputs": ["a"]},
                                     {"type": "reshape", "name": "k", "shape": other, "inputs": ["b"]},
                                     {"type": "matmul", "inputs": ["m", "k"]}])
               for shape, other in (([2, 2], [2, 2]), ([2, 2], [2, 2]), ([1, 4], [4]), ([4], [4, 1]), ([4], [4]))],
    "concat": [of_several("concat", "a", "b", "one"),
               (IMAGE, [{"type": "conv2d", "name": "c", "filters": 3, "kernel": 1}, {"type": "relu", "name": "r", "inputs": ["data"]},
                        {"type": "concat", "inputs": ["c", "r"]}])],
    "value": [(FLAT, SEVERAL[:1] + [{"type": "value", "name": "v", "value": [1, -2, 3.5]},
                                    {"type": "concat", "inputs": ["a", "v"]}]),
              (FLAT, SEVERAL[:1] + [{"type": "value", "name": "v", "value": 2}, {"type": "mul", "inputs": ["a", "v"]}]),
              (FLAT, [{"type": "reshape", "shape": [1, 5]}, {"type": "value", "name": "w", "value": [[1, 2], [0, 1], [2, 2], [1, 0], [3, 1]]},
                      {"type": "matmul", "inputs": ["reshape1", "w"]}])],
    "leaky_relu": [(FLAT, [{"type": "leaky_relu", "negative_slope": 0.2}])],
    "elu": [(FLAT, [{"type": "elu", "alpha": 2}])],
    "softmax": [(FLAT, [{"type": "softmax"}]), (IMAGE, [{"type": "softmax"}])],
    "dropout": [(FLAT, [{"type": "linear", "units": 3}, {"type": "dropout"}]), (IMAGE, [{"type": "dropout", "channels": True}])],
    "layer_norm": [(FLAT, [{"type": "layer_norm"}]), (IMAGE, [{"type": "layer_norm", "epsilon": 0.01}])],
    "batch_norm": [(FLAT, [{"type": "batch_norm"}]), (IMAGE, [{"type": "batch_norm", "epsilon": 0.01}]), (LINE, [{"type": "batch_norm"}])],
    "conv2d": [(IMAGE, [{"type": "conv2d", "filters": 4, "kernel": 3, **more}]) for more in (
        {}, {"stride": 2, "padding": [2, 1]}, {"padding": "same"}, {"padding": "same", "kernel": [2, 3], "stride": 2},
        {"dilation": [2, 1], "bias": False}, {"groups": 2})],
    "conv1d": [(LINE, [{"type": "conv1d", "filters": 4, "kernel": 3, **more}]) for more in (
        {}, {"stride": 2, "padding": 2}, {"padding": "same", "kernel": 4}, {"dilation": 2, "padding": "same"})],
    "conv_transpose2d": [(IMAGE, [{"type": "conv_transpose2d", "filters": 4, "kernel": 3, **more}]) for more in (
        {}, {"stride": [2, 3], "padding": 1}, {"stride": 2, "output_padding": [1, 0], "bias": False}, {"groups": 2, "dilation": 2})],
    "max_pool2d": [(IMAGE, [{"type": "max_pool2d", "size": 2, **more}]) for more in (
        {}, {"stride": 1, "padding": 1}, {"padding": "same", "size": 3}, {"size": [3, 2], "padding": [1, 0], "stride": [2, 1]})],
    "avg_pool2d": [(IMAGE, [{"type": "avg_pool2d", "size": 2, **more}]) for more in (
        {}, {"stride": 1, "padding": 1}, {"padding": "same", "size": 3}, {"size": [3, 2], "padding": [1, 0], "stride": [2, 1]})],
    "global_avg_pool": [(IMAGE, [{"type": "global_avg_pool"}]), (LINE, [{"type": "global_avg_pool"}])],
    "upsample": [(IMAGE, [{"type": "upsample", "scale": [2, 3]}]), (LINE, [{"type": "upsample", "scale": 3}])],
    "reshape": [(IMAGE, [{"type": "reshape", "shape": [5, -1]}, {"type": "conv1d", "filters": 2, "kernel": 2}])],
    "flatten": [(IMAGE, [{"type": "flatten"}])],
}
# Element by element, or all values of an example to one number.
for name in ("relu", "sigmoid", "tanh", "exp", "log", "reciprocal", "square", "gelu", "softplus", "sum", "mean", "squared_norm"):
    CASES[name] = [(FLAT, [{"type": name}]), (IMAGE, [{"type": name}])]


def size_of(shape):
    return math.prod(shape)


class Runtime:
    """tests/onnx/runtime.py in an environment of its own."""

    def __init__(self, folder, requirements):
        python, why = packages.find_python(folder, requirements, lambda text: print(text, file=sys.stderr))
        if not python:
            raise unittest.SkipTest(f"the packages of {requirements} cannot be installed: {why}")
        self.process = subprocess.Popen([python, ROOT / "tests/onnx/runtime.py"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.version = json.loads(self.process.stdout.readline())["version"]

    def ask(self, model, inputs):
        self.process.stdin.write(json.dumps({"model": str(model), "inputs": inputs}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def numbers(values, shape):
    return {"type": "float32", "shape": shape, "values": [None if math.isnan(v) else float(v) for v in numpy.asarray(values).flatten()]}


class ExportOnnx(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.runtime = Runtime("build-onnx", "tests/onnx/requirements.txt")

    @classmethod
    def tearDownClass(cls):
        cls.runtime.close()

    def predictions(self, run, *files):
        """What predict says, without the classes: [rows, outputs]."""
        rows = list(csv.reader(self.run_program("predict", run, *files).stdout.splitlines()))
        first = 0 if rows[0][0].startswith("prediction_") or len(rows[0]) == 1 else 1
        columns = [i for i, name in enumerate(rows[0]) if i >= first and name != "file"]
        if any(name.startswith("probability_") for name in rows[0]):
            columns = [i for i, name in enumerate(rows[0]) if name.startswith("probability_")]
        return numpy.array([[float(row[i]) for i in columns] for row in rows[1:]])

    def export(self, run, *arguments):
        self.run_program("export", run, "--format", "onnx", "-o", "model.onnx", *arguments)
        return self.dir / "model.onnx"

    def check(self, run, expected, inputs, *arguments, runtime=None):
        """onnxruntime's outputs for the run's model against what is expected; returns its answer."""
        answer = (runtime or self.runtime).ask(self.export(run, *arguments), inputs)
        self.assertNotIn("error", answer, answer.get("error"))
        y = numpy.array([math.nan if v is None else v for v in answer["y"]]).reshape(answer["shape"])
        self.assert_close(y, expected)
        self.assertEqual(answer["type"], "float32")
        return answer

    def assert_close(self, y, expected):
        self.assertEqual(y.shape, expected.shape)
        self.assertGreater(numpy.abs(expected).max(), 0)
        limit = RELATIVE * numpy.maximum(numpy.abs(expected), SMALL * numpy.abs(expected).max())
        worst = (numpy.abs(y - expected) / limit).max()
        self.assertLessEqual(worst, 1, f"{numpy.abs(y - expected).max()} of {numpy.abs(expected).max()}")

    def train_layers(self, shape, layers, outputs, positive):
        """A regression that ends in the layers, on random examples; returns these."""
        random = numpy.random.default_rng(5)
        x = random.uniform(0.3, 2, [ROWS, size_of(shape)]) if positive else random.normal(0, 1.5, [ROWS, size_of(shape)])
        x = x.round(3).astype(numpy.float32)
        t = random.normal(0, 1, [ROWS, outputs]).round(3)
        self.write("x.csv", "".join(",".join(f"{v:.9g}" for v in (*a, *b)) + "\n" for a, b in zip(x, t)))
        self.train_config({**self.regression(shape, layers, outputs), "optimizer": {"type": "sgd", "learning_rate": 0.001}})
        return x

    @staticmethod
    def regression(shape, layers, outputs):
        target = list(range(size_of(shape), size_of(shape) + outputs))
        return {"data": {"train": "x.csv", "header": False, "target": target, **({"shape": shape} if len(shape) > 1 else {})},
                "model": {"layers": layers}, "loss": {"type": "l2"}}

    def output_size(self, shape, layers):
        """What the layers put out, of an error that says so."""
        wrong = 997
        self.write("x.csv", ",".join(["0"] * (size_of(shape) + wrong)) + "\n")
        self.write("config.json", {**self.regression(shape, layers, wrong), "optimizer": {"type": "adam"}, "training": {"epochs": 1}})
        return int(re.search(r"puts out (\d+) values", self.run_program("train", "config.json", status=2).stderr)[1])

    def test_every_layer(self):
        reference = self.run_program("check", "--keys").stdout
        section = re.search(r"(?ms)^## Layers\n(.*?)(?=^## |\Z)", reference)[1]
        types = set(re.findall(r"(?m)^### (\w+)$", section)) - {"model"}
        self.assertEqual(types, set(CASES), "a layer type without a case here, or a case without a type")
        for kind, cases in CASES.items():
            for shape, layers in cases:
                with self.subTest(kind, layers=layers):
                    x = self.train_layers(shape, layers, self.output_size(shape, layers), kind in POSITIVE)
                    self.check("run", self.predictions("run", "x.csv"), {"x": numbers(x, [ROWS, *shape])})

    def test_every_loss(self):
        """On a table that each of them can learn; regression in the target's units."""
        losses = {"softmax": "kind", "svm": "kind", "logistic": "two", "l1": "length", "l2": ["length", "weight"],
                  "huber": "length"}
        reference = self.run_program("check", "--keys").stdout
        section = re.search(r"(?ms)^## Losses\n(.*?)(?=^## |\Z)", reference)[1]
        self.assertEqual(set(re.findall(r"(?m)^### (\w+)$", section)) - {"loss"}, set(losses))
        random = numpy.random.default_rng(3)
        columns = ["a", "b", "kind", "two", "length", "weight", "tall", "wide"]
        rows = [[f"{a:.4f}", f"{b:.4f}", "xyz"[int(abs(a) * 3) % 3], "no" if a < b else "yes", f"{1000 + 30 * a:.5f}", f"{b - a:.5f}",
                 int(a > 0), int(b > 0)] for a, b in random.normal(0, 1, [60, 2])]
        self.write("table.csv", "".join(",".join(map(str, row)) + "\n" for row in [columns, *rows]))
        x = numpy.array([[row[0], row[1]] for row in rows], numpy.float32)
        for loss, target in [*losses.items(), ("logistic", ["tall", "wide"])]:
            with self.subTest(loss, target=target):
                data = {"train": "table.csv", "target": target, "columns": ["a", "b"], "normalize": "standardize",
                        **({"normalize_target": "standardize"} if loss in ("l1", "l2", "huber") else {})}
                run = self.train_config({"data": data, "loss": {"type": loss}, "model": {"layers": [
                    {"type": "linear", "units": 6}, {"type": "tanh"}, {"type": "linear"}]}})
                expected = self.predictions(run, "table.csv")
                if target == "two":  # predict shows both classes, and the network has one score
                    expected = expected[:, 1:]
                metadata = self.check(run, expected, {"x": numbers(x, x.shape)})["metadata"]
                self.assertEqual(metadata["loss"], loss)
                self.assertEqual(json.loads(metadata["targets"]), target if isinstance(target, list) else [target])
                if isinstance(target, str) and target in ("kind", "two"):
                    self.assertEqual(json.loads(metadata["classes"]), sorted({row[columns.index(target)] for row in rows}))

    def train_config(self, config):
        """Trains it briefly into run/, in place of an older one."""
        shutil.rmtree(self.dir / "run", ignore_errors=True)
        self.write("config.json", {"optimizer": {"type": "adam", "learning_rate": 0.01}, "training": {"epochs": 3, "batch_size": 16},
                                   **config})
        self.run_program("train", "config.json", "-q", "-o", "run")
        return "run"


if __name__ == "__main__":
    main()
