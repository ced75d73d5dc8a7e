"""chainrule report: pages about runs and sweeps."""

import csv
import html.parser
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402


class Page(html.parser.HTMLParser):
    """The page's data, and the tags of its markup."""

    def __init__(self, path):
        super().__init__()
        self.inside, self.data, self.tags = False, "", []
        self.text = pathlib.Path(path).read_text(encoding="utf-8")
        self.feed(self.text)
        self.data = json.loads(self.data)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = ("id", "chainrule-data") in attributes

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, text):
        self.data += text if self.inside else ""


class Data(ProgramTest):
    """What a page holds, without a browser."""

    def test_numbers_are_those_of_the_files(self):
        self.write_example()
        self.train()
        self.run_program("report", "run", "-o", "page.html")
        run = Page(self.dir / "page.html").data["runs"][0]
        rows = list(csv.DictReader(open(self.dir / "run/metrics.csv")))
        self.assertEqual(run["metrics"]["rows"], len(rows))
        for name, values in zip(run["metrics"]["columns"], run["metrics"]["values"]):
            self.assertEqual(values, [float(row[name]) for row in rows], name)
        self.assertEqual({*run["metrics"]["columns"], "parameters_crc32"}, {*rows[0]})
        self.assertEqual(run["summary"], json.load(open(self.dir / "run/summary.json")))
        self.assertEqual(run["config"], json.load(open(self.dir / "run/config.json")))


if __name__ == "__main__":
    main()
