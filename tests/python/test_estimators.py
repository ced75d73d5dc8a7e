"""The estimators (python/), in each environment that there is: scikit-learn of PyPI, and the system's."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import BUILD, ROOT, main  # noqa: E402

NEEDED = "import joblib, numpy, pytest, scipy, sklearn"


def say(text):
    print(text, file=sys.stderr, flush=True)


class Estimators(unittest.TestCase):
    def run_with(self, python, *command):
        done = subprocess.run([python, *command], cwd=ROOT / "tests/python", capture_output=True, text=True, timeout=1200, env={
            **os.environ, "PYTHONPATH": str(ROOT / "python"), "CHAINRULE_LIBRARY": str(BUILD / "libchainrule.so"),
            "PYTHONDONTWRITEBYTECODE": "1", "SCIPY_ARRAY_API": "1"})  # without which a check of scikit-learn skips
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check(self, python):
        out = self.run_with(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "check_estimators.py")
        self.assertRegex(out, r"\d+ passed")
        for example in sorted((ROOT / "python/examples").glob("*.py")):
            with self.subTest(example.stem):
                self.run_with(python, "-W", "error::FutureWarning", str(example))

    def test_newest(self):
        python, why = packages.find_python("build-python", "tests/python/requirements.txt", say)
        if not python:
            self.skipTest(f"the packages of tests/python/requirements.txt cannot be installed: {why}")
        self.check(python)

    def test_system(self):
        python = "/usr/bin/python3"
        if not shutil.which(python) or subprocess.run([python, "-c", NEEDED], capture_output=True).returncode:
            self.skipTest("/usr/bin/python3 lacks python3-sklearn or python3-pytest")
        self.check(python)


if __name__ == "__main__":
    main()
