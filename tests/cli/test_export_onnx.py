"""export --format onnx against onnxruntime: every layer type, every loss, every config that ships, words and gaps."""

import csv
import datetime
import io
import json
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest
import zlib

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import ROOT, ProgramTest, find_chromium, find_data, main  # noqa: E402

# Sums of single precision in another order: of each output, relative to itself, or to a tenth of the largest where it is
# smaller (what larger ones have cancelled to).
RELATIVE, SMALL = 1e-5, 0.1

SCRIPTS = ROOT / "tests/onnx"
ROWS = 16
GAPS = ("", "?", "NA")
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

# Cases that OpenCV 4.6 cannot run, and what it lacks.
NOT_IN_OPENCV = [
    "add 0", "add 1", "subtract 1", "subtract 2", "mul 1", "max 0", "max 1",  # a single number with every value
    "value 0", "value 1", "value 2",  # the number of examples
    "layer_norm 0", "layer_norm 1",  # the same, of a mean
    "batch_norm 2", "conv1d 0", "conv1d 1", "conv1d 2", "conv1d 3",  # lines
    "conv_transpose2d 3",  # groups with dilation
    "avg_pool2d 1", "avg_pool2d 2", "avg_pool2d 3",  # padding: it does not count it, without an error
    "global_avg_pool 1", "upsample 1",  # lines
]


def size_of(shape):
    return math.prod(shape)


def input_name(column):
    """The output has the name y."""
    return "y_" if column == "y" else column


def number(text):
    return float(text) if text not in GAPS else math.nan


def seconds(text):
    """Of a date, since 1970; NaN of none."""
    return datetime.datetime.fromisoformat(text + "+00:00").timestamp() if text else math.nan


def say(text):
    print(text, file=sys.stderr)


class Runtime:
    """A script of tests/onnx/ that runs models."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.version = json.loads(self.process.stdout.readline() or '{"version": null}')["version"]

    @classmethod
    def of_packages(cls, folder, requirements):
        """onnxruntime in an environment of its own."""
        python, why = packages.find_python(folder, requirements, say)
        if not python:
            raise unittest.SkipTest(f"the packages of {requirements} cannot be installed: {why}")
        return cls(python, SCRIPTS / "runtime.py")

    @classmethod
    def of_browser(cls):
        """onnxruntime-web in Chromium."""
        chromium = find_chromium()
        if not shutil.which("node"):
            raise unittest.SkipTest("nodejs is not installed")
        modules, why = packages.find_node_modules("build-onnx-web", "tests/onnx/package.json", say)
        if not modules:
            raise unittest.SkipTest(f"the packages of tests/onnx/package.json cannot be installed: {why}")
        return cls("node", SCRIPTS / "browser.mjs", modules, chromium)

    def ask(self, model, inputs):
        self.process.stdin.write(json.dumps({"model": str(model), "inputs": inputs}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def values_of(values, shape=None):
    """For an input; of a list a column."""
    values = numpy.asarray(values)
    numbers = values.dtype.kind == "f"
    return {"shape": shape or (list(values.shape) if values.ndim > 1 else [len(values), 1]),
            "values": [None if numbers and math.isnan(v) else v for v in values.flatten().tolist()]}


class ExportOnnx(ProgramTest):
    worst = 0.0

    @classmethod
    def setUpClass(cls):
        """The newest onnxruntime has to be there; models run in the others as well where they are."""
        cls.runtimes, cls.missing = [Runtime.of_packages("build-onnx", "tests/onnx/requirements.txt")], {}
        for name, make in (("oldest", lambda: Runtime.of_packages("build-onnx-oldest", "tests/onnx/oldest_requirements.txt")),
                           ("browser", Runtime.of_browser)):
            try:
                cls.runtimes.append(make())
            except unittest.SkipTest as reason:
                cls.missing[name] = str(reason)

    @classmethod
    def tearDownClass(cls):
        versions = ", ".join(str(runtime.version) for runtime in cls.runtimes)
        print(f"onnxruntime {versions}: at most {cls.worst:.1e} from predict, relatively")
        for runtime in cls.runtimes:
            runtime.close()

    def need(self, name):
        if name in self.missing:
            raise unittest.SkipTest(self.missing[name])

    def test_oldest_onnxruntime(self):
        """Every model here runs in it as well."""
        self.need("oldest")
        newest, oldest = (tuple(map(int, runtime.version.split("."))) for runtime in self.runtimes[:2])
        self.assertLess(oldest, newest)

    def test_onnxruntime_web_in_a_browser(self):
        """So does every model in Chromium."""
        self.need("browser")
        self.assertIsNotNone(self.runtimes[-1].version)

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

    def check(self, run, expected, inputs, *arguments):
        """onnxruntime's outputs for the run's model against what is expected; returns the newest's answer."""
        model = self.export(run, *arguments)
        answers = [runtime.ask(model, inputs) for runtime in self.runtimes]
        for answer in answers:
            self.assertNotIn("error", answer, answer.get("error"))
            y = numpy.array([math.nan if v is None else v for v in answer["y"]]).reshape(answer["shape"])
            self.assert_close(y, expected)
            self.assertEqual(answer["type"], "float32")
        return answers[0]

    def assert_close(self, y, expected):
        self.assertEqual(y.shape, expected.shape)
        self.assertGreater(numpy.abs(expected).max(), 0)
        limit = RELATIVE * numpy.maximum(numpy.abs(expected), SMALL * numpy.abs(expected).max())
        worst = (numpy.abs(y - expected) / limit).max()
        ExportOnnx.worst = max(ExportOnnx.worst, worst * RELATIVE)
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
                    self.check("run", self.predictions("run", "x.csv"), {"x": values_of(x, [ROWS, *shape])})

    def test_every_loss(self):
        """On a table that each of them can learn; regression in the target's units."""
        losses = {"softmax": "kind", "svm": "kind", "logistic": "two", "l1": "length", "l2": ["length", "weight"],
                  "huber": "length", "poisson": "wide"}
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
                metadata = self.check(run, expected, {"x": values_of(x)})["metadata"]
                self.assertEqual(metadata["loss"], loss)
                self.assertEqual(json.loads(metadata["targets"]), target if isinstance(target, list) else [target])
                if isinstance(target, str) and target in ("kind", "two"):
                    self.assertEqual(json.loads(metadata["classes"]), sorted({row[columns.index(target)] for row in rows}))

    def write_mixed(self):
        """Words, numbers, numbers far from 0 and dates, of which some are missing, and a target; returns the rows."""
        random = numpy.random.default_rng(8)
        rows = []
        for i in range(80):
            size, colour = random.normal(0, 2), random.choice(["red", "grün", 'a "b"', "7"])
            when = datetime.datetime(1896, 2, 20, 5) + datetime.timedelta(minutes=int(random.integers(0, 110_000_000)))
            far = 200000 + random.normal(0, 3)
            target = size + (colour == "red") + when.hour / 12 + random.normal(0, 0.1)
            rows.append([f"{size:.4f}", colour, when.isoformat(sep=" "), f"{far:.5f}", f"{target:.5f}"])
        return rows

    def check_mixed(self, rows, data, header):
        """Trained and predicted on the rows; onnxruntime gets each column by its name."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rows])
        self.write("mixed.csv", text.getvalue())
        run = self.train_config({"data": {"train": "mixed.csv", "target": header[-1], "normalize": "standardize", **data},
                                 "loss": {"type": "l2"}, "model": {"layers": [{"type": "linear", "units": 6}, {"type": "tanh"},
                                                                              {"type": "linear"}]}})
        names = [input_name(name) for name in header[:-1]]
        readers = [number, str, seconds, number]
        inputs = {name: values_of([read(cell) for cell in column]) for name, read, column in zip(names, readers, zip(*rows))}
        answer = self.check(run, self.predictions(run, "mixed.csv"), inputs)
        kinds = ["tensor(float)", "tensor(string)", "tensor(double)", "tensor(double)"]
        self.assertEqual(answer["inputs"], [[name, kind, ["n", 1]] for name, kind in zip(names, kinds)])
        self.assertEqual(json.loads(answer["metadata"]["columns"]), header[:-1])

    def test_words_dates_and_gaps(self):
        """Whatever a table may have, and names that are not those of inputs elsewhere: one that is taken, one of a layer,
        quotes, letters that are not ASCII."""
        rows = self.write_mixed()
        header = ["y", 'col/"or" größe', "when linear1", "linear1", "target"]
        parts = ["time", "year", "month", "day", "weekday", "hour"]
        for cyclic in (False, True):
            types = {"when linear1": {"type": "date", "parts": parts, "cyclic": cyclic}}
            with self.subTest("whole", cyclic=cyclic):
                self.check_mixed(rows, {"types": types, "categorical": [header[1]]}, header)
            gaps = [list(row) for row in rows]
            for i in range(4):
                for row in gaps[i::7]:
                    row[i] = "" if i < 3 else "NA"
            gaps[5][1] = "n/a"
            for missing in ("mean", "indicator"):
                with self.subTest(missing, cyclic=cyclic):
                    self.check_mixed(gaps, {"types": types, "categorical": [header[1]], "missing": missing}, header)

    def test_gaps_in_numbers(self):
        """A table of numbers stays one input, with NaN where one is missing, and with an indicator or without."""
        rows = [[row[0], row[3], row[4]] for row in self.write_mixed()]
        for i, row in enumerate(rows):
            row[0] = "" if i % 5 == 0 else row[0]
            row[1] = "?" if i % 7 == 0 else row[1]
        self.write("gaps.csv", "".join(",".join(row) + "\n" for row in [["small", "far", "t"], *rows]))
        x = [[number(cell) for cell in row[:2]] for row in rows]
        for missing in ("mean", "indicator"):
            with self.subTest(missing):
                run = self.train_config({"data": {"train": "gaps.csv", "target": "t", "missing": missing, "normalize": "standardize"},
                                         "loss": {"type": "l2"}, "model": {"layers": [{"type": "linear", "units": 3}, {"type": "tanh"},
                                                                                      {"type": "linear"}]}})
                self.check(run, self.predictions(run, "gaps.csv"), {"x": values_of(x)})

    def run_int8(self, given, *arguments):
        """What the export of run/ as bytes says of its cost, and what each runtime makes of it."""
        done = self.run_program("export", "run", "--format", "onnx", "-o", "model.onnx", "--quantize", "int8", *arguments)
        said = re.fullmatch(r"model\.onnx: (accuracy|rmse) on (\w+): ([\d.]+) in floats, ([\d.]+) in bytes; "
                            r"(\d+) bytes, operators of opset 13\n", done.stdout)
        self.assertIsNotNone(said, done.stdout)
        answers = [runtime.ask(self.dir / "model.onnx", given) for runtime in self.runtimes]
        for answer in answers:
            self.assertNotIn("error", answer, answer.get("error"))
        return said, [numpy.array(answer["y"]).reshape(answer["shape"]) for answer in answers]

    def test_int8(self):
        """Bytes decide as floats do but for a few rows in a hundred, and their file is smaller; the runtimes agree."""
        for name, small in (("digits", 0.5), ("digits_conv", 0.7), ("digits_residual", 0.4), ("recipes/batch_norm", 0.8),
                            ("recipes/upsample", 0.6), ("recipes/conv1d", 0.8), ("recipes/labels", None), ("diabetes", None)):
            with self.subTest(name):
                x, expected = self.check_config(ROOT / f"configs/{name}.json", epochs=4)
                whole = (self.dir / "model.onnx").stat().st_size
                said, answers = self.run_int8(self.given)
                if small:
                    self.assertLess(int(said[5]), small * whole)
                    self.assertGreater((answers[0].argmax(1) == expected.argmax(1)).mean(), 0.97)
                else:
                    self.assertLess(numpy.abs(answers[0] - expected).mean(), 0.02 * numpy.ptp(expected))
                for y in answers[1:]:  # a value at the border of two bytes may fall on either side
                    self.assertLess(numpy.abs(y - answers[0]).mean(), 0.005 * numpy.ptp(expected))
                self.assertFalse((answers[0] == expected).all())

    def test_int8_that_is_refused(self):
        """Where it costs more than it may, and where the training data is not there any more."""
        self.write("rows.csv", "".join(f"{i},{1000 * i if i == 79 else i % 2}\n" for i in range(80)))
        self.train_config({"data": {"train": "rows.csv", "target": 1, "header": False}, "loss": {"type": "l2"},
                           "model": {"layers": [{"type": "linear"}]}, "optimizer": {"type": "sgd", "learning_rate": 1e-9}})
        arguments = ["export", "run", "--format", "onnx", "-o", "int8.onnx", "--quantize", "int8", "--max-loss"]
        self.run_program(*arguments, "100")
        (self.dir / "int8.onnx").unlink()
        self.assertRegex(self.run_program(*arguments, "-1", status=2).stderr, "--max-loss: found \"-1\"")
        (self.dir / "rows.csv").unlink()
        self.assertIn("takes the ranges of values from the training data, which cannot be read",
                      self.run_program(*arguments, "1", status=2).stderr)
        self.assertFalse((self.dir / "int8.onnx").exists())

    def test_lags(self):
        """Earlier values are inputs as others are, behind them."""
        rows = [[str(i % 7), f"{math.sin(i):.4f}"] for i in range(60)]
        self.write("lags.csv", "".join(",".join(row) + "\n" for row in [["a", "t"], *rows]))
        run = self.train_config({"data": {"train": "lags.csv", "target": "t", "lags": {"columns": ["t"], "steps": [1, 3]}},
                                 "loss": {"type": "l2"}, "model": {"layers": [{"type": "linear", "units": 3}, {"type": "tanh"},
                                                                              {"type": "linear"}]}})
        lines = self.run_program("predict", run, "lags.csv").stdout.splitlines()[1:]
        expected = numpy.array([[float(line)] for line in lines[3:]])
        x = numpy.array([[float(rows[i][0]), float(rows[i - 1][1]), float(rows[i - 3][1])] for i in range(3, len(rows))])
        answer = self.check(run, expected, {"x": values_of(x)})
        self.assertEqual(json.loads(answer["metadata"]["columns"]), ["a", "t_lag1", "t_lag3"])

    def test_names_are_data(self):
        """Whatever characters classes and columns have."""
        classes = ['"quoted"', "back\\slash", "two\nlines", "??/trigraph", "größe ✓", "{}%s"]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            [["a\"b", "c\\d"]] + [[f"{i * 0.37 % 1:.3f}", classes[i % len(classes)]] for i in range(60)])
        self.write("names.csv", text.getvalue())
        run = self.train_config({"data": {"train": "names.csv", "target": "c\\d"}, "loss": {"type": "softmax"},
                                 "model": {"layers": [{"type": "linear"}]}})
        x = numpy.array([[i * 0.37 % 1] for i in range(60)]).round(3)
        metadata = self.check(run, self.predictions(run, "names.csv"), {"x": values_of(x)})["metadata"]
        self.assertEqual(json.loads(metadata["classes"]), sorted(classes, key=lambda name: name.encode()))
        self.assertEqual(json.loads(metadata["columns"]), ['a"b'])

    def test_example_of_the_page(self):
        """The Python of docs/export.md says what predict says."""
        code = re.search(r"(?s)```python\n(.*?)```", (ROOT / "docs/export.md").read_text())[1]
        self.run_program("train", ROOT / "configs/iris.json", "-q", "-o", "run")
        self.export("run", "-o", "iris.onnx")
        python, _ = packages.find_python("build-onnx", "tests/onnx/requirements.txt", say)
        done = subprocess.run([python, "-c", code], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = "".join(",".join(map(str, eval(row))) + "\n" for row in re.findall(r"\[[\d., ]+\]", code))
        said = self.run_program("predict", "run", "-", input=rows).stdout.splitlines()[1:]
        self.assertEqual(len(said), 2)
        for line, row in zip(done.stdout.splitlines(), csv.reader(said), strict=True):
            name, probability = line.split()
            self.assertEqual(name, row[0])
            self.assertAlmostEqual(float(probability), max(map(float, row[1:])), delta=1e-6)

    def test_what_is_refused_changes_no_file(self):
        run = self.train_config({"data": {"train": str(ROOT / "data/iris.csv"), "target": "species"}, "loss": {"type": "softmax"},
                                 "model": {"layers": [{"type": "linear"}]}})
        self.export(run)
        before = (self.dir / "model.onnx").read_bytes()
        model = (self.dir / "run/model.safetensors").read_bytes()
        data = bytearray(model[:-4] + struct.pack("<f", math.nan))
        at = data.index(b'"crc32":"') + len(b'"crc32":"')
        data[at:at + 8] = b"00000000"
        data[at:at + 8] = b"%08x" % zlib.crc32(data)
        (self.dir / "folder").mkdir()
        files = self.files()
        for whole, arguments, status, message in (
                (False, [], 2, '"linear1.bias" has a value that is NaN or infinite'),
                (True, ["--no-libm"], 2, '--no-libm is for the format "c"'),
                (True, ["-o", "no/such/model.onnx"], 1, "no/such/model.onnx: cannot write"),
                (True, ["-o", "folder"], 2, "-o folder: that is a directory"),
                (True, ["-o", "run/model.safetensors"], 2, "-o run/model.safetensors: that is a file of the run")):
            with self.subTest(message):
                (self.dir / "run/model.safetensors").write_bytes(model if whole else data)
                done = self.run_program("export", run, "--format", "onnx", "-o", "model.onnx", *arguments, status=status)
                self.assertIn(message, done.stderr)
        self.assertEqual(self.files(), files)
        self.assertEqual((self.dir / "model.onnx").read_bytes(), before)

    def test_the_file_is_called_as_the_run(self):
        run = self.train_config({"data": {"train": str(ROOT / "data/iris.csv"), "target": "species"}, "loss": {"type": "softmax"},
                                 "model": {"layers": [{"type": "linear"}]}})
        self.assertRegex(self.run_program("export", run, "--format", "onnx").stdout,
                         r"^run\.onnx: \d+ bytes, operators of opset 9\n$")
        self.assertTrue((self.dir / "run.onnx").is_file())

    def test_unknown_words_are_refused(self):
        """Where predict refuses them, too."""
        run = self.train_config({"data": {"train": self.write("t.csv", "w,t\n" + "a,1\nb,2\n" * 8).name, "target": "t"},
                                 "loss": {"type": "l2"}, "model": {"layers": [{"type": "linear"}]}})
        answer = self.runtimes[0].ask(self.export(run), {"w": values_of(["c"])})
        self.assertIn("Unknown Category", answer["error"])

    def test_inputs_encoded(self):
        """The network alone: the caller normalises."""
        run = self.train_config({"data": {"train": str(ROOT / "data/iris.csv"), "target": "species", "normalize": "standardize"},
                                 "loss": {"type": "softmax"}, "model": {"layers": [{"type": "linear", "units": 4}, {"type": "relu"},
                                                                                   {"type": "linear"}]}})
        model = (self.dir / "run/model.safetensors").read_bytes()
        metadata = json.loads(model[8:8 + int.from_bytes(model[:8], "little")])["__metadata__"]
        figures = json.loads(metadata["normalization"])
        with open(ROOT / "data/iris.csv") as file:
            rows = list(csv.reader(file))[1:]
        x = (numpy.array([row[:4] for row in rows], float) - figures["shift"]) * figures["scale"]
        self.check(run, self.predictions(run, ROOT / "data/iris.csv"), {"x": values_of(x)}, "--inputs", "encoded")

    def stand_ins(self, config):
        """Overrides of a config that put small data of the same kind in the place of what does not ship."""
        random = numpy.random.default_rng(1)
        paths = json.dumps(config["data"])
        if "idx3" in paths:  # MNIST and the like
            images, labels = random.integers(0, 256, [60, 28, 28], "u1"), numpy.arange(60, dtype="u1") % 10
            self.write("images", struct.pack(">4I", 2051, 60, 28, 28) + images.tobytes())
            self.write("labels", struct.pack(">2I", 2049, 60) + labels.tobytes())
            return [f"data.{part}.{kind}={kind}" for part in ("train", "test") for kind in ("images", "labels")]
        if "cifar10" in paths:
            for i in range(40):
                self.write(f"pictures/{i % 10}/{i}.ppm", b"P6 32 32 255\n" + random.bytes(3072))
            return ["data.train.folder=pictures", "data.test.folder=pictures"]
        if "adult" in paths:
            rows = (find_data("adult-train.csv", "adult", "uci") / "adult-train.csv").read_text().splitlines()[:200]
            self.write("adult.csv", "".join(f"{row}\n" for row in rows))
            return ["data.train=adult.csv", "data.test=adult.csv"]
        return []

    def check_config(self, path, epochs=2):
        """The config's model in onnxruntime; returns x, None for columns of words, and what predict says."""
        config = json.loads(path.read_text())
        overrides = self.stand_ins(config)
        shutil.rmtree(self.dir / "run", ignore_errors=True)
        config.pop("sweep", None)
        if not overrides:
            overrides = [f"data.train={(path.parent / config['data']['train']).resolve()}"]
        self.write("config.json", config)
        self.run_program("train", "config.json", f"training.epochs={epochs}", "-q", "-o", "run", *overrides)
        if overrides[0].startswith("data.train="):
            return self.check_table(self.dir / overrides[0].partition("=")[2])
        shape = [3, 32, 32] if "cifar10" in json.dumps(config["data"]) else [1, 28, 28]
        x = numpy.random.default_rng(2).integers(0, 256, [20, *shape], "u1")
        numpy.save(self.dir / "x.npy", x)
        expected = self.predictions("run", "x.npy")
        self.given = {"x": values_of(x)}
        self.check("run", expected, self.given)
        return x, expected

    def check_table(self, path):
        """The table that run/ was trained on, or its first rows."""
        with open(path) as file:
            rows = list(csv.reader(file, skipinitialspace=True))[:150]
        model = (self.dir / "run/model.safetensors").read_bytes()
        metadata = json.loads(model[8:8 + int.from_bytes(model[:8], "little")])["__metadata__"]
        target = json.loads(metadata["target"])["positions"]
        columns = json.loads(metadata.get("inputs", "{}")).get("columns") or [
            {"position": i} for i in range(len(rows[0])) if i not in target]
        names = json.loads(metadata["columns"]) or [f"column_{column['position']}" for column in columns]
        rows = rows[1 if json.loads(metadata["columns"]) else 0:]
        self.write("rows.csv", "".join(",".join(row) + "\n" for row in rows))
        expected = self.predictions("run", "rows.csv")
        cells = [[row[column["position"]] for row in rows] for column in columns]
        x = None
        given = {input_name(name): values_of(cell if "words" in column else [number(text) for text in cell])
                 for name, column, cell in zip(names, columns, cells)}
        if not any("words" in column for column in columns):
            x = numpy.array([[number(text) for text in cell] for cell in cells]).T
            x = x.reshape(len(x), *json.loads(metadata["shape"]))
            given = {"x": values_of(x)}
        if "logistic" in metadata["config"] and len(target) == 1:  # predict shows both classes
            expected = expected[:, 1:]
        self.given = given
        self.check("run", expected, given)
        return x, expected

    def test_every_config(self):
        """Those with data; a graph without data, as in configs/lecture, makes no model."""
        paths = [path for path in sorted((ROOT / "configs").rglob("*.json")) if "data" in json.loads(path.read_text())]
        self.assertGreater(len(paths), 45)
        for path in paths:
            with self.subTest(path.relative_to(ROOT)):
                self.check_config(path)

    def test_opencv(self):
        """OpenCV's dnn, one example at a time: what it cannot do of layers, and some of the configs."""
        opencv = Runtime("/usr/bin/python3", SCRIPTS / "opencv.py")
        self.addCleanup(opencv.close)
        if not opencv.version:
            raise unittest.SkipTest("python3-opencv is not installed")
        different = []
        for kind, cases in CASES.items():
            for i, (shape, layers) in enumerate(cases):
                x = self.train_layers(shape, layers, self.output_size(shape, layers), kind in POSITIVE)
                if not self.agrees(opencv, x.reshape(len(x), *shape), self.predictions("run", "x.csv")):
                    different.append(f"{kind} {i}")
        self.assertEqual(different, NOT_IN_OPENCV)
        for name in ("iris", "digits", "digits_conv", "digits_svm", "mnist_lenet", "mnist_batch_norm", "cifar10_resnet",
                     "recipes/conv_transpose2d"):
            with self.subTest(name):
                x, expected = self.check_config(ROOT / f"configs/{name}.json")
                self.assertTrue(self.agrees(opencv, x, expected))

    def agrees(self, opencv, x, expected):
        """Whether it gives what is expected of the first examples."""
        for row, y in zip(x[:3], expected):
            answer = opencv.ask(self.export("run"), {"x": values_of(row[None], [1, *row.shape])})
            if "error" in answer or answer["shape"] != [1, len(y)]:
                return False
            if (numpy.abs(answer["y"] - y) > RELATIVE * numpy.abs(expected).max()).any():
                return False
        return True

    def train_config(self, config):
        """Trains it briefly into run/, in place of an older one."""
        shutil.rmtree(self.dir / "run", ignore_errors=True)
        self.write("config.json", {"optimizer": {"type": "adam", "learning_rate": 0.01}, "training": {"epochs": 3, "batch_size": 16},
                                   **config})
        self.run_program("train", "config.json", "-q", "-o", "run")
        return "run"


if __name__ == "__main__":
    main()
