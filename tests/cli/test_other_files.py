"""Files that are not quite as the training file was: other words, rows with gaps, other names, other letters."""

import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

HEAD = "size,paid,kind\n"
ROWS = "".join(f"{i % 7},{['Yes', 'No'][i % 2]},{'ab'[i % 3 == 0]}\n" for i in range(30))


class OtherFiles(ProgramTest):
    def fit(self, table=HEAD + ROWS, run="run", loss="softmax", **data):
        data = {"train": "table.csv", "target": "kind"} | data
        self.write_example(data=data, loss={"type": loss})
        self.write("table.csv", table)
        shutil.rmtree(self.dir / run, ignore_errors=True)
        return self.run_program("train", "config.json", "-q", "-o", run, "optimizer.learning_rate=0.001")


class Words(OtherFiles):
    NEW = "size,paid,kind\n1,YES,a\n2,No,b\n3,YES,a\n4,maybe,b\n"
    SAID = ["3 cells have words that the training data did not have, and counted as missing",
            'column "paid": "YES" (line 2 and 2 more cells); "Yes" is meant?']

    def test_new_words_are_named(self):
        self.fit(missing="mean")
        self.write("new.csv", self.NEW)
        said = "".join(f"chainrule: warning: {line}\n" for line in self.SAID)
        self.assertEqual(self.run_program("predict", "run", "new.csv").stderr, said)
        self.assertEqual(self.run_program("predict", "run", "-", input=self.NEW).stderr, said)
        self.assertEqual(self.run_program("eval", "run", "--on", "new.csv").stderr, said)

    def test_and_in_files_of_training(self):
        self.write("new.csv", self.NEW)
        done = self.fit(missing="mean", validation="new.csv")
        for line in self.SAID:
            self.assertIn(f"data.validation: {line}\n", done.stderr)

    def test_of_many_columns_a_few_are_named(self):
        names = [f"c{i}" for i in range(7)]
        head = ",".join(names) + ",kind\n"
        self.fit(head + "".join(",".join("xy"[(i >> j) & 1] for j in range(7)) + f",{'ab'[i % 2]}\n" for i in range(128)),
                 missing="mean")
        stderr = self.run_program("predict", "run", "-", input=head + "q,q,q,q,q,q,q,a\n").stderr.splitlines()
        self.assertEqual(len(stderr), 7)
        self.assertEqual(stderr[-1], "chainrule: warning: … and such words in 2 more columns")


class LeftOut(OtherFiles):
    def test_rows_with_gaps(self):
        self.fit(missing="drop")
        self.write("new.csv", HEAD + "1,Yes,a\n,No,b\n3,No,a\n")
        done = self.run_program("eval", "run", "--on", "new.csv")
        self.assertEqual(done.stderr, "chainrule: warning: 1 of 3 rows have missing values and were left out\n")

    def test_rows_with_new_words(self):
        self.fit(missing="drop")
        self.write("new.csv", Words.NEW)
        done = self.run_program("eval", "run", "--on", "new.csv")
        self.assertEqual(done.stderr, "".join(f"chainrule: warning: {line}\n" for line in [
            "3 of 4 rows have missing values and were left out", *Words.SAID]))

    def test_rows_without_a_target(self):
        """Evaluated is what has one, whatever training did with such rows."""
        for missing in ("error", "mean"):
            self.fit(missing=missing)
            self.write("new.csv", HEAD + "1,Yes,a\n2,No,\n3,No,a\n")
            self.write("full.csv", HEAD + "1,Yes,a\n3,No,a\n")
            done = self.run_program("eval", "run", "--on", "new.csv", "--json")
            self.assertEqual(done.stderr, "chainrule: warning: 1 of 3 rows have missing values as target and were left out\n")
            full = self.run_program("eval", "run", "--on", "full.csv", "--json").stdout
            self.assertEqual(json.loads(done.stdout), json.loads(full))
            self.write("none.csv", HEAD + "1,Yes,\n2,No,\n")
            self.assertIn("none.csv: every row has a missing value",
                          self.run_program("eval", "run", "--on", "none.csv", status=2).stderr)
        self.write("new.csv", HEAD + "1,Yes,a\n,No,b\n")  # another gap is refused as ever
        self.fit(missing="error")
        self.assertIn("found an empty cell", self.run_program("eval", "run", "--on", "new.csv", status=2).stderr)

    def test_rows_without_history(self):
        rows = "t,kind\n" + "".join(f"{i % 5},{i % 4}\n" for i in range(40))
        self.fit(rows, loss="l2", lags={"columns": "t", "steps": [1, 2]})
        done = self.run_program("eval", "run", "--on", "table.csv")
        self.assertEqual(done.stderr, "chainrule: warning: 2 of 40 rows have no row 2 before them and were left out\n")


class RepeatedNames(OtherFiles):
    HEAD = "x,y,x,kind\n"
    ROWS = "".join(f"{i % 7},{i % 5},{i % 3},{'ab'[i % 2]}\n" for i in range(30))

    def check(self, wrong, *inputs, **data):
        self.fit(self.HEAD + self.ROWS, validation={"fraction": 0.2}, **data)
        predicted = self.run_program("predict", "run", "table.csv").stdout
        plain = self.run_program("predict", "run", "-", input=self.ROWS).stdout  # by position
        self.assertEqual(predicted, plain)
        self.assertEqual(self.run_program("predict", "run", "-", input=self.HEAD + self.ROWS).stdout, plain)
        without = "\n".join(line.rsplit(",", 1)[0] for line in (self.HEAD + self.ROWS).splitlines())
        self.assertEqual(self.run_program("predict", "run", "-", input=without).stdout, plain)
        commas = "\n".join(line + "," for line in (self.HEAD + self.ROWS).splitlines())
        self.assertEqual(self.run_program("predict", "run", "-", input=commas).stdout, plain)
        self.run_program("eval", "run", "--on", "table.csv")
        done = self.run_program("predict", "run", "-", input=wrong + "1,2,3,a\n", status=2)
        self.assertIn("different names, or all columns of the training file in its order", done.stderr)

    def test_the_order_tells(self):
        self.check("y,x,x,kind\n")

    def test_and_an_ignored_one_is_none(self):
        self.check("y,x,x,kind\n", ignore=2)
        self.assertEqual(self.run_program("predict", "run", "-", input="y,x\n3,1\n").stdout,
                         self.run_program("predict", "run", "-", input="1,3,9\n").stdout)


class Names(OtherFiles):
    def test_near_names_are_proposed(self):
        self.fit(target="kind")
        self.write("new.csv", HEAD.upper() + ROWS)
        done = self.run_program("eval", "run", "--on", "new.csv", status=2)
        self.assertIn('columns that are not in this file: "size" (did you mean "SIZE"?), "paid" (did you mean "PAID"?), '
                      '"kind" (the target) (did you mean "KIND"?)', done.stderr)
        done = self.run_program("predict", "run", "-", input="sise,paid\n1,Yes\n", status=2)
        self.assertIn('not in this file: "size" (did you mean "sise"?)\n', done.stderr)
        done = self.run_program("predict", "run", "-", input="paids,paid\n1,Yes\n", status=2)
        self.assertIn('not in this file: "size"\n', done.stderr)

    def test_other_letters(self):
        text = HEAD.replace("size", "Fläche") + ROWS
        self.fit(text.encode("windows-1252"), encoding="windows-1252")
        plain = self.run_program("predict", "run", "table.csv")
        self.assertEqual(plain.stderr, "")
        self.write("new.csv", text)
        said = 'chainrule: warning: new.csv: it is written in UTF-8, and not in "windows-1252" as the training data; it is read ' \
               "as UTF-8\n"
        done = self.run_program("predict", "run", "new.csv")
        self.assertEqual((done.stdout, done.stderr), (plain.stdout, said))
        self.assertEqual(self.run_program("eval", "run", "--on", "new.csv").stderr, said)
        self.assertIn('"Fläche" (did you mean', self.run_program("predict", "run", "-", input=text, status=2).stderr)
        self.write("new.csv", text.encode("utf-8-sig"))  # a mark says it
        self.assertEqual(self.run_program("predict", "run", "new.csv").stderr, "")

    def test_of_training_data(self):
        done = self.fit(HEAD.replace("size", "Fläche") + ROWS, encoding="latin-1")
        self.assertIn('data.encoding: table.csv is read as "latin-1", but it looks like UTF-8; if names or words are garbled, '
                      "remove this key", done.stderr)


class Currency(OtherFiles):
    def test_of_the_target(self):
        rows = "".join(f"{i},EUR {2 * i + 1}\n" for i in range(9))
        self.fit("x,kind\n" + rows, loss="l2", types={"kind": "currency"})
        self.run_program("eval", "run", "--on", "table.csv")
        self.write("new.csv", "x,kind\n1,€3\n2,5\n")  # the same in another spelling, and none named
        self.run_program("eval", "run", "--on", "new.csv")
        self.write("new.csv", "x,kind\n1,€3\n2,CHF 5\n")
        self.assertIn('new.csv:3: column "kind": found "CHF 5", expected a number in EUR as in the training data',
                      self.run_program("eval", "run", "--on", "new.csv", status=2).stderr)


class Units(OtherFiles):
    def test_with_digits(self):
        for unit in ("m2", "m^2", "l/100km"):
            said = f'"types": {{"size": {{"type": "number", "unit": "{unit}"}}}} in "data" reads it as 9.5'
            self.write_example(data={"train": "table.csv", "target": "kind"}, loss={"type": "l2"})
            self.write("table.csv", "size,kind\n1,2\n" + f"9.5 {unit},4\n" + "3,6\n" * 8)
            self.assertIn(said, self.run_program("check", "config.json", status=2).stderr)
            self.fit((self.dir / "table.csv").read_text(), loss="l2", types={"size": {"type": "number", "unit": unit}})
            plain = self.run_program("predict", "run", "-", input="size\n9.5\n").stdout
            self.assertEqual(self.run_program("predict", "run", "-", input=f"size\n9.5 {unit}\n").stdout, plain)
            self.assertEqual(self.run_program("predict", "run", "-", input=f"size\n{unit}9.5\n").stdout, plain)


class Targets(OtherFiles):
    def test_of_numbers_as_classes(self):
        self.write_example(data={"train": "table.csv", "target": "kind", "validation": {"fraction": 0.1}},
                           loss={"type": "logistic"})
        self.write("table.csv", "x,kind\n" + "".join(f"{i % 5},{i / 4}\n" for i in range(60)))
        self.assertIn("data.target: it has 60 different values in 60 rows, which this loss takes for classes, too few rows of "
                      'each to split; numbers need the loss "l2"', self.run_program("check", "config.json", status=2).stderr)


class Slips(OtherFiles):
    def test_paths(self):
        self.write_example()
        done = self.run_program("train", "config", status=None)
        self.assertIn("chainrule: error: did you mean config.json?\n", done.stderr)
        self.run_program("train", "config.json", "-q")
        for arguments in (["eval", "config"], ["predict", "config", "table.csv"]):
            done = self.run_program(*arguments, status=None)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("chainrule: error: did you mean runs/config?\n", done.stderr)
        self.assertNotIn("did you mean", self.run_program("eval", "other", status=None).stderr)
        self.assertNotIn("did you mean", self.run_program("eval", "config.json", status=None).stderr)

    def test_columns_with_commas(self):
        self.write_example(data={"train": "wide.csv", "target": "kind"})
        self.write("wide.csv", "a,b,c,kind\n" + "".join(f"{i},{i % 5},{i % 3},{'ab'[i % 2]}\n" for i in range(30)))
        listed = self.run_program("check", "config.json", 'data.ignore=["a","c"]').stdout
        for text in ("a,c", "a, c", "0,c", "c,0"):
            self.assertEqual(self.run_program("check", "config.json", f"data.ignore={text}").stdout, listed)
        done = self.run_program("check", "config.json", "data.ignore=a,d", status=2)
        self.assertIn('unknown column "d"', done.stderr)
        self.assertIn("is there twice", self.run_program("check", "config.json", "data.ignore=a,a", status=2).stderr)
        self.write("wide.csv", 'a,"b,c",kind\n' + "".join(f"{i},{i % 5},{'ab'[i % 2]}\n" for i in range(30)))
        self.run_program("check", "config.json", "data.ignore=b,c")  # it is one name

    def test_a_key_that_is_missing_is_said_once(self):
        self.write_example(data={"train": "table.csv", "traget": "color"})
        done = self.run_program("check", "config.json", status=2)
        self.assertIn('did you mean "target"?', done.stderr)
        self.assertNotIn("this key is missing", done.stderr)


class Best(OtherFiles):
    def test_which_model_it_is(self):
        # one that gets worse: the best is that of the first epoch
        self.write_example(data={"train": "table.csv", "target": "kind", "validation": "new.csv"}, loss={"type": "l2"})
        self.write("table.csv", "x,kind\n" + "".join(f"{i},{9 * i}\n" for i in range(9)))
        self.write("new.csv", "x,kind\n" + "".join(f"{i},{-9 * i}\n" for i in range(9)))
        arguments = ["train", "config.json", "optimizer.learning_rate=0.001", "model.layers=[{\"type\":\"linear\"}]", "-o"]
        trained = self.run_program(*arguments, "run").stdout
        self.assertIn("after epoch 1, in best.safetensors; model.safetensors is the last epoch's\n", trained)
        said = "this is the model of the last epoch, 3; the best is that of epoch 1: chainrule eval run/best.safetensors\n"
        self.assertIn(said, self.run_program("eval", "run").stdout)
        self.assertNotIn("last epoch", self.run_program("eval", "run/best.safetensors").stdout)
        self.run_program("eval", "run/best.safetensors")
        trained = self.run_program(*arguments, "restored", "early_stopping.patience=5").stdout
        self.assertNotIn("last epoch", trained + self.run_program("eval", "restored").stdout)


class Quiet(OtherFiles):
    def test_says_where_a_further_run_went(self):
        self.write_example()
        said = [self.run_program("train", "config.json", "-q", *more).stderr for more in ([], [], ["-o", "x"], ["--json"])]
        self.assertEqual(said, ["", "chainrule: the run goes to runs/config-2\n", "", ""])


if __name__ == "__main__":
    main()
