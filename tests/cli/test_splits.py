"""How the validation part is split off: the last rows, whole groups; train, eval, resume and sweep see the same parts."""

import csv
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import CONFIG, ProgramTest, main  # noqa: E402


class Splits(ProgramTest):
    def write_config(self, validation, **data):
        data = {"train": "table.csv", "target": "y", **data}
        self.write("config.json", {**CONFIG, "data": data | ({"validation": validation} if validation else {})})

    def write_table(self, name, rows, header="a,b,y"):
        self.write(name, "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")

    def checksums(self, run):
        with open(self.dir / run / "metrics.csv") as file:
            return [row["parameters_crc32"] for row in csv.DictReader(file)]

    def check_same_everywhere(self):
        """The split of a run that trains is that of eval, of a run that goes on, and of a model file alone."""
        summary = self.train()
        for where in ("run", "run/model.safetensors"):
            for part in ("train", "validation"):
                found = json.loads(self.run_program("eval", where, "--on", part, "--json").stdout)
                self.assertEqual(found[part], summary[part])
        self.run_program("train", "config.json", "-q", "-o", "whole", "training.epochs=6")
        self.run_program("resume", "run", "-q", "training.epochs=6")
        self.assertEqual(self.checksums("run"), self.checksums("whole"))
        return summary


class Last(Splits):
    def test_the_last_rows_as_if_in_a_file_of_their_own(self):
        draw = random.Random(1)
        rows = [(round(draw.random(), 3), round(draw.random(), 3), draw.choice("xy")) for _ in range(33)]
        self.write_table("table.csv", rows)
        self.write_config({"last": 0.2})
        summary = self.check_same_everywhere()
        config = json.loads((self.dir / "run/config.json").read_text())
        self.assertEqual(config["data"]["validation"], {"last": 0.2})  # nothing is drawn
        self.write_table("first.csv", rows[:26])
        self.write_table("last.csv", rows[26:])  # round(6.6)
        self.run_program("train", "config.json", "-q", "-o", "files", "data.train=first.csv", "data.validation=last.csv",
                         "training.epochs=6")
        self.assertEqual(self.checksums("files"), self.checksums("run"))
        files = json.loads((self.dir / "files/summary.json").read_text())
        self.assertEqual(files["validation"], json.loads((self.dir / "run/summary.json").read_text())["validation"])
        self.assertNotEqual(files["validation"], summary["validation"])  # six epochs, not three

    def test_rows_that_are_left_out_do_not_count(self):
        self.write_table("table.csv", [(i, i % 3, "xy"[i % 2]) for i in range(10)] + [("", 1, "x")] * 10)
        self.write_config({"last": 0.2}, missing="drop")
        self.assertIn("train 8 validation 2", self.run_program("check", "config.json").stdout)

    def test_sweeps_tell_shares_apart(self):
        """What was tried with another share is not taken for done."""
        self.write_table("table.csv", [(i, i % 3, "xy"[i % 2]) for i in range(20)])
        self.write_config({"last": 0.2})
        sweep = 'sweep={"parameters": {"optimizer.learning_rate": {"values": [0.1, 0.2]}}}'
        self.run_program("sweep", "config.json", "-q", "-o", "out", sweep)
        again = self.run_program("sweep", "config.json", "-q", "-o", "out", sweep, "data.validation.last=0.4", status=2)
        self.assertIn("another", again.stderr)

    def test_folds_of_a_sweep_take_its_place_with_a_warning(self):
        self.write_table("table.csv", [(i, i % 3, "xy"[i % 2]) for i in range(20)])
        self.write_config({"last": 0.2})
        sweep = 'sweep={"folds": 2, "parameters": {"optimizer.learning_rate": {"values": [0.1]}}}'
        self.assertIn('folds are drawn from all rows and take the place of "last"',
                      self.run_program("sweep", "config.json", "-q", "-o", "out", sweep).stderr)


class Groups(Splits):
    def setUp(self):
        super().setUp()
        draw = random.Random(2)
        sizes = [9, 8, 7, 6, 5, 5, 4, 3, 2, 1]
        self.names = [f"p{g}" for g, size in enumerate(sizes) for _ in range(size)]
        draw.shuffle(self.names)
        self.rows = [(name, draw.randint(0, 9), draw.randint(0, 9), draw.choice("xy")) for name in self.names]
        self.write_table("table.csv", self.rows, "patient,a,b,y")

    def held(self, validation):
        """The sizes of both parts."""
        self.write_config(validation)
        line = self.run_program("check", "config.json").stdout.partition("examples: train ")[2].split()
        return int(line[0]), int(line[2])

    def test_fractions_and_folds(self):
        self.assertEqual(sum(self.held({"fraction": 0.3, "group": "patient"})), 50)
        sizes = [self.held({"folds": 5, "fold": f, "group": "patient"})[1] for f in range(5)]
        self.assertEqual(sizes, [10] * 5)  # 9 + 1, 8 + 2, 7 + 3, 6 + 4, 5 + 5
        self.assertEqual(self.held({"folds": 10, "fold": 9, "group": 0})[1], 1)  # by its number; the smallest comes last

    def test_the_same_everywhere(self):
        for split in ({"fraction": 0.3, "group": "patient"}, {"folds": 3, "fold": 1, "group": 0, "stratify": True, "seed": 4}):
            with self.subTest(split=split):
                self.write_config(split)
                self.check_same_everywhere()
                self.run_program("train", "run/config.json", "-q", "-o", "again")
                self.assertEqual(self.checksums("again"), self.checksums("whole"))
                for run in "run", "whole", "again":
                    for path in (self.dir / run).iterdir():
                        path.unlink()
                    (self.dir / run).rmdir()

    def test_the_group_is_no_input(self):
        """... unless it is listed; new rows need it no more than other columns that training left out."""
        self.write_config({"fraction": 0.3, "group": "patient"})
        self.assertIn("4 columns, a header line; 1 target; 2 of numbers and 0 of words become 2 inputs",
                      self.run_program("check", "config.json").stdout)
        self.train()
        self.write_table("new.csv", [(1, 2)], "b,a")
        self.assertEqual(len(self.run_program("predict", "run", "new.csv").stdout.splitlines()), 2)
        self.write_config({"fraction": 0.3, "group": "patient"}, ignore="patient")
        self.assertIn("become 2 inputs", self.run_program("check", "config.json").stdout)
        self.write_config({"fraction": 0.3, "group": "patient"}, columns=["patient", "a"])
        self.assertIn("1 of numbers and 1 of words become 11 inputs", self.run_program("check", "config.json").stdout)

    def test_spellings_of_a_number_are_one_group(self):
        rows = [(g, i, i % 3, "xy"[i % 2]) for i, g in enumerate(["3", "3.0", "+3", "07", "7", "7e0", "x"] * 3)]
        self.write_table("table.csv", rows, "patient,a,b,y")
        sizes = sorted(self.held({"folds": 4, "fold": f, "group": "patient"})[1] for f in range(4))
        self.assertEqual(sizes, [3, 3, 6, 9])

    def test_rows_without_a_group(self):
        rows = [("" if i % 4 == 0 else f"p{i % 4}", i, i % 3, "xy"[i // 4 % 2]) for i in range(20)]
        self.write_table("table.csv", rows, "patient,a,b,y")
        split = {"folds": 4, "fold": 0, "group": "patient"}
        self.write_config(split)
        refused = self.run_program("check", "config.json", status=2).stderr
        self.assertIn('table.csv:2: column "patient": found an empty cell, expected the group of the row; fill it in, or '
                      'leave out such rows with "missing": "drop"', refused)
        self.write_config(split, missing="mean")  # they are one group
        self.assertIn("train 15 validation 5", self.run_program("check", "config.json").stdout)
        self.write_config({**split, "folds": 3}, missing="drop")
        self.assertIn("train 10 validation 5", self.run_program("check", "config.json").stdout)

    def test_gaps_as_the_config_says(self):
        """... hold for groups, in training and when the split is made again."""
        rows = [("none" if i % 4 == 0 else f"p{i % 4}", i, i % 3, "xy"[i // 4 % 2]) for i in range(20)]
        self.write_table("table.csv", rows, "patient,a,b,y")
        self.write_config({"folds": 3, "fold": 0, "group": "patient"}, missing="drop", missing_values=["none"])
        self.assertIn("train 10 validation 5", self.run_program("check", "config.json").stdout)
        self.check_same_everywhere()

    def test_many_groups(self):
        """They need no dictionary of inputs."""
        self.write_table("table.csv", [(f"g{i // 2}", i, i % 3, "xy"[i % 2]) for i in range(10000)], "patient,a,b,y")
        self.assertEqual(self.held({"fraction": 0.2, "group": "patient"}), (8000, 2000))

    def test_sweeps_keep_groups_together(self):
        sweep = {"folds": 5, "parameters": {"optimizer.learning_rate": {"values": [0.1, 0.2]}}}
        self.write_config({"fraction": 0.2, "group": "patient", "stratify": False, "seed": 3})
        self.run_program("sweep", "config.json", "-q", "-o", "out", f"sweep={json.dumps(sweep)}")
        best = next(self.dir.glob("out/trials/*"))
        config = json.loads((best / "config.json").read_text())["data"]["validation"]
        self.assertEqual((config["group"], config["folds"], config["seed"]), ("patient", 5, 3))
        split = json.dumps({"folds": 5, "fold": config["fold"], "group": "patient", "seed": 3})
        rate = json.loads((best / "config.json").read_text())["optimizer"]["learning_rate"]
        self.run_program("train", "config.json", "-q", "-o", "run", f"data.validation={split}",
                         f"optimizer.learning_rate={rate}", "training.threads=1")
        self.assertEqual(self.checksums("run"), self.checksums(best.relative_to(self.dir)))

    def test_errors(self):
        draws = {"fraction": 0.2}
        for validation, data, message in (
                ({"last": 0.2, "group": "patient"}, {},
                 'data.validation.group: "last" cuts the table at one row, and groups with rows before and behind it'),
                (draws | {"group": "patent"}, {}, 'data.validation.group: unknown column "patent"; did you mean "patient"?'),
                (draws | {"group": 7}, {}, "data.validation.group: there is no column 7 in table.csv"),
                (draws | {"group": ["patient"]}, {}, "data.validation.group: found a list, expected a column's name"),
                (draws | {"group": "y"}, {}, "data.validation.group: column 3 (from 0) is the target"),
                (draws | {"group": "patient"}, {"categorical": "patient"},
                 "data.categorical: column 0 (from 0) is the group of data.validation"),
                ({"folds": 11, "group": "patient"}, {}, "data.validation.folds: 11 folds of 10 groups; take fewer folds")):
            with self.subTest(validation=validation):
                self.write_config(validation, **data)
                self.assertIn(message, self.run_program("train", "config.json", status=2).stderr)
        self.write_config(draws | {"group": "patient"})
        sweep = {"folds": 11, "parameters": {"optimizer.learning_rate": {"values": [0.1, 0.2]}}}
        self.assertIn("11 folds of 10 groups; take fewer folds",
                      self.run_program("sweep", "config.json", f"sweep={json.dumps(sweep)}", status=2).stderr)
        self.write_config(draws | {"group": "patent"})
        self.assertIn('config.json:5:5: data.validation: unknown column "patent"; did you mean "patient"?',
                      self.run_program("sweep", "config.json", f"sweep={json.dumps(sweep)}", status=2).stderr)
        self.write_table("table.csv", [("p", *row[1:]) for row in self.rows], "patient,a,b,y")
        self.write_config(draws | {"group": "patient"})
        self.assertIn("data.validation.group: all rows are of one group",
                      self.run_program("train", "config.json", status=2).stderr)
        self.write_table("table.csv", [(i, *row[1:]) for i, row in enumerate(self.rows)], "patient,a,b,y")
        self.assertIn("each of the 50 rows has a group of its own",
                      self.run_program("train", "config.json", "-q").stderr)

    def test_images_have_no_groups(self):
        self.write("config.json", {**CONFIG, "data": {"train": {"images": "i.idx", "labels": "l.idx"}, "normalize": 255,
                                                      "validation": {"fraction": 0.2, "group": "patient"}}})
        self.write("i.idx", bytes(16))
        self.write("l.idx", bytes(8))
        self.assertIn("data.validation.group: images have no columns; remove this key",
                      self.run_program("train", "config.json", status=2).stderr)


if __name__ == "__main__":
    main()
