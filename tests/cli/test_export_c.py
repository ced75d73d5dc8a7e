"""export --format c: what it writes compiles without a warning as C and C++, and says what predict says."""

import csv
import ctypes
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, main  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
COMPILERS = {"gcc": ["gcc", "-std=c99", "-O2"], "clang": ["clang", "-std=c99", "-O2"], "g++": ["g++", "-std=c++11", "-O1", "-x", "c++"]}
# Single precision has 6e-8; sums are in another order than predict's, and of some hundred values.
CLOSE = 1e-6

LINEAR = {"type": "linear", "units": 6}
CONV = {"type": "conv2d", "filters": 4, "kernel": 3}
POSITIVE = [LINEAR, {"type": "softplus"}]
FLAT = [6]
IMAGE, LINE = [2, 6, 5], [2, 30]


def behind(layers, *more):
    return [*layers, *more, {"type": "linear"}]


# A network around each layer of the table: shape of an example, and layers.
CASES = {
    "linear": [(FLAT, [{"type": "linear", "units": 5, "bias": False}, {"type": "linear"}])],
    "conv2d": [(IMAGE, behind([CONV])),
               (IMAGE, behind([{**CONV, "kernel": [3, 2], "padding": "same", "stride": 2, "groups": 2, "dilation": [1, 2], "bias": False}]))],
    "conv1d": [(LINE, behind([{"type": "conv1d", "filters": 4, "kernel": 5, "stride": 2, "padding": 2, "dilation": 2}]))],
    "conv_transpose2d": [(IMAGE, behind([{"type": "conv_transpose2d", "filters": 4, "kernel": 3, "stride": 2, "padding": 1,
                                          "output_padding": 1, "groups": 2}])),
                         (IMAGE, behind([{"type": "conv_transpose2d", "filters": 3, "kernel": 2, "dilation": 2, "bias": False}]))],
    "max_pool2d": [(IMAGE, behind([CONV, {"type": "max_pool2d", "size": 2}])),
                   (IMAGE, behind([{"type": "max_pool2d", "size": 3, "stride": 2, "padding": 1}]))],
    "avg_pool2d": [(IMAGE, behind([{"type": "avg_pool2d", "size": [3, 2], "stride": 2, "padding": 1}]))],
    "global_avg_pool": [(IMAGE, behind([CONV, {"type": "global_avg_pool"}]))],
    "upsample": [(IMAGE, behind([{"type": "upsample", "scale": [2, 3]}])), (LINE, behind([{"type": "upsample", "scale": 2}]))],
    "flatten": [(IMAGE, behind([{"type": "flatten"}, LINEAR]))],
    "reshape": [(FLAT, behind([{"type": "reshape", "shape": [2, 3]}, {"type": "conv1d", "filters": 2, "kernel": 2}]))],
    "batch_norm": [(FLAT, behind([LINEAR, {"type": "batch_norm"}])),
                   (FLAT, behind([LINEAR, {"type": "relu"}, {"type": "batch_norm"}])),
                   (IMAGE, behind([{"type": "batch_norm", "name": "front"}, CONV, {"type": "batch_norm", "epsilon": 0.01},
                                   {"type": "batch_norm"}, {"type": "conv_transpose2d", "filters": 2, "kernel": 2, "groups": 2},
                                   {"type": "batch_norm"}]))],
    "layer_norm": [(FLAT, behind([LINEAR, {"type": "layer_norm"}]))],
    "dropout": [(FLAT, behind([LINEAR, {"type": "relu"}, {"type": "dropout"}]))],
    "power": [(FLAT, behind(POSITIVE, {"type": "power", "exponent": e})) for e in (3, -1, 0.5, 1.7)],
    "log": [(FLAT, behind(POSITIVE, {"type": "log"}))],
    "reciprocal": [(FLAT, behind(POSITIVE, {"type": "shift", "by": 0.5}, {"type": "reciprocal"}))],
    "scale": [(FLAT, behind([LINEAR, {"type": "scale", "by": -1.7}]))],
    "shift": [(FLAT, behind([LINEAR, {"type": "shift", "by": 0.3}]))],
    "leaky_relu": [(FLAT, behind([LINEAR, {"type": "leaky_relu", "negative_slope": 0.1}]))],
    "elu": [(FLAT, behind([LINEAR, {"type": "elu", "alpha": 0.7}]))],
    "matmul": [(FLAT, behind([{"type": "linear", "units": 12, "name": "a"}, {"type": "reshape", "shape": [3, 4], "name": "left"},
                              {"type": "linear", "units": 8, "inputs": ["data"], "name": "b"},
                              {"type": "reshape", "shape": [4, 2], "name": "right"},
                              {"type": "matmul", "inputs": ["left", "right"]}]))],
    "concat": [(IMAGE, behind([{**CONV, "name": "a", "padding": 1}, {"type": "concat", "inputs": ["a", "data", "a"]}]))],
    "value": [(FLAT, behind([LINEAR, {"type": "value", "name": "w", "value": [1, -2, 3, 0.5, 2, 1], "trainable": True},
                             {"type": "mul", "inputs": ["linear1", "w"]}]))],
}
for name in ("relu", "sigmoid", "tanh", "exp", "square", "gelu", "softplus", "softmax"):
    CASES[name] = [(FLAT, behind([LINEAR, {"type": name}]))]
for name in ("sum", "mean", "squared_norm"):  # one number, which goes with all values
    CASES[name] = [(FLAT, behind([{**LINEAR, "name": "a"}, {"type": name, "name": "one"}, {"type": "mul", "inputs": ["one", "a"]}]))]
for name in ("add", "subtract", "mul", "max"):
    inputs = ["b", "a"] if name == "subtract" else ["b", "a", "b", "data"]
    CASES[name] = [(FLAT, behind([{**LINEAR, "name": "a"}, {"type": "relu", "name": "b"}, {"type": name, "inputs": inputs}]))]


class Draws:
    """Numbers that a float holds, the same ones each time."""

    def __init__(self, state=1):
        self.state = state

    def number(self):
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return round(self.state / 2**31 * 4 - 2, 3)


class Export(ProgramTest):
    def train_on(self, run, config, *overrides):
        path = self.write(f"{run}.json", config)
        self.run_program("train", path, "-q", "-o", run, *overrides)

    def export(self, run, *options, status=0):
        return self.run_program("export", run, "--format", "c", "-o", "c", *options, status=status)

    def check_builds(self, name, extra=()):
        """Every compiler that is there takes it, and what it makes finds its examples right."""
        for compiler, command in COMPILERS.items():
            if not shutil.which(command[0]):
                continue
            done = subprocess.run([*command, *WARNINGS, f"-D{name.upper()}_SELF_TEST", f"c/{name}.c", "-o", "c/test", *extra],
                                  cwd=self.dir, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{compiler}: {done.stderr[:3000]}")
            done = subprocess.run(["c/test"], cwd=self.dir, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{compiler}: {done.stdout}")
            self.assertRegex(done.stdout, rf"^{name}: 0 of [1-6] examples are off")

    def load(self, name):
        library = self.dir / f"c/{name}.{len(list(self.dir.glob('c/*.so')))}.so"
        subprocess.run(["gcc", "-std=c99", "-O2", "-shared", "-fPIC", f"c/{name}.c", "-o", library, "-lm"], cwd=self.dir, check=True)
        return ctypes.CDLL(str(library))

    def macro(self, name, macro):
        return int(re.search(rf"#define {name.upper()}_{macro} (\d+)", (self.dir / f"c/{name}.h").read_text())[1])

    def predict_c(self, name, rows):
        library, outputs = self.load(name), self.macro(name, "OUTPUTS")
        results = []
        for row in rows:
            y = (ctypes.c_float * outputs)()
            library[f"{name}_predict"]((ctypes.c_float * len(row))(*row), y)
            results.append(list(y))
        return results

    def predict(self, run, rows, columns):
        """The numbers of predict's table."""
        self.write("rows.csv", "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]))
        lines = list(csv.reader(self.run_program("predict", run, "rows.csv").stdout.splitlines()))
        keep = [i for i, name in enumerate(lines[0]) if re.match("probability|score", name)] or range(len(lines[0]))
        return [[float(line[i]) for i in keep] for line in lines[1:]]

    def assert_close(self, found, expected, limit=CLOSE):
        self.assertEqual(len(found), len(expected))
        largest = max(abs(v) for row in expected for v in row)
        self.assertGreater(largest, 0)
        for a, b in zip(found, expected):
            for x, y in zip(a, b, strict=True):
                self.assertLessEqual(abs(x - y), limit * max(abs(y), largest), f"{a}\n{b}")

    def write_table(self, n, rows=40):
        draw = Draws()
        columns = [f"x{i}" for i in range(n)]
        values = [[draw.number() for _ in range(n)] for _ in range(rows)]
        lines = [",".join([*columns, "c"]), *(",".join([*map(str, v), "abc"[int(abs(v[0]) * 10) % 3]]) for v in values)]
        self.write("table.csv", "\n".join(lines))
        return columns, values[:8]

    def test_every_layer(self):
        """Of the table; networks of random weights, a little trained so that running figures are other than 0 and 1."""
        reference = self.run_program("check", "--keys").stdout
        section = re.search(r"(?ms)^## Layers\n(.*?)(?=^## |\Z)", reference)[1]
        names = [n for n in re.findall(r"(?m)^### (\w+)$", section) if n != "model"]
        self.assertGreater(len(names), 30)
        for name in names:
            self.assertIn(name, CASES)
            for i, (shape, layers) in enumerate(CASES[name]):
                with self.subTest(name, layers=layers):
                    self.check_layer(f"{name}_{i}" if name not in ("exp", "log") else f"a_{name}", shape, layers)

    def check_layer(self, run, shape, layers):
        size = shape[0] * (shape[1] if len(shape) > 1 else 1) * (shape[2] if len(shape) > 2 else 1)
        columns, rows = self.write_table(size)
        data = {"train": "table.csv", "target": "c", "normalize": "standardize", **({"shape": shape} if len(shape) > 1 else {})}
        self.train_on(run, {"data": data, "model": {"layers": layers}, "loss": {"type": "svm"},
                            "optimizer": {"type": "sgd", "learning_rate": 0.001}, "training": {"epochs": 2, "batch_size": 8}})
        expected = self.predict(run, rows, columns)
        self.export(run)
        self.check_builds(run, ["-lm"])
        self.assert_close(self.predict_c(run, rows), expected)
        refused = any(layer.get("exponent") == 1.7 for layer in layers)
        done = self.export(run, "--no-libm", status=2 if refused else 0)
        if refused:
            self.assertIn('layer power1: "exponent" 1.7 takes powf of <math.h>', done.stderr)
        else:
            self.assertNotIn("math.h", (self.dir / f"c/{run}.c").read_text())
            self.check_builds(run)
            self.assert_close(self.predict_c(run, rows), expected)


if __name__ == "__main__":
    main()
