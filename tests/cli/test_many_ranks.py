"""Rank 0 with more ranks than there are processors: the others are imagined (ranks/many_module.c), the program and
its sweep are real."""

import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import BUILD, ENVIRONMENT, PROGRAM, ProgramTest, main  # noqa: E402

RATE = "optimizer.learning_rate"


class ManyRanks(ProgramTest):
    def setUp(self):
        super().setUp()
        shutil.copy(PROGRAM, self.dir / "many")  # modules are looked for beside the program
        shutil.copy(BUILD / "tests/chainrule-many.so", self.dir / "chainrule-openmpi.so")

    def start(self, ranks, seconds):
        environment = {**ENVIRONMENT, "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": str(ranks),
                       "CHAINRULE_MANY": f"{ranks} {seconds} config.json"}
        return subprocess.Popen([self.dir / "many", "sweep", "config.json", "-o", "out", "-q"], cwd=self.dir, text=True,
                                env=environment, stderr=subprocess.PIPE)

    def sweep(self, ranks, seconds):
        job = self.start(ranks, seconds)
        error = job.communicate()[1]
        self.assertEqual(job.returncode, 0, error)
        self.assertTrue(re.fullmatch(r"rank 0: [0-9.]+ s, \d+ KiB\n", error), error)

    def assert_each_once(self, trials):
        connection = sqlite3.connect(self.dir / "out/sweep.db")
        rows = connection.execute("select trial, status from trials order by trial").fetchall()
        connection.close()
        self.assertEqual(rows, [(i, "completed") for i in range(trials)])

    def write_sweep(self, trials, **more):
        self.write_example(sweep={"samples": trials, "method": "random", **more,
                                  "parameters": {RATE: {"space": "loguniform", "lower": 1e-3, "upper": 1}}},
                           training={"epochs": 1, "batch_size": 4})

    def test_each_trial_has_one_row(self):
        self.write_sweep(5000)
        self.sweep(1000, 0.02)
        self.assert_each_once(5000)

    def test_more_ranks_than_trials(self):
        self.write_sweep(50)
        self.sweep(3000, 0.02)
        self.assert_each_once(50)

    def test_long_trials_are_given_out_anew(self):
        self.write_sweep(1500)
        self.sweep(1000, 0.3)  # at the end, some have two and others none
        self.assert_each_once(1500)

    def test_interrupted_sweep_goes_on(self):
        self.write_sweep(4000)
        job = self.start(500, 0.05)
        while not (self.dir / "out/sweep.db").exists() and job.poll() is None:
            time.sleep(0.01)
        job.send_signal(signal.SIGTERM)
        job.communicate()
        self.assertIn(job.returncode, (0, 143, -signal.SIGTERM))  # the last while MPI starts
        self.sweep(700, 0.01)
        self.assert_each_once(4000)


main()
