"""Searches whose trials depend on results: "tpe" and "asha", as a user runs them."""

import json
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import test_sweep  # noqa: E402
from test_sweep import RATE, UNITS, kill_and_go_on, main  # noqa: E402

SPACES = {RATE: {"space": "loguniform", "lower": 0.001, "upper": 1}, UNITS: {"space": "logint", "lower": 2, "upper": 32},
          "model.layers.1.type": {"values": ["relu", "tanh", "sigmoid"]}}


class SearchTest(test_sweep.SweepTest):
    def tpe(self, samples, **more):
        return {"method": "tpe", "samples": samples, "metric": "validation_loss", "parameters": SPACES, **more}

    def history(self, directory="out"):
        return self.query("SELECT event, trial, rung, value FROM history ORDER BY number", directory)

    def check_history(self, most, directory="out"):
        """What begins ends, and there are never more at work than `most`."""
        at_work = set()
        for event, trial, rung, _ in self.history(directory):
            if event == "begin":
                self.assertNotIn((trial, rung), at_work)
                at_work.add((trial, rung))
            else:
                at_work.remove((trial, rung))
            self.assertLessEqual(len(at_work), most)
        self.assertEqual(at_work, set())


class Tpe(SearchTest):
    def test_one_worker_is_deterministic(self):
        self.write_sweep(self.tpe(30))
        self.sweep("-j", "1")
        self.sweep("-j", "1", directory="again")
        self.assertEqual(self.results(), self.results("again"))
        self.assertEqual(self.history(), self.history("again"))
        self.check_history(1)
        ends = [(trial, value) for event, trial, _, value in self.history() if event == "end"]
        self.assertEqual(ends, self.query("SELECT trial, value FROM trials ORDER BY trial"))
        self.assertEqual(self.query("SELECT setting, parameters FROM settings"),
                         self.query("SELECT setting, parameters FROM trials ORDER BY trial"))

    def test_starts_are_those_of_random_search(self):
        self.write_sweep(self.tpe(15))
        self.sweep("-j", "1")
        self.write_sweep({**self.tpe(15), "method": "random"})
        self.sweep(directory="random")
        tpe, drawn = ([json.loads(p) for p, in self.query("SELECT parameters FROM trials ORDER BY trial", d)]
                      for d in ("out", "random"))
        self.assertEqual(tpe[:10], drawn[:10])
        self.assertNotEqual(tpe[10:], drawn[10:])
        for point in tpe:
            self.assertTrue(0.001 <= point[RATE] <= 1 and point[UNITS] in range(2, 33), point)
            self.assertIn(point["model.layers.1.type"], SPACES["model.layers.1.type"]["values"])

    def test_workers_have_their_settings_from_the_job(self):
        """A trial has the bits of a single run of its setting, whichever worker had it."""
        self.write_sweep(self.tpe(24))
        self.sweep("-j", "3")
        self.check_history(3)
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT hash) FROM trials"), [(24, 24)])
        for trial, parameters in self.query("SELECT trial, parameters FROM trials WHERE trial IN (3, 12, 23)"):
            values = [f"{path}={value}" for path, value in json.loads(parameters).items()]
            self.run_program("train", "config.json", "-q", "-o", f"run{trial}", *values, "training.threads=1")
            loss = json.loads((self.dir / f"run{trial}/summary.json").read_text())["validation"]["loss"]
            self.assertEqual(self.query(f"SELECT value FROM trials WHERE trial = {trial}"), [(loss,)])

    def test_killed_and_gone_on_with(self):
        self.write_sweep(self.tpe(40), training={"epochs": 2000, "batch_size": 4})
        sweep = self.sweep
        self.sweep = lambda *arguments, **more: sweep(*arguments, "-j", "1", **more)
        killed = kill_and_go_on(self, 8, arguments=("-j", "1"))
        self.assertGreater(killed, 2)
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(os.listdir(self.dir / "out/trials"), os.listdir(self.dir / "whole/trials"))

    def test_repeats_and_folds(self):
        self.write_sweep(self.tpe(14, repeats=2, folds=2))
        self.sweep("-j", "1")
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT setting) FROM trials"), [(56, 14)])
        self.assertEqual(self.query("SELECT count(*) FROM (SELECT DISTINCT setting, parameters FROM trials)"), [(14,)])
        self.assertEqual({s["trials"] for s in self.runs()["settings"]}, {4})

    def test_a_setting_that_the_config_refuses_is_a_failed_trial(self):
        self.write_sweep({"method": "tpe", "samples": 40, "parameters": {
            "training.batch_size": {"values": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0]}}})
        for seed in range(1, 50):
            shutil.rmtree(self.dir / "out", ignore_errors=True)
            done = self.sweep("-j", "1", f"sweep.seed={seed}", status=None)
            if done.returncode != 2:
                break
            self.assertIn("training.batch_size: found 0", done.stderr)  # among the first ten, it is said before any trial
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("1 trial failed", done.stderr)
        status, error = self.query("SELECT status, error FROM trials WHERE parameters LIKE '%:0}'")[0]
        self.assertEqual(status, "failed")
        self.assertIn("found 0, expected a whole number", error)
        self.assertEqual(self.query("SELECT count(*), count(DISTINCT parameters) FROM trials"), [(12, 12)])  # there are no more

    def test_grows(self):
        self.write_sweep(self.tpe(30))
        self.sweep("-j", "1", directory="whole")
        self.write_sweep(self.tpe(20))
        self.sweep("-j", "1")
        self.write_sweep(self.tpe(30))
        self.assertIn("20 trials that ended stay", self.sweep("-j", "1").stderr)
        self.assertEqual(self.results(), self.results("whole"))
        wider = {**SPACES, RATE: {"space": "loguniform", "lower": 1e-4, "upper": 2}}
        before = dict(self.query("SELECT hash, time_s FROM trials"))
        self.write_sweep({**self.tpe(35), "parameters": {**wider, "regularization.l2": {"space": "uniform", "lower": 0,
                                                                                         "upper": 1}}})
        self.sweep("-j", "1")
        after = dict(self.query("SELECT hash, time_s FROM trials"))
        self.assertEqual((len(after), after | before), (35, after))
        self.assertIn("35 of 35 trials done", self.run_program("resume", "out").stdout)

    def test_a_grid_becomes_a_search(self):
        self.write_sweep({"metric": "validation_loss", "parameters": {
            RATE: {"values": [0.01, 0.1, 0.5]}, UNITS: {"values": [2, 8]}, "model.layers.1.type": {"values": ["relu", "tanh"]}}})
        self.sweep("-j", "1")
        before = dict(self.query("SELECT hash, time_s FROM trials"))
        self.write_sweep(self.tpe(20))
        self.sweep("-j", "1")
        after = dict(self.query("SELECT hash, time_s FROM trials"))
        self.assertEqual((len(after), after | before), (20, after))

    def test_dry_run_check_and_bad_input(self):
        self.write_sweep(self.tpe(30))
        out = self.run_program("sweep", "config.json", "--dry-run").stdout.splitlines()
        self.assertEqual(len(out), 1 + 10 + 2)
        self.assertEqual(out[-2], "… and 20 more, whose values follow from the results")
        self.assertIn("sweep: 30 settings, 30 trials", self.run_program("check", "config.json").stdout)
        self.assertIn("a search by Parzen estimators compares all its settings, so it has no shards",
                      self.sweep("--shard", "1/2", status=2).stderr)
        self.write_sweep({"method": "tpe", "samples": 5})
        self.assertIn("sweep.parameters: found 0, expected 1 to 100 parameters", self.sweep(status=2).stderr)
        self.write_sweep({"method": "tpe", "parameters": SPACES})
        self.assertIn('the key "samples" is missing', self.sweep(status=2).stderr)


class Asha(SearchTest):
    def write_asha(self, samples=27, **more):
        self.write_sweep({"method": "asha", "samples": samples, "min_epochs": 2, "metric": "validation_loss",
                          "parameters": {RATE: SPACES[RATE]}, **more}, training={"epochs": 18, "batch_size": 4})

    def test_rungs(self):
        self.write_asha()
        out = self.sweep("-j", "1").stdout
        rungs = self.query("SELECT rung, epochs, count(*) FROM rungs GROUP BY rung ORDER BY rung")
        self.assertEqual([r[:2] for r in rungs], [(0, 2), (1, 6), (2, 18)])
        self.assertEqual(rungs[0][2], 27)
        self.assertIn(f"({27 * 2 + rungs[1][2] * (6 - 2) + rungs[2][2] * (18 - 6)} epochs)", out)  # all went on where they were
        self.assertTrue(9 <= rungs[1][2] < 27 and 3 <= rungs[2][2] < rungs[1][2], rungs)
        best = self.query("SELECT trial FROM rungs WHERE rung = 0 ORDER BY value, trial LIMIT 9")  # all of these went on
        self.assertLessEqual(set(best), set(self.query("SELECT trial FROM rungs WHERE rung = 1")))
        self.assertEqual(dict(self.query("SELECT status, count(*) FROM trials GROUP BY status")),
                         {"completed": rungs[2][2], "eliminated": 27 - rungs[2][2]})
        self.check_history(1)
        self.sweep("-j", "1", directory="again")
        self.assertEqual(self.results(), self.results("again"))

    def test_survivors_have_the_bits_of_a_run_left_alone(self):
        self.write_asha(repeats=2)
        self.sweep("-j", "3")
        self.check_history(3)
        self.assertEqual(len(os.listdir(self.dir / "out/trials")), 1)
        self.run_program("train", "out/best/config.json", "-q", "-o", "alone")
        for name in ("model.safetensors", "best.safetensors"):
            self.assertEqual((self.dir / "out/best" / name).read_bytes(), (self.dir / "alone" / name).read_bytes())

    def test_killed_and_gone_on_with(self):
        self.write_asha(repeats=2)
        sweep = self.sweep
        self.sweep = lambda *arguments, **more: sweep(*arguments, "-j", "1", **more)
        kill_and_go_on(self, 8, arguments=("-j", "1"))
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(self.query("SELECT * FROM rungs"), self.query("SELECT * FROM rungs", "whole"))

    def test_halving_goes_on_as_asha_with_more_samples(self):
        self.write_asha(method="halving", samples=9)
        self.sweep("-j", "1")
        before = self.query("SELECT trial, rung, value FROM rungs")
        self.write_asha(samples=18)
        self.assertIn("9 trials that ended stay", self.sweep("-j", "1").stderr)
        after = self.query("SELECT trial, rung, value FROM rungs")
        self.assertEqual([row for row in before if row not in after], [])
        self.assertEqual(sum(row[1] == 0 for row in after), 18)

    def test_no_shards(self):
        self.write_asha()
        self.assertIn("asynchronous halving compares all its settings, so it has no shards",
                      self.sweep("--shard", "1/2", status=2).stderr)


if __name__ == "__main__":
    main()
