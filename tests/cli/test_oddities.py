"""What is odd about a table is said before it is learned from, with the column and the key that mends it; and nothing is
said about tables that are in order."""

import datetime
import json
import pathlib
import random
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, find_data, main  # noqa: E402

ROWS = 240
KINDS = ("a", "b", "c")
START = datetime.date(2021, 1, 5)


def base(draw):
    """Two honest columns of numbers, one of words, and a class that none of them gives away."""
    rows = []
    for i in range(ROWS):
        kind = KINDS[i * 3 // ROWS]  # sorted, as files often are
        shift = KINDS.index(kind)
        rows.append({"height": f"{draw.gauss(shift, 1):.2f}", "weight": f"{draw.gauss(5 - shift, 1.5):.3f}",
                     "shape": draw.choice(("round", "square", "oval")), "kind": kind})
    return rows


def write_table(rows, delimiter=",", trailing=False):
    def cell(text):
        return f'"{text}"' if delimiter in text else text
    end = delimiter if trailing else ""
    lines = [delimiter.join(rows[0]) + end] + [delimiter.join(map(cell, row.values())) + end for row in rows]
    return "\n".join(lines) + "\n"


def with_column(rows, name, cells, first=False):
    return [{name: c, **row} if first else {**{k: v for k, v in row.items() if k != "kind"}, name: c, "kind": row["kind"]}
            for row, c in zip(rows, cells, strict=True)]


def thousands(number, separator):
    return f"{number:,}".replace(",", separator)


def days(draw, form):
    return [(START + datetime.timedelta(days=draw.randrange(900))).strftime(form) for _ in range(ROWS)]


def planted():
    """(kind, what, table, the column as warnings call it, the key): eight kinds, five ways each."""
    draw = random.Random(7)
    rows = base(draw)
    order = draw.sample(range(1, ROWS + 1), ROWS)

    def plant(kind, way, name, cells, key, first=False, **how):
        called = f'"{name}"' if name else "without a name"
        return kind, way, write_table(with_column(rows, name, [str(c) for c in cells], first), **how), called, key

    yield plant("rows", "pandas index", "", range(ROWS), '"ignore": [0]', True)
    yield plant("rows", "read back by pandas", "Unnamed: 0", range(ROWS), '"ignore": ["Unnamed: 0"]', True)
    yield plant("rows", "by tens", "pos", range(10, 10 * ROWS + 10, 10), '"ignore": ["pos"]')
    yield plant("rows", "filtered", "lauf", sorted(draw.sample(range(ROWS * 2), ROWS)), '"ignore": ["lauf"]')
    yield plant("rows", "shuffled index", "", order, '"ignore": [0]', True)

    yield plant("ids", "passengers", "PassengerId", order, '"ignore": ["PassengerId"]')
    yield plant("ids", "uuid", "session", [uuid.UUID(int=draw.getrandbits(128)) for _ in range(ROWS)], '"ignore": ["session"]')
    yield plant("ids", "prefix", "order", [f"A-{1000 + i}" for i in order], '"ignore": ["order"]')
    yield plant("ids", "SAP", "KUNNR", [1000000 + 37 * i for i in order], '"ignore": ["KUNNR"]')
    yield plant("ids", "names", "Name", [f"Smith, Mr. John {i}" for i in order], '"ignore": ["Name"]')

    full = {"a": "alpha", "b": "beta", "c": "gamma"}
    yield plant("leak", "the class in words", "label_text", [full[r["kind"]] for r in rows], '"ignore": ["label_text"]')
    yield plant("leak", "the class as a number", "kind_code", [KINDS.index(r["kind"]) for r in rows], '"ignore": ["kind_code"]')
    yield plant("leak", "a score", "score", [f"{KINDS.index(r['kind']) + draw.uniform(-.3, .3):.4f}" for r in rows], '"ignore": ["score"]')
    yield plant("leak", "groups of a class", "ward", [r["kind"] + draw.choice("12345") for r in rows], '"ignore": ["ward"]')
    yield plant("leak", "an amount", "fee", [100 + 50 * KINDS.index(r["kind"]) + draw.randrange(40) for r in rows], '"ignore": ["fee"]')

    amounts = [draw.randrange(1000, 99999) for _ in range(ROWS)]
    yield plant("signs", "per cent", "share", [f"{draw.uniform(0, 100):.1f}%" for _ in range(ROWS)], '"share": "percent"')
    yield plant("signs", "dollars", "price", [f"${a:,}" for a in amounts], '"price": {"type": "currency", "thousands": ","}')
    yield plant("signs", "unit", "mass", [f"{draw.uniform(1, 90):.1f} kg" for _ in range(ROWS)], '"mass": {"type": "number", "unit": "kg"}')
    yield plant("signs", "SAP", "betrag", [thousands(a, ".") + f",{a % 90 + 10}" + "-" * (a % 2) for a in amounts],
                '"betrag": {"type": "currency", "decimal": ",", "thousands": "."}')
    yield plant("signs", "European thousands", "umsatz", [thousands(draw.randrange(200, 90000), ".") for _ in range(ROWS)],
                '"umsatz": {"type": "number", "decimal": ",", "thousands": "."}')

    yield plant("words", "cabins", "Cabin", [f"{draw.choice('ABCDE')}{draw.randrange(120)}" for _ in range(ROWS)], '"ignore": ["Cabin"]')
    yield plant("words", "cities", "city", [f"town {chr(97 + draw.randrange(26))}{chr(97 + draw.randrange(2))}" for _ in range(ROWS)],
                '"ignore": ["city"]')
    yield plant("words", "tickets", "Ticket", [f"PC {draw.randrange(150)}" for _ in range(ROWS)], '"ignore": ["Ticket"]')
    yield plant("words", "remarks", "remark", [" ".join(draw.choices(("good", "late", "old", "new", "broken"), k=3)) for _ in range(ROWS)],
                '"ignore": ["remark"]')
    yield plant("words", "with gaps", "street", [f"Street {draw.randrange(60)}" if draw.random() < .5 else "" for _ in range(ROWS)],
                '"ignore": ["street"]')

    yield plant("dates", "ISO", "day", days(draw, "%Y-%m-%d"), 'holds dates, which become')
    yield plant("dates", "German", "datum", days(draw, "%d.%m.%Y"), '"datum": {"type": "date", "format": "%d.%m.%Y"}')
    yield plant("dates", "American with time", "when", [d + f" {i % 12 + 1}:{i % 60:02} PM" for i, d in enumerate(days(draw, "%m/%d/%Y"))],
                '"format": "%m/%d/%Y %I:%M %p"')
    yield plant("dates", "SAP", "BUDAT", days(draw, "%Y%m%d"), '"BUDAT": {"type": "date", "format": "%Y%m%d"}')
    yield plant("dates", "in words", "on", days(draw, "%d-%b-%y"), '"on": {"type": "date", "format": "%d-%b-%y"}')

    mixed = [[a if i % 3 else b for i, (a, b) in enumerate(zip(days(draw, f), days(draw, g), strict=True))] for f, g in (
        ("%d/%m/%Y", "%m/%d/%Y"), ("%Y-%m-%d", "%d.%m.%Y"), ("%m-%d-%y", "%d-%m-%y"), ("%d.%m.%Y", "%d.%m.%y"), ("%d %b %Y", "%d/%m/%Y"))]
    for way, cells in zip(("day or month first", "ISO and German", "short", "two digits", "words and numbers"), mixed, strict=True):
        yield plant("mixed", way, "date", cells, '"types": {"date": ')


    for way, delimiter, end in (("commas", ",", "\n"), ("semicolons", ";", "\n"), ("tabs", "\t", "\n"), ("Windows", ",", "\r\n"), ("a space", ",", " \n")):
        table = write_table(rows, delimiter, trailing=True)
        yield "empty", way, table.replace("\n", end), "last column", "left out"


class Oddities(ProgramTest):
    def check(self, table, target="kind", loss="softmax", **data):
        self.write("table.csv", table)
        self.write("config.json", {
            "data": {"train": "table.csv", "target": target, "missing": "indicator", "normalize": "standardize", **data},
            "model": {"layers": [{"type": "linear"}]}, "loss": {"type": loss}})
        return self.run_program("check", "config.json", status=None)

    def test_planted_ones_are_found(self):
        missed = []
        count = 0
        for kind, way, table, called, key in planted():
            said = self.check(table).stderr
            count += 1
            if not any(called in line and key in line for line in said.splitlines()):
                missed.append((kind, way, said))
        self.assertEqual(count, 40)
        self.assertEqual(missed, [])

    def test_columns_of_few_values_beside_a_leak(self):
        """A column of two values has as many bins as the rows ask for (they were written behind their room)."""
        draw = random.Random(5)
        rows = with_column(base(draw), "score", [f"{KINDS.index(r['kind']) + draw.uniform(-.3, .3):.4f}" for r in base(draw)])
        for i in range(40):
            rows = with_column(rows, f"flag{i}", [str(int(i >= ROWS - 90)) for i in range(ROWS)])
        self.assertIn('"ignore": ["score"]', self.check(write_table(rows)).stderr)

    def test_nothing_is_odd_about_the_base(self):
        self.assertEqual(self.check(write_table(base(random.Random(3)))).stderr, "")

    def test_honest_columns(self):
        """Measured numbers of many kinds, ages, years, words that look a little like numbers."""
        for seed in range(5):
            draw = random.Random(seed)
            makers = {"age": lambda: draw.randrange(18, 90), "salary": lambda: draw.randrange(20000, 99999),
                      "price": lambda: draw.randrange(100, 900) * 1000, "three": lambda: f"{draw.uniform(1, 10):.3f}",
                      "around": lambda: f"{draw.gauss(0, 1):.3f}", "income": lambda: round(draw.lognormvariate(10, 1)),
                      "year": lambda: draw.randrange(1990, 2024), "few": lambda: draw.randrange(6),
                      "latitude": lambda: f"{draw.uniform(40, 60):.5f}", "size": lambda: draw.choice(("S", "M", "XL")),
                      "ages": lambda: draw.choice(("0-9", "10-19", "20-29", "65+")), "class": lambda: draw.choice(("1st", "2nd", "3rd")),
                      "gaps": lambda: draw.choice((1.5, 2, "", "", "")), "truth": lambda: draw.choice(("True", "False"))}
            rows = base(draw)
            for name, make in makers.items():
                rows = with_column(rows, name, [str(make()) for _ in range(ROWS)])
            self.assertEqual(self.check(write_table(rows)).stderr, "")
            self.assertEqual(self.check(write_table(rows), "weight", "l2").stderr, "")

    def test_tables_that_ship(self):
        for name, target in (("iris", -1), ("digits", -1), ("breast_cancer", -1), ("spiral", -1)):
            self.write("config.json", {"data": {"train": str(ROOT / f"data/{name}.csv"), "target": target, "normalize": "standardize"},
                                       "model": {"layers": [{"type": "linear"}]}, "loss": {"type": "softmax"}})
            self.assertEqual(self.run_program("check", "config.json").stderr, "", name)

    def test_tables_of_the_repository(self):
        folder = find_data("wdbc.data", "uci")
        for name, target, loss, said in (("iris.csv", -1, "softmax", ""), ("sonar.csv", -1, "softmax", ""), ("wdbc.data", 1, "softmax", '"ignore": [0]'),
                                         ("banknote_authentication.csv", -1, "softmax", ""), ("boston-housing.csv", -1, "l2", ""),
                                         ("winequality-white.csv", -1, "softmax", ""), ("winequality-white.csv", -1, "l2", ""),
                                         ("adult-test.csv", -1, "softmax", 'column 10 (from 0): a number far from all others, such as "99999"')):
            self.write("config.json", {"data": {"train": str(folder / name), "target": target, "missing": "indicator", "normalize": "standardize"},
                                       "model": {"layers": [{"type": "linear"}]}, "loss": {"type": loss}})
            lines = self.run_program("check", "config.json").stderr.splitlines()
            self.assertEqual(len(lines), int(said != ""), (name, lines))
            self.assertIn(said, "".join(lines))

    def test_what_is_decided_is_not_warned_of(self):
        draw = random.Random(1)
        rows = with_column(base(draw), "nr", [str(i) for i in range(ROWS)])
        rows = with_column(rows, "share", [f"{draw.uniform(0, 99):.1f}%" for _ in range(ROWS)])
        rows = with_column(rows, "plz", [f"0{draw.randrange(1000, 1020)}" for _ in range(ROWS)])
        table = write_table(rows)
        self.assertEqual(self.check(table, ignore=["nr"], types={"share": "percent"}, categorical=["plz"]).stderr, "")

    def test_units_in_some_cells(self):
        draw = random.Random(6)
        for sign, entry in (" kg", '{"type": "number", "unit": "kg", "decimal": ","}'), (" %", '{"type": "percent", "decimal": ","}'):
            cells = [f"{draw.uniform(1, 90):.1f}".replace(".", ",") + (sign if i % 3 == 0 else "") for i in range(ROWS)]
            rows = with_column(base(draw), "weight", cells)
            self.assertIn(f'"types": {{"weight": {entry}}}', self.check(write_table(rows, ";")).stderr)

    def test_columns_without_a_value(self):
        rows = with_column(base(random.Random(1)), "Unnamed: 4", [""] * ROWS)
        self.assertIn('column "Unnamed: 4" has no value in any row; leave it out with "ignore"', self.check(write_table(rows)).stderr)
        self.assertIn('column "Unnamed: 4": no value in any row that was looked at, such as "" (line 2), "" (line 3); nothing can be '
                      'learned from that: leave them out with "ignore": ["Unnamed: 4"]',
                      self.check(write_table(rows), missing="error").stderr)

    def test_what_is_advised_can_be_read(self):
        """Signs and units as the types of columns take them."""
        for cell in "kr {}", "{} kr", "Rs {}", "{} US$", "{} EUR", '{} in"', "{} zł", "{}¢":
            values = [cell.format(i * 7 % ROWS).replace('"', '""') for i in range(ROWS)]
            self.write("table.csv", write_table(with_column(base(random.Random(4)), "paid", [f'"{v}"' for v in values])))
            done = self.run_program("describe", "table.csv", "--target", "kind")
            self.assertIn("paid", json.loads(done.stdout)["data"]["types"])
            self.write("config.json", done.stdout)
            self.run_program("check", "config.json")

    def test_words_among_numbers_that_are_all_different(self):
        """They were taken for ids, and the numbers left out with them."""
        cells = [f"{i * 7 % ROWS}.5" if i != 5 else "unknown" for i in range(ROWS)]
        self.assertIn('"missing_values": ["unknown"]', self.run_program(
            "describe", self.write("table.csv", write_table(with_column(base(random.Random(4)), "size", cells))),
            "--target", "kind").stderr)

    def test_a_date_of_many_spaces(self):
        """Its format is longer than there is room for."""
        cells = [f"Mar{' ' * 45}2024 1:{i % 60:02}pm" for i in range(ROWS)]
        self.assertNotIn("dates", self.check(write_table(with_column(base(random.Random(4)), "when", cells))).stderr)

    def test_warnings_of_a_kind_share_a_line(self):
        rows = base(random.Random(1))
        for k in range(8):
            rows = with_column(rows, f"n{k}", [str(i * (k + 1)) for i in range(ROWS)])
        lines = self.check(write_table(rows)).stderr.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertIn('columns "n0", "n1", "n2", "n3", "n4", "n5" and 2 more: numbers of the rows', lines[0])
        self.assertIn('"ignore": ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"]', lines[0])

    def test_lines_are_those_of_the_file(self):
        rows = base(random.Random(1))
        cells = [f"{5000 + i * 13}" for i in range(ROWS)]
        table = write_table(with_column(rows, "betrag", [thousands(int(c), ".") for c in cells]))
        self.assertIn(f'"{thousands(5000, ".")}" (line 2)', self.check(table).stderr)
        self.assertIn('(line 3)', self.check("\n" + table).stderr)

    def test_a_long_table_is_sampled(self):
        draw = random.Random(1)
        rows = [f"{i},{draw.gauss(0, 1):.2f},{draw.choice('ab')}" for i in range(20000)]
        said = self.check("x,y,kind\n" + "\n".join(rows) + "\n").stderr
        self.assertIn('column "x": numbers of the rows, such as "0" (line 2), "32" (line 34)', said)

    def test_configs_of_describe_train(self):
        """Whatever is planted, what describe writes is learned from without a complaint."""
        for kind, way, table, called, key in planted():
            self.write("table.csv", table)
            (self.dir / "table.json").unlink(missing_ok=True)
            self.run_program("describe", "table.csv", "-o", "table.json", "--target", "kind")
            done = self.run_program("train", "table.json", "-q", "-o", f"{kind} {way}", "training.epochs=1")
            self.assertEqual(done.stderr.count("\n"), int(kind == "empty"), (kind, way, done.stderr))

    def test_planted_ones_are_found_in_a_regression(self):
        draw = random.Random(4)
        rows = base(draw)
        leak = [f"{float(r['weight']) * 1.19 + 3:.4f}" for r in rows]
        for name, cells in (("gross", leak), ("nr", range(1, ROWS + 1)), ("eur", [f"{draw.uniform(1, 99):.2f} €" for _ in rows])):
            said = self.check(write_table(with_column(rows, name, [str(c) for c in cells])), "weight", "l2").stderr
            self.assertIn(f'column "{name}"', said)
        self.assertIn('"types": {"eur": "currency"}', said)

    def test_gaps_give_the_target_away(self):
        """A date that only those have who left, and a score of numbers: whether typed or not."""
        draw = random.Random(6)
        rows = [{"age": draw.randrange(18, 90), "fee": f"{draw.uniform(5, 90):.2f}", "churn_date": f"2023-{i % 12 + 1:02}-{i % 28 + 1:02}" if i % 4 == 0 else "",
                 "datum": f"{i % 28 + 1:02}.{i % 12 + 1:02}.2023" if i % 4 == 0 else "", "churn_score": f"{draw.uniform(.6, 1) if i % 4 == 0 else draw.uniform(0, .4):.4f}",
                 "churn": "yes" if i % 4 == 0 else "no"} for i in range(ROWS)]
        table = write_table([{k: str(v) for k, v in row.items()} for row in rows])
        datum = {"datum": {"type": "date", "format": "%d.%m.%Y"}}
        for types in {}, {"churn_date": "date", "churn_score": "number"}:
            said = self.check(table, "churn", types=datum | types).stderr
            self.assertIn('columns "churn_date", "datum", "churn_score": it alone gives the target away', said)
            self.assertIn('"ignore": ["churn_date", "datum", "churn_score"]', said)
        done = self.run_program("describe", "table.csv", "--target", "churn")
        self.assertRegex(done.stderr, r"(?m)^datum +date .*<< dates, gives the target away$")
        self.assertIn('odd: columns "churn_date", "datum", "churn_score": it alone gives the target away', done.stderr)
        self.assertIn('"types": {"churn_date": "date", "datum": {', done.stderr)  # both are said
        self.assertEqual(json.loads(done.stdout)["data"]["ignore"], ["churn_date", "datum", "churn_score"])

    def test_a_part_of_the_target_gives_it_away(self):
        draw = random.Random(2)
        rows = []
        for _ in range(ROWS):
            price = draw.randrange(50000, 900000)
            rows.append({"Rooms": str(price // 90000 + draw.randrange(3)), "Area": str(price // 4000 + draw.randrange(90)),
                         "Commission": f"${price * .03:,.2f}", "Price": f"${price:,.2f}"})
        self.write("table.csv", table := write_table(rows))
        done = self.run_program("describe", "table.csv", "--target", "Price")
        data = json.loads(done.stdout)["data"]
        money = {"type": "currency", "thousands": ","}
        self.assertEqual((data["ignore"], data["types"]), (["Commission"], {"Price": money}))
        self.assertRegex(done.stderr, r"(?m)^Commission .* 1\.00  .*<< numbers with signs, gives the target away$")
        said = self.check(table, "Price", "l2", types={"Price": money, "Commission": money}).stderr
        self.assertIn('column "Commission": it alone gives the target away', said)
        self.assertEqual(said.count("\n"), 1)
        few = [row if i < 19 else {**row, "Commission": ""} for i, row in enumerate(rows)]  # too few rows have both
        self.assertNotIn("gives the target away", self.check(write_table(few), "Price", "l2", types={"Price": money, "Commission": money}).stderr)
        few[19] = rows[19]
        self.assertIn("gives the target away", self.check(write_table(few), "Price", "l2", types={"Price": money, "Commission": money}).stderr)

    def test_numbers_that_stand_for_gaps(self):
        draw = random.Random(9)

        def cells(mean, deviation, gap, share=.05, form="{:.2f}"):
            return [gap if draw.random() < share else form.format(draw.gauss(mean, deviation)) for _ in range(ROWS)]
        for column, gap in ((cells(0, 1, "-999"), "-999"), (cells(0, 1, "9999"), "9999"), (cells(0, 10, "9999"), "9999"), (cells(100, 30, "-999"), "-999"),
                            (cells(0, 1, "-99"), "-99"), (cells(0, .5, "99"), "99"), (cells(0, 1, "99999"), "99999"), (cells(20, .5, "-1"), "-1"), (cells(20, .5, "0"), "0"),
                            ([draw.choice("0123459") if i % 9 else "-9" for i in range(ROWS)], "-9"), ([draw.choice("01") if i % 9 else "9" for i in range(ROWS)], "9"),
                            ([draw.choice(("0", str(draw.randrange(30000)))) if i % 40 else "99999" for i in range(ROWS)], "99999")):
            said = self.check(write_table(with_column(base(draw), "x", column))).stderr
            self.assertRegex(said, rf'column "x": a number far from all others, such as "{gap}" \(line \d+\); if it stands for a missing value: "missing_values": \["{gap}"\]\n$')
        comma = [c.replace(".", ",") for c in cells(30, 5, "-999", form="{:.1f}")]
        types = {"x": {"type": "number", "decimal": ","}}
        table = write_table(with_column(base(draw), "x", comma), ";")
        self.assertRegex(self.check(table, types=types).stderr, r'column "x": a number far .* "missing_values": \["-999"\]\n$')
        self.assertEqual(self.check(table, types=types, missing_values=["-999"]).stderr, "")
        done = self.run_program("describe", "table.csv", "--target", "kind")
        data = json.loads(done.stdout)["data"]
        self.assertEqual((data["types"], data["missing_values"]), (types, ["-999"]))
        self.assertRegex(done.stderr, r"(?m)^x .*<< numbers with signs, stands for a gap$")

    def test_numbers_that_are_only_large(self):
        draw = random.Random(2)
        for cells in ([draw.choice(("19", "49", "99", "249", "499", "999")) for _ in range(ROWS)],  # prices
                      [draw.choice(("0", str(draw.randrange(20, 60)))) for _ in range(ROWS)],
                      [str(round(draw.lognormvariate(5, 2))) for _ in range(ROWS)], [draw.choice(("-1", "1")) for _ in range(ROWS)],
                      [draw.choice(("-1", "0", "1", "9")) for _ in range(ROWS)], [draw.choice(("0", "9999")) for _ in range(ROWS)]):
            self.assertEqual(self.check(write_table(with_column(base(draw), "x", cells))).stderr, "")
        rows = with_column(base(draw), "x", ["0" if draw.random() < .1 else f"{draw.gauss(20, .5):.2f}" for _ in range(ROWS)])
        rows = with_column(rows, "hits", [str(draw.randrange(4)) for _ in range(ROWS)])  # in which 0 is no gap
        self.assertEqual(self.check(write_table(rows)).stderr, "")

    def test_words_among_numbers(self):
        """Twenty per cent of them and more; each is listed once, and all of them."""
        draw = random.Random(3)
        for words in ("-",), ("n.a.", "unknown"), ("-", "--", "n/k", "none", "missing", "tbd", "k.A."), ("siehe Akte",):
            rows = base(draw)
            for name in "ab":
                rows = with_column(rows, name, [draw.choice(words) if i % 4 == 1 else f"{draw.uniform(0, 9):.2f}" for i in range(ROWS)])
            self.write("table.csv", write_table(rows))
            done = self.run_program("describe", "table.csv", "--target", "kind")
            self.assertRegex(done.stderr, r"(?m)^a .*<< words among numbers$")
            line = next(line for line in done.stderr.splitlines() if line.startswith("odd: "))
            self.assertTrue(line.startswith('odd: columns "a", "b": words among numbers'))
            self.assertEqual(sorted(json.loads("{" + line[line.index('"missing_values"'):] + "}")["missing_values"]), sorted(words))
            data = json.loads(done.stdout)["data"]
            self.assertEqual((sorted(data["missing_values"]), data.get("ignore")), (sorted(words), None))
        one = with_column(base(draw), "x", ["-" if i == 7 else f"{draw.uniform(0, 9):.4f}" for i in range(ROWS)])  # all are different
        self.write("table.csv", write_table(one))
        self.assertIn('"x": words among numbers', self.run_program("describe", "table.csv", "--target", "kind").stderr)

    def test_spelt_in_several_ways(self):
        draw = random.Random(3)
        rows = with_column(base(draw), "paid", [draw.choice(("yes", "Yes", "no", "NO", "never")) for _ in range(ROWS)])
        rows = with_column(rows, "town", [draw.choice(("KÖLN", "Köln", "Bonn")) for _ in range(ROWS)])
        rows = [{**row, "shape": '"oval "' if row["shape"] == "oval" and i % 2 else row["shape"]} for i, row in enumerate(rows)]
        lines = self.check(write_table(rows)).stderr.splitlines()
        self.assertEqual(len(lines), 3, lines)  # of each column: they say which words
        for line, name, words in zip(lines, ("shape", "paid", "town"), (("oval", "oval "), ("yes", "Yes", "no", "NO"), ("KÖLN", "Köln")), strict=True):
            self.assertIn(f'column "{name}": words that differ in capital letters or spaces alone, such as "', line)
            self.assertTrue(line.endswith("; each spelling is a word of its own: write them alike in the file"), line)
            for word in words:
                self.assertIn(f'"{word}" (line ', line)
            self.assertEqual(line.count("(line"), len(words))
        target = [{**row, "kind": row["kind"].upper() if i % 7 == 0 else row["kind"]} for i, row in enumerate(base(draw))]
        self.assertIn('column "kind": words that differ in capital letters or spaces alone', self.check(write_table(target)).stderr)
        done = self.run_program("describe", "table.csv", "--target", "kind")
        self.assertRegex(done.stderr, r"(?m)^kind .*<< spelt in several ways$")

    def test_two_scales_and_several_units(self):
        draw = random.Random(3)
        scales = [f"{draw.uniform(2, 90):.0f}%" if i % 3 else f"{draw.uniform(.02, .9):.2f}" for i in range(ROWS)]
        units = [f"{draw.uniform(1, 9):.1f} kg" if i % 3 else f"{draw.randrange(200, 999)} g" for i in range(ROWS)]
        rows = with_column(with_column(base(draw), "share", scales), "mass", units)
        self.write("table.csv", write_table(rows))
        done = self.run_program("describe", "table.csv", "--target", "kind", "-o", "table.json")
        self.assertIn('column "share": per cents and fractions of 1, such as "', done.stdout)
        self.assertIn('column "mass": numbers in several units, such as "', done.stdout)
        self.assertRegex(done.stdout, r"(?m)^share .*<< two scales$")
        self.assertRegex(done.stdout, r"(?m)^mass .*<< several units$")
        data = json.loads((self.dir / "table.json").read_text())["data"]
        self.assertEqual((data["ignore"], data.get("types")), (["share", "mass"], None))
        self.assertEqual(self.run_program("train", "table.json", "-q", "training.epochs=1").stderr, "")
        one = with_column(base(draw), "share", ["0.5" if i % 50 == 3 else f"{draw.uniform(0, 2):.2f}%" for i in range(ROWS)])  # a sign is missing
        one = with_column(one, "seat", [f"{draw.randrange(1, 30)}{draw.choice('ABC')}" for _ in range(ROWS)])
        self.write("table.csv", write_table(one))
        said = self.run_program("describe", "table.csv", "--target", "kind").stderr
        self.assertIn('"types": {"share": "percent"}', said)
        self.assertNotIn("several units", said)

    def test_many_codes(self):
        draw = random.Random(3)
        for different, key in (600, "categorical"), (1500, "ignore"):
            self.write("table.csv", "zip,x,kind\n" + "".join(f"{draw.randrange(different) + 1000:05},{draw.gauss(0, 1):.3f},{draw.choice('ab')}\n" for i in range(6000)))
            done = self.run_program("describe", "table.csv", "--target", "kind")
            self.assertEqual(json.loads(done.stdout)["data"][key], ["zip"])
        self.assertIn('"ignore": ["zip"]', self.check((self.dir / "table.csv").read_text()).stderr)


if __name__ == "__main__":
    main()
