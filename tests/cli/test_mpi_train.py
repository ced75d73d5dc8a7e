"""Training over the ranks of a job: the bits of one process, whatever their number. Each test runs under every MPI that is
installed."""

import csv
import json
import os
import pathlib
import signal
import sys
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from mpi_job import MPIS, PATIENCE, HostsTest, JobTest, needs_mpi, processes  # noqa: E402
from program import PROGRAM, ROOT, main  # noqa: E402

DIGITS = str(ROOT / "data/digits.csv")
TIMES = {"time_s", "samples_per_second", "run", "threads"}


def files(directory):
    """All that a run leaves, without times; of checkpoints, that the last is there."""
    found = {}
    last = max(path.name for path in directory.glob("checkpoint*"))
    for path in sorted(directory.iterdir()):
        if path.name == "metrics.csv":
            found[path.name] = [line.split(",")[:2] + line.split(",")[3:] for line in path.read_text().splitlines()]
        elif path.name == "summary.json":
            found[path.name] = {k: v for k, v in json.loads(path.read_text()).items() if k not in TIMES}
        elif path.name == last or not path.name.startswith("checkpoint"):
            found[path.name] = None if path.name == last else zlib.crc32(path.read_bytes())
    return found


class TrainTest(JobTest):
    def write_digits(self, layers=None, **sections):
        sections.setdefault("data", {"train": DIGITS, "target": "digit", "normalize": 16, "validation": {"fraction": 0.2}})
        sections.setdefault("training", {"epochs": 3, "batch_size": 32, "shards": 4})
        layers = layers or [{"type": "linear", "units": 24}, {"type": "relu"}, {"type": "linear"}]
        self.write_example(model={"layers": layers}, **{"loss": {"type": "softmax"}, **sections})

    def write_long(self):
        """Seconds of training on any machine, with a checkpoint every 0.05 s."""
        layers = [{"type": "linear", "units": 64}, {"type": "relu"}, {"type": "linear"}]
        self.write_digits(layers, training={"epochs": 100000, "batch_size": 32, "shards": 4, "checkpoint_seconds": 0.05})

    def over(self, mpi, ranks, *arguments, status=0):
        """These networks are too small for ranks to be worth it."""
        code, output = self.finish(self.start(self.job(mpi, ranks, *arguments, "--force")))
        self.assertEqual(code, status, output)
        return output

    def start_training(self, mpi, ranks, directory, *arguments):
        """Started, with a checkpoint; and its processes by rank."""
        job = self.start(self.job(mpi, ranks, "train", "config.json", "-o", directory, "-q", "--force", *arguments))
        deadline = time.time() + PATIENCE
        while not list((self.dir / directory).glob("checkpoint*")) and time.time() < deadline and job.poll() is None:
            time.sleep(0.02)
        self.assertIsNone(job.poll())
        return job, {rank: found["rank"] for rank, found in processes(self.dir).items()}


@needs_mpi
class Bits(TrainTest):
    def compare(self, ranks=(2, 4)):
        self.run_program("train", "config.json", "-o", "one", "-q", "training.threads=1")
        reference = files(self.dir / "one")
        # the number of threads is in the config that both keep
        for mpi in MPIS:
            for n in ranks:
                with self.subTest(mpi=mpi, ranks=n):
                    self.over(mpi, n, "train", "config.json", "-o", f"{mpi}-{n}", "-q", "training.threads=1")
                    self.assertEqual(files(self.dir / f"{mpi}-{n}"), reference)
        return reference

    def test_mlp(self):
        self.write_digits(optimizer={"type": "adam"}, gradient_clipping={"norm": 0.5}, regularization={"l2": 0.001})
        self.compare()

    def test_images_with_everything_that_depends_on_rows(self):
        """Statistics of a batch, draws by row and step, augmentation, metrics of all predictions, and health."""
        self.write_digits(
            [{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "batch_norm"}, {"type": "relu"}, {"type": "dropout"},
             {"type": "linear"}],
            data={"train": DIGITS, "target": "digit", "normalize": 16, "shape": [1, 8, 8], "augment": [{"type": "shift", "pixels": 1}],
                  "validation": {"fraction": 0.2, "stratify": True}},
            optimizer={"type": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            log={"health": True, "metrics": ["validation_f1", "train_balanced_accuracy"]},
            learning_rate_schedule={"type": "plateau", "monitor": "validation_f1", "patience": 1},
            early_stopping={"monitor": "validation_f1", "patience": 1},
            training={"epochs": 4, "batch_size": 64, "shards": 8})
        self.assertIn("validation_f1", self.compare()["metrics.csv"][0])

    def test_weights_of_rows_and_numbers(self):
        with open(DIGITS) as file:
            rows = list(csv.reader(file))
        lines = [[*row, "w" if i == 0 else str(i % 5 / 2)] for i, row in enumerate(rows)]
        self.write("weighted.csv", "".join(",".join(line) + "\n" for line in lines))
        self.write_digits(data={"train": "weighted.csv", "target": "digit", "weight": "w", "validation": {"last": 0.2},
                                "normalize": "standardize", "normalize_target": "standardize"},
                          loss={"type": "l2"}, regularization={"l2": 0.1, "per_example": True},
                          optimizer={"type": "rmsprop", "learning_rate": 0.001})
        self.compare()

    def test_more_rows_in_some_shards_than_in_others(self):
        """Of the last step some shards have no row."""
        self.write_digits(data={"train": DIGITS, "target": "digit"}, training={"epochs": 2, "batch_size": 1792, "shards": 256},
                          early_stopping={"monitor": "train_loss"})
        self.compare()

    def test_one_rank_is_as_none(self):
        self.write_digits(training={"epochs": 2, "batch_size": 32})
        self.compare(ranks=[1])

    def test_threads_share_out_what_a_rank_has(self):
        self.write_digits(training={"epochs": 3, "batch_size": 32, "shards": 8})
        self.run_program("train", "config.json", "-o", "one", "-q", "training.threads=3")
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.over(mpi, 2, "train", "config.json", "-o", mpi, "-q", "training.threads=3")
                self.assertEqual(files(self.dir / mpi), files(self.dir / "one"))

    def test_divergence_is_named_where_it_was(self):
        self.write_digits(optimizer={"type": "sgd", "learning_rate": 1e30})
        alone = self.run_program("train", "config.json", "-o", "one", "-q", status=1).stderr
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                output = self.over(mpi, 2, "train", "config.json", "-o", mpi, "-q", status=1)
                said = [line for line in alone.splitlines() if "became NaN or infinite" in line]
                self.assertEqual(len(said), 1)
                self.assertIn(said[0].partition(";")[0], output)


@needs_mpi
class GoingOn(TrainTest):
    def interrupt(self, mpi, ranks, directory, to):
        job, found = self.start_training(mpi, ranks, directory)
        os.kill(found[to], signal.SIGTERM)
        status, output = self.finish(job)
        self.assertEqual(status, 143, output)
        self.assertIn("to go on: chainrule resume", output)
        self.assertEqual(json.loads((self.dir / directory / "summary.json").read_text())["status"], "interrupted")
        with open(self.dir / directory / "metrics.csv") as file:
            return len(list(file))

    def test_signal_to_any_rank_and_another_number_of_them(self):
        """A run ends at the same bits as one that was left alone, of one process, for as many epochs."""
        self.write_long()
        for mpi in MPIS:
            for to, then in ((0, 4), (1, 1)):
                with self.subTest(mpi=mpi, to=to):
                    name = f"{mpi}-{to}"
                    epochs = f"training.epochs={self.interrupt(mpi, 2, name, to) + 2}"
                    self.over(mpi, then, "resume", name, "-q", epochs)
                    self.run_program("train", "config.json", "-o", f"{name}-alone", "-q", epochs)
                    self.assertEqual(files(self.dir / name), files(self.dir / f"{name}-alone"))

    def test_begun_alone_and_without_mpirun_again(self):
        self.write_digits(training={"epochs": 3, "batch_size": 32, "shards": 4})
        self.run_program("train", "config.json", "-o", "alone", "-q", "training.epochs=6")
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.run_program("train", "config.json", "-o", mpi, "-q", "training.epochs=2")
                self.over(mpi, 4, "resume", mpi, "-q", "training.epochs=4")
                self.run_program("resume", mpi, "-q", "training.epochs=6")
                self.assertEqual(files(self.dir / mpi), files(self.dir / "alone"))
                self.assertIn("completed already", self.over(mpi, 2, "resume", mpi))

    def test_killed_rank_loses_what_came_after_a_checkpoint(self):
        self.write_long()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                job, found = self.start_training(mpi, 2, mpi)
                os.kill(found[1], signal.SIGKILL)
                status, output = self.finish(job)
                self.assertNotEqual(status, 0, output)
                with open(self.dir / mpi / "metrics.csv") as file:
                    epochs = f"training.epochs={len(list(file)) + 2}"
                self.over(mpi, 2, "resume", mpi, "-q", epochs)
                self.run_program("train", "config.json", "-o", f"{mpi}-alone", "-q", epochs)
                self.assertEqual(files(self.dir / mpi), files(self.dir / f"{mpi}-alone"))

    def test_stalled_rank_ends_the_job_with_a_message(self):
        self.write_long()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                job, found = self.start_training(mpi, 2, mpi, "--rank-timeout", "2")
                os.kill(found[1], signal.SIGSTOP)
                status, output = self.finish(job)
                self.assertEqual(status, 1, output)
                self.assertRegex(output, r"error: nothing has come from the other ranks for \d")

    def test_time_that_is_up(self):
        self.write_long()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.over(mpi, 2, "train", "config.json", "-o", mpi, "-q", "training.max_seconds=0.3")
                self.assertEqual(json.loads((self.dir / mpi / "summary.json").read_text())["status"], "stopped_early")


@needs_mpi
class BadInput(TrainTest):
    def refuse(self, mpi, command, message, status=2):
        code, output = self.finish(self.start(command))
        self.assertEqual(code, status, output)
        self.assertRegex(output, message)
        self.assertEqual(output.count("chainrule: error:"), 1, output)

    def test_what_ranks_cannot_share_out(self):
        self.write_digits()
        for mpi in MPIS:
            for ranks, more, message in ((8, [], "training.shards is 4, which 8 ranks cannot share out"),
                                         (2, ["training.shards=1"], "\"shards\": 2 or more"),
                                         (3, [], "3 ranks: training takes a power of two"),
                                         (2, ["training.shards=3"], "expected a power of two"),
                                         (2, ["--rank-timeout", "0"], "--rank-timeout 0")):
                with self.subTest(mpi=mpi, message=message):
                    self.refuse(mpi, self.job(mpi, ranks, "train", "config.json", "-o", "out", *more), message)
                    self.assertFalse((self.dir / "out").exists())

    def test_ranks_with_different_commands_or_kernels(self):
        self.write_digits()
        kernel = "Haswell"
        train = ["train", "config.json", "-o", "out"]
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                one = self.job(mpi, 1, *train)
                program = one[-len(train) - 1]
                self.refuse(mpi, [*one, ":", "-n", "1", program, *train, "seed=2"], r"rank 1 \(.*\) was started with another command")
                if f"kernel {kernel}" in self.run_program("--version").stdout:
                    self.skipTest(f"this machine's own kernel is {kernel}")
                self.refuse(mpi, [*one, ":", "-n", "1", "env", f"OPENBLAS_CORETYPE={kernel}", program, *train],
                            rf"the ranks differ.*rank 1 \(.*\): kernel {kernel}")

    def test_directory_that_cannot_be_made(self):
        self.write_digits()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.refuse(mpi, self.job(mpi, 2, "train", "config.json", "-o", "/proc/out", "--force"), "error: /proc/out:", status=1)

    def test_no_place_for_a_table(self):
        """It lies in a file while rank 0 reads it."""
        self.write_digits()
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                command = self.job(mpi, 2, "train", "config.json", "-o", "out", "--force")
                place = command.index("train") - 1
                self.refuse(mpi, command[:place] + ["env", "TMPDIR=/proc/1"] + command[place:],
                            r"error: .*/proc/1/chainrule-.*TMPDIR names another place", status=1)

    def test_ranks_that_are_slower_than_one(self):
        """On one processor, which has to change from one to the other for each message: declined on any machine, with the
        numbers and the cure."""
        def on_one_processor(command):
            place = command.index(PROGRAM)
            return [*command[:place], "taskset", "-c", str(min(os.sched_getaffinity(0))), *command[place:]]

        self.write_digits([{"type": "linear", "units": 4096}, {"type": "linear"}], training={"batch_size": 2, "shards": 2})
        why = r"a step would take [\d.e+]+ ms over 2 ranks, and takes [\d.e+]+ ms in one: .*latency.*--force"
        for mpi in MPIS:
            with self.subTest(mpi=mpi):
                self.refuse(mpi, on_one_processor(self.job(mpi, 2, "train", "config.json", "-o", "out")), why)
                self.assertFalse((self.dir / "out").exists())
                self.run_program("train", "config.json", "-o", mpi, "-q", "training.epochs=1", "training.max_seconds=0.01")
                before = files(self.dir / mpi)
                self.refuse(mpi, on_one_processor(self.job(mpi, 2, "resume", mpi, "training.epochs=2", "training.max_seconds=9")), why)
                self.assertEqual(files(self.dir / mpi), before)


class Estimate(TrainTest):
    """What check says of ranks, which needs none."""

    def table(self, *arguments):
        out = self.run_program("check", "config.json", "--ranks", "4", *arguments).stdout
        lines = out[out.index("ms a step"):].splitlines()[1:]
        return {int(n): [float(v) for v in rest] for n, *rest in map(str.split, lines)}

    def test_sums_are_of_the_alpha_beta_model(self):
        self.write_digits()  # gradients: 64 * 24 + 24 + 240 numbers, and 10, which are padded to 16
        found = self.table("--latency", "0.001", "--bandwidth", "1e6")
        self.assertEqual(list(found), [1, 2, 4])
        numbers = 64 * 24 + 32 + 240 + 16
        for n, levels in ((2, 1), (4, 2)):
            self.assertAlmostEqual(found[n][1], 1e3 * (3 * levels * 0.001 + 2 * (n - 1) / n * 4 * numbers / 1e6), delta=0.01)
            self.assertAlmostEqual(found[n][2], found[1][0] / found[n][0], delta=0.01)
        self.assertEqual(found[1][1:], [0, 1])

    def test_a_network_without_delay_is_worth_it(self):
        self.write_digits([{"type": "linear", "units": 512}, {"type": "relu"}, {"type": "linear"}],
                          training={"batch_size": 512})
        self.assertGreater(self.table("--latency", "1e-9", "--bandwidth", "1e15")[4][2], 1)

    def test_what_cannot_be_estimated(self):
        self.write_digits(training={"batch_size": 20, "shards": 4})
        for arguments, message in ((["--ranks", "3"], "--ranks 3: expected a power of two"),
                                   (["--ranks", "8"], "8 shards have to divide the batch_size, which is 20"),
                                   (["--ranks", "2", "--latency", "0"], "--latency 0: expected a number above 0"),
                                   (["--ranks", "2", "--bandwidth", "x"], "--bandwidth x: expected a number above 0")):
            self.assertIn(message, self.run_program("check", "config.json", *arguments, status=2).stderr)


@needs_mpi
class Hosts(TrainTest, HostsTest):
    def test_ranks_need_no_shared_disk(self):
        """The second host sees neither the config nor the data."""
        self.write_digits()
        self.run_program("train", "config.json", "-o", "one", "-q")
        status, output = self.finish(self.start(self.on_hosts("train", "config.json", "-o", "out", "--force")))
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"chainrule: 2 ranks: a step is to take [\d.e+-]+ ms, and [\d.e+-]+ ms in one \(latency")
        self.assertEqual(files(self.dir / "out"), files(self.dir / "one"))


if __name__ == "__main__":
    main()
