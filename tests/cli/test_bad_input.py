"""Bad input: an error that says where, what was found and what was expected; status 2; nothing half-made."""

import gzip
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import CONFIG, ENVIRONMENT, PROGRAM, ROOT, TABLE, ProgramTest, main  # noqa: E402


def edited(path, value):
    """The example config with the value at a path ("model.layers.0.units") replaced; None removes it."""
    config = json.loads(json.dumps(CONFIG))
    *parents, last = path.split(".")
    at = config
    for part in parents:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    if value is None:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return config


def idx(magic, dims, data):
    return struct.pack(">BBBB", 0, 0, magic, len(dims)) + struct.pack(f">{len(dims)}I", *dims) + bytes(data)


class BadInput(ProgramTest):
    def refuse(self, *messages, arguments=("train", "config.json"), status=2):
        """The program refuses with all of the messages, and makes no file."""
        before = self.files()
        done = self.run_program(*arguments, status=status)
        for message in messages:
            self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.files(), before)
        return done.stderr

    def refuse_config(self, text, *messages):
        self.write_example()
        self.write("config.json", text)
        return self.refuse(*messages)


class Config(BadInput):
    def test_syntax(self):
        self.refuse_config('{\n  "data": {"train" "x"}\n}',
                           "config.json:2:20: found '\"', expected ':' behind the key")

    def test_nesting_without_end(self):
        self.refuse_config("[" * 1_000_000, "config.json:1:65: nested too deeply; the most is 64 levels")

    def test_unknown_key(self):
        stderr = self.refuse_config(edited("model.layers.0.unist", 5),
                                    'model.layers.0.unist: unknown key "unist"; did you mean "units"? known: ')
        self.assertRegex(stderr, r"config\.json:\d+:\d+: model\.layers\.0\.unist")

    def test_keys_in_the_wrong_place(self):
        for key, message in (("training.learning_rate", '"learning_rate" belongs into "optimizer"'),
                             ("training.lr", '"learning_rate" belongs into "optimizer"'),
                             ("epochs", '"epochs" belongs into "training"'),
                             ("optimizer.beta1", '"beta1" belongs into "optimizer" of type "adam" or "adamw"'),
                             ("training.units", '"units" belongs into a layer of type "linear"'),
                             ("model.layers.1.units", '"units" belongs into a layer of type "linear"'),
                             ("data.test_size", '"fraction" belongs into "validation" in "data"'),
                             ("training.scheduler", '"scheduler" belongs into the config itself, as "learning_rate_schedule"'),
                             ("model.dropout", 'belongs into "model.layers" as a layer: {"type": "dropout", "rate": 0.5}')):
            self.refuse_config(edited(key, 0.1), f'{key}: unknown key', message)

    def test_homes_of_keys_exist(self):
        """Each key that a message sends people to is in the reference, below the section that it names."""
        reference = self.run_program("check", "--keys").stdout
        sections = {}
        for heading, body in re.findall(r"(?ms)^### ([^\n]+)\n(.*?)(?=^##|\Z)", reference):
            for part in heading.split(", "):
                sections.setdefault(part, set()).update(re.findall(r"(?m)^\| `(\w+)`", body))
        source = (ROOT / "src/config/synonyms_home.c").read_text()
        homes = re.findall(r'\{"(\w+)",\s*"((?:[^"\\]|\\.)*)"\}', source.split("cr_home homes[]")[1].split("};")[0])
        self.assertGreater(len(homes), 40)
        types = {"optimizer": "sgd", "learning_rate_schedule": "constant", "loss": "loss"}
        for key, place in homes:
            place = place.replace('\\"', '"')
            named = re.findall(r'of type "(\w+)"(?: or "(\w+)")?', place)
            section = re.findall(r'"([\w.]+)"', place)[0]
            if "as a layer" in place or " as " in place:
                continue
            if place.startswith("the config itself"):
                where = ["The file"]
            elif named and "(or" not in place:
                where = [t for t in named[0] if t]
            elif 'in "data"' in place:
                where = ["data.validation"]
            elif section == "model.layers":
                where = ["linear"]
            else:
                where = [types.get(section, section)]
            for name in where:
                self.assertIn(key, sections[name], f"{key}: {place}")

    def test_synonyms(self):
        self.refuse_config(edited("optimizer.lr", 5), 'unknown key "lr"; here it is called "learning_rate"')
        self.refuse_config(edited("model.layers.0.type", "dense"), 'here it is called "linear"')
        self.refuse_config(edited("loss.type", "cross_entropy"), 'here it is called "softmax"')
        self.refuse_config(edited("loss.type", "hinge"), 'here it is called "svm"')
        self.refuse_config(edited("loss.type", "mse"), 'here it is called "l2"')
        self.refuse_config(edited("model.layers.0.out_features", 3), 'here it is called "units"')

    def test_names_of_other_tools(self):
        """In whatever spelling, each with our name or with what to do in its place; and the keys beside one are read too."""
        self.refuse_config(edited("loss.type", "CrossEntropyLoss"), 'here it is called "softmax"')
        self.refuse_config(edited("loss.type", "BCEWithLogitsLoss"), 'here it is called "logistic"')
        self.refuse_config(edited("model.layers.1.type", "LeakyReLU"), 'here it is called "leaky_relu"')
        self.refuse_config(edited("model.layers.1.type", "AdaptiveAvgPool2d"), 'here it is called "global_avg_pool"')
        self.refuse_config(edited("model.layers.1.type", "swish"), 'write it as "mul" of a layer and its "sigmoid"')
        for theirs, ours in (("Conv2D", "conv2d"), ("Convolution", "conv2d"), ("convolutional", "conv2d"), ("Conv1D", "conv1d"),
                             ("Conv2DTranspose", "conv_transpose2d"), ("ConvTranspose2d", "conv_transpose2d"),
                             ("MaxPooling2D", "max_pool2d"), ("MaxPool2d", "max_pool2d"), ("maxpool", "max_pool2d"),
                             ("AveragePooling2D", "avg_pool2d"), ("AvgPool2d", "avg_pool2d")):
            self.refuse_config(edited("model.layers.1.type", theirs), f'here it is called "{ours}"')
        self.refuse_config(edited("model.layers.1", {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "strides": 1, "in_channels": 1}),
                           'here it is called "filters"', 'here it is called "kernel"', 'here it is called "stride"',
                           '"in_channels"; leave it out')
        self.refuse_config(edited("model.layers.1", {"type": "max_pool2d", "pool_size": 2}), 'here it is called "size"')
        self.refuse_config(edited("model.layers.0", {"type": "conv2d", "units": 4, "kernel": 3}), 'unknown key "units"; here it is called "filters"')
        self.refuse_config(edited("model.layers.0", {"type": "linear", "filters": 4}), 'unknown key "filters"; here it is called "units"')
        self.refuse_config(edited("model.layers.0.activation", "relu"), 'a layer of its own behind this one, such as {"type": "relu"}')
        self.refuse_config(edited("optimizer", {"type": "Adam", "lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8}),
                           'unknown optimizer "Adam"; here it is called "adam"', 'here it is called "learning_rate"',
                           'here they are "beta1" and "beta2"', 'here it is called "epsilon"')
        self.refuse_config(edited("learning_rate_schedule", {"type": "StepLR", "step_size": 3, "gamma": 0.5}),
                           'here it is called "step"', 'here it is called "every"', 'here it is called "factor"')
        self.refuse_config(edited("early_stopping", {"monitor": "val_loss", "restore_best_weights": True, "mode": "min"}),
                           'here it is called "restore_best"', "leave it out: the metric says")

    def refuse_image_layer(self, layer, *texts):
        """Of examples of 2 channels, 3 by 4."""
        self.write("images.csv", "".join(",".join(map(str, range(r, r + 24))) + f",{r % 2}\n" for r in range(8)))
        config = edited("model.layers", [layer, {"type": "linear"}])
        config["data"] = {"train": "images.csv", "target": -1, "header": False, "shape": [2, 3, 4]}
        self.refuse_config(config, *texts)

    def test_windows_that_are_none(self):
        pair = "expected a whole number from 1 to 65535, or two of them: [height, width]"
        for key, value in (("kernel", 0), ("kernel", -1), ("kernel", 1.5), ("kernel", 70000), ("kernel", [3]), ("kernel", [1, 2, 3]),
                           ("kernel", [2, "2"]), ("kernel", []), ("stride", 0), ("dilation", [1, 0])):
            self.refuse_image_layer({"type": "conv2d", "filters": 2, "kernel": 1, key: value},
                                    f"model.layers.0.{key}: found {json.dumps(value)}, {pair}")
        self.refuse_image_layer({"type": "conv2d", "filters": 2, "kernel": list(range(40))}, f"found a list, {pair}")
        for layer in ({"type": "conv2d", "filters": 2, "kernel": 1}, {"type": "max_pool2d", "size": 2}):
            for value in (-1, [0.5, 0], [1]):
                self.refuse_image_layer({**layer, "padding": value}, f"model.layers.0.padding: found {json.dumps(value)}, "
                                                                     "expected a whole number from 0 to 65535, or")
            self.refuse_image_layer({**layer, "padding": "smae"}, 'unknown padding "smae"; did you mean "same"?')
            self.refuse_image_layer({**layer, "padding": True}, "found true, expected a whole number, [height, width], ")
        self.refuse_image_layer({"type": "conv2d", "filters": 2}, "model.layers.0.kernel: this key is missing; expected a whole number or [")
        self.refuse_image_layer({"type": "avg_pool2d"}, "model.layers.0.size: this key is missing")
        self.refuse_image_layer({"type": "conv2d", "kernel": 2}, "model.layers.0.filters: this key is missing")
        self.refuse_image_layer({"type": "conv1d", "filters": 2, "kernel": [3, 3]}, "found a list, expected a whole number")
        self.refuse_image_layer({"type": "conv_transpose2d", "filters": 2, "kernel": 2, "padding": "same"}, 'found "same", expected a whole')

    def test_windows_that_do_not_fit(self):
        conv = {"type": "conv2d", "filters": 4}
        self.refuse_image_layer({**conv, "kernel": 4}, '"kernel" 4x4 is larger than its input, 3x4: make it smaller, or "padding" larger')
        self.refuse_image_layer({**conv, "kernel": [1, 3], "dilation": 2, "padding": [2, 0]},
                                '"kernel" 1x3, spread by its dilation to 1x5 is larger than its input, 3x4, with its padding 7x4: ')
        self.refuse_image_layer({"type": "max_pool2d", "size": [4, 1]}, '"size" 4x1 is larger than its input, 3x4')
        for pool in ("max_pool2d", "avg_pool2d"):
            self.refuse_image_layer({"type": pool, "size": 3, "padding": 2}, '"padding" 2 is more than half of "size" 3')
        self.refuse_image_layer({**conv, "kernel": 1, "groups": 3}, '"groups" 3 does not divide the 2 channels of the input')
        self.refuse_image_layer({**conv, "kernel": 1, "groups": 2, "filters": 5}, '"groups" 2 does not divide the 5 filters')
        transposed = {"type": "conv_transpose2d", "filters": 2, "kernel": 2}
        self.refuse_image_layer({**transposed, "padding": [2, 0]}, '"padding" 2 leaves nothing of the output\'s height, 4')
        self.refuse_image_layer({**transposed, "stride": [1, 2], "output_padding": 1}, '"output_padding" 1 of the height must be less than')
        self.refuse_image_layer({**transposed, "groups": 2, "filters": 3}, '"groups" 2 does not divide the 3 filters')
        self.refuse_image_layer({**conv, "kernel": 1, "filters": 10**9}, "too many")

    def test_flat_inputs_of_image_layers(self):
        """With the shape to write."""
        for layer in ({"type": "conv2d", "filters": 2, "kernel": 1}, {"type": "max_pool2d", "size": 1}, {"type": "avg_pool2d", "size": 1},
                      {"type": "conv_transpose2d", "filters": 2, "kernel": 1}):
            for units, shape in ((784, "[1, 28, 28]"), (3072, "[3, 32, 32]"), (7, "[1, 1, 7]")):
                config = edited("model.layers", [{"type": "linear", "units": units}, layer, {"type": "linear"}])
                self.refuse_config(config, f"it takes images [channels, height, width], but an example of its input is {units}: ",
                                   f'"shape": {shape} in "data", or {{"type": "reshape", "shape": {shape}}} before this layer')
        self.refuse_image_layer({"type": "conv1d", "filters": 2, "kernel": 2}, "it takes lines [channels, length], but an example of its "
                                'input is 2x3x4: give it a shape, such as {"type": "reshape", "shape": [1, 24]} before this layer')

    def test_synonyms_are_of_names_that_exist(self):
        reference = self.run_program("check", "--keys").stdout
        names = set(re.findall(r"`(\w+)`|\"(\w+)\"|(?m:^### (\w+)$)|(\w+)", reference))
        names = {name for match in names for name in match if name}
        source = (ROOT / "src/config/synonyms.c").read_text()
        pairs = re.findall(r'\{"(\w+)", "(\w+)"\}', source.split("synonyms[] = {")[1].split("};")[0])
        self.assertGreater(len(pairs), 150)
        for theirs, ours in pairs:
            self.assertTrue(set(re.split("^(?:train|validation)_", ours)) & names, f"{theirs}: {ours}")

    def test_wrong_sections_are_said_once(self):
        stderr = self.refuse_config(edited("optimizer", "adam"), 'optimizer: found "adam", expected an object such as {"type": "adam"}')
        self.assertEqual(stderr.count("\n"), 1, stderr)
        for section in ("data", "model", "loss", "regularization", "learning_rate_schedule", "gradient_clipping", "training",
                        "early_stopping", "log"):
            self.refuse_config(edited(section, 5), f"{section}: found 5, expected an object such as {{")

    def test_monitor_without_a_value(self):
        self.write("v.csv", "width,height,color\n1,2,red\n3,4,red\n")
        config = edited("data.validation", "v.csv")
        config["log"] = {"metrics": ["validation_roc_auc"]}
        config["early_stopping"] = {"monitor": "validation_roc_auc"}
        self.refuse_config(config, "early_stopping.monitor: validation_roc_auc has no value: the targets of the validation part are all alike")

    def test_how_tables_are_written(self):
        for key, value, message in (
                ("delimiter", ", ", 'found ", ", expected one character such as ";", "|" or " ", or "tab"'),
                ("delimiter", '"', "quotes enclose a cell"),
                ("delimiter", "", 'found "", expected one character'),
                ("delimiter", "\n", "expected one character"),
                ("delimiter", "\u00e9", "expected one character"),
                ("comment_prefix", "", 'expected what lines to skip begin with, such as "#"'),
                ("comment_prefix", '"x', "without quotes and line ends"),
                ("skip_rows", -1, "found -1, expected a whole number from 0"),
                ("max_line", 0, "found 0, expected a whole number from 1"),
                ("encoding", "latin-x", 'iconv knows no encoding "latin-x"; expected "utf-8", "latin-1", "windows-1252", "utf-16"'),
                ("encoding", "", 'iconv knows no encoding ""'),
                ("sep", ";", 'unknown key "sep"; here it is called "delimiter"')):
            self.refuse_config(edited("data." + key, value), f"data.{key}: ", message)

    def test_repeated_key(self):
        self.refuse_config('{"seed": 1, "seed": 2}', 'config.json:1:13: the key "seed" is there twice')

    def test_wrong_kind(self):
        self.refuse_config(edited("training.epochs", "ten"), 'training.epochs: found "ten", expected a whole number')
        self.refuse_config(edited("training.shuffle", 1), "training.shuffle: found 1, expected true or false")
        self.refuse_config(edited("model.layers", {"type": "relu"}), "model.layers: found an object, expected a list")
        self.refuse_config(edited("model.layers.1", "relu"),
                           'model.layers.1: found text in quotes, expected a layer such as {"type": "relu"}')
        self.refuse_config(edited("loss", "softmax"), "loss: found \"softmax\", expected an object")
        self.refuse_config("[]", "found a list, expected an object")

    def test_unknown_layer(self):
        self.refuse_config(edited("model.layers.1.type", "rellu"), 'unknown layer type "rellu"; did you mean "relu"?',
                           "known: linear, relu, sigmoid, tanh, squared_norm")

    def test_unknown_loss(self):
        self.refuse_config(edited("loss.type", "sofmax"),
                           'unknown loss "sofmax"; did you mean "softmax"? known: softmax, svm, logistic, l2')

    def test_unknown_optimizer_and_initialiser(self):
        self.refuse_config(edited("optimizer.type", "sdg"), 'unknown optimizer "sdg"; did you mean "sgd"?')
        self.refuse_config(edited("model.layers.0.init", "hee"), 'unknown initialiser "hee"; did you mean "he"?')
        self.refuse_config(edited("model.layers.0.init", "normal"), '"normal" needs an object with its options')
        self.refuse_config(edited("model.layers.0.init", {"type": "normal", "std": 0}), "expected a number above 0")

    def test_out_of_range(self):
        self.refuse_config(edited("model.layers.0.units", 0), "model.layers.0.units: found 0, expected a whole number from 1")
        self.refuse_config(edited("optimizer.learning_rate", -0.1), "found -0.1, expected a number above 0")
        self.refuse_config(edited("data.validation.fraction", 1), "found 1, expected a number above 0, up to 0.99")
        self.refuse_config(edited("training.batch_size", 2.5), "found 2.5, expected a whole number")
        self.refuse_config(edited("training.threads", 0), 'expected "auto" or a whole number from 1')
        self.refuse_config(edited("data.normalize", -1), "expected a number above 0 to divide by")

    def test_number_that_is_none(self):
        self.refuse_config('{"seed": 1e999}', "config.json:1:10: the number is too large")
        self.refuse_config('{"seed": NaN}', "config.json:1:10: JSON has no NaN")
        self.refuse_config('{"seed": 01}', "a number does not start with 0")

    def test_missing_sections(self):
        self.refuse_config("{}", "data: this key is missing", "model: this key is missing", "loss: this key is missing")

    def test_all_errors_at_once(self):
        config = edited("model.layers.0.units", -3)
        config["training"]["epochs"] = 0
        config["loss"]["margn"] = 2
        config["data"]["train"] = "nowhere.csv"
        stderr = self.refuse_config(config, "units: found -3", "epochs: found 0", 'unknown key "margn"', "no such file")
        self.assertEqual(stderr.count("chainrule: error: "), 4)

    def test_shapes_that_do_not_fit(self):
        self.refuse_config(edited("model.layers.2.units", 7),
                           '"linear2" puts out 7 values for an example, but the target takes 2')
        self.refuse_config(edited("model.layers.0.units", None), '"units" is missing: only the last layer')

    def test_overrides(self):
        self.write_example()
        self.refuse("override training.epochs=none: found \"none\", expected a whole number",
                    arguments=("train", "config.json", "training.epochs=none"))
        self.refuse('there is no "7" to set something in',
                    arguments=("train", "config.json", "model.layers.7.units=3"))
        self.refuse('"nonsense" is not an override; expected key.path=value',
                    arguments=("train", "config.json", "nonsense"))

    def test_missing_config(self):
        self.refuse("nowhere.json: no such file", arguments=("train", "nowhere.json"))
        self.refuse("it is a directory", arguments=("train", "."))


class Tables(BadInput):
    def refuse_table(self, table, *messages, config=None):
        self.write_example()
        self.write("table.csv", table)
        if config:
            self.write("config.json", config)
        return self.refuse(*messages)

    def test_missing_file(self):
        self.refuse_config(edited("data.train", "tabel.csv"), 'data.train: "tabel.csv": no such file (looked for /')

    def test_directory(self):
        self.refuse_config(edited("data.train", "."), 'data.train: "." is a folder, a table was expected')

    def test_empty(self):
        self.refuse_table("", "table.csv: the file is empty")
        self.refuse_table("width,height,color\n", "table.csv: a header line and no rows of data below it")

    def test_ragged_row(self):
        self.refuse_table(TABLE + "1,2\n", "table.csv:12: found 2 cells, expected 3 as in line 1")

    def test_text_in_a_numeric_column(self):
        self.refuse_table(TABLE + "1,tall,red\n", 'table.csv:12: column "height": found "tall", expected a number')

    def test_not_finite(self):
        self.refuse_table(TABLE + "1,nan,red\n", 'column "height": found "nan", a missing value, expected a number')
        self.refuse_table(TABLE + "-inf,1,red\n", 'column "width": found "-inf", expected a finite number')
        self.refuse_table(TABLE + "1,,red\n", 'column "height": found an empty cell, expected a number')

    def test_words_as_numbers(self):
        self.refuse_table(TABLE, 'table.csv:2: column "color": found "red", expected a number: with this loss the target is '
                          'a number; words are classes, for "softmax"',
                          config=edited("loss", {"type": "l2"}))

    def test_target_that_does_not_exist(self):
        self.refuse_table(TABLE, 'data.target: unknown column "colour"; did you mean "color"? known: width, height, color',
                          config=edited("data.target", "colour"))
        self.refuse_table(TABLE, "there is no column 3", config=edited("data.target", 3))
        self.refuse_table(TABLE, "there is no column -4", config=edited("data.target", -4))
        self.refuse_table("1,2,x\n3,4,y\n", "has no header line, so its columns have no names")
        self.refuse_table(TABLE, 'the key "target" is missing', config=edited("data.target", None))
        self.refuse_table(TABLE, 'several columns of 0 and 1 need the loss "logistic", several of other numbers "l2"',
                          config=edited("data.target", ["width", "color"]))

    def test_column_of_words_and_numbers(self):
        self.refuse_table("a,b,c\n1,red,x\n2,7,y\n3,blue,x\n",
                          'table.csv:3: column "b": found "7", expected a word as in line 2 ("red"); correct the cell, or '
                          'list the column in "categorical"', config=edited("data.target", "c"))

    def test_several_bad_cells_at_once(self):
        stderr = self.refuse_table(TABLE + "1,tall,red\nwide,2,red\n", 'table.csv:12: column "height": found "tall"',
                                   'table.csv:13: column "width": found "wide"')
        self.assertEqual(stderr.count("error:"), 2)
        stderr = self.refuse_table(TABLE + "1,tall,red\n" * 50, 'table.csv:12: column "height": found "tall"',
                                   "; and 49 more such cells of the column, in lines 13, 14, 15, 16, 17, …\n")
        self.assertEqual(stderr.count("error:"), 1)

    def test_the_same_fault_in_many_rows_is_one_line(self):
        rows = "1,tall,red\nwide,2,red\n1,NA,red\n,3,red\n?,2,red\n1e999,3,red\n1,2,\n1,short,red\n1,2,\n"
        stderr = self.refuse_table(TABLE + rows + "1,1e999,red\n" * 12000)
        lines = [line.removeprefix("chainrule: error: table.csv") for line in stderr.splitlines()]
        for line, (begin, end) in zip(lines, [(':12: column "height": found "tall", expected a number as in line 2', "; and 1 more such cell of the column, in line 19"),
                                              (':13: column "width": found "wide", expected a number', ""), (':14: column "height": found "NA", a missing value', ""),
                                              (':15: column "width": found an empty cell', "; and 1 more such cell of the column, in line 16"),
                                              (':17: column "width": found "1e999", expected a finite number', ""),
                                              (':18: column "color": the target is missing', "; and 1 more such cell of the column, in line 20"),
                                              (':21: column "height": found "1e999", expected a finite number', "; and 9990 more such cells of the column, in lines 22, 23, 24, 25, 26, …"),
                                              (": there may be more; these came first", "")], strict=True):
            self.assertTrue(line.startswith(begin) and line.endswith(end) and (end or "more such" not in line), (line, begin, end))
        columns = [chr(ord("a") + i) for i in range(13)]
        table = ",".join([*columns, "color"]) + "\n" + (",".join(["1"] * 13 + ["red"]) + "\n") * 5 + (",".join(["x"] * 13 + ["red"]) + "\n") * 3
        stderr = self.refuse_table(table, "there may be more; these came first")
        self.assertEqual(stderr.count("error:"), 11)

    def test_decimal_comma(self):
        self.refuse_table("a;b\n1,5;x\n2;y\n", 'column "a": found "1,5", which does not look like a word; "decimal": "," in '
                          '"data" reads it as 1.5', config=edited("data.target", "b"))
        self.refuse_table("a;b\n1;x\n2,5;y\n", 'column "a": found "2,5", expected a number as in line 2 ("1"); "decimal": "," '
                          'in "data" reads it as 2.5', config=edited("data.target", "b"))

    def test_missing_values(self):
        table = TABLE + "?,1,red\n1,NA,blue\n"
        stderr = self.refuse_table(table, 'table.csv:12: column "width": found "?", a missing value, expected a number; missing '
                                   'values need "missing": "mean" or "indicator" in "data" of the training ("drop" leaves out such rows there, and')
        self.assertEqual(stderr.count("missing values need"), 1)
        self.refuse_table(TABLE + "1,2,\n", 'table.csv:12: column "color": the target is missing: found an empty cell; remove the '
                          'row, or leave out such rows with "missing": "drop"')
        self.refuse_table("a,b\n?,x\n?,y\n", "every row has a missing value",
                          config=edited("data", {"train": "table.csv", "target": "b", "missing": "drop"}))
        self.refuse_table("a,b,c\n?,1,x\n?,2,y\n", 'column "a" has no value in any row; leave it out with "ignore"',
                          config=edited("data", {"train": "table.csv", "target": "c", "missing": "mean"}))

    def test_null_is_as_if_left_out(self):
        self.write("table.csv", TABLE)
        self.write("config.json", CONFIG | {"early_stopping": None})
        out = self.run_program("check", "config.json", "data.validation=null", "learning_rate_schedule.warmup=null", "log=null").stdout
        self.assertNotIn("validation", out)
        for override, message in (("early_stoping=null", 'unknown key "early_stoping"; did you mean "early_stopping"?'),
                                  ("early_stoping.patience=null", 'unknown key "early_stoping"'),
                                  ("optimizer.lr=null", 'unknown key "lr"'), ("data.train=null", "this key is missing"),
                                  ("model.layers.1=null", "found null, expected a layer")):
            self.assertIn(message, self.run_program("check", "config.json", override, status=2).stderr)

    def test_files_that_are_no_tables_of_ours(self):
        self.refuse_table("width height color\n1 2 red\n", "the file has one column: commas, semicolons or tabs part them",
                          config=edited("data.target", 0))
        (self.dir / "table.csv").write_bytes((TABLE + "1,2,gr\u00fcn\n").encode("latin-1"))
        self.write("config.json", edited("seed", 1))
        self.assertIn('table.csv:12: not valid UTF-8 (byte 0xFC); say in "data" what it is written in, such as "encoding": '
                      '"windows-1252" or "latin-1", or save it as UTF-8', self.run_program("check", "config.json", status=2).stderr)
        self.write("config.json", edited("data.encoding", "ascii"))
        self.assertIn('table.csv:12: the byte 0xFC is no character of "ascii"; is it written in another encoding?',
                      self.run_program("check", "config.json", status=2).stderr)
        (self.dir / "table.csv").write_bytes(TABLE.encode("utf-16-le"))
        self.write("config.json", edited("seed", 1))
        self.assertIn('it is UTF-16: "encoding": "utf-16le" in "data"', self.run_program("check", "config.json", status=2).stderr)
        (self.dir / "table.csv").write_bytes(b"PK\3\4" + bytes(60))
        self.assertIn("table.csv: this is no table of text but a zip archive, such as a spreadsheet of Excel (xlsx) or "
                      "LibreOffice (ods); save the sheet as CSV", self.run_program("check", "config.json", status=2).stderr)
        self.write("table.csv", TABLE + "1,2,gr\u00fcn\n3,4,gr\u00fcn\n" * 3)
        self.run_program("check", "config.json")

    def test_a_row_without_end(self):
        message = 'a row of more than 67108864 bytes, the most that "max_line" in "data" allows'
        for content in (b"1" * 70_000_000, b"1,2,red\n3,4," + b"x" * 70_000_000, b'1,2,red\n3,4,"' + b"blue\n" * 14_000_000):
            self.write("config.json", edited("seed", 1))
            self.write("table.csv", content)
            self.refuse(message)
        self.refuse_table(TABLE, 'table.csv:1: a row of more than 17 bytes', config=edited("data.max_line", 17))
        self.write("config.json", edited("data.max_line", 18))
        self.run_program("check", "config.json")

    def test_too_many_words(self):
        rows = "".join(f"n{i},{i % 7},{'xy'[i % 2]}\n" for i in range(1200))
        self.refuse_table("name,a,c\n" + rows, 'table.csv:1002: column "name": more than 1000 different words',
                          config=edited("data.target", "c"))

    def test_columns_that_contradict(self):
        def data(**more):
            return edited("data", {"train": "table.csv", "target": "color"} | more)
        self.refuse_table(TABLE, 'data.ignore: unknown column "wdth"; did you mean "width"?', config=data(ignore="wdth"))
        self.refuse_table(TABLE, 'data.ignore: "columns" says which columns to take already',
                          config=data(ignore="width", columns="height"))
        self.refuse_table(TABLE, "data.columns: column 2 (from 0) is the target", config=data(columns=["width", "color"]))
        self.refuse_table(TABLE, "data.ignore: column 0 (from 0) is there twice", config=data(ignore=["width", 0]))
        self.refuse_table(TABLE, "data.categorical: column 0 (from 0) is one of those left out",
                          config=data(ignore="width", categorical="width"))
        self.refuse_table(TABLE, "no column is left beside the target", config=data(ignore=["width", "height"]))
        self.refuse_table(TABLE, "data.ignore: the list is empty", config=data(ignore=[]))
        self.refuse_table(TABLE, 'data.missing: unknown', config=data(missing="median"))

    def test_labels_of_the_logistic_loss(self):
        self.refuse_table("a,b\n1,x\n2,y\n3,z\n", 'it has 3 classes, but the loss "logistic" takes two',
                          config=edited("loss", {"type": "logistic"}) | {"data": {"train": "table.csv", "target": "b"}})
        self.refuse_table("a,u,v\n1,0,1\n2,1,2\n", 'found 2 in target 1 of row 1 (both from 0) of the train data',
                          config=edited("loss", {"type": "logistic"}) | {"data": {"train": "table.csv", "target": ["u", "v"]}})

    def test_class_weights(self):
        def loss(weights, type="softmax"):
            return edited("loss", {"type": type, "class_weights": weights})
        self.refuse_table(TABLE, 'loss.class_weights: unknown class "rde"; did you mean "red"?', config=loss({"rde": 2}))
        self.refuse_table(TABLE, 'the weight of class "red" is to be a number, 0 or more', config=loss({"red": -2}))
        self.refuse_table(TABLE, 'found "even", expected "balanced" or an object', config=loss("even"))
        self.refuse_table("a,b,c\n1,2,3\n2,3,4\n", 'the targets of "l2" are numbers, not classes',
                          config=loss("balanced", "l2") | {"data": {"train": "table.csv", "target": "c"}})

    def test_split_that_leaves_a_part_empty(self):
        self.refuse_table(TABLE, "a fraction of 0.01 of 10 rows leaves the validation part empty",
                          config=edited("data.validation.fraction", 0.01))

    def test_folds(self):
        for validation, message in (
                ({"folds": 11}, "data.validation.folds: 11 folds of 10 rows; take fewer folds"),
                ({"folds": 5, "fold": 5}, 'data.validation.fold: found 5, expected the number of a fold, from 0 to "folds" - 1'),
                ({"folds": 5, "fraction": 0.2}, 'data.validation: expected one of "fraction", "folds" and "last"'),
                ({"last": 0.2, "fraction": 0.2}, 'data.validation: expected one of "fraction", "folds" and "last"'),
                ({"seed": 2}, 'data.validation: expected one of "fraction", "folds" and "last"')):
            self.refuse_table(TABLE, message, config=edited("data.validation", validation))

    def test_last_rows(self):
        for validation, message in (
                ({"last": 0.01}, "data.validation.last: a fraction of 0.01 of 10 rows leaves the validation part empty"),
                ({"last": 1}, "data.validation.last: found 1, expected a number above 0, up to 0.99"),
                ({"last": 0.2, "fold": 1}, 'data.validation.fold: found 1, expected the number of a fold'),
                ({"last": 0.2, "stratify": False}, 'data.validation.stratify: "last" takes the rows at the end as they are'),
                ({"last": 0.2, "seed": 3}, 'data.validation.seed: "last" takes the rows at the end, with nothing to draw')):
            self.refuse_table(TABLE, message, config=edited("data.validation", validation))

    def test_one_class(self):
        self.refuse_table("a,c\n1,x\n2,x\n", 'all rows are of class "x"', config=edited("data.target", "c"))

    def test_class_that_training_does_not_know(self):
        config = edited("data.test", "test.csv")
        self.write_example()
        self.write("config.json", config)
        self.write("test.csv", "width,height,color\n1,2,red\n3,4,green\n")
        self.refuse('test.csv:3: class "green" is not in the training data; its classes: blue, red')

    def test_columns_that_are_missing_elsewhere(self):
        self.write_example()
        self.write("config.json", edited("data.test", "test.csv"))
        self.write("test.csv", "width,tallness,color\n1,2,red\n")
        self.refuse('columns that are not in this file: "height"')

    def test_truncated_and_damaged_gzip(self):
        lines = [f"{random.Random(i).random()},{i},{'xy'[i % 2]}" for i in range(2000)]
        whole = gzip.compress("\n".join(["width,height,color", *lines]).encode())
        config = edited("data.train", "table.csv.gz")
        for content, message in ((whole[:-20], "truncated"),
                                 (whole[:5000] + b"\xff\x00\xff" + whole[5003:], "damaged")):
            self.write("config.json", config)
            self.write("table.csv.gz", content)
            self.refuse("table.csv.gz: the gzip data ", message)


    def test_more_than_max_bytes(self):
        rows = b"width,height,color\n" + b"1,2,red\n2,1,blue\n" * 500_000
        for name, content in (("table.csv", rows[:2000]), ("table.csv.gz", gzip.compress(rows))):
            config = edited("data.train", name)
            config["data"]["max_bytes"] = 1000
            self.write("config.json", config)
            self.write(name, content)
            self.refuse(f"{name}: more than the 1000 bytes that data.max_bytes allows")


class Images(BadInput):
    CONFIG = {**CONFIG, "data": {"train": {"images": "images.idx", "labels": "labels.idx"}, "normalize": 255}}

    def refuse_images(self, images, labels, *messages):
        self.write("config.json", self.CONFIG)
        self.write("images.idx", images)
        self.write("labels.idx", labels)
        self.refuse(*messages)

    def test_wrong_magic(self):
        self.refuse_images(TABLE, idx(8, [2], [0, 1]), "images.idx: not an IDX file: it starts with bytes 77 69 64 74")
        self.refuse_images(idx(10, [2, 1, 1], [0] * 8), idx(8, [2], [0, 1]), "IDX data of type 0x0a")

    def test_truncated(self):
        good = idx(8, [2, 2, 2], range(8))
        self.refuse_images(good[:-3], idx(8, [2], [0, 1]), "images.idx: truncated: 21 of the 24 bytes")
        self.refuse_images(gzip.compress(good)[:-9], idx(8, [2], [0, 1]), "images.idx: ", "truncated")
        self.refuse_images(good, idx(8, [2], [0]), "labels.idx: truncated")

    def test_more_than_the_header_announces(self):
        bomb = idx(8, [2, 2, 2], range(8)) + bytes(50_000_000)
        self.refuse_images(gzip.compress(bomb), idx(8, [2], [0, 1]),
                           "images.idx: more than the 24 bytes that its header announces")

    def test_counts_that_differ(self):
        self.refuse_images(idx(8, [2, 2, 2], range(8)), idx(8, [3], [0, 1, 1]), "labels.idx: 3 targets, but ", "has 2 examples")

    def test_files_swapped(self):
        self.refuse_images(idx(8, [2], [0, 1]), idx(8, [2, 2, 2], range(8)), "images.idx: it holds 2 bytes; inputs are numbers of two to four dimensions")
        self.refuse_images(*[idx(8, [2, 2, 2], range(8))] * 2, "labels.idx: it holds 2x2x2 bytes; targets of one dimension")

    def test_label_outside_the_classes(self):
        self.write("config.json", {**self.CONFIG, "data": {
            **self.CONFIG["data"], "test": {"images": "images.idx", "labels": "test.idx"}}})
        self.write("images.idx", idx(8, [2, 2, 2], range(8)))
        self.write("labels.idx", idx(8, [2], [0, 1]))
        self.write("test.idx", idx(8, [2], [0, 2]))
        self.refuse("test.idx: label 2 of example 1 (from 0) is not in the training data; its classes: 0 to 1")

    def test_target_and_mixture(self):
        config = json.loads(json.dumps(self.CONFIG))
        config["data"] |= {"target": "x", "test": "images.idx"}
        self.write("config.json", config)
        self.write("images.idx", idx(8, [2, 2, 2], range(8)))
        self.write("labels.idx", idx(8, [2], [0, 1]))
        self.refuse("images have their target in the labels file", "found a table, but data.train is images")


class Models(BadInput):
    def setUp(self):
        super().setUp()
        self.write_example()
        self.train()

    def test_weights_that_do_not_fit(self):
        self.write("config.json", edited("model.weights", "run/model.safetensors"))
        self.refuse('tensor "linear1.weight" has the shape [2, 4], but the config\'s network needs [2, 9]',
                    arguments=("train", "config.json", "model.layers.0.units=9"))
        self.write("config.json", edited("model.weights", "table.csv"))
        self.refuse("not a safetensors file, or a damaged one")

    def test_data_without_the_models_columns(self):
        self.write("new.csv", "width,depth\n1,2\n")
        self.refuse_after_heading('new.csv: the model was trained on columns that are not in this file: "height"', "new.csv")
        self.write("new.csv", "1,2,3,4\n")
        self.refuse_after_heading("found 4 columns, expected the 2 features", "new.csv")
        self.write("new.csv", "width,height\n1,x\n")
        self.refuse_after_heading('new.csv:2: column "height": found "x"', "new.csv")

    def test_words_and_gaps_that_the_model_does_not_know(self):
        self.write("words.csv", "size,shape,kind\n" + "1,round,a\n2,square,b\n" * 5)
        self.write("words.json", edited("data", {"train": "words.csv", "target": "kind"}))
        self.run_program("train", "words.json", "-q", "-o", "words")
        for cell, message in (("rund", 'found "rund", which is not in the training data; did you mean "round"?'),
                              ("?", 'found "?", a missing value, expected a word')):
            self.write("new.csv", f"size,shape\n1,{cell}\n")
            self.assertIn(message, self.run_program("predict", "words", "new.csv", status=2).stderr)
            done = self.run_program("predict", "words", "-", input=f"size,shape\n1,{cell}\n", status=2)
            self.assertIn(message, done.stderr)
        done = self.run_program("predict", "words", "-", input="size,shape\nbig,rund\n", status=2)  # all of the row at once
        self.assertIn('standard input:2: column "size": found "big"', done.stderr)
        self.assertIn('standard input:2: column "shape": found "rund"', done.stderr)
        self.write("new.csv", "1,round,a\n2,square,b.\n")
        self.assertIn('class "b." is not in the training data; its classes: a, b; if "b" is meant, write it the same way in both',
                      self.run_program("eval", "words", "--on", "new.csv", status=2).stderr)

    def refuse_after_heading(self, message, name):
        before = self.files()
        self.assertIn(message, self.run_program("predict", "run", name, "-o", "out.csv", status=2).stderr)
        self.assertEqual(self.files(), before)

    def test_damaged_model(self):
        path = self.dir / "run" / "model.safetensors"
        whole = bytearray(path.read_bytes())
        whole[-1] ^= 1
        path.write_bytes(whole)
        self.refuse("its checksum differs from its content", arguments=("predict", "run", "table.csv"))
        path.write_bytes(whole[:100])
        self.refuse("not a safetensors file, or a damaged one", arguments=("eval", "run"))
        path.unlink()
        self.refuse("model.safetensors: no such file", arguments=("eval", "run"))

    def test_config_in_place_of_a_run(self):
        self.refuse("config.json: it holds JSON, as a config does; a model file or a run's directory was expected",
                    arguments=("eval", "config.json"))

    def test_part_that_does_not_exist(self):
        self.refuse("the run's config has no test part", arguments=("eval", "run", "--on", "test"))

    def test_run_directory_that_exists(self):
        self.refuse("run: it exists already, and a run never overwrites another",
                    arguments=("train", "config.json", "-o", "run"))


class Usage(BadInput):
    def test_usage(self):
        self.refuse('unknown command "tran"; did you mean "train"?', arguments=("tran",))
        self.refuse("usage: chainrule COMMAND", arguments=())
        self.refuse("which CONFIG?", arguments=("train",))
        self.refuse("unknown option --jsn", arguments=("train", "x.json", "--jsn"))
        self.refuse("option --out needs a value: DIR", arguments=("train", "x.json", "-o"))
        self.refuse("option --json takes no value", arguments=("train", "x.json", "--json=1"))
        self.refuse("a RUN and a FILE are needed", arguments=("predict", "run"))


    def test_unknown_command_costs_a_line(self):
        for word, meant in (("trian", '; did you mean "train"? '), ("fit", '; did you mean "train"? '), ("xyzzy", "; "),
                            ("validate", '; did you mean "check"? '), ("-q", "; options stand behind the command; "),
                            ("table.csv", "; ")):
            stderr = self.refuse(arguments=(word,))
            self.assertEqual(stderr, f'chainrule: error: unknown command "{word}"{meant}chainrule --help lists all\n')
        self.write_example()
        self.refuse('unknown command "config.json"; it is a config: chainrule train config.json trains it; chainrule --help',
                    arguments=("config.json",))
        self.refuse('unknown command "trian"; did you mean "train"?', arguments=("help", "trian"))

    def test_options_that_are_keys_of_a_config(self):
        """By their own name or another tool's; with the value that was given."""
        self.write_example()
        for option, override in (("--epochs 5", "training.epochs=5"), ("--epochs=5", "training.epochs=5"), ("--epoch 5", "training.epochs=5"),
                                 ("--lr 0.1", "optimizer.learning_rate=0.1"), ("--learning-rate 0.1", "optimizer.learning_rate=0.1"),
                                 ("--batch-size 64", "training.batch_size=64"), ("--batch 64", "training.batch_size=64"),
                                 ("--max-iter 7", "training.epochs=7"), ("--seed 3", "seed=3"), ("--random_state 3", "seed=3"),
                                 ("--l2 0.1", "regularization.l2=0.1"), ("--weight-decay 0.1", "optimizer.weight_decay=0.1"),
                                 ("--hidden 64", "model.layers.0.units=64"), ("--optimizer adam", "optimizer.type=adam"),
                                 ("--loss svm", "loss.type=svm"), ("--data x.csv", "data.train=x.csv"), ("--target y", "data.target=y"),
                                 ("--patience 3", "early_stopping.patience=3"), ("--training.epochs 5", "training.epochs=5"),
                                 ("-epochs 5", "training.epochs=5"), ("--epochs", "training.epochs=VALUE"), ("--epochs -q", "training.epochs=VALUE")):
            for command in ("train", "sweep", "resume"):
                self.refuse(f"unknown option {option.split()[0]}; values of a config are given without dashes: {override}\n",
                            arguments=(command, "config.json", *option.split()))

    def test_options_that_overrides_name_are_keys(self):
        """What a message tells people to write works."""
        self.write_example()
        for override in ("training.epochs=5", "optimizer.learning_rate=0.1", "training.batch_size=64", "seed=3", "regularization.l2=0.1",
                         "model.layers.0.units=64", "optimizer.type=adam", "loss.type=svm", "early_stopping.patience=3"):
            self.run_program("check", "config.json", override)

    def test_options_that_are_spelt_nearly_right(self):
        for arguments, meant in ((("train", "x.json", "--quite"), "; did you mean --quiet?"), (("train", "x.json", "--thread", "2"), "; did you mean --threads?"),
                                 (("train", "x.json", "--output", "a"), "; did you mean --out?"), (("predict", "a", "b", "--outt"), "; did you mean --out?"),
                                 (("runs", "a", "--sorted"), "; did you mean --sort?"), (("eval", "a", "--helpp"), "; did you mean --help?"),
                                 (("train", "x.json", "-quiet"), "; did you mean --quiet, with two dashes?"),
                                 (("train", "x.json", "--verbose"), "; leave it out; -q on the command line is for silence"),
                                 (("train", "x.json", "--dropout", "0.5"), '; in a config, "dropout" belongs into "model.layers" as a layer'),
                                 (("train", "x.json", "--gpu"), ""), (("runs", "a", "--epochs", "5"), ""), (("train", "x.json", "-e", "5"), "")):
            option = next(a for a in arguments if a.startswith("-"))
            self.refuse(f"unknown option {option}{meant}", arguments=arguments)
            self.assertIn(f"{option}{meant}\n" if "in a config" not in meant else meant, self.refuse(arguments=arguments))

    def test_values_without_equals(self):
        self.write_example()
        for rest in (("training.epochs", "5"), ("training.epochs", "=", "5")):
            self.refuse("training.epochs: a value of a config is given behind a =, without spaces: training.epochs=5\n",
                        arguments=("train", "config.json", *rest))
        self.refuse("without spaces: training.epochs=VALUE\n", arguments=("train", "config.json", "training.epochs"))

    def test_names_that_are_spelt_nearly_right(self):
        self.refuse('"mnist-mpl": no config, and no benchmark; did you mean "mnist-mlp"? known: spiral, digits, ', arguments=("bench", "mnist-mpl"))
        self.refuse('"zzzzzz": no config, and no benchmark; known: spiral, digits, ', arguments=("bench", "zzzzzz"))
        self.refuse("none.json: no such file", arguments=("bench", "none.json"))
        self.refuse('unknown format "cvs"; did you mean "csv"? known: table, csv, json\n', arguments=("runs", "a", "--format", "cvs"))
        self.refuse('unknown format "svgg"; did you mean "svg"? known: text, json, dot, svg\n', arguments=("trace", "a.json", "-f", "svgg"))
        self.refuse('unknown format "picture"; known: text, json, dot, svg\n', arguments=("trace", "a.json", "-f", "picture"))

    def test_metrics_that_are_spelt_nearly_right(self):
        self.write_example()
        self.train()
        for name, meant in (("validation_los", "validation_loss"), ("acc", "validation_accuracy"), ("train_acuracy", "train_accuracy"),
                            ("validaton_loss", "validation_loss"), ("test_rocauc", "test_roc_auc")):
            self.refuse(f'--sort {name}: no run has it; did you mean "{meant}"? known: ', arguments=("runs", "run", "--sort", name))
        self.refuse("--sort speed: no run has it; known: ", arguments=("runs", "run", "--sort", "speed"))
        self.refuse("--sort validation_f1: no run has it; known: ", arguments=("runs", "run", "--sort", "validation_f1"))
        for name, meant in (("validation_los", "validation_loss"), ("train_acuracy", "train_accuracy")):
            self.refuse(f'found "{name}", which may be meant for "{meant}"; expected train_ or validation_ and',
                        arguments=("check", "config.json", f'early_stopping={{"monitor": "{name}"}}'))
        self.write_example(sweep={"parameters": {"seed": {"values": [1, 2]}}})
        self.run_program("sweep", "config.json", "-q", "-o", "sweep")
        self.refuse('unknown metric "validation_los"; did you mean "validation_loss"? known: ', arguments=("runs", "sweep", "--sort", "validation_los"))
        self.refuse('unknown metric "speed"; known: ', arguments=("runs", "sweep", "--sort", "speed"))


class InAnothersPlace(BadInput):
    """Arguments that are something else, by their content."""

    def setUp(self):
        super().setUp()
        self.write_example(sweep={"parameters": {"seed": {"values": [1, 2]}}})
        self.train()
        self.run_program("sweep", "config.json", "-q", "-o", "sweep")
        self.write("semicolons", "a;b\n1;2\n3;4\n")
        self.write("table.csv.gz", gzip.compress(TABLE.encode()))
        self.write("column.csv", "1\n2\n3\n")
        self.write("images.idx", idx(8, [2, 2, 2], range(8)))
        self.write("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(30))
        self.write("picture.jpg", b"\xff\xd8\xff\xe0" + bytes(30))

    def test_in_place_of_a_config(self):
        tables = [(name, "it is a table; a config was expected; chainrule describe {} makes a config for it")
                  for name in ("table.csv", "table.csv.gz", "semicolons", "column.csv")]
        for name, message in (*tables, ("images.idx", 'it is a file of data; a config was expected; a config names it in its section "data"'),
                              ("picture.png", "it is a picture; a config was expected; "), ("picture.jpg", "it is a picture; "),
                              ("run/model.safetensors", "it is a model file; a config was expected; chainrule eval {} and chainrule predict {} take it"),
                              ("run", "it is the directory of a run; a config was expected; chainrule eval {}, predict {} and resume {} take it, and its config is {}/config.json"),
                              ("sweep", "it is the directory of a sweep; a config was expected; chainrule runs {} shows it")):
            for command in ("train", "check", "doctor", "gradcheck", "trace", "sweep", "bench"):
                self.refuse(f"chainrule: error: {name}: {message.replace('{}', name)}", arguments=(command, name))

    def test_in_place_of_a_model(self):
        for command, more in (("eval", ()), ("predict", ("table.csv",))):
            self.refuse("table.csv: it is a table; a model file or the directory of a run was expected; chainrule predict RUN table.csv and "
                        "chainrule eval RUN --on table.csv take it", arguments=(command, "table.csv", *more))
            self.refuse("sweep: it is the directory of a sweep; a model file or the directory of a run was expected; its best model is sweep/best",
                        arguments=(command, "sweep", *more))
            self.refuse("images.idx: it is a file of data; a model file or the directory of a run was expected", arguments=(command, "images.idx", *more))
            self.refuse("picture.png: it is a picture; a model file", arguments=(command, "picture.png", *more))
            self.refuse("config.json: it holds JSON, as a config does", arguments=(command, "config.json", *more))

    def test_in_place_of_a_run(self):
        for name, message in (("config.json", "it is JSON, as a config is; the directory of a run or of a sweep was expected; chainrule train config.json begins one"),
                              ("table.csv", "it is a table; the directory of a run or of a sweep was expected; chainrule predict RUN table.csv takes it"),
                              ("run/model.safetensors", "it is a model file; the directory of a run or of a sweep was expected; a model file alone")):
            self.refuse(f"{name}: {message}", arguments=("resume", name))

    def test_in_place_of_data(self):
        for arguments in (("predict", "run"), ("eval", "run", "--on")):
            self.refuse("config.json: it is JSON, as a config is; a file of data was expected; chainrule check config.json looks at a config",
                        arguments=(*arguments, "config.json"))
            self.refuse("run: it is the directory of a run; a file of data was expected; a run comes first", arguments=(*arguments, "run"))
            self.refuse("run/model.safetensors: it is a model file; a file of data was expected; a model comes first",
                        arguments=(*arguments, "run/model.safetensors"))
            self.refuse("sweep: it is the directory of a sweep; a file of data was expected", arguments=(*arguments, "sweep"))

    def test_swapped(self):
        self.refuse("run is a model, which comes first: chainrule predict run table.csv\n", arguments=("predict", "table.csv", "run"))
        self.refuse("which comes first: chainrule predict run/best.safetensors table.csv\n", arguments=("predict", "table.csv", "run/best.safetensors"))
        self.refuse("one RUN at a time; other data is named by --on: chainrule eval run --on table.csv\n", arguments=("eval", "run", "table.csv"))
        self.write("other.json", CONFIG)
        self.refuse("one CONFIG at a time: these are two, config.json and other.json\n", arguments=("train", "config.json", "other.json"))
        self.refuse("one CONFIG at a time: these are two, config.json and table.csv; other data is named by data.train=table.csv\n",
                    arguments=("train", "config.json", "table.csv"))
        self.refuse("one RUN at a time: these are two, run and sweep\n", arguments=("resume", "run", "sweep"))


class Places(ProgramTest):
    def test_where_a_run_cannot_be_made(self):
        """The message names the option that puts it elsewhere."""
        self.write_example(sweep={"parameters": {"seed": {"values": [1, 2]}}})
        self.write("runs", "in the way")
        for command in ("train", "sweep"):
            done = self.run_program(command, "config.json", status=1)
            self.assertEqual(done.stderr, "chainrule: error: runs: cannot make the directory: Not a directory; choose another place with -o DIR\n")
        (self.dir / "runs").unlink()
        self.dir.chmod(0o555)
        self.addCleanup(self.dir.chmod, 0o755)
        for command in ("train", "sweep"):
            done = subprocess.run([PROGRAM, command, "config.json"], cwd=self.dir, capture_output=True, text=True, env=ENVIRONMENT,
                                  preexec_fn=lambda: os.geteuid() or os.setuid(65534))
            self.assertEqual((done.returncode, done.stderr),
                             (1, "chainrule: error: runs: cannot make the directory: Permission denied; choose another place with -o DIR\n"))

    def test_config_from_standard_input(self):
        """Its paths are relative to the current directory."""
        config = self.write_example().read_text()
        self.run_program("train", "config.json", "-q", "-o", "a")
        (self.dir / "config.json").unlink()
        done = self.run_program("train", "-", "training.epochs=4", "-q", input=config)
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.run_program("train", "training.epochs=3", "-", "-q", "-o", "b", input=config)
        self.assertEqual([(self.dir / name / "model.safetensors").read_bytes() for name in "ab"][0], (self.dir / "b/model.safetensors").read_bytes())
        self.assertEqual(json.loads((self.dir / "runs/stdin/summary.json").read_text())["epochs"], 4)
        self.run_program("resume", "runs/stdin", "training.epochs=6", "-q")
        for command in ("check", "doctor", "gradcheck", "trace", "bench"):
            more = ("--seconds", "0.001") if command == "bench" else ()
            self.assertNotEqual(self.run_program(command, "-", *more, input=config, status=None).stdout, "", command)
        sweep = json.dumps({**CONFIG, "sweep": {"parameters": {"seed": {"values": [1, 2]}}}})
        self.run_program("sweep", "-", "-q", input=sweep)
        self.assertTrue((self.dir / "runs/stdin-2/best/model.safetensors").exists())
        self.assertIn("sweep: 2 settings", self.run_program("check", "-", input=sweep).stdout)

    def test_wrong_config_from_standard_input(self):
        self.write("table.csv", TABLE)
        for text, message in (("", "stdin:1:1: the file is empty; a JSON object was expected"), ('{"data": 3', "stdin:1:11: found the end"),
                              ("{}\0{}", "stdin: byte 3 is 0; a config is text"), ('{"data": {}}', "stdin:1:"), (TABLE, "stdin:1:1: found 'w'"),
                              (" " * (17 << 20), "stdin: larger than 16777216 bytes, the most that is read")):
            done = self.run_program("train", "-", input=text, status=2)
            self.assertIn(message, done.stderr)

    def test_overrides_stand_anywhere(self):
        self.write_example(sweep={"parameters": {"seed": {"values": [1, 2]}}})
        self.run_program("train", "training.epochs=4", "config.json", "-q", "seed=3", "-o", "run")
        summary = json.loads((self.dir / "run/summary.json").read_text())
        self.assertEqual((summary["epochs"], summary["seed"]), (4, 3))
        self.run_program("resume", "training.epochs=5", "run", "-q")
        self.assertEqual(json.loads((self.dir / "run/summary.json").read_text())["epochs"], 5)
        self.assertIn("linear1.weight                   22", self.run_program("gradcheck", "model.layers.0.units=11", "config.json").stdout)
        for command in ("check", "doctor", "trace", "sweep"):
            self.run_program(command, "model.layers.0.units=11", "config.json", status=None if command == "doctor" else 0)
        self.assertIn("which CONFIG?", self.run_program("train", "training.epochs=5", status=2).stderr)
        self.assertIn("which RUN?", self.run_program("resume", "training.epochs=5", status=2).stderr)

    def test_files_with_an_equals_sign(self):
        """A file is no override, and an override stays one when a run has its name."""
        self.write("lr=0.1.json", self.write_example().read_text())
        self.run_program("train", "lr=0.1.json", "-q", "-o", "training.epochs=4")
        self.run_program("train", "training.epochs=4", "lr=0.1.json", "-q", "-o", "out/lr=2")
        self.assertEqual(json.loads((self.dir / "out/lr=2/summary.json").read_text())["epochs"], 4)
        self.run_program("resume", "out/lr=2", "training.epochs=5", "-q")
        self.run_program("eval", "out/lr=2")


class Divergence(ProgramTest):
    def test_divergence(self):
        self.write_example(model={"layers": [{"type": "linear"}]})
        done = self.run_program("train", "config.json", "-q", "-o", "run", "optimizer.learning_rate=3e38", status=1)
        self.assertRegex(done.stderr, r"the loss became NaN or infinite in epoch \d+, step \d+ of the run: the first "
                                      r"value that is not finite is in .* layer linear1")
        self.assertIn("try a smaller learning_rate (now 3e+38)", done.stderr)
        summary = json.loads((self.dir / "run" / "summary.json").read_text())
        self.assertEqual(summary["status"], "diverged")
        self.assertFalse((self.dir / "run" / "model.safetensors").exists())

    def test_full_disk(self):
        self.write_example()
        self.train()
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "predict", "run", "table.csv"], cwd=self.dir, stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write", done.stderr)


if __name__ == "__main__":
    main()
