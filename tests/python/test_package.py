"""The package (python/), with the packages of PyPI that it is used with: its own tests, and its types by mypy."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import BUILD, ROOT, main  # noqa: E402


def say(text):
    print(text, file=sys.stderr, flush=True)


class Package(unittest.TestCase):
    def run_module(self, *command):
        python, why = packages.find_python("build-python", "tests/python/requirements.txt", say)
        if not python:
            self.skipTest(f"the packages of tests/python/requirements.txt cannot be installed: {why}")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        done = subprocess.run([python, "-m", *command], cwd=ROOT / "tests/python", capture_output=True, text=True, timeout=1200,
                              env={**environment, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1",
                                   "CHAINRULE_LIBRARY": str(BUILD / "libchainrule.so")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_package(self):
        self.assertRegex(self.run_module("pytest", "-q", "-p", "no:cacheprovider", "check_package.py"), r"\d+ passed")

    def test_types(self):
        self.run_module("mypy", "--cache-dir=/dev/null", "--ignore-missing-imports", str(ROOT / "python/chainrule"))

    def test_versions_agree(self):
        for file, line in (("meson.build", "version: '0.1.0'"), ("python/meson.build", "version: '0.1.0'"),
                           ("python/chainrule/_library.py", 'VERSION = "0.1.0"')):
            self.assertIn(line, (ROOT / file).read_text(), file)


if __name__ == "__main__":
    main()
