"""Tables as people keep them, made from a seed, for bench/tables. Each function returns a Table: the cells as text, as a
spreadsheet or a colleague would hand them over, and beside them the clean columns that scikit-learn gets."""

import dataclasses
import datetime
import math

import numpy as np
import pandas

FIRST = "John Mary Owen Laura William Anna James Elizabeth Karl Sofia Hans Ida Victor Rosa Mikael Hanna".split()
LAST = ("Allen Moran Palsson Johnson Nasser Bonnell Vestrom Hewlett Rice Fynney Beesley Sloper Asplund Fortune Todoroff Spencer "
        "Glynn Wheadon Meyer Holverson").split()
DISTRICTS = "Nord Süd Ost West Altstadt Hafen Köln-Deutz Bergen Grünau Mühltal".split()


@dataclasses.dataclass
class Table:
    cells: dict           # name of a column: its cells, as they stand in the file
    target: str           # one of these names
    clean: pandas.DataFrame
    y: np.ndarray
    classify: bool
    delimiter: str = ","
    encoding: str = "utf-8"
    in_time: bool = False  # tested on what comes later

    def write(self, path, rows, target=True):
        columns = {k: list(v) for k, v in self.cells.items() if target or k != self.target}
        lines = [self.delimiter.join(columns)] + [self.delimiter.join(str(c[i]) for c in columns.values()) for i in rows]
        path.write_text("\n".join(lines) + "\n", encoding=self.encoding)


def passengers(rows=891):
    """A number, a name, a ticket and a cabin for each; ages that are missing; a comma too many at the end of every line."""
    draw = np.random.default_rng(1)
    of_class = draw.choice([1, 2, 3], rows, p=[.24, .21, .55])
    sex = draw.choice(["male", "female"], rows, p=[.65, .35])
    age = np.clip(draw.normal(30 + 4 * (2 - of_class), 13, rows), 1, 80).round()
    siblings = draw.choice([0, 1, 2, 3, 4], rows, p=[.68, .23, .04, .03, .02])
    parents = draw.choice([0, 1, 2], rows, p=[.76, .13, .11])
    fare = np.exp(draw.normal(4.6 - .75 * of_class, .5, rows)).round(4)
    port = draw.choice(["S", "C", "Q"], rows, p=[.72, .19, .09])
    score = (2.6 * (sex == "female") - 1.1 * (of_class - 2) - .035 * (age - 30) - .35 * siblings + .4 * (port == "C") - 1.1
             + 1.2 * ((age < 12) & (sex == "male")) - 1.2 * ((of_class == 3) & (sex == "female")))
    survived = (draw.random(rows) < 1 / (1 + np.exp(-score))).astype(int)
    unknown = draw.random(rows) < .2
    cabins = [f"{draw.choice(list('ABCDE'))}{draw.integers(1, 130)}" if known else ""
              for known in draw.random(rows) < np.where(of_class == 1, .8, .05)]
    cells = {"PassengerId": range(1, rows + 1), "Survived": survived, "Pclass": of_class,
             "Name": [f'"{draw.choice(LAST)}, {draw.choice(FIRST)} {draw.choice(FIRST)}"' for _ in range(rows)], "Sex": sex,
             "Age": ["" if gap else f"{a:g}" for a, gap in zip(age, unknown)], "SibSp": siblings, "Parch": parents,
             "Ticket": [draw.choice(["", "A/5 ", "PC ", "C.A. "]) + str(draw.integers(2000, 400000)) for _ in range(rows)],
             "Fare": fare, "Cabin": cabins, "Embarked": port, "": [""] * rows}
    clean = pandas.DataFrame({"class": of_class, "sex": sex, "age": np.where(unknown, np.nan, age), "siblings": siblings,
                              "parents": parents, "fare": fare, "port": port, "deck": [c[:1] or "?" for c in cabins]})
    return Table(cells, "Survived", clean, survived.astype(str), True)


def _houses(seed, rows):
    draw = np.random.default_rng(seed)
    district = draw.integers(0, len(DISTRICTS), rows)
    area = np.clip(np.exp(draw.normal(4.7, .35, rows)), 30, 400).round(1)
    rooms = np.clip((area / 27 + draw.normal(0, .7, rows)).round(), 1, 12).astype(int)
    built = draw.integers(1900, 2021, rows)
    day = draw.integers(0, 365 * 6, rows)
    rate = (draw.gamma(4, .4, rows) + .4).round(2)
    garden = draw.random(rows) < .4
    price = (2900 * area ** .93 * np.exp(np.linspace(-.35, .45, len(DISTRICTS)))[district] * (1 + .00012 * day)
             * (1 - .0016 * (2021 - built)) * (1 + .08 * garden) * (1 - .04 * (rate - 2)) * np.exp(draw.normal(0, .09, rows)))
    sold = [datetime.date(2016, 1, 1) + datetime.timedelta(days=int(d)) for d in day]
    clean = pandas.DataFrame({"district": [DISTRICTS[d] for d in district], "area": area, "rooms": rooms, "built": built, "time": day,
                              "month": [d.month for d in sold], "weekday": [d.weekday() for d in sold], "rate": rate,
                              "garden": np.where(garden, "yes", "no")})
    return draw, clean, sold, price


def houses_us(rows=2500):
    """Dollars and square feet with thousands, per cents, dates with the month first."""
    draw, clean, sold, price = _houses(2, rows)
    price = price.round(-2)
    cells = {"MLS#": [f"ML-{draw.integers(10**6, 10**7)}" for _ in range(rows)],
             "Address": [f'"{draw.integers(1, 9999)} {draw.choice(LAST)} St, {draw.choice(FIRST)}ville"' for _ in range(rows)],
             "District": clean["district"], "Sold": [f"{d:%m/%d/%Y}" for d in sold],
             "Area": [f'"{a * 10.7639:,.0f} sq ft"' for a in clean["area"]], "Rooms": clean["rooms"], "Built": clean["built"],
             "Tax rate": [f"{r:.2f}%" for r in clean["rate"]], "Garden": clean["garden"], "Price": [f'"${p:,.0f}"' for p in price]}
    return Table(cells, "Price", clean, price, False)


def houses_de(rows=2500):
    """The same kind of table from a German spreadsheet: semicolons, decimal commas, Windows-1252."""
    draw, clean, sold, price = _houses(3, rows)
    price = price.round(2)
    german = lambda text: text.replace(",", "_").replace(".", ",").replace("_", ".")
    cells = {"Objekt-Nr.": [draw.integers(10**7, 10**8) for _ in range(rows)],
             "Straße": [f"{draw.choice(LAST)}straße {draw.integers(1, 200)}" for _ in range(rows)], "Bezirk": clean["district"],
             "Verkauft am": [f"{d:%d.%m.%Y}" for d in sold], "Fläche": [german(f"{a:.1f}") + " m²" for a in clean["area"]],
             "Zimmer": clean["rooms"], "Baujahr": clean["built"], "Steuersatz": [german(f"{r:.2f}") + " %" for r in clean["rate"]],
             "Garten": ["ja" if g == "yes" else "nein" for g in clean["garden"]], "Preis": [german(f"{p:,.2f}") + " €" for p in price]}
    return Table(cells, "Preis", clean, price, False, ";", "cp1252")


def series(rows=24 * 500):
    """An hourly load with daily and weekly periods, and a temperature."""
    draw = np.random.default_rng(4)
    when = [datetime.datetime(2022, 1, 1) + datetime.timedelta(hours=i) for i in range(rows)]
    hour, weekday = np.array([t.hour for t in when]), np.array([t.weekday() for t in when])
    day = np.array([t.timetuple().tm_yday for t in when])
    drift = np.zeros(rows)
    for i in range(1, rows):
        drift[i] = .9 * drift[i - 1] + draw.normal()
    heat = (10 - 11 * np.cos(2 * math.pi * day / 365) + 4 * np.sin(2 * math.pi * (hour - 9) / 24) + drift).round(1)
    load = (40 + 9 * np.sin(2 * math.pi * (hour - 7) / 24) + 4 * np.sin(4 * math.pi * (hour - 5) / 24) - 7 * (weekday >= 5)
            + .025 * (heat - 15) ** 2 + draw.normal(0, 1, rows)).round(2)
    cells = {"timestamp": [f"{t:%Y-%m-%d %H:%M}" for t in when], "temperature": heat, "load_mw": load}
    clean = pandas.DataFrame({"temperature": heat, "hour": hour, "weekday": weekday, "month": [t.month for t in when],
                              "time": np.arange(rows)})
    return Table(cells, "load_mw", clean, load, False, in_time=True)


def genes(rows=60, columns=2000):
    """Far more columns than rows, thirty of which tell something."""
    draw = np.random.default_rng(5)
    y = np.arange(rows) % 2
    draw.shuffle(y)
    x = draw.normal(8, 1, (rows, columns)) + draw.normal(0, .5, (rows, 1))
    signs = draw.choice([-1, 1], 30)
    x[:, draw.choice(columns, 30, replace=False)] += np.outer(y - .5, signs) * 1.1
    x = x.round(4)
    tissue = np.where(y == 1, "tumor", "normal")
    cells = {"sample": [f"GSM{draw.integers(10**5, 10**6)}" for _ in range(rows)]}
    cells |= {f"gene_{j:04}": x[:, j] for j in range(columns)}
    return Table(cells | {"tissue": tissue}, "tissue", pandas.DataFrame(x).add_prefix("g"), tissue, True)


TABLES = {make.__name__: make for make in (passengers, houses_us, houses_de, series, genes)}
