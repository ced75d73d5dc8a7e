"""The package (python/), with the packages of PyPI that it is used with: its own tests, its types by mypy, and pip."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import packages  # noqa: E402
from program import BUILD, ENVIRONMENT, ROOT, main  # noqa: E402


def say(text):
    print(text, file=sys.stderr, flush=True)


class Package(unittest.TestCase):
    def run_python(self, *arguments, **more):
        python, why = packages.find_python("build-python", "tests/python/requirements.txt", say)
        if not python:
            self.skipTest(f"the packages of tests/python/requirements.txt cannot be installed: {why}")
        done = subprocess.run([python, *arguments], cwd=ROOT / "tests/python", capture_output=True, text=True, timeout=1200, env={
            **ENVIRONMENT, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{pathlib.Path(python).parent}:{os.environ['PATH']}", "CHAINRULE_LIBRARY": str(BUILD / "libchainrule.so"),
            **more})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_package(self):
        self.assertRegex(self.run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", "check_package.py"), r"\d+ passed")

    def test_types(self):
        self.run_python("-m", "mypy", "--cache-dir=/dev/null", "--ignore-missing-imports", str(ROOT / "python/chainrule"))

    def test_pip_builds_and_bundles_the_library(self):
        with tempfile.TemporaryDirectory() as folder:
            self.run_python("-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--target", folder,
                            str(ROOT / "python"))
            installed = {"PYTHONPATH": folder, "CHAINRULE_LIBRARY": ""}
            out = self.run_python("-c", "from chainrule import _library, train; print(_library.find(), train('../../configs/iris.json'))",
                                  **installed)
            self.assertTrue(out.startswith(f"{folder}/chainrule/libchainrule.so <chainrule.Run: completed"), out)
            self.assertTrue(self.run_python("-m", "chainrule", "--version", **installed).startswith("chainrule 0.1.0"))

    def test_versions_agree(self):
        for file, line in (("meson.build", "version: '0.1.0'"), ("python/meson.build", "version: '0.1.0'"),
                           ("python/chainrule/_library.py", 'VERSION = "0.1.0"')):
            self.assertIn(line, (ROOT / file).read_text(), file)


if __name__ == "__main__":
    main()
