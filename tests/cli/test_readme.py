"""What the README and the pages of docs/ say is what the program does."""

import csv
import io
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, main  # noqa: E402

PAGES = [ROOT / "README.md", *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.name != "config.md")]
TEXT = {page.name: page.read_text() for page in PAGES}


def blocks(text):
    """The (language, content) of each fenced block; of indented ones the language is "commands"."""
    for language, fenced, indented in re.findall(r"^```(\w*)\n(.*?)^```$|(?<=\n\n)((?:^    [^\n]*\n)+)", text, re.S | re.M):
        yield ("commands", indented) if indented else (language, fenced)


def block(page, language, containing):
    found = [content for kind, content in blocks(TEXT[page]) if kind == language and containing in content]
    assert len(found) == 1, (page, language, containing)
    return found[0]


class Pages(ProgramTest):
    def test_every_command_is_in_the_table(self):
        for command in re.findall(r"(?m)^  (\w+) +\w", self.run_program("--help").stdout):
            self.assertRegex(TEXT["README.md"], rf"(?m)^\| `{command} ")

    def test_lines_are_short(self):
        for page, text in TEXT.items():
            self.assertEqual([line for line in text.splitlines() if len(line) > 120], [], page)
        self.assertLessEqual(len(TEXT["README.md"].splitlines()), 165)


class Shown(ProgramTest):
    """What the pages show of configs, files and output, to the letter."""

    def config(self, name):
        return json.loads((ROOT / "configs" / name).read_text())

    def test_reference_is_what_the_program_prints(self):
        self.assertEqual((ROOT / "docs/config.md").read_text(), self.run_program("check", "--keys").stdout)

    def test_configs_and_programs_can_be_read(self):
        for text in TEXT.values():
            for language, content in blocks(text):
                if language == "json":
                    json.loads(content if content.startswith("{") else "{" + content + "}")
                elif language == "python":
                    compile(content, "page", "exec")

    def test_configs_are_those_of_the_files(self):
        sweep = json.loads("{" + block("README.md", "json", '"sweep"') + "}")
        self.assertEqual(sweep["sweep"], self.config("sweeps/digits_random.json")["sweep"])
        images = json.loads("{" + block("images.md", "json", '"images"') + "}")
        self.assertEqual(images["data"], self.config("mnist.json")["data"])
        graph = json.loads(block("trace.md", "json", '"name": "q"'))
        self.assertEqual(graph["model"], self.config("lecture/a.json")["model"])

    def test_numpy_loads_a_model(self):
        try:
            import numpy as np
        except ImportError:
            self.skipTest("NumPy is not installed")
        self.run_program("train", ROOT / "configs/iris.json", "-q", "-o", "run")
        space = {}
        exec(block("library.md", "python", "def load"), space)
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
        self.write("flowers.json", block("README.md", "json", '"flowers.csv"'))
        lines = [f"{5 + i % 3},{3 + i % 5},{'rose' if i % 3 else 'tulip'}" for i in range(60)]
        self.write("flowers.csv", "\n".join(["length,width,kind", *lines]) + "\n")
        overrides = re.search(r"`(training\.epochs=\S+ [^`]+)`", TEXT["README.md"])[1].split()
        self.run_program("train", "flowers.json", *overrides)
        self.assertRegex(self.run_program("eval", "runs/flowers").stdout, r"validation +12 .* 1\.0000")
        out = self.run_program("predict", "runs/flowers", "-", input="5.1,3.5\n").stdout
        self.assertTrue(out.startswith("prediction,probability_rose,probability_tulip\n"), out)

    def test_errors_shown(self):
        text = block("README.md", "json", '"flowers.csv"')
        self.write("flowers.csv", "length,width,kind\n1,2,a\n3,4,b\n")
        self.write("wrong.json", text.replace('"units"', '"unist"').replace('"softmax"', '"cross_entropy"'))
        shown = block("README.md", "", "$ ./run train wrong.json").split("\n", 1)[1]
        self.assertEqual(self.run_program("train", "wrong.json", status=2).stderr.split(), shown.split())

    def test_traces_shown(self):
        for page, config, *options in (("README.md", "a"), ("trace.md", "e", "--upstream", "[4, -1, 5, 9]"),
                                       ("trace.md", "h", "--jacobian")):
            self.assertIn(self.run_program("trace", ROOT / f"configs/lecture/{config}.json", *options).stdout, TEXT[page])


if __name__ == "__main__":
    main()
