"""Earlier values of columns as inputs: what train, eval, predict and sweep make of them."""

import csv
import io
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

LAST = {"last": 0.25}


def series(rows, sites=("n", "s"), seed=1):
    """(site, x, y), y being what x was two rows earlier in the site, and y three rows earlier: a line knows it exactly."""
    draw, past, table = random.Random(seed), {site: [] for site in sites}, []
    for _ in range(rows):
        site = draw.choice(sites)
        x = draw.randint(-9, 9)
        before = past[site]
        y = (before[-2][0] if len(before) > 1 else 0) + (0.5 * before[-3][1] if len(before) > 2 else 0)
        before.append((x, y))
        table.append((site, x, y))
    return table


class Lags(ProgramTest):
    def write_table(self, name, rows, header="site,x,y"):
        lines = ([header] if header else []) + [",".join(map(str, row)) for row in rows]
        self.write(name, "\n".join(lines) + "\n")

    def write_config(self, lags, validation=LAST, header=True, **data):
        data = {"train": "table.csv", "target": "y", "ignore": "site", "lags": lags,
                **({"validation": validation} if validation else {}), **data}
        self.write("config.json", {
            "data": {k: v for k, v in data.items() if v is not None}, "model": {"layers": [{"type": "linear"}]},
            "loss": {"type": "l2"}, "optimizer": {"type": "adam", "learning_rate": 0.05},
            "training": {"epochs": 60, "batch_size": 16}})

    def write_example(self, rows=200, **data):
        """Both lags of the rule in series."""
        self.rows = series(rows)
        self.write_table("table.csv", self.rows)
        self.write_config([{"columns": "x", "steps": 2, "group": "site"}, {"columns": ["y"], "steps": [3], "group": "site"}],
                          **data)

    def without(self, count, rows=None):
        """Rows with fewer than `count` rows before them in their site."""
        seen, missing = {}, []
        for i, (site, *_) in enumerate(rows or self.rows):
            if seen.setdefault(site, 0) < count:
                missing.append(i)
            seen[site] += 1
        return missing

    def predictions(self, file, *arguments, **more):
        done = self.run_program("predict", "run", file, *arguments, **more)
        return [row[0] for row in csv.reader(io.StringIO(done.stdout))][1:], done.stderr

    def check_predictions(self, found, rows, without):
        self.assertEqual(len(found), len(rows))
        for i, (text, row) in enumerate(zip(found, rows)):
            if i in without:
                self.assertEqual(text, "")
            else:
                self.assertAlmostEqual(float(text), row[2], delta=0.05)  # what is left after 60 epochs

    def checksums(self, run):
        with open(self.dir / run / "metrics.csv") as file:
            return [row["parameters_crc32"] for row in csv.DictReader(file)]


class Learning(Lags):
    def test_a_rule_of_earlier_rows_is_learned(self):
        self.write_example()
        out = self.run_program("check", "config.json")
        self.assertIn("3 columns, a header line; 1 target; 1 of numbers and 0 of words and 2 lags become 3 inputs", out.stdout)
        left_out = len(self.without(3))
        self.assertEqual(left_out, 6)
        self.assertIn(f"data.lags: {left_out} of 200 rows of the train data have no row 3 before them in their group and were "
                      'left out ("missing": "mean" or "indicator" keeps them)', out.stderr)
        held = (200 - left_out + 2) // 4
        self.assertIn(f"train {200 - left_out - held} validation {held}", out.stdout)
        summary = self.train()
        self.assertLess(summary["validation"]["rmse"], 0.05)  # its deviation is 6
        for part in ("train", "validation"):
            found = json.loads(self.run_program("eval", "run", "--on", part, "--json").stdout)
            self.assertEqual(found[part], summary[part])
        self.run_program("train", "config.json", "-q", "-o", "whole", "training.epochs=70")
        self.run_program("resume", "run", "-q", "training.epochs=70")
        self.assertEqual(self.checksums("run"), self.checksums("whole"))

    def test_new_rows_keep_their_places(self):
        """From a file and row by row, with the target or its cells left empty where it is not known yet."""
        self.write_example()
        self.train()
        rows = series(40, seed=2)
        self.write_table("new.csv", rows)
        found, warning = self.predictions("new.csv")
        self.check_predictions(found, rows, self.without(3, rows))
        self.assertIn("6 rows have no prediction: lags look up to 3 rows back in a row's group, where there is no row, or no "
                      "value in it", warning)
        stream, warning = self.predictions("-", input=(self.dir / "new.csv").read_text())
        self.assertEqual(stream, found)
        self.assertIn("6 rows have no prediction", warning)
        self.assertIn('\n""\n', self.run_program("predict", "run", "new.csv").stdout)  # a row, not an empty line
        self.write_table("last.csv", [*rows[:-1], (*rows[-1][:2], "")])
        last, warning = self.predictions("last.csv")
        self.assertEqual(last, found)
        # columns in another order, and further ones
        self.write_table("other.csv", [(y, "?", x, site) for site, x, y in rows], "y,more,x,site")
        self.assertEqual(self.predictions("other.csv")[0], found)
        # a value that is missing is missed by the rows that look at it
        third = [i for i, row in enumerate(rows) if row[0] == "n"][3:]
        self.write_table("gap.csv", [(s, x, "NA" if i == third[0] else y) for i, (s, x, y) in enumerate(rows)])
        gap, _ = self.predictions("gap.csv")
        self.assertEqual([i for i in range(40) if gap[i] != found[i]], [third[3]])
        self.assertEqual(gap[third[3]], "")

    def test_without_names(self):
        self.rows = series(200)
        self.write_table("table.csv", self.rows, None)
        self.write_config([{"columns": 1, "steps": 2, "group": 0}, {"columns": -1, "steps": 3, "group": 0}], target=-1, ignore=0)
        self.train()
        rows = series(30, seed=3)
        self.write_table("new.csv", rows, None)
        self.check_predictions(self.predictions("new.csv")[0], rows, self.without(3, rows))
        self.write_table("new.csv", [row[:2] for row in rows], None)
        self.assertIn("new.csv: found 2 columns, expected 3, with the target: the input 2_lag3 looks at its earlier rows",
                      self.run_program("predict", "run", "new.csv", status=2).stderr)

    def test_what_is_missing_is_filled_in(self):
        for missing, inputs in (("mean", 3), ("indicator", 5)):
            with self.subTest(missing=missing):
                self.write_example(missing=missing)
                check = self.run_program("check", "config.json")
                self.assertIn(f"become {inputs} inputs", check.stdout)
                self.assertIn("train 150 validation 50", check.stdout)
                self.assertNotIn("left out", check.stderr)
                self.run_program("train", "config.json", "-q", "-o", "run")
                self.write_table("new.csv", self.rows[:9])
                found, warning = self.predictions("new.csv")
                self.assertEqual((len(found), "" in found, warning), (9, False, ""))
                self.run_program("eval", "run", "--on", "validation")
                for path in (self.dir / "run").iterdir():
                    path.unlink()
                (self.dir / "run").rmdir()

    def test_rows_that_are_left_out_are_earlier_rows_all_the_same(self):
        """A row without x is dropped, and so are those that look at it; the count of rows goes on."""
        self.rows = series(200)
        gaps = [20, 21, 90]
        self.write_table("table.csv", [(s, "" if i in gaps else x, y) for i, (s, x, y) in enumerate(self.rows)])
        self.write_config({"columns": "x", "steps": [2], "group": "site"}, missing="drop", columns="x", ignore=None)
        lookers = set()
        for site in "ns":
            own = [i for i, row in enumerate(self.rows) if row[0] == site]
            lookers |= {later for earlier, later in zip(own, own[2:]) if earlier in gaps}
        dropped = len(lookers | set(gaps))
        warning = self.run_program("check", "config.json").stderr
        self.assertIn(f"{dropped} of 200 rows of the train data have missing values and were left out", warning)
        self.assertIn("4 of 200 rows of the train data have no row 2 before them", warning)

    def test_all_rows_are_one_series_without_a_group(self):
        rows = [(i, i * i) for i in range(12)]
        self.write_table("table.csv", rows, "x,y")
        self.write_config({"columns": ["y", "x"], "steps": [1, 4]}, ignore=None, validation=None)
        self.assertIn("and 4 lags become 5 inputs", self.run_program("check", "config.json").stdout)
        self.assertIn("4 of 12 rows of the train data have no row 4 before them and were left out",
                      self.run_program("check", "config.json").stderr)

    def test_cells_as_columns_are_written(self):
        """A lag is read as its column is, one that is no input too; further words stand for gaps."""
        rows = series(200)
        text = ["site;price;x"] + [f"{s};{str(y).replace('.', ',')} €;{x}" for s, x, y in rows]
        self.write("table.csv", "\n".join(text) + "\n")
        self.write_config([{"columns": "x", "steps": 2, "group": "site"}, {"columns": "price", "steps": 3, "group": "site"}],
                          target="price", types={"price": "currency"}, decimal=",", missing_values=["none"])
        self.assertLess(self.train()["validation"]["rmse"], 0.05)
        found, _ = self.predictions("table.csv")
        self.check_predictions(found, rows, self.without(3, rows))
        self.write("new.csv", "\n".join([*text[:20], text[20].rpartition(";")[0].partition(";")[0] + ";none;3"]) + "\n")
        self.assertEqual(self.predictions("new.csv")[0][:19], found[:19])
        self.assertEqual(self.predictions("-", input=(self.dir / "new.csv").read_text())[0][:19], found[:19])
        # the price as a lag alone, of another target
        self.write_config({"columns": "price", "steps": 1}, target="x", columns=["site"], ignore=None, decimal=",",
                          types={"price": {"type": "currency"}})
        self.run_program("train", "config.json", "-q", "-o", "other")
        self.assertEqual(len(self.run_program("predict", "other", "table.csv").stdout.splitlines()), 201)
        self.write_config({"columns": "price", "steps": 1}, target="x", columns=["site"], ignore=None,
                          types={"price": "words"})
        self.assertIn('data.types.price: "lags" are values of columns of numbers',
                      self.run_program("check", "config.json", status=2).stderr)

    def test_gaps_of_a_group(self):
        rows = [(s if i % 9 else "unknown", x, y) for i, (s, x, y) in enumerate(series(90))]
        self.write_table("table.csv", rows)
        self.write_config({"columns": "x", "steps": 1, "group": "site"}, missing_values=["Unknown"])
        self.assertIn('table.csv:2: column "site": found "unknown", expected the group of the row',
                      self.run_program("check", "config.json", status=2).stderr)
        self.write_config({"columns": "x", "steps": 1, "group": "site"}, missing_values=["Unknown"], missing="drop")
        done = self.run_program("check", "config.json")
        self.assertIn("10 of 90 rows of the train data have missing values and were left out", done.stderr)
        self.assertIn("2 of 90 rows of the train data have no row 1 before them in their group", done.stderr)

    def test_new_rows_without_a_group(self):
        """What was dropped in training has no prediction: such a row had the lags of the row before it."""
        self.write_table("table.csv", series(60))
        self.write_config({"columns": "x", "steps": 1, "group": "site"}, missing="drop")
        self.train("training.epochs=1")
        self.write("new.csv", "site,x\na,1\na,2\n,3\n")
        said = ':4: column "site": found an empty cell, expected the group of the row; fill it in\n'
        self.assertIn("new.csv" + said, self.run_program("predict", "run", "new.csv", status=2).stderr)
        self.assertIn("standard input" + said, self.run_program(
            "predict", "run", "-", input=(self.dir / "new.csv").read_text(), status=2).stderr)

    def test_bad_cells_of_a_narrower_file(self):
        """The columns of lags stand elsewhere than in training (such a place was read behind the row)."""
        rows = [tuple(range(300)) + (i, i % 7, i) for i in range(40)]
        self.write_table("table.csv", rows, ",".join(f"c{i}" for i in range(300)) + ",x,z,y")
        self.write_config({"columns": ["x", "z"], "steps": 1}, ignore=None, columns="x")
        self.train("training.epochs=1")
        self.write("new.csv", "x,z,y\n1,1,1\nodd,1,1\n1,even,1\n1,uneven,1\n")
        said = self.run_program("predict", "run", "new.csv", status=2).stderr
        self.assertIn('new.csv:3: column "x": found "odd", expected a number\n', said)
        self.assertIn('new.csv:4: column "z": found "even", expected a number; and 1 more such cell of the column, in line 5', said)

    def test_only_lags(self):
        """A table of one column."""
        self.write_table("table.csv", [(round(math.sin(i), 4),) for i in range(80)], "y")
        self.write_config({"columns": "y", "steps": [1, 2]}, ignore=None)
        self.assertLess(self.train("training.epochs=400")["validation"]["rmse"], 0.05)  # 2 cos 1 sin(i - 1) - sin(i - 2)
        self.assertEqual(self.predictions("table.csv")[0][:2], ["", ""])

    def test_every_file_is_a_series_of_its_own(self):
        self.write_example(validation="validation.csv", test="test.csv")
        self.write_table("validation.csv", series(50, seed=4))
        self.write_table("test.csv", series(30, seed=5))
        done = self.run_program("train", "config.json", "-q", "--json", "-o", "run")
        for rows, part in ((200, "train"), (50, "validation"), (30, "test")):
            self.assertIn(f"6 of {rows} rows of the {part} data have no row 3 before them", done.stderr)
        self.assertLess(json.loads(done.stdout)["test"]["rmse"], 0.05)
        found = json.loads(self.run_program("eval", "run", "--on", "test.csv", "--json").stdout)
        self.assertEqual(found["file"], json.loads(done.stdout)["test"])

    def test_classes(self):
        rows = series(200)
        self.write_table("table.csv", [(s, x, "up" if y > 0 else "down") for s, x, y in rows])
        self.write_config({"columns": "x", "steps": [1, 2], "group": "site"})
        self.run_program("train", "config.json", "-q", "-o", "run", 'loss={"type": "softmax"}')
        lines = self.run_program("predict", "run", "table.csv").stdout.splitlines()
        self.assertEqual(lines[:2], ["prediction,probability_down,probability_up", ",,"])
        self.assertEqual(len(lines), 201)

    def test_sweeps(self):
        self.write_example(validation={"fraction": 0.2})
        sweep = 'sweep={"folds": 2, "parameters": {"optimizer.learning_rate": {"values": [0.05, 0.1]}}}'
        done = self.run_program("sweep", "config.json", "-o", "out", sweep, "training.epochs=3")
        self.assertIn("4 of 4 trials done", done.stdout)
        self.assertEqual(done.stderr.count("rows drawn at random lie between rows of training"), 1)

    def test_rows_drawn_at_random_earn_a_warning(self):
        said = "rows drawn at random lie between rows of training that have the same values as lags"
        for validation, warned in ((LAST, False), ({"fraction": 0.2}, True), ({"folds": 2}, True),
                                   ({"fraction": 0.5, "group": "site"}, False), ({"folds": 2, "group": "x"}, True)):
            with self.subTest(validation=validation):
                self.write_example(validation=validation)
                if validation.get("group") == "x":
                    self.write_table("table.csv", [(s, i // 50, y) for i, (s, _, y) in enumerate(self.rows)])
                self.assertEqual(said in self.run_program("check", "config.json").stderr, warned)
        self.write_example(validation=None)
        self.assertNotIn(said, self.run_program("check", "config.json").stderr)


class Refused(Lags):
    def refuse(self, lags, *messages, **data):
        self.rows = series(20)
        if not (self.dir / "table.csv").exists():
            self.write_table("table.csv", self.rows)
        self.write_config(lags, **data)
        done = self.run_program("train", "config.json", status=2)
        for message in messages:
            self.assertIn(message, done.stderr)

    def test_sections(self):
        load = {"columns": "x", "steps": 1}
        for lags, message in (
                ([], "data.lags: the list is empty"),
                (3, "data.lags: found 3, expected an object such as"),
                ([load, 3], 'data.lags.1: found a number, expected an object such as {"columns": ["load"], "steps": [1, 24]}'),
                ({"columns": "x"}, 'data.lags.steps: this key is missing; expected a whole number of rows'),
                ({"columns": "x", "steps": []}, "data.lags.steps: the list is empty"),
                ({"columns": [], "steps": 1}, "data.lags.columns: the list is empty"),
                ({"columns": "x", "steps": 0}, "data.lags.steps: found 0, expected a whole number of rows, from 1 (the row before)"),
                ({"columns": "x", "steps": [1, 2.5]}, "data.lags.steps: found 2.5, expected a whole number of rows"),
                ({"columns": "x", "steps": [1, "a"]}, "data.lags.steps: found text in quotes in the list, expected whole numbers of rows"),
                ({"columns": [True], "steps": 1}, "data.lags.columns: found true or false in the list, expected names or numbers"),
                (load | {"by": "site"}, 'data.lags.by: unknown key "by"')):
            with self.subTest(lags=lags):
                self.refuse(lags, message)

    def test_columns(self):
        for lags, message, data in (
                ({"columns": "z", "steps": 1}, 'data.lags.columns: unknown column "z"', {}),
                ([{"columns": 7, "steps": 1}], "data.lags.0.columns: there is no column 7 in table.csv", {}),
                ({"columns": "x", "steps": 1, "group": "sites"}, 'unknown column "sites"; did you mean "site"?', {}),
                ({"columns": "x", "steps": [1, 2, 1]}, "data.lags: x_lag1 is there twice", {}),
                ({"columns": "x", "steps": 1, "group": "x"}, "column 1 (from 0) is the group itself", {}),
                ({"columns": "site", "steps": 1}, "column 0 (from 0) is one of words: lags are values of columns of numbers",
                 {"ignore": None, "categorical": "site"}),
                ({"columns": "site", "steps": 1}, 'table.csv:2: column "site": found "n", expected a number', {}),
                ({"columns": "x", "steps": 50}, "table.csv: no row that is complete has a row 50 before it", {}),
                ({"columns": "x", "steps": 50}, "table.csv: no row has a value 50 rows before it", {"missing": "mean"})):
            with self.subTest(lags=lags):
                self.refuse(lags, message, **data)

    def test_a_class_has_no_lags(self):
        self.write_table("table.csv", [(s, x, "ab"[x > 0]) for s, x, _ in series(20)])
        self.write_config({"columns": "y", "steps": 1})
        self.assertIn("column 2 (from 0) is the target, a class",
                      self.run_program("train", "config.json", 'loss={"type": "softmax"}', status=2).stderr)

    def test_names_that_are_taken(self):
        self.write_table("table.csv", [(x, x, y) for _, x, y in series(20)], "x_lag1,x,y")
        lags = {"columns": "x", "steps": 1}
        self.refuse(lags, 'the input would be called "x_lag1", as a column of table.csv is already', ignore=None)
        self.write_config(lags, ignore="x_lag1")
        self.run_program("check", "config.json")

    def test_missing_cells(self):
        """Of a column that is no input itself, too; each cell is named once."""
        rows = [(s if i != 7 else "", x if i != 5 else "NA", y) for i, (s, x, y) in enumerate(series(20))]
        self.write_table("table.csv", rows)
        self.write_config({"columns": "x", "steps": 1, "group": "site"}, ignore=["site", "x"])
        message = self.run_program("train", "config.json", status=2).stderr
        self.assertIn('table.csv:7: column "x": found "NA", a missing value, expected a number; missing values need "missing"', message)
        self.assertIn('table.csv:9: column "site": found an empty cell, expected the group of the row', message)
        self.write_config({"columns": "x", "steps": 1, "group": "site"}, ignore=["site"])
        self.assertEqual(self.run_program("train", "config.json", status=2).stderr.count("table.csv:7"), 1)

    def test_predict_without_what_lags_look_at(self):
        self.write_example()
        self.train()
        rows = series(9, seed=6)
        self.write_table("new.csv", [row[:2] for row in rows], "site,x")
        said = 'the model needs the column "y", which is not in this file: the input y_lag3 looks at its earlier rows (cells ' \
               "that are not known yet may be empty)"
        self.assertIn(f"new.csv: {said}", self.run_program("predict", "run", "new.csv", status=2).stderr)
        self.assertIn(f"standard input: {said}", self.run_program(
            "predict", "run", "-", input=(self.dir / "new.csv").read_text(), status=2).stderr)
        self.write_table("new.csv", [row[1:] for row in rows], "x,y")
        self.assertIn('the model needs the column "site"', self.run_program("predict", "run", "new.csv", status=2).stderr)
        self.write_table("new.csv", [(s, x, y, y) for s, x, y in rows], "site,x,y,y")
        self.assertIn('new.csv: several columns are called "y", whose earlier rows the input y_lag3 needs',
                      self.run_program("predict", "run", "new.csv", status=2).stderr)

    def test_images(self):
        self.write("config.json", {"data": {"train": {"images": "i.idx", "labels": "l.idx"}, "normalize": 255,
                                            "lags": {"columns": 0, "steps": 1}}, "model": {"layers": [{"type": "linear"}]},
                                   "loss": {"type": "softmax"}, "optimizer": {"type": "sgd", "learning_rate": 0.1},
                                   "training": {"epochs": 1, "batch_size": 2}})
        self.write("i.idx", bytes(16))
        self.write("l.idx", bytes(8))
        self.assertIn("data.lags: images have no columns; remove this key",
                      self.run_program("train", "config.json", status=2).stderr)


if __name__ == "__main__":
    main()
