"""data.augment as a user meets it: in training alone, in runs that go on, in sweeps, and where it cannot be."""

import csv
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

SIDE = 6
AUGMENT = [{"type": "shift", "pixels": 1}, {"type": "rotate", "degrees": 15}, {"type": "cutout", "size": 2},
           {"type": "noise", "std": 20}]


class Augment(ProgramTest):
    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        lines = []
        for i in range(90):  # a bar across or down
            bar = draw.randint(1, SIDE - 2)
            on = [(k // SIDE if i % 2 else k % SIDE) == bar for k in range(SIDE * SIDE)]
            lines.append(",".join(str(draw.randint(0, 60) + 190 * b) for b in on) + f",{'across' if i % 2 else 'down'}")
        self.write("pixels.csv", "\n".join(lines) + "\n")
        self.config = {
            "data": {"train": "pixels.csv", "target": -1, "header": False, "shape": [1, SIDE, SIDE],
                     "validation": {"fraction": 0.3}, "normalize": "standardize", "augment": AUGMENT},
            "model": {"layers": [{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "relu"}, {"type": "linear"}]},
            "loss": {"type": "softmax"}, "optimizer": {"type": "adam"},
            "training": {"epochs": 4, "batch_size": 20}}
        self.write("config.json", self.config)

    def metrics(self, run):
        with open(self.dir / run / "metrics.csv") as file:
            return list(csv.DictReader(file))

    def run_training(self, run, *overrides):
        self.run_program("train", "config.json", "-q", "-o", run, *overrides)
        return self.metrics(run)

    def test_only_training_is_augmented(self):
        """Of a network that does not learn, the figures of training alone change."""
        frozen = ["optimizer={\"type\": \"sgd\", \"learning_rate\": 1e-30}", "training.epochs=2"]
        plain = self.run_training("plain", *frozen, "data.augment=[]")
        augmented = self.run_training("augmented", *frozen)
        for a, b in zip(plain, augmented):
            self.assertEqual(a["validation_loss"], b["validation_loss"])
            self.assertNotEqual(a["train_loss"], b["train_loss"])
        self.assertNotEqual(augmented[0]["train_loss"], augmented[1]["train_loss"])  # every step draws anew
        plain, augmented = (json.loads((self.dir / run / "summary.json").read_text()) for run in ("plain", "augmented"))
        for part in ("train", "validation"):  # full passes at the end
            self.assertEqual(plain[part], augmented[part])
        found = json.loads(self.run_program("eval", "augmented", "--on", "train", "--json").stdout)
        self.assertEqual(found["train"]["loss"], plain["train"]["loss"])

    def test_the_run_knows_it(self):
        self.run_training("run")
        config = json.loads((self.dir / "run/config.json").read_text())
        self.assertEqual(config["data"]["augment"][0], {"type": "shift", "pixels": 1})
        self.assertEqual(config["data"]["augment"][2], {"type": "cutout", "size": 2, "count": 1})
        again = self.run_program("train", "run/config.json", "-q", "-o", "again")
        self.assertEqual(again.stderr, "")
        self.assertEqual(self.metrics("again")[-1]["parameters_crc32"], self.metrics("run")[-1]["parameters_crc32"])
        self.run_program("predict", "run", "pixels.csv")

    def test_a_longer_run_is_the_same(self):
        whole = self.run_training("whole", "training.epochs=6")
        self.run_training("part", "training.epochs=2")
        self.run_program("resume", "part", "training.epochs=6", "-q")
        self.assertEqual([row["parameters_crc32"] for row in self.metrics("part")],
                         [row["parameters_crc32"] for row in whole])
        done = self.run_program("resume", "part", "training.epochs=7", "data.augment=[]", "-q", status=None)
        self.assertIn("data.augment", done.stderr)

    def test_draws_depend_on_the_seed(self):
        runs = [self.run_training(f"run{i}", "data.validation.seed=1", *more)[-1]["parameters_crc32"]
                for i, more in enumerate((["seed=1"], ["seed=1"], ["seed=1", "data.augment.0.pixels=2"], ["seed=2"]))]
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(len(set(runs)), 3)

    def test_it_can_be_swept(self):
        """The data is loaded once for all trials; each is what train makes of its setting, and one that repeats is none."""
        self.write("config.json", {**self.config, "sweep": {"metric": "validation_loss", "parameters": {
            "data.augment.0.pixels": {"values": [1, 2, 1]}, "optimizer.learning_rate": {"values": [0.01, 0.02]}}}})
        self.run_program("sweep", "config.json", "-o", "out", "-q")
        rows = list(csv.DictReader(self.run_program("runs", "out", "--format", "csv").stdout.splitlines()))
        self.assertEqual(len(rows), 4)
        self.assertEqual(len({row["validation_loss"] for row in rows}), 4)
        for row in rows:
            setting = [f"{key}={row[key]}" for key in ("data.augment.0.pixels", "optimizer.learning_rate")]
            losses = [float(m["validation_loss"]) for m in
                      self.run_training("-".join(setting).replace("=", "-"), *setting, "training.threads=1")]
            self.assertIn(float(f"{float(row['validation_loss']):.9g}"), losses)  # as metrics.csv has it

    def test_other_commands_take_it(self):
        self.assertIn("augmentation in training: shift, rotate, cutout, noise\n",
                      self.run_program("check", "config.json").stdout)
        self.assertNotIn("augmentation", self.run_program("check", "config.json", "data.augment=[]").stdout)
        for command in (["gradcheck"], ["trace", "-o", "trace.txt"], ["bench", "--json"]):
            self.run_program(command[0], "config.json", *command[1:])
        done = self.run_program("doctor", "config.json", status=None)
        self.assertIn("are learned by heart", done.stdout)  # as they are, without augmentation
        done = self.run_program("train", "config.json", "-q", "-o", "health", "log={\"health\": true}")
        self.assertEqual(len(self.metrics("health")), 4)

    def test_bad_augmentations(self):
        def refuse(message, augment, **data):
            self.write("config.json", {**self.config, "data": {**self.config["data"], "augment": augment, **data}})
            done = self.run_program("train", "config.json", "-o", "run", status=2)
            self.assertIn(message, done.stderr)
            self.assertFalse((self.dir / "run").exists())

        refuse("data.augment.1.type: unknown augmentation \"blur\"; known: crop, flip,", [{"type": "flip"}, {"type": "blur"}])
        refuse("here it is called \"flip\"", [{"type": "RandomHorizontalFlip"}])
        refuse("here it is two: \"brightness\" and \"contrast\"; known:", [{"type": "ColorJitter"}])
        refuse("data.augment.0.range: found [0.8], expected two numbers", [{"type": "scale", "range": [0.8]}])
        refuse("config.json:", [{"type": "crop", "padding": 0}])
        refuse("data.augment.0.padding: found 0, expected a whole number from 1", [{"type": "crop", "padding": 0}])
        refuse("found 6, but images are 6x6", [{"type": "crop", "padding": 6}])
        refuse("data.augment: found an object, expected a list such as", {"type": "flip"})
        refuse("an example of this data is a flat row of numbers; say \"shape\"", [{"type": "flip"}], shape=None)


if __name__ == "__main__":
    main()
