"""Packages of PyPI and npm in pinned versions, for tests and for the scripts in bench/: folders of the project, each made
from a file that lists what is in it, and made anew when that file has changed."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("CHAINRULE_ROOT", pathlib.Path(__file__).resolve().parent.parent))


def run(*command):
    done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode == 0, (done.stderr or done.stdout).strip()


def make(folder, wanted, commands, say):
    """Runs the commands that fill ROOT / folder with the packages that ROOT / wanted lists, unless that is done; the reason
    where they fail, else ""."""
    folder, wanted = ROOT / folder, ROOT / wanted
    made_of = folder / wanted.name
    with open(wanted) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run side by side
        if made_of.exists() and made_of.read_text() == wanted.read_text():
            return ""
        say(f"installing the packages of {wanted.relative_to(ROOT)} into {folder}; this takes minutes")
        for command in commands:
            good, text = run(*command)
            if not good:
                return text.splitlines()[-1] if text else "no message"
        made_of.write_text(wanted.read_text())
    return ""


def find_python(folder, requirements, say):
    """The interpreter of an environment with packages of PyPI, and ""; where it cannot be made, None and why."""
    python = ROOT / folder / "bin/python"
    why = make(folder, requirements, [
        [shutil.which("python3") or sys.executable, "-m", "venv", "--clear", ROOT / folder],
        [python, "-m", "pip", "install", "--quiet", "-r", ROOT / requirements]], say)
    return (None, why) if why else (str(python), "")


def find_node_modules(folder, manifest, say):
    """A folder node_modules with packages of npm, and ""; where it cannot be made, None and why."""
    if not shutil.which("npm"):
        return None, "npm is not installed"
    target = ROOT / folder
    target.mkdir(exist_ok=True)
    why = make(folder, manifest, [
        ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", target,
         *(f"{name}@{version}" for name, version in json.loads((ROOT / manifest).read_text())["dependencies"].items())]], say)
    return (None, why) if why else (str(target / "node_modules"), "")
