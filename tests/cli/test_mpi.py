"""Sweeps over the ranks of a job: the table and the models of one machine, whatever becomes of ranks and workers. Each
test runs under every MPI that is installed."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from mpi_job import MPIS, PATIENCE, SETTINGS, HostsTest, JobTest, needs_mpi, processes  # noqa: E402
from program import BUILD, ENVIRONMENT, PROGRAM, ROOT, ProgramTest, kills, main  # noqa: E402

RATE = "optimizer.learning_rate"
KILLS = kills(3)
TIMES = {"time_s", "ended_s", "seconds", "created", "samples_per_second"}


def table(directory):
    """Everything in sweep.db but times."""
    connection = sqlite3.connect(f"file:{directory}/sweep.db?mode=ro", uri=True)
    found = {}
    for name in ("trials", "metrics", "rungs"):
        columns = [c[1] for c in connection.execute(f"pragma table_info({name})") if c[1] not in TIMES]
        found[name] = sorted(map(repr, connection.execute(f"select {', '.join(columns)} from {name}")))
    connection.close()
    return found


def runs(directory):
    """The files of the kept runs, without times; of a checkpoint, that it is there."""
    found = {}
    for path in sorted((directory / "trials").rglob("*.*")):
        name = str(path.relative_to(directory))
        if path.name == "metrics.csv":
            found[name] = [line.split(",")[:2] + line.split(",")[3:] for line in path.read_text().splitlines()]
        elif path.name == "summary.json":
            found[name] = {k: v for k, v in json.loads(path.read_text()).items() if k not in TIMES}
        else:
            found[name] = None if path.name.startswith("checkpoint") else path.read_bytes()
    return found


class SweepTest(JobTest):
    def write_sweep(self, values=12, epochs=3, **sweep):
        parameters = {RATE: {"values": [round(0.01 * (i + 1), 4) for i in range(values)]}}
        self.write_example(sweep={"parameters": parameters, **sweep}, training={"epochs": epochs, "batch_size": 4})

    def command(self, mpi, ranks, *arguments):
        return self.job(mpi, ranks, "sweep", "config.json", *arguments)

    def sweep(self, mpi, ranks, *arguments, status=0):
        code, output = self.finish(self.start(self.command(mpi, ranks, *arguments)))
        if status is not None:
            self.assertEqual(code, status, output)
        return output

    def wait_for_workers(self, job, ranks):
        """The job's processes, once every rank has a worker; None where the job was done before that."""
        deadline = time.time() + PATIENCE
        while time.time() < deadline and job.poll() is None:
            found = processes(self.dir)
            if len(found) == ranks and all(len(rank) == 3 for rank in found.values()):
                return found
            time.sleep(0.02)
        self.assertEqual(job.poll(), 0, "the job had no workers")
        return None

    def assert_same(self, directory, reference="one"):
        self.assertEqual(table(self.dir / directory), table(self.dir / reference))
        self.assertEqual(runs(self.dir / directory), runs(self.dir / reference))


@needs_mpi
class Results(SweepTest):
    def compare(self, ranks, *arguments):
        self.run_program("sweep", "config.json", "-o", "one", "-j", "2", "-q")
        self.assertTrue(runs(self.dir / "one"))
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                for n in ranks:
                    self.sweep(mpi, n, "-o", f"{mpi}-{n}", "-q", *arguments)
                    self.assert_same(f"{mpi}-{n}")

    def test_grid_with_repeats_and_folds(self):
        self.write_sweep(values=6, repeats=2, folds=2, keep=3)
        self.compare([2, 3])

    def test_halving_whose_runs_travel(self):
        self.write_sweep(values=9, epochs=9, method="halving", factor=3, samples=9)
        self.compare([2])

    def test_several_workers_a_rank(self):
        self.write_sweep(values=20)
        self.compare([2], "-j", "2")

    def test_part_of_a_sweep(self):
        self.write_sweep(values=8)
        self.run_program("sweep", "config.json", "-o", "one", "--shard", "2/2", "-q")
        self.assertEqual(len(table(self.dir / "one")["trials"]), 4)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.sweep(mpi, 2, "-o", mpi, "--shard", "2/2", "-q")
                self.assert_same(mpi)

    def test_more_ranks_than_trials(self):
        self.write_sweep(values=2)
        self.compare([4])

    def test_one_rank_is_as_none(self):
        self.write_sweep(values=3)
        self.run_program("sweep", "config.json", "-o", "one", "-q")
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.sweep(mpi, 1, "-o", mpi, "-q")
                self.assert_same(mpi)

    def test_more_models_are_kept_than_before(self):
        """Their trials are done again over ranks, and give the same bytes."""
        self.write_sweep(values=6, keep=4)
        self.run_program("sweep", "config.json", "-o", "one", "-q")
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.write_sweep(values=6, keep=1)
                self.run_program("sweep", "config.json", "-o", mpi, "-q")
                self.write_sweep(values=6, keep=4)
                self.sweep(mpi, 2, "-o", mpi, "-q")
                self.assertEqual(runs(self.dir / mpi), runs(self.dir / "one"))

    def test_only_rank_0_has_files(self):
        """First weights, of the config and those that are tried, come to the others as the data do."""
        self.write_example(training={"epochs": 1, "batch_size": 4})
        for seed in (1, 2):
            self.run_program("train", "config.json", f"seed={seed}", "-o", f"first{seed}", "-q")
        weights = [f"first{seed}/model.safetensors" for seed in (1, 2)]
        config = json.loads((self.dir / "config.json").read_text())
        config["model"]["weights"] = weights[1]
        config["sweep"] = {"parameters": {"model.weights": {"values": weights}, RATE: {"values": [0.01 * i for i in range(1, 9)]}}}
        (self.dir / "config.json").write_text(json.dumps(config))
        self.run_program("sweep", "config.json", "-o", "one", "-q")
        (self.dir / "empty").mkdir()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                command = self.command(mpi, 1, "-o", mpi, "-q")
                at = command.index("-n")
                there = command[at:at + 2] + ["-wdir", str(self.dir / "empty")] + command[at + 2:]
                status, output = self.finish(self.start([*command, ":", *there]))
                self.assertEqual(status, 0, output)
                self.assert_same(mpi)

    def test_resume_goes_on_over_ranks(self):
        self.write_sweep(values=8)
        self.run_program("sweep", "config.json", "-o", "one", "-q")
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                shutil.copytree(self.dir / "one", self.dir / mpi, symlinks=True)
                connection = sqlite3.connect(self.dir / mpi / "sweep.db")
                for name in ("metrics", "trials"):
                    connection.execute(f"delete from {name} where trial % 2 = 0")
                connection.commit()
                connection.close()
                command = self.command(mpi, 2)
                command[command.index("sweep"):] = ["resume", mpi, "-q"]
                status, output = self.finish(self.start(command))
                self.assertEqual(status, 0, output)
                self.assertEqual(table(self.dir / mpi)["trials"], table(self.dir / "one")["trials"])


@needs_mpi
class Faults(SweepTest):
    def write_digits(self, samples):
        """Trials of some ten milliseconds."""
        self.write_example(data={"train": str(ROOT / "data/digits.csv"), "target": "digit", "validation": {"fraction": 0.2}},
                           model={"layers": [{"type": "linear", "units": 64}, {"type": "relu"}, {"type": "linear"}]},
                           sweep={"method": "random", "samples": samples,
                                  "parameters": {RATE: {"space": "loguniform", "lower": 0.001, "upper": 0.1}}},
                           training={"epochs": 10, "batch_size": 32})

    def reference(self):
        self.write_digits(400)
        self.run_program("sweep", "config.json", "-o", "one", "-j", "2", "-q")

    def test_killed_worker_is_a_failed_trial(self):
        self.reference()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                job = self.start(self.command(mpi, 2, "-o", mpi, "-q"))
                os.kill(self.wait_for_workers(job, 2)[1]["worker"], signal.SIGKILL)
                status, output = self.finish(job)
                # one that was between two trials has lost none
                self.assertIn((status, "1 trial failed" in output), [(1, True), (0, False)], output)
                self.sweep(mpi, 2, "-o", mpi, "-q")
                self.assert_same(mpi)

    def test_killed_ranks_lose_nothing(self):
        self.reference()
        draw = random.Random(1)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                for kill in range(KILLS):
                    job = self.start(self.command(mpi, 3, "-o", mpi, "-q"))
                    found = self.wait_for_workers(job, 3)
                    self.assertTrue(found or kill > 0)
                    time.sleep(draw.uniform(0, 0.2))
                    with contextlib.suppress(ProcessLookupError):  # it may have done its part
                        if found:
                            os.kill(found[kill % 3]["rank"], signal.SIGKILL)
                    self.finish(job)
                self.sweep(mpi, 2, "-o", mpi, "-q")
                self.assert_same(mpi)

    def test_killed_nursery_ends_the_job_with_a_message(self):
        self.write_digits(20000)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                for rank in (0, 1):
                    job = self.start(self.command(mpi, 2, "-o", f"{mpi}-{rank}", "-q"))
                    os.kill(self.wait_for_workers(job, 2)[rank]["nursery"], signal.SIGKILL)
                    status, output = self.finish(job)
                    self.assertEqual(status, 1, output)
                    self.assertRegex(output, r"error: .*the parent of (its|rank 0's) workers: its process was ended by signal 9")

    def test_stalled_rank_ends_the_job_with_a_message(self):
        self.write_digits(20000)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                job = self.start(self.command(mpi, 2, "-o", mpi, "-q", "--rank-timeout", "2"))
                os.kill(self.wait_for_workers(job, 2)[1]["rank"], signal.SIGSTOP)
                status, output = self.finish(job)
                self.assertEqual(status, 1, output)
                self.assertRegex(output, r"error: nothing has come from rank 1 \(.*\) for \d")

    def test_signal_to_any_rank_ends_all(self):
        self.write_digits(20000)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                for rank in (0, 1):
                    job = self.start(self.command(mpi, 2, "-o", f"{mpi}-{rank}", "-q"))
                    os.kill(self.wait_for_workers(job, 2)[rank]["rank"], signal.SIGTERM)
                    status, output = self.finish(job)
                    self.assertEqual(status, 143, output)
                    self.assertIn("interrupted", output)

    def test_nothing_is_left_of_it(self):
        scratch = self.dir / "scratch"
        scratch.mkdir()
        self.write_sweep(values=6)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                job = subprocess.run(self.command(mpi, 2, "-o", mpi, "-q"), cwd=self.dir, timeout=PATIENCE, check=True,
                                     env={**SETTINGS, "TMPDIR": str(scratch)}, capture_output=True)
                self.assertEqual(job.returncode, 0)
                self.assertEqual(list(scratch.glob("chainrule-*")), [])


@needs_mpi
class BadInput(SweepTest):
    def setUp(self):
        super().setUp()
        self.write_sweep(values=3)

    def refuse(self, mpi, command, message):
        status, output = self.finish(self.start(command))
        self.assertEqual(status, 2, output)
        self.assertRegex(output, message)
        self.assertEqual(output.count("chainrule: error:"), 1, output)

    def test_config_that_is_wrong(self):
        self.write_sweep(values=3, unknown=1)
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.refuse(mpi, self.command(mpi, 3, "-o", "out"), "unknown")

    def test_ranks_with_different_commands(self):
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                one = self.command(mpi, 1, "-o", "out")
                other = [":", "-n", "1", PROGRAM, "sweep", "config.json", "seed=2", "-o", "out"]
                self.refuse(mpi, one + other, r"rank 1 \(.*\) was started with another command line")

    def test_ranks_with_different_kernels(self):
        """They are refused, or allowed and noted."""
        kernel = "Haswell"
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                def command(*more):
                    other = [PROGRAM, "sweep", "config.json", "-o", mpi, *more]
                    return self.command(mpi, 1, "-o", mpi, *more) + [":", "-n", "1", "env", f"OPENBLAS_CORETYPE={kernel}", *other]
                own = self.run_program("--version").stdout
                if f"kernel {kernel}" in own:
                    self.skipTest(f"this machine's own kernel is {kernel}")
                self.refuse(mpi, command(), rf"rank 1 \(.*\): kernel {kernel}")
                self.assertEqual(self.finish(self.start(command("--allow-mixture", "-q")))[0], 0)
                self.assertIn(f"kernel {kernel}", json.loads((self.dir / mpi / "sweep.json").read_text())["mixture"])

    def test_directory_that_cannot_be_made(self):
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                status, output = self.finish(self.start(self.command(mpi, 2, "-o", "/proc/out")))
                self.assertEqual((status, output.count("chainrule: error: /proc/out:")), (1, 1), output)

    def test_no_place_for_runs(self):
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                command = self.command(mpi, 2, "-o", mpi, "-q")
                place = command.index(PROGRAM)
                status, output = self.finish(self.start(command[:place] + ["env", "TMPDIR=/proc/1"] + command[place:]))
                self.assertEqual((status, output.count("error: rank")), (1, 1), output)
                self.assertIn("cannot make a directory for runs", output)


@needs_mpi
class Hosts(SweepTest, HostsTest):
    def test_workers_need_no_shared_disk(self):
        """The second host sees neither the config nor the data, and sends models back."""
        self.write_sweep(values=9, epochs=9, method="halving", factor=3, samples=9)
        self.run_program("sweep", "config.json", "-o", "one", "-q")
        command = self.on_hosts("sweep", "config.json", "-o", "out")
        status, output = self.finish(self.start(command))
        self.assertEqual(status, 0, output)
        self.assertIn("2 ranks with 2 workers on 2 hosts", output)
        self.assert_same("out")


class WithoutMpi(ProgramTest):
    def test_module_that_is_missing(self):
        """It says what to install, and rank 0 alone would need none to say so."""
        self.write_example(sweep={"parameters": {RATE: {"values": [0.1, 0.2]}}})
        alone = shutil.copy(BUILD / "chainrule", self.dir / "chainrule")
        done = subprocess.run([alone, "sweep", "config.json"], cwd=self.dir, capture_output=True, text=True,
                              env={**ENVIRONMENT, "PMI_RANK": "0", "PMI_SIZE": "2"})
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"one of 2 ranks.*there is no .*chainrule-mpich\.so; install libmpich-dev")

    def test_tasks_of_slurm_that_know_nothing_of_one_another(self):
        self.write_example(sweep={"parameters": {RATE: {"values": [0.1, 0.2]}}})
        tasks = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "0"}
        done = self.run_program("sweep", "config.json", status=2, env=tasks)
        self.assertIn("srun --mpi=pmix", done.stderr)
        self.assertEqual(self.run_program("sweep", "config.json", status=2, env={**tasks, "SLURM_PROCID": "1"}).stderr, "")
        self.run_program("sweep", "config.json", "--shard", "1/2", "-q", "-o", "part", env=tasks)
        self.assertEqual(len(table(self.dir / "part")["trials"]), 1)

    def test_patience_is_a_number(self):
        self.write_example(sweep={"parameters": {RATE: {"values": [0.1]}}})
        self.assertIn("--rank-timeout no", self.run_program("sweep", "config.json", "--rank-timeout", "no", status=2).stderr)


if __name__ == "__main__":
    main()
