"""The commands as a user runs them: what they print, what they write, with which status."""

import csv
import gzip
import io
import json
import math
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import PROGRAM, ROOT, TABLE, ProgramTest, main  # noqa: E402

class Help(ProgramTest):
    def test_help_of_the_program_lists_every_command(self):
        files = {p.stem for p in (ROOT / "src/commands").glob("*.c") if "const cr_command cr_command_" in p.read_text()}
        self.assertEqual(set(self.commands()), files)
        self.assertGreater(len(files), 10)

    def commands(self):
        return re.findall(r"(?m)^  (\w+) +\w", self.run_program("--help").stdout)

    def test_help_of_every_command(self):
        for command in self.commands():
            out = self.run_program(command, "--help").stdout
            self.assertTrue(out.startswith(f"usage: chainrule {command} "), out)

    def test_other_ways_to_write_it(self):
        for word in ("-V", "version"):
            self.assertEqual(self.run_program(word).stdout, self.run_program("--version").stdout)
        self.write_example()
        self.run_program("train", "config.json", "-q", "-o=abc")
        self.assertTrue((self.dir / "abc/model.safetensors").exists())

    def test_version_names_library_and_kernel(self):
        out = self.run_program("--version").stdout
        self.assertRegex(out, r"^chainrule \d+\.\d+\.\d+ \(float32\)\nOpenBLAS \d+\.\d+\.\d+, kernel \w+")

    def test_version_says_when_the_variable_chose_the_kernel(self):
        out = self.run_program("--version", env={"OPENBLAS_CORETYPE": "Haswell"}).stdout
        self.assertIn("kernel Haswell (chosen by OPENBLAS_CORETYPE)", out)

    def test_processor_that_the_library_does_not_know(self):
        """It would run its oldest kernel; the program asks for another."""
        if "avx2" not in pathlib.Path("/proc/cpuinfo").read_text() or "CHAINRULE_WRAPPER" in os.environ:
            self.skipTest("needs a processor with AVX2")
        self.assertNotIn("kernel Prescott", self.run_program("--version").stdout)
        asked = self.run_program("--version", env={"OPENBLAS_CORETYPE": "Prescott"}).stdout  # a user has the last word
        self.assertIn("kernel Prescott (chosen by OPENBLAS_CORETYPE)", asked)

    def test_train_warns_of_a_slow_kernel(self):
        self.write_example()
        warning = "warning: this processor has AVX-512, but OpenBLAS runs its kernel Haswell, chosen by OPENBLAS_CORETYPE"
        # valgrind's processor has none
        has = "avx512f" in pathlib.Path("/proc/cpuinfo").read_text() and "CHAINRULE_WRAPPER" not in os.environ
        slow = self.run_program("train", "config.json", "-q", env={"OPENBLAS_CORETYPE": "Haswell"})
        self.assertEqual(slow.stderr.count(warning), int(has))
        if has:
            fast = self.run_program("train", "config.json", "-q", env={"OPENBLAS_CORETYPE": "SkylakeX"})
            self.assertNotIn("AVX-512", fast.stderr)


class Train(ProgramTest):
    def test_run_directory(self):
        self.write_example()
        summary = self.train()
        self.assertEqual(self.files(), ["config.json", "run", "run/best.safetensors",
                                        "run/checkpoint-000000000006.safetensors", "run/config.json",
                                        "run/metrics.csv", "run/model.safetensors", "run/summary.json", "table.csv"])
        self.assertEqual(summary.pop("run"), "run")
        self.assertEqual(summary, json.loads((self.dir / "run/summary.json").read_text()))
        self.assertEqual([*summary], ["status", "epochs", "steps", "time_s", "samples_per_second", "parameters",
                                      "examples", "train", "validation", "best", "seed", "threads", "blas", "version"])
        self.assertEqual([summary[k] for k in ("status", "epochs", "steps", "parameters", "seed")],
                         ["completed", 3, 6, 2 * 4 + 4 + 4 * 2 + 2, 1])
        self.assertEqual([*summary["train"]], ["loss", "accuracy"])
        with open(self.dir / "run/metrics.csv") as file:
            losses = [float(row["validation_loss"]) for row in csv.DictReader(file)]
        best = min(range(3), key=losses.__getitem__)
        self.assertEqual(summary["best"]["epoch"], best + 1)
        self.assertAlmostEqual(summary["best"]["validation_loss"], losses[best], places=7)
        self.assertEqual([*summary["blas"]][:2], ["library", "kernel"])

    def test_metrics(self):
        self.write_example(regularization={"l2": 0.01})
        self.train()
        rows = list(csv.DictReader(io.StringIO((self.dir / "run/metrics.csv").read_text())))
        self.assertEqual([*rows[0]], "epoch,step,time_s,learning_rate,train_loss,train_accuracy,validation_loss,"
                                     "validation_accuracy,regularization_loss,parameters_crc32".split(","))
        self.assertEqual([(r["epoch"], r["step"]) for r in rows], [("1", "2"), ("2", "4"), ("3", "6")])
        for row in rows:
            self.assertRegex(row["parameters_crc32"], "^[0-9a-f]{8}$")
            self.assertGreater(float(row["regularization_loss"]), 0)

    def test_metrics_of_a_regression(self):
        self.write_example(data={"train": "table.csv", "target": "height"}, loss={"type": "l2"})
        self.write("table.csv", re.sub(",[a-z]+$", "", TABLE, flags=re.M))
        summary = self.train("optimizer.learning_rate=0.01")
        rows = list(csv.DictReader(io.StringIO((self.dir / "run/metrics.csv").read_text())))
        self.assertEqual(rows[0]["train_accuracy"], "")
        self.assertEqual(rows[0]["validation_loss"], "")
        self.assertGreater(float(rows[0]["train_rmse"]), 0)
        self.assertEqual([*summary["train"]], ["loss", "rmse"])
        self.assertAlmostEqual(summary["train"]["rmse"] ** 2, summary["train"]["loss"], places=5)

    def test_resolved_config_repeats_the_run(self):
        self.write_example()
        self.train()
        resolved = json.loads((self.dir / "run/config.json").read_text())
        self.assertEqual(resolved["data"]["train"], str((self.dir / "table.csv").resolve()))
        self.assertEqual(resolved["model"]["layers"][2]["units"], 2)
        self.assertEqual(resolved["model"]["layers"][0]["name"], "linear1")
        self.assertIsInstance(resolved["training"]["threads"], int)
        self.write("elsewhere/config.json", resolved)
        self.run_program("train", "elsewhere/config.json", "-q", "-o", "again")
        self.assertEqual((self.dir / "run/config.json").read_text(), (self.dir / "again/config.json").read_text())
        self.assertEqual((self.dir / "run/model.safetensors").read_bytes(),
                         (self.dir / "again/model.safetensors").read_bytes())

    def test_directories_are_numbered_and_never_overwritten(self):
        self.write_example()
        for _ in range(3):
            self.run_program("train", "config.json", "-q")
        self.assertEqual(sorted(p.name for p in (self.dir / "runs").iterdir()), ["config", "config-2", "config-3"])

    def test_paths_are_relative_to_the_config_and_overrides_to_the_current_directory(self):
        self.write_example()
        (self.dir / "sub").mkdir()
        (self.dir / "config.json").rename(self.dir / "sub/config.json")
        self.write("sub/table.csv", TABLE)
        self.run_program("train", "sub/config.json", "-q", "-o", "a")
        (self.dir / "sub/table.csv").unlink()
        self.run_program("train", "sub/config.json", "-q", "-o", "b", status=2)
        self.run_program("train", "sub/config.json", "data.train=table.csv", "-q", "-o", "b")
        self.assertEqual((self.dir / "a/model.safetensors").stat().st_size > 0, True)

    def test_overrides(self):
        self.write_example()
        summary = self.train("training.epochs=5", "model.layers.0.units=8", "-t", "1", "seed=9")
        self.assertEqual((summary["epochs"], summary["parameters"], summary["seed"], summary["threads"]),
                         (5, 2 * 8 + 8 + 8 * 2 + 2, 9, 1))

    def test_quiet_and_plain_output(self):
        self.write_example()
        done = self.run_program("train", "config.json", "-q", "-o", "a")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        done = self.run_program("train", "config.json", "-o", "b")
        self.assertRegex(done.stdout, r"^completed: 3 epochs, 6 steps in .* s \(.* samples/s\)\n")
        self.assertIn("saved in b", done.stdout)
        self.assertRegex(done.stderr, r"(?m)^epoch 3/3  loss .*  validation: loss .* accuracy")
        self.assertNotIn("\r", done.stderr)

    def train_on_a_terminal(self):
        """What the terminal gets to see."""
        try:
            terminal, inner = pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminal: {error}")
        process = subprocess.Popen([PROGRAM, "train", "config.json", "-o", "run"], cwd=self.dir, stderr=inner,
                                   stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"})
        os.close(inner)
        out = b""
        try:
            while piece := os.read(terminal, 4096):
                out += piece
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        self.assertEqual(process.wait(), 0)
        return out.decode()

    def test_progress_bar_on_a_terminal(self):
        self.write_example(training={"epochs": 900, "batch_size": 1, "max_seconds": 1})
        heading, *rows = TABLE.splitlines()
        self.write("table.csv", "\n".join([heading, *rows * 500]))
        out = self.train_on_a_terminal()
        self.assertRegex(out, r"\d+/900 \[=*> *\] loss \S+  accuracy [01]\.\d{4}  validation [01]\.\d{4}  \d+:\d\d left\x1b")

    def test_progress_of_steps_that_take_long(self):
        """Two steps, of 30 GFLOP each: the first is seen."""
        self.write_example(training={"epochs": 2, "batch_size": 5000, "threads": 1}, model={"layers": [
            {"type": "linear", "units": 900}, {"type": "relu"}, {"type": "linear", "units": 900}, {"type": "relu"}, {"type": "linear"}]})
        heading, *rows = TABLE.splitlines()
        self.write("table.csv", "\n".join([heading, *rows * 1000]))
        self.assertRegex(self.train_on_a_terminal(), r"\r1/2 ")

    def test_interrupt_saves_what_there_is(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            self.write_example(training={"epochs": 100000000, "batch_size": 4})
            name = f"run{status}"
            process = subprocess.Popen([PROGRAM, "train", "config.json", "-q", "-o", name], cwd=self.dir)
            deadline = time.time() + 20
            metrics = self.dir / name / "metrics.csv"
            while time.time() < deadline and not (metrics.exists() and metrics.read_text().count("\n") > 2):
                time.sleep(0.01)
            process.send_signal(number)
            self.assertEqual(process.wait(20), status)
            self.assertEqual(json.loads((self.dir / name / "summary.json").read_text())["status"], "interrupted")
            self.run_program("eval", name)

    def test_frozen_layer_and_weights_to_start_from(self):
        self.write_example()
        self.train("training.epochs=50")
        first = json.loads(self.run_program("eval", "run", "--json").stdout)
        summary = json.loads(self.run_program(
            "train", "config.json", "-q", "--json", "-o", "again", "model.weights=run/model.safetensors",
            "model.layers.0.trainable=false", "model.layers.2.trainable=false", "training.epochs=1").stdout)
        self.assertEqual(summary["validation"], first["validation"])

    def test_warnings(self):
        self.write_example()
        stderr = self.run_program("train", "config.json", "-q", 'model.layers.2={"type": "linear", "units": 2}',
                                  'model.layers.1={"type": "tanh"}').stderr
        self.assertEqual(stderr, "")
        layers = [{"type": "linear", "units": 2}, {"type": "sigmoid"}]
        self.write_example(model={"layers": layers})
        stderr = self.run_program("train", "config.json", "-q").stderr
        self.assertIn('warning: config.json:', stderr)
        self.assertIn('"sigmoid1" stands right before the loss "softmax", which takes raw scores; remove', stderr)

    def test_images_without_normalize_earn_a_warning(self):
        self.write("images.idx", struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 2, 2) + bytes(range(8)))
        self.write("labels.idx", struct.pack(">BBBBI", 0, 0, 8, 1, 2) + bytes([0, 1]))
        self.write_example(data={"train": {"images": "images.idx", "labels": "labels.idx"}})
        self.assertIn('without "normalize"', self.run_program("train", "config.json", "-q").stderr)
        self.assertNotIn("normalize", self.run_program("train", "config.json", "-q", "data.normalize=255").stderr)


class Log(ProgramTest):
    """Columns of metrics.csv against their definitions, from the parameters that runs of one epoch more or less save."""

    def run_epochs(self, epochs, *more):
        run = f"run{epochs}{len(more)}"
        self.run_program("train", "config.json", "-q", "-o", run, f"training.epochs={epochs}", *more)
        with open(self.dir / run / "metrics.csv") as file:
            return list(csv.DictReader(file)), self.tensors(self.dir / run / "model.safetensors")

    @staticmethod
    def tensors(path):
        """float32 tensors of a safetensors file, as flat lists."""
        data = path.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        body = data[8 + length:]
        return {name: struct.unpack(f"<{(t['data_offsets'][1] - t['data_offsets'][0]) // 4}f", body[slice(*t["data_offsets"])])
                for name, t in json.loads(data[8:8 + length]).items() if name != "__metadata__"}

    def setUp(self):
        super().setUp()
        # one step an epoch, so that an epoch's update is the difference of two models
        self.write_example(data={"train": "table.csv", "target": "color"}, log={"health": True},
                           training={"batch_size": 10, "threads": 1}, optimizer={"type": "sgd", "learning_rate": 0.25})

    @staticmethod
    def norm(a, b=None):
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b or [0] * len(a), strict=True)))

    def test_update_ratio_and_gradient_norm(self):
        rows, last = self.run_epochs(3)
        models = {3: last} | {n: self.run_epochs(n)[1] for n in (1, 2)}
        for n in (1, 2):
            for layer in ("linear1", "linear2"):
                before, after = (models[k][f"{layer}.weight"] + models[k][f"{layer}.bias"] for k in (n, n + 1))
                self.assertAlmostEqual(float(rows[n][f"{layer}.update_ratio"]), self.norm(before, after) / self.norm(before), places=5)
                self.assertAlmostEqual(float(rows[n - 1][f"{layer}.gradient_norm"]), self.norm(before, after) / 0.25, places=5)

    def test_dead_units(self):
        rows, model = self.run_epochs(1, "model.layers.0.init={\"type\":\"normal\",\"std\":2}")
        x = [[float(v) for v in line.split(",")[:2]] for line in TABLE.splitlines()[1:]]
        weight, bias = model["linear1.weight"], model["linear1.bias"]  # [2, 4] and [4]
        dead = sum(all(a * weight[j] + b * weight[4 + j] + bias[j] <= 0 for a, b in x) for j in range(4))
        self.assertGreater(dead, 0)
        self.assertEqual(float(rows[0]["relu1.dead"]), dead / 4)

    def test_saturated_outputs(self):
        rows, model = self.run_epochs(1, "model.layers.1.type=sigmoid", "model.layers.0.init={\"type\":\"normal\",\"std\":2}")
        x = [[float(v) for v in line.split(",")[:2]] for line in TABLE.splitlines()[1:]]
        weight, bias = model["linear1.weight"], model["linear1.bias"]
        y = [1 / (1 + math.exp(-(a * weight[j] + b * weight[4 + j] + bias[j]))) for a, b in x for j in range(4)]
        self.assertEqual(float(rows[0]["sigmoid1.saturated"]), sum(not 0.01 <= v <= 0.99 for v in y) / 40)

    def test_violated_margins(self):
        rows, model = self.run_epochs(1, "loss.type=svm", "loss.margin=5")
        self.run_program("train", "config.json", "-q", "-o", "svm", "training.epochs=1", "loss.type=svm", "loss.margin=5")
        out = self.run_program("predict", "svm", "table.csv").stdout
        scores = list(csv.DictReader(io.StringIO(out)))
        colors = [line.split(",")[2] for line in TABLE.splitlines()[1:]]
        other = {"red": "blue", "blue": "red"}
        violated = sum(float(s[f"score_{other[c]}"]) - float(s[f"score_{c}"]) + 5 > 0 for s, c in zip(scores, colors, strict=True))
        self.assertEqual(float(rows[0]["loss.violations"]), violated / 10)

    def test_metrics_are_those_of_eval(self):
        names = ["train_f1", "train_recall_red", "train_roc_auc", "train_log_loss", "train_top_1", "validation_precision"]
        rows, _ = self.run_epochs(4, f"log.metrics={json.dumps(names)}", 'data.validation={"fraction":0.4}')
        run = "run42"
        parts = {part: json.loads(self.run_program("eval", run, "--on", part, "--json").stdout)["report"] for part in ("train", "validation")}
        train = parts["train"]
        expected = [sum(c["f1"] for c in train["classes"]) / 2, train["classes"][1]["recall"], train["roc_auc"], train["log_loss"],
                    train["top_k"][0], sum(c["precision"] for c in parts["validation"]["classes"]) / 2]
        for name, value in zip(names, expected, strict=True):
            self.assertAlmostEqual(float(rows[-1][name]), value, places=7, msg=name)

    def test_the_log_changes_nothing_and_resuming_repeats_it(self):
        columns = ["training.batch_size=3", 'log.metrics=["train_f1"]', "training.threads=1"]
        rows, _ = self.run_epochs(6, *columns)
        self.run_epochs(2, *columns)
        self.run_program("resume", "run23", "training.epochs=6", "-q")
        with open(self.dir / "run23/metrics.csv") as file:
            resumed = list(csv.DictReader(file))
        for row in rows + resumed:
            del row["time_s"]
        self.assertEqual(resumed, rows)
        self.write_example(data={"train": "table.csv", "target": "color"}, training={"batch_size": 3, "threads": 1},
                           optimizer={"type": "sgd", "learning_rate": 0.25})
        plain, _ = self.run_epochs(6)
        self.assertEqual([row["parameters_crc32"] for row in plain], [row["parameters_crc32"] for row in rows])

    def test_a_column_can_be_what_training_watches(self):
        watch = ['log={"metrics":["validation_precision","validation_recall_red","validation_log_loss"]}', "training.batch_size=2",
                 'data.validation={"fraction":0.4}', "optimizer.learning_rate=0.5"]
        for name, pick in (("validation_recall_red", max), ("validation_log_loss", min)):
            stopping = f'early_stopping={{"monitor":"{name}","patience":4}}'
            plateau = f'learning_rate_schedule={{"type":"plateau","monitor":"{name}","patience":1,"factor":0.5}}'
            self.run_program("train", "config.json", "-q", "-o", name, "training.epochs=60", stopping, plateau, *watch)
            with open(self.dir / name / "metrics.csv") as file:
                rows = list(csv.DictReader(file))
            values = [float(row[name]) for row in rows]
            best = values.index(pick(values))  # the first of the best
            self.assertEqual(len(values), best + 1 + 5)  # four epochs are borne, one more ends it
            self.assertEqual(float(rows[-1]["learning_rate"]), float(rows[best]["learning_rate"]) / 4)  # two of two each
            report = json.loads(self.run_program("eval", name, "--on", "validation", "--json").stdout)["report"]
            found = report["classes"][1]["recall"] if pick is max else report["log_loss"]
            self.assertAlmostEqual(found, values[best], places=7)
            # the same from a run that went on
            self.run_program("train", "config.json", "-q", "-o", name + "2", "training.epochs=3", stopping, plateau, *watch)
            self.run_program("resume", name + "2", "training.epochs=60", "-q")
            self.assertEqual((self.dir / name / "model.safetensors").read_bytes(),
                             (self.dir / (name + "2") / "model.safetensors").read_bytes())
        done = self.run_program("check", "config.json", *watch, 'early_stopping={"monitor":"validation_f1"}', status=2)
        self.assertIn('found "validation_f1", expected train_ or validation_ and loss, accuracy or rmse, or a metric that is '
                      'listed in "metrics" of "log"', done.stderr)

    def test_metrics_that_do_not_exist(self):
        for name, message in (("train_f2", 'unknown metric "train_f2"; did you mean "train_f1"?'), ("train_recall_x", 'unknown class "x"; known: blue, red'),
                              ("f1", 'found "f1", expected "train_f1" or "validation_f1"'),
                              ("train_top_2", "expected top_ and a number from 1 to 1"), ("train_mae", 'there is no "train_mae" with this loss'),
                              ("validation_f1", "there is no validation part")):
            done = self.run_program("check", "config.json", f"log.metrics={json.dumps([name])}", status=2)
            self.assertIn(message, done.stderr)


class EvalAndPredict(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_example()
        self.summary = self.train("training.epochs=200", "data.test=table.csv")

    def predict(self, table, **options):
        self.write("new.csv", table)
        out = self.run_program("predict", "run", "new.csv", **options).stdout
        return list(csv.DictReader(io.StringIO(out)))

    def test_eval_says_what_is_taken_for_what(self):
        out = json.loads(self.run_program("eval", "run", "--on", "train", "--json").stdout)
        figures, part = out["train"], out["report"]
        self.assertEqual([c["class"] for c in part["classes"]], ["blue", "red"])
        self.assertEqual([sum(row) for row in part["confusion"]], [c["examples"] for c in part["classes"]])
        right = part["confusion"][0][0] + part["confusion"][1][1]
        self.assertAlmostEqual(figures["accuracy"], right / sum(map(sum, part["confusion"])))
        self.assertAlmostEqual(part["log_loss"], figures["loss"], places=6)
        self.assertTrue(0 <= part["roc_auc"] <= 1)
        out = self.run_program("eval", "run").stdout
        for text in ("precision", "taken for", 'area under the ROC curve of "red"'):
            self.assertIn(text, out)

    def test_runs_of_different_data_do_not_compare(self):
        same = "of different data"
        self.run_program("train", "config.json", "-q", "-o", "again", "seed=2")
        self.assertNotIn(same, self.run_program("runs", "run", "again").stdout)
        self.write("other.csv", TABLE)
        self.run_program("train", "config.json", "-q", "-o", "other", "data.train=other.csv")
        out = self.run_program("runs", "run", "other").stdout
        self.assertIn("\nof different data (data.train or data.target), whose values do not compare\n", out)
        self.assertNotIn("within the noise", out)

    def test_eval_of_numbers(self):
        self.write_example(loss={"type": "l2"}, data={"train": "table.csv", "target": "height"})
        self.write("table.csv", "\n".join(line.rsplit(",", 1)[0] for line in TABLE.splitlines()))
        self.run_program("train", "config.json", "-q", "-o", "numbers", "optimizer.learning_rate=0.01")
        out = json.loads(self.run_program("eval", "numbers", "--json").stdout)
        part = out["report"]
        self.assertGreater(part["mae"], 0)
        self.assertLessEqual(part["mae"], out["train"]["rmse"])
        self.assertLess(part["r2"], 1)
        self.assertIn("mean absolute error", self.run_program("eval", "numbers").stdout)

    def test_eval_prefers_test_and_agrees_with_training(self):
        out = json.loads(self.run_program("eval", "run", "--json").stdout)
        self.assertEqual(out["test"], self.summary["test"])
        for part in ("train", "validation", "test"):
            self.assertEqual(json.loads(self.run_program("eval", "run", "--on", part, "--json").stdout)[part],
                             self.summary[part])
        self.assertRegex(self.run_program("eval", "run").stdout, r"test +10 +\S+ +\d\.\d{4}")

    def test_eval_reads_what_it_is_about(self):
        self.write("other.csv", TABLE)
        self.run_program("train", "config.json", "-q", "-o", "apart", "data.test=other.csv")
        by_rule = self.run_program("eval", "apart", "--threshold-by", "f1", "--json").stdout
        self.assertIn("validation", by_rule)
        self.write("table.csv", "width\n1\n")
        self.assertIn("test", json.loads(self.run_program("eval", "apart", "--json").stdout))
        for more in ("--on", "train"), ("--threshold-by", "f1"):
            self.assertIn("table.csv: the model was trained on columns", self.run_program("eval", "apart", *more, status=2).stderr)

    def test_eval_has_the_same_bits_on_any_number_of_processors(self):
        digits = json.loads((ROOT / "configs/digits.json").read_text())
        self.write("config.json", {**digits, "data": {**digits["data"], "train": str(ROOT / "data/digits.csv")}})
        self.run_program("train", "config.json", "-q", "training.epochs=1", "model.layers.0.units=512", "-o", "wide")
        cores = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, cores)
        said = self.run_program("eval", "wide", "--on", "train", "--json").stdout
        os.sched_setaffinity(0, {min(cores)})
        self.assertEqual(self.run_program("eval", "wide", "--on", "train", "--json").stdout, said)
        self.assertIn("accuracy", said)

    def test_eval_on_a_file(self):
        out = json.loads(self.run_program("eval", "run", "--on", "table.csv", "--json").stdout)
        self.assertEqual(out["file"], self.summary["test"])
        out = json.loads(self.run_program("eval", "run/best.safetensors", "--on", "table.csv", "--json").stdout)
        self.assertIn("accuracy", out["file"])

    def test_predict_matches_columns_by_name_and_by_position(self):
        by_position = self.predict("1,2\n5,1\n")
        self.assertEqual([*by_position[0]], ["prediction", "probability_blue", "probability_red"])
        for row in by_position:
            self.assertIn(row["prediction"], ("red", "blue"))
            self.assertAlmostEqual(float(row["probability_blue"]) + float(row["probability_red"]), 1, places=5)
        self.assertEqual(self.predict("height,extra,width\n2,9,1\n1,9,5\n"), by_position)
        self.assertEqual(self.predict("1,2,red\n5,1,blue\n"), by_position)
        self.assertEqual(self.predict("width,height,color\n1,2,green\n5,1,blue\n"), by_position)
        self.assertEqual(self.predict("width;height\r\n1;2\r\n5;1\r\n"), by_position)

    def test_how_tables_are_written(self):
        """Each way to write the table gives the same model, which reads new tables that are written so."""
        table = TABLE.replace("red", "rot\u00e9").replace("blue", "\u20ac\u201cblau\u201d")
        self.write("table.csv", table)
        self.run_program("train", "config.json", "-q", "-o", "plain")
        expected = self.run_program("predict", "plain", "table.csv").stdout
        lines = table.splitlines(keepends=True)
        ways = {
            "windows-1252": (table.encode("cp1252"), ['data.encoding="windows-1252"']),
            "utf-16": (table.encode("utf-16"), []),
            "utf-16be": (table.encode("utf-16-be"), ['data.encoding="utf-16be"']),
            "pipes": (table.replace(",", "|"), []),
            "spaces": (table.replace(",", "   "), ['data.delimiter=" "']),
            "tabs": (table.replace(",", "\t"), ['data.delimiter="tab"']),
            "named": ("sep=;\r\n" + table.replace(",", ";"), []),
            "comments": ("# of 2024, \"quoted\n" + "".join(lines[:3]) + "#\n" + "".join(lines[3:]), ['data.comment_prefix="#"']),
            "skipped": ("A report, \"2024\n\n" + table, ["data.skip_rows=2"]),
            "quoted": ("".join(",".join(f'"{cell}"' for cell in line.rstrip().split(",")) + "\n" for line in lines), []),
        }
        for name, (content, overrides) in ways.items():
            with self.subTest(name):
                content = content if isinstance(content, bytes) else content.encode()
                self.write("t.csv", content)
                self.write("t.csv.gz", gzip.compress(content))
                self.run_program("train", "config.json", "-q", "-o", name, 'data.train="t.csv"', *overrides)
                crc32 = [(self.dir / run / "metrics.csv").read_text().split(",")[-1] for run in ("plain", name)]
                self.assertEqual(crc32[0], crc32[1])
                for file in ("t.csv", "t.csv.gz", "-"):
                    done = subprocess.run([PROGRAM, "predict", name, file], cwd=self.dir, input=content, capture_output=True)
                    self.assertEqual((done.stdout.decode(), done.stderr.decode()), (expected, ""), file)
                self.assertIn("examples", self.run_program("eval", name, "--on", "t.csv").stdout)

    def test_the_models_delimiter_holds_for_new_rows(self):
        self.write("t.csv", TABLE.replace(",", "-"))
        self.run_program("train", "config.json", "-q", "-o", "comma")
        self.run_program("train", "config.json", "-q", "-o", "dash", "data.train=\"t.csv\"", "data.delimiter=\"-\"")
        expected = self.run_program("predict", "comma", "table.csv").stdout
        self.assertEqual(self.run_program("predict", "dash", "t.csv").stdout, expected)
        self.assertEqual(self.run_program("predict", "dash", "-", input=TABLE.replace(",", "-")).stdout, expected)
        self.assertIn("examples", self.run_program("eval", "dash", "--on", "t.csv").stdout)

    def test_predict_accuracy_is_evals(self):
        rows = self.predict(TABLE)
        truth = [line.split(",")[2] for line in TABLE.splitlines()[1:]]
        hits = sum(row["prediction"] == color for row, color in zip(rows, truth, strict=True))
        self.assertAlmostEqual(hits / len(truth), self.summary["test"]["accuracy"])

    def test_predict_reads_gzip_and_writes_a_file(self):
        self.write("new.csv.gz", gzip.compress(b"1,2\n5,1\n"))
        self.run_program("predict", "run", "new.csv.gz", "-o", "out.csv")
        self.assertEqual((self.dir / "out.csv").read_text(), self.run_program("predict", "run", "new.csv.gz").stdout)

    def test_predict_from_standard_input_answers_row_by_row(self):
        process = subprocess.Popen([PROGRAM, "predict", "run", "-"], cwd=self.dir, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, bufsize=1)
        process.stdin.write("width,height\n1,2\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "prediction,probability_blue,probability_red\n")
        first = process.stdout.readline()
        process.stdin.write("5,1\n")
        process.stdin.flush()
        second = process.stdout.readline()
        process.stdin.close()
        self.assertEqual(process.wait(20), 0)
        rows = self.predict("1,2\n5,1\n")
        self.assertEqual([first.split(",")[0], second.split(",")[0]], [r["prediction"] for r in rows])
        process.stdout.close()

    def test_predict_scores_of_svm_and_values_of_regressions(self):
        self.run_program("train", "config.json", "-q", "-o", "svm", "loss.type=svm")
        self.assertEqual(self.run_program("predict", "svm", "-", input="1,2\n").stdout.splitlines()[0],
                         "prediction,score_blue,score_red")
        self.write("numbers.csv", "a,b,c\n" + "".join(f"{i},{i % 3},{2 * i}\n" for i in range(9)))
        for target, heading in (("b", "prediction"), (["b", "c"], "prediction_b,prediction_c")):
            self.write_example(data={"train": "numbers.csv", "target": target}, loss={"type": "l2"})
            self.run_program("train", "config.json", "optimizer.learning_rate=0.001", "-q", "-o", f"l2{len(heading)}")
            out = self.run_program("predict", f"l2{len(heading)}", "numbers.csv").stdout.splitlines()
            self.assertEqual(out[0], heading)
            self.assertEqual(len(out), 10)

    MESSY = "id;size;shape;code;kind\n" + "r1;1;round;7;a\nr2;2;square;12;b\nr3;?;round;7;a\nr4;2.5;round;12;b\n" * 5

    def messy(self, run, **data):
        self.write("messy.csv", self.MESSY)
        data = {"train": "messy.csv", "target": "kind", "ignore": "id", "missing": "mean"} | data
        self.write_example(data={k: v for k, v in data.items() if v is not None})
        return json.loads(self.run_program("train", "config.json", "-q", "--json", "training.epochs=300", "-o", run).stdout)

    def test_table_of_words_and_gaps(self):
        self.messy("one", categorical=["code"])
        rows = self.run_program("predict", "one", "-", input="code,shape,size\n7,round,1\n12,square,\n99,oval,3\n").stdout.splitlines()
        self.assertEqual([row.split(",")[0] for row in rows], ["prediction", "a", "b", rows[3].split(",")[0]])
        # the whole table, columns by position; and all columns but the target
        whole = self.run_program("predict", "one", "-", input="r9,1,round,7,?\nr8,2,square,12,x\n").stdout.splitlines()
        self.assertEqual(whole[:2], rows[:2])
        self.assertEqual(self.run_program("predict", "one", "-", input="r9,1,round,7\nr8,2,square,12\n").stdout.splitlines(), whole)
        self.write("new.csv", "r9,1,round,7\nr8,2,square,12\n")
        self.assertEqual(self.run_program("predict", "one", "new.csv").stdout.splitlines(), whole)
        # words that training did not have are counted, from standard input and from a file
        self.write("new.csv", "code,shape,size\n7,flat,1\n12,,\n99,oval,3\n")
        for arguments in (["new.csv"], ["-"]):
            done = self.run_program("predict", "one", *arguments, input=(self.dir / "new.csv").read_text())
            self.assertEqual(done.stderr, "chainrule: warning: 3 cells have words that the training data did not have, "
                             "and counted as missing\n"
                             'chainrule: warning: column "shape": "flat" (line 2 and 1 more cell)\n'
                             'chainrule: warning: column "code": "99" (line 4)\n')
        # too few cells are no header
        self.assertIn("found 2 columns, expected", self.run_program("predict", "one", "-", input="7,round\n", status=2).stderr)
        out = self.run_program("check", "config.json").stdout
        self.assertIn("table: 5 columns, a header line; 1 target; 1 of numbers and 2 of words become 5 inputs", out)

    def test_rows_with_gaps_can_be_left_out(self):
        summary = self.messy("drop", missing="drop")
        self.assertEqual(json.loads(self.run_program("eval", "drop", "--json").stdout)["train"], summary["train"])
        done = self.run_program("check", "config.json")
        self.assertIn("5 of 20 rows of the train data have missing values and were left out", done.stderr)

    def test_columns_that_are_taken(self):
        a = self.messy("columns", ignore=None, columns=["size", "shape"])
        b = self.messy("ignore", ignore=["id", 3])
        self.assertEqual(a["train"], b["train"])
        self.assertEqual((self.dir / "columns/model.safetensors").stat().st_size > 0, True)
        done = self.run_program("check", "config.json", "data.ignore=code", "data.train=messy.csv")
        self.assertNotIn("name the row", done.stderr)  # four names alone
        self.write("names.csv", "id,x,kind\n" + "".join(f"n{i},{i % 5},{'ab'[i % 2]}\n" for i in range(50)))
        done = self.run_program("check", "config.json", "data.ignore=x", "data.train=names.csv")
        self.assertIn('column "id": words that are all different', done.stderr)
        self.write("twice.csv", "x,x,kind\n" + "".join(f"{i},{i % 5},{'ab'[i % 2]}\n" for i in range(50)))
        done = self.run_program("check", "config.json", 'data={"train":"twice.csv","target":"kind"}')
        self.assertIn('several columns are called "x": new rows need all columns in the order of this file', done.stderr)
        done = self.run_program("check", "config.json", 'data={"train":"twice.csv","target":"kind","ignore":1}')
        self.assertEqual(done.stderr, "")

    def test_predict_labels(self):
        self.write("labels.csv", "x,y,up,right\n" + "".join(
            f"{x},{y},{int(y > 0)},{int(x > 0)}\n" for x in (-2, -1, 1, 2) for y in (-2, -1, 1, 2)))
        self.write_example(data={"train": "labels.csv", "target": ["up", "right"]}, loss={"type": "logistic"})
        summary = json.loads(self.run_program("train", "config.json", "-q", "--json", "training.epochs=300", "-o", "labels").stdout)
        self.assertEqual(summary["train"]["accuracy"], 1)
        out = self.run_program("predict", "labels", "-", input="-1,2\n2,-2\n").stdout.splitlines()
        self.assertEqual(out[0], "prediction_up,prediction_right,probability_up,probability_right")
        self.assertEqual([line[:4] for line in out[1:]], ["1,0,", "0,1,"])
        report = json.loads(self.run_program("eval", "labels", "--json").stdout)["report"]
        self.assertEqual([(c["label"], c["examples"], c["f1"], c["roc_auc"]) for c in report["labels"]],
                         [("up", 8, 1, 1), ("right", 8, 1, 1)])
        self.assertIn("roc_auc", self.run_program("eval", "labels").stdout)

    def test_logistic_of_two_classes_is_softmax_of_two_scores(self):
        self.write_example(loss={"type": "logistic"})
        self.run_program("train", "config.json", "-q", "-o", "two", "training.epochs=200", "loss.class_weights=balanced")
        out = self.run_program("predict", "two", "table.csv").stdout.splitlines()
        self.assertEqual(out[0], "prediction,probability_blue,probability_red")
        for line in out[1:]:
            prediction, blue, red = line.split(",")
            self.assertAlmostEqual(float(blue) + float(red), 1, places=6)
            self.assertEqual(prediction, "red" if float(red) > 0.5 else "blue")
        report = json.loads(self.run_program("eval", "two", "--on", "table.csv", "--json").stdout)
        self.assertEqual([c["class"] for c in report["report"]["classes"]], ["blue", "red"])
        self.assertAlmostEqual(report["report"]["roc_auc"], self.auc(out[1:]), places=9)

    @staticmethod
    def auc(lines):
        scored = [(float(line.split(",")[2]), row.endswith("red")) for line, row in zip(lines, TABLE.splitlines()[1:], strict=True)]
        pairs = [(p > n) + (p == n) / 2 for p, yes in scored if yes for n, also in scored if not also]
        return sum(pairs) / len(pairs)

    def test_targets_are_normalised_and_predictions_are_not(self):
        rows = [(x / 10, 5000 + 300 * x + 40 * (x % 3), -x) for x in range(40)]
        for factor, name in ((1, "raw"), (1 / 2048, "small")):  # a power of two: the same bits
            self.write(f"{name}.csv", "x,price,other\n" + "".join(f"{x},{p * factor!r},{o * factor!r}\n" for x, p, o in rows))
        self.write_example(data={"train": "raw.csv", "target": ["price", "other"], "normalize": "standardize"}, loss={"type": "l2"})
        figures, predicted = {}, {}
        for run, more in (("standard", ["data.normalize_target=standardize"]), ("minmax", ["data.normalize_target=minmax"]),
                          ("divided", ["data.normalize_target=2048"]), ("by hand", ["data.train=small.csv"])):
            self.run_program("train", "config.json", "-q", "-o", run, "training.epochs=100", "optimizer.learning_rate=0.03", *more)
            report = json.loads(self.run_program("eval", run, "--json").stdout)
            figures[run] = report["train"] | report["report"]
            out = list(csv.DictReader(io.StringIO(self.run_program("predict", run, "raw.csv").stdout)))
            predicted[run] = [(float(r["prediction_price"]), float(r["prediction_other"])) for r in out]
        for run in ("standard", "minmax", "divided"):  # as the table has it
            errors = [p - t for (a, b), (_, c, d) in zip(predicted[run], rows, strict=True) for p, t in ((a, c), (b, d))]
            self.assertAlmostEqual(figures[run]["rmse"], math.sqrt(sum(e * e for e in errors) / len(errors)), delta=0.01)
            self.assertAlmostEqual(figures[run]["mae"], sum(map(abs, errors)) / len(errors), delta=0.01)
        self.assertLess(figures["standard"]["rmse"], 500)  # of prices from 5000 to 17000
        for divided, by_hand in zip(predicted["divided"], predicted["by hand"], strict=True):
            for a, b in zip(divided, by_hand, strict=True):
                self.assertAlmostEqual(a / (2048 * b), 1, delta=1e-6)  # printed with as few digits as a float needs
        self.assertEqual(figures["divided"]["rmse"], 2048 * figures["by hand"]["rmse"])
        self.assertEqual(figures["divided"]["r2"], figures["by hand"]["r2"])
        self.assertEqual(figures["divided"]["loss"], figures["by hand"]["loss"])
        done = self.run_program("train", "config.json", "loss.type=logistic", "data.normalize_target=minmax", status=2)
        self.assertIn("normalize_target=minmax: this loss takes classes or labels", done.stderr)

    def test_numbers_far_from_0_are_not_rounded(self):
        """Times in milliseconds as input and as target: what they differ by is below the precision of single numbers."""
        rows = [(1700000000000 + 1000 * i, 10**12 + i) for i in range(40)]
        self.write("times.csv", "time,y\n" + "".join(f"{t},{y}\n" for t, y in rows))
        self.write("config.json", {"data": {"train": "times.csv", "target": "y", "normalize": "standardize",
                                            "normalize_target": "standardize"},
                                   "model": {"layers": [{"type": "linear"}]}, "loss": {"type": "l2"},
                                   "optimizer": {"learning_rate": 0.1}, "training": {"epochs": 100, "batch_size": 8}})
        self.run_program("train", "config.json", "-q", "-o", "other")
        report = json.loads(self.run_program("eval", "other", "--json").stdout)["report"]
        self.assertGreater(report["r2"], 0.999999)
        for source, text in (("times.csv", None), ("-", (self.dir / "times.csv").read_text())):
            out = self.run_program("predict", "other", source, input=text).stdout.splitlines()[1:]
            for line, (_, y) in zip(out, rows, strict=True):
                self.assertLess(abs(float(line) - y), 0.01)

    def test_shares_of_two_classes_close_to_0(self):
        """1 - p in single precision is 0 from a score of 17 on; its own share is not."""
        self.write("t.csv", "x,c\n-1,no\n1,yes\n")
        self.write("config.json", {"data": {"train": "t.csv", "target": "c"}, "model": {"layers": [{"type": "linear", "bias": False}]},
                                   "loss": {"type": "logistic"}, "training": {"epochs": 1}})
        self.run_program("train", "config.json", "-q", "-o", "other", 'model.layers.0.init={"type":"normal","std":1e-6}',
                         "optimizer.learning_rate=2")  # one step: the weight becomes 1
        out = self.run_program("predict", "other", "-", input="x\n20\n-20\n").stdout.splitlines()
        self.assertEqual(out[0], "prediction,probability_no,probability_yes")
        for line, column in ((out[1], 1), (out[2], 2)):
            self.assertAlmostEqual(float(line.split(",")[column]) / math.exp(-20), 1, places=3)

    def test_predict_images(self):
        self.write("images.idx", struct.pack(">BBBBIII", 0, 0, 8, 3, 4, 2, 2) + bytes([0, 0, 0, 9, 200, 9, 0, 0] * 2))
        self.write("labels.idx", struct.pack(">BBBBI", 0, 0, 8, 1, 4) + bytes([0, 1, 0, 1]))
        self.write_example(data={"train": {"images": "images.idx", "labels": "labels.idx"}, "normalize": 255})
        self.run_program("train", "config.json", "training.epochs=100", "-q", "-o", "images")
        out = self.run_program("predict", "images", "images.idx").stdout.splitlines()
        self.assertEqual([line.split(",")[0] for line in out], ["prediction", "0", "1", "0", "1"])
        flat = self.run_program("predict", "images", "-", input="0,0,0,9\n200,9,0,0\n").stdout.splitlines()
        self.assertEqual(flat[0], out[0])
        for one, other in zip(flat[1:], out[1:3], strict=True):  # bytes are normalised in single precision, cells in double
            for a, b in zip(one.split(","), other.split(","), strict=True):
                self.assertAlmostEqual(float(a), float(b), places=6)
        done = json.loads(self.run_program("eval", "images", "--on", "images.idx", "--labels", "labels.idx",
                                           "--json").stdout)
        self.assertEqual(done["file"]["accuracy"], 1)


class Outputs(ProgramTest):
    def test_eval_on_a_misspelt_part(self):
        self.write_example()
        self.train()
        self.assertIn('--on valdation: no part of the data, and no file; did you mean "validation"?',
                      self.run_program("eval", "run", "--on", "valdation", status=2).stderr)


class CheckAndGradcheck(ProgramTest):
    def test_gradcheck_on_large_targets(self):
        """A loss of 1e11 leaves a difference quotient few digits; right gradients are not called wrong."""
        rows = "".join(f"{i % 7},{i % 5},{100000 + 5000 * i}\n" for i in range(60))
        self.write("table.csv", "a,b,y\n" + rows)
        self.write("config.json", {"data": {"train": "table.csv", "target": "y", "normalize": "standardize"},
                                   "model": {"layers": [{"type": "linear", "units": 8}, {"type": "tanh"}, {"type": "linear"}]},
                                   "loss": {"type": "l2"}})
        self.assertIn(" 0 wrong", self.run_program("gradcheck", "config.json").stdout)

    def test_check_prints_the_network(self):
        self.write_example()
        out = self.run_program("check", "config.json").stdout
        self.assertRegex(out, r"linear1 +linear +4 +12 +16\n")
        self.assertRegex(out, r"22 parameters \(88 bytes\)")
        self.assertIn("examples: train 6 validation 4", out)
        self.assertEqual(self.files(), ["config.json", "table.csv"])

    def test_check_prints_shapes_and_memory(self):
        self.write_example(model={"layers": [
            {"type": "reshape", "shape": [2, 1, 1]}, {"type": "upsample", "scale": 4}, {"type": "batch_norm"},
            {"type": "conv2d", "filters": 5, "kernel": 2}, {"type": "flatten"}, {"type": "linear"}]},
            optimizer={"type": "adam", "learning_rate": 0.01})
        found = {}
        for batch in (2, 4, 6):
            out = self.run_program("check", "config.json", "training.threads=2", f"training.batch_size={batch}").stdout
            shapes = dict(re.findall(r"(?m)^  (\w+) +(?:\w+ +)?([\dx]+)(?: +\d+ +\d+)?$", out))
            self.assertEqual(shapes, {"data": "2", "reshape1": "2x1x1", "upsample1": "2x4x4", "batch_norm1": "2x4x4",
                                      "conv2d1": "5x3x3", "flatten1": "45", "linear1": "2"})
            batch_found, text = re.search(r"batch of (\d+), 2 threads: .*\n    (.*)", out).groups()
            self.assertEqual(int(batch_found), batch)
            units = {"bytes": 1, "KiB": 1024}
            found[batch] = {name: round(float(n) * units[unit]) for name, n, unit in
                            re.findall(r"([a-z ]+) ([\d.]+) (bytes|KiB)", text.replace(", ", ","))}
        lines = lambda values: (4 * values + 63) // 64 * 64  # bytes of whole cache lines
        for batch, bytes_of in found.items():
            # those of reshape1 and flatten1 are their inputs'; the batch has no gradient, and nothing before batch_norm1
            values = sum(lines(batch * n) for n in (2, 32, 32, 45, 2))
            gradients = sum(lines(batch * n) for n in (32, 45, 2))
            self.assertAlmostEqual(bytes_of["values"], values, delta=52)
            self.assertAlmostEqual(bytes_of["gradients of values"], gradients, delta=52)
            parameters = lines(2) * 2 + lines(40) + lines(5) + lines(90) + lines(2)
            self.assertAlmostEqual(bytes_of["parameters"], parameters, delta=52)
            self.assertEqual(bytes_of["gradients of parameters"], bytes_of["parameters"])
            self.assertAlmostEqual(bytes_of["optimizer"], 2 * parameters, delta=52)
            self.assertEqual(bytes_of["scratch"], found[2]["scratch"])

    def test_batch_norm_of_one_example(self):
        norm = {"type": "batch_norm"}
        for layers, batch, where in (([norm], 1, "every batch"), ([norm], 5, "an epoch's last batch"), ([norm], 3, None),
                                     ([{"type": "reshape", "shape": [2, 1]}, norm], 1, "every batch"),
                                     ([{"type": "reshape", "shape": [1, 2]}, norm], 1, None)):
            self.write_example(model={"layers": [*layers, {"type": "linear"}]})
            stderr = self.run_program("check", "config.json", f"training.batch_size={batch}").stderr
            if where:
                self.assertIn(f"batch_norm1 has one example to normalize in {where}", stderr)
            else:
                self.assertNotIn("normalize in", stderr)

    def test_check_takes_overrides_anywhere(self):
        self.write_example()
        out = self.run_program("check", "config.json", "model.layers.0.units=7").stdout
        self.assertIn(f"{2 * 7 + 7 + 7 * 2 + 2} parameters", out)
        self.assertEqual(out, self.run_program("check", "model.layers.0.units=7", "config.json").stdout)

    def test_check_goes_on_after_a_wrong_config(self):
        self.write_example()
        self.write("wrong.json", "{}")
        done = self.run_program("check", "wrong.json", "config.json", status=2)
        self.assertIn("linear1", done.stdout)
        self.assertIn("wrong.json:1:1", done.stderr)

    def test_gradcheck(self):
        for loss in ("softmax", "svm", "l2"):
            target = "height" if loss == "l2" else "color"
            self.write_example(data={"train": "table.csv", "target": target}, loss={"type": loss},
                               regularization={"l2": 0.1})
            if loss == "l2":
                self.write("table.csv", re.sub(",[a-z]+$", "", TABLE, flags=re.M))
            out = self.run_program("gradcheck", "config.json", "--sample", "0").stdout
            self.assertRegex(out, r"linear1\.weight .* ok\n")
            self.assertIn(f"loss ({loss})", out)
            kinks = ", 1 not checked" if loss == "l2" else ""  # one row's inputs are 0, and so the first bias's side of relu is open
            self.assertIn(f"4 layers with the loss, 0 wrong; 8 tensors, 0 wrong{kinks} (error above 1e-06)\n", out)

    def test_gradcheck_beside_kinks(self):
        """Where first weights are 0, every value of the first layer stands on the kink of relu."""
        self.write_example(model={"layers": [{"type": "linear", "units": 5, "init": "zeros"}, {"type": "relu"}, {"type": "linear"}]},
                           loss={"type": "softmax"})
        out = self.run_program("gradcheck", "config.json", "--sample", "0").stdout
        self.assertRegex(out, r"relu1 +(\d+) +0 +\1 +0\.000e\+00  not checked: each of \1 values is beside a kink\n")
        self.assertRegex(out, r"linear1\.bias +5 +0 +5 +0\.000e\+00  not checked: each of 5 values is beside a kink\n")
        self.assertRegex(out, r"4 layers with the loss, 0 wrong, 1 not checked; 8 tensors, 0 wrong, [34] not checked \(error above 1e-06\)\n")
        self.write("kink.json", {"model": {"layers": [{"type": "value", "name": "x", "value": [1, 0, -2], "trainable": True},
                                                      {"type": "relu"}]}})
        out = self.run_program("gradcheck", "kink.json").stdout
        self.assertRegex(out, r"relu1 +3 +2 +1 .* ok, 2 of 3 values \(1 beside a kink\)\n")
        self.assertRegex(out, r"x +3 +2 +1 .* ok, 2 of 3 values \(1 beside a kink\)\n")

    def test_gradcheck_says_what_its_figures_are(self):
        help_text = self.run_program("gradcheck", "--help").stdout
        self.assertIn("error = |a - n| / (|a| + |n|)", help_text)
        self.assertIn("unless the\nrounding of the function alone may make up the difference", help_text)


if __name__ == "__main__":
    main()
