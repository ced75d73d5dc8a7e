"""What the README and the reference say is what the program does."""

import csv
import io
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, main  # noqa: E402

README = (ROOT / "README.md").read_text()


def block(language, containing):
    found = [b for b in re.findall(rf"```{language}\n(.*?)```", README, re.S) if containing in b]
    assert len(found) == 1, (language, containing)
    return found[0]


class Readme(ProgramTest):
    def test_reference_is_what_the_program_prints(self):
        self.assertEqual((ROOT / "docs/config.md").read_text(), self.run_program("check", "--keys").stdout)

    def test_numpy_loads_a_model(self):
        try:
            import numpy as np
        except ImportError:
            self.skipTest("NumPy is not installed")
        self.run_program("train", ROOT / "configs/iris.json", "-q", "-o", "run")
        space = {}
        exec(block("python", "def load"), space)
        tensors, metadata = space["load"](self.dir / "run/model.safetensors")
        self.assertEqual({k: v.shape for k, v in tensors.items()},
                         {"linear1.weight": (4, 16), "linear1.bias": (16,), "linear2.weight": (16, 3), "linear2.bias": (3,)})
        scale = json.loads(metadata["normalization"])
        raw = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
        x = (raw - scale["shift"]) * scale["scale"]
        hidden = np.tanh(x @ tensors["linear1.weight"] + tensors["linear1.bias"])
        scores = hidden @ tensors["linear2.weight"] + tensors["linear2.bias"]
        expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        text = "\n".join(",".join(map(str, row)) for row in raw)
        rows = list(csv.reader(io.StringIO(self.run_program("predict", "run", "-", input=text).stdout)))
        np.testing.assert_allclose(np.array([row[1:] for row in rows[1:]], float), expected, atol=1e-5)  # float32
        self.assertEqual(rows[0][1:], [f"probability_{c}" for c in json.loads(metadata["classes"])])

    def test_own_table(self):
        self.write("flowers.json", block("json", '"flowers.csv"'))
        lines = [f"{5 + i % 3},{3 + i % 5},{'rose' if i % 3 else 'tulip'}" for i in range(60)]
        self.write("flowers.csv", "\n".join(["length,width,kind", *lines]) + "\n")
        self.run_program("check", "flowers.json")
        self.run_program("train", "flowers.json", "training.epochs=200", "model.layers.0.units=64", "seed=7")
        self.assertRegex(self.run_program("eval", "runs/flowers").stdout, r"validation +12 .* 1\.0000")
        out = self.run_program("predict", "runs/flowers", "-", input="5.1,3.5\n").stdout
        self.assertTrue(out.startswith("prediction,probability_rose,probability_tulip\n"), out)

    def test_errors_shown(self):
        config = json.loads(block("json", '"flowers.csv"'))
        self.write("flowers.csv", "length,width,kind\n1,2,a\n3,4,b\n")
        config["model"]["layers"][0]["unist"] = config["model"]["layers"][0].pop("units")
        config["loss"]["type"] = "cross_entropy"
        config["optimizer"]["lr"] = config["optimizer"].pop("learning_rate")
        self.write("wrong.json", config)
        shown = re.findall(r"chainrule: error: wrong\.json:\d+:\d+: (.*)", README)
        stderr = self.run_program("train", "wrong.json", status=2).stderr
        found = re.findall(r"chainrule: error: wrong\.json:\d+:\d+: (.*)", stderr)
        self.assertEqual(found, shown)

    def test_traces_shown(self):
        self.write("a.json", block("json", '"name": "q"'))
        self.assertIn(self.run_program("trace", "a.json").stdout, README)
        self.assertIn(self.run_program("trace", ROOT / "configs/lecture/a.json").stdout, README)
        self.assertIn(self.run_program("trace", ROOT / "configs/lecture/h.json", "--jacobian").stdout, README)

    def test_every_command_is_in_the_table(self):
        for command in re.findall(r"(?m)^  (\w+) +\w", self.run_program("--help").stdout):
            self.assertRegex(README, rf"(?m)^\| `{command} ")


if __name__ == "__main__":
    main()
