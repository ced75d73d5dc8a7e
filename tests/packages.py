"""Environments with packages of PyPI in pinned versions, for tests and for the scripts in bench/: a folder of the
project, made from a file of requirements, and made anew when that file has changed."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("CHAINRULE_ROOT", pathlib.Path(__file__).resolve().parent.parent))


def run(*command):
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode == 0, (done.stderr or done.stdout).strip()


def find_python(folder, requirements, say):
    """The interpreter of the environment ROOT / folder with the packages of ROOT / requirements, and "". Where it cannot be
    made, None and why."""
    folder, requirements = ROOT / folder, ROOT / requirements
    python, made_of = folder / "bin/python", folder / "requirements.txt"
    with open(requirements) as wanted:
        fcntl.flock(wanted, fcntl.LOCK_EX)  # tests run side by side
        if made_of.exists() and made_of.read_text() == requirements.read_text():
            return str(python), ""
        say(f"installing the packages of {requirements.relative_to(ROOT)} into {folder}; this takes minutes")
        maker = shutil.which("python3") or sys.executable
        good, text = run(maker, "-m", "venv", "--clear", folder)
        if good:
            good, text = run(python, "-m", "pip", "install", "--quiet", "-r", requirements)
        if not good:
            return None, text.splitlines()[-1] if text else "no message"
        made_of.write_text(requirements.read_text())
        return str(python), ""
