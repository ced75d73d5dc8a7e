"""data.weight: a column that says what each row counts."""

import csv
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

LAYERS = [{"type": "linear", "units": 8}, {"type": "tanh"}, {"type": "linear"}]


def config(**data):
    return {"data": {"target": "kind", "weight": "counts", **data}, "model": {"layers": LAYERS}, "loss": {"type": "softmax"},
            "optimizer": {"type": "sgd", "learning_rate": 0.3}, "training": {"epochs": 6, "batch_size": 1000}}


class Weights(ProgramTest):
    def setUp(self):
        super().setUp()
        draw = random.Random(4)
        self.rows = []
        for _ in range(90):
            kind = draw.choice("abc")
            x = [round(draw.gauss("abc".index(kind) * k, 1), 3) for k in (0.7, -0.4)]
            self.rows.append([*x, draw.choice([0, 1, 1, 2, 3]), kind])
        self.write_rows("rows.csv", self.rows)

    def write_rows(self, name, rows, header="x,y,counts,kind"):
        self.write(name, "\n".join([header] + [",".join(map(str, row)) for row in rows]) + "\n")

    def train_run(self, run, settings, *more, **keywords):
        self.write("config.json", settings)
        return self.run_program("train", "config.json", "-q", "--json", "-o", run, *more, **keywords)

    def test_figures_are_weighted_means(self):
        """By the probabilities that predict gives, and arithmetic."""
        self.train_run("run", config(train="rows.csv"))
        self.run_program("predict", "run", "rows.csv", "-o", "out.csv")
        with open(self.dir / "out.csv") as file:
            predictions = list(csv.DictReader(file))
        weight = sum(row[2] for row in self.rows)
        loss = sum(-row[2] * math.log(float(p["probability_" + row[3]])) for row, p in zip(self.rows, predictions)) / weight
        right = sum(row[2] for row, p in zip(self.rows, predictions) if p["prediction"] == row[3]) / weight
        found = json.loads(self.run_program("eval", "run", "--on", "rows.csv", "--json").stdout)["file"]
        self.assertAlmostEqual(found["loss"], loss, places=6)  # probabilities are printed with 8 digits
        self.assertAlmostEqual(found["accuracy"], right, places=12)
        self.assertNotAlmostEqual(right, sum(p["prediction"] == r[3] for r, p in zip(self.rows, predictions)) / 90, places=3)

    def test_reports_count_by_weight(self):
        """The same as of rows that stand there so many times; fractions too."""
        self.train_run("run", config(train="rows.csv"))
        self.write_rows("repeated.csv", [[*row[:2], 1, row[3]] for row in self.rows for _ in range(row[2])])
        self.write_rows("halves.csv", [[*row[:2], row[2] / 2, row[3]] for row in self.rows])
        weighted, repeated, halves = (json.loads(self.run_program("eval", "run", "--on", name, "--json").stdout)["report"]
                                      for name in ("rows.csv", "repeated.csv", "halves.csv"))
        self.assertEqual(weighted["confusion"], repeated["confusion"])
        self.assertEqual([[2 * n for n in row] for row in halves["confusion"]], repeated["confusion"])
        for key in ("balanced_accuracy", "matthews", "cohen_kappa", "log_loss", "brier"):
            self.assertAlmostEqual(weighted[key], repeated[key], places=6)
            self.assertAlmostEqual(halves[key], repeated[key], places=6)
        self.assertRegex(self.run_program("eval", "run", "--on", "halves.csv").stdout, r"(?m)^[abc] +\d+\.5 ")

    def test_a_weight_of_2_is_the_row_twice(self):
        repeated = [row for row in self.rows for _ in range(row[2])]
        self.write_rows("repeated.csv", repeated)
        once = json.loads(self.train_run("once", config(train="rows.csv")).stdout)
        often = config(train="repeated.csv", ignore="counts")
        del often["data"]["weight"]
        often = json.loads(self.train_run("often", often).stdout)
        self.assertAlmostEqual(once["train"]["loss"], often["train"]["loss"], places=5)
        self.assertEqual(once["train"]["accuracy"], often["train"]["accuracy"])

    def test_predictions_need_no_weights(self):
        self.train_run("run", config(train="rows.csv"))
        self.run_program("predict", "run", "rows.csv", "-o", "with.csv")
        self.write_rows("bare.csv", [row[:2] for row in self.rows], "x,y")
        self.run_program("predict", "run", "bare.csv", "-o", "without.csv")
        self.assertEqual((self.dir / "with.csv").read_text(), (self.dir / "without.csv").read_text())
        out = self.run_program("eval", "run", "--on", "bare.csv", status=2).stderr
        self.assertIn('"counts" (the weight)', out)

    def test_what_is_said_of_the_column(self):
        self.write("config.json", config(train="rows.csv"))
        self.assertIn("2 of numbers and 0 of words beside the weights become 2 inputs", self.run_program("check", "config.json").stdout)
        self.assertRegex(self.run_program("describe", "config.json").stdout, r"(?m)^counts .* -  ")

    def test_columns_without_names(self):
        self.write("bare.csv", "\n".join(",".join(map(str, row)) for row in self.rows) + "\n")
        named = json.loads(self.train_run("named", config(train="rows.csv")).stdout)
        bare = json.loads(self.train_run("bare", config(train="bare.csv", target=-1, weight=2, validation="bare.csv")).stdout)
        self.assertEqual(named["train"], bare["train"])
        self.assertEqual(bare["validation"], bare["train"])

    def test_a_resumed_run_is_the_same(self):
        settings = config(train="rows.csv", validation={"fraction": 0.3})
        settings["training"]["batch_size"] = 16
        self.train_run("whole", settings)
        self.train_run("half", settings, "training.epochs=3")
        self.run_program("resume", "half", "training.epochs=6", "-q")
        self.assertEqual((self.dir / "whole/model.safetensors").read_bytes()[-64:],
                         (self.dir / "half/model.safetensors").read_bytes()[-64:])
        crc = [(self.dir / run / "metrics.csv").read_text().splitlines()[-1].split(",")[-1] for run in ("whole", "half")]
        self.assertEqual(*crc)

    def test_what_cannot_be_a_weight(self):
        for cell, said in (("-1", "a weight is 0 or more"), ("", "the weight is missing"), ("many", "expected a number"),
                           ("inf", "expected a finite number")):
            self.write_rows("wrong.csv", [*self.rows[:5], [1, 2, cell, "a"], *self.rows[5:]])
            out = self.train_run("run", config(train="wrong.csv"), status=2).stderr
            self.assertIn("wrong.csv:7: column \"counts\"", out)
            self.assertIn(said, out)
        self.write_rows("wrong.csv", [[1, 2, 0, kind] for kind in "abc"])
        self.assertIn("the weights of all 3 rows of the train data are 0",
                      self.train_run("run", config(train="wrong.csv"), status=2).stderr)

    def test_rows_without_a_weight_are_dropped_if_asked(self):
        self.write_rows("gaps.csv", [[1, 2, "", "a"], *self.rows])
        out = self.train_run("run", config(train="gaps.csv", missing="drop")).stderr
        self.assertIn("1 of 91 rows of the train data have missing values and were left out", out)

    def test_a_column_is_one_thing(self):
        for more, said in (({"weight": "kind"}, "is the target"), ({"ignore": ["counts"]}, 'is one of "ignore"'),
                           ({"columns": ["x", "counts"]}, 'is one of "columns"'),
                           ({"categorical": "counts"}, 'is one of "categorical"'),
                           ({"validation": {"fraction": 0.2, "group": "counts"}}, "is the group"),
                           ({"types": {"counts": "date"}}, "weights are numbers"),
                           ({"sample_weight": "counts"}, 'here it is called "weight"'),
                           ({"weight": "count"}, 'did you mean "counts"?')):
            with self.subTest(more):
                self.assertIn(said, self.train_run("run", config(train="rows.csv", **more), status=2).stderr)

    def test_doctor_knows_weights(self):
        """Among others the difference quotients, which are of the weighted loss."""
        self.write("config.json", config(train="rows.csv"))
        self.assertIn("agree with difference quotients", self.run_program("doctor", "config.json").stdout)


if __name__ == "__main__":
    main()
