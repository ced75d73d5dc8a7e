#!/usr/bin/python3
"""Numbers and dates as tables write them, with what Python reads: cells.json beside this script."""

import json
import math
import pathlib
import random
from calendar import monthrange
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).parent
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
PLACES = [(".", ","), (",", "."), (".", " "), (",", " "), (",", "\u00a0"), (",", "\u202f"), (".", "'"), (".", "\u2019"),
          (".", "_"), (",", ""), (".", "")]
FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%d %b %Y", "%B %d, %Y", "%Y%m%d", "%Y-%j",
           "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%a %b %d %H:%M:%S %Y",
           "%A, %d %B %Y at %H:%M", "100%% %d-%b-%y", "%H:%M:%S on %Y/%m/%d"]


def write(value, places, decimal, thousands):
    """The number as Python writes it with these separators, and the number that this is."""
    text = f"{abs(value):,.{places}f}"
    number = float(text.replace(",", ""))
    text = text.replace(",", "T").replace(".", decimal).replace("T", thousands)
    return text, math.copysign(number, value)


def numbers(rng):
    cases = []
    for decimal, thousands in PLACES:
        kind = {"\u00a0": " ", "\u202f": " ", "\u2019": "'"}.get(thousands, thousands)
        for digits in (0, 5, 12):
            value = rng.uniform(-1, 1) * 10 ** digits
            for places in (0, 2, 3):
                text, number = write(value, places, decimal, thousands)
                sign = "-" if value < 0 else rng.choice(["", "+"])
                cases.append({"decimal": decimal, "thousands": kind, "text": sign + text, "value": number})
                euros = rng.choice([f"{sign}\u20ac{text}", f"\u20ac{sign}{text}", f"{sign}{text}\u00a0\u20ac", f"EUR {sign}{text}",
                                    f"{sign}{text} eur", f"{sign}US${text}", f"R$ {sign}{text}"])
                cases.append({"decimal": decimal, "thousands": kind, "currency": True, "text": euros, "value": number})
                cases.append({"decimal": decimal, "thousands": kind, "currency": True, "text": f"(${text})",
                              "value": -abs(number)})
                cases.append({"decimal": decimal, "thousands": kind, "percent": True, "text": f"{sign}{text} %", "value": number})
                cases.append({"decimal": decimal, "thousands": kind, "unit": "kg", "text": f"{sign}{text} kg", "value": number})
    return cases


def dates(rng):
    cases = []
    for form in FORMATS:
        for _ in range(6):
            when = datetime(1, 1, 1) + timedelta(seconds=rng.randrange(0, 3650 * 365 * 86400), microseconds=rng.randrange(10**6))
            if "%y" in form:
                when = when.replace(year=rng.randrange(1969, 2069), day=min(when.day, 28))
            zone = timezone(timedelta(minutes=rng.randrange(-720, 720))) if "%z" in form else timezone.utc
            text = when.replace(year=when.year + (1000 if when.year < 1000 else 0), day=min(when.day, 28), tzinfo=zone).strftime(form)
            cases.append((form, text))
    read = [{"format": f, "text": t, **seconds(datetime.strptime(t, f))} for f, t in cases]
    iso = ["2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31T23:59:59", "2024-03-01 12:30", "2024-03-01T12:30:00Z",
           "2024-03-01T12:30:00.25", "2024-03-01T12:30:00.000001+01:00", "2024-03-01 00:30:00-05:30", "1900-03-01", "2000-02-29"]
    return read + [{"text": t, **seconds(datetime.fromisoformat(t.replace("Z", "+00:00")))} for t in iso]


def seconds(when):
    """What a date is, and its parts, those of a time with an offset in UTC."""
    when = when.astimezone(timezone.utc) if when.tzinfo else when.replace(tzinfo=timezone.utc)
    since = when - EPOCH
    hour = (when - when.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / 3600
    turns = [(when.month - 1) / 12, (when.day - 1) / monthrange(when.year, when.month)[1], when.weekday() / 7, hour / 24]
    return {"seconds": since.total_seconds(),
            "parts": [since.total_seconds() / 86400, when.year, when.month, when.day, when.weekday(), hour],
            "cyclic": [f(2 * math.pi * t) for t in turns for f in (math.sin, math.cos)]}


def main():
    rng = random.Random(1)
    cases = {"numbers": numbers(rng), "dates": dates(rng)}
    lines = [f' "{key}": [\n  ' + ",\n  ".join(json.dumps(case) for case in cases[key]) + "\n ]" for key in cases]
    (HERE / "cells.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
