"""What the tests of the program share: running it, and small files to run it on."""

import atexit
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("CHAINRULE_ROOT", pathlib.Path(__file__).parent.parent))
BUILD = pathlib.Path(os.environ.get("CHAINRULE_BUILD", ROOT / "build"))
PROGRAM = os.environ.get("CHAINRULE", str(BUILD / "chainrule"))
if "CHAINRULE_WRAPPER" in os.environ:  # such as valgrind: a script in the program's place
    wrapper = tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False)
    wrapper.write(f'#!/bin/sh\nexec {os.environ["CHAINRULE_WRAPPER"]} {PROGRAM} "$@"\n')
    wrapper.close()
    os.chmod(wrapper.name, 0o755)
    atexit.register(os.unlink, wrapper.name)
    PROGRAM = wrapper.name


def kills(usual):
    """How often a test kills that usually does so often. CHAINRULE_KILLS is 100 for that, and more or fewer in proportion."""
    return max(1, usual * int(os.environ.get("CHAINRULE_KILLS", "100")) // 100)


def find_data(file, *folders):
    """The folder of a data set that does not ship, by a file in it: where data/README.md says that it goes, or beside
    the project. Skips the test where it is missing."""
    places = [ROOT / "data", ROOT.parent / "shared" / "data"]
    for folder in (place / name for name in folders for place in places):
        if (folder / file).is_file():
            return folder
    raise unittest.SkipTest(f"{file} is not in {places[0] / folders[0]}; data/README.md says where it comes from")


def find_chromium():
    """Skips the test where there is none, or where what is looked at is the program's own code."""
    if "CHAINRULE_NO_BROWSER" in os.environ:
        raise unittest.SkipTest("sanitizers and coverage see nothing of a browser")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise unittest.SkipTest("chromium is not installed")
    return found


# a kernel that somebody's environment chose would earn a warning
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}

TABLE = """width,height,color
1,2,red
2,1,blue
3,5,red
0,4,blue
2,2,red
1,1,blue
4,3,red
2,6,blue
5,1,red
3,2,blue
"""

CONFIG = {
    "data": {"train": "table.csv", "target": "color", "validation": {"fraction": 0.4}},
    "model": {"layers": [{"type": "linear", "units": 4}, {"type": "relu"}, {"type": "linear"}]},
    "loss": {"type": "softmax"},
    "optimizer": {"type": "sgd", "learning_rate": 0.1},
    "training": {"epochs": 3, "batch_size": 4},
}


class ProgramTest(unittest.TestCase):
    """Every test has a directory of its own, in which the program runs."""

    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = pathlib.Path(temporary.name)

    def write(self, name, content):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return path

    def write_example(self, **sections):
        """config.json and table.csv; sections replace those of the example (None removes one)."""
        self.write("table.csv", TABLE)
        config = {k: v for k, v in {**CONFIG, **sections}.items() if v is not None}
        return self.write("config.json", config)

    def run_program(self, *arguments, status=0, input=None, env=None):
        """Runs it; status None: whatever it ends with."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, input=input, text=True,
                              capture_output=True, timeout=300, env={**ENVIRONMENT, **(env or {})})
        if status is not None:
            self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def files(self):
        return sorted(str(p.relative_to(self.dir)) for p in self.dir.rglob("*"))

    def train(self, *arguments):
        """Trains the example into run/ and returns its summary."""
        return json.loads(self.run_program("train", "config.json", "-q", "--json", "-o", "run", *arguments).stdout)


def main():
    result = unittest.main(argv=sys.argv[:1], verbosity=1, exit=False).result
    for test, reason in result.skipped:
        print(f"skipped {test.id().removeprefix('__main__.')}: {reason}", flush=True)
    sys.exit(not result.wasSuccessful())
