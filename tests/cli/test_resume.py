"""Interrupted runs end in the bytes of runs that were not: kills, signals, damage, full disks, locks."""

import csv
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ENVIRONMENT, PROGRAM, ROOT, ProgramTest, kills, main  # noqa: E402

ROUNDS = kills(100)
TIMES = {"time_s"}


class ResumeTest(ProgramTest):
    def write_config(self, **training):
        """The digits, long enough to be killed in, with checkpoints all the time."""
        config = json.loads((ROOT / "configs/digits.json").read_text())
        config["data"]["train"] = str(ROOT / "data/digits.csv")
        config["training"].update({"epochs": 40, "checkpoint_seconds": 0.002, "threads": 1, **training})
        return self.write("config.json", config)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *arguments], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=ENVIRONMENT)

    def kill_at(self, seconds, number, *arguments):
        """Starts the program and sends it a signal after a while; returns its exit status and errors."""
        process = self.start(*arguments)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        err = process.communicate()[1]
        return process.returncode, err

    def metrics(self, run):
        with open(self.dir / run / "metrics.csv") as file:
            return [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]

    def assert_same(self, run, whole="whole"):
        """The same models to the byte, and the same metrics but for times."""
        for name in ("model.safetensors", "best.safetensors", "config.json"):
            self.assertEqual((self.dir / run / name).read_bytes(), (self.dir / whole / name).read_bytes(), name)
        self.assertEqual(self.metrics(run), self.metrics(whole))
        figures = [json.loads((self.dir / r / "summary.json").read_text()) for r in (run, whole)]
        for figure in figures:
            for key in ("time_s", "samples_per_second"):
                del figure[key]
        self.assertEqual(*figures)
        self.assertEqual([p.name for p in (self.dir / run).glob("*.tmp")], [])
        self.assertLessEqual(len([*(self.dir / run).glob("checkpoint-*")]), 2)

    def whole_run(self, *arguments):
        began = time.monotonic()
        self.run_program("train", "config.json", "-q", "-o", "whole", *arguments)
        return time.monotonic() - began

    def interrupted_run(self, run="run", *arguments, number=signal.SIGTERM):
        """A run that has a checkpoint and was stopped in the middle."""
        for wait in (0.005, 0.01, 0, 0.02, 0.03, 0.05, 0.1) * 5:
            shutil.rmtree(self.dir / run, ignore_errors=True)
            process = self.start("train", "config.json", "-q", "-o", run, *arguments)
            while process.poll() is None and not (self.dir / run / "config.json").exists():
                time.sleep(0.0005)  # before that there is nothing to go on with
            time.sleep(wait)
            process.send_signal(number)
            err = process.communicate()[1]
            if process.returncode == 128 + number and [*(self.dir / run).glob("checkpoint-*")]:
                return err
        self.fail(f"could not interrupt a run: {process.returncode} {err}")


class Kill(ResumeTest):
    def test_a_model_that_is_not_there_yet(self):
        self.write_example()
        self.train()
        for name in ("model.safetensors", "best.safetensors", "summary.json"):
            (self.dir / "run" / name).unlink(missing_ok=True)
        for arguments in (["eval", "run"], ["predict", "run", "table.csv"]):
            self.assertIn("run: this run has no model: it was interrupted; chainrule resume run goes on with it",
                          self.run_program(*arguments, status=2).stderr)
        self.write("run/summary.json", {"status": "diverged"})
        self.assertIn("run: this run has no model: it diverged; train anew", self.run_program("eval", "run", status=2).stderr)

    def test_killed_at_random_moments(self):
        """kill -9 anywhere, several times a run, ends in the bytes of a run left alone."""
        self.write_config()
        seconds = self.whole_run()
        draw, kills, runs = random.Random(1), 0, 0
        while kills < ROUNDS:
            run = f"run{runs}"
            runs += 1
            began = time.monotonic()
            status, err = self.kill_at(draw.uniform(0, seconds), signal.SIGKILL, "train", "config.json", "-q", "-o", run)
            kills += status == -signal.SIGKILL
            if status == 0:  # it was quicker than the kill: perhaps the machine was busy when a whole run was timed
                seconds = min(seconds, time.monotonic() - began)
            wait = seconds
            while status != 0:
                if not (self.dir / run / "config.json").exists():
                    break  # killed before it began: nothing to go on with, and nothing lost
                wait += seconds  # so that it ends even where the machine becomes slow meanwhile
                status, err = self.kill_at(draw.uniform(0, wait), signal.SIGKILL, "resume", run, "-q")
                self.assertIn(status, (0, -signal.SIGKILL), err)
                kills += status == -signal.SIGKILL
            else:
                self.assert_same(run)
            shutil.rmtree(self.dir / run, ignore_errors=True)
        self.assertGreater(runs, ROUNDS / 20)

    def test_killed_on_two_threads(self):
        self.write_config(threads=2)
        seconds = self.whole_run()
        for i in range(3):
            process = self.start("train", "config.json", "-q", "-o", f"run{i}")
            while process.poll() is None and not (self.dir / f"run{i}/config.json").exists():
                time.sleep(0.001)  # before that there is nothing to go on with
            time.sleep(seconds * i / 5)
            process.kill()
            process.communicate()
            self.run_program("resume", f"run{i}", "-q")
            self.assert_same(f"run{i}")


class Signals(ResumeTest):
    def test_signals_say_how_to_go_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.write_config(checkpoint_seconds=0)
            err = self.interrupted_run(number=number)
            self.assertEqual(err, "chainrule: interrupted: finishing the step and saving; once more ends it at once\n"
                             "chainrule: interrupted; to go on: chainrule resume run\n")
            self.assertEqual(json.loads((self.dir / "run/summary.json").read_text())["status"], "interrupted")
            self.run_program("eval", "run")  # the model so far is there
            self.whole_run()
            done = self.run_program("resume", "run")
            self.assertRegex(done.stderr, r"going on from step \d+\n")
            self.assert_same("run")
            shutil.rmtree(self.dir / "whole")

    def test_second_signal_ends_at_once(self):
        self.write_config(epochs=100000000)
        process = self.start("train", "config.json", "-q", "-o", "run")
        time.sleep(0.1)
        process.send_signal(signal.SIGSTOP)
        for _ in range(2):  # the first one's handler runs before the second one kills
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.4)
        process.communicate(timeout=10)
        self.assertIn(process.returncode, (-signal.SIGINT, 130))

    def test_one_signal_that_comes_twice(self):
        """timeout(1) sends it to the process and to its group: the run is still saved."""
        self.write_config(epochs=100000000, checkpoint_seconds=0)
        process = self.start("train", "config.json", "-q", "-o", "run")
        while process.poll() is None and not self.metrics_lines("run") > 2:
            time.sleep(0.001)
        for _ in range(20):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.0001)
        err = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 128 + signal.SIGTERM, err)
        self.assertIn("interrupted; to go on: chainrule resume run\n", err)

    def metrics_lines(self, run):
        path = self.dir / run / "metrics.csv"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def test_signal_ends_what_has_nothing_to_save(self):
        self.write_config(epochs=1)
        self.whole_run()
        process = subprocess.Popen([PROGRAM, "predict", "whole", "-"], cwd=self.dir, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        process.stdin.write("".join((ROOT / "data/digits.csv").read_text().splitlines(True)[:2]))
        process.stdin.flush()
        process.stdout.readline()  # it has answered, and waits for more
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), -signal.SIGINT)
        process.communicate()

    def test_signal_ends_bench(self):
        self.write_config(epochs=1)
        process = self.start("bench", "config.json", "--seconds", "1")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=100)
        self.assertIn(process.returncode, (130, -signal.SIGINT), err)
        self.assertEqual((out, err), ("", ""))

    def test_signal_ends_the_check_of_doctor(self):
        self.write_config(epochs=40)
        process = self.start("doctor", "config.json")
        for line in process.stdout:
            if " overfitting " in line:  # next is that of the learning rate, which trains for long
                process.send_signal(signal.SIGINT)
                break
        out, err = process.communicate(timeout=100)
        self.assertEqual((process.returncode, out, err), (130, "", ""))


class Resume(ResumeTest):
    def test_completed_run_says_so(self):
        self.write_config()
        self.whole_run()
        before = {p: p.read_bytes() for p in (self.dir / "whole").iterdir()}
        self.assertIn("whole: completed already, 40 epochs", self.run_program("resume", "whole").stdout)
        self.assertEqual(before, {p: p.read_bytes() for p in (self.dir / "whole").iterdir()})
        done = self.run_program("resume", "whole", "training.batch_size=8", status=2)
        self.assertIn("training.batch_size was 32 when the run began", done.stderr)
        self.assertEqual(before, {p: p.read_bytes() for p in (self.dir / "whole").iterdir()})

    def test_lengthened_run_is_a_long_run(self):
        self.write_config(epochs=50)
        self.whole_run()
        self.write_config(epochs=20)
        self.run_program("train", "config.json", "-q", "-o", "run")
        self.run_program("resume", "run", "training.epochs=50", "-q")
        self.assert_same("run")

    def test_lengthened_schedule_reaches_its_end_later(self):
        """A period that the config leaves out is as long as training; it goes on from where a longer one would be."""
        path = self.write_config(epochs=20)
        config = json.loads(path.read_text())
        config["learning_rate_schedule"] = {"type": "cosine"}
        self.write("config.json", config)
        self.run_program("train", "config.json", "-q", "-o", "run")
        done = self.run_program("resume", "run", "training.epochs=40")
        self.assertIn("the learning rate reaches its minimum with epoch 40 now, and goes on at 0.05\n", done.stderr)
        self.run_program("train", "config.json", "-q", "-o", "long", "training.epochs=40")
        rates = [[float(row["learning_rate"]) for row in self.metrics(run)] for run in ("run", "long")]
        self.assertEqual(rates[0][20:], rates[1][20:])
        self.assertLess(rates[0][19], 0.001)
        config["learning_rate_schedule"]["period"] = 20  # and one that it does not leave out stays
        self.write("config.json", config)
        self.run_program("train", "config.json", "-q", "-o", "fixed")
        self.assertNotIn("minimum", self.run_program("resume", "fixed", "training.epochs=40").stderr)
        self.assertEqual({float(row["learning_rate"]) for row in self.metrics("fixed")[20:]}, {0})

    def test_stopped_early_says_how_to_go_on(self):
        path = self.write_config(epochs=200)
        config = json.loads(path.read_text())
        config["early_stopping"] = {"patience": 1}
        self.write("config.json", config)
        self.run_program("train", "config.json", "-q", "-o", "run")
        before, files = self.metrics("run"), self.contents("run")
        done = self.run_program("resume", "run", "training.epochs=300")
        self.assertIn(f"run: early stopping ended it after epoch {len(before)}; early_stopping.patience=N with an N of 2 "
                      "or more goes on", done.stdout)
        self.assertEqual(self.contents("run"), files)  # its summary and its config among them
        self.run_program("resume", "run", "training.epochs=300", "-o", "new")
        self.assertFalse((self.dir / "new").exists())  # there is nothing to do
        self.run_program("resume", "run", "early_stopping.patience=4", "-q")
        self.assertGreater(len(self.metrics("run")), len(before))

    def contents(self, run):
        return {p.name: p.read_bytes() for p in (self.dir / run).iterdir()}

    def test_into_a_directory_of_its_own(self):
        """-o leaves the run as it is, and ends in the bytes of a run that was lengthened in its place."""
        self.write_config(epochs=50)
        self.whole_run()
        self.write_config(epochs=20)
        self.run_program("train", "config.json", "-q", "-o", "run")
        before = self.contents("run")
        done = self.run_program("resume", "run", "training.epochs=50", "-o", "long")
        self.assertRegex(done.stderr, r"chainrule: run stays as it is; this goes to long\nchainrule: going on from step \d+\n")
        self.assertIn("saved in long", done.stdout)
        self.assert_same("long")
        for arguments, message in ((["-o", "whole"], "whole: it exists already, and a run never overwrites another"),
                                   (["-o", "new", "training.batch_size=8"], "training.batch_size was 32 when the run began"),
                                   (["-o", "new", "training.epochs=5"], "the run has 20 epochs behind it already"),
                                   (["-j", "2"], "-j is for a sweep; run is none")):
            done = self.run_program("resume", "run", "training.epochs=50", *arguments, status=2)
            self.assertIn(message, done.stderr)
            self.assertFalse((self.dir / "new").exists())
        self.assertEqual(self.contents("run"), before)
        for file in (self.dir / "run").glob("checkpoint-*"):
            file.unlink()
        done = self.run_program("resume", "run", "training.epochs=50", "-o", "new", status=2)
        self.assertIn("run: it has no checkpoint to go on from; train it anew: chainrule train run/config.json -o DIR", done.stderr)
        self.assertFalse((self.dir / "new").exists())

    def test_what_has_no_checkpoint_keeps_its_model(self):
        self.write_config()
        self.whole_run()
        for file in (self.dir / "whole").glob("checkpoint-*"):
            file.unlink()
        before = self.contents("whole")
        done = self.run_program("resume", "whole", "training.epochs=50", status=2)
        self.assertIn("whole: it has no whole checkpoint to go on from, and starting anew would overwrite its model; train it "
                      "anew elsewhere: chainrule train whole/config.json -o DIR", done.stderr)
        self.assertEqual(self.contents("whole"), before)

    def test_train_mentions_an_interrupted_run(self):
        self.write_config()
        self.interrupted_run("runs/config")
        self.assertNotIn("resume", self.run_program("train", "config.json", "-q").stderr)
        self.assertEqual(self.run_program("train", "config.json", "-o", "elsewhere").stderr.count("resume"), 0)
        err = self.run_program("train", "config.json").stderr
        self.assertIn("chainrule: runs/config was interrupted; chainrule resume runs/config goes on with it; this is a new run, "
                      "in runs/config-3\n", err)
        self.run_program("resume", "runs/config", "-q")
        self.assertNotIn("was interrupted", self.run_program("train", "config.json").stderr)

    def test_shortened_run_is_refused(self):
        self.write_config(epochs=20)
        self.whole_run()
        before = self.contents("whole")
        done = self.run_program("resume", "whole", "training.epochs=5", status=2)
        self.assertIn("training.epochs=5: the run has 20 epochs behind it already", done.stderr)
        self.assertEqual(self.contents("whole"), before)  # its summary and its config among them

    def test_stopped_by_time_goes_on_with_more(self):
        self.write_config()
        self.whole_run()
        self.run_program("train", "config.json", "-q", "-o", "run", "training.max_seconds=0.005")
        self.assertEqual(json.loads((self.dir / "run/summary.json").read_text())["status"], "stopped_early")
        self.run_program("resume", "run", "training.max_seconds=1000", "-q")
        self.assertEqual(self.metrics("run"), self.metrics("whole"))

    def test_options_without_effect_may_change_and_others_not(self):
        self.write_config()
        self.interrupted_run()
        done = self.run_program("resume", "run", "optimizer.learning_rate=0.2", "training.threads=2", status=2)
        self.assertIn("optimizer.learning_rate was 0.1 when the run began, and is 0.2 now; a run goes on as it began",
                      done.stderr)
        self.assertIn("training.threads was 1", done.stderr)
        done = self.run_program("resume", "run", "model.layers.1.type=tanh", "regularization.l2=0", status=2)
        self.assertEqual(done.stderr.count("when the run began"), 2, done.stderr)
        self.run_program("resume", "run", "training.checkpoint_seconds=5", "-q")

    def test_moved_run_and_data(self):
        """The path of the data does not matter; its content does."""
        path = self.write_config()
        shutil.copy(ROOT / "data/digits.csv", self.dir / "one.csv")
        config = json.loads(path.read_text())
        config["data"]["train"] = "one.csv"
        self.write("config.json", config)
        self.interrupted_run()
        (self.dir / "one.csv").rename(self.dir / "two.csv")
        self.assertIn("one.csv", self.run_program("resume", "run", status=2).stderr)
        (self.dir / "run").rename(self.dir / "moved")
        self.run_program("resume", "moved", "data.train=two.csv", "-q")

    def test_changed_data_and_weights_are_refused(self):
        path = self.write_config()
        self.run_program("train", "config.json", "-q", "-o", "before", "training.epochs=1")
        shutil.copy(ROOT / "data/digits.csv", self.dir / "table.csv")
        config = json.loads(path.read_text())
        config["data"]["train"] = "table.csv"
        config["model"]["weights"] = "before/model.safetensors"
        self.write("config.json", config)
        self.interrupted_run()
        text = (self.dir / "table.csv").read_text()
        (self.dir / "table.csv").write_text(text.replace("16", "15", 1))
        done = self.run_program("resume", "run", status=2)
        self.assertRegex(done.stderr, r"data.train: the file changed since the run began \(its CRC-32 was [0-9a-f]{8}, "
                                      r"now it is [0-9a-f]{8}\)")
        (self.dir / "table.csv").write_text(text)
        self.run_program("train", "config.json", "-q", "-o", "other", "training.epochs=2")
        shutil.copy(self.dir / "other/model.safetensors", self.dir / "before/model.safetensors")
        self.assertIn("model.weights: the file changed", self.run_program("resume", "run", status=2).stderr)

    def test_before_the_first_checkpoint_it_starts_again(self):
        self.write_config()
        self.whole_run()
        self.interrupted_run()
        for file in (self.dir / "run").iterdir():  # what a kill leaves
            if file.name not in ("config.json", "metrics.csv"):
                file.unlink()
        self.assertIn("starting from the beginning", self.run_program("resume", "run").stderr)
        self.assert_same("run")

    def test_damaged_checkpoint_is_named_and_the_one_before_used(self):
        self.write_config()
        self.whole_run()
        self.interrupted_run()
        while len([*(self.dir / "run").glob("checkpoint-*")]) < 2:
            self.interrupted_run()
        newest = max((self.dir / "run").glob("checkpoint-*"))
        for damage in (lambda b: b[:-9], lambda b: b[:len(b) // 2], lambda b: b"",
                       lambda b: b[:-5] + bytes([b[-5] ^ 1]) + b[-4:]):
            shutil.copytree(self.dir / "run", self.dir / "copy")
            (self.dir / "copy" / newest.name).write_bytes(damage(newest.read_bytes()))
            done = self.run_program("resume", "copy")
            self.assertIn(f"warning: copy/{newest.name}: ", done.stderr)
            self.assert_same("copy")
            shutil.rmtree(self.dir / "copy")

    def test_second_trainer_is_refused(self):
        self.write_config(epochs=100000000)
        process = self.start("train", "config.json", "-q", "-o", "run")
        try:
            while not [*(self.dir / "run").glob("checkpoint-*")]:
                time.sleep(0.01)
            done = self.run_program("resume", "run", status=2)
            self.assertIn("run: another process is training in this directory", done.stderr)
        finally:
            process.kill()
            process.communicate()
        process = self.start("resume", "run", "-q")  # the lock died with its process
        time.sleep(0.1)
        self.assertIsNone(process.poll())
        process.kill()
        process.communicate()

    def test_not_a_run(self):
        self.write("empty/x", "")
        self.assertIn("missing: not the directory of a run: config.json: no such file",
                      self.run_program("resume", "missing", status=2).stderr)
        self.assertIn("empty: not the directory of a run", self.run_program("resume", "empty", status=2).stderr)

    def test_lost_metrics_are_an_error(self):
        self.write_config()
        self.interrupted_run()
        (self.dir / "run/metrics.csv").write_text("epoch\n")
        self.assertIn("run/metrics.csv: it has 6 bytes, but had", self.run_program("resume", "run", status=2).stderr)

    def test_other_kernel_is_a_warning(self):
        self.write_config()
        self.interrupted_run()
        for kernel in ("Haswell", "Sandybridge"):
            if f"kernel {kernel} " in self.run_program("--version", env={"OPENBLAS_CORETYPE": kernel}).stdout:
                break
        done = self.run_program("resume", "run", env={"OPENBLAS_CORETYPE": kernel})
        self.assertIn("the result will not be the same to the bit", done.stderr)
        self.assertIs(json.loads((self.dir / "run/summary.json").read_text())["bit_exact"], False)


class Diverged(ResumeTest):
    def test_post_mortem(self):
        self.write_config(epochs=30)
        done = self.run_program("train", "config.json", "-q", "-o", "run", "optimizer.learning_rate=1e30", status=1)
        self.assertRegex(done.stderr, r"became NaN or infinite in epoch \d+, step \d+ of the run: the first value that is "
                                      r"not finite is in .*; try a smaller learning_rate \(now 1e\+30\)")
        self.assertIn("checkpoint", done.stderr)
        self.assertEqual(json.loads((self.dir / "run/summary.json").read_text())["status"], "diverged")
        done = self.run_program("resume", "run", "-q", status=1)
        self.assertIn("this run diverged, and the same steps end in the same way", done.stderr)

    def test_rows_of_the_batch(self):
        rows = "".join(f"{x},{3 * x}\n" for x in range(1, 40))
        self.write("table.csv", "x,y\n" + rows)
        self.write("config.json", {"data": {"train": "table.csv", "target": "y"}, "model": {"layers": [{"type": "linear"}]},
                                   "loss": {"type": "l2"}, "optimizer": {"type": "sgd", "learning_rate": 1e9},
                                   "training": {"epochs": 20, "batch_size": 4}})
        done = self.run_program("train", "config.json", "-q", "-o", "run", status=1)
        self.assertRegex(done.stderr, r"its batch: rows \d+, \d+, \d+(, \d+)? \(\d, counted from 0\)")


class Disk(ResumeTest):
    def run_limited(self, bytes, *arguments):
        """With files that may not grow beyond so many bytes."""
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))  # noqa: E731
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, text=True, capture_output=True,
                              env=ENVIRONMENT, preexec_fn=limit, timeout=60)

    def test_no_room_at_any_write(self):
        self.write_config(epochs=3)
        self.whole_run()
        largest = max(p.stat().st_size for p in (self.dir / "whole").iterdir())
        failures = 0
        for bytes in sorted({*range(0, 3000, 150), *range(3000, largest + 2000, 3000)}):
            done = self.run_limited(bytes, "train", "config.json", "-q", "-o", "run")
            if done.returncode != 0:
                failures += 1
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertRegex(done.stderr, r"^chainrule: error: run/[a-z0-9.-]+: cannot write: File too large\n$")
                self.assertEqual([p.name for p in (self.dir / "run").glob("*.tmp")], [])
                if (self.dir / "run/config.json").exists():
                    self.run_program("resume", "run", "-q")
                    self.assert_same("run")
            shutil.rmtree(self.dir / "run")
        self.assertGreater(failures, 15)

    def test_full_while_it_runs_keeps_the_last_checkpoint(self):
        self.write_config()
        self.whole_run()
        self.interrupted_run()
        size = max(p.stat().st_size for p in (self.dir / "run").glob("checkpoint-*"))
        kept = {p.name for p in (self.dir / "run").glob("checkpoint-*")}
        done = self.run_limited(size - 1000, "resume", "run", "-q")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write: File too large", done.stderr)
        self.assertEqual({p.name for p in (self.dir / "run").glob("checkpoint-*")}, kept)
        self.run_program("resume", "run", "-q")
        self.assert_same("run")

    def test_small_file_system(self):
        """A real full disk, where mounting one is allowed."""
        mount = self.dir / "small"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", mount], capture_output=True).returncode:
            raise unittest.SkipTest("mounting a file system is not allowed here")
        try:
            self.write_config()
            done = self.run_program("train", "config.json", "-q", "-o", "small/run", status=1)
            self.assertRegex(done.stderr, "small/run/.*: cannot write: No space left on device")
            subprocess.run(["mount", "-o", "remount,size=1m", mount], check=True)
            self.run_program("resume", "small/run", "-q")
            self.whole_run()
            self.assert_same("small/run")
        finally:
            subprocess.run(["umount", mount], check=True)

    def test_output_that_cannot_be_written(self):
        self.write_config(epochs=1)
        self.whole_run()
        rows = "".join((ROOT / "data/digits.csv").read_text().splitlines(True)[:20])
        self.write("new.csv", rows)
        with open("/dev/full", "w") as full:
            for command in (["predict", "whole", "new.csv"], ["eval", "whole", "--json"]):
                done = subprocess.run([PROGRAM, *command], cwd=self.dir, stdout=full, stderr=subprocess.PIPE, text=True,
                                      env=ENVIRONMENT)
                self.assertEqual(done.returncode, 1, command)
                self.assertIn("cannot write", done.stderr)
        self.assertEqual(self.run_limited(10, "predict", "whole", "new.csv", "-o", "out.csv").returncode, 1)
        self.assertFalse((self.dir / "out.csv").exists())

    def test_read_only_directory(self):
        self.write_example()
        program = shutil.copy(PROGRAM, self.dir / "program")  # where anybody may read it
        command = []
        if os.geteuid() == 0:  # nothing is read-only to root
            command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            os.chmod(self.dir, 0o755)
        self.write("there/x", "")
        os.chmod(self.dir / "there", 0o555)
        done = subprocess.run([*command, program, "train", "config.json", "-o", "there/run"], cwd=self.dir, text=True,
                              capture_output=True, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("there/run: cannot make the directory: Permission denied", done.stderr)


class Changing(ResumeTest):
    def test_files_that_change_while_they_are_read(self):
        """Whatever a reader meets, it reports or reads it; it never crashes, and never hangs."""
        self.write_config(epochs=1)
        self.whole_run()
        shutil.copy(ROOT / "data/digits.csv", self.dir / "table.csv")
        config = json.loads((self.dir / "config.json").read_text())
        config["data"]["train"] = "table.csv"
        self.write("config.json", config)
        shutil.copytree(self.dir / "whole", self.dir / "run")
        paths = [self.dir / name for name in ("config.json", "table.csv", "run/model.safetensors")]
        contents = {path: path.read_bytes() for path in paths}
        over, draw = threading.Event(), random.Random(1)

        def change():
            while not over.is_set():
                path = draw.choice(paths)
                with open(path, "r+b") as file:  # in place, as an editor or a download does
                    file.truncate(draw.randrange(len(contents[path])))
                    file.seek(0)
                    time.sleep(draw.uniform(0, 0.002))
                    file.write(contents[path])

        changer = threading.Thread(target=change)
        changer.start()
        try:
            seen = set()
            for command in 20 * [("check", "config.json"), ("eval", "run"), ("predict", "run", "table.csv")]:
                done = subprocess.run([PROGRAM, *command], cwd=self.dir, capture_output=True, env=ENVIRONMENT, timeout=60)
                self.assertIn(done.returncode, (0, 1, 2), done.stderr)
                self.assertEqual(done.returncode == 0, b"error" not in done.stderr)
                seen.add(done.returncode)
        finally:
            over.set()
            changer.join()
        self.assertIn(2, seen)


class Checkpoint(ResumeTest):
    def test_every_changed_byte_is_detected(self):
        """A small checkpoint, each byte changed in turn: it is never taken for a good one."""
        self.write_example(training={"epochs": 1, "batch_size": 4})
        self.train()
        path = next((self.dir / "run").glob("checkpoint-*"))
        good = path.read_bytes()
        self.assertLess(len(good), 6000)
        draw = random.Random(1)
        (self.dir / "run/summary.json").unlink()
        step = 1 if ROUNDS > 100 else 17
        for at in range(draw.randrange(step), len(good), step):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1 << draw.randrange(8)]) + good[at + 1:])
            done = self.run_program("resume", "run", "training.epochs=1", status=2)
            self.assertIn("run: it has no whole checkpoint to go on from", done.stderr, at)


if __name__ == "__main__":
    main()
