"""chainrule report: pages of what is damaged, odd or very large, and pages that cannot be written."""

import csv
import io
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import CONFIG, ENVIRONMENT, PROGRAM, main  # noqa: E402
from test_report import ReportTest  # noqa: E402

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


if __name__ == "__main__":
    main()
