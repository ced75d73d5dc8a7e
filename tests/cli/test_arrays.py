"""Data that has a shape: columns as pictures, their normalisation, and files of arrays."""

import json
import pathlib
import struct
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import CONFIG, ProgramTest, main  # noqa: E402


def config(train, target=None, **data):
    return {**CONFIG, "data": {"train": train, **({"target": target} if target else {}), **data}}


class ArraysTest(ProgramTest):
    def refuse(self, *messages, arguments=("check", "config.json"), status=2):
        done = self.run_program(*arguments, status=status)
        for message in messages:
            self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")

    def metadata(self, run="run"):
        """What the model says of its data, each part parsed."""
        text = (self.dir / run / "model.safetensors").read_bytes()
        length, = struct.unpack("<Q", text[:8])
        metadata = json.loads(text[8:8 + length])["__metadata__"]
        return {key: json.loads(metadata[key]) for key in ("shape", "classes", "normalization") if key in metadata}

    def train_into(self, run, *arguments):
        return json.loads(self.run_program("train", "config.json", "-q", "--json", "-o", run, *arguments).stdout)

    def compare_figures(self, mean, deviation, run="run"):
        """Those of the model against others', but for rounding in double precision."""
        found = self.metadata(run)["normalization"]
        np.testing.assert_allclose(found["shift"], mean, rtol=1e-12)
        np.testing.assert_allclose(1 / np.array(found["scale"]), deviation, rtol=1e-12)


    def write_table(self, columns=12, rows=40, **data):
        values = np.random.default_rng(7).integers(0, 100, (rows, columns)) + np.arange(columns)
        lines = [",".join([*map(str, row), "ab"[row[0] > 50]]) for row in values]
        self.write("table.csv", "\n".join([",".join([*(f"x{i}" for i in range(columns)), "y"]), *lines]) + "\n")
        self.write("config.json", config("table.csv", "y", **data))
        return values


class Shape(ArraysTest):
    """Columns of a table as pictures."""

    def test_goes_with_the_model(self):
        self.write_table(shape=[3, 2, 2])
        self.assertRegex(self.run_program("check", "config.json").stdout, r"data +3x2x2\n")
        self.train()
        self.assertEqual(self.metadata()["shape"], [3, 2, 2])
        self.assertEqual(json.loads((self.dir / "run/config.json").read_text())["data"]["shape"], [3, 2, 2])
        self.assertEqual(len(self.run_program("predict", "run", "table.csv").stdout.splitlines()), 41)
        whole = json.loads(self.run_program("eval", "run", "--json").stdout)
        self.assertEqual(json.loads(self.run_program("eval", "run", "--on", "table.csv", "--json").stdout)["file"], whole["train"])

    def test_resume(self):
        self.write_table(shape=[3, 2, 2], normalize="standardize")
        self.train()
        self.run_program("resume", "run", "training.epochs=6", "-q")
        self.train_into("whole", "training.epochs=6")
        self.assertEqual(*((self.dir / run / "model.safetensors").read_bytes() for run in ("run", "whole")))

    def test_does_not_change_a_network_of_flat_inputs(self):
        self.write_table(normalize=100)
        self.assertEqual(self.train_into("flat")["train"], self.train_into("run", "data.shape=[1,3,4]")["train"])

    def test_another_number_of_inputs(self):
        self.write_table()
        for shape, fits in (("[3,3,2]", "[3, 2, 2]"), ("[1,2,7]", "[1, 2, 6]"), ("[5,1,1]", "[12]"), ("[4,4]", "[4, 3]"), ("[13]", "[12]")):
            size = np.prod(json.loads(shape))
            self.refuse(f"is {size} numbers, but an example has 12 inputs; {fits} fits", arguments=("check", "config.json", f"data.shape={shape}"))
        self.write_table(columns=16)
        self.refuse("[1, 4, 4] fits", arguments=("check", "config.json", "data.shape=[3,3,3]"))

    def test_words_count_by_their_inputs(self):
        self.write("table.csv", "w,a,y\n" + "red,1,x\nblue,2,y\ngreen,3,x\n" * 5)
        self.write("config.json", config("table.csv", "y", shape=[1, 2, 2]))
        self.assertRegex(self.run_program("check", "config.json").stdout, r"data +1x2x2\n")

    def test_wrong(self):
        self.write_table()
        for shape in ("[0,12]", "[1,1,1,12]", "[]", "[1.5,8]", "[-12]", "[[12]]", '["12"]', "[1e9,1e9]"):
            self.refuse("data.shape", "expected one to three whole numbers of at least 1",
                        arguments=("check", "config.json", f"data.shape={shape}"))
        self.refuse("found 12, expected a list such as [1, 8, 8]", arguments=("check", "config.json", "data.shape=12"))


class Normalize(ArraysTest):
    """Figures of pictures are those of their channels."""

    def train_shape(self, shape, run="run", **data):
        values = self.write_table(shape=shape, **data)
        self.train_into(run)
        return values.reshape(len(values), shape[0], -1)

    def test_standardize(self):
        for run, shape in ("colour", [3, 2, 2]), ("grey", [1, 3, 4]), ("signal", [4, 3]):
            x = self.train_shape(shape, run, normalize="standardize")
            self.compare_figures(x.mean((0, 2)), x.std((0, 2)), run)

    def test_standardize_without_channels(self):
        x = self.train_shape([12], normalize="standardize")
        self.compare_figures(x[:, :, 0].mean(0), x[:, :, 0].std(0))

    def test_minmax(self):
        x = self.train_shape([3, 2, 2], normalize="minmax")
        self.compare_figures(x.min((0, 2)), np.ptp(x, (0, 2)))

    def test_given(self):
        self.train_shape([3, 2, 2], normalize={"mean": [40, 50.5, -3], "std": 2.5})
        self.compare_figures([40, 50.5, -3], 2.5)

    def test_given_for_columns_and_targets(self):
        self.write("table.csv", "a,b,y\n" + "".join(f"{i},{i * i},{100 + i}\n" for i in range(20)))
        self.write("config.json", config("table.csv", "y", normalize={"mean": [1, 2], "std": [3, 4]},
                                         normalize_target={"mean": 110, "std": 5})
                   | {"loss": {"type": "l2"}, "optimizer": {"type": "sgd", "learning_rate": 1e-6}})
        self.train()
        self.compare_figures([1, 2], [3, 4])

    def test_given_wrong(self):
        self.write_table(shape=[3, 2, 2])
        for value, *messages in (
                ('{"mean":[1,2],"std":1}', '"mean" is a list of 2, expected 3, one a channel (or a number for all)'),
                ('{"mean":1,"std":[1,2,3,4]}', '"std" is a list of 4, expected 3'),
                ('{"mean":1,"std":0}', '"std" is a number, or a list of one a channel, each above 0'),
                ('{"mean":1,"std":[1,-1,1]}', "each above 0"), ('{"mean":[],"std":1}', "each a number"),
                ('{"mean":"a","std":1}', 'found "a", expected a number, or a list of one a channel'),
                ('{"mean":["a",1,1],"std":1}', '"mean" is a number'),
                ('{"mean":1}', "this key is missing; expected a number, or a list"), ('{"mean":1,"st":1}', 'unknown key "st"; did you mean "std"?')):
            self.refuse(*messages, arguments=("check", "config.json", f"data.normalize={value}"))
        self.write_table()
        self.refuse("expected 12, one an input", arguments=("check", "config.json", 'data.normalize={"mean":[1,2],"std":1}'))


if __name__ == "__main__":
    main()
