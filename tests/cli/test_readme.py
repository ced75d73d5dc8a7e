"""What the README and the pages of docs/ say is what the program does."""

import csv
import functools
import gzip
import io
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import onnx_file  # noqa: E402
from program import ENVIRONMENT, PROGRAM, ROOT, ProgramTest, main  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md",
         *(p for p in sorted((ROOT / "docs").glob("*.md")) if p.name != "config.md")]
TEXT = {page.name: page.read_text() for page in PAGES}

# Not run, since they take minutes, install or compile; library/test_library and tests/targets do the last two.
NOT_RUN = (r"(CHAINRULE_KILLS=\d+ )?\./run (test|sanitize|fuzz|coverage|valgrind|targets)\b|bench/"
           r"|meson install -C build$|cc mine\.c |clang --target|pip install|python/build_(wheel|sdist)|python/examples/|-Wl,|cp docs/iris|python3 -m http.server|mpirun ")
SCRIPTS = ["test", "sanitize", "fuzz", "coverage", "valgrind", "targets"]

# What is run in place of a command that takes long, or needs a program that may not be there.
INSTEAD = {r"(parallel -j \d) (\./run .*){}(.*){} ::: (.*)": r"for k in \4; do \2$k\3$k; done",
           r"\./run bench(| --(?!products).*)": r"./run bench spiral digits lenet\1",  # all take minutes under sanitizers
           r"(\./run bench\b.*)": r"\1 --seconds 0.001"}
if "sanitize" in os.environ.get("CHAINRULE_BUILD", ""):
    NOT_RUN += r"|\./run bench --products"

# Those that are to end with another status than 0; timings of turns as short as that may well differ.
STATUS = {"./run doctor configs/spiral_linear.json": [1], "./run train wrong.json": [2],
          "./run bench spiral digits --compare before.json": [0, 1], "./run bench --compare before.json": [0, 1]}


def blocks(text):
    """The (language, content) of each fenced block; of indented ones the language is "commands"."""
    for language, fenced, indented in re.findall(r"^```(\w*)\n(.*?)^```$|(?<=\n\n)((?:^    [^\n]*\n)+)", text, re.S | re.M):
        yield ("commands", indented) if indented else (language, fenced)


def block(page, language, containing):
    found = [content for kind, content in blocks(TEXT[page]) if kind == language and containing in content]
    assert len(found) == 1, (page, language, containing)
    return found[0]


def complete(command):
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return True


def commands(text):
    """The (command, output shown) of a page, in order; None where no output is shown."""
    for language, content in blocks(text):
        if language == "commands":
            for line in content.splitlines():
                yield re.sub(" +# .*", "", line.strip()), None
        elif language == "" and content.startswith("$ "):
            for part in re.split(r"^\$ ", content, flags=re.M)[1:]:
                command, _, shown = part.partition("\n")
                while not complete(command):
                    line, _, shown = shown.partition("\n")
                    command += "\n" + line
                yield command, shown


def in_line(text):
    """Pieces of code within sentences and tables."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
    return [re.sub(r"\s+", " ", code.replace("\\|", "|")) for code in re.findall(r"`((?:[^`\n]|\n(?!\n))+)`", text)]


def level(text):
    """Without what differs from run to run and from machine to machine: numbers, kernels, and where a line is folded."""
    text = re.sub(r"\bkernel \w+|(own kernels|BLAS) \([\w-]+\)", "kernel", text)
    return " ".join(re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?[kMG]?", "#", text).split())


def anchors(text):
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"(?m)^#+ (.*)", text)]


class Pages(ProgramTest):
    def write_table(self, name, row, rows=60, head=""):
        draw = random.Random(1)
        return self.write(name, head + "".join(row(draw, i) + "\n" for i in range(rows)))

    def write_images(self, part, rows):
        draw = random.Random(rows)
        images = struct.pack(">BBBBIII", 0, 0, 8, 3, rows, 28, 28) + draw.randbytes(rows * 784)
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, rows) + bytes(i % 10 for i in range(rows))
        self.write(f"data/mnist/{part}-images-idx3-ubyte.gz", gzip.compress(images, 1))
        self.write(f"data/mnist/{part}-labels-idx1-ubyte.gz", gzip.compress(labels, 1))

    def write_pictures(self):
        """Squares in a colour for each class; one of them, and those of photos/, are larger."""
        def write(name, i, side):
            pixel = bytes(200 if i % 3 == c else 5 * (i % 20) for c in range(3))
            self.write(name, b"P6 %d %d 255\n" % (side, side) + pixel * side * side)
        for i in range(30):
            kind = ("cat", "dog", "horse")[i % 3]
            write(f"pets/{kind}/{i}.ppm", i, 16 if i > 0 else 20)
            if i < 6:
                write(f"more/{kind}/{i}.ppm", i, 20)
                write(f"photos/{i}.png", i, 20)

    def prepare(self):
        """A directory that looks like the project's, with small data of the same form where that does not ship."""
        for name in ("configs", "data"):
            shutil.copytree(ROOT / name, self.dir / name, ignore=shutil.ignore_patterns("mnist", "adult", "cifar10", "*.py"))
        self.write_images("train", 320)
        self.write_images("t10k", 40)
        self.write_pictures()
        flowers = block("README.md", "json", '"flowers.csv"')
        self.write("flowers.json", flowers)
        self.write("wrong.json", flowers.replace('"units"', '"unist"').replace('"softmax"', '"cross_entropy"'))
        self.write("wide.json", json.dumps({
            "data": {"train": {"images": "data/mnist/train-images-idx3-ubyte.gz", "labels": "data/mnist/train-labels-idx1-ubyte.gz"}},
            "model": {"layers": [{"type": "linear", "units": 1024}, {"type": "relu"}, {"type": "linear", "units": 1024},
                                 {"type": "relu"}, {"type": "linear"}]},
            "loss": {"type": "softmax"}, "optimizer": {"type": "sgd", "learning_rate": 0.1},
            "training": {"epochs": 1, "batch_size": 256, "shards": 4}}))
        self.write("load.json", block("tables.md", "json", '"load.csv"'))
        self.write_table("load.csv", lambda draw, i: f"{i // 2},{('north', 'south')[i % 2]},{draw.randint(0, 30)},"
                         f"{100 + i // 2 % 24 + draw.randint(0, 9)}", rows=1000, head="hour,site,temperature,load\n")
        self.write_table("flowers.csv", lambda draw, i: f"{5 + i % 3},{3 + i % 5},{'rose' if i % 3 else 'tulip'}",
                         head="length,width,kind\n")
        self.write("new.csv", "length,width\n5.1,3.5\n")
        self.write("iris.onnx", (ROOT / "tests/golden/imports/sklearn_standardize.onnx").read_bytes())
        self.write("lstm.onnx", onnx_file.model([onnx_file.node("LSTM", "x", "y")], inputs=[onnx_file.value("x", ["n", 2])]))

        def person(end):
            return lambda draw, i: ", ".join([
                str(draw.randint(17, 90)), draw.choice(["Private", "?"]), str(draw.randint(10000, 99999)), draw.choice("ab"),
                str(draw.randint(1, 16)), *(draw.choice("cd") for _ in range(5)), *(str(draw.randint(0, 99)) for _ in range(3)),
                draw.choice("ef"), draw.choice(["<=50K", ">50K"]) + end])
        for name in ("adult.data", "data/adult/adult-train.csv", "data/adult/adult-test.csv"):
            self.write_table(name, person(""))
        self.write_table("adult.test", person("."), head="|1x3 Cross validator\n")
        for name in ("run", "bin/chainrule"):
            self.write(name, f'#!/bin/sh\nexec {PROGRAM} "$@"\n').chmod(0o755)
        self.write("bin/dot", "#!/bin/sh\necho '<svg/>'\n").chmod(0o755)

    def run_here(self, command):
        for pattern, instead in INSTEAD.items():
            if re.fullmatch(pattern, command):
                command = re.sub(pattern, instead, command)
        env = {**ENVIRONMENT, "PATH": f"{self.dir}/bin:{ENVIRONMENT['PATH']}"}
        return subprocess.run(["sh", "-c", command], cwd=self.dir, env=env, text=True, timeout=300,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @functools.cache
    def help(self, *command):
        return self.run_program(*command, "--help").stdout

    def check_options(self, code):
        """That the commands and options of a line of shell exist."""
        words = code.split()
        if words and words[0].startswith("bench/"):
            for option in words[1::2]:
                self.assertIn(f'"{option}"', (ROOT / words[0]).read_text())
        for i, word in enumerate(words[:-1]):
            if word not in ("./run", "chainrule"):
                continue
            command = words[i + 1]
            if command in SCRIPTS:
                self.assertIn(command, (ROOT / "run").read_text())
            elif command not in ("--version", "--help"):
                self.assertRegex(self.help(), rf"(?m)^  {command} ", code)
                own = re.split(r" [|>&]+ ", " " + " ".join(words[i + 2:]))[0]
                for option in re.findall(r"(?<=[ \[])--?[a-z][\w-]*", own):
                    self.assertRegex(self.help(command), rf"(?m)[ \[]{option}\b", code)

    def test_every_command_runs(self):
        for page, text in TEXT.items():
            with self.subTest(page):
                shutil.rmtree(self.dir)
                self.dir.mkdir()
                self.prepare()
                ran = []
                for command, shown in [*commands(text), *((c, None) for c in in_line(text) if c.startswith("./run "))]:
                    if "unknown option" not in (shown or ""):
                        self.check_options(command)
                    if re.match(NOT_RUN, command):
                        continue
                    if command in ran:  # its directory's name has no number then
                        shutil.rmtree(self.dir / "runs")
                    self.check_command(command, shown)
                    ran.append(command)

    def check_command(self, command, shown):
        done = self.run_here(command)
        status = [2] if "error: " in (shown or "") else STATUS.get(command, [0])
        self.assertIn(done.returncode, status, f"{command}\n{done.stdout}")
        if shown is None or "^C" in shown:
            return
        out = done.stdout
        if command.startswith("./run bench"):  # what is said of a workload below its figures depends on them
            shown, out = (re.sub(r"(?m)^ .*\n", "", text) for text in (shown, out))
        at, out = 0, level(out)
        for piece in shown.split("[…]\n"):
            found = out.find(level(piece), at)
            self.assertGreaterEqual(found, at, f"{command}\nprinted:\n{done.stdout}\nthe page shows:\n{piece}")
            at = found + len(level(piece))

    def test_commands_within_sentences_exist(self):
        checked = 0
        for text in TEXT.values():
            for code in in_line(text):
                self.check_options(code)
                checked += code.startswith(("./run ", "chainrule "))
        self.assertGreater(checked, 2)
        table = re.findall(r"(?m)^\| `((?:[^`|]|\\\|)+)` \|", TEXT["README.md"].split("\n## Commands\n")[1].split("\n## ")[0])
        for row in table:
            self.check_options("./run " + row.replace("\\|", "|"))
        listed = re.findall(r"(?m)^  (\w+) +\w", self.help())
        self.assertEqual(sorted(row.split()[0] for row in table), sorted(listed))

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                path, _, anchor = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                self.assertTrue(file.is_relative_to(ROOT.resolve()) and file.exists(), f"{page.name}: {target}")
                if anchor:
                    self.assertIn(anchor, anchors(file.read_text()), f"{page.name}: {target}")
        for page in PAGES[1:]:
            self.assertIn(f"]({page.relative_to(ROOT)})", TEXT["README.md"])

    def test_files_named_exist(self):
        for page, text in TEXT.items():
            for path in re.findall(r"(?<![\w/.])(?:configs|bench|tests|data|docs|include|src)/[\w./-]*\w", text):
                if not path.startswith(("data/mnist", "data/adult")) and "NAME" not in path:
                    self.assertTrue((ROOT / path).exists(), f"{page}: {path}")
            for name in re.findall(r"(?m)^\| `(\w+\.json)` \|", text):
                self.assertTrue((ROOT / "configs" / name).exists() or name in ("config.json", "summary.json"), name)

    def test_every_type_is_in_the_lists(self):
        """Layers, losses, optimizers and schedules of the reference stand in docs/training.md, gates in docs/trace.md."""
        reference, named = (ROOT / "docs/config.md").read_text(), TEXT["training.md"] + TEXT["trace.md"]
        for section in ("Layers", "Losses", "Optimizers", "Learning rate schedules"):
            text = re.search(rf"(?ms)^## {section}\n(.*?)(?=^## |\Z)", reference)[1]
            for name in re.findall(r"(?m)^### (\w+)$", text):
                if name not in ("model", "loss", "sweep"):
                    self.assertIn(f"`{name}`", named)

    def test_tests_named_exist(self):
        written = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.*") if p.suffix in (".c", ".py"))
        named = re.findall(r"`(test_\w+)`", TEXT["reliability.md"])
        self.assertGreater(len(named), 20)
        for name in named:
            self.assertRegex(written, rf"\b(def|void) {name}\(")

    def test_lines_are_short(self):
        for page, text in TEXT.items():
            self.assertEqual([line for line in text.splitlines() if len(line) > 120], [], page)
        self.assertLessEqual(len(TEXT["README.md"].splitlines()), 160)


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
        for page, config, *options in (("trace.md", "a"), ("trace.md", "e", "--upstream", "[4, -1, 5, 9]"),
                                       ("trace.md", "h", "--jacobian")):
            self.assertIn(self.run_program("trace", ROOT / f"configs/lecture/{config}.json", *options).stdout, TEXT[page])


if __name__ == "__main__":
    main()
