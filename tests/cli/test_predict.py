"""Predictions that can be used: kept columns, thresholds, the most likely classes; and the figures that go with them."""

import csv
import io
import json
import pathlib
import re
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

NETWORK = {"model": {"layers": [{"type": "linear"}]}, "optimizer": {"type": "sgd", "learning_rate": 0.3},
           "training": {"epochs": 20, "batch_size": 16, "threads": 1}}


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def single(number):
    return struct.unpack("f", struct.pack("f", number))[0]


class Predictions(ProgramTest):
    @classmethod
    def table(cls, rows=120, seed=1):
        """An id, which training ignores, two inputs, a class of two and one of four, and two labels."""
        draw = random.Random(seed)
        text = "id,x,y,sick,place,up,right\n"
        for i in range(rows):
            x, y = draw.gauss(0, 1), draw.gauss(0, 1)
            ill = "yes" if x + draw.gauss(0, 1) > 0.7 else "no"
            place = "nesw"[(x > 0) * 2 + (y > 0)] if draw.random() < 0.8 else draw.choice("nesw")
            text += f'"r,{i}",{x:.4f},{y:.4f},{ill},{place},{int(y > 0)},{int(x + draw.gauss(0, 1) > 0)}\n'
        return text

    def fit(self, run, target="sick", loss="logistic", validation={"fraction": 0.4}, **data):
        self.write("table.csv", self.table())
        data = {"train": "table.csv", "target": target, "columns": ["x", "y"], "validation": validation} | data
        self.write("config.json", NETWORK | {"data": {k: v for k, v in data.items() if v is not None}, "loss": {"type": loss}})
        self.run_program("train", "config.json", "-q", "-o", run)
        return run

    def predict(self, run, *arguments, table=None, **options):
        self.write("new.csv", table or self.table(30, seed=2))
        out = self.run_program("predict", run, "new.csv", *arguments, **options).stdout
        stream = self.run_program("predict", run, "-", *arguments, input=(self.dir / "new.csv").read_text(), **options).stdout
        self.assertEqual(out, stream)
        return rows_of(out)

    def refuse(self, message, *arguments):
        done = self.run_program(*arguments, status=2)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")


class Keep(Predictions):
    def test_columns_stand_in_front_as_they_are(self):
        self.fit("run")
        plain = self.predict("run")
        table = rows_of(self.table(30, seed=2))
        for option, columns in (("id", [0]), ("sick,id", [3, 0]), ("-1,id,1", [6, 0, 1]), ("all", range(7)), ("id,id", [0, 0])):
            found = self.predict("run", "--keep", option)
            self.assertEqual(found, [[row[i] for i in columns] + rest for row, rest in zip(table, plain, strict=True)])

    def test_of_a_file_without_a_header_are_numbered(self):
        self.write("bare.csv", self.table().split("\n", 1)[1])
        self.write("config.json", NETWORK | {"data": {"train": "bare.csv", "target": 3, "columns": [1, 2]}, "loss": {"type": "logistic"}})
        self.run_program("train", "config.json", "-q", "-o", "run")
        bare = self.table(5, seed=2).split("\n", 1)[1]
        found = self.predict("run", "--keep", "0,-3", table=bare)
        self.assertEqual(found[0][:3], ["column_0", "column_4", "prediction"])
        self.assertEqual([row[:2] for row in found[1:]], [[r[0], r[4]] for r in rows_of(bare)])
        self.refuse("--keep id: new.csv has no header line, so its columns have no names; give the column's number",
                    "predict", "run", "new.csv", "--keep", "id")

    def test_names_come_before_numbers(self):
        self.fit("run")
        found = self.predict("run", "--keep", "0,1", table="x,y,0,\"a,b\"\n1,2,zero,both\n")
        self.assertEqual([row[:2] for row in found], [["0", "y"], ["zero", "2"]])
        found = self.predict("run", "--keep", '"a,b",all', table="x,y,all,\"a,b\"\n1,2,every,both\n")
        self.assertEqual([row[:2] for row in found], [["a,b", "all"], ["both", "every"]])

    def test_refused(self):
        self.fit("run")
        self.write("new.csv", self.table(5))
        self.write("twice.csv", "x,y,a,a\n1,2,3,4\n")
        for file, option, message in (("new.csv", "idd", '--keep idd: new.csv has no such column; did you mean "id"?'),
                                      ("new.csv", "zzzzz", '--keep zzzzz: new.csv has no such column; its first is "id", its last "right"'),
                                      ("new.csv", "id,7", "--keep 7: new.csv has 7 columns, from 0 to 6 (or -1, which is the last)"),
                                      ("new.csv", "-8", "--keep -8: new.csv has 7 columns"), ("new.csv", "1.5", "--keep 1.5: new.csv has 7 columns"),
                                      ("new.csv", "", "--keep: names or numbers of columns were expected"),
                                      ("twice.csv", "a", "--keep a: twice.csv has 2 columns of that name; give the column's number")):
            self.refuse(message, "predict", "run", file, "--keep", option)
        self.assertEqual(self.run_program("predict", "run", "twice.csv", "--keep", "2,3").stdout.splitlines()[1][:4], "3,4,")

    def test_images_have_no_columns(self):
        self.write("images.idx", bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(range(8)))
        self.write("labels.idx", bytes([0, 0, 8, 1, 0, 0, 0, 2, 0, 1]))
        self.write("config.json", NETWORK | {"data": {"train": {"images": "images.idx", "labels": "labels.idx"}, "normalize": 255},
                                             "loss": {"type": "softmax"}})
        self.run_program("train", "config.json", "-q", "-o", "run")
        self.refuse("--keep id: images.idx holds images, which have no columns", "predict", "run", "images.idx", "--keep", "id")

    def test_columns_that_training_ignored_need_not_be_there(self):
        self.fit("run", columns=None, ignore=["id", "place", "up", "right"])
        whole = self.predict("run")
        table = rows_of(self.table(30, seed=2))
        for columns in ([1, 2], [2, 1], [0, 1, 2], [1, 2, 3], [1, 2, 6, 4]):
            found = self.predict("run", table="".join(",".join(f'"{row[i]}"' for i in columns) + "\n" for row in table))
            self.assertEqual(found, whole)
        # by position nothing tells which of them are missing
        self.write("bare.csv", "".join(f"{row[1]},{row[2]}\n" for row in table[1:]))
        self.refuse("bare.csv: found 2 columns, expected the 6 columns in the order of the training file", "predict", "run", "bare.csv")


class Top(Predictions):
    def test_most_likely_classes_first(self):
        for loss, share in (("softmax", "probability"), ("svm", "score")):
            run = self.fit(loss, target="place", loss=loss)
            plain = self.predict(run)
            for k in range(1, 5):
                found = self.predict(run, "--top", k)
                self.assertEqual(found[0], [f"{what}_{i + 1}" for i in range(k) for what in ("prediction", share)])
                for row, whole in zip(found[1:], plain[1:], strict=True):
                    ranked = sorted(zip("ensw", whole[1:], strict=True), key=lambda pair: -float(pair[1]))
                    self.assertEqual(row, [cell for pair in ranked[:k] for cell in pair])
                    self.assertEqual(row[0], whole[0])

    def test_of_two_classes_with_one_score(self):
        plain = self.predict(self.fit("run"))
        for row, (prediction, no, yes) in zip(self.predict("run", "--top", 2)[1:], plain[1:], strict=True):
            self.assertEqual(row, ["yes", yes, "no", no] if prediction == "yes" else ["no", no, "yes", yes])

    def test_refused(self):
        self.fit("two")
        self.fit("labels", target=["up", "right"])
        self.fit("numbers", target="y", loss="l2", columns=["x"])
        for run, k, message in (("two", 3, "the 3 most likely classes were asked for, of 2 that there are"),
                                ("two", 0, "--top 0: expected a number of classes, 1 or more"), ("two", "1.5", "--top 1.5: expected"),
                                ("two", "x", "--top x: expected"), ("labels", 1, "the model predicts several labels, each by itself"),
                                ("numbers", 1, "the model predicts numbers; the most likely are of classes")):
            self.refuse(message, "predict", run, "table.csv", "--top", k)
        self.refuse("--top and --threshold together", "predict", "two", "table.csv", "--top", 1, "--threshold", 0.3)


class Threshold(Predictions):
    def test_second_class_from_that_probability_on(self):
        for loss in ("logistic", "softmax"):
            run = self.fit(loss, loss=loss)
            plain = self.predict(run)
            self.assertEqual(plain[0], ["prediction", "probability_no", "probability_yes"])
            among = plain[5][2]  # also one that is exactly there
            for threshold in ("0", "0.1", "0.25", among, "0.9", "1"):
                found = self.predict(run, "--threshold", threshold)
                for row, whole in zip(found[1:], plain[1:], strict=True):
                    self.assertEqual(row, ["yes" if float(whole[2]) >= float(threshold) else "no", *whole[1:]])
            self.assertEqual(self.predict(run, "--threshold", among)[5][0], "yes")

    def test_of_labels(self):
        run = self.fit("run", target=["up", "right"])
        plain = self.predict(run)
        for option, each in (("0.25", (0.25, 0.25)), ("0.7,0.2", (0.7, 0.2))):
            for row, whole in zip(self.predict(run, "--threshold", option)[1:], plain[1:], strict=True):
                self.assertEqual(row, [*(str(int(float(p) >= t)) for p, t in zip(whole[2:], each, strict=True)), *whole[2:]])

    def test_refused(self):
        self.fit("two")
        self.fit("svm", loss="svm")
        self.fit("four", target="place", loss="softmax")
        self.fit("labels", target=["up", "right"])
        self.fit("numbers", target="y", loss="l2", columns=["x"])
        for run, text, message in (("svm", "0.5", 'the model was trained with the loss "svm", whose scores are no probabilities'),
                                   ("four", "0.5", "the model has 4 classes; a threshold is for two, or for labels of 0 and 1"),
                                   ("numbers", "0.5", "the model predicts numbers; a threshold is for the probability"),
                                   ("labels", "0.5,0.5,0.5", "found 3 thresholds, expected 1 or 2, one for each label"),
                                   ("two", "0.5,0.5", "found 2 thresholds, expected 1 for two classes"),
                                   ("two", "50", "found the threshold 50, expected a probability from 0 to 1"),
                                   ("two", "nan", "expected a probability from 0 to 1"), ("two", "50%", 'found the threshold "50%", expected')):
            self.refuse(message, "predict", run, "table.csv", "--threshold", text)
            self.refuse(message, "eval", run, "--threshold", text)


class EvalThreshold(Predictions):
    def figures(self, run, table, arguments):
        """What predict's decisions come to, counted by hand."""
        self.write("part.csv", table)
        said = [row[0] == "yes" for row in rows_of(self.run_program("predict", run, "part.csv", *arguments).stdout)[1:]]
        right = [row[3] == "yes" for row in rows_of(table)[1:]]
        counts = [[sum(r == a and s == b for r, s in zip(right, said, strict=True)) for b in (False, True)] for a in (False, True)]
        (tn, fp), (fn, tp) = counts
        return {"confusion": counts, "examples": len(right), "accuracy": (tp + tn) / len(right),
                "precision": tp / (tp + fp) if tp + fp else 0, "recall": tp / (tp + fn), "f1": 2 * tp / (2 * tp + fp + fn),
                "balanced_accuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2}

    def compare(self, found, expected):
        for key, value in expected.items():
            if key == "confusion":
                self.assertEqual(found[key], value)
            else:
                self.assertAlmostEqual(found[key], value, places=12)

    def test_chosen_on_validation_and_taken_by_predict(self):
        """The same decisions, to the example: the threshold that is printed is one of the probabilities."""
        validation, test = self.table(80, seed=3), self.table(90, seed=4)
        self.write("validation.csv", validation)
        self.write("test.csv", test)
        self.fit("run", validation="validation.csv", test="test.csv")
        probabilities = [float(row[2]) for row in rows_of(self.run_program("predict", "run", "validation.csv").stdout)[1:]]
        for rule in ("f1", "recall=0.9", "precision=0.6", "cost=1:5", "cost=4:1"):
            out = json.loads(self.run_program("eval", "run", "--threshold-by", rule, "--json").stdout)["threshold"]
            self.assertEqual((out["by"], out["chosen_on"], out["classes"][0]["class"]), (rule, "validation", "yes"))
            found = out["classes"][0]
            self.assertIn(found["threshold"], [single(p) for p in probabilities])
            text = self.run_program("eval", "run", "--threshold-by", rule).stdout
            option = text.split("to use it: chainrule predict RUN FILE ")[1].split()
            self.assertIn(f'threshold by {rule} on validation: {option[1]} of "yes"', text)
            self.compare(found["validation"], self.figures("run", validation, option))
            self.compare(found["test"], self.figures("run", test, option))
            given = json.loads(self.run_program("eval", "run", *option, "--json").stdout)["threshold"]
            self.assertEqual([*given], ["classes"])
            self.assertEqual(given["classes"][0]["test"], {k: v for k, v in found["test"].items() if k != "cost"})
            if rule.startswith("cost"):
                (_, fp), (fn, _) = found["test"]["confusion"]
                a, b = map(float, rule[5:].split(":"))
                self.assertEqual(found["test"]["cost"], a * fp + b * fn)
            f1s = [self.f1(probabilities, validation, t) for t in probabilities]
            if rule == "f1":
                self.assertAlmostEqual(found["validation"]["f1"], max(f1s), places=12)

    @staticmethod
    def f1(probabilities, table, threshold):
        right = [row[3] == "yes" for row in rows_of(table)[1:]]
        tp = sum(r and p >= threshold for p, r in zip(probabilities, right, strict=True))
        return 2 * tp / (sum(p >= threshold for p in probabilities) + sum(right))

    def test_on_a_file_and_on_validation_itself(self):
        self.fit("run")
        out = json.loads(self.run_program("eval", "run", "--threshold-by", "f1", "--json", "--on", "table.csv").stdout)
        self.assertEqual([*out["threshold"]["classes"][0]], ["class", "threshold", "validation", "file"])
        out = json.loads(self.run_program("eval", "run", "--threshold-by", "f1", "--json", "--on", "validation").stdout)
        self.assertEqual([*out["threshold"]["classes"][0]], ["class", "threshold", "validation"])

    def test_of_labels(self):
        self.fit("run", target=["up", "right"])
        text = self.run_program("eval", "run", "--threshold-by", "recall=0.8").stdout
        option = text.split("to use it: chainrule predict RUN FILE ")[1].split()
        self.assertEqual(len(option[1].split(",")), 2)
        out = json.loads(self.run_program("eval", "run", "--threshold-by", "recall=0.8", "--json").stdout)["threshold"]
        self.assertEqual([c["label"] for c in out["labels"]], ["up", "right"])
        for label in out["labels"]:
            self.assertGreaterEqual(label["validation"]["recall"], 0.8)
        self.run_program("predict", "run", "table.csv", *option)

    def test_refused(self):
        self.fit("run")
        self.fit("bare", validation=None)
        self.fit("svm", loss="svm")
        self.refuse("--threshold-by f1: the run's config has no validation part to choose the threshold on", "eval", "bare", "--threshold-by", "f1")
        self.refuse('the loss "svm", whose scores are no probabilities', "eval", "svm", "--threshold-by", "f1")
        self.refuse("--threshold and --threshold-by together", "eval", "run", "--threshold-by", "f1", "--threshold", "0.5")
        self.refuse('found "cost", expected f1, recall=SHARE or precision=SHARE', "eval", "run", "--threshold-by", "cost")
        self.refuse('--threshold-by precision=1: on the validation part, of "yes": no threshold has a precision of at least 1',
                    "eval", self.imprecise(), "--threshold-by", "precision=1")
        self.write("none.csv", "".join(line + "\n" for line in self.table().splitlines() if ",yes," not in line))
        self.fit("none", validation="none.csv")
        self.refuse('on the validation part, of "yes": there is no example of it', "eval", "none", "--threshold-by", "f1")

    def imprecise(self):
        """Validation in which the most likely example is none."""
        self.write("wrong.csv", self.table() + "z,99,0,no,n,0,0\n")
        return self.fit("wrong", validation="wrong.csv")


class Figures(Predictions):
    def test_eval_says_in_few_lines_what_it_has_in_json(self):
        self.fit("two")
        text = self.run_program("eval", "two").stdout
        report = json.loads(self.run_program("eval", "two", "--json").stdout)["report"]
        for title, key in (("Brier score", "brier"), ("log loss", "log_loss"), ('average precision of "yes"', "average_precision"),
                           ('area under the ROC curve of "yes"', "roc_auc"), ("calibration error", "calibration_error"),
                           ("balanced accuracy", "balanced_accuracy"), ("Matthews correlation", "matthews"), ("Cohen's kappa", "cohen_kappa")):
            found = float(text.split(title + " ")[1].split()[0].rstrip(","))
            self.assertAlmostEqual(found, report[key], delta=6e-5)
        four = json.loads(self.run_program("eval", self.fit("four", target="place", loss="softmax"), "--json").stdout)["report"]
        self.assertEqual([k for k in four if k not in ("classes", "confusion", "mean", "top_k")],
                         ["log_loss", "brier", "calibration_error", "balanced_accuracy", "matthews", "cohen_kappa"])
        svm = json.loads(self.run_program("eval", self.fit("svm", loss="svm"), "--json").stdout)["report"]
        self.assertNotIn("brier", svm)
        self.assertIn("matthews", svm)

    def test_eval_of_labels_has_each_and_the_mean(self):
        self.fit("run", target=["up", "right"])
        report = json.loads(self.run_program("eval", "run", "--json").stdout)["report"]
        for key in ("roc_auc", "average_precision", "brier", "calibration_error", "balanced_accuracy", "matthews", "cohen_kappa"):
            self.assertAlmostEqual(report[key], sum(label[key] for label in report["labels"]) / 2, places=12)
        text = self.run_program("eval", "run").stdout
        self.assertRegex(text, r"roc_auc average_precision\n")
        self.assertIn("mean over the labels: Brier score", text)

    def confusion(self, run, columns):
        """The lines of the confusion matrix, as wide as they are allowed to be."""
        lines = self.run_program("eval", run, env={"COLUMNS": str(columns)}).stdout.split("\n\n")[2].splitlines()
        self.assertLessEqual(max(map(len, lines)), columns)
        return lines

    def test_confusion_with_long_names(self):
        names = ["a", "a class with a very long name, the one of the north", "a class with a very long name, the one of the south"]
        self.write("long.csv", "x,y\n" + "".join(f'{i % 7},"{names[i % 3]}"\n' for i in range(60)))
        self.fit("run", train="long.csv", target="y", columns=["x"], validation=None, loss="softmax")
        matrix = json.loads(self.run_program("eval", "run", "--json").stdout)["report"]["confusion"]
        whole = self.confusion("run", 1000)
        self.assertEqual(whole[1].split("  ")[-2:], names[1:])
        self.assertRegex(whole[1], r"^ {53} ?a  a class")  # no wider than its numbers
        for columns in (120, 80, 60, 40):
            lines = self.confusion("run", columns)
            self.assertEqual([list(map(int, re.findall(r"  +(\d+)(?=  |$)", line))) for line in lines[2:]],
                             [[int(n) for n in row] for row in matrix])
            self.assertIn("…", lines[1])
            self.assertTrue(lines[1].endswith("h") and lines[1].count("…") == 2, lines)  # north and south, by their ends

    def test_confusion_of_many_classes(self):
        names = [f"a long name of class {i:02}" for i in range(14)]
        self.write("many.csv", "x,y\n" + "".join(f"{i % 14 // 2},{names[i % 14]}\n" for i in range(140)))
        self.fit("run", train="many.csv", target="y", columns=["x"], validation=None, loss="softmax")
        self.assertEqual(len(self.confusion("run", 1000)), 16)
        matrix = json.loads(self.run_program("eval", "run", "--json").stdout)["report"]["confusion"]
        cells = sorted((-n, i, j) for i, row in enumerate(matrix) for j, n in enumerate(row) if i != j and n > 0)[:10]
        lines = self.confusion("run", 80)
        self.assertEqual(lines[0], "most frequent confusions; --json has the whole matrix")
        self.assertEqual([re.split("  +", line) for line in lines[2:]], [[names[i], names[j], f"{-n:g}"] for n, i, j in cells])

    def test_average_precision_of_either_class(self):
        """That of the second class says nothing where the first is the rare one."""
        self.write("rare.csv", "x,y\n" + "".join(f"{i * 7 % 40},{'bad' if i in (3, 20) else 'good'}\n" for i in range(40)))
        self.fit("run", train="rare.csv", target="y", columns=["x"], validation=None)
        text = self.run_program("eval", "run").stdout
        report = json.loads(self.run_program("eval", "run", "--json").stdout)["report"]
        bad, good = (c["average_precision"] for c in report["classes"])
        self.assertEqual(good, report["average_precision"])
        self.assertLess(bad, good)
        self.assertIn(f'average precision of "good" {good:.4f}\naverage precision of "bad", which is rarer, {bad:.4f}\n', text)
        logged = "train_average_precision_bad"
        self.run_program("train", "config.json", "-q", "-o", "logged", f'log.metrics=["{logged}"]')
        with open(self.dir / "logged/metrics.csv") as file:
            last = list(csv.DictReader(file))[-1]
        report = json.loads(self.run_program("eval", "logged", "--json").stdout)["report"]
        self.assertAlmostEqual(float(last[logged]), report["classes"][0]["average_precision"], places=8)

    def test_none_is_said(self):
        self.write("no.csv", "".join(line + "\n" for line in self.table().splitlines() if ",yes," not in line))
        self.fit("run")
        text = self.run_program("eval", "run", "--on", "no.csv").stdout
        self.assertIn('area under the ROC curve of "yes": none, since all examples are of one class', text)
        self.assertIn('average precision of "yes": none, since no example is of that class', text)
        report = json.loads(self.run_program("eval", "run", "--on", "no.csv", "--json").stdout)["report"]
        self.assertEqual((report["roc_auc"], report["average_precision"]), (None, None))
        self.write("equal.csv", "x,y\n1,8000000.5\n2,8000000.5\n")
        self.fit("numbers", target="y", loss="l2", columns=["x"])
        self.assertIn("R2: none, since all targets are equal", self.run_program("eval", "numbers", "--on", "equal.csv").stdout)
        self.assertIsNone(json.loads(self.run_program("eval", "numbers", "--on", "equal.csv", "--json").stdout)["report"]["r2"])

    def test_in_the_log_and_as_monitor(self):
        self.fit("run")
        names = ["validation_brier", "validation_average_precision", "train_calibration_error", "validation_matthews",
                 "validation_balanced_accuracy", "validation_cohen_kappa"]
        self.run_program("train", "config.json", "-q", "-o", "logged", f"log.metrics={json.dumps(names)}",
                         'early_stopping={"monitor": "validation_brier", "patience": 3}')
        with open(self.dir / "logged/metrics.csv") as file:
            rows = list(csv.DictReader(file))
        summary = json.loads((self.dir / "logged/summary.json").read_text())
        self.assertAlmostEqual(summary["best"]["validation_brier"], min(float(row["validation_brier"]) for row in rows), places=8)
        report = json.loads(self.run_program("eval", "logged/best.safetensors", "--json").stdout)["report"]
        best = rows[summary["best"]["epoch"] - 1]
        for name in names:
            if name.startswith("validation_"):
                self.assertAlmostEqual(float(best[name]), report[name[11:]], places=8)
        done = self.run_program("check", "config.json", "loss.type=svm", 'log.metrics=["train_brier"]', status=2)
        self.assertIn('there is no "train_brier" with the loss "svm", whose scores are no probabilities', done.stderr)


if __name__ == "__main__":
    main()
