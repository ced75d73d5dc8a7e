"""chainrule report: pages of what is damaged, odd or very large, and pages that cannot be written."""

import csv
import io
import json
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import CONFIG, ENVIRONMENT, PROGRAM, main  # noqa: E402
from test_report import Browser, ReportTest  # noqa: E402

# what HTML must not hold: control characters, and code points that are no characters
NO_CHARACTERS = ["\x01", "\x7f", "\x85", "\x9b", "\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010fffe"]


class Limits(ReportTest):
    def write_names(self, names):
        """A table whose classes have these names, and a config of it."""
        out = io.StringIO()
        csv.writer(out).writerows([["a", "b", "kind"]] + [[i * 7 % 11, i * 5 % 13, names[i % len(names)]] for i in range(10 * len(names))])
        self.write("table.csv", out.getvalue())
        self.write("config.json", {**CONFIG, "data": {**CONFIG["data"], "train": "table.csv", "target": "kind", "max_line": 100000}})


class Data(Limits):
    def test_no_page_is_left_where_there_is_no_room(self):
        self.write_example()
        self.train()
        self.assertIn("error: /dev/full: cannot write: No space left on device",
                      self.run_program("report", "run", "-o", "/dev/full", status=1).stderr)
        self.write("page.html", "the page before")

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

        before = self.files()
        done = subprocess.run([PROGRAM, "report", "run", "-o", "page.html"], cwd=self.dir, env=ENVIRONMENT, capture_output=True,
                              text=True, preexec_fn=limit)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", "chainrule: error: page.html: cannot write: File too large\n"))
        self.assertEqual(((self.dir / "page.html").read_text(), self.files()), ("the page before", before))

    def test_a_directory_is_shown_once(self):
        self.write_example()
        self.train()
        (self.dir / "link").symlink_to("run")
        (self.dir / "self").symlink_to(".")
        for directories, path in ((["run", "run"], "run"), (["run/", "./run", "link"], "run/"), ([".", "run", "self"], "./link")):
            self.assertEqual([run["path"] for run in self.report(*directories).data["runs"]], [path])

    def test_a_config_beside_runs_is_no_run(self):
        self.write_example()
        self.assertEqual(self.report(".").data["runs"][0]["state"], "")
        self.train()
        self.assertEqual([run["name"] for run in self.report(".").data["runs"]], ["run"])

    def test_a_summary_that_cannot_be_read_is_said(self):
        self.write_example()
        self.train()
        (self.dir / "run/summary.json").unlink()
        (self.dir / "run/summary.json").mkdir()
        self.assertRegex("\n".join(self.report("run").data["runs"][0]["notes"]), "summary.json: it is a directory")

    def test_what_is_no_character_is_escaped(self):
        names = [f"a{c}b" for c in NO_CHARACTERS]
        self.write_names(names)
        self.train()
        page = self.report("run")
        self.assertEqual(sorted(page.data["runs"][0]["classes"]["names"]), sorted(names))
        self.assertEqual([c for c in NO_CHARACTERS if c in page.text], [])

    def test_texts_of_a_database_that_are_not_what_they_were(self):
        """Ranges of other kinds, and parameters that are none, which say whose they are."""
        self.write_example(sweep={"parameters": {"optimizer.learning_rate": {"space": "loguniform", "lower": 0.1, "upper": 1}},
                                  "method": "random", "samples": 3})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        database = sqlite3.connect(self.dir / "out/sweep.db")
        self.addCleanup(database.close)
        section = database.execute("SELECT sweep FROM sweep").fetchone()[0]
        for other in ('{"space": 5, "lower": 1, "upper": 2}', '{"space": "loguniform", "lower": "a", "upper": []}', "[]", "5"):
            database.execute("UPDATE sweep SET sweep = ?", (f'{{"parameters": {{"optimizer.learning_rate": {other}}}}}',))
            database.commit()
            sweep = self.report("out").data["sweeps"][0]
            self.assertEqual((sweep["notes"], sweep["parameters"][0]["border"], len(sweep["runs"]["trial"])), ([], None, 3))
        database.execute("UPDATE sweep SET sweep = ?", (section,))
        for other, why in (("[1, 2]", "found no object"), ("5", "found no object"), ("{", "found the end")):
            database.execute("UPDATE trials SET parameters = ? WHERE trial = 1", (other,))
            database.commit()
            self.assertRegex(self.report("out").data["sweeps"][0]["notes"][0], f"parameters of trial 1.*{why}")

    def test_curves_of_long_trials_reach_the_end(self):
        """5,000 epochs, at equal distances, and the last."""
        self.write_example(sweep={"metric": "validation_loss", "parameters": {"optimizer.learning_rate": {"values": [0.1, 0.2]}}},
                           training={"epochs": 5000, "batch_size": 10})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        curves = self.report("out").data["sweeps"][0]["curves"]
        self.assertEqual((curves["epochs"][0], curves["epochs"][-1], curves["trials"], curves["all"]), (1, 5000, 2, True))
        self.assertLessEqual(len(curves["epochs"]), 201)
        self.assertEqual({b - a for a, b in zip(curves["epochs"], curves["epochs"][1:-1])}, {26})
        database = sqlite3.connect(self.dir / "out/sweep.db")
        self.addCleanup(database.close)
        for best in curves["best"]:
            values = dict(database.execute(f"SELECT epoch, validation_loss FROM metrics WHERE trial = {best['trial']}"))
            self.assertEqual(best["values"], [values[epoch] for epoch in curves["epochs"]])

    def test_columns_and_rows_that_are_gone(self):
        """What an older or a damaged database lacks is said, and never read as 0."""
        self.write_example(sweep={"metric": "validation_loss", "parameters": {"optimizer.learning_rate": {"values": [0.1, 0.2]}}})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        for sql, why in (("ALTER TABLE trials DROP COLUMN value", "no such column"), ("ALTER TABLE trials DROP COLUMN seed", "no such column"),
                         ("DROP TABLE rungs", "no such table: rungs"), ("DELETE FROM sweep", "there is no sweep in it")):
            shutil.copytree(self.dir / "out", self.dir / "other")
            database = sqlite3.connect(self.dir / "other/sweep.db")
            database.execute("DROP VIEW results")
            database.execute(sql)
            database.commit()
            database.close()
            self.assertRegex(self.report("other").data["sweeps"][0]["notes"][0], f"^other/sweep.db: .*{why}")
            if "rungs" not in sql:
                self.assertRegex(self.run_program("watch", "other", status=2).stderr, f"other/sweep.db: .*{why}")
            shutil.rmtree(self.dir / "other")

    def test_data_that_has_changed_is_said(self):
        self.write_example()
        shutil.copy(self.dir / "table.csv", self.dir / "test.csv")
        self.train("data.test=test.csv")
        self.assertEqual(self.report("run").data["runs"][0]["notes"], [])
        head, *rows = (self.dir / "test.csv").read_text().splitlines()
        swap = {"red": "blue", "blue": "red"}
        others = [f"{row.rsplit(',', 1)[0]},{swap[row.rsplit(',', 1)[1]]}" for row in rows]
        for changed, why in ((rows[:-1], "the test part had 10 examples and has 9 now"), (others, "the loss of the test part was")):
            self.write("test.csv", "\n".join([head, *changed]) + "\n")
            notes = self.report("run").data["runs"][0]["notes"]
            self.assertEqual(len(notes), 1)
            self.assertRegex(notes[0], f"changed since training: {why}")

    def test_many_long_names(self):
        """A thousand classes of 2,000 letters: each is cut, so that the page stays small."""
        self.write_names([f"class {i} " + "long " * 400 for i in range(1000)])
        self.train("training.epochs=1")
        page = self.report("run")
        names = page.data["runs"][0]["classes"]["names"]
        self.assertEqual((len(set(names)), {name[-1] for name in names}), (1000, {"…"}))
        self.assertLess(len(page.text), 1500000)


class InBrowser(Limits):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(Browser.stop)
        Browser.start()

    # all is on the screen once: figures are drawn where they come into sight
    ALL = ["eval", """(async () => {
        document.querySelectorAll("details").forEach(d => { d.open = true; });
        for (let y = 0; y < document.body.scrollHeight; y += 700) {
            window.scrollTo(0, y);
            await new Promise(done => setTimeout(done, 10));
        }
        return [document.body.innerText.includes("could not be drawn"), document.body.scrollHeight];
    })()"""]

    def visit(self, *steps, **wanted):
        """Looks at all of the page first."""
        seen = Browser.visit(self.dir / "page.html", self.ALL, *steps, **wanted)
        self.assertEqual((seen["console"], seen["requests"], seen["wider"]), ([], [], 0))
        (failed, height), *results = seen["results"]
        self.assertFalse(failed)
        self.assertLess(height, 40000)
        return results

    def write_overflow(self, loss, targets):
        """A model whose outputs become infinite on half of its test part."""
        table = [f"{i % 7},{i % 5},{targets[i % len(targets)]}" for i in range(60)]
        self.write("table.csv", "\n".join(["a,b,t", *table]) + "\n")
        self.write("test.csv", "\n".join(["a,b,t", *(row if i % 2 else f"3e38,-3e38,{targets[0]}" for i, row in enumerate(table))]) + "\n")
        self.write("config.json", {**CONFIG, "data": {"train": "table.csv", "target": "t", "test": "test.csv"}, "loss": {"type": loss}, "optimizer": {"type": "sgd", "learning_rate": 0.001},
                                   "model": {"layers": [{"type": "linear", "units": 4}, {"type": "linear"}]}})

    def test_predictions_that_are_infinite(self):
        for loss, targets in (("l2", [1, 2, 3]), ("softmax", ["x", "y", "z"])):
            self.write_overflow(loss, targets)
            self.run_program("train", "config.json", "-q", "-o", loss)
            run = self.report(loss).data["runs"][0]
            self.assertRegex(run["notes"][0], "^importance: the loss of these examples is infinite")
            words = self.visit(["text", "main"])[0]
            if loss == "l2":
                lost = sum(v is None for v in run["values"]["list"][0]["said"])
                self.assertEqual(lost, 30)
                self.assertIn("30 predictions of 60 are infinite or no number, and not drawn.", words)

    def test_ten_thousand_inputs(self):
        """The strongest weights are drawn, and all are saved."""
        head = ",".join(f"c{j}" for j in range(10000))
        rows = [",".join(str((i * j) % 7) for j in range(10000)) + f",{'xy'[i % 2]}" for i in range(30)]
        self.write("table.csv", "\n".join([head + ",kind", *rows]) + "\n")
        self.write("config.json", {**CONFIG, "data": {"train": "table.csv", "target": "kind", "max_line": 1000000}})
        self.train()
        page = self.report("run")
        self.assertLess(len(page.text), 1500000)
        note, saved = self.visit(["text", "#run0-weights .note"], ["download", "#run0-weights figure .tools button"])
        self.assertIn("Of 10,000 inputs the 200 with the strongest weights are drawn", note)
        self.assertEqual(saved["text"].count("\n"), 10001)

    def test_a_thousand_parameters(self):
        """Those that matter are drawn, and all are saved."""
        count = 1000
        layers = [{"type": "linear", "units": 4}] + [{"type": "leaky_relu"} for _ in range(count - 1)] + [{"type": "linear"}]
        parameters = {f"model.layers.{i + 1}.negative_slope": {"space": "uniform", "lower": 0.9998, "upper": 0.9999} for i in range(count - 1)}
        parameters["optimizer.learning_rate"] = {"space": "loguniform", "lower": 1e-5, "upper": 0.1}
        self.write_example(model={"layers": layers}, training={"epochs": 3, "batch_size": 4},
                           sweep={"method": "random", "samples": 30, "metric": "train_loss", "parameters": parameters})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        page = self.report("out")
        self.assertLess(len(page.text), 4000000)
        figures, columns, note, saved = self.visit(
            ["eval", "[...document.querySelectorAll('#sweep0-parameters h3')].map(h => h.textContent)"],
            ["eval", "document.querySelectorAll('table.settings thead tr:first-child th').length"],
            ["text", "#sweep0-parameters"], ["download", "#sweep0-settings .controls button:last-of-type"])
        self.assertEqual((len(figures), columns), (40, 45))
        self.assertIn("learning_rate", figures)
        self.assertIn("Of 1,000 parameters these are the 40", note)
        self.assertEqual({len(row) for row in csv.reader(io.StringIO(saved["text"]))}, {1006})

    def test_drawings_that_scroll_are_accessible(self):
        """A best value at the end of its range, and more axes than fit side by side."""
        layers = [{"type": "linear", "units": 4}] + [{"type": "leaky_relu"} for _ in range(20)] + [{"type": "linear"}]
        parameters = {f"model.layers.{i + 1}.negative_slope": {"space": "uniform", "lower": 0.98, "upper": 0.99} for i in range(20)}
        self.write_example(model={"layers": layers}, training={"epochs": 1, "batch_size": 4}, optimizer={"type": "sgd", "learning_rate": 0.01},
                           sweep={"method": "random", "samples": 8, "metric": "validation_loss", "parameters": parameters})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        sweep = self.report("out").data["sweeps"][0]
        self.assertTrue(any(parameter["border"] for parameter in sweep["parameters"]))
        for width, scheme in ((1280, "light"), (360, "dark")):
            self.assertEqual(self.visit(["axe"], width=width, scheme=scheme), [[]])

    def test_two_thousand_words(self):
        """Of the values of a parameter so many have a tick as there is room for."""
        names = [f"name_{i}_" + "y" * (i % 30) for i in range(2000)]
        self.write_example(training={"epochs": 1, "batch_size": 10},
                           sweep={"metric": "validation_loss", "parameters": {"model.layers.1.name": {"values": names}}})
        self.run_program("sweep", "config.json", "-q", "-o", "out")
        self.report("out")
        [ticks] = self.visit(["eval", "document.querySelectorAll('#sweep0-parameters .tick').length"])
        self.assertLess(ticks, 60)

    def test_names_end_where_they_end(self):
        """Whatever direction a name is written in, the words around it stay in their order."""
        self.write_names(["\u202eleft", "\u05e9\u05dc\u05d5\u05dd", "\u2067open"])
        self.train()
        self.report("run")
        words, quoted, plain, headed = self.visit(
            ["text", ".words"], ["eval", "[...document.querySelectorAll('.words bdi')].length"],
            ["eval", "[...document.querySelectorAll('.words p')].filter(p => [...p.childNodes].some(n => n.nodeType === 3"
                     " && /[\u0590-\u05ff\u202a-\u202e\u2066-\u2069]/.test(n.data))).length"],
            ["eval", "document.querySelector('[data-cell=\"0,0\"]').dispatchEvent(new MouseEvent('click', {bubbles: true})),"
                     " document.querySelectorAll('.cell-examples h3 bdi').length"])
        self.assertIn("to tell 3 classes of “kind” apart (“", words)
        self.assertNotIn("[object", words)
        self.assertGreater(quoted, 4)
        self.assertEqual((plain, headed), (0, 2))

    def test_names_in_words_of_sweeps_end_where_they_end(self):
        """Those of metrics, which hold a class's; and a comment above a command is one line."""
        self.write_names(["\u202eleft", "two\nlines", "plain"])
        config = json.loads((self.dir / "config.json").read_text())
        for k, name in enumerate(("\u202eleft", "two\nlines")):
            metric = f"validation_precision_{name}"
            self.write("config.json", {**config, "log": {"metrics": [metric]}, "early_stopping": {"monitor": metric, "patience": 1}, "training": {"epochs": 20, "batch_size": 4},
                                       "sweep": {"metric": metric, "goal": "maximize", "parameters": {
                                           "optimizer.learning_rate": {"values": [0.1, 0.2]}}}})
            self.run_program("sweep", "config.json", "-q", "-o", f"out{k}")
            self.report(f"out{k}")
            words, plain, commands = self.visit(
                ["text", ".words"],
                ["eval", "[...document.querySelectorAll('.words p, .tiles dt, #sweep0-best td')].filter(p => [...p.childNodes].some(n => n.nodeType === 3"
                         " && /[\u0590-\u05ff\u202a-\u202e\u2066-\u2069]/.test(n.data))).length"],
                ["text", "#sweep0-repeat .commands"])
            self.assertIn("The best validation_precision_", words)
            self.assertEqual(plain, 0)
            self.assertRegex(commands, "the best setting alone: validation_precision_")
            self.assertEqual([line for line in commands.splitlines() if not line.startswith(("# ", "chainrule ")) and line], [])
            self.run_program("train", "config.json", "sweep=null", "-q", "-o", f"run{k}")
            self.report(f"run{k}")
            stopped, alone = self.visit(["text", ".words"], ["eval", "[...document.querySelectorAll('.words bdi')].map(b => b.textContent)"])
            self.assertIn("had not become better for 2 epochs", stopped)
            self.assertIn(metric.replace("_", " "), alone)

    def test_saved_drawings_are_xml(self):
        self.write_names([f"a{c}b" for c in NO_CHARACTERS] + ["\U0001f600" * 30])
        self.train()
        self.report("run")
        [saved] = self.visit(["download", "#run0-confusion figure .tools button:nth-of-type(2)"])
        xml.etree.ElementTree.fromstring(saved["text"])
        self.assertNotIn("\ufffd…", saved["text"])  # half a character

    def test_a_summary_of_another_kind(self):
        self.write_example()
        summary = self.train()
        for key, value in (("best", {}), ("best", "x"), ("best", {"epoch": None}), ("validation", 5), ("epochs", []), ("time_s", "long"),
                           ("blas", None), ("examples", 3), ("steps", {})):
            self.write("run/summary.json", {**summary, key: value, "not known yet": [None]})
            self.report("run")
            with self.subTest(key=key, value=value):
                self.visit()


if __name__ == "__main__":
    main()
