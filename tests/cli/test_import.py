"""import: what PyTorch, Keras and scikit-learn export predicts here what it does there; what cannot be a network here is
refused by name."""

import csv
import io
import json
import pathlib
import re
import sys
import unittest

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import onnx_file as onnx  # noqa: E402
import test_onnx  # noqa: E402
from program import ROOT, ProgramTest, main  # noqa: E402

GOLDEN = ROOT / "tests" / "golden"
CASES = json.loads((GOLDEN / "imports.json").read_text()) | json.loads((GOLDEN / "imports_keras.json").read_text())
TOLERANCE = 1e-5  # of float32, over a dozen layers; relative above 1
IRIS = ROOT / "data" / "iris.csv"
FILE = GOLDEN / "imports" / "sklearn_standardize.onnx"

W = onnx.tensor("w", [2, 3], [1, 2, 3, 4, 5, 6])
GEMM = onnx.node("Gemm", "x w", "y")


def table(text):
    return list(csv.reader(io.StringIO(text)))


class ImportTest(ProgramTest):
    def predict(self, run, x):
        """Probabilities, scores or values, a row for each of x."""
        self.write("x.csv", "".join(",".join(map(repr, row)) + "\n" for row in x))
        rows = table(self.run_program("predict", run, "x.csv").stdout)
        shown = [i for i, name in enumerate(rows[0]) if name.startswith(("probability_", "score_"))]
        return [[float(row[i]) for i in shown or range(len(row))] for row in rows[1:]]

    def bring_in(self, model, *options, **more):
        self.write("model.onnx", model)
        return self.run_program("import", "model.onnx", *options, **more)


class Networks(ImportTest):
    def test_predictions_are_those_of_the_program_that_wrote_the_file(self):
        worst = 0
        for name, case in CASES.items():
            with self.subTest(name):
                self.run_program("import", GOLDEN / "imports" / f"{name}.onnx", "-o", name, *case["options"])
                predicted = self.predict(name, case["x"])
                if len(case["y"][0]) == 1:  # of two classes, the probability of the second
                    predicted = [row[-1:] for row in predicted]
                self.assertEqual([len(row) for row in predicted], [len(row) for row in case["y"]])
                for row, expected in zip(predicted, case["y"]):
                    for a, b in zip(row, expected):
                        worst = max(worst, abs(a - b) / max(1, abs(b)))
        self.assertLessEqual(worst, TOLERANCE)
        self.assertGreaterEqual(len(CASES), 39)

    def test_every_operator_is_in_some_file(self):
        source = (ROOT / "src/exchange/import_ops/import_op_table.c").read_text()
        rows = source[source.index("cr_import_ops[] = {"):source.index("const size_t cr_import_op_count")]
        known = set(re.findall(r'(?:\{|\()\s*"(\w+)"', rows))
        self.assertGreater(len(known), 45)
        self.assertEqual(known - {name for case in CASES.values() for name in case["operators"]}, set())

    def test_probabilities_have_the_names_of_the_classes(self):
        self.run_program("import", GOLDEN / "imports" / "sklearn_words.onnx", "-o", "run")
        self.write("x.csv", "1,2,3,4\n")
        heading = table(self.run_program("predict", "run", "x.csv").stdout)[0]
        self.assertEqual(heading[1:], ["probability_setosa", "probability_versicolor", "probability_virginica"])

    def test_columns_have_the_names_of_the_inputs(self):
        self.run_program("import", GOLDEN / "imports" / "sklearn_columns.onnx", "-o", "run", "--target", "kind")
        self.write("a.csv", "kind,delta,gamma,beta,alpha\nsetosa,4,3,2,1\n")
        self.write("b.csv", "alpha,beta,gamma,delta\n1,2,3,4\n")
        self.assertEqual(self.run_program("predict", "run", "a.csv").stdout, self.run_program("predict", "run", "b.csv").stdout)
        self.assertIn("file", self.run_program("eval", "run", "--on", "a.csv").stdout)

    def test_what_outputs_are_for(self):
        """Scores a, of which y are the probabilities: both, either, and as values."""
        model = onnx.model([onnx.node("Gemm", "x w", "a"), onnx.node("Softmax", "a", "y"), onnx.node("ArgMax", "y", "k", axis=1)],
                           [W], [onnx.value("x", ["n", 2])], ["a", "y", "k"])
        self.assertIn("choose one with --output NAME", self.bring_in(model, status=2).stderr)
        seen = {}
        for name, options, loss in (("a", ["--output", "a"], "l2"), ("y", ["--output", "y"], "softmax"),
                                    ("k", ["--output", "k"], "softmax"), ("v", ["--output", "y", "--loss", "l2"], "l2"),
                                    ("s", ["--output", "a", "--loss", "svm"], "svm")):
            self.assertIn(f"(loss {loss})", self.bring_in(model, *options, "-o", name).stdout)
            seen[name] = self.predict(name, [[0.5, 0.25]])
        self.assertEqual(seen["a"], [[1.5, 2.25, 3.0]])
        self.assertEqual(seen["s"], seen["a"])
        self.assertEqual(seen["y"], seen["k"])
        for a, b in zip(seen["y"][0], seen["v"][0]):
            self.assertAlmostEqual(a, b, 6)

    def test_constants_are_computed(self):
        nodes = [onnx.node("Constant", "", "c", value_floats=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
                 onnx.node("Constant", "", "s", value_ints=[3, -1]), onnx.node("Reshape", "c s", "d"),
                 onnx.node("Transpose", "d", "e"), onnx.node("Constant", "", "two", value_float=2.0),
                 onnx.node("Constant", "", "one", value_int=1), onnx.node("Mul", "e two", "f"), onnx.node("Sub", "f one", "g"),
                 onnx.node("Div", "g two", "h"), onnx.node("Add", "one h", "i"), onnx.node("Identity", "i", "j"),
                 onnx.node("MatMul", "x j", "y")]
        self.bring_in(onnx.model(nodes, [], [onnx.value("x", ["n", 2])]), "-o", "run")
        self.assertEqual(self.predict("run", [[1.0, 2.0]]), [[6.5, 12.5, 18.5]])

    def test_metadata_has_names(self):
        """As our own export writes them; what is no list of texts is not for us."""
        def entry(key, text):
            return onnx.field(14, onnx.field(1, key) + onnx.field(2, text))
        x = [onnx.value("x", ["n", 2])]
        names = entry("loss", "svm") + entry("classes", '["c","a","b"]') + entry("columns", '["u","v"]')
        self.bring_in(onnx.model([GEMM], [W], x, more=names + entry("targets", '["kind"]')), "-o", "run")
        self.write("x.csv", "v,u\n2,1\n")
        self.assertEqual(table(self.run_program("predict", "run", "x.csv").stdout),
                         [["prediction", "score_a", "score_b", "score_c"], ["b", "12", "15", "9"]])
        self.write("y.csv", "kind,v,u\na,2,1\n")
        self.assertIn("accuracy", self.run_program("eval", "run", "--on", "y.csv").stdout)
        for i, text in enumerate(("names", "[1, 2, 3]", '["a"', '{"a": "b"}', "")):
            self.bring_in(onnx.model([GEMM], [W], x, more=entry("classes", text)), "--loss", "svm", "-o", f"run{i}")

    def test_classes_are_put_in_order(self):
        """Two classes by one score: its sign turns with the names."""
        model = onnx.model([GEMM], [onnx.tensor("w", [2, 1], [1, 2])], [onnx.value("x", ["n", 2])])
        self.bring_in(model, "--loss", "logistic", "--classes", "no,yes", "-o", "a")
        self.bring_in(model, "--loss", "logistic", "--classes", "yes,no", "-o", "b")
        (a,), (b,) = self.predict("a", [[0.5, 0.25]]), self.predict("b", [[0.5, 0.25]])
        self.assertAlmostEqual(a[1], 0.7310586, 6)  # 1 / (1 + exp(-1))
        self.assertEqual(a, b[::-1])


class NodeTests(ImportTest):
    """ONNX's own, of Debian's libonnx-testdata, whose first input is the examples and whose others are tensors of the file:
    right, or refused."""

    def write_case(self, path, inputs):
        """The test's graph with a Flatten behind it. False for one of several nodes, or without examples."""
        graph = test_onnx.collect(test_onnx.collect((path / "model.onnx").read_bytes())[7][0])
        version = [test_onnx.collect(o) for o in test_onnx.collect((path / "model.onnx").read_bytes())[8]]
        names = [test_onnx.collect(value)[1][0] for value in graph[11]]
        tensors = [(path / f"test_data_set_0/input_{i}.pb").read_bytes() + onnx.field(8, name)
                   for i, name in enumerate(names) if i > 0]
        output = test_onnx.collect(graph[12][0])[1][0].decode()
        x = onnx.value(names[0].decode(), list(inputs[0].shape))
        self.write("model.onnx", onnx.model([*graph[1], onnx.node("Flatten", output, "flat")], tensors, [x], ["flat"],
                                            opset=max(v[2][0] for v in version if not v.get(1, [b""])[0])))

    def run_case(self, path):
        """Whether it is right; None where it is refused, or no case."""
        node = test_onnx.read_node(path / "model.onnx")
        try:
            inputs = [test_onnx.read_tensor(p) for p in sorted((path / "test_data_set_0").glob("input_*.pb"))]
            expected = test_onnx.read_tensor(path / "test_data_set_0" / "output_0.pb")
        except (KeyError, ValueError, FileNotFoundError):
            return None  # of other types
        if node is None or not inputs or inputs[0].dtype != numpy.float32 or inputs[0].ndim < 2:
            return None
        self.write_case(path, inputs)
        done = self.run_program("import", "model.onnx", "-o", path.name, "--loss", "l2", status=None)
        if done.returncode != 0:
            self.assertEqual(done.returncode, 2, done.stderr)
            return None
        x = numpy.moveaxis(inputs[0], -1, 1) if "channels last" in done.stderr else inputs[0]
        y = numpy.array(self.predict(path.name, x.reshape(len(x), -1).astype(float).tolist()))
        return y.shape == (len(x), expected.size // len(x)) and numpy.allclose(
            y, expected.reshape(y.shape), test_onnx.RELATIVE, 1e-6)

    def test_nodes_are_right_or_refused(self):
        if not test_onnx.NODES.is_dir():
            raise unittest.SkipTest("libonnx-testdata is not installed")
        results = {path.name: self.run_case(path) for path in sorted(test_onnx.NODES.iterdir())
                   if (path / "model.onnx").is_file()}
        self.assertEqual([name for name, right in results.items() if right is False], [])
        right = sum(1 for r in results.values() if r)
        self.assertGreaterEqual(right, 80)
        print(f"{right} node tests are right; the others are refused, or no networks")


class Runs(ImportTest):
    def test_a_run_without_data(self):
        done = self.run_program("import", FILE, "-o", "run")
        self.assertIn("4 in, 3 classes out (loss softmax)", done.stdout)
        self.assertEqual(self.files(), ["run", "run/config.json", "run/metrics.csv", "run/model.safetensors",
                                        "run/summary.json"])
        summary = json.loads((self.dir / "run/summary.json").read_text())
        self.assertEqual((summary["status"], summary["epochs"], summary["parameters"]), ("completed", 0, 51))
        self.assertIn("150", self.run_program("eval", "run", "--on", IRIS).stdout)
        self.assertIn("sklearn", self.run_program("import", FILE).stdout)  # runs/<name of the file>
        self.assertIn("run never overwrites", self.run_program("import", FILE, "-o", "run", status=2).stderr)

    def test_training_goes_on_from_it(self):
        self.run_program("import", FILE, "-o", "run")
        data = [f"data.train={IRIS}", "data.target=species"]
        first = self.run_program("train", "run/config.json", *data, "optimizer.learning_rate=1e-30", "-q", "--json", "-o", "on")
        seen = json.loads(self.run_program("eval", "run", "--on", IRIS, "--json").stdout)
        self.assertAlmostEqual(json.loads(first.stdout)["train"]["loss"], seen["file"]["loss"], 6)

    def test_a_run_with_data(self):
        """What takes a run of train takes it."""
        self.run_program("import", FILE, f"data.train={IRIS}", "data.target=species", 'data.validation={"fraction": 0.2}', "-o",
                         "run")
        summary = json.loads((self.dir / "run/summary.json").read_text())
        self.assertEqual(summary["validation"], json.loads(self.run_program("eval", "run", "--json").stdout)["validation"])
        self.assertIn("51 parameters", self.run_program("check", "run/config.json").stdout)
        nodes = json.loads(self.run_program("trace", "run/config.json", "--format", "json").stdout)["nodes"]
        self.assertEqual([node["type"] for node in nodes if node["name"] != "data"][:3], ["linear", "relu", "linear"])
        self.assertIn("run", self.run_program("runs", ".").stdout)

    def test_data_has_to_be_of_the_network(self):
        for data, text in (
                (["data.target=0"], "is a list of 4, expected 6"),
                (["data.target=species", "data.normalize=standardize"], "normalises its inputs itself"),
                (["data.target=species", "model.layers.0.units=3"], "the file says what the network is"),
                (["data.target=species", "--classes", "a,b,c"], 'its 3 classes ("a", …) are not the 3 of the data ("setosa", …)')):
            with self.subTest(data):
                done = self.run_program("import", FILE, f"data.train={IRIS}", *data, "-o", "run", status=2)
                self.assertIn(text, done.stderr)
                self.assertNotIn("run", self.files())

    def test_pictures_are_predicted(self):
        """Rows of a table, a file of images and an array are the same to a network of images."""
        case = CASES["torch_images_new"]
        self.run_program("import", GOLDEN / "imports" / "torch_images_new.onnx", "-o", "run")
        numpy.save(self.dir / "x.npy", numpy.array(case["x"]).reshape(-1, 1, 8, 8))
        rows = table(self.run_program("predict", "run", "x.npy").stdout)[1:]
        for row, expected in zip(self.predict("run", case["x"]), rows):
            self.assertEqual(row, [float(cell) for cell in expected[1:]])
        config = json.loads((self.dir / "run/config.json").read_text())
        self.assertEqual(config["data"], {"shape": [1, 8, 8], "normalize": {"mean": 0.5, "std": 0.25}})


class Refusals(ImportTest):
    def check(self, model, text, *options):
        done = self.bring_in(model, "-o", "run", *options, status=2)
        self.assertIn(text, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(self.files(), ["model.onnx"])

    def test_operators_are_named(self):
        x = [onnx.value("x", ["n", 2])]
        image = [onnx.value("x", ["n", 3, 6, 6])]
        kernel = onnx.tensor("k", [2, 3, 2, 2], [1] * 24)
        flat = onnx.node("Flatten", "a", "y")
        for nodes, tensors, inputs, text in (
                ([onnx.node("LSTM", "x w", "y")], [W], x, 'node 0, LSTM "the_LSTM": there is no layer for this operator; import '
                 "knows Relu, Sigmoid"),
                ([onnx.node("If", "x", "y")], [], x, "there is no layer for this operator"),
                ([onnx.node("Gemm", "x w", "y", domain="com.microsoft")], [W], x, "of the domain com.microsoft"),
                ([onnx.node("Gemm", "x w", "y", gamma=1)], [W], x, 'its attribute "gamma" is not one that import knows'),
                ([onnx.node("Gemm", "x w", "y", transA=1)], [W], x, "it transposes the examples"),
                ([onnx.node("Gemm", "x w", "y", transB=1)], [W], x, "its weights are [3, 2]; expected a flat example of 3"),
                ([onnx.node("Gemm", "x v", "y")], [W], x, 'its input "v" is made by no node before it'),
                ([onnx.node("Gemm", "x", "y")], [W], x, "it has 1 inputs, expected 2 to 3"),
                ([onnx.node("MatMul", "x x", "y")], [], x, "neither of its inputs is a constant"),
                ([onnx.node("Gelu", "x", "y", approximate="tanh")], [], x, "the approximation by tanh"),
                ([onnx.node("Dropout", "x r t", "y")], [onnx.tensor("r", [], [0.5]), onnx.tensor("t", [], [1])], x,
                 "model.eval()"),
                ([onnx.node("Conv", "x k", "a", pads=[0, 1, 0, 0]), flat], [kernel], image, "layers pad alike, or as SAME_UPPER"),
                ([onnx.node("Conv", "x k", "a", group=2), flat], [kernel], image, "do not go with an example of 3 channels"),
                ([onnx.node("Conv", "x k", "a", dilations=[9, 9]), flat], [kernel], image, "covers 10 places of 6"),
                ([onnx.node("MaxPool", "x", "a", kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1), flat], [], image,
                 "hangs over the edge"),
                ([onnx.node("AveragePool", "x", "a", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), flat], [], image,
                 "count_include_pad is 0"),
                ([onnx.node("Resize", "x x s", "a", mode="cubic"), flat], [onnx.tensor("s", [4], [1, 1, 2, 2])], image,
                 "it does not repeat each pixel in a block"),
                ([onnx.node("Transpose", "x", "a", perm=[0, 2, 1, 3]), flat], [], image, "it turns an example round"),
                ([onnx.node("Reshape", "x s", "y")], [onnx.tensor("s", [2], [-1, 1], onnx.INT64)], x,
                 "it mixes the values of several examples"),
                ([onnx.node("Softmax", "x", "a", axis=2), flat], [], image, "is over a flat example"),
                ([onnx.node("LayerNormalization", "x s", "a"), flat], [onnx.tensor("s", [6], [1] * 6)], image,
                 "the layer layer_norm is over all of it"),
                ([onnx.node("ReduceMean", "x", "a", axes=[0]), flat], [], image, "it is taken along axis 0"),
                ([onnx.node("Relu", "x", "y")], [], image, "3x6x6 an example, in 3 dimensions; expected a list"),
                ([onnx.node("Div", "x z", "a"), onnx.node("Gemm", "a w", "y")], [W, onnx.tensor("z", [], [0])], x,
                 "divides by 0")):
            with self.subTest(text):
                self.check(onnx.model(nodes, tensors, inputs), text)

    def test_what_cannot_be_computed_before(self):
        x = [onnx.value("x", ["n", 2])]
        tensors = [W, onnx.tensor("i", [1], [5], onnx.INT64), onnx.tensor("l", [2], [3, -1], onnx.INT64),
                   onnx.tensor("o", [1], [1], onnx.INT64), onnx.tensor("t", [1], [2], onnx.INT64),
                   onnx.tensor("four", [2], [2, 2], onnx.INT64), onnx.tensor("v", [3], [1, 2, 3])]
        for node, text in (
                (onnx.node("Gather", "l i", "c"), "it takes number 5 of a list of 2"),
                (onnx.node("Gather", "w i", "c"), "it takes from a constant of 2 dimensions"),
                (onnx.node("Slice", "l o o o t", "c"), "with steps of 2"),
                (onnx.node("Slice", "l", "c", starts=[0, 0], ends=[1, 1]), "it cuts along several axes"),
                (onnx.node("Concat", "w w", "c", axis=0), "it joins constants of 2 dimensions"),
                (onnx.node("Unsqueeze", "w o", "c"), "it is applied to a constant of 2 dimensions"),
                (onnx.node("Reshape", "w four", "c"), "it makes 4 numbers of 6"),
                (onnx.node("Transpose", "w", "c", perm=[0, 0]), "its perm does not have each dimension"),
                (onnx.node("Add", "l v", "c"), "it joins constants of 2 and 3 numbers"),
                (onnx.node("Constant", "", "c"), "it has 0 values, expected one"),
                (onnx.node("Constant", "", "c", value="text"), "it has no value"),
                (onnx.node("Max", "w w", "c"), "all its inputs are constants"),
                (onnx.node("Relu", "w", "c"), "is a constant; expected what is computed from the example")):
            with self.subTest(text):
                self.check(onnx.model([node, onnx.node("MatMul", "x c", "y")], tensors, x), text)

    def test_options_of_layers(self):
        x = [onnx.value("x", ["n", 3])]
        image = [onnx.value("x", ["n", 3, 6, 6])]
        three = [onnx.tensor(name, [3], [1, 2, 3]) for name in "abcd"] + [
            onnx.tensor("two", [2], [1, 2]), onnx.tensor("five", [], [5]), onnx.tensor("cube", [1, 3, 1], [1, 2, 3]),
            onnx.tensor("each", [3, 6, 6], list(range(108)))]
        flat = onnx.node("Flatten", "q", "y")
        for nodes, inputs, text in (
                ([onnx.node("BatchNormalization", "x a b c d", "y", training_mode=1)], x, "it is for training"),
                ([onnx.node("BatchNormalization", "x a b c d", "y", epsilon=2.0)], x, "its epsilon is 2"),
                ([onnx.node("BatchNormalization", "x a b c two", "y")], x, "has 2 numbers, expected 3"),
                ([onnx.node("Scaler", "x", "y", domain="ai.onnx.ml", offset=[1.0])], x, "it has no offset, or no scale"),
                ([onnx.node("Elu", "x", "y", alpha=-1.0)], x, "its alpha is -1"),
                ([onnx.node("PRelu", "x a", "y")], x, "it has slopes of its own for each channel"),
                ([onnx.node("Dropout", "x five", "y")], x, "its ratio is 5"),
                ([onnx.node("Clip", "x five a", "y")], x, "its input 2 has 3 numbers, expected one"),
                ([onnx.node("Clip", "x", "y", min=2.0, max=1.0)], x, "its bounds are 2 and 1"),
                ([onnx.node("Relu", "x", "r"), onnx.node("Add", "r cube", "y")], x, "does not go with each value"),
                ([onnx.node("Relu", "x", "r"), onnx.node("Max", "r each", "q"), flat], image, "that the layer value cannot have"),
                ([onnx.node("Add", "x each", "q"), flat], image, "it normalises each pixel with numbers of its own"),
                ([onnx.node("GlobalAveragePool", "x", "g"), onnx.node("Mul", "g x", "q"), flat], image,
                 "its inputs have the shapes 3x6x6 and 3 an example"),
                ([onnx.node("Relu", "x", "r"), onnx.node("Transpose", "r", "t", perm=[0, 2, 3, 1]),
                  onnx.node("MaxPool", "t", "q", kernel_shape=[2, 2]), flat], image, "the channels of its input are last"),
                ([onnx.node("Gemm", "x cube", "y")], x, "its weights have 3 dimensions, expected a matrix"),
                ([onnx.node("Relu", "x", "r"), onnx.node("Sub", "x a", "s"), onnx.node("Add", "r s", "y")], x, None)):
            with self.subTest(text):
                model = onnx.model(nodes, three, inputs)
                if text:
                    self.check(model, text)
                else:  # what is not for all is a layer
                    self.bring_in(model, "-o", "sub")
                    self.assertEqual(self.predict("sub", [[-1.0, 1.0, 2.0]]), [[-2.0, 0.0, 1.0]])

    def test_inputs_and_outputs(self):
        one = [onnx.value("x", ["n", 2])]
        for inputs, outputs, options, text in (
                ([onnx.value("x", ["n", "length"])], ["y"], [], 'dimension 1 of its input "x" has no fixed size'),
                ([onnx.value("x", [2])], ["y"], [], "has 1 dimensions; expected the batch's and 1 to 3"),
                ([onnx.value("x", ["n", 2], onnx.STRING)], ["y"], [], 'its input "x" is of string, expected numbers'),
                ([], ["y"], [], "its graph has no input"),
                ([*one, onnx.value("z", ["n", 1])], ["y"], [], "a Concat has to join all of them first"),
                (one, ["q"], [], 'nothing makes its output "q"'),
                (one, ["y", "w"], [], "tell different things; choose one with --output NAME"),
                (one, ["y"], ["--output", "z"], 'it has no output called "z"'),
                (one, ["y"], ["--loss", "sofmax"], 'there is no loss "sofmax"; did you mean "softmax"?'),
                (one, ["y"], ["--loss", "softmax", "--classes", "a,b"], "found 2 names, expected 3"),
                (one, ["y"], ["--loss", "softmax", "--classes", "a,,b"], "a name is empty"),
                (one, ["y"], ["--loss", "softmax", "--classes", "a,b,a"], "two of its classes have the same name"),
                (one, ["y"], ["--classes", "a,b,c"], "--loss softmax makes classes of them"),
                (one, ["y"], ["--target", "a"], "has no names of columns")):
            with self.subTest(text):
                self.check(onnx.model([GEMM], [W], inputs, outputs), text, *options)

    def test_tensors(self):
        x = [onnx.value("x", ["n", 2])]
        outside = onnx.field(1, 2) + onnx.field(1, 3) + onnx.field(2, 1) + onnx.field(8, "w") + onnx.field(14, 1)
        outside += onnx.field(13, onnx.field(1, "location") + onnx.field(2, "weights.bin"))
        eighth = onnx.field(1, 6) + onnx.field(2, 17) + onnx.field(9, b"123456") + onnx.field(8, "w")
        for tensor, text in (
                (outside, 'the values of "w" lie in another file, "weights.bin"; save the model as one file'),
                (eighth, '"w" is a tensor of float8e4m3fn, expected one of numbers'),
                (onnx.tensor("w", [2, 4], [1] * 6), 'the tensor "w" has 6 values, expected the 8 of its dimensions'),
                (onnx.tensor("w", [2, -3], [1] * 6), "a tensor's dimension of -3"),
                (onnx.tensor("w", [1 << 40, 1 << 40], [1] * 6), "expected one from 0 to what memory holds"),
                (onnx.tensor("w", [2, 3], [float("nan")] * 6), "linear1.weight has a number that is not finite"),
                (onnx.tensor("y", [2, 3], [1] * 6), 'two values are called "y"')):
            with self.subTest(text):
                self.check(onnx.model([GEMM], [tensor], x), text)
        self.check(onnx.model([GEMM], [W], x, opset=6), "those of opset 6; import knows 7 to")
        self.check(onnx.model([GEMM], [W], x, opset=99), "those of opset 99; import knows 7 to")

    def test_damage_is_an_error(self):
        """Cut anywhere, and with any byte turned round: an error, or another network; nothing half-written."""
        whole = onnx.model([GEMM, onnx.node("Relu", "y", "z")], [W], [onnx.value("x", ["n", 2])], ["z"])
        for length in range(0, len(whole), 3):
            done = self.bring_in(whole[:length], "-o", "run", status=2)
            self.assertRegex(done.stderr, r"model\.onnx: (byte \d+: |nothing makes|its )")
        for at in range(0, len(whole), 5):
            done = self.bring_in(whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:], "-o", f"run{at}", status=None)
            self.assertIn(done.returncode, (0, 2), done.stderr)
            self.assertEqual((self.dir / f"run{at}").exists(), done.returncode == 0)

    def test_other_commands_say_what_it_is_for(self):
        for command in (["predict", FILE, IRIS], ["eval", FILE], ["check", FILE], ["resume", FILE]):
            self.assertIn("it is an ONNX file;", self.run_program(*command, status=2).stderr)

    def test_other_files(self):
        self.assertIn("no such file", self.run_program("import", "nowhere.onnx", status=2).stderr)
        self.assertIn("no ONNX model", self.run_program("import", IRIS, status=2).stderr)
        self.assertIn("which FILE?", self.run_program("import", status=2).stderr)
        self.assertIn("one FILE at a time", self.run_program("import", FILE, IRIS, status=2).stderr)


if __name__ == "__main__":
    main()
