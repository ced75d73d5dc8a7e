"""The lecture's worked examples, read back from trace; and what trace prints, draws and refuses."""

import json
import math
import os
import pathlib
import pty
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import PROGRAM, ROOT, ProgramTest, main  # noqa: E402

LECTURE = ROOT / "configs/lecture"
BOUND = 1e-6


class Lecture(ProgramTest):
    def trace(self, name, *arguments):
        out = json.loads(self.run_program("trace", LECTURE / f"{name}.json", "--format", "json", *arguments).stdout)
        self.assertEqual(out["batch"], 1)
        self.nodes = {node["name"]: node for node in out["nodes"]}
        return out

    def check(self, key, **expected):
        for name, numbers in expected.items():
            found = self.nodes[name][key]
            numbers = numbers if isinstance(numbers, list) else [numbers]
            self.assertEqual(len(found), len(numbers), name)
            for a, b in zip(found, numbers):
                self.assertLessEqual(abs(a - b), BOUND, f"{key} of {name}: {found}, expected {numbers}")

    def test_names_of_pictures(self):
        self.write("graph.json", {"model": {"layers": [{"type": "value", "name": "x", "value": 2}]}})
        for name in ("x.png", "x.PDF", "x.svg.gz"):
            message = self.run_program("trace", "graph.json", "-o", name, status=2).stderr
            self.assertIn(f"-o {name}: that is no format of a trace; known endings: .txt, .json, .dot, .gv, .svg", message)
        self.run_program("trace", "graph.json", "-o", "x.JSON")
        json.loads((self.dir / "x.JSON").read_text())
        message = self.run_program("trace", "graph.json", "--jacobian", "-o", "x.SVG", status=2).stderr
        self.assertIn("--jacobian is for text and json, not svg", message)

    def test_a(self):
        self.trace("a")
        self.check("value", q=3, f=-12)
        self.check("gradient", f=1, z=3, q=-4, x=-4, y=-4)
        self.assertEqual(self.nodes["q"] | {"value": 0, "gradient": 0},
                         {"name": "q", "type": "add", "inputs": ["x", "y"], "shape": [1], "value": 0, "gradient": 0})

    def check_sigmoid_example(self):
        self.check("gradient", w0=-0.1966119332, x0=0.3932238665, w1=-0.3932238665, x1=-0.5898357998, w2=0.1966119332)

    def test_b(self):
        self.trace("b")
        e = math.exp(-1)
        self.check("value", w0x0=-2, w1x1=6, sum=4, score=1, negative=-1, exponential=e, plus1=1 + e, f=0.7310585786)
        up = -1 / (1 + e) ** 2  # ≈ −0.53 on the slide
        self.check("gradient", f=1, plus1=up, exponential=up, negative=up * e, score=0.1966119332, sum=0.1966119332,
                   w0x0=0.1966119332, w1x1=0.1966119332)
        self.check_sigmoid_example()

    def test_c_agrees_with_b_node_for_node(self):
        self.trace("b")
        b = self.nodes
        self.trace("c")
        self.check_sigmoid_example()
        for name, node in self.nodes.items():
            self.check("value", **{name: b[name]["value"]})
            self.check("gradient", **{name: b[name]["gradient"]})

    def test_d(self):
        self.trace("d")
        self.check("value", s0=-2, s1=6, s2=4, s3=1, L=0.7310585786)
        self.check("gradient", L=1, s3=0.1966119332, s2=0.1966119332, s1=0.1966119332, s0=0.1966119332)
        self.check_sigmoid_example()

    def test_e(self):
        self.trace("e", "--upstream", "[4, -1, 5, 9]")
        self.check("value", y=[1, 0, 3, 0])
        self.check("gradient", x=[4, 0, 5, 0], y=[4, -1, 5, 9])

    def test_f(self):
        up = [[2, 3, -3, 9], [-8, 1, 4, 6]]
        self.trace("f", "--upstream", json.dumps(sum(up, [])))
        x, w = [[2, 1, -3], [-3, 4, 2]], [[3, 2, 1, -1], [2, 1, 3, 2], [3, 2, 1, -2]]
        product = lambda a, b: [sum(r[i] * b[i][j] for i in range(len(b))) for r in a for j in range(len(b[0]))]
        turn = lambda a: [list(row) for row in zip(*a)]
        self.check("value", Y=[-1, -1, 2, 6, 5, 2, 11, 7])
        self.check("gradient", X=product(up, turn(w)), W=product(turn(x), up))
        gradient = self.nodes["X"]["gradient"]
        self.assertEqual((gradient[0], gradient[5]), (0, -30))
        self.assertEqual(self.nodes["Y"]["shape"], [2, 4])

    def test_g(self):
        self.trace("g")
        self.check("value", q=[0.22, 0.26], f=0.116)
        self.check("gradient", q=[0.44, 0.52], W=[0.088, 0.176, 0.104, 0.208], x=[-0.112, 0.636])

    def test_h(self):
        found = self.trace("h", "--jacobian")["jacobian"]
        self.assertEqual(found["columns"], ["x", "y"])
        for row, expected in zip(found["value"], [[16, 12], [-4, 18]], strict=True):
            for a, b in zip(row, expected, strict=True):
                self.assertLessEqual(abs(a - b), BOUND)
        text = self.run_program("trace", LECTURE / "h.json", "--jacobian").stdout
        self.assertRegex(text, r"f\.0 +16 +12\nf\.1 +-4 +18\n")

    def test_gradcheck_of_a_steep_curve(self):
        """exp(1000 x): the third derivative is a million times the first, and a quotient of two values off by 2e-5."""
        self.write("steep.json", {"model": {"layers": [{"type": "value", "name": "x", "value": [0.001, 0.002]},
                                                       {"type": "scale", "by": 1000}, {"type": "exp"}]}})
        self.assertIn(" 0 wrong", self.run_program("gradcheck", "steep.json").stdout)

    def test_gradcheck_of_every_example(self):
        for path in sorted(LECTURE.glob("*.json")):
            self.assertIn(" 0 wrong", self.run_program("gradcheck", path).stdout)
            self.run_program("check", path)
        self.assertEqual(len(list(LECTURE.glob("*.json"))), 8)


class Trace(ProgramTest):
    def graph(self, *layers, **more):
        self.write("graph.json", {"model": {"layers": list(layers)}, **more})

    def value(self, name, value):
        return {"type": "value", "name": name, "value": value}

    def test_text(self):
        out = self.run_program("trace", LECTURE / "a.json").stdout
        self.assertEqual(out, "node  type   value  gradient\nx     value  -2     -4\ny     value  5      -4\n"
                              "z     value  -4     3\nq     add    3      -4\nf     mul    -12    1\n")

    def test_dot(self):
        out = self.run_program("trace", LECTURE / "a.json", "--format", "dot").stdout
        self.assertIn('rankdir=LR', out)
        self.assertRegex(out, r'<FONT COLOR="#00802b">-12</FONT>.*<FONT COLOR="#cc0000">1</FONT>')
        self.assertEqual(out.count("<TABLE"), 5)  # x, y, q, z, f: a wire each

    def test_wires_of_one_value_have_gradients_of_their_own(self):
        self.graph(self.value("x", 3), {"type": "mul", "name": "f", "inputs": ["x", "x", "y"]}, self.value("y", 2))
        out = self.run_program("trace", "graph.json", "--format", "dot").stdout
        self.assertEqual(out.count('<FONT COLOR="#cc0000">6</FONT>'), 2)  # not 12, which is their sum
        nodes = json.loads(self.run_program("trace", "graph.json", "--format", "json").stdout)["nodes"]
        self.assertEqual({n["name"]: n["gradient"] for n in nodes}, {"x": [12], "y": [9], "f": [1]})

    def test_svg_with_graphviz_and_without(self):
        self.graph(self.value("x", 3), {"type": "square", "name": "f", "inputs": ["x"]})
        self.write("bin/dot", "#!/bin/sh\n[ \"$1\" = -Tsvg ] && grep -q digraph && echo '<svg/>'\n")
        (self.dir / "bin/dot").chmod(0o755)
        done = self.run_program("trace", "graph.json", "--format", "svg", "-o", "f.svg",
                                env={"PATH": f"{self.dir}/bin:/usr/bin:/bin"})
        self.assertEqual((done.stdout, (self.dir / "f.svg").read_text()), ("", "<svg/>\n"))
        done = self.run_program("trace", "graph.json", "--format", "svg", "-o", "g.svg", env={"PATH": "/nowhere"}, status=1)
        self.assertIn("apt-get install graphviz", done.stderr)
        self.assertFalse((self.dir / "g.svg").exists())

    def test_format_is_that_of_the_files_name(self):
        self.graph(self.value("x", 2), {"type": "exp"})
        self.write("bin/dot", "#!/bin/sh\necho '<svg/>'\n")
        (self.dir / "bin/dot").chmod(0o755)
        for name, begin in (("f.svg", "<svg/>"), ("f.dot", "digraph"), ("f.gv", "digraph"), ("f.json", '{"batch":1'), ("f.txt", "node"),
                            ("f", "node"), ("a.svg/f", "node"), ("f.svg.text", "node")):
            (self.dir / name).parent.mkdir(exist_ok=True)
            self.run_program("trace", "graph.json", "-o", name, env={"PATH": f"{self.dir}/bin:/usr/bin:/bin"})
            self.assertTrue((self.dir / name).read_text().startswith(begin), name)
            (self.dir / name).unlink()
            if name == "f.svg":
                (self.dir / "a.svg").mkdir()
        self.run_program("trace", "graph.json", "-o", "g.svg", "--format", "json")
        self.assertTrue((self.dir / "g.svg").read_text().startswith('{"batch":1'))

    def test_broadcast_and_summed_gradients(self):
        self.graph(self.value("x", [1, 2, 3]), self.value("c", 10), {"type": "mul", "name": "f", "inputs": ["c", "x"]})
        nodes = json.loads(self.run_program("trace", "graph.json", "-f", "json").stdout)["nodes"]
        self.assertEqual([n["gradient"] for n in nodes], [[10, 10, 10], [6], [1, 1, 1]])

    def test_max_tie_goes_to_the_first(self):
        self.graph(self.value("a", 2), self.value("b", 2), {"type": "max", "name": "f", "inputs": ["b", "a"]})
        nodes = json.loads(self.run_program("trace", "graph.json", "-f", "json").stdout)["nodes"]
        self.assertEqual({n["name"]: n["gradient"][0] for n in nodes}, {"a": 0, "b": 1, "f": 1})

    def test_training_config(self):
        self.write_example()
        out = self.run_program("trace", "config.json").stdout
        self.assertRegex(out, r"(?m)^data +(\d, \d; ){3}\d, \d ")
        self.assertRegex(out, r"(?m)^linear1 +linear +4x4 mean ")
        self.assertRegex(out, r"(?m)^loss +softmax +\d+\.\d+ +1$")
        out = json.loads(self.run_program("trace", "config.json", "--format", "json").stdout)
        self.assertEqual(out["batch"], 4)
        self.assertEqual([n["name"] for n in out["nodes"]], ["data", "linear1", "relu1", "linear2"])
        self.assertEqual([len(n["value"]) for n in out["nodes"]], [8, 16, 16, 8])
        self.assertEqual([(p["name"], p["shape"]) for p in out["parameters"]],
                         [("linear1.weight", [2, 4]), ("linear1.bias", [4]), ("linear2.weight", [4, 2]), ("linear2.bias", [2])])
        bias = sum(map(lambda i: out["nodes"][3]["gradient"][i], range(0, 8, 2)))
        self.assertAlmostEqual(out["parameters"][3]["gradient"][0], bias)

    def test_large_tensors_are_summarised(self):
        out = self.run_program("trace", ROOT / "configs/digits.json").stdout
        self.assertRegex(out, r"(?m)^relu1 +relu +32x64 mean \S+ std \S+ range 0 to \S+ zeros \d+%")

    def test_images_are_shown_by_shapes(self):
        self.write_example(model={"layers": [
            {"type": "reshape", "shape": [2, 1, 1]}, {"type": "upsample", "scale": [2, 3]}, {"type": "batch_norm"},
            {"type": "conv2d", "filters": 3, "kernel": 2}, {"type": "global_avg_pool"}, {"type": "linear"}]})
        out = self.run_program("trace", "config.json", "training.batch_size=3").stdout
        self.assertRegex(out, r"(?m)^batch_norm1 +batch_norm +3x2x2x3 mean ")
        self.assertRegex(out, r"(?m)^conv2d1 +conv2d +3x3x1x2 mean ")
        out = self.run_program("trace", "config.json", "training.batch_size=3", "--format", "dot").stdout
        self.assertRegex(out, r"<TR><TD>3x2x2x3</TD></TR><TR><TD><FONT COLOR=\"#00802b\">mean [-\d.e]+ std [\d.]+</FONT>")
        self.assertLess(max(map(len, out.splitlines())), 300)
        out = json.loads(self.run_program("trace", "config.json", "training.batch_size=3", "--format", "json").stdout)
        shapes = {node["name"]: node["shape"] for node in out["nodes"]}
        self.assertEqual(shapes, {"data": [2], "reshape1": [2, 1, 1], "upsample1": [2, 2, 3], "batch_norm1": [2, 2, 3],
                                  "conv2d1": [3, 1, 2], "global_avg_pool1": [3], "linear1": [2]})
        self.assertEqual([len(node["value"]) for node in out["nodes"]], [3 * math.prod(s) for s in shapes.values()])
        reshaped = {node["name"]: node for node in out["nodes"]}
        self.assertEqual(reshaped["reshape1"] | {"name": "", "type": "", "inputs": [], "shape": []},
                         reshaped["data"] | {"name": "", "type": "", "inputs": [], "shape": []})

    def refuse(self, *messages, arguments=(), status=2):
        done = self.run_program("trace", "graph.json", *arguments, status=status)
        for message in messages:
            self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_refuses_wrong_graphs(self):
        x = self.value("x", [1, 2])
        self.graph(x, {"type": "tanh", "name": "a", "inputs": ["c"]}, {"type": "add", "name": "b", "inputs": ["a", "x"]},
                   {"type": "relu", "name": "c", "inputs": ["b"]})
        self.refuse("the layers form a cycle: ", "b -> c -> a -> b")
        self.graph(x, {"type": "tanh", "inputs": ["z"]})
        self.refuse('model.layers.1.inputs.0: unknown input "z"', "known: data, x, tanh1")
        self.graph(x, self.value("x", 3), {"type": "tanh"})
        self.refuse('the name "x" is taken by model.layers.0')
        self.graph(x, self.value("unused", 3), {"type": "tanh", "inputs": ["x"]})
        self.refuse('nothing uses "unused", "tanh1"')
        self.graph(x, {"type": "subtract", "inputs": ["x", "x", "x"]})
        self.refuse('"subtract1" has 3 inputs; subtract takes 2')
        self.graph(x, {"type": "add", "inputs": ["x"]})
        self.refuse('"add1" has 1 inputs; add takes at least 2')
        self.graph(x, self.value("y", [1, 2, 3]), {"type": "add", "inputs": ["x", "y"]})
        self.refuse('"add1" (add): its inputs have the shapes 2 and 3; they must be equal, or one of them a single number')
        self.graph(self.value("A", [[1, 2]]), self.value("B", [[1, 2]]), {"type": "matmul", "inputs": ["A", "B"]})
        self.refuse("a matrix product of 1x2 and 1x2 does not exist")
        self.graph({"type": "tanh"})
        self.refuse('"tanh1" takes the batch, but the config has no data')
        self.graph(self.value("x", [[1, 2], [3]]), {"type": "tanh"})
        self.refuse("model.layers.0.value: expected a number, a list of numbers, or a list of rows")
        self.graph(x, {"type": "scale"})
        self.refuse("model.layers.1.by: this key is missing")
        self.graph(x, {"type": "tanh"}, loss={"type": "softmax"})
        self.refuse("data: this key is missing")

    def test_refuses_wrong_upstream(self):
        self.graph(self.value("x", [1, 2]), {"type": "tanh"})
        for text in ("[1]", "x", "[1, \"a\"]", "{}"):
            self.refuse("--upstream", arguments=("--upstream", text))
        self.refuse('unknown format "png"; did you mean "svg"? known: text, json, dot, svg', arguments=("--format", "png"))

    def test_non_finite_values_are_reported_where_they_appear(self):
        self.graph(self.value("x", -2), {"type": "log", "name": "l"}, {"type": "exp"})
        self.refuse('a value that is NaN or infinite appears first in "l" (log)', "its inputs begin with -2", status=1)
        self.graph(self.value("x", 0), {"type": "reciprocal", "name": "r"}, {"type": "tanh"})
        self.refuse('first in "r" (reciprocal)', status=1)

    def test_a_trainable_value_is_a_parameter(self):
        """x W + b from gates is the linear layer: the same loss after the same steps."""
        self.write_example(model={"layers": [{"type": "linear", "init": "zeros"}]}, regularization=None)
        linear = json.loads(self.run_program("train", "config.json", "-q", "--json", "-o", "a", "training.epochs=50").stdout)
        self.write_example(model={"layers": [
            {"type": "value", "name": "W", "value": [[0, 0], [0, 0]], "trainable": True},
            {"type": "value", "name": "b", "value": [0, 0], "trainable": True},
            {"type": "value", "name": "two", "value": 2},
            {"type": "matmul", "name": "xW", "inputs": ["data", "W"]},
            {"type": "scale", "name": "half", "by": 0.5, "inputs": ["xW"]},
            {"type": "mul", "name": "whole", "inputs": ["half", "two"]},
            {"type": "add", "name": "scores", "inputs": ["whole", "b"]}]})
        gates = json.loads(self.run_program("train", "config.json", "-q", "--json", "-o", "b", "training.epochs=50").stdout)
        self.assertEqual(gates["parameters"], 4 + 2 + 1)
        self.assertAlmostEqual(gates["train"]["loss"], linear["train"]["loss"], places=5)  # float32
        self.assertNotAlmostEqual(linear["train"]["loss"], math.log(2), places=2)
        self.assertEqual(json.loads(self.run_program("eval", "b", "--json").stdout)["validation"], gates["validation"])

    def test_training_needs_data(self):
        self.graph(self.value("x", -2), {"type": "tanh"})
        done = self.run_program("train", "graph.json", status=2)
        self.assertIn("data: this key is missing", done.stderr)

    def test_colour_on_a_terminal_only(self):
        for no_color in ("", "1"):
            try:
                terminal, inner = pty.openpty()
            except OSError as error:
                self.skipTest(f"no pseudo-terminal: {error}")
            subprocess.run([PROGRAM, "trace", str(LECTURE / "a.json")], stdout=inner, check=True,
                           env={**os.environ, "NO_COLOR": no_color})
            os.close(inner)
            out = os.read(terminal, 10000).decode()
            os.close(terminal)
            self.assertEqual("\033[32m-12" in out and "\033[31m1" in out, no_color == "")


if __name__ == "__main__":
    main()
