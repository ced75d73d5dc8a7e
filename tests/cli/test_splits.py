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


if __name__ == "__main__":
    main()
