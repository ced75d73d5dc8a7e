"""Data that has a shape: columns as pictures, their normalisation, and files of arrays."""

import gzip
import json
import pathlib
import struct
import sys
import zipfile
import zlib

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

    def read_metadata(self, pattern):
        text = next(self.dir.glob(pattern)).read_bytes()
        length, = struct.unpack("<Q", text[:8])
        return json.loads(text[8:8 + length])["__metadata__"]

    def checksums(self, run="run"):
        """Of the files that the run was begun with."""
        return json.loads(self.read_metadata(f"{run}/checkpoint-*")["files"])

    def metadata(self, run="run"):
        """What the model says of its data, each part parsed."""
        metadata = self.read_metadata(f"{run}/model.safetensors")
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
        lines = [",".join([*map(str, row), "ab"[int(row[0] > 50)]]) for row in values]
        self.write("table.csv", "\n".join([",".join([*(f"x{i}" for i in range(columns)), "y"]), *lines]) + "\n")
        self.write("config.json", config("table.csv", "y", **data))
        return values


class Shape(ArraysTest):
    """Columns of a table as pictures."""

    def test_numbers_that_are_divided_as_bytes_are(self):
        self.write("table.csv", "".join(f"{i / 40},{i % 5 / 4},{'ab'[i % 2]}\n" for i in range(40)))
        said = lambda divisor: self.run_program(  # noqa: E731
            "check", "config.json", "data.target=-1", f"data.normalize={divisor}").stderr
        self.write("config.json", config("table.csv"))
        self.assertIn(": the largest input is 1, and divided by 255 no more than 0.0039, which trains badly: remove this key, or take "
                      '"standardize"\n', said(255))
        self.assertEqual(said(10), "")

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


def idx(array):
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def zip64(name, data):
    """An archive with one stored member, all of whose sizes and places stand in fields of 64 bits."""
    name, crc, large = name.encode(), zlib.crc32(data), 2 ** 32 - 1
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, crc, large, large, len(name), 20) + name + struct.pack("<2H2Q", 1, 16, len(data), len(data))
    start = len(local) + len(data)
    extra = struct.pack("<2HQ", 7, 8, 5) + struct.pack("<2H3Q", 1, 24, len(data), len(data), 0)
    directory = struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, large, large, len(name), len(extra), 0, 0, 0, 0, large) + name + extra
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 2 ** 16 - 1, 2 ** 16 - 1, 2 ** 16 - 1, 2 ** 16 - 1, large, large, 3) + b"end"
    return local + data + directory + end64 + locator + end


class Arrays(ArraysTest):
    """Files of NumPy, and IDX files, of every type."""

    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(3)
        self.x = draw.integers(0, 256, (60, 3, 4, 5), "u1")
        self.y = (self.x[:, 0].mean((1, 2)) > 127).astype("i8") + (self.x[:, 1, 0, 0] > 200)

    def save(self, **arrays):
        for name, array in arrays.items():
            np.save(self.dir / f"{name}.npy", array)

    def write_config(self, inputs="x.npy", targets="y.npy", loss="softmax", **data):
        self.write("config.json", {**config({"inputs": inputs, "targets": targets}, **{"normalize": "standardize", **data}), "loss": {"type": loss}})

    def fit(self, run="run", *arguments, **arrays):
        """Trains on arrays x and y, and returns the checksum of the parameters."""
        self.save(**{"x": self.x, "y": self.y, **arrays})
        self.train_into(run, *arguments)
        return (self.dir / run / "metrics.csv").read_text().split(",")[-1]

    def test_pictures(self):
        self.write_config()
        self.fit()
        self.assertEqual(self.metadata()["shape"], [3, 4, 5])
        self.assertEqual(self.metadata()["classes"], ["0", "1", "2"])
        self.compare_figures(self.x.mean((0, 2, 3)), self.x.std((0, 2, 3)))

    def test_types(self):
        """Each type of numbers is read as NumPy reads it: figures of single inputs tell."""
        draw = np.random.default_rng(4)
        for order in "<>":
            for code in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"):
                dtype = np.dtype(order + code)
                x = (draw.normal(0, 40, (30, 4)).astype(dtype) if dtype.kind == "f" else
                     draw.integers(np.iinfo(dtype).min // 2, np.iinfo(dtype).max // 2, (30, 4)).astype(dtype))
                self.write_config()
                self.fit(f"{code}-{order == '<'}", x=x, y=self.y[:30])
                self.compare_figures(x.astype("f8").mean(0), x.astype("f8").std(0), f"{code}-{order == '<'}")

    def test_ways_to_hold_the_same(self):
        """Archives, stored and packed, gzip, the other order: one model."""
        self.write_config()
        model = self.fit()
        np.savez(self.dir / "plain.npz", x=self.x, y=self.y)
        np.savez_compressed(self.dir / "packed.npz", x_train=self.x, y=self.y)
        np.savez(self.dir / "one.npz", self.x)
        self.save(f=np.asfortranarray(self.x))
        self.write("x.npy.gz", gzip.compress((self.dir / "x.npy").read_bytes()))
        self.write("large.npz", zip64("x.npy", (self.dir / "x.npy").read_bytes()))
        for number, (inputs, targets) in enumerate((("plain.npz:x", "plain.npz:y"), ("packed.npz:x_train", "packed.npz:y"), ("one.npz", "y.npy"),
                                                    ("one.npz:arr_0", "y.npy"), ("f.npy", "y.npy"), ("x.npy.gz", "y.npy"), ("large.npz", "y.npy"))):
            self.write_config(inputs, targets)
            self.assertEqual(self.fit(f"run{number}"), model)
            data = json.loads((self.dir / f"run{number}/config.json").read_text())["data"]
            self.assertEqual(data["train"], {"inputs": str(self.dir / inputs), "targets": str(self.dir / targets)})
            sums = self.checksums(f"run{number}")
            for key, path in ("inputs", inputs), ("targets", targets):
                self.assertEqual(sums[f"data.train.{key}"], f"{zlib.crc32((self.dir / path.split(':')[0]).read_bytes()):08x}")

    def test_predict_and_eval(self):
        self.write_config()
        self.fit()
        np.savez(self.dir / "more.npz", x=self.x[:7], y=self.y[:7])
        self.save(m=self.x[:7].astype("f8"), n=self.y[:7])
        lines = self.run_program("predict", "run", "x.npy").stdout.splitlines()
        self.assertEqual(len(lines), 61)
        for name in ("more.npz:x", "m.npy"):
            self.assertEqual([line.split(",")[0] for line in self.run_program("predict", "run", name).stdout.splitlines()],
                             [line.split(",")[0] for line in lines[:8]])
        found = [json.loads(self.run_program("eval", "run", "--on", x, "--labels", y, "--json").stdout)["file"]
                 for x, y in (("more.npz:x", "more.npz:y"), ("m.npy", "n.npy"))]
        self.assertEqual(found[0]["accuracy"], found[1]["accuracy"])
        self.refuse("x.npy holds a NumPy array; name their labels with --labels FILE", arguments=("eval", "run", "--on", "x.npy"))
        self.save(small=self.x[:, :, 1:])
        self.refuse("small.npy: examples of 3x3x5, expected 3x4x5 as in the training data", arguments=("predict", "run", "small.npy"))
        self.save(turned=self.x.reshape(60, 3, 5, 4))
        self.refuse("examples of 3x5x4, expected 3x4x5", arguments=("predict", "run", "turned.npy"))
        self.save(flat=self.x.reshape(60, -1))
        self.assertEqual(self.run_program("predict", "run", "flat.npy").stdout.splitlines(), lines)
        self.refuse("that is a file that the config names", arguments=("predict", "run", "m.npy", "-o", "x.npy"))
        self.refuse("-o more.npz", arguments=("predict", "run", "more.npz:x", "-o", "more.npz"))

    def test_check_and_describe(self):
        self.write_config()
        self.save(x=self.x, y=self.y)
        self.assertIn("  examples of 3x4x5 bytes; 3 classes: 0, 1, 2\n", self.run_program("check", "config.json").stdout)
        self.save(x=self.x.astype("f4"), y=np.array([f"name{i:02}" for i in range(60)]))
        self.assertIn("  examples of 3x4x5 numbers; 60 classes: name00, name01, name02, name03, name04, name05, name06, name07, "
                      "name08, name09, name10, name11, …\n", self.run_program("check", "config.json").stdout)
        self.save(y=self.x.mean((2, 3)))
        self.assertIn("  examples of 3x4x5 numbers; 3 targets\n", self.run_program("check", "config.json", "loss.type=l2").stdout)
        np.savez(self.dir / "a.npz", x=self.x)
        for name in ("x.npy", "a.npz", "a.npz:x"):
            self.refuse(f'{name}: it holds a NumPy array, and no columns to describe; a config has it as {{"inputs": FILE, "targets": FILE}}',
                        arguments=("describe", name))
        self.refuse("arrays have no columns to describe; chainrule check says what is in them", arguments=("describe", "config.json"))
        self.refuse("x.npy: it is a file of data; a config was expected", arguments=("train", "x.npy"))

    def test_resume(self):
        self.write_config()
        self.fit()
        self.run_program("resume", "run", "training.epochs=6", "-q")
        self.train_into("whole", "training.epochs=6")
        self.assertEqual(*((self.dir / run / "model.safetensors").read_bytes() for run in ("run", "whole")))

    def test_classes(self):
        """Whole numbers of any type, of which those up to the largest are classes unless that would be many more, and texts."""
        self.write_config()
        names = np.array(["cat", "dog", "Frösche"])
        for number, (y, classes) in enumerate((
                (self.y.astype("f4"), ["0", "1", "2"]), (self.y > 0, ["0", "1"]), (self.y * 2, ["0", "1", "2", "3", "4"]),
                (self.y - 1, ["-1", "0", "1"]), (self.y + 2020, ["2020", "2021", "2022"]), (self.y[:, None], ["0", "1", "2"]),
                (names[self.y], ["Frösche", "cat", "dog"]), (np.array([b"x", b"y", b"z"])[self.y], ["x", "y", "z"]))):
            self.fit(f"run{number}", y=y)
            self.assertEqual(self.metadata(f"run{number}")["classes"], classes)
        done = self.run_program("predict", "run6", "x.npy").stdout
        self.assertEqual(done.splitlines()[0], "prediction,probability_Frösche,probability_cat,probability_dog")

    def test_targets_that_are_numbers(self):
        targets = self.x.mean((2, 3)).astype("f8") / 100
        for run, y, columns in ("one", targets[:, 0], 1), ("column", targets[:, :1], 1), ("three", targets, 3):
            self.write_config(loss="l2", normalize_target="standardize")
            self.fit(run, "optimizer.learning_rate=0.001", y=y)
            self.assertEqual(len(self.run_program("predict", run, "x.npy").stdout.splitlines()[0].split(",")), columns)
        self.save(y=targets[:, :2])
        self.refuse("y.npy: it holds 60x2 numbers: 2 targets for each example, expected 3",
                    arguments=("eval", "three", "--on", "x.npy", "--labels", "y.npy"))

    def test_labels_of_0_and_1(self):
        self.write_config(loss="logistic")
        self.fit("two", y=(self.y > 0).astype("u1"))
        self.assertEqual(self.metadata("two")["classes"], ["0", "1"])
        self.fit("labels", y=np.stack([self.y > 0, self.y > 1], 1))
        self.assertNotIn("classes", self.metadata("labels"))
        self.save(y=np.stack([self.y, self.y], 1))
        self.refuse("with several columns, the loss \"logistic\" takes 0 and 1")

    def test_missing(self):
        x, y = self.x.reshape(60, -1).astype("f4"), self.y.astype("f4")
        x[3, 7] = x[9, 7] = x[11, 0] = np.nan
        y[5] = np.nan
        self.save(x=x, y=self.y)
        self.write_config()
        self.refuse('x.npy: input 7 of example 3 (both from 0) is missing (NaN); missing values need "missing": "mean"')
        self.write_config(missing="drop")
        self.fit("drop", x=x, y=y)
        kept = ~np.isnan(x).any(1) & ~np.isnan(y)
        self.compare_figures(x[kept].astype("f8").mean(0), x[kept].astype("f8").std(0), "drop")
        self.assertIn("4 of 60 rows of the train data have missing values", self.run_program("check", "config.json").stderr)
        self.write_config(missing="mean")
        self.fit("mean", x=x)
        self.assertEqual(len(self.run_program("predict", "mean", "x.npy").stdout.splitlines()), 61)
        self.write_config(missing="indicator")
        self.fit("indicator", x=x)
        self.assertEqual(self.metadata("indicator")["shape"], [62])
        self.assertEqual(len(self.run_program("predict", "indicator", "x.npy").stdout.splitlines()), 61)
        self.refuse("x.npy: input 7 of example 3 (both from 0) is missing", arguments=("predict", "drop", "x.npy"))
        self.save(x=x.reshape(self.x.shape))
        self.refuse('"missing": "indicator" adds inputs to pictures')

    def test_missing_targets_of_bytes(self):
        """The pictures of examples that are kept stay with their targets."""
        y = self.y.astype("f8")
        y[::7] = np.nan
        kept = ~np.isnan(y)
        self.write_config()
        model = self.fit("kept", x=self.x[kept], y=self.y[kept])
        self.save(x=self.x, y=y)
        self.refuse("y.npy: the target of example 0 (from 0) is missing (NaN)")
        self.write_config(missing="drop")
        self.assertEqual(self.fit("dropped", y=y), model)
        self.save(y=np.full(60, np.nan))
        self.refuse("x.npy: every example has a missing value")

    def test_shape(self):
        self.write_config(shape=[3, 4, 5])
        self.fit("run", x=self.x.reshape(60, -1))
        self.assertEqual(self.metadata()["shape"], [3, 4, 5])
        self.save(x=self.x[:, :, :, :4])
        self.refuse("data.shape: found [3, 4, 5], but the data is pictures of [3, 4, 4]; write that, or remove this key")
        self.save(x=self.x[:, 0])
        self.refuse("pictures of [1, 4, 5]")
        self.save(x=self.x.reshape(60, -1)[:, :48])
        self.refuse("[3, 4, 5] is 60 numbers, but an example has 48 inputs; [3, 4, 4] fits")

    def test_bytes_and_their_normalisation(self):
        self.save(x=self.x, y=self.y)
        self.write_config(normalize="none")
        self.assertIn('bytes from 0 to 255 without "normalize" train badly', self.run_program("check", "config.json").stderr)
        self.write_config(normalize={"mean": [0.4914, 0.4822, 0.4465], "std": 0.25})
        self.assertIn('write {"mean": [125.307, 122.961, 113.858], "std": 63.75}', self.run_program("check", "config.json").stderr)
        for normalize in ({"mean": [125, 122, 113], "std": 63}, 255, "standardize"):
            self.write_config(normalize=normalize)
            self.assertNotIn("config.json", self.run_program("check", "config.json").stderr)
        self.save(x=self.x // 128)
        self.write_config(normalize="none")
        self.assertNotIn("config.json", self.run_program("check", "config.json").stderr)

    def test_wrong(self):
        self.write_config()
        x, y = self.x, self.y
        for arrays, message in (
                ({"x": np.zeros((60, 8, 9, 3), "u1")}, "x.npy: it holds 60x8x9x3 bytes: channels stand last"),
                ({"x": y}, "x.npy: it holds 60 whole numbers; inputs are numbers of two to four dimensions"),
                ({"x": np.array([["a"]] * 60)}, "x.npy: it holds 60x1 texts; inputs are numbers"),
                ({"x": x[None]}, "x.npy: an array of 5 dimensions; expected 1 to 4"), ({"x": np.float32(1)}, "an array of 0 dimensions"),
                ({"x": x[:0]}, "x.npy: dimension 0 is 0; there is no data"),
                ({"x": x.astype("c8")}, "complex numbers; save x.real and x.imag"), ({"x": x.astype("O")}, "x.npy: it holds Python objects, pickled"),
                ({"x": np.where(x > 250, np.inf, x)}, "is infinite; a finite number was expected"),
                ({"y": y[:50]}, "y.npy: 50 targets, but x.npy has 60 examples; the two belong to different sets"),
                ({"y": x}, "y.npy: it holds 60x3x4x5 bytes; targets of one dimension (or two: examples, targets) were expected"),
                ({"y": np.eye(3)[y]}, "y.npy: it holds 60x3 numbers: 3 targets for each example, expected 1; of classes that are marked by a 1, "
                                      "NumPy's y.argmax(1)"),
                ({"y": y + 0.5}, "which is no class; classes are whole numbers or texts"), ({"y": y * 2 ** 54}, "which is no class"),
                ({"y": np.array(["a", ""] * 30)}, "y.npy: the class of example 1 (from 0) is an empty text"),
                ({"y": np.array(["a"] * 60)}, 'all rows are of class "a"')):
            with self.subTest(message):
                self.save(**{"x": x, "y": y, **arrays})
                self.refuse(message)
        self.save(x=x, y=np.array(["a", "b"] * 30))
        self.write_config(loss="l2")
        self.refuse("y.npy: it holds 60 texts, which are classes; this loss takes numbers")

    def test_files_that_are_none(self):
        self.save(x=self.x, y=self.y)
        np.savez(self.dir / "a.npz", x=self.x, y=self.y)
        whole = (self.dir / "a.npz").read_bytes()
        self.write("cut.npz", whole[:-100])
        self.write("flipped.npz", whole[:300] + bytes([whole[300] ^ 1]) + whole[301:])
        self.write("cut.npy", (self.dir / "x.npy").read_bytes()[:-1])
        self.write("table.csv", "a,b\n1,2\n")
        npy = (self.dir / "y.npy").read_bytes()
        large = zip64("y.npy", npy)
        directory = large.index(b"PK\1\2")
        self.write("beyond.npz", large[:directory + 42 + 9 + 12 + 20] + b"\xff" * 8 + large[directory + 42 + 9 + 12 + 28:])
        self.write("secret.npz", large[:directory + 8] + b"\1" + large[directory + 9:])
        self.write("nowhere.npz", large[:-33] + b"\xff" * 4 + large[-29:])
        with zipfile.ZipFile(self.dir / "bzip2.npz", "w", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("x.npy", npy)
        with zipfile.ZipFile(self.dir / "tables.npz", "w") as archive:
            archive.writestr("x.csv", "a,b")
        with zipfile.ZipFile(self.dir / "sheet.xlsx", "w") as sheet:
            sheet.writestr("xl/workbook.xml", "<x/>")
        for inputs, message in (("a.npz", 'a.npz: it has "x", "y"; which of them is said behind a colon: "a.npz:NAME"'),
                                ("a.npz:z", 'a.npz: it has no array "z"; it has "x", "y"'), ("cut.npz:x", "cut.npz: no zip archive, or not a whole one: its directory is missing"),
                                ("flipped.npz:x", 'flipped.npz: the zip archive is damaged, at "x.npy"'), ("none.npz:x", '"none.npz:x": no such file'),
                                ("beyond.npz:y", 'beyond.npz: the zip archive is damaged, at "y.npy"'),
                                ("secret.npz:y", 'secret.npz: "y.npy" is encrypted, which is not read; pack it anew'),
                                ("nowhere.npz:y", "nowhere.npz: no zip archive, or not a whole one"),
                                ("bzip2.npz", 'bzip2.npz: "x.npy" is packed in another way than deflate'), ("tables.npz:x", "tables.npz: it has no array"),
                                ("none.npy", '"none.npy": no such file'), ("cut.npy", "cut.npy: truncated: "), ("table.csv", "table.csv: not a NumPy file"),
                                ("sheet.xlsx", "sheet.xlsx: not a NumPy file")):
            self.write_config(inputs)
            self.refuse(message)
        self.write("config.json", config({"inputs": "x.npy"}))
        self.refuse("data.train.targets: this key is missing; expected a file's path in quotes: an .npy file")
        self.write("config.json", config("x.npy", "y"))
        self.refuse('x.npy: this is no table of text but a NumPy array; arrays are given as {"inputs": FILE, "targets": FILE}')
        self.write("config.json", config({"inputs": "x.npy", "targets": "y.npy"}, "y"))
        self.refuse("arrays have their target in the array of targets; remove this key")

    def test_test_data_has_another_class(self):
        self.save(x=self.x, y=np.array(["a", "b"])[self.y % 2], z=np.array(["a", "c"])[self.y % 2])
        self.write_config(test={"inputs": "x.npy", "targets": "z.npy"})
        first = int(np.argmax(self.y % 2))
        self.refuse(f"z.npy: label c of example {first} (from 0) is not in the training data; its classes: a, b")

    def test_idx_of_every_type(self):
        draw = np.random.default_rng(5)
        for code in ("u1", "i1", "i2", "i4", "f4", "f8"):
            x = draw.integers(0, 100, (60, 2, 3)).astype(code) - np.array(3, code) * (code[0] != "u")
            for name, y in (("u1", self.y), (code, self.y)):
                self.write("x.idx", idx(x))
                self.write("y.idx.gz", gzip.compress(idx(y.astype(name))))
                self.write("config.json", config({"images": "x.idx", "labels": "y.idx.gz"}, normalize="standardize"))
                self.train_into(f"{code}{name}")
                self.compare_figures(x.mean(dtype="f8"), x.std(dtype="f8"), f"{code}{name}")
                self.assertEqual(self.metadata(f"{code}{name}")["classes"], ["0", "1", "2"])
                if code == name:
                    break

    def test_idx_of_every_rank(self):
        for run, x in ("flat", self.x.reshape(60, -1)), ("grey", self.x[:, 0]), ("colour", self.x):
            self.write("x.idx", idx(x))
            self.write("y.idx", idx(self.y.astype("u1")))
            self.write("config.json", config({"images": "x.idx", "labels": "y.idx"}, normalize="standardize"))
            self.train_into(run)
            self.assertEqual(self.metadata(run)["shape"], {"flat": [60], "grey": [1, 4, 5], "colour": [3, 4, 5]}[run])
            axes = {"flat": 0, "grey": None, "colour": (0, 2, 3)}[run]
            self.compare_figures(x.mean(axes), x.std(axes), run)
        self.write("x.idx", idx(np.zeros((60, 8, 9, 3), "u1")))
        self.refuse("x.idx: it holds 60x8x9x3 bytes: channels stand last")


CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class Cifar(ArraysTest):
    def write_batches(self, *counts, labels=1, classes=10):
        """Files of so many random records; returns pictures and labels of all."""
        draw = np.random.default_rng(6)
        pictures, targets = [], []
        for i, count in enumerate(counts):
            x = draw.integers(0, 256, (count, 3072), "u1")
            y = draw.integers(0, classes, (count, labels), "u1")
            y[:, 0] = y[:, -1] // (5 if labels == 2 else 1)  # a coarse label stands for five
            self.write(f"batch_{i}.bin", np.concatenate([y, x], 1).tobytes())
            pictures.append(x)
            targets.append(y[:, -1])
        return np.concatenate(pictures), np.concatenate(targets)

    def write_config(self, files, key="cifar10", **data):
        self.write("config.json", config({key: files}, **{"normalize": "standardize", "validation": None, **data}))

    def read_crc(self, run="run"):
        return self.checksums(run)["data.train.cifar10"]

    def test_files_follow_one_another(self):
        x, y = self.write_batches(30, 1, 19)
        files = [f"batch_{i}.bin" for i in range(3)]
        self.write_config(files)
        self.train()
        self.assertEqual(self.metadata()["shape"], [3, 32, 32])
        self.assertEqual(self.metadata()["classes"], CIFAR10)
        by_channel = x.reshape(-1, 3, 1024)
        self.compare_figures(by_channel.mean((0, 2)), by_channel.std((0, 2)))
        data = json.loads((self.dir / "run/config.json").read_text())["data"]
        self.assertEqual(data["train"], {"cifar10": [str(self.dir / f) for f in files]})
        together = b"".join((self.dir / f).read_bytes() for f in files)
        self.assertEqual(self.read_crc(), f"{zlib.crc32(together):08x}")

        model = (self.dir / "run/metrics.csv").read_text().split(",")[-1]
        self.assertEqual(set(y), set(range(10)))
        self.write("all.bin", together)
        self.write("all.bin.gz", gzip.compress(together))
        np.save(self.dir / "x.npy", x.reshape(-1, 3, 32, 32))
        np.save(self.dir / "y.npy", np.array(CIFAR10)[y])
        for run, train in (("one", {"cifar10": "all.bin"}), ("list", {"cifar10": ["all.bin"]}), ("packed", {"cifar10": "all.bin.gz"}),
                           ("arrays", {"inputs": "x.npy", "targets": "y.npy"})):
            self.write("config.json", config(train, normalize="standardize"))
            self.train_into(run)
            self.assertEqual((self.dir / run / "metrics.csv").read_text().split(",")[-1], model)
        self.assertEqual(self.read_crc("one"), f"{zlib.crc32(together):08x}")

    def test_predict_and_eval(self):
        _, y = self.write_batches(25, 25)
        self.write_config("batch_0.bin", test={"cifar10": ["batch_1.bin"]})
        summary = self.train()
        lines = self.run_program("predict", "run", "batch_1.bin").stdout.splitlines()
        self.assertEqual(lines[0], ",".join(["prediction", *(f"probability_{name}" for name in CIFAR10)]))
        hits = np.mean([line.split(",")[0] == CIFAR10[c] for line, c in zip(lines[1:], y[25:], strict=True)])
        self.assertAlmostEqual(hits, summary["test"]["accuracy"])
        self.write("b.gz", gzip.compress((self.dir / "batch_1.bin").read_bytes()))
        for name in ("batch_1.bin", "b.gz"):
            found = json.loads(self.run_program("eval", "run", "--on", name, "--json").stdout)["file"]
            self.assertEqual(found, summary["test"])

    def test_pictures_that_begin_as_idx_does(self):
        """A black picture of an airplane begins with zeros, as an IDX file does."""
        self.write_batches(5)
        self.write_config("batch_0.bin")
        self.train()
        self.write("black.bin", bytes(3073 * 2))
        self.assertEqual(len(self.run_program("predict", "run", "black.bin").stdout.splitlines()), 3)

    def test_resume_elsewhere(self):
        """What counts is what is in the files, not where they are."""
        self.write_batches(20, 10)
        self.write_config(["batch_0.bin", "batch_1.bin"])
        self.train()
        other = self.dir / "other"
        other.mkdir()
        for i in range(2):
            (self.dir / f"batch_{i}.bin").rename(other / f"batch_{i}.bin")
        moved = f'data.train.cifar10=["{other}/batch_0.bin","{other}/batch_1.bin"]'
        self.run_program("resume", "run", "training.epochs=4", moved, "-q")
        other.joinpath("batch_1.bin").write_bytes(other.joinpath("batch_1.bin").read_bytes()[:-3073])
        self.refuse("data.train.cifar10", arguments=("resume", "run", "training.epochs=5", moved, "-q"))

    def test_names_of_classes(self):
        self.write_batches(20)
        self.write_config("batch_0.bin")
        self.write("batches.meta.txt", "\n".join([f"kind {9 - i}" for i in range(10)]) + "\r\n\n")
        self.train()
        self.assertEqual(self.metadata()["classes"], [f"kind {i}" for i in range(10)])
        for names, message in (("a\nb\n", "batches.meta.txt: 2 names, 2 of them different; expected those of the 10 classes"),
                               ("a\n" * 10, "10 names, 1 of them different"), ("", "0 names")):
            self.write("batches.meta.txt", names)
            self.refuse(message)

    def test_cifar100(self):
        self.write_batches(300, labels=2, classes=100)
        self.write_config(["batch_0.bin"], "cifar100")
        self.train()
        self.assertEqual(self.metadata()["classes"], [str(i) for i in range(100)])
        self.assertEqual(len(self.run_program("predict", "run", "batch_0.bin").stdout.splitlines()), 301)
        self.write("fine_label_names.txt", "".join(f"name{i:02}\n" for i in range(100)))
        self.train_into("named")
        self.assertEqual(self.metadata("named")["classes"], [f"name{i:02}" for i in range(100)])

        self.write("table.csv", "1,2,3\n" * 10000)
        self.write_config("table.csv", "cifar100")
        self.refuse("table.csv: coarse label 49 of record 0 (from 0); those of CIFAR-100 are 0 to 19")

    def test_wrong(self):
        self.write_batches(4)
        whole = (self.dir / "batch_0.bin").read_bytes()
        for content, *messages in (
                (whole[:-1], "bad.bin: 3 whole records of CIFAR-10 (3073 bytes each), and 3072 bytes more; the file is truncated, or another one"),
                (whole + b"x", "4 whole records of CIFAR-10 (3073 bytes each), and 1 byte more"), (b"", "bad.bin: the file is empty; records of CIFAR-10"),
                (whole[:3073] + b"\x0a" + whole[3074:], "bad.bin: label 10 of record 1 (from 0); those of CIFAR-10 are 0 to 9, each in front of 3072 bytes"),
                (gzip.compress(whole)[:-20], "bad.bin: ", "truncated"), (b"\x80\2}q\1" + whole, "bad.bin: label 128 of record 0", "binary version?")):
            self.write("bad.bin", content)
            self.write_config(["batch_0.bin", "bad.bin"])
            self.refuse(*messages)
        for value, *messages in ((["batch_0.bin", "none.bin"], "data.train.cifar10.1", '"none.bin": no such file'), ([], "found a list, expected a file's path"),
                                 ([1], "found a list, expected a file's path in quotes, or a list of them"), (1, "found 1, expected a file's path")):
            self.write_config(value)
            self.refuse(*messages)
        self.write_config("batch_0.bin")
        self.refuse("override loss.type=l2: this loss takes numbers, but the targets of CIFAR-10 pictures are classes", arguments=("check", "config.json", "loss.type=l2"))
        self.refuse('it has 10 classes, but the loss "logistic" takes two', arguments=("check", "config.json", "loss.type=logistic"))
        self.write_config("batch_0.bin", target="y")
        self.refuse("CIFAR-10 pictures have their target in front of each picture; remove this key")
        self.write_config("batch_0.bin", shape=[1, 32, 96])
        self.refuse("found [1, 32, 96], but the data is pictures of [3, 32, 32]")


if __name__ == "__main__":
    main()
