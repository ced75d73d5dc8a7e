#!/usr/bin/python3
"""Rebuilds the CSV files beside it: four from the data that scikit-learn ships (Debian's
python3-sklearn), the spiral and the regions from their formulas."""

import csv
import gzip
import pathlib

import numpy as np
import sklearn.datasets

HERE = pathlib.Path(__file__).parent
SHIPPED = pathlib.Path(sklearn.datasets.__file__).parent / "data"


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def shipped(name, delimiter=","):
    opened = gzip.open if name.endswith(".gz") else open
    with opened(SHIPPED / name, "rt") as file:
        return [line.rstrip("\n").split(delimiter) for line in file if line.strip()]


def digits():
    header = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)] + ["digit"]
    write("digits.csv", header, [[int(float(cell)) for cell in row] for row in shipped("digits.csv.gz")])


def iris():
    first, *rows = shipped("iris.csv")  # its first line: rows, columns, names of the classes
    species = first[2:]
    write("iris.csv",
          ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm", "species"],
          [row[:4] + [species[int(row[4])]] for row in rows])


def diabetes():
    features = shipped("diabetes_data_raw.csv.gz", " ")
    target = shipped("diabetes_target.csv.gz", " ")
    rows = [[repr(float(cell)).removesuffix(".0")
             for cell in row + t] for row, t in zip(features, target, strict=True)]
    write("diabetes.csv",
          ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "progression"], rows)


def breast_cancer():
    first, *rows = shipped("breast_cancer.csv")  # its first line: rows, columns, names of the classes
    names = [f"{what}_{of}" for what in ("mean", "error", "worst")
             for of in ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
                        "concave_points", "symmetry", "fractal_dimension")]
    write("breast_cancer.csv", names + ["diagnosis"], [row[:-1] + [first[2:][int(row[-1])]] for row in rows])


def regions(points=400, seed=0):
    """Points in the square from -2 to 2, the season (of the right half: spring or summer), and two answers: within
    a distance of 1.3 from the middle, and right of it. One cell in twenty is unknown."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(points):
        x, y = draw.uniform(-2, 2, 2)
        season = draw.choice(["spring", "summer"] if x > 0 else ["autumn", "winter"])
        cells = [f"{x:.3f}", f"{y:.3f}", season]
        rows.append(["?" if draw.random() < 0.05 else c for c in cells] + [int(np.hypot(x, y) < 1.3), int(x > 0)])
    write("regions.csv", ["x", "y", "season", "near", "right"], rows)


def spiral(points=100, arms=3, seed=0):
    """Stanford CS231n, "Putting it together: minimal neural network case study"."""
    draw = np.random.default_rng(seed)
    rows = []
    for arm in range(arms):
        r = np.linspace(0, 1, points)
        t = np.linspace(arm * 4, (arm + 1) * 4, points) + draw.standard_normal(points) * 0.2
        rows += [[f"{x:.6f}", f"{y:.6f}", arm] for x, y in zip(r * np.sin(t), r * np.cos(t))]
    write("spiral.csv", ["x", "y", "arm"], rows)


if __name__ == "__main__":
    digits()
    iris()
    diabetes()
    breast_cancer()
    spiral()
    regions()
