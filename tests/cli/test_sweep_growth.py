"""Sweeps that grow: one directory after a larger and a larger sweep, with what is done kept and nothing done twice."""

import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import test_sweep  # noqa: E402
from program import kills  # noqa: E402
from test_sweep import ENVIRONMENT, PROGRAM, RATE, UNITS, main  # noqa: E402

KILLS = kills(15)
L2 = "regularization.l2"


def listed(**parameters):
    return {"keep": 2, "parameters": {path: {"values": values} for path, values in parameters.items()}}


def drawn(samples, lower, upper, method="random", **more):
    return {"method": method, "samples": samples, "keep": 2,
            "parameters": {RATE: {"space": "loguniform", "lower": lower, "upper": upper}, **more}}


SMALL = listed(**{RATE: [0.1, 0.5], UNITS: [2, 4]})
LARGE = {**listed(**{RATE: [0.01, 0.1, 0.5], L2: [0, 0.01], UNITS: [4, 2]}), "repeats": 2}


class Growing(test_sweep.SweepTest):
    def begin(self, sweep, *arguments, **sections):
        self.write_sweep(sweep, **sections)
        return self.sweep("-j", "1", *arguments)

    def results(self, directory="out"):
        """With resolved configs as values: a default stands elsewhere than what an override sets."""
        trials, metrics = super().results(directory)
        return [[json.loads(v) if k == 7 else v for k, v in enumerate(row)] for row in trials], metrics

    def times(self, directory="out"):
        return dict(self.query("SELECT hash, time_s FROM trials", directory))

    def kept(self, directory="out"):
        return {name: (self.dir / directory / "trials" / name / "model.safetensors").read_bytes()
                for name in os.listdir(self.dir / directory / "trials")}

    def grow(self, small, large, **sections):
        """Grows, and compares with the larger sweep that is begun as such; returns how many trials ran."""
        self.begin(small, **sections)
        before = self.times()
        done = self.begin(large, **sections)
        self.assertIn(f"chainrule: out: the sweep grows; {len(before)} trials that ended stay as they are\n", done.stderr)
        after = self.times()
        self.assertEqual({h: after[h] for h in before}, before)
        self.sweep("-j", "1", directory="whole")
        return len(after) - len(before)


class Grid(Growing):
    def test_more_of_everything_is_the_larger_sweep(self):
        self.assertEqual(self.grow(SMALL, LARGE), 24 - 4)
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(self.kept(), self.kept("whole"))
        self.assertEqual(os.readlink(self.dir / "out/best"), os.readlink(self.dir / "whole/best"))
        self.assertEqual(sorted(os.listdir(self.dir / "out/.made")), sorted(os.listdir(self.dir / "whole/.made")))
        columns = "name, metric, settings, repeats, trials, identity, config"
        self.assertEqual(self.query(f"SELECT {columns} FROM sweep"), self.query(f"SELECT {columns} FROM sweep", "whole"))
        self.assertEqual(self.query("SELECT * FROM results WHERE trial = 0")[0][5:8],
                         self.query("SELECT * FROM results WHERE trial = 0", "whole")[0][5:8])
        self.assertEqual(self.query("SELECT count(*) FROM moves"), [(0,)])
        self.assertEqual(sorted(os.listdir(self.dir / "out")), sorted(os.listdir(self.dir / "whole")))

    def test_a_grown_sweep_is_gone_on_with(self):
        self.begin(SMALL)
        self.write_sweep(LARGE)
        before = self.times()
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-j", "1", "-q"], cwd=self.dir, env=ENVIRONMENT,
                                   stderr=subprocess.DEVNULL)
        while process.poll() is None and self.query("SELECT count(*) FROM trials")[0][0] < 6:
            time.sleep(0.001)
        process.kill()
        process.wait()
        self.write_sweep(SMALL)  # resume knows what it has become
        done = self.run_program("resume", "out", "-j", "1")
        self.assertIn("24 of 24 trials done", done.stdout)
        self.assertNotIn("grows", done.stderr)
        self.assertEqual({h: t for h, t in self.times().items() if h in before}, before)
        self.write_sweep(LARGE)
        self.sweep("-j", "1", directory="whole")
        self.assertEqual(self.results(), self.results("whole"))
        self.assertIn("holds another sweep", self.run_program("resume", "out", "sweep.repeats=1", status=2).stderr)

    def test_resume_grows_by_an_override(self):
        self.begin(SMALL)
        self.assertIn("8 of 8 trials done", self.run_program("resume", "out", "sweep.repeats=2").stdout)
        self.assertIn("8 of 8 trials done", self.run_program("resume", "out").stdout)

    def test_interrupted_sweeps_grow(self):
        self.begin(SMALL)
        connection = sqlite3.connect(self.dir / "out/sweep.db")
        connection.execute("DELETE FROM trials WHERE trial IN (0, 3)")  # as if it had been stopped before
        connection.commit()
        connection.close()
        self.begin(LARGE)
        self.sweep("-j", "1", directory="whole")
        self.assertEqual(self.results()[0], self.results("whole")[0])

    def test_killed_while_it_grows(self):
        self.begin(SMALL)
        shutil.copytree(self.dir / "out", self.dir / "base", symlinks=True)
        before = self.times()
        self.write_sweep(LARGE)
        began = time.monotonic()
        self.sweep("-j", "1", directory="whole")
        whole, draws, killed = time.monotonic() - began, random.Random(1), 0
        for _ in range(KILLS):
            shutil.rmtree(self.dir / "out")
            shutil.copytree(self.dir / "base", self.dir / "out", symlinks=True)
            process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-o", "out", "-q", "-j", "1"], cwd=self.dir,
                                       env=ENVIRONMENT, stderr=subprocess.DEVNULL)
            time.sleep(draws.uniform(0, whole / 2))
            killed += process.poll() is None
            process.kill()
            process.wait()
            self.sweep("-j", "1")
            after = self.times()
            self.assertEqual({h: after[h] for h in before}, before)
            self.assertEqual(self.results(), self.results("whole"))
            self.assertEqual(self.kept(), self.kept("whole"))
        self.assertGreater(killed, KILLS // 4)

    def test_what_is_no_part_is_refused(self):
        self.begin({**SMALL, "repeats": 2}, "training.epochs=2")
        before, files = self.results(), self.files()

        def refuse(sweep, *arguments, change=lambda text: text):
            self.write_sweep(sweep)
            self.write("table.csv", change((self.dir / "table.csv").read_text()))
            err = self.sweep("training.epochs=2", *arguments, status=2).stderr
            self.assertIn("out: it holds another sweep: ", err)
            return err.split("another sweep: ")[1].split("; chainrule sweep")[0]

        two = {**SMALL, "repeats": 2}
        self.assertEqual(refuse({**listed(**{RATE: [0.1, 0.4], UNITS: [2, 4]}), "repeats": 2}),
                         f"sweep.parameters.{RATE} has not the value 0.5, which it had")
        self.assertEqual(refuse({**listed(**{RATE: [0.1, 0.5]}), "repeats": 2}), f"sweep.parameters.{UNITS} is left out")
        self.assertEqual(refuse(SMALL), "sweep.repeats was 2 and is 1; a sweep can grow, and not shrink")
        self.assertEqual(refuse({**two, "metric": "validation_loss"}), "sweep.metric was validation_accuracy (maximize) and is "
                         "validation_loss (minimize), by which its trials are not judged")
        self.assertRegex(refuse({**two, "folds": 2}), "^sweep.folds was 0 and is 2; other folds are other splits")
        self.assertEqual(refuse({**listed(**{RATE: [0.1, 0.5], UNITS: [2, 4], L2: [0.1, 0.2]}), "repeats": 2}),
                         f"sweep.parameters.{L2} has not the value 0, which its trials have")
        self.assertEqual(refuse({**two, "method": "halving", "samples": 9}),
                         "sweep.method was grid and is halving, which has no use for its trials")
        self.assertRegex(refuse({**two, "repeats": 3}, "seed=7"), "seed was left out and is 7")
        self.assertRegex(refuse({**two, "repeats": 3}, "--shard", "1/2"), "the shard was 1/1 and is 1/2")
        self.assertRegex(refuse({**two, "repeats": 3}, "optimizer.momentum=0.5"), "optimizer.momentum was left out and is 0.5")
        self.assertEqual(refuse(two, change=lambda text: text.replace("1,2,red", "1,2,blue")),
                         "the content of its data was another; with the files as they were it goes on")
        self.assertRegex(refuse({**two, "repeats": 3}, change=lambda text: text.replace("1,2,red", "1,2,blue")),
                         "^the content of its data was another; with the files as they were it goes on$")
        self.assertEqual(self.results(), before)
        self.assertEqual(self.files(), files)

    def test_a_parameter_that_had_another_value(self):
        """The config's own value is of no matter where a parameter takes its place."""
        self.begin(SMALL)
        more = {L2: [0.01, 0], "optimizer.momentum": [0, 0.5], "training.shuffle": [True]}
        self.write_sweep(listed(**{RATE: [0.1, 0.5], UNITS: [2, 4], **more}), regularization={"l2": 0.01})
        done = self.sweep()
        self.assertIn("4 trials that ended stay", done.stderr)
        self.assertIn("16 of 16 trials done", done.stdout)

    def test_without_o_another_directory(self):
        self.write_sweep(SMALL)
        self.run_program("sweep", "config.json", "-q")
        self.write_sweep(LARGE)
        self.assertIn("another sweep, in runs/config-2", self.run_program("sweep", "config.json", "-q").stderr)


class Drawn(Growing):
    def values(self, directory="out"):
        return [json.loads(p)[RATE] for p, in self.query("SELECT parameters FROM trials ORDER BY trial", directory)]

    def test_more_samples(self):
        self.assertEqual(self.grow(drawn(5, 0.01, 1), drawn(9, 0.01, 1)), 4)
        self.assertEqual(self.results(), self.results("whole"))

    def test_wider_ranges(self):
        """Those that are done take the places of draws that could have been done before, as long as there are such."""
        for samples in 60, 24:
            with self.subTest(samples=samples):
                for name in "out", "whole":
                    shutil.rmtree(self.dir / name, ignore_errors=True)
                self.assertEqual(self.grow(drawn(20, 0.01, 0.1), drawn(samples, 0.001, 1)), samples - 20)
                old, new, whole = self.values()[:20], self.values()[20:], self.values("whole")
                self.assertTrue(all(0.01 <= v <= 0.1 for v in old))
                expected, left = [], 20
                for value in whole:
                    if 0.01 <= value <= 0.1 and left > 0:
                        left -= 1
                    elif len(expected) < samples - 20:
                        expected.append(value)
                self.assertEqual(new, expected)
                self.assertEqual(self.query("SELECT count(*), max(setting) FROM settings"), [(samples, samples - 1)])
                before = self.times()
                self.assertIn(f"{samples} of {samples} trials done", self.sweep().stdout)  # it is this very sweep now
                self.run_program("resume", "out")
                self.assertEqual(self.times(), before)
        self.begin(drawn(30, 0.001, 1))  # and grows again, by draws of its own
        self.assertEqual(self.times() | before, self.times())
        self.assertEqual(self.values()[24:], self.sweep_values(drawn(30, 0.001, 1))[24:])

    def sweep_values(self, sweep):
        self.write_sweep(sweep)
        self.sweep("-q", directory="fresh")
        return self.values("fresh")

    def test_new_parameter_and_method(self):
        self.begin(SMALL)
        before = self.times()
        self.begin(drawn(10, 0.01, 1, **{UNITS: {"values": [8, 4, 2]}, L2: {"space": "uniform", "lower": 0, "upper": 1}}))
        self.assertEqual(self.times() | before, self.times())
        self.assertEqual(self.query("SELECT count(*) FROM trials"), [(10,)])
        rows = [json.loads(p) for p, in self.query("SELECT parameters FROM trials ORDER BY trial")]
        self.assertEqual([(r[RATE], r[UNITS], r[L2]) for r in rows[:4]], [(0.1, 2, 0), (0.1, 4, 0), (0.5, 2, 0), (0.5, 4, 0)])
        self.begin_in("grid", SMALL)
        self.write_sweep(drawn(3, 0.01, 1, **{UNITS: {"values": [2, 4]}}))
        self.assertIn("more settings are done than sweep.samples, which is 3", self.sweep(directory="grid", status=2).stderr)

    def begin_in(self, directory, sweep):
        self.write_sweep(sweep)
        self.sweep("-q", directory=directory)

    def test_narrower_is_refused(self):
        self.begin(drawn(5, 0.01, 1))
        for sweep, message in ((drawn(5, 0.02, 1), "was 0.01 to 1 and is 0.02 to 1, which is not wider"),
                               (drawn(4, 0.01, 1), "sweep.samples was 5 and is 4"),
                               ({**drawn(5, 0.01, 1), "seed": 2}, "sweep.seed was 1 and is 2, which draws other settings"),
                               (listed(**{RATE: [0.1]}), "sweep.method was random and is grid")):
            self.write_sweep(sweep)
            self.assertIn(message, self.sweep(status=2).stderr)

    def test_halving(self):
        """Rungs that are the same have their results; who goes on is decided anew."""
        long = {"training": {"epochs": 18, "batch_size": 4}}
        small = {**drawn(9, 0.001, 1, "halving"), "min_epochs": 2}
        self.begin(small, **long)
        rungs = self.query("SELECT trial, rung, epochs, value FROM rungs")
        self.begin({**small, "samples": 18}, **long)
        after = self.query("SELECT trial, rung, epochs, value FROM rungs")
        self.assertEqual([r for r in rungs if r not in after], [])
        self.assertEqual(self.query("SELECT rung, count(*) FROM rungs WHERE rung = 0 GROUP BY rung"), [(0, 18)])
        self.sweep("-j", "1", directory="whole")
        self.assertEqual(self.query("SELECT trial, rung, epochs, value FROM rungs WHERE rung = 0"),
                         self.query("SELECT trial, rung, epochs, value FROM rungs WHERE rung = 0", "whole"))
        self.assertEqual((self.dir / "out/best/model.safetensors").read_bytes(),
                         (self.dir / "whole/best/model.safetensors").read_bytes())
        for change, message in ({"factor": 2}, "sweep.factor was 3 and is 2, which makes other rungs"), \
                               ({"min_epochs": 3}, 'the first rung ends after 6 epochs, but that of what is done after 2; '
                                                   '"min_epochs": 2 in "sweep" keeps it'):
            self.write_sweep({**small, "samples": 18, **change}, **long)
            self.assertIn(message, self.sweep(status=2).stderr)
        self.write_sweep({**small, "samples": 3}, **long)
        self.sweep("-q", directory="few")
        self.write_sweep(small, **long)
        self.assertIn('the first rung ends after 2 epochs, but that of what is done after 6; "min_epochs": 6 in "sweep" keeps it',
                      self.sweep(directory="few", status=2).stderr)
        self.write_sweep({**small, "min_epochs": 6}, **long)
        self.sweep("-j", "1", directory="few")
        self.sweep("-j", "1", directory="few_at_once")
        self.assertEqual(self.query("SELECT rung, epochs FROM rungs GROUP BY rung", "few"),
                         self.query("SELECT rung, epochs FROM rungs GROUP BY rung", "few_at_once"))


class Retry(Growing):
    """A trial of these fails each time, since its log has not the metric."""
    SWEEP = {"metric": "validation_roc_auc", "keep": 0,
             "parameters": {"log": {"values": [None, {"metrics": ["validation_roc_auc"]}]}, RATE: {"values": [0.1, 0.2]}}}

    def forget(self, trial):
        connection = sqlite3.connect(self.dir / "out/sweep.db")
        connection.execute("DELETE FROM trials WHERE trial = ?", (trial,))
        connection.commit()
        connection.close()

    def test_failed_ones_alone(self):
        self.write_sweep(self.SWEEP, log={"metrics": ["validation_roc_auc"]})
        self.assertIn("2 trials failed", self.sweep(status=1).stderr)
        status = "SELECT trial, status FROM trials ORDER BY trial"
        failed = [(0, "failed"), (1, "failed")]
        self.assertEqual(self.query(status), [*failed, (2, "completed"), (3, "completed")])
        self.forget(2)
        connection = sqlite3.connect(self.dir / "out/sweep.db")
        connection.execute("UPDATE trials SET error = 'an older one'")
        connection.commit()
        connection.close()
        self.sweep("--retry-failed", status=1)
        self.assertEqual(self.query(status), [*failed, (3, "completed")])
        self.assertEqual(self.query("SELECT count(*) FROM trials WHERE error = 'an older one'"), [(1,)])  # of trial 3
        self.assertFalse(json.loads((self.dir / "out/sweep.json").read_text())["completed"])
        self.sweep(status=1)
        self.assertEqual(self.query(status), [*failed, (2, "completed"), (3, "completed")])

    def test_usage(self):
        self.write_sweep(SMALL)
        self.assertIn("--retry-failed: there is no sweep in out", self.sweep("--retry-failed", status=2).stderr)
        self.assertIn("there is no sweep in runs/config", self.run_program("sweep", "config.json", "--retry-failed",
                                                                            status=2).stderr)
        self.assertEqual(self.files(), ["config.json", "table.csv"])
        self.sweep()
        self.assertIn("4 of 4 trials done", self.sweep("--retry-failed").stdout)
        self.assertIs(json.loads((self.dir / "out/sweep.json").read_text())["completed"], True)


if __name__ == "__main__":
    main()
