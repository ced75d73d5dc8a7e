"""The doctor finds what is wrong, says so in one line, and does not cry wolf."""

import csv
import json
import math
import pathlib
import random
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, main  # noqa: E402

CHECKS = ["columns", "inputs", "targets", "duplicates", "initial loss", "regularization", "activations", "gradients", "overfitting",
          "learning rate"]


def rings(rows=240):
    """Three classes by distance from the middle: no line parts them."""
    draw = random.Random(1)
    lines = ["x,y,ring"]
    for i in range(rows):
        angle, radius = draw.uniform(0, 2 * math.pi), i % 3 + draw.uniform(0.2, 0.8)
        lines.append(f"{radius * math.cos(angle):.4f},{radius * math.sin(angle):.4f},{'abc'[i % 3]}")
    return "\n".join(lines) + "\n"


class Doctor(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("table.csv", rings())
        self.config = {"data": {"train": "table.csv", "target": "ring", "validation": {"fraction": 0.2}},
                       "model": {"layers": [{"type": "linear", "units": 32}, {"type": "relu"}, {"type": "linear"}]},
                       "loss": {"type": "softmax"}, "optimizer": {"type": "sgd", "learning_rate": 0.9},
                       "training": {"batch_size": 16, "epochs": 60}}
        self.write("config.json", self.config)

    def doctor(self, *overrides, status=0):
        """Verdict and text of each check."""
        before = self.files()
        done = self.run_program("doctor", "config.json", *overrides, status=status)
        self.assertEqual(self.files(), before)
        found = {}
        for line in done.stdout.splitlines()[:-1]:
            verdict, check, text = re.fullmatch(r"(ok|warning|failure) +(\S+(?: \S+)?)  +(.*)", line).groups()
            found[check] = (verdict, text)
        self.assertEqual(list(found), CHECKS)
        self.assertEqual(done.returncode, int("failure" in [v for v, _ in found.values()]))
        verdicts = [v for v, _ in found.values()]
        warnings, failures = verdicts.count("warning"), verdicts.count("failure")
        self.assertEqual(done.stdout.splitlines()[-1], f"{verdicts.count('ok')} ok, {warnings} warning{'s' * (warnings != 1)}, "
                         f"{failures} failure{'s' * (failures != 1)}")
        return found

    def expect(self, check, verdict, text, *overrides, status=0):
        found = self.doctor(*overrides, status=status)
        self.assertEqual(found[check][0], verdict, found[check])
        self.assertIn(text, found[check][1])
        return found

    def test_a_sound_config_has_nothing_but_ok(self):
        found = self.doctor()
        self.assertEqual({v for v, _ in found.values()}, {"ok"}, found)
        self.assertIn("3 classes of 64 rows each", found["targets"][1])

    def test_shipped_configs(self):
        for name in ("iris", "spiral", "digits", "digits_svm", "digits_sigmoid", "diabetes"):
            done = self.run_program("doctor", ROOT / f"configs/{name}.json")
            self.assertIn(" 0 failures", done.stdout)

    def test_initial_loss(self):
        small = 'model.layers.2.init={"type":"normal","std":1e-4}'
        for loss, chance, formula in (("softmax", math.log(3), "ln K"), ("svm", 2, "(K - 1) margin")):
            text = self.doctor(small, f"loss.type={loss}")["initial loss"][1]
            found, known = re.match(r"(\S+), where equal scores give (\S+) ", text).groups()
            self.assertIn(f"({formula})", text)
            self.assertAlmostEqual(float(known), chance, delta=1e-3)
            self.assertAlmostEqual(float(found), chance, delta=1e-2)
        self.expect("initial loss", "ok", "equal scores give 5 ", small, "loss.type=svm", "loss.margin=2.5")
        self.expect("initial loss", "warning", 'the first scores are far too large: "normalize" the data',
                    'model.layers.0.init={"type":"normal","std":30}')

    def test_regularization(self):
        found = self.expect("regularization", "ok", "with ten times as much", "regularization.l2=0.001")
        a, b, c = map(float, re.match(r"(\S+) without, (\S+) with it, (\S+) with ten", found["regularization"][1][5:]).groups())
        self.assertAlmostEqual((c - a) / (b - a), 10, delta=0.5)  # of numbers with four digits
        self.expect("regularization", "warning", "it outweighs the data", "regularization.l2=1")

    def test_data(self):
        self.expect("inputs", "ok", "2; deviations from")
        self.write("table.csv", rings().replace("\n", ",7\n").replace("ring,7", "ring,seven"))
        self.expect("inputs", "warning", '1 is constant: "seven"; they tell nothing: "ignore" them')
        self.write("table.csv", rings().replace("\n", ",7,foo\n").replace("ring,7,foo", "ring,seven,word"))
        self.expect("inputs", "warning", '2 are constant: "seven", "word"')
        self.write("table.csv", re.sub(r"(?m)^([-\d.]+),", lambda m: f"{1000 * float(m[1])},", rings()))
        self.expect("inputs", "warning", 'far from 1: "normalize": "standardize"', status=None)
        self.expect("inputs", "ok", "deviations from 1 to 1", "data.normalize=standardize")

    def test_odd_columns(self):
        rows = rings().splitlines()
        self.write("table.csv", "\n".join(["," + rows[0]] + [f"{i},{row}" for i, row in enumerate(rows[1:])]) + "\n")
        self.expect("columns", "warning", "odd: 0 (from 0, without a name) (row numbers); the warnings above say",
                    "data.normalize=standardize", status=None)
        self.expect("columns", "ok", "nothing is odd", "data.ignore=0")

    def test_dates(self):
        lines = rings().splitlines()
        self.write("table.csv", "\n".join([f"day,same,{lines[0]}"] + [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02},2024-01-01,{line}"
                                                                   for i, line in enumerate(lines[1:])]) + "\n")
        self.expect("inputs", "warning", '7, with parts of dates; 1 is constant: "same"; they tell nothing', "data.normalize=standardize", status=None)

    def test_rows_that_are_twice_there(self):
        found = self.expect("duplicates", "warning", "240 of 240 rows of validation are rows of training too",
                            'data.validation="table.csv"')
        self.assertIn("remove them from one of the two", found["duplicates"][1])
        self.write("table.csv", rings() + "".join(rings().splitlines(keepends=True)[1:]))
        self.expect("duplicates", "warning", "remove the rows that stand in the table twice")
        self.write("table.csv", rings() + "1,1,a\n1,1,b\n" * 40)
        self.assertRegex(self.doctor(status=None)["duplicates"][1], r"6\d of 256 training rows are alike but of different class; no network")

    def test_classes(self):
        lines = rings().splitlines()
        self.write("table.csv", "\n".join(lines[:1] + lines[1::3] + lines[2:12:3]) + "\n")
        self.expect("targets", "warning", '"class_weights": "balanced"')
        self.write("table.csv", "x,price\n" + "".join(f"{i},{i * 3}\n" for i in range(300)))
        self.expect("targets", "warning", "so many that they look like numbers", "data.target=price",
                    'data.validation={"fraction":0.2,"stratify":false}', "data.normalize=standardize", status=None)

    def test_numbers(self):
        self.write("table.csv", "x,y\n" + "".join(f"{i / 100},{500 + i}\n" for i in range(100)))
        found = self.expect("targets", "warning", 'far from 1: "normalize_target": "standardize"', "data.target=y", "loss.type=l2",
                            "optimizer.learning_rate=1e-4", status=None)
        self.assertEqual(found["initial loss"][0], "warning")
        self.assertIn("far from 0 against their spread", found["initial loss"][1])
        found = self.expect("targets", "ok", "deviation up to 1,", "data.target=y", "loss.type=l2", "data.normalize_target=standardize",
                            status=None)
        self.assertEqual(found["initial loss"][0], "ok")

    def test_activations(self):
        self.expect("activations", "failure", "sigmoid1: 9", "model.layers.1.type=sigmoid",
                    'model.layers.0.init={"type":"normal","std":100}', status=1)
        self.write("table.csv", rings().replace("-", ""))  # positive inputs; weights that are all alike
        self.expect("activations", "ok", "nowhere", "model.layers.1.type=tanh", status=None)

    def test_linear_regression_is_sound(self):
        """It has three parameters, and need not go through twenty points."""
        draw = random.Random(1)
        rows = [(draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 0.3)) for _ in range(200)]
        self.write("table.csv", "x,z,y\n" + "".join(f"{x},{z},{x - 2 * z + e}\n" for x, z, e in rows))
        for loss in ("l2", "l1", "huber"):
            self.write("config.json", {"data": {"train": "table.csv", "target": "y"}, "model": {"layers": [{"type": "linear"}]},
                                       "loss": {"type": loss}, "optimizer": {"learning_rate": 0.03}, "training": {"epochs": 60}})
            found = self.doctor()
            self.assertEqual({v for v, _ in found.values()}, {"ok"}, found)

    def test_gradients_of_a_large_network(self):
        """Fewer values and examples than the 8 and 40 of others."""
        layers = [{"type": "conv2d", "filters": 256, "kernel": 7, "padding": "same"}, {"type": "relu"},
                  {"type": "linear"}]
        draw = random.Random(1)
        self.write("table.csv", "".join(f"{','.join(str(draw.randint(0, 9)) for _ in range(400))},{'ab'[i % 2]}\n" for i in range(20)))
        found = self.run_program("doctor", "config.json", f"model.layers={json.dumps(layers)}", "data.shape=[1,20,20]",
                                 "data.target=-1", "data.validation=null", "training.epochs=1", "optimizer.learning_rate=0.001", status=None)
        self.assertRegex(found.stdout, r'(?m)^ok +gradients +4 layers by themselves and 8 tensors agree .*; of so large a network, \d+ '
                         r'values of each over \d examples were looked at; "chainrule gradcheck" looks at more$')

    def test_weights_of_zero(self):
        found = self.expect("activations", "failure", 'the weights of linear1 are all 0: take another "init", such as "he"',
                            "model.layers.0.init=zeros", status=1)
        self.assertNotIn("normalize", found["activations"][1])
        found = self.expect("gradients", "ok", "the weights of linear2 are all 0, so nothing before it", "model.layers.2.init=zeros")
        self.assertEqual({v for v, _ in found.values()}, {"ok"}, found)

    def test_linear_behind_linear(self):
        self.expect("activations", "warning", "linear2 stands right behind linear1, and the two can do no more than one",
                    'model.layers=[{"type":"linear","units":8},{"type":"linear"}]', status=None)

    def test_weight_decay(self):
        self.expect("regularization", "ok", "there is none")
        found = self.expect("regularization", "warning", 'take less of it ("weight_decay")', "optimizer.weight_decay=2")
        self.assertEqual(found["overfitting"][0], "ok")  # which is tried without
        adamw = 'optimizer={"type":"adamw","learning_rate":0.01,"weight_decay":%g}'
        self.expect("regularization", "ok", "a step takes 0.0001 of every weight", adamw % 0.01)
        found = self.expect("regularization", "warning", "forgotten within 10 steps", adamw % 10, status=None)
        self.assertEqual(found["overfitting"][0], "ok")

    def test_imbalance_that_is_seen_to(self):
        lines = rings().splitlines()
        self.write("table.csv", "\n".join(lines[:1] + lines[1::3] + lines[2:12:3]) + "\n")
        self.expect("targets", "ok", "class_weights make up for it", "loss.class_weights=balanced", status=None)

    def test_the_figure_for_a_rare_class_is_one_that_there_is(self):
        """What the doctor says to judge by is a column that the log takes, and of the rare class."""
        draw = random.Random(7)
        kinds = (("bad", "good"), ("well", "worse"), ("b", "a", "c"), ('a "b"', "c"))
        for rare, *others in kinds:
            with self.subTest(rare):
                shutil.rmtree(self.dir / "run", ignore_errors=True)
                self.write("table.csv", "x,y,ring\n" + "".join(
                    f"{draw.gauss(0, 1):.3f},{draw.gauss(0, 1):.3f}," + (rare if i % 40 == 0 else others[i % len(others)]).replace(
                        'a "b"', '"a ""b"""') + "\n" for i in range(1600)))
                text = self.doctor("training.epochs=2", status=None)["targets"][1]
                names = re.search(r'judge by .* \("log": ({"metrics": \[.*\]})\), not by accuracy', text)[1]
                expected = ["validation_balanced_accuracy"] if len(others) == 2 or '"' in rare else [f"validation_average_precision_{rare}"]
                expected += [f"validation_recall_{rare}"] if len(others) == 2 else []
                self.assertEqual(json.loads(names)["metrics"], expected)
                self.run_program("train", "config.json", "training.epochs=2", f"log={names}", "-q", "-o", "run")

    def rare(self, rows, bad, others="good"):
        """A table in which the class "bad" has so many rows, at the beginning."""
        draw = random.Random(7)
        self.write("table.csv", "x,y,ring\n" + "".join(
            f"{draw.gauss(0, 1):.3f},{draw.gauss(0, 1):.3f},{'bad' if i < bad else others}\n" for i in range(rows)))

    def test_a_class_without_rows_for_validation(self):
        for bad, overrides, said in (
                (2, (), 'no row of "bad": its figures say nothing of that; take a larger "fraction", or "folds" with a sweep over them'),
                (6, (), '1 row of "bad": its figures say little of that; take a larger "fraction"'),
                (20, (), '4 rows of "bad": its figures say little'),
                (6, ("data.validation={\"last\":0.2}",), 'no row of "bad": its figures say nothing of that; take a "fraction" with "stratify": true')):
            with self.subTest(bad=bad, overrides=overrides):
                self.rare(400, bad)
                found = self.expect("targets", "warning", f"; the validation part has {said}", "training.epochs=2", *overrides, status=None)
                warned = self.run_program("train", "config.json", "training.epochs=1", "-q", "-o", f"run{bad}{len(overrides)}", *overrides).stderr
                self.assertEqual(warned.count("\n"), 1, warned)
                self.assertIn(f": the validation part has {said}", warned)
                rows = re.match("(no|[0-9]+) ", said)[1].replace("no", "0")
                if int(rows) < 3:
                    self.assertEqual(found["learning rate"][0], "ok")
                    self.assertIn(f'; too few rows of "bad" to judge others by: {rows} among validation', found["learning rate"][1])
                else:
                    self.assertNotIn("too few rows", found["learning rate"][1])
        self.rare(400, 40)
        self.assertNotIn("the validation part has", self.doctor("training.epochs=2", status=None)["targets"][1])
        self.assertEqual(self.run_program("train", "config.json", "training.epochs=1", "-q", "-o", "run").stderr, "")

    def test_one_row_is_a_row(self):
        self.rare(400, 1)
        self.assertIn('from 1 row ("bad") to', self.doctor("training.epochs=2", status=None)["targets"][1])

    def test_early_stopping_by_what_does_not_move(self):
        self.rare(400, 2)
        stop = 'early_stopping={"monitor":"validation_recall_bad","patience":10}'
        warned = self.run_program("train", "config.json", "training.epochs=5", "-q", "-o", "run", stop,
                                  'log.metrics=["validation_recall_bad"]').stderr
        self.assertIn('validation_recall_bad is 0 whatever is learned, since the validation part has no row of "bad": the model of epoch 1 '
                      "would count as the best; watch another metric", warned)
        constant = "was 0 after every epoch: early stopping had nothing to choose by and keeps epoch 1 as the best; watch another metric"
        self.assertIn("validation_recall_bad " + constant, warned)
        self.rare(400, 40)
        moves = self.run_program("train", "config.json", "training.epochs=5", "-q", "-o", "moves", 'early_stopping={"patience":10}').stderr
        self.assertEqual(moves, "")

    def test_what_cannot_be_learned_by_heart(self):
        self.expect("overfitting", "failure", "20 examples cannot be learned by heart", 'model.layers=[{"type":"linear"}]', status=1)
        self.expect("overfitting", "failure", "nothing is trained", "model.layers.0.trainable=false", "model.layers.2.trainable=false",
                    status=1)
        self.expect("overfitting", "failure", "frozen, dead or too few units", "model.layers.0.trainable=false", "model.layers.0.units=1",
                    status=1)
        found = self.expect("overfitting", "ok", "though not in 10000 with 1e-05", "optimizer.learning_rate=1e-5")
        self.assertEqual(found["learning rate"][0], "warning")
        self.expect("overfitting", "ok", "learned by heart", "loss.label_smoothing=0.2")

    def proposal(self, *overrides, status=None):
        """The proposed rate, the loss over rows not trained on (best, at the end) with it, and with the config's."""
        verdict, text = self.doctor(*overrides, status=status)["learning rate"]
        found = re.search(r"proposed: (\S+); .* comes to (\S+) at best and (\S+) at the end, with (\S+) to (\S+) and (\S+) \(means of 3", text)
        self.assertIsNotNone(found, text)
        self.assertIn(verdict, ("warning", "failure"))
        rate, best, last, own, own_best, own_last = map(float, found.groups())
        self.assertLess(best, 0.9 * own_best)
        self.assertLess(last, 1.05 * own_last)
        return rate, own, text

    def best(self, rate, *overrides):
        """The best validation loss of a training, which the doctor does not make."""
        self.run_program("train", "config.json", "-q", f"optimizer.learning_rate={rate}", "seed=5", *overrides, "-o", "run")
        with open(self.dir / "run" / "metrics.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        shutil.rmtree(self.dir / "run")
        return min(float(row["validation_loss"]) for row in rows)

    def test_learning_rate(self):
        """A proposal is better in a training of its own; a sane rate gets none."""
        for rate, words in ((0.003, "too small: take more"), (10, "too large: take less")):
            proposed, own, text = self.proposal(f"optimizer.learning_rate={rate}")
            self.assertEqual(own, rate)
            self.assertIn(words, text)
            self.assertTrue(0.03 <= proposed <= 3, proposed)
            self.assertLess(self.best(proposed), 0.8 * self.best(rate))
        for rate in (0.9, 0.6):
            found = self.expect("learning rate", "ok", "is clearly better: in 720 steps the loss over validation falls from",
                                f"optimizer.learning_rate={rate}")
            self.assertNotIn("proposed", found["learning rate"][1])
        text = self.proposal("optimizer.learning_rate=1000", status=1)[2]
        self.assertIn("the loss grows from 1.", text)
        self.expect("learning rate", "ok", "the loss over rows held back falls", "data.validation=null")

    def test_learning_rate_of_a_rare_class(self):
        """One row in 500, and Adam: the fall of the training loss in a few steps says nothing of what is best."""
        draw = random.Random(3)
        rows = [[draw.gauss(1.5 if i % 500 == 7 and k < 4 else 0, 1) for k in range(6)] for i in range(20000)]
        self.write("table.csv", "a,b,c,d,e,f,y\n" + "".join(
            ",".join(f"{x:.4f}" for x in row) + (",fraud\n" if i % 500 == 7 else ",fine\n") for i, row in enumerate(rows)))
        adam = ("data.target=y", "optimizer.type=adam", "training.batch_size=64", "training.epochs=10")
        sane = self.doctor(*adam, "optimizer.learning_rate=0.003")
        self.assertNotIn("proposed", sane["learning rate"][1])
        proposed = self.proposal(*adam, "optimizer.learning_rate=0.0001")[0]
        self.assertLess(self.best(proposed, *adam), 0.8 * self.best(0.0001, *adam))
        self.assertEqual(sane["targets"][0], "warning")
        self.assertIn('always saying "fine" is right in 99.8 %: set "class_weights": "balanced" in the loss, and judge by the '
                      'average precision of "fraud" ("log": {"metrics": ["validation_average_precision_fraud"]}), not by accuracy',
                      sane["targets"][1])

    def test_learning_rate_with_all_else_that_a_config_may_have(self):
        for more in ('learning_rate_schedule={"type":"step","every":200}', 'learning_rate_schedule={"type":"cosine"}',
                     'early_stopping={"patience":0}', "training.max_seconds=0.001", "training.shuffle=false",
                     "loss.class_weights=balanced", "loss.label_smoothing=0.1", "optimizer.momentum=0.5"):
            with self.subTest(more):
                self.expect("learning rate", "ok", "is clearly better: in 720 steps", more, status=None)

    def test_learning_rate_of_a_large_network(self):
        """There is time for a part of the training only: a small rate is not called so for what it does in that."""
        large = ('model.layers=[{"type":"linear","units":200},{"type":"relu"},{"type":"linear","units":200},{"type":"relu"},'
                 '{"type":"linear"}]', "training.epochs=100000")
        self.expect("learning rate", "ok", "falls faster in the", *large, "optimizer.learning_rate=0.001", status=None)

    def test_learning_rate_where_a_step_takes_long(self):
        large = ('model.layers=[{"type":"linear","units":500},{"type":"relu"},{"type":"linear","units":500},{"type":"relu"},'
                 '{"type":"linear"}]', "training.batch_size=1000", "optimizer.type=adam", "optimizer.learning_rate=0.001")
        self.write("table.csv", rings(1250))
        self.expect("learning rate", "ok", "in 60 steps; a step takes too long to try others", *large, status=None)

    def test_learning_by_heart_is_no_fault_of_the_rate(self):
        draw = random.Random(5)
        self.write("table.csv", "a,b,c,d,ring\n" + "".join(
            ",".join(f"{draw.gauss(0, 1):.3f}" for _ in range(4)) + f",{draw.choice('abc')}\n" for _ in range(120)))
        adam = ("optimizer.type=adam", "optimizer.learning_rate=0.01", "training.epochs=400")
        found = self.expect("learning rate", "ok", 'again: "early_stopping" keeps the best', *adam, status=None)
        self.assertNotIn("proposed", found["learning rate"][1])
        found = self.expect("learning rate", "ok", "is clearly better", *adam, 'early_stopping={"patience":5}', status=None)
        self.assertNotIn("early_stopping", found["learning rate"][1])

    def test_learning_rate_of_few_rows(self):
        self.write("table.csv", "\n".join(rings().splitlines()[:9]) + "\n")
        self.assertRegex(self.doctor("data.validation=null", status=None)["learning rate"][1], r"0\.9; .*loss")

    def test_repeats_to_the_letter(self):
        self.assertEqual(self.doctor(), self.doctor())

    def test_wrong_use(self):
        self.assertIn("which CONFIG?", self.run_program("doctor", status=2).stderr)
        self.assertIn("no such file", self.run_program("doctor", "nothing.json", status=2).stderr)
        self.assertIn("this key is missing", self.run_program("doctor", ROOT / "configs/lecture/a.json", status=2).stderr)


if __name__ == "__main__":
    main()
