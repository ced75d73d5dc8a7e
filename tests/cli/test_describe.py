"""What describe says of a table, against pandas, SciPy and scikit-learn; and that the config it writes trains."""

import datetime
import json
import pathlib
import random
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, TABLE, ProgramTest, main  # noqa: E402

GOLDEN = ROOT / "tests/golden"


def ranks(numbers):
    order = sorted(numbers)
    first = {x: i for i, x in reversed(list(enumerate(order)))}
    last = {x: i for i, x in enumerate(order)}
    return [(first[x] + last[x]) / 2 for x in numbers]


class Describe(ProgramTest):
    def figures(self, *arguments):
        return json.loads(self.run_program("describe", *arguments, "--json").stdout)

    def test_figures(self):
        golden = json.loads((GOLDEN / "describe.json").read_text())
        for name, known in golden.items():
            path = GOLDEN / f"describe_{name}.csv" if name in ("words", "gaps") else ROOT / f"data/{name}.csv"
            found = self.figures(path, "--target", known["target"])
            self.assertEqual(found["rows"], known["rows"])
            self.assertEqual([c["name"] for c in found["columns"]], list(known["columns"]))
            for column in found["columns"]:
                for key, value in known["columns"][column["name"]].items():
                    self.assertAlmostEqual(column[key], value, delta=1e-9 * max(1, abs(value)), msg=(name, column, key))
                self.assertEqual(column["role"] == "target", column["name"] == known["target"])

    def test_lines(self):
        done = self.run_program("describe", ROOT / "configs/iris.json")
        lines = done.stdout.splitlines()
        self.assertIn("150 rows, 5 columns, a header line, commas between cells", lines[0])
        self.assertEqual(lines[1], 'target: column "species", taken for classes')
        self.assertEqual(lines[3].split()[:9], ["sepal_length_cm", "numbers", "0", "35", "4.3", "7.9", "5.8433", "0.8253",
                                               f"{100 * json.loads((GOLDEN / 'describe.json').read_text())['iris']['columns']['sepal_length_cm']['strength']:.0f}"])
        self.assertEqual(len(lines), 8)
        self.assertEqual(done.stderr, "")

    def test_config_goes_to_stdout_and_lines_to_stderr(self):
        self.write("table.csv", TABLE + "\n".join(TABLE.splitlines()[1:]) + "\n")
        done = self.run_program("describe", "table.csv")
        self.assertIn('target: column "color", taken for classes (a guess; --target says another)', done.stderr)
        config = json.loads(done.stdout)
        self.assertEqual(config["data"], {"train": "table.csv", "target": "color", "validation": {"fraction": 0.2}, "normalize": "standardize"})
        self.assertEqual(config["loss"], {"type": "logistic"})
        self.write("table.json", done.stdout)
        self.run_program("train", "table.json", "-q", "training.epochs=2")
        line = ("describe", "table.csv", "-o", "table.json", "--target", "width")
        edited = (self.dir / "table.json").read_text().replace("0.2", "0.3")
        self.write("table.json", edited)
        self.assertIn("table.json: it is there already, and is not what would be written: remove it, or name another", self.run_program(*line, status=2).stderr)
        self.assertEqual((self.dir / "table.json").read_text(), edited)
        (self.dir / "table.json").unlink()
        self.run_program(*line)
        done = self.run_program(*line)  # which writes what is there
        self.assertIn("width", done.stdout)
        self.assertEqual(json.loads((self.dir / "table.json").read_text())["data"]["target"], "width")
        self.write("configs/old.json", "")
        self.run_program("describe", "table.csv", "-o", "configs/table.json")
        self.assertEqual(json.loads((self.dir / "configs/table.json").read_text())["data"]["train"], "../table.csv")
        self.assertEqual(self.run_program("train", "configs/table.json", "-q", "-o", "quiet", "training.epochs=1").stderr, "")
        self.assertIn("red", self.run_program("describe", "runs/table").stdout)  # a run

    def test_the_config_alone_goes_to_stdout(self):
        self.write_example()
        whole = self.run_program("describe", "table.csv")
        for file in ("table.csv", "config.json"):
            done = self.run_program("describe", file, "-o", "-")
            self.assertIn("target", json.loads(done.stdout)["data"])
            self.assertIn("10 rows, 3 columns", done.stderr)
        self.assertEqual(self.run_program("describe", "table.csv", "-o", "-").stdout, whole.stdout)
        done = self.run_program("describe", "table.csv", "--json", "-o", "-", status=2)
        self.assertIn("--json and -o -: figures and config would both go to stdout; name a file", done.stderr)

    def test_every_shipped_table(self):
        for name, floor in (("iris", .9), ("digits", .9), ("spiral", .9), ("breast_cancer", .9)):
            self.run_program("describe", ROOT / f"data/{name}.csv", "-o", f"{name}.json")
            summary = json.loads(self.run_program("train", f"{name}.json", "-q", "--json").stdout)
            self.assertGreater(summary["validation"]["accuracy"], floor, name)

    def test_numbers_are_predicted_as_numbers(self):
        draw = random.Random(1)
        rows = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(200)]
        self.write("t.csv", "a,b,y\n" + "".join(f"{a:.3f},{b:.3f},{2 * a - b + draw.gauss(0, .1):.2f}\n" for a, b in rows))
        config = json.loads(self.run_program("describe", "t.csv").stdout)
        self.assertEqual((config["loss"]["type"], config["data"]["normalize_target"]), ("l2", "standardize"))

    def test_rows_in_time_are_validated_at_their_end(self):
        draw = random.Random(4)
        for step, parts in (1, ["month", "weekday", "hour"]), (24, ["month", "weekday"]):
            when = [datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=step * i) for i in range(400)]
            for rows, said in (when, {"last": 0.2}), (draw.sample(when, len(when)), {"fraction": 0.2}):
                self.write("series.csv", "when,load\n" + "".join(f"{t:%d.%m.%Y %H:%M},{t.hour + draw.random():.3f}\n" for t in rows))
                data = json.loads(self.run_program("describe", "series.csv", "--target", "load").stdout)["data"]
                self.assertEqual(data["validation"], {"fraction": 0.1} if "fraction" in said else {"last": 0.1})
                expected = {"type": "date", "format": "%d.%m.%Y %H:%M", "cyclic": True}
                self.assertEqual(data["types"]["when"], {**expected, "parts": parts} if "last" in said else expected)

    def test_wide_tables_get_a_linear_model(self):
        draw = random.Random(1)
        self.write("t.csv", ",".join(f"g{i}" for i in range(200)) + ",y\n" + "".join(
            ",".join(f"{draw.gauss(0, 1):.2f}" for _ in range(200)) + f",{'ab'[i % 2]}\n" for i in range(60)))
        config = json.loads(self.run_program("describe", "t.csv").stdout)
        self.assertEqual(config["model"]["layers"], [{"type": "linear", "init": "zeros"}])
        self.assertEqual(config["regularization"], {"l2": 0.1, "l1": 0.03})

    def test_many_different_values_are_estimated(self):
        rows = 200000
        self.write("t.csv", "a,b,y\n" + "".join(f"{i * 7919 % 1000003},w{i % 70000},{i % 2}\n" for i in range(rows)))
        a, b, _ = self.figures("t.csv")["columns"]
        self.assertEqual((a["different_exact"], b["different_exact"]), (False, False))
        self.assertAlmostEqual(a["different"], rows, delta=.06 * rows)  # three deviations of 1.04 / sqrt(4096)
        self.assertAlmostEqual(b["different"], 70000, delta=.06 * 70000)

    def test_odd_columns_are_left_out_of_the_config(self):
        draw = random.Random(2)
        self.write("t.csv", "id,when,share,zip,one,x,y\n" + "".join(
            f"A-{i:04},{i % 28 + 1:02}.{i % 12 + 1:02}.2023,{draw.uniform(0, 99):.1f}%,0{draw.randrange(10, 60)}11,7,"
            f"{draw.gauss(i % 2, 1):.2f},{'ab'[i % 2]}\n" for i in range(100)))
        done = self.run_program("describe", "t.csv")
        data = json.loads(done.stdout)["data"]
        self.assertEqual(data["ignore"], ["id", "one"])
        self.assertEqual(data["categorical"], ["zip"])
        self.assertEqual(data["types"], {"when": {"type": "date", "format": "%d.%m.%Y", "cyclic": True}, "share": "percent"})
        self.assertRegex(done.stderr, r"(?m)^id .* id .*<< ids$")
        self.assertIn('odd: column "share": numbers with a per cent sign, such as "', done.stderr)

    def test_gaps_become_missing_values(self):
        draw = random.Random(3)
        days = [f"{draw.randrange(1, 29):02}.{draw.randrange(1, 13):02}.2023" for _ in range(100)]
        mixed = [d if i % 9 else str(45000 + i) for i, d in enumerate(days)]
        self.write("t.csv", "day,serial,power,n,code,pl,y\n" + "".join(
            f"{'unknown' if i % 10 == 0 else days[i]},{mixed[i]},{'null bhp' if i % 20 == 5 else f'{draw.randrange(40, 90)} bhp'},"
            f"{'n/k' if i % 11 == 3 else draw.randrange(50)},{-999 if i % 12 == 4 else draw.randrange(20)},"
            f"{'(4.50)' if i % 5 == 1 else f'{draw.uniform(1, 9):.2f}'},{'ab'[i % 2]}\n" for i in range(100)))
        done = self.run_program("describe", "t.csv", "-o", "t.json")
        data = json.loads((self.dir / "t.json").read_text())["data"]
        self.assertEqual(data["ignore"], ["serial"])
        self.assertEqual(data["types"], {"day": {"type": "date", "format": "%d.%m.%Y", "cyclic": True}, "power": {"type": "number", "unit": "bhp"}, "pl": "currency"})
        self.assertEqual(sorted(data["missing_values"]), ["-999", "n/k", "null bhp", "unknown"])
        self.assertEqual(data["missing"], "indicator")
        self.assertIn("dates written in several ways", done.stdout)
        self.assertEqual(self.run_program("train", "t.json", "-q", "training.epochs=1").stderr, "")
        found = {c["name"]: c for c in self.figures("t.json")["columns"]}  # as the config reads them
        self.assertEqual((found["code"]["missing"], found["code"]["smallest"] >= 0, found["pl"]["smallest"]), (8, True, -4.5))
        self.assertEqual((found["power"]["missing"], found["power"]["kind"], found["day"]["kind"]), (5, "numbers", "date"))

    def test_files_that_cannot_be_read_as_they_are(self):
        draw = random.Random(1)
        rows = "".join(f"{draw.gauss(0, 1):.2f};{draw.choice(('Köln', 'Mainz'))};{draw.choice('ab')}\n" for _ in range(100))
        runs = iter("wxyz")
        for text, keys in ((("größe;stadt;art\n" + rows).encode("latin-1"), {"encoding": "windows-1252"}),
                           ("Bericht 2024\nerstellt, am 1.1.\n\ng;stadt;art\n" + rows, {"skip_rows": 3}),
                           ("# made by x\n# 2024\ng;stadt;art\n" + rows, {"comment_prefix": "#"}),
                           (("Bericht für 2024\n\ng;stadt;art\n" + rows).encode("latin-1"), {"encoding": "windows-1252", "skip_rows": 2})):
            self.write("t.csv", text)
            (self.dir / "t.json").unlink(missing_ok=True)
            done = self.run_program("describe", "t.csv", "-o", "t.json")
            data = json.loads((self.dir / "t.json").read_text())["data"]
            self.assertEqual({k: v for k, v in data.items() if k in ("encoding", "skip_rows", "comment_prefix")}, keys)
            self.assertIn("t.csv: 100 rows, 3 columns, a header line, semicolons", done.stdout)
            self.assertEqual(done.stdout.count("a guess, without which it cannot be read: data."), len(keys))
            self.assertEqual(self.run_program("train", "t.json", "-q", "-o", next(runs), "training.epochs=1").stderr, "")
        self.write("t.csv", "a,b\n1,2\n3\n4,5\n" * 9)
        self.assertIn("found 1 cell, expected 2 as in line 1; remove the line if it is no row", self.run_program("describe", "t.csv", status=2).stderr)

    def test_lines_above_the_names(self):
        draw = random.Random(1)
        rows = "".join(f"{draw.gauss(0, 1):.2f};{draw.choice(('Köln', 'Mainz'))};{i};{draw.choice('ab')}\n" for i in range(100))
        head = "Größe;Stadt;Nr;Art\n"
        for above, encoding, skipped in (
                ("Bericht\nErstellt 2024\n\n", "utf-8", 3), ("Bericht, alle\nErstellt,2024-01-03\n\n", "utf-8", 3),
                ("Bericht;;;\n;;;\n", "latin-1", 2), ("Bericht: Müller;;;\nErstellt am: 03.01.2024;;;\n\n", "latin-1", 3),
                ("Kontakt;;Objekt;\n", "utf-8", 1)):
            for target in (), ("--target", "Art"), ("data.target=Art",):
                self.write("t.csv", (above + head + rows).encode(encoding))
                done = self.run_program("describe", "t.csv", "-o", "t.json", *target)
                data = json.loads((self.dir / "t.json").read_text())["data"]
                self.assertEqual((data["skip_rows"], data["target"]), (skipped, "Art"), (above, target))
                self.assertEqual(data.get("encoding"), None if encoding == "utf-8" else "windows-1252")
                self.assertIn("t.csv: 100 rows, 4 columns, a header line, semicolons", done.stdout)
                (self.dir / "t.json").unlink()
        self.write("t.csv", "Kontakt;;Objekt;\n" + head + rows)
        self.assertIn("a guess, as the names stand below: data.skip_rows=1", self.run_program("describe", "t.csv").stderr)
        self.assertIn('unknown column "Kunst"', self.run_program("describe", "t.csv", "--target", "Kunst", status=2).stderr)
        self.assertIn("known: Größe, Stadt", self.run_program("describe", "t.csv", "--target", "Kunst", status=2).stderr)
        self.assertIn("Kontakt", self.run_program("describe", "t.csv", "data.skip_rows=0").stderr)  # what is said wins
        self.write("t.csv", "a;b;;d\n" + rows)  # a name that is empty is no line above
        self.assertNotIn("skip_rows", self.run_program("describe", "t.csv").stdout)

    def test_lines_to_skip_end_at_the_header(self):
        draw = random.Random(1)
        above, head = "Report\nCreated 2024\n\n", 'width,"height, cm",color\n'
        rows = ["".join(f"{draw.gauss(0, 1):.2f},{draw.gauss(0, 1):.2f},{'ab'[i % 2]}\n" for i in range(60)) for _ in range(2)]
        self.write("t.csv", above + head + rows[0])
        self.run_program("describe", "t.csv", "-o", "t.json", "--target", "color")
        self.write("clean.csv", head + rows[1])
        self.write("one.csv", "\n" + head + rows[1])
        self.write("like.csv", above + head + rows[1])
        self.assertEqual(self.run_program("train", "t.json", "-q", "training.epochs=1", "data.test=like.csv").stderr, "")
        warned = "clean.csv: line 1 names the columns"
        self.assertIn("data.skip_rows: " + warned, self.run_program("check", "t.json", "data.test=clean.csv").stderr)
        known = self.run_program("predict", "runs/t", "like.csv")
        self.assertEqual((known.stdout.count("\n"), known.stderr), (61, ""))
        for name, line in ("clean.csv", 1), ("one.csv", 2):
            done = self.run_program("predict", "runs/t", name)
            self.assertEqual(done.stdout, known.stdout)
            self.assertIn(f"{name}: line {line} names the columns", done.stderr)
            done = self.run_program("predict", "runs/t", "-", input=(self.dir / name).read_text())
            self.assertEqual(done.stdout, known.stdout)
            self.assertIn(f"standard input: line {line} names the columns", done.stderr)
        done = self.run_program("eval", "runs/t", "--on", "clean.csv")
        self.assertIn(warned, done.stderr)
        self.assertEqual(done.stdout, self.run_program("eval", "runs/t", "--on", "like.csv").stdout)

    def test_rows_of_another_number_of_cells(self):
        many = "a,b,y\n" + "1,2,3\n4,5,9\n" * 20
        for text, said in ((many + "Source: x\n", '42: found 1 cell, expected 3 as in line 1; remove the line if it is no row'),
                           (many + "1,2\n", '"comment_prefix" in "data" skips lines'), (many + "1,2,3,4\n", "a quote in it is doubled"),
                           ("a,b\n1,2,3\n" + many, '"skip_rows" in "data" skips them')):
            self.write("t.csv", text)
            for line in ("describe", "t.csv", "data.skip_rows=0"), ("check", "t.json"):
                self.write("t.json", {"data": {"train": "t.csv", "target": -1}, "model": {"layers": [{"type": "linear"}]},
                                      "loss": {"type": "l2"}, "optimizer": {"type": "sgd", "learning_rate": .1}, "training": {"epochs": 1}})
                self.assertIn(said, self.run_program(*line, status=2).stderr)

    def test_a_last_row_of_sums(self):
        draw = random.Random(1)
        rows = [(f"w{i % 7}", draw.randrange(5, 50), draw.randrange(5, 50), draw.gauss(0, 1)) for i in range(2000)]
        for count in 60, 2000:
            body = "kind,a,b,y\n" + "".join(f"{k},{a},{b},{y:.3f}\n" for k, a, b, y in rows[:count])
            sum_a = sum(r[1] for r in rows[:count])
            for last, said in ((f"Summe:,{sum_a},,1", 'says "Summe:"'), (f",,Total,{sum_a}", 'says "Total"'), (f"w1,{sum_a},7,1", 'column "a" the sum'),
                               ("w1,12,7,1", None), ("w1,Total,7,1", None)):
                self.write("t.csv", body + last + "\n")
                expected = f"the last row, line {count + 2}, "
                lines = self.run_program("describe", "t.csv", "data.target=y", 'data.categorical=["a","b"]' if "Total" in last else "data.header=true").stderr
                if said and not ("sum" in said and count > 1000):
                    self.assertIn(expected, lines, last)
                    self.assertIn(said, lines)
                    self.assertIn("remove the line from the file", lines)
                elif not said:
                    self.assertNotIn(expected, lines, last)
            self.write("t.csv", body + f"Gesamt,{sum_a},,1\n")
            self.write("t.json", {"data": {"train": "t.csv", "target": "y", "missing": "mean"}, "model": {"layers": [{"type": "linear"}]},
                                  "loss": {"type": "l2"}, "optimizer": {"type": "sgd", "learning_rate": .001}, "training": {"epochs": 1}})
            for command in "check", "train":
                self.assertIn(f'{expected}says "Gesamt"', self.run_program(command, "t.json").stderr)
        self.write("t.csv", "kind,a,y\n" + "Total,1,2\nPartial,3,4\n" * 30 + "Total,5,6\n")  # a word like others
        self.assertNotIn("last row", self.run_program("describe", "t.csv").stderr)

    def test_what_is_given_is_added_to(self):
        draw = random.Random(2)
        self.write("t.csv", "id,share,zip,one,code,x,z,y\n" + "".join(
            f"A-{i:04},{draw.uniform(0, 99):.1f}%,0{draw.randrange(10, 60)}11,7,{draw.randrange(1, 4)},{'n/k' if i % 9 == 3 else draw.randrange(50)},"
            f"{'?x' if i % 11 == 3 else draw.randrange(50)},{'ab'[i % 2]}\n" for i in range(100)))
        done = self.run_program("describe", "t.csv", "data.ignore=code", "data.types.z=number", 'data.missing_values=["?x"]', "data.validation.fraction=0.3")
        data = json.loads(done.stdout)["data"]
        self.assertEqual(data["ignore"], ["id", "one", "code"])
        self.assertEqual(data["types"], {"z": "number", "share": "percent"})
        self.assertEqual((data["missing_values"], data["categorical"], data["validation"]), (["?x", "n/k"], ["zip"], {"fraction": 0.3}))
        data = json.loads(self.run_program("describe", "t.csv", "data.categorical=code", 'data.missing_values=["?x"]').stdout)["data"]
        self.assertEqual((data["categorical"], data["ignore"], data["missing_values"]), (["code", "zip"], ["id", "one"], ["?x", "n/k"]))

    def test_guesses_of_the_target(self):
        draw = random.Random(1)
        rows = [{"n": i + 1, "Price": f'"${draw.randrange(100, 999)},{draw.randrange(100, 999)}"', "Survived": draw.randrange(2), "when": f"{i % 28 + 1:02}.03.2024",
                 "who": f"name{i}", "x": f"{draw.gauss(0, 1):.3f}", "one": 7, "class": 3, "none": ""} for i in range(100)]
        for names, target in (("n,Survived,x", "Survived"), ("Price,x,Survived,n", "Survived"), ("Price,x,who", "Price"), ("n,x,when,who,one,n", "x"),
                              ("x,class,Survived,none", "Survived"), ("who,x,class,one,none", "x")):
            self.write("t.csv", names + "\n" + "".join(",".join(str(r[n]) for n in names.split(",")) + "\n" for r in rows))
            self.assertIn(f'target: column "{target}"', self.run_program("describe", "t.csv").stderr, names)

    def test_minus_zero(self):
        self.write("t.csv", "a,b,class\n" + "-0.0,-0,x\n-1,2,y\n" * 20)
        for line, figures in ("a ", ["-1", "0"]), ("b ", ["0", "2"]):
            found = [l for l in self.run_program("describe", "t.csv").stderr.splitlines() if l.startswith(line)]
            self.assertEqual(found[0].split()[4:6], figures)

    def test_mistakes(self):
        self.write("table.csv", TABLE)
        self.assertIn("which TABLE, FOLDER or CONFIG?", self.run_program("describe", status=2).stderr)
        self.assertIn("one TABLE, FOLDER or CONFIG", self.run_program("describe", "table.csv", "table.csv", status=2).stderr)
        self.assertIn("no such file", self.run_program("describe", "nowhere.csv", status=2).stderr)
        self.assertIn('did you mean "color"?', self.run_program("describe", "table.csv", "--target", "colour", status=2).stderr)
        self.write("images.json", {"data": {"train": {"images": "table.csv", "labels": "table.csv"}}})
        self.assertIn("no columns to describe", self.run_program("describe", "images.json", status=2).stderr)
        self.write("head.csv", "a,b\n")
        self.assertIn("a header line and no rows", self.run_program("describe", "head.csv", status=2).stderr)

    def check_figures(self, found, numbers):
        for key, value in (("smallest", min(numbers)), ("largest", max(numbers)), ("mean", statistics.fmean(numbers)),
                           ("deviation", statistics.pstdev(numbers)), ("numbers", len(numbers))):
            self.assertAlmostEqual(found[key], value, delta=1e-9 * abs(value), msg=key)

    def test_figures_are_those_of_the_types_that_it_proposes(self):
        """Amounts, units, shares and separators, and a target of amounts: as Python's statistics has it of the numbers."""
        draw = random.Random(5)
        rows = [{k: round(v, 2) for k, v in {"price": p, "area": p / 50 + draw.gauss(0, 900), "rate": draw.uniform(0, 10),
                                            "count": draw.randrange(1000, 99999), "plain": draw.gauss(0, 1)}.items()}
                for p in (draw.uniform(1000, 90000) for _ in range(300))]
        def us(r):
            return f'"${r["price"]:,.2f}","{r["area"]:,.2f} sq ft",{r["rate"]:.2f}%,"{r["count"]:,}",{r["plain"]}\n'
        def german(r):
            return (f'{r["price"]:,.2f} €;{r["area"]:,.2f} m²;{r["rate"]:.2f} %;{r["count"]:,};{r["plain"]}\n').translate(str.maketrans(",.", ".,"))
        def swiss(r):  # the currency is missing in a few
            return f'{"" if r["count"] % 9 == 0 else "CHF "}{r["price"]:,.2f};{r["area"]:,.2f} m;{r["rate"]:.2f}%;{r["count"]:,};{r["plain"]}\n'.replace(",", "'")
        for write in us, german, swiss:
            self.write("t.csv", ("price,area,rate,count,plain\n" if write is us else "price;area;rate;count;plain\n") + "".join(map(write, rows)))
            for column in self.figures("t.csv", "--target", "price")["columns"]:
                numbers = [r[column["name"]] for r in rows]
                self.check_figures(column, numbers)
                self.assertEqual(column["kind"], "numbers")
                if column["role"] != "target":
                    prices = [r["price"] for r in rows]
                    self.assertAlmostEqual(column["strength"], max(abs(statistics.correlation(numbers, prices)),
                                                                   abs(statistics.correlation(ranks(numbers), ranks(prices)))), delta=1e-9)

    def test_the_strongest_part_of_a_date_tells(self):
        draw = random.Random(8)
        days = [datetime.date(2021, 1, 1) + datetime.timedelta(days=draw.randrange(1000)) for _ in range(400)]
        load = [d.month + draw.random() for d in days]
        months = [d.month for d in days]
        expected = max(abs(statistics.correlation(months, load)), abs(statistics.correlation(ranks(months), ranks(load))))
        for form in "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d":
            self.write("t.csv", "day,load\n" + "".join(f"{d.strftime(form)},{y}\n" for d, y in zip(days, load, strict=True)))
            day = self.figures("t.csv")["columns"][0]
            self.assertEqual(day["kind"], "date")
            self.assertAlmostEqual(day["strength"], expected, delta=1e-9)

    def test_few_rows_tell_nothing(self):
        for rows, tells in (19, False), (20, True):
            self.write("t.csv", "a,y\n" + "".join(f"{i * 7 % 11 if i < rows else ''},{i % 13}.5\n" for i in range(60)))
            self.assertEqual("strength" in self.figures("t.csv", "--target", "y")["columns"][0], tells)


if __name__ == "__main__":
    main()
