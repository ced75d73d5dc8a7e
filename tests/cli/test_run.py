"""The script `run`: when it installs and builds, and when it only runs. Its tools are stand-ins that keep a diary."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, main  # noqa: E402

TOOLS = {
    # every package is there but those that the file "absent" names
    "dpkg-query": 'echo dpkg-query >>diary; shift 3; for p; do grep -qx "$p" absent 2>/dev/null || printf "%s=installed " "$p"; done',
    "apt-get": 'echo apt-get "$1" >>diary; : >absent',
    "sudo": 'exec "$@"',
    "meson": 'echo meson >>diary; mkdir -p build/meson-private; touch build/build.ninja build/meson-private/coredata.dat',
    "ninja": 'echo ninja "$3" >>diary; [ ! -f broken ] || { echo "a.c: error"; exit 1; }; for p in chainrule chainrule-f64; do '
             '[ "$3$p" = programchainrule-f64 ] || '
             '{ printf \'#!/bin/sh\\necho "%s" "$@"\\n\' "$(cat src/a.c)" >build/$p; chmod +x build/$p; }; done',
}


class Run(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = pathlib.Path(temporary.name)
        for folder in ("bin", "src/commands", "include", "tools", "tests"):
            (self.dir / folder).mkdir(parents=True)
        for name, text in TOOLS.items():
            self.write_script(f"bin/{name}", text)
        self.write_script("tests/run", 'echo tests "$@"')
        for name, text in {"src/a.c": "one", "src/b.c": "", "src/commands/exact.c": "    .in_float64 = true,\n", "meson.build": "", "meson_options.txt": "", "status": ""}.items():
            (self.dir / name).write_text(text)
        script = (ROOT / "run").read_text()
        self.assertEqual(script.count("/var/lib/dpkg/status"), 1)
        (self.dir / "run").write_text(script.replace("/var/lib/dpkg/status", str(self.dir / "status")))
        os.chmod(self.dir / "run", 0o755)

    def write_script(self, name, text):
        (self.dir / name).write_text(f"#!/bin/sh\n{text}\n")
        os.chmod(self.dir / name, 0o755)

    def run_script(self, *arguments, status=0, cwd=None):
        """What it printed and what it called."""
        diary = self.dir / "diary"
        diary.write_text("")
        time.sleep(0.02)  # a file system's clock ticks every few milliseconds
        script = os.path.relpath(self.dir / "run", cwd or self.dir)
        done = subprocess.run([script if "/" in script else f"./{script}", *arguments], cwd=cwd or self.dir, text=True,
                              capture_output=True, env={**os.environ, "PATH": f"{self.dir}/bin:/usr/bin:/bin"}, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        time.sleep(0.02)
        self.err = done.stderr
        return done.stdout, diary.read_text().split("\n")[:-1]

    CHECKED = ["dpkg-query", "ninja program"]

    def settle(self):
        self.run_script("x")
        self.assertEqual(self.run_script("x"), ("one x\n", []))

    def test_through_a_link(self):
        self.settle()
        os.mkdir(self.dir / "elsewhere")
        os.symlink("../run", self.dir / "elsewhere/relative")
        os.symlink(self.dir / "elsewhere/relative", self.dir / "elsewhere/link")
        done = subprocess.run([self.dir / "elsewhere/link", "a"], cwd="/", text=True, capture_output=True, timeout=60,
                              env={**os.environ, "PATH": f"{self.dir}/bin:/usr/bin:/bin"})
        self.assertEqual(done.stdout, "one a\n", done.stderr)

    def test_nothing_is_asked_when_nothing_changed(self):
        self.assertEqual(self.run_script("a", "b c"), ("one a b c\n", ["dpkg-query", "meson", "ninja program"]))
        self.assertEqual(self.run_script("a", "b c"), ("one a b c\n", []))
        self.assertEqual(self.run_script("a", cwd="/"), ("one a\n", []))
        self.assertIn("and of this script", self.run_script("--help")[0])

    def test_whatever_changes_is_built(self):
        self.settle()
        changes = [lambda: (self.dir / "src/a.c").write_text("two"), lambda: (self.dir / "include/new.h").write_text(""),
                   lambda: (self.dir / "src/b.c").unlink(), lambda: os.utime(self.dir / "meson.build"),
                   lambda: os.utime(self.dir / "meson_options.txt"), lambda: os.utime(self.dir / "run"),
                   lambda: (self.dir / "build/chainrule").unlink(),
                   lambda: os.utime(self.dir / "build/meson-private/coredata.dat")]
        for change in changes:
            change()
            self.assertEqual(self.run_script("x"), ("two x\n", self.CHECKED))
            self.assertEqual(self.run_script("x"), ("two x\n", []))

    def test_double_precision_is_built_for_who_needs_it(self):
        self.settle()
        for _ in range(2):
            self.assertEqual(self.run_script("exact"), ("one exact\n", ["dpkg-query", "ninja all"]))
            self.assertEqual(self.run_script("exact"), ("one exact\n", []))
            self.assertEqual(self.run_script("x"), ("one x\n", []))
            (self.dir / "build/chainrule-f64").unlink()
            self.assertEqual(self.run_script("x"), ("one x\n", []))
        self.run_script("exact")
        (self.dir / "src/a.c").write_text("two")
        self.assertEqual(self.run_script("x"), ("two x\n", self.CHECKED))
        self.assertEqual(self.run_script("exact"), ("two exact\n", ["dpkg-query", "ninja all"]))

    def test_another_commit(self):
        def git(*arguments):
            subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=self.dir, check=True,
                           capture_output=True)
        if not shutil.which("git"):
            self.skipTest("git is not installed")
        (self.dir / ".gitignore").write_text("build\ndiary\n")
        git("init", "-q", "-b", "one")
        git("add", ".")
        git("commit", "-q", "-m", "one")
        git("checkout", "-q", "-b", "two")
        (self.dir / "src/a.c").write_text("two")
        git("commit", "-q", "-a", "-m", "two")
        self.assertEqual(self.run_script()[0], "two\n")
        for branch in ("one", "two", "one"):
            git("checkout", "-q", branch)
            self.assertEqual(self.run_script()[0], f"{branch}\n")
            self.assertEqual(self.run_script(), (f"{branch}\n", []))

    def test_a_build_that_failed_is_tried_again(self):
        self.settle()
        (self.dir / "broken").write_text("")
        (self.dir / "src/a.c").write_text("two")
        for _ in range(2):
            self.assertEqual(self.run_script("x", status=1), ("", self.CHECKED))
            self.assertEqual(self.err, "a.c: error\n")
        (self.dir / "broken").unlink()
        self.assertEqual(self.run_script("x"), ("two x\n", self.CHECKED))
        self.assertEqual([p.name for p in (self.dir / "build").glob("began*")], [])

    def test_a_change_while_it_builds_is_built_the_next_time(self):
        self.settle()
        ninja = (self.dir / "bin/ninja").read_text()
        self.write_script("bin/ninja", f"{ninja}\nsleep 0.05; echo two >src/a.c")
        os.utime(self.dir / "src/b.c")
        self.assertEqual(self.run_script("x")[0], "one x\n")
        (self.dir / "bin/ninja").write_text(ninja)
        self.assertEqual(self.run_script("x"), ("two x\n", self.CHECKED))

    def test_packages_that_are_missing_are_installed_at_once(self):
        self.settle()
        (self.dir / "absent").write_text("libcjson-dev\nlibcsv-dev\n")
        os.utime(self.dir / "status")
        self.assertEqual(self.run_script("x"), ("one x\n", ["dpkg-query", "apt-get update", "apt-get install", "ninja program"]))
        self.assertEqual(self.err, "run: installing libcjson-dev libcsv-dev \n")
        self.assertEqual(self.run_script("x"), ("one x\n", []))
        os.utime(self.dir / "status", (1, 1))  # the build was brought to another machine
        self.assertEqual(self.run_script("x"), ("one x\n", self.CHECKED))

    def test_a_machine_without_packages_builds(self):
        (self.dir / "status").unlink()
        for tool in ("apt-get", "dpkg-query"):
            (self.dir / "bin" / tool).unlink()
        script = (self.dir / "run").read_text()
        (self.dir / "run").write_text(re.sub("command -v apt-get", "command -v no-such-tool", script))
        self.assertEqual(self.run_script("x"), ("one x\n", ["meson", "ninja program"]))
        self.assertEqual(self.run_script("x"), ("one x\n", []))

    def test_tests_always_look(self):
        self.settle()
        for _ in range(2):
            out, called = self.run_script("test", "data/test_table")
            self.assertEqual((out, called), (f"tests {self.dir}/build data/test_table\n", ["dpkg-query", "ninja all"]))


if __name__ == "__main__":
    main()
