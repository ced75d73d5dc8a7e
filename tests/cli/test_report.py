"""chainrule report: pages about runs, as data and in a browser."""

import base64
import csv
import html.parser
import io
import json
import math
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import CONFIG, ENVIRONMENT, PROGRAM, ROOT, ProgramTest, find_chromium, main  # noqa: E402

EVIL = ['<script>alert(1)</script>', '</script><img src=x onerror=alert(2)>', 'a"b\'c&d', "\u202eright\u2066", "\u2028line", "😀 né",
        "<!--", "]]>", "x" * 10000]


class Page(html.parser.HTMLParser):
    """The page's data, and the tags of its markup."""

    def __init__(self, path):
        super().__init__()
        self.inside, self.data, self.tags = False, "", []
        self.text = pathlib.Path(path).read_text(encoding="utf-8")
        self.feed(self.text)
        self.data = json.loads(self.data)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = ("id", "chainrule-data") in attributes

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, text):
        self.data += text if self.inside else ""


class Browser:
    """Chromium, driven by Playwright; started by the first that asks."""

    process = None

    @classmethod
    def start(cls):
        chromium = find_chromium()
        python, why = packages.find_python("build-report", "tests/report/requirements.txt", lambda text: print(text, flush=True))
        if not python:
            raise unittest.SkipTest(f"the packages of tests/report/requirements.txt cannot be installed: {why}")
        cls.process = subprocess.Popen([python, ROOT / "tests/report/browser.py", chromium], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)

    @classmethod
    def visit(cls, page, *steps, **wanted):
        if not cls.process:
            cls.start()
        cls.process.stdin.write(json.dumps({"page": str(page), "steps": steps, **wanted}) + "\n")
        cls.process.stdin.flush()
        return json.loads(cls.process.stdout.readline())

    @classmethod
    def stop(cls):
        if cls.process:
            cls.process.stdin.close()
            cls.process.wait()
            cls.process.stdout.close()


class ReportTest(ProgramTest):
    def report(self, *runs, name="page.html"):
        self.run_program("report", *runs, "-o", name)
        return Page(self.dir / name)

    def train_config(self, config, *overrides, name="run"):
        self.run_program("train", ROOT / "configs" / config, "-q", "-o", name, *overrides)

    def write_evil(self):
        """A table whose classes and columns are not what they seem."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["a<b>", "</script>", "kind"])
        for i in range(90):
            writer.writerow([i * 7 % 11, i * 5 % 13, EVIL[i % len(EVIL)]])
        self.write("evil.csv", out.getvalue())
        self.write("evil.json", {**CONFIG, "comment": EVIL[1], "data": {**CONFIG["data"], "train": "evil.csv", "target": "kind",
                                                                       "max_line": 100000}})


class Data(ReportTest):
    """What a page holds, without a browser."""

    def test_numbers_are_those_of_the_files(self):
        self.write_example()
        self.train()
        run = self.report("run").data["runs"][0]
        rows = list(csv.DictReader((self.dir / "run/metrics.csv").read_text().splitlines()))
        self.assertEqual(run["metrics"]["rows"], len(rows))
        for name, values in zip(run["metrics"]["columns"], run["metrics"]["values"]):
            self.assertEqual(values, [float(row[name]) for row in rows], name)
        self.assertEqual({*run["metrics"]["columns"], "parameters_crc32"}, {*rows[0]})
        self.assertEqual(run["metrics"]["parameters_crc32"], rows[-1]["parameters_crc32"])
        self.assertEqual(run["summary"], json.loads((self.dir / "run/summary.json").read_text()))
        self.assertEqual(run["config"], json.loads((self.dir / "run/config.json").read_text()))

    def test_figures_are_those_of_eval_and_predict(self):
        self.train_config("iris.json")
        run = self.report("run").data["runs"][0]
        told = json.loads(self.run_program("eval", "run", "--json").stdout)
        told = {**told["validation"], **told["report"]}
        self.assertEqual(run["figures"]["examples"], 30)
        self.assertLessEqual({"loss", "accuracy", "log_loss", "matthews"}, {metric["name"] for metric in run["figures"]["metrics"]})
        for metric in run["figures"]["metrics"]:
            self.assertEqual(metric["value"], told[metric["name"]], metric["name"])
        self.assertEqual(sum(map(sum, run["classes"]["matrix"])), 30)
        self.assertEqual(run["classes"]["matrix"], told["confusion"])

    def test_figures_of_numbers_are_those_of_eval(self):
        """Also where scores are logarithms of what is predicted."""
        for config in ("diabetes.json", "recipes/poisson.json"):
            self.train_config(config, "training.epochs=20", name=pathlib.Path(config).stem)
            run = self.report(pathlib.Path(config).stem).data["runs"][0]
            told = json.loads(self.run_program("eval", pathlib.Path(config).stem, "--json").stdout)
            told = {**told["validation"], **told["report"]}
            self.assertEqual({metric["name"]: metric["value"] for metric in run["figures"]["metrics"]}, told, config)

    def test_curves_and_calibration_follow_from_predictions(self):
        """What predict says of the test part gives, by ranks and by counting, what the page has."""
        self.train_config("iris.json", f"data.test={ROOT / 'data/iris.csv'}", "training.epochs=10")
        run = self.report("run").data["runs"][0]
        said = list(csv.DictReader(self.run_program("predict", "run", ROOT / "data/iris.csv").stdout.splitlines()))
        right = [row["species"] for row in csv.DictReader((ROOT / "data/iris.csv").read_text().splitlines())]
        self.assertEqual((run["data"]["on"], run["figures"]["examples"]), ("test", 150))
        for entry in run["classes"]["list"]:
            shares = [float(row[f"probability_{entry['name']}"]) for row in said]
            yes = [share for share, name in zip(shares, right) if name == entry["name"]]
            no = [share for share, name in zip(shares, right) if name != entry["name"]]
            won = sum((a > b) + (a == b) / 2 for a in yes for b in no)
            self.assertAlmostEqual(entry["curves"]["auc"], won / len(yes) / len(no), delta=1e-4)  # ties of rounded shares
            for x, y in zip(entry["curves"]["false_positives"], entry["curves"]["recall"]):
                self.assertTrue(0 <= x <= 1 and 0 <= y <= 1)
            self.assertEqual((entry["curves"]["recall"][-1], entry["curves"]["false_positives"][-1]), (1, 1))
        bins = [[] for _ in range(15)]
        for row, name in zip(said, right):
            share = max(float(v) for k, v in row.items() if k.startswith("probability_"))
            bins[max(0, math.ceil(15 * share) - 1)].append((share, row["prediction"] == name))
        for (count, confidence, share), examples in zip(run["classes"]["calibration"], bins):
            self.assertEqual(count, len(examples))
            if examples:
                self.assertAlmostEqual(confidence, sum(a for a, _ in examples) / len(examples), delta=1e-6)  # float32
                self.assertAlmostEqual(share, sum(b for _, b in examples) / len(examples))

    def test_numbers_predicted_are_those_of_predict(self):
        self.train_config("diabetes.json", f"data.test={ROOT / 'data/diabetes.csv'}")
        target = self.report("run").data["runs"][0]["values"]["list"][0]
        said = list(csv.reader(self.run_program("predict", "run", ROOT / "data/diabetes.csv").stdout.splitlines()))
        rows = list(csv.DictReader((ROOT / "data/diabetes.csv").read_text().splitlines()))
        self.assertEqual(len(target["said"]), len(rows))
        for value, row in zip(target["said"], said[1:]):
            self.assertAlmostEqual(value, float(row[-1]), delta=1e-3)  # rows together, in float32, of numbers around 150
        for value, row in zip(target["right"], rows):
            self.assertAlmostEqual(value, float(row["progression"]), delta=1e-3)

    def test_what_says_nothing_has_no_importance(self):
        self.write("table.csv", "a,same,kind\n" + "".join(f"{i % 17},5,{'x' if i % 17 > 8 else 'y'}\n" for i in range(200)))
        self.write("config.json", {**CONFIG, "data": {"train": "table.csv", "target": "kind"}, "training": {"epochs": 30, "batch_size": 10}})
        self.train()
        importance = self.report("run").data["runs"][0]["importance"]
        self.assertEqual(importance["columns"], ["a", "same"])
        self.assertGreater(importance["rises"][0], 0.1)
        self.assertEqual(importance["rises"][1], 0)

    def test_weights_are_those_of_the_model(self):
        self.train_config("iris.json")
        weights = self.report("run").data["runs"][0]["weights"]
        file = (self.dir / "run/model.safetensors").read_bytes()
        size = struct.unpack("<Q", file[:8])[0]
        tensor = json.loads(file[8:8 + size])["linear1.weight"]
        start, end = tensor["data_offsets"]
        values = struct.unpack(f"<{(end - start) // 4}f", file[8 + size + start:8 + size + end])
        inputs, units = tensor["shape"]
        self.assertEqual(len(weights["features"]), inputs)
        for unit, entry in enumerate(weights["filters"]):
            for i, value in enumerate(entry["values"]):
                self.assertAlmostEqual(value, values[i * units + unit], delta=1e-3 * abs(values[i * units + unit]))  # 4 digits

    def test_examples_are_rows_of_the_table(self):
        self.train_config("iris.json")
        examples = self.report("run").data["runs"][0]["classes"]["examples"]
        rows = list(csv.reader((ROOT / "data/iris.csv").read_text().splitlines()))
        self.assertEqual(examples["columns"], rows[0][:4])
        for item in examples["items"]:
            self.assertEqual([float(cell) for cell in item["cells"]], [float(cell) for cell in rows[1 + item["row"]][:4]])

    def test_hostile_names_stay_text(self):
        self.write_evil()
        self.run_program("train", "evil.json", "-q", "-o", "run")
        page = self.report("run")
        self.assertEqual(sorted(page.data["runs"][0]["classes"]["names"]),
                         sorted(name if len(name) < 5000 else name[:4096] + "…" for name in EVIL))
        self.assertEqual([tag for tag, _ in page.tags if tag == "img"], [])
        self.assertEqual(page.text.count("</script>"), 3)
        self.assertNotIn("\u2028", page.text)

    def test_names_are_those_of_directories(self):
        self.write_example()
        self.train("-o", "rate.0.1")
        run = self.report("rate.0.1/").data["runs"][0]
        self.assertEqual((run["name"], run["path"]), ("rate.0.1", "rate.0.1/"))

    def test_bytes_that_are_no_utf8_are_made_visible(self):
        self.write_example()
        self.train()
        (self.dir / "run").rename(self.dir / "r\udcff")
        done = subprocess.run([PROGRAM, "report", "r\udcff", "-o", "page.html"], cwd=self.dir, env=ENVIRONMENT, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(Page(self.dir / "page.html").data["runs"][0]["name"], "r\\xff")

    def test_what_is_no_run_is_an_error(self):
        for name in ("empty", "foreign"):
            (self.dir / name).mkdir()
        self.write("foreign/notes.txt", "hello")
        for name, said in (("empty", "neither a run nor a sweep"), ("foreign", "neither a run nor a sweep"), ("missing", "no such")):
            done = self.run_program("report", name, "-o", "page.html", status=2)
            self.assertRegex(done.stderr, f"error: {name}: .*{said}")
            self.assertFalse((self.dir / "page.html").exists())

    def test_beside_a_run_what_is_none_is_a_note(self):
        self.write_example()
        self.train()
        (self.dir / "empty").mkdir()
        done = self.run_program("report", "empty", "run", "-o", "page.html")
        self.assertIn("warning: empty: neither", done.stderr)
        page = Page(self.dir / "page.html").data
        self.assertEqual([run["name"] for run in page["runs"]], ["run"])
        self.assertRegex(page["notes"][0], "^empty: neither")

    def test_damaged_files_are_said_and_the_rest_is_shown(self):
        self.write_example()
        self.train()
        whole = {name: (self.dir / "run" / name).read_bytes() for name in ("config.json", "summary.json", "metrics.csv", "model.safetensors")}
        for name, content in whole.items():
            for damaged in (b"", content[:len(content) // 2], b"\0\xff" * 50):
                (self.dir / "run" / name).write_bytes(damaged)
                run = self.report("run").data["runs"][0]
                if name != "metrics.csv":
                    self.assertRegex("\n".join(run["notes"]), name.replace("model.safetensors", "model"), damaged[:20])
                self.assertEqual(run["summary"] is None, name == "summary.json")
            (self.dir / "run" / name).unlink()
            self.report("run")
            (self.dir / "run" / name).write_bytes(content)
        self.assertEqual(self.report("run").data["runs"][0]["notes"], [])

    def test_data_that_has_gone_is_said(self):
        self.write_example()
        self.train()
        (self.dir / "table.csv").unlink()
        run = self.report("run").data["runs"][0]
        self.assertRegex(run["notes"][0], "the data cannot be read again.*table.csv")
        self.assertIn("weights", run)
        self.assertNotIn("classes", run)

    def test_of_a_run_with_a_test_part_nothing_else_is_read(self):
        self.write_example()
        shutil.copy(self.dir / "table.csv", self.dir / "test.csv")
        summary = self.train("data.test=test.csv")
        self.write("table.csv", "another,table\n1,2\n")
        run = self.report("run").data["runs"][0]
        self.assertEqual(run["notes"], [])
        self.assertEqual((run["data"]["on"], run["data"]["parts"]), ("test", summary["examples"]))
        self.assertEqual(sum(map(sum, run["classes"]["matrix"])), summary["examples"]["test"])

    def test_a_model_that_was_imported_has_no_data(self):
        self.run_program("import", ROOT / "tests/golden/imports/torch_images_old.onnx", "-o", "run")
        run = self.report("run").data["runs"][0]
        self.assertEqual(len(run["notes"]), 1)
        self.assertRegex(run["notes"][0], "^the config names no data")
        self.assertEqual(run["network"]["layers"][0]["type"], "conv2d")

    def test_running_and_interrupted_runs(self):
        self.write_example(training={"epochs": 10000000, "batch_size": 4})
        process = subprocess.Popen([PROGRAM, "train", "config.json", "-q", "-o", "run"], cwd=self.dir, env=ENVIRONMENT)
        while not (self.dir / "run/metrics.csv").exists() or (self.dir / "run/metrics.csv").stat().st_size < 5000:
            time.sleep(0.01)
        self.assertEqual(self.report("run").data["runs"][0]["state"], "running")
        process.send_signal(signal.SIGKILL)
        process.wait()
        run = self.report("run").data["runs"][0]
        self.assertEqual(run["state"], "interrupted")
        self.assertGreater(run["metrics"]["rows"], 3)

    def test_long_runs_are_thinned(self):
        """100,000 epochs: the first, the last and the best stay."""
        self.write_example()
        self.train()
        head, *rows = (self.dir / "run/metrics.csv").read_text().splitlines()
        rows = [f"{epoch}," + rows[-1].split(",", 1)[1] for epoch in range(1, 100001)]
        self.write("run/metrics.csv", "\n".join([head, *rows]) + "\n")
        summary = json.loads((self.dir / "run/summary.json").read_text())
        self.write("run/summary.json", {**summary, "best": {"epoch": 77777, "validation_loss": 1}})
        metrics = self.report("run").data["runs"][0]["metrics"]
        epochs = metrics["values"][metrics["columns"].index("epoch")]
        self.assertEqual(metrics["rows"], 100000)
        self.assertTrue({1, 77777, 100000} <= {*epochs})
        self.assertLess(len(epochs), 2100)

    def test_many_classes(self):
        """5,000 classes: there is no matrix of them, and the page stays small."""
        rows = "\n".join(f"{i % 71},{i % 73},c{i % 5000}" for i in range(10000))
        self.write("table.csv", f"a,b,kind\n{rows}\n")
        self.write("config.json", {**CONFIG, "data": {"train": "table.csv", "target": "kind"}, "training": {"epochs": 1, "batch_size": 100}})
        self.train()
        page = self.report("run")
        self.assertNotIn("matrix", page.data["runs"][0]["classes"])
        self.assertLess(len(page.text), 1500000)

    def test_pages_of_configs_that_ship_are_small(self):
        for config in ("digits.json", "digits_conv.json", "diabetes.json", "recipes/labels.json", "digits_health.json"):
            name = pathlib.Path(config).stem
            self.train_config(config, name=name)
            page = self.report(name)
            self.assertLess(len(page.text), 1500000, config)
            self.assertEqual(page.data["runs"][0]["notes"], [], config)

    def test_page_is_written_whole_or_not_at_all(self):
        self.write_example()
        self.train()
        self.assertIn("--help", self.run_program("report", "run", status=2).stderr)
        self.run_program("report", "run", "-o", "run/config.json", status=2)
        self.run_program("report", "run", "-o", "nowhere/page.html", status=1)
        self.assertNotIn("page.html", " ".join(self.files()))
        self.assertTrue(self.run_program("report", "run", "-o", "-").stdout.rstrip().endswith("</html>"))

    def test_train_writes_the_page_at_the_end(self):
        self.write_example()
        done = self.run_program("train", "config.json", "-o", "run", "--report", "page.html")
        self.assertIn("page.html is the page", done.stdout)
        run = Page(self.dir / "page.html").data["runs"][0]
        self.assertEqual((run["state"], run["path"]), ("completed", "run"))
        self.run_program("train", "config.json", "-o", "diverged", "--report", "page.html", "optimizer.learning_rate=1e30",
                         "regularization.l2=1", status=1)
        self.run_program("train", "config.json", "-o", "own", "--report", "own/config.json", status=2)
        self.assertIn("data", json.loads((self.dir / "own/config.json").read_text()))
        self.assertEqual(Page(self.dir / "page.html").data["runs"][0]["state"], "diverged")
        json.loads(self.run_program("train", "config.json", "-o", "quiet", "--report", "page.html", "--json").stdout)

    def test_where_train_is_to_write_the_page_is_looked_at_first(self):
        self.write_example()
        done = self.run_program("train", "config.json", "-o", "run", "--report", "table.csv", status=2)
        self.assertIn("the config names", done.stderr)
        self.assertFalse((self.dir / "run").exists())

    def test_page_is_valid_html(self):
        if not shutil.which("tidy"):
            self.skipTest("tidy is not installed")
        self.write_evil()
        self.run_program("train", "evil.json", "-q", "-o", "run")
        self.report("run")
        done = subprocess.run(["tidy", "-q", "-e", "page.html"], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class InBrowser(ReportTest):
    """What a browser shows."""

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(Browser.stop)
        Browser.start()

    def visit(self, *steps, page="page.html", **wanted):
        seen = Browser.visit(self.dir / page, *steps, **wanted)
        self.assertEqual((seen["console"], seen["requests"], seen["wider"]), ([], [], 0))
        return seen["results"]

    def test_values_are_those_of_the_files(self):
        self.train_config("digits.json")
        self.report("run")
        summary = json.loads((self.dir / "run/summary.json").read_text())
        rows = list(csv.DictReader((self.dir / "run/metrics.csv").read_text().splitlines()))
        title, words, readout, moved, table, downloaded = self.visit(
            ["text", "h1"], ["text", ".words"], ["text", "#run0-curves .readout"], ["press", "#run0-curves svg[tabindex]", "ArrowLeft"],
            ["eval", "[...document.querySelectorAll('#run0-repeat table tr')].map(row => [...row.cells].map(cell => cell.textContent))"],
            ["download", "#run0-curves figure .tools button"])
        self.assertEqual(title.split(), ["run", "completed"])
        self.assertIn("10 classes", words)
        self.assertIn(f"{100 * summary['validation']['accuracy']:.1f}\N{NO-BREAK SPACE}%", words)
        numbers = [float(x) for x in re.findall(r"\d\.\d+", readout)]
        self.assertEqual(numbers, [float(rows[-1]["train_loss"]), float(rows[-1]["validation_loss"])])
        self.assertIn(["samples per second", str(summary["samples_per_second"])], table)
        self.assertEqual(downloaded["name"], "run_loss.csv")
        got = list(csv.reader(io.StringIO(downloaded["text"])))
        self.assertEqual(got[0], ["epoch", "train", "validation"])
        self.assertEqual([[float(x) for x in row] for row in got[1:]],
                         [[float(row[name]) for name in ("epoch", "train_loss", "validation_loss")] for row in rows])
        self.assertIsNone(moved)

    def test_arrow_keys_move_the_cursor_and_dragging_zooms(self):
        self.train_config("digits.json")
        self.report("run")
        plot = "#run0-curves figure:first-of-type .plot svg"
        ticks = f"[...document.querySelectorAll('{plot} .axis')].map(axis => axis.textContent)"
        before, _, after, _, zoomed, _, out = self.visit(
            ["text", "#run0-curves .readout"], ["press", plot, "ArrowLeft"], ["text", "#run0-curves .readout"],
            ["drag", plot, 0.3, 0.6], ["eval", ticks], ["click", "#run0-curves .controls button"], ["eval", ticks])
        self.assertIn("epoch 30", before)
        self.assertIn("epoch 29", after)
        self.assertNotEqual(zoomed, out)
        self.assertIn("30", out[0])
        self.assertNotIn("30", zoomed[0])

    def test_words_say_how_it_ended(self):
        def words(name):
            self.report(name)
            return self.visit(["text", ".words"])[0].replace("\N{NO-BREAK SPACE}", " ")

        self.train_config("digits_early_stopping.json", name="early")
        best = json.loads((self.dir / "early/summary.json").read_text())["best"]["epoch"]
        self.assertIn("validation loss had not become better for 11 epochs. "
                      f"The model is that of epoch {best}.", words("early"))
        self.train_config("iris.json", "training.epochs=2", name="begun")
        summary = json.loads((self.dir / "begun/summary.json").read_text())
        summary = {key: value for key, value in summary.items() if key not in ("train", "validation", "best")}
        self.write("begun/summary.json", {**summary, "status": "interrupted", "epochs": 0, "steps": 5})
        rows = (self.dir / "begun/metrics.csv").read_text()
        self.write("begun/metrics.csv", rows.splitlines()[0] + "\n")
        said = words("begun")
        self.assertIn("interrupted in the first of 2 epochs, after 5 steps", said)
        self.assertNotIn("over-fitted", said)
        self.run_program("train", ROOT / "configs/iris.json", "-q", "-o", "far", "optimizer.learning_rate=1e30", status=1)
        self.assertIn("A lower learning rate than 1.00e30 usually helps.", words("far"))
        page, commands = self.visit(["text", "main"], ["text", "#run0-repeat .commands"])
        self.assertIn("there is no model: training diverged", page)
        self.assertNotIn("predict", commands)

    def test_words_say_how_good_it_is(self):
        def words(name):
            self.report(name)
            return self.visit(["text", ".words"])[0].replace("\N{NO-BREAK SPACE}", " ")

        self.train_config("recipes/poisson.json", name="numbers")
        targets = [float(row["right"]) for row in csv.DictReader(io.StringIO(self.truth("numbers")))]
        mean = sum(targets) / len(targets)
        spread = math.sqrt(sum((t - mean) ** 2 for t in targets) / len(targets))
        self.assertIn(f"always predicting the mean would give {spread:.4g} (R² 0.4877)", words("numbers"))
        # so wide that 200 of the 1797 examples are looked at
        self.train_config("digits.json", "training.epochs=1", "training.batch_size=512", "data.validation=null",
                          "model.layers.0.units=60000", name="wide")
        said = words("wide")
        self.assertIn("would give about", said)
        self.assertRegex(said, r"Of \d+ examples that were looked at, it most often takes|None of \d+ examples")

    def truth(self, name):
        self.report(name)
        return self.visit(["download", "#run0-values figure .tools button"])[0]["text"]

    def test_a_run_is_repeated_from_the_page_alone(self):
        """The config that the button saves and the commands of the page, elsewhere, end in the same bits."""
        self.train_config("iris.json", "training.epochs=5")
        run = self.report("run").data["runs"][0]
        shutil.move(self.dir / "run", self.dir / "away")
        _, saved, commands = self.visit(["click", "#run0-repeat summary"], ["download", "#run0-repeat button"],
                                        ["text", "#run0-repeat .commands"])
        self.write(saved["name"], saved["text"])
        [train] = [line.split() for line in commands.splitlines() if line.startswith("chainrule train ")]
        self.run_program(*train[1:], "-q")
        last = (self.dir / "again/metrics.csv").read_text().splitlines()[-1]
        self.assertIn(run["metrics"]["parameters_crc32"], last)
        self.assertIn(run["metrics"]["parameters_crc32"], commands)
        self.assertIn("data.train=", commands)

    def test_keys_go_on_after_a_zoom(self):
        """A figure that is drawn anew keeps the focus and the epoch that was looked at."""
        self.train_config("digits.json")
        self.report("run")
        plot, active = "#run0-curves figure:first-of-type .plot svg", ":focus"
        ticks = f"[...document.querySelectorAll('{plot} .axis:first-of-type text')].map(text => text.textContent)"
        whole, *_, zoomed, _, epoch, _, out = self.visit(
            ["eval", ticks], ["press", plot, "ArrowLeft"], ["drag", plot, 0.3, 0.6], ["press", plot, "ArrowLeft"], ["press", active, "+"],
            ["eval", ticks], ["press", active, "ArrowLeft"], ["text", "#run0-curves .readout"], ["press", active, "-"], ["eval", ticks])
        epochs = [float(tick) for tick in zoomed if tick]
        self.assertTrue(2 < min(epochs) and max(epochs) < 24, epochs)
        shown = int(re.search(r"epoch (\d+)", epoch)[1])
        self.assertTrue(min(epochs) - 1 <= shown <= max(epochs) + 1, epoch)
        self.assertEqual(out, whole)

    def test_confusion_cells_show_their_examples(self):
        self.train_config("digits_conv.json", "training.epochs=3")
        run = self.report("run").data["runs"][0]
        matrix = run["classes"]["matrix"]
        i, j = next((i, j) for i in range(10) for j in range(10) if i != j and matrix[i][j] > 0)
        cell = f'[data-cell="{i},{j}"]'
        label, _, shown, pictures, _, keyed = self.visit(
            ["eval", f"document.querySelector('{cell}').getAttribute('aria-label')"], ["click", cell], ["text", ".cell-examples h3"],
            ["eval", "[...document.querySelectorAll('.cell-examples img')].map(image => image.naturalWidth)"],
            ["press", '[data-cell="0,0"]', "Enter"], ["text", ".cell-examples h3"])
        self.assertEqual(label, f"{i} taken for {j}: {matrix[i][j]}")
        self.assertRegex(shown, f"^{matrix[i][j]} examples? of “{i}” wrongly taken for “{j}”$")
        self.assertEqual(pictures, [8] * min(6, matrix[i][j]))
        self.assertRegex(keyed, "of “0” rightly taken for “0”")

    def test_every_kind_of_page_is_accessible(self):
        """axe-core finds nothing, at both widths, light and dark."""
        for config in ("digits_conv.json", "diabetes.json", "recipes/labels.json", "recipes/logistic.json", "digits_health.json"):
            name = pathlib.Path(config).stem
            self.train_config(config, "training.epochs=2", name=name)
            self.report(name)
            for width, scheme in ((1280, "light"), (360, "dark")):
                opened = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
                with self.subTest(config=config, width=width, scheme=scheme):
                    self.assertEqual(self.visit(["eval", opened], ["axe"], width=width, scheme=scheme)[1], [])

    def test_dark_and_light(self):
        self.train_config("iris.json")
        self.report("run")
        ground = "getComputedStyle(document.body).backgroundColor"
        light, _, dark, back = self.visit(["eval", ground], ["click", "#theme"], ["eval", ground], ["text", "#theme"])
        self.assertNotEqual(light, dark)
        self.assertEqual(back, "Light")
        self.assertEqual(self.visit(["eval", ground], scheme="dark"), [dark])

    def test_figures_can_be_saved_and_printed(self):
        self.train_config("diabetes.json")
        self.report("run")
        tool = "#run0-values figure .tools button:nth-of-type({})"
        svg, png, pdf = self.visit(["download", tool.format(2)], ["download", tool.format(3)], ["pdf"])
        root = xml.etree.ElementTree.fromstring(svg["text"])
        self.assertTrue(root.tag.endswith("svg"))
        self.assertGreater(len(root.findall(".//{*}circle")), 80)
        self.assertNotIn("var(--s1)", re.sub(r'(fill|stroke)="[^"]*"', "", svg["text"]))
        self.assertEqual(base64.b64decode(png["start"]), b"\x89PNG\r\n\x1a\n")
        self.assertTrue(base64.b64decode(pdf).startswith(b"%PDF"))
        self.assertGreater(len(pdf), 20000)

    def test_a_saved_drawing_says_what_it_is(self):
        """Alone it has a title, what its lines are, and letters that their own outline does not cover."""
        self.train_config("iris.json", "training.epochs=5")
        self.report("run")
        [saved] = self.visit(["download", "#run0-curves figure .tools button:nth-of-type(2)"])
        root = xml.etree.ElementTree.fromstring(saved["text"])
        texts = {text.text: text.get("style") for text in root.iter("{http://www.w3.org/2000/svg}text")}
        self.assertLessEqual({"loss", "train", "validation", "epoch"}, {*texts})
        self.assertIn("paint-order: stroke", texts["best epoch"])
        left, top, width, height = map(float, root.get("viewBox").split())
        self.assertLess(top, 0)
        self.assertEqual((width, height), (float(root.get("width")), float(root.get("height"))))

    def test_what_is_printed_can_be_read(self):
        """Figures are drawn for the width of paper, and what is closed on the screen is open."""
        self.train_config("iris.json", "training.epochs=3")
        self.report("run")
        seen = ("[[...document.querySelectorAll('.plot svg')].map(svg => svg.clientWidth).filter(w => w > 660).length,"
                " document.querySelectorAll('details:not([open])').length]")
        before, _, printed, _, after = self.visit(["eval", seen], ["eval", "window.dispatchEvent(new Event('beforeprint'))"],
                                                  ["eval", seen], ["eval", "window.dispatchEvent(new Event('afterprint'))"],
                                                  ["eval", seen])
        self.assertEqual(printed, [0, 0])
        self.assertEqual(after, before)
        self.assertGreater(min(before), 0)

    def test_what_paper_leaves_out_is_said(self):
        """Columns beyond the 14th, in print alone."""
        names = [f"c{k}" for k in range(18)]
        self.write("wide.csv", ",".join(names + ["kind"]) + "\n" + "".join(
            ",".join(str((i * (k + 3)) % 11) for k in range(18)) + f",{'xyz'[i % 3]}\n" for i in range(60)))
        self.write_example(data={**CONFIG["data"], "train": "wide.csv", "target": "kind"})
        self.train()
        self.report("run")
        table = "#run0-mistakes .scroll"
        columns = f"[...document.querySelectorAll('{table} thead th')].filter(head => head.offsetWidth > 0).length"
        screen, many, _, paper, few = self.visit(["text", table], ["eval", columns], ["media", "print"], ["text", table], ["eval", columns])
        self.assertEqual((many, few), (21, 14))
        self.assertNotIn("On paper", screen)
        self.assertIn("On paper the first 14 of 21 columns", paper)
        self.train_config("iris.json", "training.epochs=2", name="iris")
        self.train_config("diabetes.json", "training.epochs=2", name="diabetes")
        self.report("iris", "diabetes")
        table = "#all-table .scroll"
        beyond = f"(table => table.offsetWidth - table.parentNode.clientWidth)(document.querySelector('{table} table'))"
        _, paper, hidden = self.visit(["media", "print"], ["text", table], ["eval", beyond], width=688)  # A4 between its margins
        self.assertRegex(paper, r"On paper the first 14 of \d+ columns")
        self.assertLessEqual(hidden, 0)

    def test_names_of_many_classes_are_not_cut(self):
        self.write_example(data={**CONFIG["data"], "train": "names.csv", "target": "kind"})
        names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck-trailer"]
        self.write("names.csv", "x,y,kind\n" + "".join(f"{i % 10},{i % 7},{names[i % 10]}\n" for i in range(100)))
        self.train()
        self.report("run")
        ends = ("(() => { const svg = document.querySelector('#run0-confusion .plot svg'), edge = svg.getBoundingClientRect().right;"
                " return [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect().right - edge).filter(d => d > 1); })()")
        numbers = "document.querySelectorAll('#run0-confusion .plot svg g[role=button] text').length"
        for width in (1280, 360):
            cut, drawn = self.visit(["eval", ends], ["eval", numbers], width=width)
            self.assertEqual(cut, [], width)
            self.assertGreater(drawn, 0)

    def test_hostile_names_do_nothing(self):
        self.write_evil()
        self.run_program("train", "evil.json", "-q", "-o", "run")
        self.report("run")
        for width in (1280, 360):
            scripts, images, shown = self.visit(
                ["eval", "document.querySelectorAll('script').length"], ["eval", "document.querySelectorAll('img').length"],
                ["eval", "document.body.innerText.includes('<script>alert(1)</script>')"], width=width)
            self.assertEqual((scripts, images, shown), (3, 0, True))

    def test_runs_without_much_are_shown(self):
        """One epoch, no validation part, a model without data, a run that diverged."""
        data = {key: value for key, value in CONFIG["data"].items() if key != "validation"}
        self.write_example(data=data, training={"epochs": 1, "batch_size": 4})
        self.train()
        self.run_program("train", "config.json", "-q", "-o", "diverged", "optimizer.learning_rate=1e30", "training.epochs=5", status=1)
        self.report("run", "diverged")
        title, _, words, _, other = self.visit(["text", "h1"], ["click", "#views button:nth-of-type(2)"], ["text", ".words"],
                                               ["click", "#views button:nth-of-type(3)"], ["text", ".words"])
        self.assertEqual(title, "2 runs")
        self.assertIn("1 epoch", words)
        self.assertIn("diverged", other)


if __name__ == "__main__":
    main()
