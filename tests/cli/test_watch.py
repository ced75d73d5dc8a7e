"""chainrule watch: a run or a sweep that goes on elsewhere, seen from outside."""

import csv
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ENVIRONMENT, PROGRAM, TABLE, ProgramTest, main  # noqa: E402

UNICODE = {"LC_ALL": "C.UTF-8"}
RATE = "optimizer.learning_rate"


def screen_of(out, columns, rows):
    """The picture that a terminal shows after these bytes: as much of one as watch needs."""
    cells, row, column = [[" "] * columns for _ in range(rows)], 0, 0
    for command, text in re.findall(r"(\x1b\[[?\d;]*[A-Za-z])|([^\x1b]+)", out):
        if command in ("\x1b[H", "\x1b[?1049h"):
            row = column = 0
        elif command == "\x1b[K":
            cells[row][column:] = [" "] * (columns - column)
        elif command == "\x1b[J":
            cells[row][column:] = [" "] * (columns - column)
            cells[row + 1:] = [[" "] * columns for _ in cells[row + 1:]]
        for character in text:
            if character == "\r":
                column = 0
            elif character == "\n":
                row += 1
            else:
                cells[row][min(column, columns - 1)] = character
                column += 1
                if column > columns:
                    return []  # it was drawn for a wider terminal
    return ["".join(line).rstrip() for line in cells]


class Watching:
    """watch on a terminal of its own."""

    def __init__(self, test, directory, columns=80, rows=24, **environment):
        try:
            self.terminal, inner = pty.openpty()
        except OSError as error:
            test.skipTest(f"no pseudo-terminal: {error}")
        self.test, self.columns, self.rows, self.out = test, columns, rows, b""
        self.before = termios.tcgetattr(inner)
        self.resize(columns, rows)
        environment = {**ENVIRONMENT, "TERM": "xterm", **UNICODE, **environment}
        environment.pop("COLUMNS", None)
        self.process = subprocess.Popen([PROGRAM, "watch", directory], cwd=test.dir, stdin=inner, stdout=inner, stderr=inner,
                                        env=environment, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.inner = inner
        test.addCleanup(self.close)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and select.select([self.terminal], [], [], left)[0]:
            try:
                self.out += os.read(self.terminal, 65536)
            except OSError:
                return

    def see(self, pattern, seconds=20):
        """Waits until the picture has the pattern; returns the picture."""
        deadline = time.monotonic() + seconds
        picture = ""
        while time.monotonic() < deadline:
            self.read(0.1)
            last = self.out.decode(errors="ignore").split("\x1b[H")[-1]
            picture = "\n".join(screen_of("\x1b[H" + last, self.columns, max(self.rows, 60)))
            if re.search(pattern, picture):
                return picture
        self.test.fail(f"{pattern} was not seen:\n{picture}\n{self.out[-2000:]}")

    def end(self, status):
        """Waits for the end; the terminal is what it was."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        self.read(0.1)
        self.test.assertEqual(self.process.poll(), status)
        self.test.assertEqual(termios.tcgetattr(self.inner), self.before)
        out = self.out.decode()
        for on, off in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h")):
            self.test.assertEqual((out.count(on), out.count(off)), (1, 1))
        return out.split("\x1b[?1049l")[1]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.terminal)
        os.close(self.inner)


class Watch(ProgramTest):
    def once(self, directory, columns=100, status=0, **environment):
        done = self.run_program("watch", directory, "--once", status=status,
                                env={"COLUMNS": str(columns), **UNICODE, **environment})
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), max(columns, 40), line)
        return done.stdout

    def begin(self, *arguments, epochs=100000000, rows=1):
        """Training that goes on until it is stopped, from its second epoch on."""
        self.write_example(training={"epochs": epochs, "batch_size": 4, "threads": 1})
        heading, *examples = TABLE.splitlines()
        self.write("table.csv", "\n".join([heading, *examples * rows]))
        process = subprocess.Popen([PROGRAM, "train", "config.json", "-q", "-o", "run", *arguments], cwd=self.dir,
                                   env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_for(lambda: (self.dir / "run/metrics.csv").exists() and
                      (self.dir / "run/metrics.csv").read_text().count("\n") > 2)
        return process

    def wait_for(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_finished_run(self):
        self.write_example(training={"epochs": 40, "batch_size": 4})
        summary = self.train()
        before = {p: p.stat().st_mtime_ns for p in (self.dir / "run").iterdir()}
        out = self.once("run")
        self.assertEqual(before, {p: p.stat().st_mtime_ns for p in (self.dir / "run").iterdir()})
        self.assertRegex(out, r"^run  completed  epoch 40/40\n")
        for part in ("train", "validation"):
            figures = summary[part]
            self.assertIn(f"{part} loss {figures['loss']:.4g}, accuracy {figures['accuracy']:.4g}", out)
        with open(self.dir / "run/metrics.csv") as file:
            rows = list(csv.DictReader(file))
        best = min(rows, key=lambda row: float(row["validation_loss"]))
        self.assertIn(f"best validation_loss {float(best['validation_loss']):.6g} after epoch {best['epoch']}\n", out)
        best = max(rows, key=lambda row: float(row["validation_accuracy"]))
        self.assertIn(f"best validation_accuracy {float(best['validation_accuracy']):.6g} after epoch {best['epoch']}\n", out)
        self.assertEqual(self.run_program("watch", "run").stdout.count("\n"), 1)  # followed, it is at its end

    def test_curve_is_that_of_metrics(self):
        """Each epoch's loss lies where the axis says: without braille a column is an epoch."""
        rows = 61
        head = ("epoch,step,time_s,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,"
                "regularization_loss,parameters_crc32")
        losses = [5 + 4 * (i % 7 - 3) / 3 for i in range(rows)]
        self.write("run/config.json", {"training": {"epochs": rows}})
        self.write("run/metrics.csv", "\n".join([head, *(
            f"{i + 1},{i + 1},{i},0.1,{loss},,,,0,00000000" for i, loss in enumerate(losses)), ""]))
        self.write("run/summary.json", {"status": "completed"})
        out = self.once("run", columns=rows + 10, LC_ALL="C").splitlines()
        chart = [line[9:] for line in out if re.match(r".{8}[+|]", line)]
        labels = [line[:8].strip() for line in out if re.match(r".{8}[+]", line)]
        self.assertEqual((labels[0], labels[2]), ("9", "1"))
        high = len(chart) - 1
        for i, loss in enumerate(losses):
            self.assertEqual(chart[int((9 - loss) / 8 * high + 0.5)][i], ".", (i, loss))

    def test_sizes(self):
        self.write_example(training={"epochs": 30, "batch_size": 4})
        self.train()
        for columns in (40, 60, 80, 99, 100, 120, 250):
            out = self.once("run", columns)  # and no line is longer
            self.assertRegex(out, r"completed  epoch 30/30")
            self.assertRegex(out, r"[\u2801-\u28ff]")
            self.assertEqual(any("loss" in line and "accuracy  " in line for line in out.splitlines()), columns >= 100)

    def test_without_unicode_and_colors(self):
        self.write_example(training={"epochs": 30, "batch_size": 4})
        self.train()
        for environment in ({"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "en_US.ISO-8859-1"}, {"TERM": "linux"}):
            out = self.once("run", **environment)
            self.assertTrue(out.isascii(), environment)
            self.assertIn("**", out)
            self.assertIn("..", out)
        self.assertNotIn("\x1b", self.once("run"))

    def test_follows_to_the_end(self):
        process = self.begin(rows=50)
        watch = Watching(self, "run")
        picture = watch.see(r"running  epoch \d+/100000000")
        self.assertRegex(picture, r"train loss \S+, accuracy \S+")
        self.assertRegex(picture, r"\[>? *\] \d+:\d\d:\d\d left")
        watch.resize(50, 12)
        watch.see(r"(?m)^running  epoch \d+/100000000 \[[^\n]*\n(.{0,50}\n){1,9}")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 130)
        last = watch.end(1)
        self.assertRegex(last, r"run  interrupted  epoch \d+/100000000")
        self.assertIn("it was interrupted; chainrule resume run goes", last)
        self.assertFalse((self.dir / "run/progress.json").exists())

    def test_place_within_an_epoch(self):
        self.begin(rows=50)
        self.wait_for((self.dir / "run/progress.json").exists)
        word = json.loads((self.dir / "run/progress.json").read_text())
        self.assertEqual((word["host"], word["epochs"]), (os.uname().nodename, 100000000))
        self.assertTrue(0 < word["step"] <= word["epoch_steps"] == 75, word)
        with open(self.dir / "run/metrics.csv") as file:
            self.assertGreaterEqual(len(list(csv.DictReader(file))), word["epoch"] - 1)

    def test_short_runs_leave_no_word(self):
        self.write_example()
        self.train()
        self.assertEqual(sorted(p.name for p in (self.dir / "run").iterdir() if p.name[0] != "c"),
                         ["best.safetensors", "metrics.csv", "model.safetensors", "summary.json"])

    def test_killed_and_slow_are_told_apart(self):
        process = self.begin()
        self.wait_for((self.dir / "run/progress.json").exists)
        process.send_signal(signal.SIGSTOP)
        for name in ("progress.json", "metrics.csv", "config.json"):
            os.utime(self.dir / "run" / name, (time.time() - 190,) * 2)
        self.assertRegex(self.once("run"), r"running[\s\S]*no news for 3:1\d, but its process lives\n")
        process.kill()
        process.wait()
        self.assertRegex(self.once("run", status=1), r"interrupted[\s\S]*its process was killed[\s\S]*chainrule resume run")
        word = json.loads((self.dir / "run/progress.json").read_text())
        self.write("run/progress.json", {**word, "host": "far-\x1b[31m-away"})
        os.utime(self.dir / "run/progress.json", (time.time() - 190,) * 2)
        out = self.once("run")
        self.assertRegex(out, r"running[\s\S]*no news for 3:1\d from far-\\x1b\[31m-away: whether")
        self.run_program("resume", "run", "training.epochs=100", "-q", status=None)
        self.assertFalse((self.dir / "run/progress.json").exists())

    def test_leaving(self):
        process = self.begin()
        for how, status in ((lambda w: os.write(w.terminal, b"q"), 0), (lambda w: os.write(w.terminal, b"\x03"), 130),
                            (lambda w: w.process.send_signal(signal.SIGTERM), 143)):
            watch = Watching(self, "run")
            watch.see("running")
            how(watch)
            self.assertIn("running", watch.end(status))
        self.assertIsNone(process.poll())  # which notices nothing

    def test_plain_lines(self):
        """Into a pipe, and on a terminal that can do nothing."""
        process = self.begin(epochs=200, rows=300)
        watch = subprocess.Popen([PROGRAM, "watch", "run"], cwd=self.dir, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.wait(), 0)
        out = watch.communicate(timeout=20)[0]
        self.assertEqual(watch.returncode, 0)
        self.assertRegex(out, r"^run  running  epoch \d+/200  ")
        self.assertRegex(out, r"\nrun  completed  epoch 200/200  train loss \S+, accuracy \S+  validation loss \S+, accuracy \S+\n$")
        self.assertNotIn("\x1b", out)
        dumb = Watching(self, "run", TERM="dumb")
        dumb.read(2)
        self.assertEqual(dumb.process.wait(), 0)
        self.assertRegex(dumb.out.decode(), r"^run  completed  epoch 200/200 [^\x1b]*\r\n$")

    def test_where_nothing_can_be_written(self):
        """It says so, and does not go on watching."""
        self.begin()
        for more, why in ((["--once"], "No space left on device"), ([], "")):
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, "watch", "run", *more], cwd=self.dir, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=20)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, f"^chainrule: error: standard output: cannot write: .*{why}\n$")

    def test_half_written_files(self):
        self.write_example(training={"epochs": 5, "batch_size": 4})
        self.train()
        text = (self.dir / "run/metrics.csv").read_text()
        (self.dir / "run/summary.json").unlink()
        for cut in (len(text) - 3, text.rindex("\n5,") + 2):
            self.write("run/metrics.csv", text[:cut])
            self.assertIn("interrupted  epoch 4/5", self.once("run", status=1))
        for cut in (0, 3, text.index("\n") + 1):
            self.write("run/metrics.csv", text[:cut])
            self.assertIn("interrupted  epoch 0/5", self.once("run", status=1))
        self.write("run/metrics.csv", text + "x,y,,\n")
        self.assertIn("interrupted  epoch 5/5", self.once("run", status=1))
        self.write("run/metrics.csv", text)
        self.write("run/config.json", "{")
        self.assertRegex(self.once("run", status=1), r"interrupted  epoch 5\s")
        self.write("run/summary.json", "[")
        self.write("run/progress.json", "{\"epoch\": 3, \"step\": ")
        self.assertIn("interrupted", self.once("run", status=1))

    def test_diverged_and_learning_rates(self):
        self.write_example(optimizer={"type": "sgd", "learning_rate": 3e38})
        self.run_program("train", "config.json", "-q", "-o", "run", status=1)
        self.assertRegex(self.once("run", status=1), r"diverged[\s\S]*became NaN or infinite after epoch \d")
        self.write_example(training={"epochs": 9, "batch_size": 4}, learning_rate_schedule={"type": "step", "every": 4})
        self.run_program("train", "config.json", "-q", "-o", "steps")
        out = self.once("steps")
        self.assertIn("learning rate 0.01 from epoch 5 on, 0.1 before\nlearning rate 0.001 from epoch 9 on, 0.01 before\n", out)

    def test_wrong_places(self):
        self.write_example()
        self.train()
        for arguments, message in ((["nix"], "nix: there is no such directory; if it is yet to come"),
                                   (["."], ".: neither a run that was trained nor a sweep; chainrule runs . lists"),
                                   (["config.json"], "config.json: it is JSON, as a config is"),
                                   ([], "which DIR?"), (["run", "run"], "watch takes one DIR, found 2")):
            self.assertIn(message, self.run_program("watch", *arguments, status=2).stderr)


class WatchSweep(ProgramTest):
    once = Watch.once

    def write_sweep(self, section, **more):
        self.write_example(sweep={"metric": "validation_loss", **section}, **more)

    def test_finished_sweep(self):
        self.write_sweep({"repeats": 3, "parameters": {RATE: {"values": [0.01, 0.1, 0.3]}}})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        best = json.loads(self.run_program("runs", "out", "--format", "json").stdout)["settings"][0]
        for columns in (40, 80, 250):
            out = self.once("out", columns)
            self.assertIn("completed  9/9 trials", out)
            self.assertIn("best so", out)
            self.assertIn(f"best validation_loss {best['mean']:.4g} ± {best['standard_deviation']:.2g}", out)

    def test_failures_say_why(self):
        self.write_sweep({"parameters": {RATE: {"values": [0.1, 3e38]}}})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        out = self.once("out", 250)
        self.assertIn("2/2 trials  1 diverged", out)
        self.assertRegex(out, r"trial 1 diverged: .*became NaN or infinite")

    def test_follows_a_sweep(self):
        self.write_sweep({"parameters": {"seed": {"values": list(range(2000))}}}, training={"epochs": 200, "batch_size": 1})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-q", "-o", "out", "-j", "1"], cwd=self.dir,
                                   env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 20
        while not (self.dir / "out/progress.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        watch = Watching(self, "out", columns=120)
        watch.see(r"out  running  \d+/2000 trials \[[=>]+ *\] \d+:\d\d left  1 running\nbest validation_loss \S+  seed=\d+")
        watch.see(r"(?m)^last: trial \d+ completed \d\S+  seed=\d+$")
        process.send_signal(signal.SIGTERM)
        process.wait()
        self.assertRegex(watch.end(1), r"out  interrupted  \d+/2000 trials[\s\S]*chainrule resume out goes on with it")
        self.assertFalse((self.dir / "out/progress.json").exists())

    def test_damaged_database(self):
        self.write("out/sweep.db", b"no database" * 1000)
        self.assertIn("out/sweep.db: cannot read it", self.run_program("watch", "out", status=2).stderr)


if __name__ == "__main__":
    main()
