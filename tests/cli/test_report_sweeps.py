"""chainrule report: pages about sweeps and about several runs, as data and in a browser."""

import csv
import io
import json
import pathlib
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import ENVIRONMENT, PROGRAM, main  # noqa: E402
from test_report import EVIL, Browser, Page, ReportTest  # noqa: E402

RATE, UNITS = "optimizer.learning_rate", "model.layers.0.units"
RATES, SIZES = [0.001, 0.01, 0.1, 3e38], [2, 4, 8]


class SweepTest(ReportTest):
    def sweep(self, section, directory="out", status=0, **more):
        self.write_example(sweep={"metric": "validation_loss", **section}, **more)
        self.run_program("sweep", "config.json", "-q", "-o", directory, status=status)

    def write_grid(self, repeats=2):
        """Twelve settings, of which those of the last learning rate diverge."""
        self.sweep({"repeats": repeats, "parameters": {RATE: {"values": RATES}, UNITS: {"values": SIZES}}},
                   training={"epochs": 5, "batch_size": 4})

    def query(self, sql, directory="out"):
        database = sqlite3.connect(self.dir / directory / "sweep.db")
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def page_of(self, *directories):
        return self.report(*(directories or ["out"])).data


class Data(SweepTest):
    def test_settings_are_those_that_runs_ranks(self):
        self.write_grid()
        sweep = self.page_of()["sweeps"][0]
        ranked = json.loads(self.run_program("runs", "out", "--format", "json").stdout)["settings"]
        self.assertEqual(len(ranked), 12)
        paths = [p["path"] for p in sweep["parameters"]]
        for i, row in enumerate(ranked):
            self.assertEqual((sweep["settings"]["value"][i], sweep["settings"]["deviation"][i]), (row["mean"], row["standard_deviation"]))
            self.assertEqual({path: sweep["values"][k][i] for k, path in enumerate(paths)}, row["parameters"])
            self.assertEqual([sweep["settings"][key][i] for key in ("count", "diverged", "failed", "epochs", "time_s", "tied")],
                             [row[key] for key in ("trials", "diverged", "failed", "epochs", "time_s", "tied")])
        self.assertEqual((sweep["state"], sweep["trials"], sweep["done"], sweep["failed"]), ("completed", 24, 24, 0))

    def test_trials_are_those_of_the_database(self):
        self.write_grid()
        sweep = self.page_of()["sweeps"][0]
        rows = self.query("SELECT trial, seed, fold, status, value, epochs, time_s, ended_s, setting FROM trials ORDER BY trial")
        runs = sweep["runs"]
        found = sorted(zip(runs["trial"], runs["seed"], runs["fold"], (sweep["statuses"][s] for s in runs["status"]), runs["value"],
                           runs["epochs"], runs["time_s"], runs["ended_s"], (sweep["settings"]["setting"][p] for p in runs["place"])))
        self.assertEqual(found, rows)
        self.assertEqual(sorted(map(tuple, sweep["errors"])), self.query("SELECT trial, error FROM trials WHERE error NOT NULL ORDER BY trial"))
        self.assertEqual(len(sweep["errors"]), 6)

    def test_curves_are_those_of_the_database(self):
        self.write_grid(repeats=1)
        curves = self.page_of()["sweeps"][0]["curves"]
        self.assertEqual((curves["metric"], curves["epochs"]), ("validation_loss", [1, 2, 3, 4, 5]))
        for best in curves["best"]:
            rows = self.query(f"SELECT validation_loss FROM metrics WHERE trial = {best['trial']} ORDER BY epoch")
            self.assertEqual(best["values"], [row[0] for row in rows])
        self.assertEqual(len(curves["best"]), 9)
        for k, share in enumerate(curves["shares"]):
            for i, epoch in enumerate(curves["epochs"]):
                values = [row[0] for row in self.query(
                    f"SELECT validation_loss FROM metrics WHERE epoch = {epoch} AND validation_loss NOT NULL ORDER BY 1")]
                below = sum(v < curves["levels"][k][i] * (1 - 1e-4) for v in values)
                self.assertLessEqual(abs(below - share * (len(values) - 1)), 0.5 + 1e-9)
        self.sweep({"metric": "validation_roc_auc", "parameters": {RATE: {"values": [0.1]}}}, "other",
                   log={"metrics": ["validation_roc_auc"]})
        self.assertEqual(self.page_of("other")["sweeps"][0]["curves"]["metric"], "validation_loss")

    def test_rungs(self):
        self.sweep({"method": "halving", "samples": 9, "parameters": {RATE: {"space": "loguniform", "lower": 0.001, "upper": 1}}},
                   training={"epochs": 9, "batch_size": 4})
        sweep = self.page_of()["sweeps"][0]
        self.assertEqual(list(map(tuple, sweep["rungs"])), self.query("SELECT trial, rung, epochs, value FROM rungs ORDER BY trial, rung"))
        self.assertEqual(len({rung[1] for rung in sweep["rungs"]}), 3)
        self.assertEqual(sum(sweep["settings"]["eliminated"]), 8)

    def test_what_cannot_be_read_is_said(self):
        self.write_grid(repeats=1)
        database = (self.dir / "out/sweep.db").read_bytes()
        for damaged in (b"", b"no database" * 1000, database[:5000], database[:4096] + b"\xff" * 4096 + database[8192:]):
            self.write("out/sweep.db", damaged)
            sweep = self.page_of()["sweeps"][0]
            self.assertEqual((sweep["name"], len(sweep["notes"])), ("out", 1))
            self.assertIn("out/sweep.db: ", sweep["notes"][0])

    def test_a_sweep_that_is_being_written(self):
        self.write_example(sweep={"parameters": {"seed": {"values": list(range(3000))}}}, training={"epochs": 300, "batch_size": 1})
        process = subprocess.Popen([PROGRAM, "sweep", "config.json", "-q", "-o", "out", "-j", "1"], cwd=self.dir, env=ENVIRONMENT,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not ((self.dir / "out/sweep.json").exists() and self.query("SELECT 1 FROM trials LIMIT 1")):
            time.sleep(0.05)
        for _ in range(5):
            sweep = self.page_of()["sweeps"][0]
            self.assertEqual((sweep["state"], sweep["trials"], sweep["notes"]), ("running", 3000, []))
            self.assertEqual(len(sweep["runs"]["trial"]), sum(sweep["settings"]["count"]))
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.page_of()["sweeps"][0]["state"], "interrupted")

    def test_page_at_the_end_of_a_sweep(self):
        self.write_example(sweep={"metric": "validation_loss", "parameters": {RATE: {"values": [0.1, 0.2]}}})
        done = self.run_program("sweep", "config.json", "-o", "out", "--report", "end.html")
        self.assertIn("end.html is the page to look at\n", done.stdout)
        sweep = Page(self.dir / "end.html").data["sweeps"][0]
        self.assertEqual((sweep["state"], sweep["done"], sweep["notes"]), ("completed", 2, []))
        self.run_program("sweep", "config.json", "-q", "-o", "out", "--report", "none/end.html", status=1)
        message = self.run_program("sweep", "config.json", "-q", "-o", "other", "--report", "table.csv", status=2).stderr
        self.assertIn("table.csv: that is a file that the config names", message)
        self.assertFalse((self.dir / "other").exists())

    def test_runs_and_sweeps_together(self):
        self.write_grid(repeats=1)
        self.write_example()
        self.train()
        data = self.page_of("run", "out")
        self.assertEqual(([run["name"] for run in data["runs"]], [sweep["name"] for sweep in data["sweeps"]]), (["run"], ["out"]))
        (self.dir / "all").mkdir()
        for name in ("run", "out"):
            (self.dir / name).rename(self.dir / "all" / name)
        data = self.page_of("all")
        self.assertEqual((len(data["runs"]), len(data["sweeps"])), (1, 1))


class InABrowser(SweepTest):
    @classmethod
    def tearDownClass(cls):
        Browser.stop()

    def visit(self, *steps, page="page.html", **wanted):
        answer = Browser.visit(self.dir / page, *steps, **wanted)
        self.assertEqual((answer["console"], answer["requests"], answer["wider"]), ([], [], 0))
        return answer["results"]

    COLUMN = ("[...document.querySelectorAll('table.settings tbody tr')].map(r => r.children[{}].textContent)")
    STATUS = "document.querySelector('[role=status]').textContent"

    def type_filter(self, column, text):
        return ["eval", f"(() => {{ const i = document.querySelectorAll('table.settings input')[{column}]; i.value = {json.dumps(text)};"
                f" i.dispatchEvent(new Event('input')); return [{self.STATUS}, i.getAttribute('aria-invalid')]; }})()"]

    def test_sort_and_filter(self):
        self.write_grid(repeats=1)
        self.report("out")
        values = [row[0] for row in self.query("SELECT value FROM trials WHERE value NOT NULL ORDER BY value")]
        head = "table.settings thead tr:first-child th:nth-child({}) button".format
        first, _, _, again, rates, few, none, bad, rest = self.visit(
            ["eval", self.COLUMN.format(1)], ["click", head(2)], ["click", head(2)], ["eval", self.COLUMN.format(1)],
            ["eval", self.COLUMN.format(2)], self.type_filter(2, "0.01 .. 0.1"), self.type_filter(3, ">= 100"),
            self.type_filter(3, "?"), self.type_filter(3, "8"))
        self.assertEqual([float(v) for v in first[:9]], values)
        self.assertEqual(first[9:], ["none"] * 3)
        self.assertEqual([float(v) for v in again[:9]], values[::-1])
        self.assertEqual({float(v) for v in rates[9:]}, {3e38})
        self.assertEqual(few, ["1 to 6 of 6 settings, of 12 in all", "false"])
        self.assertEqual(none, ["0 settings, of 12 in all", "false"])
        self.assertEqual(bad, ["1 to 6 of 6 settings, of 12 in all", "true"])
        self.assertEqual(rest, ["1 to 2 of 2 settings, of 12 in all", "false"])

    def test_page_has_what_the_database_has(self):
        self.write_grid()
        self.report("out")
        best = json.loads(self.run_program("runs", "out", "--format", "json").stdout)["settings"][0]
        tile, saved, failures, paths, table = self.visit(
            ["text", ".tiles .tile:first-child dd small"], ["download", "#sweep0-settings .controls button:last-of-type"],
            ["text", "#sweep0-failures tbody"], ["eval", "document.querySelectorAll('#sweep0-parameters figure svg .points').length"],
            ["download", "#sweep0-best figure .tools button"])
        rows = list(csv.DictReader(io.StringIO(table["text"])))
        self.assertEqual([(float(row["validation_loss"]), float(row["standard deviation"])) for row in rows][:1],
                         [(best["mean"], best["standard_deviation"])])
        self.assertEqual(len(rows), 9)
        self.assertEqual(float(tile), best["mean"])
        rows = list(csv.DictReader(io.StringIO(saved["text"])))
        self.assertEqual((saved["name"], len(rows)), ("out.csv", 12))
        self.assertEqual((float(rows[0]["validation_loss"]), float(rows[0][RATE])), (best["mean"], best["parameters"][RATE]))
        self.assertIn("became NaN or infinite", failures)
        self.assertGreater(paths, 0)

    def test_best_so_far(self):
        self.write_grid(repeats=1)
        self.report("out")
        [saved] = self.visit(["download", "#sweep0-progress figure .tools button"])
        best, rows = float("inf"), list(csv.DictReader(io.StringIO(saved["text"])))
        for (trial, value), row in zip(self.query("SELECT trial, value FROM trials ORDER BY ended_s, trial"), rows):
            best = min(best, value if value is not None else best)
            self.assertEqual((int(row["trial"]), row["value"]), (trial, "" if value is None else row["value"]))
            self.assertEqual(row["best so far"], "" if best == float("inf") else row["best so far"])
            if best < float("inf"):
                self.assertEqual(float(row["best so far"]), best)

    def test_looks_and_reading_aloud(self):
        """Nothing is wider than the window, nothing that axe-core finds, in both colours; and paper has all."""
        self.write_grid()
        self.report("out")
        for scheme in ("light", "dark"):
            for width in (360, 1280):
                found, pdf = self.visit(["axe"], ["pdf"], width=width, scheme=scheme)
                self.assertEqual(found, [], (scheme, width))
                self.assertGreater(len(pdf), 10000)

    def test_paper_says_how_many_settings_it_has(self):
        self.sweep({"method": "random", "samples": 30, "parameters": {RATE: {"space": "uniform", "lower": 0.1, "upper": 0.2}}})
        self.report("out")
        buttons = "[...document.querySelectorAll('.controls button')].filter(b => b.offsetWidth > 0).length"
        _, settings, left = self.visit(["media", "print"], ["text", "#sweep0-settings"], ["eval", buttons])
        self.assertIn("1 to 25 of 30 settings", settings)
        self.assertEqual(left, 0)

    def test_words_say_what_was_done(self):
        """Of each method, and of one setting, and the page alone repeats it."""
        for method, said in (("grid", "on a grid"), ("random", "drawn at random"), ("halving", "halving"), ("asha", "asha"),
                             ("tpe", "Parzen")):
            values = {"values": [0.1, 0.2]} if method == "grid" else {"space": "uniform", "lower": 0.1, "upper": 0.2}
            self.sweep({"method": method, "parameters": {RATE: values}, **({} if method == "grid" else {"samples": 3})}, method)
            self.report(method)
            [words] = self.visit(["text", ".words"])
            self.assertIn(said, words)
            self.assertIn("learning_rate (0.1", words)
            self.assertIn("table.csv", words)
        self.sweep({"repeats": 3}, "one")
        self.report("one")
        words, _, saved, commands = self.visit(["text", ".words"], ["click", "#sweep0-repeat summary"],
                                               ["download", "#sweep0-repeat button"], ["text", "#sweep0-repeat .commands"])
        self.assertIn("1 setting, each over 3 seeds", words)
        self.assertRegex(words, r"Its validation_loss is [\d.]+ ± [\d.]+ \(mean ± standard deviation of 3 trials\)")
        self.assertNotIn("No other setting", words)
        self.write(saved["name"], saved["text"])
        [again] = [line.split() for line in commands.splitlines() if line.startswith("chainrule sweep ")]
        self.run_program(*again[1:], "-q")
        sql = "SELECT trial, seed, value FROM trials ORDER BY trial"
        self.assertEqual(self.query(sql, "again"), self.query(sql, "one"))

    def test_words_know_the_overrides(self):
        self.write_example(sweep={"metric": "validation_loss", "method": "random", "samples": 6, "parameters": {
            UNITS: {"space": "logint", "lower": 60, "upper": 70}}})
        shutil.copy(self.dir / "table.csv", self.dir / "other.csv")
        self.run_program("sweep", "config.json", "-q", "-o", "out", "training.epochs=3", "data.train=other.csv",
                         'optimizer={"type": "adam", "learning_rate": 0.01}')
        self.report("out")
        ticks = "[...document.querySelectorAll('#sweep0-parameters .axis:first-of-type text')].filter(t => t.textContent).length"
        words, named, commands = self.visit(["text", ".words"], ["eval", ticks], ["text", "#sweep0-repeat .commands"])
        [sweep] = [shlex.split(line) for line in commands.splitlines() if line.startswith("chainrule sweep ")]
        self.assertEqual(json.loads(sweep[5].removeprefix("optimizer=")), {"type": "adam", "learning_rate": 0.01})
        self.run_program(*sweep[1:2], "config.json", *sweep[3:], "-q")
        self.assertEqual(*(self.query("SELECT value FROM trials ORDER BY trial", name) for name in ("out", "again")))
        self.assertIn("on other.csv", words)
        self.assertIn("for at most 3 epochs", words)
        self.assertGreater(named, 2)  # also of a range that is no decade

    def test_the_best_setting_is_repeated_alone(self):
        self.write_grid()
        self.report("out")
        [best, *_] = json.loads(self.run_program("runs", "out", "--format", "json").stdout)["settings"]
        _, saved, commands = self.visit(["click", "#sweep0-repeat summary"], ["download", "#sweep0-repeat button"],
                                        ["text", "#sweep0-repeat .commands"])
        self.write(saved["name"], saved["text"])
        [train] = [shlex.split(line) for line in commands.splitlines() if line.startswith("chainrule train ")]
        self.run_program(*train[1:], "-q")
        loss = json.loads((self.dir / "best/summary.json").read_text())["validation"]["loss"]
        rows = self.query("SELECT value, parameters FROM trials ORDER BY trial")
        self.assertEqual(loss, next(value for value, parameters in rows if json.loads(parameters) == best["parameters"]))
        self.assertIn(f"validation_loss {loss}, as its trial", commands)

    def test_points_lie_inside_of_their_figures(self):
        """Also those of one value, beside one another; and settings that diverged are on the map."""
        self.write_grid(repeats=1)
        self.report("out")
        inside = ("(() => { const svg = document.querySelector('#sweep0-pairs svg'), clip = svg.querySelector('clipPath rect').getBBox();"
                  " const points = [...svg.querySelectorAll('.points')].flatMap(p => [...(p.getAttribute('d') || '').matchAll("
                  "/M([\\d.-]+),([\\d.-]+)/g)].map(m => [+m[1], +m[2]]));"
                  " return [points.length, points.filter(([x, y]) => x < clip.x + 4 || x > clip.x + clip.width - 4 || y < clip.y + 4 ||"
                  " y > clip.y + clip.height - 4).length, svg.querySelector('.without').getAttribute('d').split('M').length - 1]; })()")
        for width in (1280, 360):
            [found] = self.visit(["eval", inside], width=width)
            self.assertEqual(found, [9, 0, 3], width)

    def test_picking_a_setting(self):
        self.write_grid()
        self.report("out")
        figure = "#sweep0-parameters figure:first-of-type"
        drawn = f"document.querySelector('{figure} .points[stroke=\"var(--ink)\"]').getAttribute('d')"
        _, pressed, _, drawn, _, readout = self.visit(
            ["click", "table.settings tbody tr:nth-child(3) .pick"],
            ["eval", "[...document.querySelectorAll('.pick')].map(b => b.getAttribute('aria-pressed'))"],
            ["eval", f"document.querySelector('{figure}').scrollIntoView()"],
            ["eval", f"new Promise(r => setTimeout(() => r({drawn}), 300))"],
            ["press", f"{figure} svg[tabindex]", "ArrowRight"], ["text", f"{figure} .readout"])
        self.assertEqual(pressed.count("true"), 1)
        self.assertEqual(pressed[2], "true")
        self.assertRegex(drawn, r"^M[\d.]+,[\d.]+h0$")
        self.assertRegex(readout, r"validation_loss [\d.]+[\s\S]*rank 1: ")

    def test_hostile_texts(self):
        self.write_grid(repeats=1)
        database = sqlite3.connect(self.dir / "out/sweep.db")
        for trial, text in enumerate(EVIL):
            database.execute("UPDATE trials SET error = ?, value = NULL, status = 'failed', parameters = ? WHERE trial = ?",
                             (text, json.dumps({RATE: 0.1, UNITS: text}), trial))
        database.commit()
        database.close()
        page = self.report("out")
        self.assertEqual([tag for tag, _ in page.tags if tag == "img"], [])
        words = self.visit(["text", "#sweep0-settings table tbody"], ["text", "#sweep0-failures tbody"], width=360)
        self.assertIn("<script>alert(1)</script>", words[0])
        self.assertIn("</script><img src=x onerror=alert(2)>", words[1])

    def test_several_runs(self):
        self.write_example()
        for i, rate in enumerate((0.1, 0.2, 0.3)):
            self.run_program("train", "config.json", "-q", "-o", f"run{i}", f"{RATE}={rate}", "training.epochs=10")
        self.report("run0", "run1", "run2")
        heads, rates, losses, lines = self.visit(
            ["eval", "[...document.querySelectorAll('#all-table thead th')].map(t => t.textContent)"], ["eval", self.COLUMN.format(6)],
            ["eval", self.COLUMN.format(4)], ["eval", "document.querySelectorAll('#all-curves figure:first-of-type path.curve').length"])
        self.assertEqual(heads[:7], ["run", "state", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate"])
        self.assertEqual([float(rate) for rate in rates], [0.1, 0.2, 0.3])
        self.assertEqual([float(loss) for loss in losses],
                         [json.loads((self.dir / f"run{i}/summary.json").read_text())["validation"]["loss"] for i in range(3)])
        self.assertEqual(lines, 3)


if __name__ == "__main__":
    main()
