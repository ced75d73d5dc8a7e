"""How cells are written: decimal, thousands, missing_values and types, in training and for new rows; and what is said of
cells that are written in another way."""

import csv
import datetime
import io
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

ROWS = 60
LAYERS = [{"type": "linear", "units": 6}, {"type": "tanh"}, {"type": "linear"}]
PARTS = ["time", "year", "month", "day", "weekday", "hour"]


def config(train="table.csv", target="y", loss="l2", **data):
    return {"data": {"train": train, "target": target, "normalize": "standardize", "normalize_target": "standardize",
                     "validation": {"fraction": 0.25}, **data},
            "model": {"layers": LAYERS}, "loss": {"type": loss}, "training": {"epochs": 20, "batch_size": 8}}


def to_text(rows, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def values():
    """A price, a share, a weight and an instant a row, and a target made of them."""
    draw = random.Random(5)
    for _ in range(ROWS):
        price, share, weight = round(draw.uniform(-5e4, 5e6), 2), round(draw.uniform(0, 100), 1), draw.randrange(1, 90)
        when = datetime.datetime(2023, 1, 1) + datetime.timedelta(minutes=draw.randrange(700000))
        yield price, share, weight, when, round(price / 100 + 700 * share - 60 * weight * when.month, 2)


def parts(when):
    days = (when - datetime.datetime(1970, 1, 1)).total_seconds() / 86400
    return [repr(days), when.year, when.month, when.day, when.weekday(), repr(when.hour + when.minute / 60)]


def clean(new=False):
    yield ["price", "share", "weight", *PARTS] + ([] if new else ["y"])
    for price, share, weight, when, y in values():
        yield [price, share, weight, *parts(when)] + ([] if new else [y])


def european(number, places=2):
    return f"{number:,.{places}f}".replace(",", "T").replace(".", ",").replace("T", ".")


def american(new=False):
    yield ["price", "share", "weight", "when"] + ([] if new else ["y"])
    for price, share, weight, when, y in values():
        money = f"${price:,.2f}" if price >= 0 else f"(${-price:,.2f})"
        yield [money, f"{share}%", f"{weight} kg", when.strftime("%m/%d/%Y %I:%M %p")] + ([] if new else [f"USD {y:,.2f}"])


def german(new=False):
    yield ["price", "share", "weight", "when"] + ([] if new else ["y"])
    for price, share, weight, when, y in values():
        yield [european(price) + " \u20ac", european(share, 1) + "\u00a0%", f"{weight} kg", when.strftime("%d.%m.%Y %H:%M")] + \
            ([] if new else [european(y) + " \u20ac"])


US = {"types": {"price": {"type": "currency", "thousands": ","}, "share": "percent", "weight": {"type": "number", "unit": "kg"},
                "when": {"type": "date", "format": "%m/%d/%Y %I:%M %p"}, "y": {"type": "currency", "thousands": ","}}}
DE = {"decimal": ",", "thousands": ".",
      "types": {"price": "currency", "share": "percent", "weight": {"type": "number", "unit": "kg"},
                "when": {"type": "date", "format": "%d.%m.%Y %H:%M"}, "y": "currency"}}


class Cells(ProgramTest):
    def learn(self, name, rows, delimiter=",", **data):
        """Trains; returns the checksum of the parameters at the end."""
        self.write(f"{name}.csv", to_text(rows, delimiter))
        self.write(f"{name}.json", config(f"{name}.csv", **data))
        done = self.run_program("train", f"{name}.json", "-q", "-o", name)
        self.assertEqual(done.stderr, "")
        return (self.dir / name / "metrics.csv").read_text().splitlines()[-1].split(",")[-1]

    def metadata(self, run):
        model = (self.dir / run / "model.safetensors").read_bytes()
        return json.loads(model[8:8 + int.from_bytes(model[:8], "little")])["__metadata__"]

    def test_two_locales_learn_what_the_cleaned_table_does(self):
        expected = self.learn("clean", clean())
        for name, rows, delimiter, data in (("us", american, ",", US), ("de", german, ";", DE)):
            self.assertEqual(self.learn(name, rows(), delimiter, **data), expected)
            new = to_text(rows(new=True), delimiter)
            self.write("new.csv", new)
            self.write("clean_new.csv", to_text(clean(new=True)))
            wanted = self.run_program("predict", "clean", "clean_new.csv").stdout
            self.assertEqual(wanted.count("\n"), ROWS + 1)
            self.assertEqual(self.run_program("predict", name, "new.csv").stdout, wanted)
            self.assertEqual(self.run_program("predict", name, "-", input=new).stdout, wanted)
            without_names = new.split("\n", 1)[1]
            self.assertEqual(self.run_program("predict", name, "-", input=without_names).stdout, wanted)
            self.assertEqual(self.run_program("eval", name, "--on", f"{name}.csv").stdout,
                             self.run_program("eval", "clean", "--on", "clean.csv").stdout)

    def test_resolved_config_and_model_have_the_keys(self):
        self.learn("de", german(), ";", **DE, missing_values=["-", -999])
        resolved = json.loads((self.dir / "de/config.json").read_text())["data"]
        self.assertEqual({key: resolved[key] for key in DE}, DE)
        self.assertEqual(resolved["missing_values"], ["-", -999])
        inputs = json.loads(self.metadata("de")["inputs"])
        self.assertEqual(inputs["cells"], {"decimal": ",", "thousands": "."})
        self.assertEqual(inputs["missing_values"], ["-", "-999"])
        self.assertEqual([c["format"]["type"] for c in inputs["columns"]], ["currency", "percent", "number", "date"])
        self.assertEqual(inputs["columns"][3]["format"]["parts"], PARTS)
        self.assertEqual(json.loads(self.metadata("de")["target"])["formats"],
                         [{"type": "currency", "decimal": ",", "thousands": ".", "currency": "EUR"}])
        # what a config says of its data alone is read again
        self.run_program("train", "de/config.json", "-q", "-o", "again")
        self.assertEqual((self.dir / "again/metrics.csv").read_text().splitlines()[-1].split(",")[-1],
                         (self.dir / "de/metrics.csv").read_text().splitlines()[-1].split(",")[-1])

    def test_plain_tables_say_nothing_of_cells(self):
        self.learn("clean", clean())
        self.assertNotIn("inputs", self.metadata("clean"))
        self.assertNotIn("formats", json.loads(self.metadata("clean")["target"]))

    def check(self, table, status=0, target="y", loss="l2", **data):
        self.write("table.csv", table)
        self.write("config.json", config(target=target, loss=loss, **data))
        done = self.run_program("check", "config.json", status=status)
        return done.stdout + done.stderr

    def refuse(self, table, *messages, **how):
        said = self.check(table, 2, **how)
        for message in messages:
            self.assertIn(message, said)
        return said

    def test_dates_in_iso_are_seen(self):
        table = "day,x,y\n" + "".join(f"2024-03-{i:02},{i},{i * i}\n" for i in range(1, 31))
        said = self.check(table)
        self.assertIn('column "day" holds dates, which become 3 inputs: time, day, weekday', said)
        self.assertIn('as with "types": {"day": "date"}; {"day": "words"} takes them as words', said)
        self.assertIn("1 of numbers, 0 of words and 1 of dates become 4 inputs", said)
        self.run_program("train", "config.json", "-q", "-o", "run")
        self.assertEqual(json.loads((self.dir / "run/config.json").read_text())["data"]["types"], {"day": "date"})
        said = self.check(table, types={"day": "words"})
        self.assertIn("1 of numbers and 1 of words become 31 inputs", said)
        self.assertNotIn("dates", said)
        self.assertIn("become 2 inputs", self.check(table, types={"day": {"type": "date", "parts": ["weekday"]}}))
        self.assertIn("become 3 inputs", self.check(table, types={"day": {"type": "date", "parts": ["weekday"], "cyclic": True}}))
        self.assertIn("become 6 inputs", self.check(table, types={"day": {"type": "date", "cyclic": True}}))
        without = table.split("\n", 1)[1]
        self.assertIn("column 0 (from 0) holds dates", self.check(without, target=-1))
        same = "day,y\n" + "".join(f"2024-03-01,{i}\n" for i in range(9))
        self.assertIn("become 1 input: time", self.check(same))

    def test_missing_dates(self):
        table = "day,x,y\n" + "".join(f"2024-{i % 12 + 1:02}-05,{i},{i * i}\n" for i in range(30)) + ",3,9\n?,4,16\n-,5,25\n"
        self.refuse(table, 'table.csv:32: column "day": found an empty cell, expected a date; missing values need')
        self.refuse(table, 'table.csv:34: column "day": found "-", expected a date as in line 2 ("2024-01-05"); "missing_values": '
                    '["-"] in "data" takes it for a gap', missing="mean")
        gaps = {"missing_values": ["-"]}
        self.assertIn("become 4 inputs", self.check(table, missing="mean", **gaps))
        self.assertIn("become 5 inputs", self.check(table, missing="indicator", **gaps))
        self.assertIn("3 of 33 rows of the train data have missing values", self.check(table, missing="drop", **gaps))
        for missing in ("mean", "indicator"):
            self.write("config.json", config(missing=missing, **gaps))
            self.run_program("train", "config.json", "-q", "-o", missing)
            told = self.run_program("predict", missing, "-", input="day,x\n-,5\n,5\n").stdout.splitlines()
            self.assertEqual(told[1], told[2])
            fill = json.loads(self.metadata(missing)["inputs"])["fill"]
            self.assertEqual(len(fill), 4 if missing == "mean" else 5)

    def test_missing_values(self):
        rows = "".join(f"{i},{'unknown' if i % 7 == 0 else 'ab'[i % 2]},{-999.0 if i % 5 == 0 else i},{i * i}\n" for i in range(40))
        table = "i,word,n,y\n" + rows + "40,Unknown,-,1600\n"
        said = self.check(table, missing="drop", missing_values=["unknown", -999, "-"])
        self.assertIn("13 of 41 rows of the train data have missing values and were left out", said)
        self.assertIn("2 of numbers and 1 of words become 4 inputs", said)
        self.refuse(table, 'found "0", a missing value', missing_values=["0"])
        self.write("config.json", config(missing="mean", missing_values=["unknown", "-999", "-"]))
        self.run_program("train", "config.json", "-q", "-o", "run")
        done = self.run_program("predict", "run", "-", input="i,word,n\n1,unknown,-999\n1,?,?\n1,UNKNOWN,-999.00\n")
        self.assertEqual(done.stderr, "")
        self.assertEqual(len(set(done.stdout.splitlines()[1:])), 1)

    def test_cells_that_need_a_key(self):
        """Every message can be pasted into the config, and then the table is read."""
        rows = [(f"${1000 + i:,}", f"{i}.5%", f"{i},{i}", f"{i} kg", f"{i}.12.2024", f"1 0{i:02}", i) for i in range(10, 31)]
        table = to_text([["price", 'the "share"', "comma", "weight", "when", "space", "y"], *rows])
        said = self.refuse(
            table,
            'table.csv:2: column "price": found "$1,010", which does not look like a word; "types": {"price": {"type": "currency", '
            '"thousands": ","}} in "data" reads it as 1010, "types": {"price": {"type": "currency", "decimal": ","}} in "data" as 1.01 (if such cells are words, list the column in "categorical")',
            '"types": {"1": "percent"} in "data" reads it as 10.5',
            'column "comma": found "10,10", which does not look like a word; "decimal": "," in "data" reads it as 10.1',
            '"types": {"when": {"type": "date", "format": "%d.%m.%Y"}} in "data" reads it',
            'column "space": found "1 010", which does not look like a word; "thousands": " " in "data" reads it as 1010')
        self.assertGreaterEqual(said.count("error:"), 5)
        types = {"price": {"type": "currency", "thousands": ","}, "1": "percent", "space": {"type": "number", "thousands": " "},
                 "when": {"type": "date", "format": "%d.%m.%Y"}, "comma": {"type": "number", "decimal": ","}}
        self.assertIn("4 of numbers, 1 of words and 1 of dates", self.check(table, types=types))

    def test_cells_of_a_column_of_numbers_that_need_a_key(self):
        for cell, cure in (("1,230", '"thousands": "," in "data" reads it as 1230, "decimal": "," in "data" as 1.23'),
                           ("1.234,56", '"decimal": ",", "thousands": "." in "data" reads it as 1234.56'),
                           ("1.234.567", '"decimal": ",", "thousands": "." in "data" reads it as 1234567'),
                           ("1'234.5", '"thousands": "\'" in "data" reads it as 1234.5'),
                           ("12.5%", '"types": {"x": "percent"} in "data" reads it as 12.5'),
                           ("$5", '"types": {"x": "currency"} in "data" reads it as 5'),
                           ("1.230,50 \u20ac", '"types": {"x": {"type": "currency", "decimal": ",", "thousands": "."}} in "data" reads it'),
                           ("(5.00)", '"types": {"x": "currency"} in "data" reads it as -5'),
                           ("5 kg", '"types": {"x": {"type": "number", "unit": "kg"}} in "data" reads it as 5'),
                           ("31.12.2024", '"types": {"x": {"type": "date", "format": "%d.%m.%Y"}} in "data" reads it'),
                           ("2024-03-01", '"types": {"x": "date"} in "data" reads it'),
                           ("03/04/2024", '"types": {"x": {"type": "date", "format": "%d/%m/%Y"}}, or "types": {"x": {"type": "date", '
                            '"format": "%m/%d/%Y"}} in "data" reads it'),
                           ("n.a.", '"missing_values": ["n.a."] in "data" takes it for a gap'),
                           ("-", '"missing_values": ["-"] in "data"'), ("none", '"missing_values": ["none"]'),
                           ("Unknown", '"missing_values": ["Unknown"]'), ("missing", '"missing_values": ["missing"]'),
                           ("1O", 'correct the cell, or list the column in "categorical"'),
                           ("abc", 'correct the cell, or list the column in "categorical"')):
            with self.subTest(cell=cell):
                self.refuse(to_text([["x", "y"], [1.234, 2], [5, 1], [cell, 3]]),
                            f'table.csv:4: column "x": found "{cell}", expected a number as in line 2 ("1.234"); ' + (
                                cure if cell != "1O" else '"types": {"x": {"type": "number", "unit": "O"}}'))
                target = self.refuse(to_text([["x", "y"], [1, 2], [5, 1], [2, cell]]), f'column "y": found "{cell}", expected a number')
                self.assertIn(cure.replace('"x"', '"y"') if cell not in ("1O", "abc") else "", target)
                if not cell.startswith(("abc", "1O")):
                    self.assertNotIn("comma,", target)

    def test_words_above_numbers(self):
        self.refuse("x,y\n-,1\n5,2\n6,3\n", 'column "x": found "5", expected a word as in line 2 ("-"); "missing_values": ["-"] in "data"')
        self.refuse("x,y\n5 kg,1\n5,2\n", '{"x": {"type": "number", "unit": "kg"}}')
        self.refuse("x,y\nred,1\n2024-03-01,2\n", 'found "2024-03-01", expected a word as in line 2 ("red")')
        self.refuse("x,y\nred,1\n50%,2\n", 'found "50%", expected a word as in line 2 ("red")')
        self.refuse("x,y\n2024-03-01,1\nred,2\n", 'found "red", expected a date as in line 2 ("2024-03-01")')

    def test_european_thousands_are_read_right(self):
        table = to_text([["x", "y"], *(["1.234", i] for i in range(8))])
        self.check(table)
        said = self.check(table, decimal=",", thousands=".", columns=["x"])
        self.assertNotIn("error", said)
        self.run_program("train", "config.json", "-q", "-o", "run")
        self.assertEqual(json.loads(self.metadata("run")["normalization"])["shift"], [1234])

    def test_new_rows_that_need_other_keys(self):
        self.learn("us", american(), **US)
        said = self.run_program("predict", "us", "-", status=2, input='price,share,weight,when\n"1.230,50 $",5%,6 kg,12/31/2024 1:00 PM\n').stderr
        self.assertIn('found "1.230,50 $", expected a number in USD as in the training data; to read such cells, train with other keys: "types": {"price": {"type": '
                      '"currency", "decimal": ",", "thousands": "."}} in "data"', said)
        said = self.run_program("predict", "us", "-", status=2, input='$5,5%,6 kg,2024-12-31\n').stderr
        self.assertIn('expected a date as "%m/%d/%Y %I:%M %p" says', said)

    def test_bad_keys(self):
        table = "a,b,y\n1,x,2\n3,z,4\n"
        for data, message in (
                ({"thousands": "."}, 'data.thousands: "." cannot both part thousands and stand before the fraction; set "decimal" to ","'),
                ({"decimal": ";"}, 'data.decimal: unknown decimal ";"'),
                ({"thousands": "x"}, 'data.thousands: unknown thousands "x"'),
                ({"missing_values": "-"}, 'data.missing_values: found "-", expected a list of words and numbers'),
                ({"missing_values": [True]}, "data.missing_values: found true or false in the list"),
                ({"types": ["a"]}, "data.types: found a list, expected an object of columns and their types"),
                ({"types": {"c": "number"}}, 'data.types.c: unknown column "c"'),
                ({"types": {"7": "number"}}, "data.types.7: there is no column 7 in"),
                ({"types": {"a": "numer"}}, 'data.types.a: unknown type "numer"; did you mean "number"? known: number, currency, percent, '
                 "words, date"),
                ({"types": {"a": "datetime"}}, 'here it is called "date"'),
                ({"types": {"a": 5}}, "data.types.a: found a number, expected a type in quotes"),
                ({"types": {"a": {}}}, 'data.types.a.type: this key is missing; expected one of "number", "currency"'),
                ({"types": {"a": {"type": "date", "unit": "d"}}}, "data.types.a.unit: only numbers have it; remove this key"),
                ({"types": {"b": {"type": "words", "decimal": ","}}}, "data.types.b.decimal: only numbers have it"),
                ({"types": {"a": {"type": "number", "format": "%d"}}}, "data.types.a.format: only dates have it"),
                ({"types": {"a": {"type": "number", "thousands": "."}}}, 'data.types.a: "." cannot both part thousands'),
                ({"types": {"a": {"type": "number", "unit": "5"}}}, '"unit" is "5", expected text that does not begin with a digit'),
                ({"types": {"a": {"type": "date", "format": "%Q"}}}, 'data.types.a.format: "%Q" does not say how dates are written: %Q is none of'),
                ({"types": {"a": {"type": "date", "parts": ["weekdays"]}}}, 'data.types.a.parts: unknown part "weekdays"; did you mean "weekday"?'),
                ({"types": {"a": {"type": "date", "parts": []}}}, "data.types.a.parts: the list is empty"),
                ({"types": {"a": "number", "0": "number"}}, "data.types.0: column 0 (from 0) is there twice"),
                ({"types": {"y": "date"}}, "data.types.y: with this loss the target is a number: the types number, currency and percent"),
                ({"types": {"a": "number"}, "ignore": ["a"]}, "data.types.a: this column is one of those left out; remove it here"),
                ({"types": {"a": "number"}, "categorical": ["a"]}, 'data.types.a: "categorical" has this column as well'),
                ({"types": {"y": "number"}, "loss": "softmax"}, "data.types.y: with this loss the target is a class")):
            with self.subTest(data=data):
                if "loss" in data:
                    self.refuse(table, message, loss="softmax", normalize_target="none", types=data["types"])
                else:
                    self.refuse(table, message, **data)
        self.assertIn("0 of numbers and 2 of words", self.check(table, types={"a": "words"}, categorical=["a"]))
        self.assertIn("0 of numbers and 2 of words", self.check(table.split("\n", 1)[1], target=-1, types={"-3": "words"}, header=False))

    def test_empty_last_column(self):
        rows = [f"{i},{i % 3},{i * i}" for i in range(20)]
        plain = "a,b,y\n" + "\n".join(rows) + "\n"
        trailing = "a,b,y,\n" + "\n".join(r + "," for r in rows) + "\n"
        self.check(plain)
        self.run_program("train", "config.json", "-q", "-o", "plain")
        for run, table, target in (("a", trailing, "y"), ("b", trailing, -1), ("c", trailing.split("\n", 1)[1], -1)):
            self.assertIn("the last column, number 3 (from 0), has no name and is empty in every row: it is left out",
                          self.check(table, target=target))
            self.run_program("train", "config.json", "-q", "-o", run)
            self.assertEqual((self.dir / run / "metrics.csv").read_text().split(",")[-1], (self.dir / "plain/metrics.csv").read_text().split(",")[-1])
            wanted = self.run_program("predict", "plain", "table.csv").stdout
            for new in (plain, trailing, plain.split("\n", 1)[1], trailing.split("\n", 1)[1], "1,2\n" * 3, "1,2,\n" * 3):
                self.write("new.csv", new)
                told = self.run_program("predict", run, "new.csv").stdout
                self.assertEqual(self.run_program("predict", run, "-", input=new).stdout, told)
                if len(new) > 30:
                    self.assertEqual(told, wanted)
            self.assertIn("found 4 columns, expected the 2 features",
                          self.run_program("predict", run, "-", status=2, input="1,2,3,4\n").stderr)
        self.assertIn("the last column, number 3 (from 0), has no name", self.check(trailing.replace("y,\n", "y,Unnamed: 3\n")))
        # a column that has a name, or says something, is a column
        self.refuse("a,b,y,z\n" + "\n".join(r + "," for r in rows), 'column "z": found an empty cell')
        self.refuse(trailing + "1,2,3,4\n", "found an empty cell")

    def test_library_and_header_guess(self):
        self.assertIn("a header line", self.check("p,q,y\n$5,1%,2\n$6,2%,3\n", types={"p": "currency", "q": "percent"}))
        self.assertIn("no header line", self.check("$5,1%,2024-03-01,2\n$6,2%,2024-03-02,3\n", target=3,
                                                   types={"0": "currency", "1": "percent"}))

    def test_a_column_is_of_one_currency(self):
        rows = [["price", "y"]] + [[f"${i}" if i % 2 else str(i), "ab"[i % 3 == 0]] for i in range(1, 31)]
        self.write("dollars.csv", to_text(rows))
        self.write("mixed.csv", to_text(rows + [["€5", "a"], ["6 EUR", "b"]]))
        self.write("config.json", json.dumps(config("dollars.csv", loss="softmax", types={"price": "currency"},
                                                    normalize_target="none")))
        done = self.run_program("check", "config.json", "data.train=mixed.csv", status=2)
        self.assertIn('mixed.csv:32: column "price": found "€5", expected an amount in USD as in line 2; amounts in several '
                      'currencies cannot be compared: convert them, or leave the column out with "ignore"', done.stderr)
        self.assertIn("and 1 more such cell of the column, in line 33", done.stderr)
        done = self.run_program("check", "config.json", "data.train=mixed.csv", 'data.missing_values=["-"]', status=2)
        self.assertIn('found "€5", expected an amount in USD as in line 2', done.stderr)
        self.run_program("train", "config.json", "-q", "-o", "run")
        for name, cell, status in ("same", "USD 5", 0), ("bare", "5", 0), ("other", "€5", 2):
            self.write(f"{name}.csv", f"price\n{cell}\n")
            done = self.run_program("predict", "run", f"{name}.csv", status=status)
        self.assertIn('column "price": found "€5", expected a number in USD as in the training data', done.stderr)


if __name__ == "__main__":
    main()
