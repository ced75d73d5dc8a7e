"""Sweeps and their ranking: what is promised of them, by running them."""

import contextlib
import csv
import io
import itertools
import json
import math
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import CONFIG, ENVIRONMENT, PROGRAM, ROOT, ProgramTest, kills, main  # noqa: E402

RATE = "optimizer.learning_rate"
UNITS = "model.layers.0.units"
KILLS = kills(20)


def grid(repeats=1, **more):
    return {"repeats": repeats, "parameters": {RATE: {"values": [0.01, 0.1, 0.5]}, UNITS: {"values": [2, 4]}}, **more}


def children(pid):
    """Process numbers of the children, as texts."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = status.parent.name, status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if rest[1] == str(pid) and rest[0] != "Z":
            found.append(number)
    return found


class SweepTest(ProgramTest):
    def write_sweep(self, sweep, **sections):
        return self.write_example(sweep=sweep, **sections)

    def sweep(self, *arguments, directory="out", **more):
        return self.run_program("sweep", "config.json", "-o", directory, *arguments, **more)

    def query(self, sql, directory="out"):
        connection = sqlite3.connect(f"file:{self.dir / directory}/sweep.db?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def results(self, directory="out"):
        """All that does not depend on time."""
        return (self.query("SELECT trial, setting, repeat, fold, seed, hash, parameters, config, status, error, value, epochs,"
                           " steps, train_loss, validation_loss, validation_accuracy FROM trials ORDER BY trial", directory),
                self.query("SELECT trial, epoch, step, train_loss, validation_accuracy, parameters_crc32 FROM metrics"
                           " ORDER BY trial, epoch", directory))

    def runs(self, *arguments, **more):
        return json.loads(self.run_program("runs", *(arguments or ["out"]), "--format", "json", **more).stdout)


class Sweep(SweepTest):
    def test_grid_has_every_combination(self):
        self.write_sweep(grid(repeats=2))
        self.sweep()
        rows = self.query("SELECT trial, setting, repeat, seed, parameters, status, epochs FROM trials ORDER BY trial")
        expected = [{RATE: r, UNITS: u} for r, u in itertools.product([0.01, 0.1, 0.5], [2, 4])]
        self.assertEqual([row[0] for row in rows], list(range(12)))
        self.assertEqual([json.loads(row[4]) for row in rows], [p for p in expected for _ in range(2)])
        self.assertEqual([row[3] for row in rows], [1, 2] * 6)
        self.assertEqual({row[5:] for row in rows}, {("completed", 3)})
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT trial) FROM metrics"), [(36, 12)])
        self.assertEqual(self.query("SELECT trials, settings, repeats, metric, goal FROM sweep"),
                         [(12, 6, 2, "validation_accuracy", "maximize")])

    def test_view_has_a_column_for_each_parameter(self):
        self.write_sweep(grid())
        self.sweep()
        for trial, rate, units, parameters, value in self.query(
                f'SELECT r.trial, "{RATE}", "{UNITS}", parameters, r.value FROM results r JOIN trials USING (trial)'):
            self.assertEqual({RATE: rate, UNITS: units}, json.loads(parameters))
            self.assertIsInstance(value, float)

    def test_a_trial_has_the_bits_of_a_single_run(self):
        self.write_sweep(grid(repeats=2))
        self.sweep("-j", "3")
        for trial, rate, units, seed in ((0, 0.01, 2, 1), (7, 0.1, 4, 2)):
            self.run_program("train", "config.json", "-q", "-o", f"run{trial}", f"{RATE}={rate}", f"{UNITS}={units}",
                             f"seed={seed}", "training.threads=1")
            with open(self.dir / f"run{trial}/metrics.csv") as file:
                single = [row["parameters_crc32"] for row in csv.DictReader(file)]
            swept = self.query(f"SELECT parameters_crc32 FROM metrics WHERE trial = {trial} ORDER BY epoch")
            self.assertEqual([row[0] for row in swept], single)

    def test_number_of_workers_and_order_change_nothing(self):
        self.write_sweep(grid(repeats=2))
        for jobs in "1", "2", "5":
            self.sweep("-j", jobs, directory=f"out{jobs}")
        self.assertEqual(self.results("out1"), self.results("out2"))
        self.assertEqual(self.results("out1"), self.results("out5"))
        self.assertEqual(os.readlink(self.dir / "out1/best"), os.readlink(self.dir / "out5/best"))

    def test_random_draws_lie_in_their_spaces(self):
        spaces = {RATE: {"space": "loguniform", "lower": 1e-4, "upper": 1},
                  "regularization.l2": {"space": "uniform", "lower": 0.25, "upper": 0.5},
                  UNITS: {"space": "integer", "lower": 2, "upper": 5},
                  "training.batch_size": {"space": "logint", "lower": 1, "upper": 8},
                  "model.layers.1.type": {"values": ["relu", "tanh"]}}
        self.write_sweep({"method": "random", "samples": 400, "keep": 0, "parameters": spaces}, training={"epochs": 1})
        self.sweep()
        rows = [json.loads(row[0]) for row in self.query("SELECT parameters FROM trials ORDER BY trial")]
        self.assertEqual(len(rows), 400)
        self.assertTrue(all(1e-4 <= r[RATE] <= 1 and 0.25 <= r["regularization.l2"] <= 0.5 for r in rows))
        # half of the draws on either side of the middle, in the logarithm or not; 4 standard deviations are 40
        for below in (sum(r[RATE] < 1e-2 for r in rows), sum(r["regularization.l2"] < 0.375 for r in rows),
                      sum(r["model.layers.1.type"] == "relu" for r in rows), sum(r[UNITS] < 4 for r in rows)):
            self.assertLess(abs(below - 200), 40)
        self.assertEqual({r[UNITS] for r in rows}, {2, 3, 4, 5})
        ones = sum(r["training.batch_size"] == 1 for r in rows)  # log 2 / log 9 of them
        self.assertEqual({r["training.batch_size"] for r in rows}, set(range(1, 9)))
        self.assertLess(abs(ones - 400 * math.log(2) / math.log(9)), 40)
        # more samples leave the first ones as they are, and so does another parameter
        del spaces["regularization.l2"]
        self.write_sweep({"method": "random", "samples": 500, "keep": 0, "parameters": spaces}, training={"epochs": 1})
        self.sweep(directory="more")
        more = [json.loads(row[0]) for row in self.query("SELECT parameters FROM trials ORDER BY trial", "more")]
        self.assertEqual([r[RATE] for r in more[:400]], [r[RATE] for r in rows])

    def test_duplicates_run_once(self):
        self.write_sweep({"parameters": {RATE: {"values": [0.1, 0.1, 0.2]}, "training.shuffle": {"values": [True, True]}}})
        self.assertIn("2 of 2 trials done", self.sweep().stdout)
        self.assertEqual(self.query("SELECT trial FROM trials ORDER BY trial"), [(0,), (4,)])

    def test_cross_validation(self):
        self.write_sweep(grid(folds=5), data={k: v for k, v in CONFIG["data"].items() if k != "validation"})
        self.sweep()
        rows = self.query("SELECT setting, fold, value, json_extract(config, '$.data.validation.fold') FROM trials"
                          " ORDER BY trial")
        self.assertEqual([row[1] for row in rows], list(range(5)) * 6)
        self.assertEqual([row[1] for row in rows], [row[3] for row in rows])
        self.run_program("train", "config.json", "-q", "-o", "run", f"{RATE}=0.1", f"{UNITS}=2",
                         'data.validation={"folds": 5, "fold": 3}')
        summary = json.loads((self.dir / "run/summary.json").read_text())
        self.assertEqual(rows[2 * 5 + 3][2], summary["validation"]["accuracy"])

    def test_the_best_are_kept_as_runs(self):
        self.write_sweep(grid(repeats=2, keep=2), training={"epochs": 10, "batch_size": 4})
        self.sweep()
        means = {}
        for setting, trial, value in self.query("SELECT setting, trial, value FROM trials"):
            means.setdefault(setting, []).append((value, -trial))
        ranked = sorted(means, key=lambda s: (-statistics.mean(v for v, _ in means[s]), s))
        kept = [str(-max(means[s])[1]) for s in ranked[:2]]
        self.assertEqual(sorted(os.listdir(self.dir / "out/trials")), sorted(kept))
        self.assertEqual(os.readlink(self.dir / "out/best"), f"trials/{kept[0]}")
        figures = json.loads(self.run_program("eval", "out/best", "--json").stdout)
        self.assertEqual(figures["validation"]["accuracy"], max(means[ranked[0]])[0])
        self.assertEqual(len(self.run_program("predict", "out/best", "table.csv").stdout.splitlines()), 11)
        self.run_program("train", "out/best/config.json", "-q", "-o", "again")
        self.assertEqual((self.dir / "again/model.safetensors").read_bytes(),
                         (self.dir / "out/best/model.safetensors").read_bytes())

    def test_keeping_more_afterwards_gives_the_same_models(self):
        self.write_sweep(grid(keep=3))
        self.sweep(directory="at once")
        self.write_sweep(grid(keep=1))
        self.sweep()
        self.write_sweep(grid(keep=3))
        self.assertIn("6 of 6 trials done", self.sweep().stdout)  # models that are made again are no trials
        names = sorted(os.listdir(self.dir / "at once/trials"))
        self.assertEqual(sorted(os.listdir(self.dir / "out/trials")), names)
        for name in names:
            self.assertEqual((self.dir / "out/trials" / name / "model.safetensors").read_bytes(),
                             (self.dir / "at once/trials" / name / "model.safetensors").read_bytes())

    def test_runs_of_somebody_else_stay(self):
        self.write_sweep(grid(), training={**CONFIG["training"], "epochs": 8})
        self.sweep("-q")
        beaten = next(i for i in range(6) if not (self.dir / f"out/trials/{i}").exists())
        os.symlink("out", self.dir / "link")
        for arguments in (["train", "config.json"], ["resume", "out/best", "training.epochs=20"], ["sweep", "config.json"]):
            for place in (f"out/trials/{beaten}", "out/trials/mine/deep", "link/best/../99"):
                message = self.run_program(*arguments, "-o", place, status=2).stderr
                self.assertIn(f"-o {place}: that is among the trials of the sweep", message)
        self.run_program("resume", "out/best", "training.epochs=20", "-q", "-o", "mine")
        mine = self.dir / f"out/trials/{beaten}"
        os.rename(self.dir / "mine", mine)
        before = (mine / "model.safetensors").read_bytes()
        self.run_program("resume", "out", "-q")
        self.sweep("-q")
        self.assertEqual((mine / "model.safetensors").read_bytes(), before)
        connection = sqlite3.connect(self.dir / "out/sweep.db")  # as if the trial had not been done
        connection.execute("DELETE FROM trials WHERE trial = ?", (beaten,))
        connection.commit()
        connection.close()
        self.sweep("-q", status=None)
        self.assertEqual((mine / "model.safetensors").read_bytes(), before)

    def test_again_does_nothing_twice(self):
        self.write_sweep(grid())
        self.sweep()
        before = self.query("SELECT trial, time_s FROM trials")
        self.assertIn("6 of 6 trials done", self.sweep().stdout)
        self.assertEqual(self.query("SELECT trial, time_s FROM trials"), before)

    def test_default_directory(self):
        self.write_sweep(grid())
        self.run_program("sweep", "config.json", "-q")
        self.run_program("sweep", "config.json", "-q")  # this very sweep
        self.run_program("train", "config.json", "-q")  # a run beside it
        self.run_program("sweep", "config.json", "-q", "seed=9")
        self.assertEqual(sorted(os.listdir(self.dir / "runs")), ["config", "config-2", "config-3"])
        self.assertEqual(self.query("SELECT count(*), min(seed) FROM trials", "runs/config-3"), [(6, 9)])

    def test_a_metric_without_its_part_is_understood(self):
        self.write_sweep(grid(metric="brier"))
        self.assertIn('"validation_brier"', self.sweep(status=2).stderr)
        self.write_example(early_stopping={"monitor": "brier"})
        self.assertIn('"validation_brier"', self.run_program("train", "config.json", status=2).stderr)
        self.write_example()
        self.train()
        self.assertIn('did you mean "validation_brier"?', self.run_program("runs", "run", "--sort", "brier", status=2).stderr)

    def test_judged_by_a_logged_metric(self):
        """With the value that eval has for the model, the best one's where it was restored."""
        self.write_sweep({"metric": "validation_roc_auc", "keep": 4, "parameters": {RATE: {"values": [0.01, 0.1, 0.3]}}},
                         log={"metrics": ["validation_f1", "validation_roc_auc"]}, early_stopping={"patience": 1},
                         training={"epochs": 12, "batch_size": 4})
        self.sweep()
        rows = self.query("SELECT trial, value FROM trials ORDER BY trial")
        for trial, value in rows:
            report = json.loads(self.run_program("eval", f"out/trials/{trial}", "--on", "validation", "--json").stdout)
            self.assertEqual(report["report"]["roc_auc"], value)
        out = self.run_program("runs", "out", "--sort", "validation_roc_auc").stdout
        self.assertIn("by validation_roc_auc, the highest first", out)
        self.write_sweep({"metric": "validation_roc_auc", "parameters": {"log": {"values": [None]}}},
                         log={"metrics": ["validation_roc_auc"]})
        self.sweep(status=1, directory="without")
        self.assertIn("log.metrics does not list validation_roc_auc", self.run_program("runs", "without").stdout)
        self.write_sweep({"metric": "validation_auc", "parameters": {}})
        self.assertIn('sweep.metric: found "validation_auc", which may be meant for "validation_roc_auc"; expected', self.sweep(status=2, directory="x").stderr)

    def test_dry_run(self):
        self.write_sweep(grid(repeats=2))
        out = self.run_program("sweep", "config.json", "--dry-run").stdout.splitlines()
        self.assertEqual(len(out), 1 + 12 + 1)
        self.assertRegex(out[1], r"^ +0 +1 +\S+  optimizer.learning_rate=0.01 model.layers.0.units=2$")
        self.assertRegex(out[-1], r"^12 trials, \S+ GFLOP; about \S+ s with \d+ workers?$")
        self.assertEqual(self.files(), ["config.json", "table.csv"])

    def test_check_looks_at_the_sweep(self):
        self.write_sweep(grid(repeats=2))
        self.assertIn("sweep: 6 settings, 12 trials", self.run_program("check", "config.json").stdout)
        self.write_sweep({"parameters": {"optimizer.rate": {"values": [1]}}})
        self.assertIn("unknown key", self.run_program("check", "config.json", status=2).stderr)

    def test_train_leaves_the_section_alone(self):
        self.write_sweep({"parameters": 3})
        self.train()
        self.assertNotIn("sweep", json.loads((self.dir / "run/config.json").read_text()))

    def test_train_names_the_sweep(self):
        self.write_sweep(grid())
        line = ('chainrule: this trains one network, and leaves the section "sweep" alone; chainrule sweep config.json runs '
                "it\n")
        self.assertIn(line, self.run_program("train", "config.json").stderr)
        self.assertEqual(self.run_program("train", "config.json", "-q", "-o", "quiet").stderr, "")
        self.write_example()
        self.assertNotIn("sweep", self.run_program("train", "config.json").stderr)

    def test_another_directory_is_named(self):
        self.write_sweep(grid())
        self.assertEqual(self.run_program("sweep", "config.json", "-q").stderr, "")
        another = ("sweep", "config.json", "-q", "seed=5")
        self.assertEqual(self.run_program(*another).stderr, "chainrule: this is another sweep, in runs/config-2\n")
        self.assertEqual(self.run_program(*another).stderr, "")

    def test_shards_make_up_the_whole(self):
        self.write_sweep(grid(repeats=3))
        self.sweep(directory="whole")
        for k in "123":
            self.sweep("--shard", f"{k}/3", directory=f"part{k}")
        self.assertEqual(sum(len(self.results(f"part{k}")[0]) for k in "123"), 18)
        self.assertEqual(sorted(r for k in "123" for r in self.results(f"part{k}")[0]), self.results("whole")[0])
        whole, parts = self.runs("whole"), self.runs("part1", "part2", "part3", "part3")  # one of them twice by mistake
        for a, b in itertools.zip_longest(whole["settings"], parts["settings"]):
            self.assertEqual({**a, "run": 0, "time_s": 0}, {**b, "run": 0, "time_s": 0})
        self.assertIn("it holds another sweep", self.sweep("--shard", "2/3", directory="part1", status=2).stderr)

    def test_examples(self):
        for name, trials, settings in (("grid", 144, 48), ("random", 100, 100), ("seeds", 100, 1), ("halving", 81, 81), ("tpe", 60, 60)):
            out = self.run_program("check", ROOT / f"configs/sweeps/digits_{name}.json").stdout
            self.assertIn(f"sweep: {settings} settings, {trials} trials", out)


class Resume(SweepTest):
    """Sweeps and their trials from the outside: by their directory alone."""

    def write_long(self):
        self.write_sweep({"method": "random", "samples": 12, "parameters": {RATE: {"space": "loguniform", "lower": 0.001,
                                                                                   "upper": 1}}},
                         training={"epochs": 5, "batch_size": 4})

    def interrupt(self, *arguments):
        """A sweep of trials that take for ever, stopped when it has begun."""
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-q", *arguments], cwd=self.dir, env=ENVIRONMENT,
                                   stderr=subprocess.DEVNULL)
        while not [*self.dir.glob("*/sweep.json"), *self.dir.glob("runs/*/sweep.json")]:
            time.sleep(0.01)
        process.kill()
        process.wait()

    def contents(self, directory):
        return {str(p): p.read_bytes() for p in (self.dir / directory).rglob("*") if p.is_file()}

    def test_a_directory_is_enough(self):
        self.write_long()
        self.sweep("training.epochs=20000", directory="whole")
        self.write("data/config.json", (self.dir / "config.json").read_text())  # data and overrides have relative paths
        (self.dir / "table.csv").rename(self.dir / "data/moved.csv")
        (self.dir / "config.json").unlink()
        began = ["sweep", "data/config.json", "training.epochs=20000", "data.train=data/moved.csv", "-o", "out", "-q"]
        process = subprocess.Popen([PROGRAM, *began], cwd=self.dir, env=ENVIRONMENT)
        while not (self.dir / "out/sweep.json").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(), (0, 130))
        command = json.loads((self.dir / "out/sweep.json").read_text())
        self.assertEqual(command["overrides"], began[2:4])
        self.assertEqual(command["directory"], str(self.dir.resolve()))
        self.write("data/config.json", "{}")  # it goes on with what it was begun with
        elsewhere = self.dir / "elsewhere"
        elsewhere.mkdir()
        done = subprocess.run([PROGRAM, "resume", "../out", "-j", "2"], cwd=elsewhere, env=ENVIRONMENT, capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("12 of 12 trials done", done.stdout)
        self.assertEqual(self.results()[1], self.results("whole")[1])
        self.assertIs(json.loads((self.dir / "out/sweep.json").read_text())["completed"], True)
        self.assertIn("12 of 12 trials done", self.run_program("resume", "out").stdout)
        (self.dir / "data/moved.csv").rename(self.dir / "again.csv")  # files may move, but not change
        self.run_program("resume", "out", "data.train=again.csv")

    def test_messages(self):
        self.write_sweep(grid())
        self.sweep("training.epochs=2")
        for arguments, message in ((["-o", "new"], "-o new: a sweep goes on in its own directory"),
                                   (["-j", "0"], "-j 0: expected a whole number"),
                                   (["--json"], "--json is for a run; chainrule runs out --format json has"),
                                   (["training.epochs=3"], "it holds another sweep: training.epochs was 2 and is 3")):
            self.assertIn(message, self.run_program("resume", "out", *arguments, status=2).stderr)
        command = json.loads((self.dir / "out/sweep.json").read_text())
        self.write("out/sweep.json", {**command, "directory": "/nowhere"})
        self.assertIn("/nowhere: the sweep was begun there", self.run_program("resume", "out", status=2).stderr)
        self.write("out/sweep.json", {})
        self.assertIn("it does not say how the sweep was begun", self.run_program("resume", "out", status=2).stderr)
        (self.dir / "out/sweep.json").unlink()  # as before there was such a file
        err = self.run_program("resume", "out", status=2).stderr
        self.assertIn("out: it is not written there how the sweep was begun (out/sweep.json: no such file); the command that "
                      "began it goes on with it", err)
        self.assertIn("out: sweep.json, which says how it was begun, is not there or is damaged, so that it cannot grow",
                      self.sweep("training.epochs=2", "sweep.repeats=2", status=2).stderr)
        self.sweep("training.epochs=2")
        self.run_program("resume", "out")

    def test_what_makes_another_sweep_is_named(self):
        self.write_sweep(grid())
        self.sweep("training.epochs=2")
        before = self.results()

        def differs(*arguments):
            err = self.sweep(*arguments, status=2).stderr
            self.assertTrue(err.endswith("; chainrule sweep CONFIG -o DIR begins one in another directory, and chainrule resume out, "
                                         "without changes, goes on with this one\n"), err)
            return err.split("out: it holds another sweep: ")[1].split("; chainrule")[0]

        self.assertEqual(differs(), "training.epochs was 2 and is 3")
        self.assertEqual(differs("training.epochs=2", "seed=4"), "seed was left out and is 4")
        self.assertEqual(differs("training.epochs=2", "sweep.folds=3"), "sweep.folds was 0 and is 3; other folds are other splits of "
                         "the data, so that none of its trials would be one of them")
        self.assertEqual(differs("training.epochs=2", "--shard", "1/2"), "the shard was 1/1 and is 1/2")
        self.assertRegex(differs("seed=4", "loss.type=svm", "training.batch_size=2", "regularization.l2=1"),
                         r"^(\S+ was \S+( out)? and is \S+, ){3}and 2 more$")
        self.write("table.csv", (self.dir / "table.csv").read_text().replace("1,2,red", "1,2,blue"))
        changed = "the content of its data was another; with the files as they were it goes on"
        self.assertEqual(differs("training.epochs=2"), changed)
        self.write("moved.csv", (self.dir / "table.csv").read_text())  # where a file lies is no matter
        self.assertEqual(differs("training.epochs=2", "data.train=moved.csv"), changed)
        self.assertEqual(differs("data.train=moved.csv"), "training.epochs was 2 and is 3")
        self.assertEqual(self.results(), before)

    def test_unfinished_sibling_is_mentioned(self):
        self.write_sweep({"parameters": {UNITS: {"values": [2, 3, 4]}}})
        self.interrupt("training.epochs=100000000")
        err = self.run_program("sweep", "config.json").stderr
        self.assertIn("chainrule: runs/config holds a sweep that is not finished (0 of 3 trials, with training.epochs=100000000); "
                      "chainrule resume runs/config goes on with that one; this is another, in runs/config-2\n", err)
        err = self.run_program("sweep", "config.json", "-q", "seed=2").stderr
        self.assertIn("goes on with that one; this is another, in runs/config-3\n", err)
        for arguments in ([], ["-o", "out", "seed=3"]):  # begun already; not looked for
            self.assertNotIn("not finished", self.run_program("sweep", "config.json", *arguments).stderr)
        shutil.rmtree(self.dir / "runs/config")
        self.assertNotIn("not finished", self.run_program("sweep", "config.json", "seed=4").stderr)

    def test_another_one_may_run_beside_one_at_work(self):
        self.write_sweep({"parameters": {"training.epochs": {"values": [90000000]}}})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-q"], cwd=self.dir, env=ENVIRONMENT)
        try:
            while not (self.dir / "runs/config/trials").exists():
                time.sleep(0.02)
            err = self.run_program("sweep", "config.json", "sweep.parameters.training.epochs.values=[1]",
                                   'sweep={"parameters":{"seed":{"values":[1]}}}').stderr
            self.assertNotIn("not finished", err)  # it is at work
            self.assertEqual(self.query("SELECT count(*) FROM trials", "runs/config-2"), [(1,)])
            self.assertIn("another sweep is at work", self.run_program("resume", "runs/config", status=2).stderr)
        finally:
            process.terminate()
            process.wait()

    def test_a_trial_is_extended_elsewhere(self):
        self.write_sweep(grid(keep=2))
        self.sweep()
        before = self.contents("out")
        trial = os.readlink(self.dir / "out/best").split("/")[1]
        self.assertIn("out/best: completed already, 3 epochs", self.run_program("resume", "out/best").stdout)
        done = self.run_program("resume", "out/best", "training.epochs=40")
        name = f"runs/out-trial-{trial}"
        self.assertIn(f"chainrule: out/best stays as it is; this goes to {name}\nchainrule: trial {trial} of a sweep has no "
                      "checkpoint: training it anew, which gives the same bits\n", done.stderr)
        self.run_program("train", "out/best/config.json", "training.epochs=40", "-q", "-o", "alone")
        self.assertEqual((self.dir / name / "model.safetensors").read_bytes(),
                         (self.dir / "alone/model.safetensors").read_bytes())
        self.run_program("resume", f"out/trials/{trial}", "training.epochs=40", "-q", "-o", "named")
        self.run_program("resume", f"out/trials/{trial}", "training.epochs=40", "-q")
        self.assertEqual(sorted(os.listdir(self.dir / "runs")), [f"out-trial-{trial}", f"out-trial-{trial}-2"])
        self.assertIn("optimizer.learning_rate was", self.run_program("resume", "out/best", f"{RATE}=7", status=2).stderr)
        self.run_program("resume", name, "training.epochs=50")  # and is a run like others from then on
        self.assertEqual(self.contents("out"), before)
        self.assertEqual(len(os.listdir(self.dir / "runs")), 2)

    def test_a_trial_is_not_shortened(self):
        self.write_sweep(grid())
        self.sweep("-q")
        before = self.files()
        for epochs in (2, 3):
            message = self.run_program("resume", "out/best", f"training.epochs={epochs}", status=2).stderr
            self.assertIn(f"training.epochs={epochs}: the trial has 3 epochs behind it already; a larger number", message)
        self.assertEqual(self.files(), before)

    def test_a_trial_with_a_checkpoint_goes_on_from_it(self):
        self.write_sweep(Halving.SWEEP, training={"epochs": 18, "batch_size": 4})
        self.sweep()
        before = self.contents("out")
        done = self.run_program("resume", "out/best", "training.epochs=40", "-o", "longer")
        self.assertIn("going on from step 36\n", done.stderr)
        self.run_program("train", "out/best/config.json", "training.epochs=40", "-q", "-o", "alone")
        for file in ("model.safetensors", "best.safetensors", "config.json"):
            self.assertEqual((self.dir / "longer" / file).read_bytes(), (self.dir / "alone" / file).read_bytes(), file)
        self.assertEqual(self.contents("out"), before)


class Halving(SweepTest):
    SWEEP = {"method": "halving", "samples": 9, "min_epochs": 2,
             "parameters": {RATE: {"space": "loguniform", "lower": 0.001, "upper": 1}}}

    def write_halving(self, **more):
        self.write_sweep({**self.SWEEP, **more}, training={"epochs": 18, "batch_size": 4})

    def test_rungs(self):
        self.write_halving(metric="validation_loss")
        self.sweep()
        rungs = self.query("SELECT rung, epochs, count(*) FROM rungs GROUP BY rung ORDER BY rung")
        self.assertEqual(rungs, [(0, 2, 9), (1, 6, 3), (2, 18, 1)])
        for rung in 0, 1:  # those that went on are the best
            on = [t for t, in self.query(f"SELECT trial FROM rungs WHERE rung = {rung + 1}")]
            best = self.query(f"SELECT trial FROM rungs WHERE rung = {rung} ORDER BY value, trial")[:len(on)]
            self.assertEqual(sorted(on), sorted(t for t, in best))
        self.assertEqual(self.query("SELECT status, epochs, count(*) FROM trials GROUP BY 1, 2 ORDER BY 2"),
                         [("eliminated", 2, 6), ("eliminated", 6, 2), ("completed", 18, 1)])
        self.assertEqual(self.query("SELECT max(n) FROM (SELECT count(*) n FROM metrics GROUP BY trial)"), [(18,)])

    def test_survivors_go_on_where_they_were(self):
        self.write_halving()  # rungs end after 2, 6 and 18 epochs
        self.assertIn(f"({9 * 2 + 3 * (6 - 2) + 1 * (18 - 6)} epochs)", self.sweep().stdout)

    def test_survivors_have_the_bits_of_a_run_left_alone(self):
        self.write_halving()
        self.sweep()
        self.assertEqual(len(os.listdir(self.dir / "out/trials")), 1)
        self.run_program("train", "out/best/config.json", "-q", "-o", "alone")
        for name in ("model.safetensors", "best.safetensors"):
            self.assertEqual((self.dir / "out/best" / name).read_bytes(), (self.dir / "alone" / name).read_bytes())

    def test_repeats_and_folds(self):
        self.write_halving(repeats=2, folds=2)
        self.sweep()
        self.assertEqual(self.query("SELECT rung, count(*) FROM rungs GROUP BY rung"), [(0, 36), (1, 12), (2, 4)])
        ranked = self.runs()["settings"]
        self.assertEqual([s["epochs"] for s in ranked], [18] + [6] * 2 + [2] * 6)
        self.assertEqual({s["trials"] for s in ranked}, {4})

    def test_killed_and_gone_on_with(self):
        self.write_halving(repeats=3)
        kill_and_go_on(self, 5)
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(self.query("SELECT * FROM rungs"), self.query("SELECT * FROM rungs", "whole"))
        self.assertEqual(os.listdir(self.dir / "out/trials"), os.listdir(self.dir / "whole/trials"))

    def test_all_diverge(self):
        self.write_sweep({**self.SWEEP, "parameters": {RATE: {"space": "uniform", "lower": 2e38, "upper": 3e38}}},
                         training={"epochs": 18, "batch_size": 4})
        self.sweep()
        self.assertEqual(self.query("SELECT status, count(*) FROM trials GROUP BY 1"), [("diverged", 9)])
        self.assertFalse((self.dir / "out/best").is_symlink())
        self.assertIs(json.loads((self.dir / "out/sweep.json").read_text())["completed"], True)


def kill_and_go_on(test, kills, victim="parent", arguments=()):
    """Sweeps config.json into whole/; then into out/ again and again, killed at random moments, and to its end."""
    draws = random.Random(kills)
    killed = 0
    began = time.monotonic()
    test.sweep(directory="whole")
    whole = time.monotonic() - began
    for _ in range(kills):
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q", *arguments], cwd=test.dir,
                                   env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        time.sleep(draws.uniform(0, 1.5 * whole / kills))  # in all, about three quarters of the work
        if victim == "worker":
            found = children(process.pid)
            for pid in found[:1]:
                try:
                    os.kill(int(pid), signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
        else:
            killed += process.poll() is None
            process.kill()
        process.wait()
    test.sweep()
    return killed


class Faults(SweepTest):
    """Whatever happens, at most the trials that were running are lost."""

    def write_long(self, **more):
        self.write_sweep({"method": "random", "samples": 60, "parameters": {RATE: {"space": "loguniform", "lower": 0.001,
                                                                                   "upper": 1}}, **more},
                         training={"epochs": 4000, "batch_size": 4})

    def test_parent_killed_at_random(self):
        self.write_long()
        self.assertGreater(kill_and_go_on(self, KILLS), KILLS // 4)
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT trial) FROM trials WHERE status = 'completed'"),
                         [(60, 60)])
        self.assertEqual(os.listdir(self.dir / "out/trials"), os.listdir(self.dir / "whole/trials"))
        table = [self.run_program("runs", d, "--format", "csv", "--sort", "validation_loss").stdout for d in ("out", "whole")]
        strip = [[{k: v for k, v in row.items() if k not in ("time_s", "run")} for row in csv.DictReader(io.StringIO(t))]
                 for t in table]
        self.assertEqual(strip[0], strip[1])

    def test_workers_killed_at_random(self):
        self.write_long()
        kill_and_go_on(self, (KILLS + 1) // 2, victim="worker")
        self.assertEqual(self.results(), self.results("whole"))

    def test_killed_worker_is_named_and_tried_again(self):
        # the last trial takes for ever, until its worker is killed
        self.write_sweep({"parameters": {"training.epochs": {"values": [2, 100000000]}}})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-j", "2"], cwd=self.dir,
                                   env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:  # until the short one is done: then one worker is left
            found = children(process.pid)
            if len(found) == 1 and (self.dir / "out/sweep.db").exists() and \
                    self.query("SELECT count(*) FROM sqlite_master WHERE name = 'trials'") == [(1,)] and \
                    self.query("SELECT count(*) FROM trials") == [(1,)]:
                break
            time.sleep(0.02)
        os.kill(int(found[0]), signal.SIGKILL)
        err = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1, err)
        self.assertIn("1 trial failed", err)
        status, error = self.query("SELECT status, error FROM trials WHERE trial = 1")[0]
        self.assertEqual(status, "failed")
        self.assertIn("signal 9", error)
        self.assertIn("signal 9", self.run_program("runs", "out").stdout)

    def test_interrupt_is_clean(self):
        self.write_long()
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q"], cwd=self.dir,
                                       env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
            time.sleep(0.4)
            process.send_signal(number)
            err = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, status)
            self.assertRegex(err, r"interrupted: \d+ of 60 trials done; the same command goes on, or chainrule resume out\n")
        done = int(err.split("interrupted: ")[1].split()[0])
        self.assertEqual(self.query("SELECT count(*) FROM trials WHERE status = 'completed'"), [(done,)])
        self.sweep()
        self.assertEqual(self.query("SELECT count(*) FROM trials WHERE status = 'completed'"), [(60,)])

    def test_workers_end_with_their_parent(self):
        self.write_sweep({"parameters": {"training.epochs": {"values": [90000000, 100000000]}}})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q", "-j", "2"], cwd=self.dir,
                                   env=ENVIRONMENT)
        found = []
        while len(found) < 2:
            found = children(process.pid)
            time.sleep(0.02)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and any(pathlib.Path(f"/proc/{p}").exists() for p in found):
            time.sleep(0.02)
        self.assertFalse([p for p in found if pathlib.Path(f"/proc/{p}").exists()])

    def test_reading_after_a_kill_within_a_commit(self):
        """What was half written is rolled back by whoever reads first."""
        self.write_sweep({"parameters": {RATE: {"values": [0.1, 0.2, 0.3]}}})
        self.sweep()
        before = self.runs()
        script = ("import os, sqlite3\nd = sqlite3.connect('out/sweep.db')\nd.execute('PRAGMA cache_size = 1')\n"
                  "d.execute('DELETE FROM trials')\nd.execute('DELETE FROM metrics')\n"
                  "d.execute('CREATE TABLE more AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) "
                  "SELECT i, hex(zeroblob(100)) FROM n')\nos._exit(0)")
        subprocess.run([sys.executable, "-c", script], cwd=self.dir, check=True)
        self.assertGreater((self.dir / "out/sweep.db-journal").stat().st_size, 0)
        self.assertEqual(self.runs(), before)
        self.assertIn("completed  3/3 trials", self.run_program("watch", "out").stdout)

    def test_database_of_an_older_program(self):
        """It did not write when a trial ended."""
        self.write_sweep({"parameters": {RATE: {"values": [0.1, 0.2, 0.3]}}})
        began = time.time()
        self.sweep()
        ended = [row[0] for row in self.query("SELECT ended_s FROM trials")]
        self.assertTrue(all(began - 1 < when < time.time() + 1 for when in ended), ended)
        before = self.results(), self.run_program("runs", "out").stdout
        with contextlib.closing(sqlite3.connect(self.dir / "out/sweep.db")) as database:
            database.execute("ALTER TABLE trials DROP COLUMN ended_s")
        self.assertEqual((self.results(), self.run_program("runs", "out").stdout), before)
        self.run_program("watch", "out")
        with contextlib.closing(sqlite3.connect(self.dir / "out/sweep.db")) as database:
            database.execute("DELETE FROM trials WHERE trial = 1")
            database.commit()
        self.sweep()
        self.assertEqual(self.results(), before[0])
        self.assertEqual([row[0] is None for row in self.query("SELECT ended_s FROM trials ORDER BY trial")],
                         [True, False, True])

    def test_divergence_is_a_result(self):
        self.write_sweep({"repeats": 2, "parameters": {RATE: {"values": [0.1, 3e38]}}})
        self.assertIn("4 of 4 trials done", self.sweep().stdout)
        rows = self.query("SELECT status, value, error FROM trials ORDER BY trial")
        self.assertEqual([row[0] for row in rows], ["completed"] * 2 + ["diverged"] * 2)
        self.assertEqual([row[1] is None for row in rows], [False] * 2 + [True] * 2)
        self.assertIn("became NaN or infinite", rows[3][2])
        before = self.query("SELECT trial, time_s FROM trials")
        self.sweep()  # and is not tried again
        self.assertEqual(self.query("SELECT trial, time_s FROM trials"), before)
        out = self.run_program("runs", "out").stdout
        self.assertIn("2 diverged", out)
        self.assertRegex(out, r"(?m)^2 +- +0 of 2, diverged +3e\+38")

    def test_no_memory_in_one_trial(self):
        self.write_sweep({"parameters": {UNITS: {"values": [4, 50000000]}}})
        limit = ["sh", "-c", f'ulimit -v 4000000; exec {PROGRAM} sweep config.json -o out']
        done = subprocess.run(limit, cwd=self.dir, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        if "AddressSanitizer" in done.stderr:
            self.skipTest("AddressSanitizer needs more than this")
        if done.returncode == 2:  # checking the settings plans the network, and says the same at once
            self.assertIn("out of memory", done.stderr)
            return
        self.assertEqual(done.returncode, 1, done.stderr)
        rows = self.query("SELECT status, error FROM trials ORDER BY trial")
        self.assertEqual([row[0] for row in rows], ["completed", "failed"])
        self.assertIn("out of memory", rows[1][1])

    def test_full_disk(self):
        self.write_long()
        small = ["sh", "-c", f'ulimit -f 100; exec {PROGRAM} sweep config.json -o out']  # 512-byte blocks: 50 KiB a file
        done = subprocess.run(small, cwd=self.dir, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("out/sweep.db: cannot write:", done.stderr)
        count = self.query("SELECT count(*) FROM trials")[0][0]
        self.assertLess(count, 60)
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.sweep()
        self.sweep(directory="whole")
        self.assertEqual(self.results(), self.results("whole"))

    def test_second_sweep_in_the_same_directory(self):
        self.write_sweep({"parameters": {"training.epochs": {"values": [90000000]}}})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q"], cwd=self.dir, env=ENVIRONMENT)
        try:
            while not (self.dir / "out/trials").exists():
                time.sleep(0.02)
            self.assertIn(f"another sweep is at work in this directory; wait until it has finished, or stop it first: kill {process.pid}\n",
                          self.sweep(status=2).stderr)
            self.run_program("runs", "out")  # reading is no matter
        finally:
            process.terminate()
            process.wait()

    def test_runs_while_a_sweep_is_at_work(self):
        self.write_long()
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q"], cwd=self.dir, env=ENVIRONMENT)
        counts = []
        while process.poll() is None:
            if (self.dir / "out/trials").exists():
                counts.append(self.runs()["trials"])
        self.assertEqual(process.returncode, 0)
        self.assertEqual(counts, sorted(counts))
        self.assertEqual(self.runs()["trials"], 60)


class BadInput(SweepTest):
    def refuse(self, message, sweep=None, *arguments, status=2, **sections):
        self.write_sweep(sweep if sweep is not None else grid(), **sections)
        err = self.sweep(*arguments, status=status).stderr
        self.assertIn(message, err)
        self.assertFalse((self.dir / "out").exists())

    def parameter(self, path=RATE, method="random", **parameter):
        more = {"samples": 3} if method == "random" else {}
        return {"method": method, "parameters": {path: parameter}, **more}

    def test_paths(self):
        self.refuse('config.json:37:7: sweep.parameters.optimizer.rate: 1: unknown key "rate"',
                    self.parameter("optimizer.rate", "grid", values=[1]))
        self.refuse('there is no "9" to set something in', self.parameter("model.layers.9.units", "grid", values=[1]))
        self.refuse("the data is loaded once", self.parameter("data.normalize", "grid", values=["none"]))
        self.refuse("on one thread each; choose how many with -j", self.parameter("training.threads", "grid", values=[1]))
        self.refuse("a sweep cannot sweep itself", self.parameter("sweep.repeats", "grid", values=[1]))
        self.refuse("sweep.repeats takes seeds already", {**self.parameter("seed", "grid", values=[1]), "repeats": 2})
        self.refuse("successive halving chooses the epochs",
                    {**self.parameter("training.epochs", values=[1]), "method": "halving"})

    def test_long_values(self):
        """A parameter whose value is a list, too long for a message: the place inside of it is said."""
        layers = [{"type": "linear", "units": 4, "bais": True}, {"type": "relu"}, {"type": "linear", "name": "a_name_of_its_own"}]
        self.refuse("sweep.parameters.model.layers: 0.bais: unknown key \"bais\"; did you mean \"bias\"?",
                    self.parameter("model.layers", "grid", values=[layers]))

    def test_values(self):
        self.refuse("sweep.parameters.optimizer.learning_rate: the list of values is empty", self.parameter(values=[]))
        self.refuse("lower 2 is not below upper 1", self.parameter(space="uniform", lower=2, upper=1))
        self.refuse("expected a number above 0: the logarithm", self.parameter(space="loguniform", lower=0, upper=1))
        self.refuse('needs "lower" and "upper"', self.parameter(space="uniform", lower=2))
        self.refuse('remove "values" or "space"', self.parameter(space="uniform", lower=1, upper=2, values=[1]))
        self.refuse("expected whole numbers", self.parameter(UNITS, space="integer", lower=1.5, upper=3))
        self.refuse('a grid has no end over the space "uniform"', self.parameter(method="grid", space="uniform", lower=0, upper=1))
        self.refuse('expected "values"', self.parameter())
        self.refuse('unknown space "log_uniform"', self.parameter(space="log_uniform", lower=1, upper=2))
        self.refuse("sweep.parameters.model.layers.0.units: found 0, expected a whole number from 1",
                    self.parameter(UNITS, "grid", values=[4, 0]))
        self.refuse("the data was loaded for targets that are classes", self.parameter("loss.type", "grid", values=["softmax", "l2"]))

    def test_numbers(self):
        self.refuse("4000000 trials (2000000 settings, 2 of each), expected at most 1000000",
                    {"repeats": 2, "parameters": {UNITS: {"values": [1, 2]},
                                                  "training.epochs": {"space": "integer", "lower": 1, "upper": 1000000}}})
        self.refuse('the key "samples" is missing', {"method": "random"})
        self.refuse("11 folds of 10 rows; take fewer folds", {"folds": 11})
        self.refuse("expected at most training.epochs, which is 3", {"method": "halving", "samples": 9, "min_epochs": 4})
        self.refuse("sweep.metric: there is no validation_rmse with this loss", {"metric": "validation_rmse"})
        self.refuse("there is no validation part to take validation_accuracy of", {},
                    data={k: v for k, v in CONFIG["data"].items() if k != "validation"})
        self.refuse("--shard 3/2: expected K/N", None, "--shard", "3/2")
        self.refuse("-j 0: expected a whole number", None, "-j", "0")
        self.refuse("it has no shards", {"method": "halving", "samples": 3}, "--shard", "1/2")

    def test_no_section(self):
        self.write_example()
        self.assertIn("sweep: this section is missing", self.sweep(status=2).stderr)

    def test_directories_of_others(self):
        self.write_sweep(grid())
        self.train()
        before = self.files()
        self.assertIn("it exists already, and holds no sweep", self.sweep(directory="run", status=2).stderr)
        self.assertEqual(self.files(), before)
        self.sweep()
        rows = self.results()
        self.assertIn("it holds another sweep", self.sweep("training.epochs=4", status=2).stderr)
        self.write("table.csv", (self.dir / "table.csv").read_text().replace("1,2,red", "1,2,blue"))
        self.assertIn("it holds another sweep", self.sweep(status=2).stderr)
        self.assertEqual(self.results(), rows)

    def test_files_that_are_no_database(self):
        self.write_sweep(grid())
        self.write("out/sweep.db", "no database at all, but long enough to be looked at" * 100)
        for command in (["sweep", "config.json", "-o", "out"], ["runs", "out"]):
            self.assertIn("it is not the database of a sweep, or damaged", self.run_program(*command, status=2).stderr)
        (self.dir / "out/sweep.db").write_bytes(b"")
        self.assertIn("there is no sweep in it", self.run_program("runs", "out", status=2).stderr)
        self.sweep()  # an empty one was left by a sweep that was killed at once
        connection = sqlite3.connect(self.dir / "out/sweep.db")
        connection.execute("PRAGMA user_version = 7")
        connection.close()
        for command in (["sweep", "config.json", "-o", "out"], ["runs", "out"]):
            self.assertIn("its format is version 7, but this program knows version 1",
                          self.run_program(*command, status=2).stderr)

    def test_moved_files_are_the_same_sweep(self):
        self.write_sweep(grid())
        self.sweep()
        (self.dir / "table.csv").rename(self.dir / "moved.csv")
        before = self.query("SELECT trial, time_s FROM trials")
        self.sweep("data.train=moved.csv")
        self.assertEqual(self.query("SELECT trial, time_s FROM trials"), before)


class Runs(SweepTest):
    def test_statistics_are_those_of_python(self):
        self.write_sweep(grid(repeats=5), training={"epochs": 5, "batch_size": 4})
        self.sweep()
        values = {}
        for parameters, value in self.query("SELECT parameters, validation_loss FROM trials ORDER BY trial"):
            values.setdefault(parameters, []).append(value)
        ranked = self.runs("out", "--sort", "validation_loss")
        self.assertEqual((ranked["metric"], ranked["goal"]), ("validation_loss", "minimize"))
        expected = sorted(values, key=lambda p: statistics.mean(values[p]))
        self.assertEqual([json.dumps(s["parameters"], separators=(",", ":")) for s in ranked["settings"]], expected)
        best = values[expected[0]]
        for s, key in zip(ranked["settings"], expected):
            self.assertAlmostEqual(s["mean"], statistics.mean(values[key]), places=12)
            self.assertAlmostEqual(s["standard_deviation"], statistics.stdev(values[key]), places=12)
            differences = [a - b for a, b in zip(best, values[key])]
            error = statistics.stdev(differences) / math.sqrt(5)
            self.assertEqual(s["tied"], key != expected[0] and abs(statistics.mean(differences)) <= 2 * error)
        out = self.run_program("runs", "out", "--sort", "validation_loss").stdout
        for path in RATE, UNITS:
            for value in {json.loads(k)[path] for k in values}:
                mean = statistics.mean(statistics.mean(v) for k, v in values.items() if json.loads(k)[path] == value)
                self.assertRegex(out, rf"{path}:.*  {value} {mean:.4f} \(\d\)")

    def test_border(self):
        sweep = {"metric": "train_loss", "parameters": {RATE: {"values": [0.0001, 0.001, 0.01]},
                                                        "regularization.l2": {"values": [0, 10, 100]}}}
        self.write_sweep(sweep)
        self.sweep()
        err = self.run_program("runs", "out").stderr
        self.assertIn("the best optimizer.learning_rate, 0.01, lies at the upper end of its range; widen it there", err)
        self.assertNotIn("regularization", err)  # nothing lies below 0
        self.write_sweep({"metric": "train_loss", "method": "random", "samples": 40, "parameters": {
            RATE: {"space": "loguniform", "lower": 1e-5, "upper": 0.01}}})
        self.sweep(directory="drawn")
        self.assertIn("upper end of its range", self.run_program("runs", "drawn").stderr)

    def test_single_runs(self):
        self.write_example()
        for i, (rate, seed) in enumerate(itertools.product([0.01, 0.3], [1, 2])):
            self.run_program("train", "config.json", "-q", "-o", f"runs/{i}", f"{RATE}={rate}", f"seed={seed}")
        self.write("runs/unfinished/config.json", "{}")
        ranked = self.runs("runs", "--sort", "train_loss")
        self.assertEqual([s["parameters"] for s in ranked["settings"]], [{RATE: 0.3}, {RATE: 0.01}])
        self.assertEqual([s["trials"] for s in ranked["settings"]], [2, 2])
        losses = [json.loads((self.dir / f"runs/{i}/summary.json").read_text())["train"]["loss"] for i in (2, 3)]
        self.assertAlmostEqual(ranked["settings"][0]["mean"], statistics.mean(losses), places=12)
        named = self.runs("runs/0", "runs/1", "runs/2", "runs/3", "--sort", "train_loss")
        self.assertEqual(named["settings"], ranked["settings"])
        self.assertEqual(self.runs("runs/0")["settings"][0]["run"], "runs/0")

    def test_all_that_a_directory_holds(self):
        """Runs and sweeps with their state, of which a living process is told by its lock."""
        self.write_sweep(grid())
        self.run_program("sweep", "config.json", "-o", "runs/swept", "seed=3")
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "runs/cut", "-q", "training.epochs=100000000"],
                                   cwd=self.dir, env=ENVIRONMENT)
        while not (self.dir / "runs/cut/sweep.json").exists():
            time.sleep(0.01)
        process.kill()
        process.wait()
        self.run_program("train", "config.json", "-q", "-o", "runs/done")
        self.run_program("train", "config.json", "-q", "-o", "runs/bad", f"{RATE}=3e38", status=1)
        long = ["-q", "training.epochs=100000000", "training.checkpoint_seconds=0"]
        processes = {name: subprocess.Popen([PROGRAM, "train", "config.json", "-o", f"runs/{name}", *long], cwd=self.dir,
                                            env=ENVIRONMENT) for name in ("killed", "alive")}
        sweeping = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "runs/busy", *long], cwd=self.dir, env=ENVIRONMENT)
        try:
            for name in processes:
                metrics = self.dir / f"runs/{name}/metrics.csv"
                while not (metrics.exists() and metrics.read_text().count("\n") > 2):
                    time.sleep(0.01)
            processes["killed"].kill()
            processes["killed"].wait()
            while not (self.dir / "runs/busy/sweep.json").exists():
                time.sleep(0.01)
            deadline = time.monotonic() + 20  # workers of the sweep that was killed notice within a moment
            ranked = self.runs("runs")
            table = self.run_program("runs", "runs").stdout
            busy = self.run_program("runs", "runs/busy").stdout
            rows = [*csv.DictReader(io.StringIO(self.run_program("runs", "runs", "--format", "csv").stdout))]
        finally:
            for running in (sweeping, *processes.values()):
                running.terminate()
                running.wait()
        self.assertLess(time.monotonic(), deadline)
        states = {s["run"]: (s["state"], s["mean"] is None) for s in ranked["settings"]}
        self.assertEqual(states, {"runs/done": ("completed", False), "runs/bad": ("diverged", True),
                                  "runs/killed": ("interrupted", True), "runs/alive": ("running", True)})
        sweeps = {s["directory"]: (s["state"], s["done"], s["trials"]) for s in ranked["sweeps"]}
        self.assertEqual(sweeps, {"runs/busy": ("running", 0, 6), "runs/cut": ("interrupted", 0, 6),
                                  "runs/swept": ("completed", 6, 6)})
        self.assertEqual({r["run"]: r["state"] for r in rows},
                         {k: v[0] for k, v in states.items()} | {k: v[0] for k, v in sweeps.items()})
        best = [s for s in ranked["sweeps"] if s["directory"] == "runs/swept"][0]
        swept = self.runs("runs/swept")
        self.assertEqual((best["metric"], best["best"], best["overrides"]),
                         ("validation_accuracy", swept["settings"][0]["mean"], "seed=3"))
        self.assertEqual(swept["sweeps"], [{"directory": "runs/swept", "state": "completed", "done": 6, "trials": 6, "failed": 0,
                                            "overrides": "seed=3"}])
        self.assertIn("4 runs of 4 settings, 1 running, 1 interrupted, 1 diverged; by validation_accuracy, the highest first\n",
                      table)
        self.assertRegex(table, r"(?m)^\d +- +running .* \d+ of 100000000 .* runs/alive$")
        self.assertIn("chainrule resume MODEL goes on with what was interrupted\n", table)
        self.assertIn("3 sweeps; chainrule runs SWEEP ranks its trials\n", table)
        self.assertRegex(table, r"(?m)^runs/cut +interrupted +0 of 6 +training.epochs=100000000$")
        self.assertRegex(table, r"(?m)^runs/swept +completed +6 of 6 +\d\.\d{4} +validation_accuracy +seed=3$")
        self.assertIn("runs/busy: running, 0 of 6 trials done\n", busy)
        self.assertIn("runs/cut: interrupted after 0 of 6 trials; chainrule resume runs/cut goes on\n",
                      self.run_program("runs", "runs/cut").stdout)
        self.write("sweeps/broken/sweep.db", "")  # does not hide the others
        shutil.copytree(self.dir / "runs/swept", self.dir / "sweeps/swept", symlinks=True)
        out = self.run_program("runs", "sweeps").stdout
        self.assertTrue(out.startswith("2 sweeps;"), out)
        self.assertRegex(out, r"(?m)^sweeps/broken +unreadable$")

    def test_failed_sweep_is_said_to_have_failed(self):
        self.write_sweep({"parameters": {"log": {"values": [None]}}, "metric": "validation_roc_auc"},
                         log={"metrics": ["validation_roc_auc"]})
        self.sweep(status=1)
        self.assertIn("out: failed after 0 of 1 trials; chainrule resume out goes on\n", self.run_program("runs", "out").stdout)
        self.assertEqual(self.runs()["sweeps"][0]["state"], "failed")

    def test_like_runs_in_different_states(self):
        self.write_example()
        for name in "abc":
            self.run_program("train", "config.json", "-q", "-o", f"runs/{name}", f"seed={ord(name)}")
        summary = json.loads((self.dir / "runs/b/summary.json").read_text())
        self.write("runs/b/summary.json", {**summary, "status": "stopped_early"})
        (self.dir / "runs/c/summary.json").unlink()
        ended, cut = self.runs("runs")["settings"]  # what is not finished is not hidden behind what is
        self.assertEqual((ended["state"], ended["trials"]), ("1 completed, 1 stopped_early", 2))
        self.assertEqual((cut["state"], cut["trials"], cut["run"], cut["mean"]), ("interrupted", 1, "runs/c", None))
        out = self.run_program("runs", "runs").stdout
        self.assertRegex(out, r"(?m)^1 +\S+ ± \S+ +2 +1 completed, 1 stopped_early ")
        self.assertRegex(out, r"(?m)^2 +- +1 +interrupted .* runs/c$")

    def test_the_table_fits_the_line(self):
        """Of unrelated runs it has what most have, and says what it leaves out; CSV has all, at full length."""
        names = ["a" * 60, "b" * 60, "c"]
        self.write_example()
        for i, name in enumerate(names):
            self.write(f"{name}/table.csv", (self.dir / "table.csv").read_text())
            layers = [{"type": "linear", "units": 2 + i, "name": f"layer_with_a_long_name_{i}_{k}"} for k in range(4 + i)]
            self.run_program("train", "config.json", "-q", "-o", f"runs/{i}", f"data.train={name}/table.csv",
                             f"model.layers={json.dumps([*layers, {'type': 'linear'}])}", f"training.batch_size={i + 2}",
                             f'optimizer={{"type": "{["sgd", "adam", "rmsprop"][i]}", "learning_rate": 0.0{i + 1}}}')
        out = self.run_program("runs", self.dir / "runs").stdout
        self.assertLessEqual(max(map(len, out.splitlines())), 120)
        self.assertRegex(out, r" …a+/table\.csv ")
        self.assertRegex(out, r" c/table\.csv ")  # from where we are
        self.assertRegex(out, r"(?m) runs/0$")
        self.assertNotIn(str(self.dir), out)
        self.assertNotRegex(out, r"(?m)^rank.* (runs|state|trials) ")  # as they are everywhere
        hidden = int(re.search(r"… and (\d+) more values that differ", out)[1])
        rows = [*csv.DictReader(io.StringIO(self.run_program("runs", "runs", "--format", "csv").stdout))]
        self.assertEqual({r["data.train"] for r in rows}, {str(self.dir.resolve() / name / "table.csv") for name in names})
        parameters = [*rows[0]][6:-5]
        heading = next(line for line in out.splitlines() if line.startswith("rank"))
        shown = len(heading.split()) - len(["rank", "validation_accuracy", "epochs", "time_s", "model"])
        self.assertEqual(shown + hidden, len(parameters))
        self.assertGreater(shown, 2)

    def test_unrelated_runs_say_what_they_learned_from(self):
        """A folder, a table and arrays of a name stand in one column, and what is in a list has the list's name."""
        self.write_example()
        for name, level in (("dark", 10), ("light", 200)):
            for i in range(4):
                self.write(f"pets/{name}/{i}.pgm", b"P5 2 2 255\n" + bytes([level + i] * 4))
        self.run_program("train", "config.json", "-q", "-o", "runs/table")
        for std in (1, 2):
            self.run_program("train", "config.json", "-q", "-o", f"runs/pets{std}", 'data={"train": {"folder": "pets"}, '
                             f'"validation": {{"fraction": 0.5}}, "augment": [{{"type": "noise", "std": {std}}}]}}')
        heads, *rows = self.run_program("runs", "runs").stdout.splitlines()[2:6]
        self.assertEqual(heads.split()[:3], ["rank", "validation_accuracy", "data"])
        self.assertEqual({row.split()[-1]: row.replace(" ≈", "").split()[2] for row in rows},
                         {"runs/table": "table.csv", "runs/pets1": "pets", "runs/pets2": "pets"})
        self.assertIn(" augment.0.std ", heads)
        self.assertNotIn("name", heads.replace("layers.", ""))
        self.run_program("train", "config.json", "-q", "-o", "like/1")
        self.run_program("train", "config.json", "-q", "-o", "like/2", 'optimizer={"type": "adam", "learning_rate": 0.1}')
        heads = self.run_program("runs", "like").stdout.splitlines()[1]
        self.assertNotIn("data", heads)
        self.assertIn(" optimizer.type ", heads)

    def test_single_runs_of_all_kinds(self):
        """Ranked by what was logged; what has no such value is said to have none, and no metric is invented."""
        self.write_example(log={"metrics": ["validation_f1", "validation_log_loss"]}, early_stopping={"patience": 2})
        for rate in (0.01, 0.3):
            self.run_program("train", "config.json", "-q", "-o", f"runs/{rate}", f"{RATE}={rate}", "training.epochs=20")
        for name in ("x", "y"):  # two like runs are two
            self.run_program("train", "config.json", "-q", "-o", f"runs/{name}", "data.target=width", "data.ignore=[\"color\"]",
                             "loss.type=l2", "log=null", "early_stopping=null")
        for metric, maximize in (("validation_f1", True), ("validation_log_loss", False)):
            ranked = self.runs("runs", "--sort", metric)
            self.assertEqual(ranked["goal"], "maximize" if maximize else "minimize")
            expected = []
            for rate in (0.01, 0.3):  # the model is that of the best epoch
                epoch = json.loads((self.dir / f"runs/{rate}/summary.json").read_text())["best"]["epoch"]
                with open(self.dir / f"runs/{rate}/metrics.csv") as file:
                    expected.append(float([*csv.DictReader(file)][epoch - 1][metric]))
            self.assertEqual([s["mean"] for s in ranked["settings"][:2]], sorted(expected, reverse=maximize))
            self.assertIsNone(ranked["settings"][2]["mean"])
        done = self.run_program("runs", "runs", "--sort", "validation_f1")
        self.assertRegex(done.stdout, r"(?m)^3 +- +0 of 2, no value")
        self.assertNotIn("failed", done.stdout)
        self.assertNotIn("mean validation_f1", done.stdout)  # over what nobody varied
        self.assertEqual(done.stderr, "")
        self.assertRegex(done.stdout, r"… and \d+ more values that differ \([a-z.0]+, .*\); --format csv has all\n")
        self.assertIn("--sort bogus: no run has it", self.run_program("runs", "runs", "--sort", "bogus", status=2).stderr)

    def test_csv_reads_back(self):
        self.write_sweep({"parameters": {"model.layers.1.type": {"values": ["relu", "tanh"]},
                                         "model.layers.0.init": {"values": [{"type": "normal", "std": 0.1}, "he"]}}})
        self.sweep()
        rows = list(csv.DictReader(io.StringIO(self.run_program("runs", "out", "--format", "csv").stdout)))
        ranked = self.runs()["settings"]
        self.assertEqual([float(r["validation_accuracy"]) for r in rows], [s["mean"] for s in ranked])
        self.assertEqual({r["model.layers.1.type"] for r in rows}, {"relu", "tanh"})
        self.assertEqual({r["model.layers.0.init"] for r in rows}, {'{"type":"normal","std":0.1}', "he"})

    def test_top_and_usage(self):
        self.write_sweep(grid())
        self.sweep()
        out = self.run_program("runs", "out", "--top", "2").stdout
        self.assertIn("… and 4 more; --top 6 shows all", out)
        for arguments, message in ((["out", "--format", "xml"], 'unknown format "xml"'), ([], "which DIR?"),
                                   (["out", "--top", "0"], "--top 0: expected"),
                                   (["out", "--sort", "loss"], 'unknown metric "loss"'),
                                   (["nowhere"], "neither a sweep, nor a run")):
            self.assertIn(message, self.run_program("runs", *arguments, status=2).stderr)


if __name__ == "__main__":
    main()
