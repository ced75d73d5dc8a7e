"""The other programs that scripts in bench/ compare with: the packages of bench/requirements.txt in an environment of
their own, build-peers/, which is made when it is missing or the file has changed; Debian's where PyPI cannot be
reached. And workers in C and C++, for libraries that are installed."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
import packages  # noqa: E402

FOLDER = ROOT / "build-peers"
DEBIAN = "/usr/bin/python3"
NATIVE = {  # source, compiler with options, libraries, Debian's packages
    "fann": ("fann.c", ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L"], ["-lfloatfann", "-lm"], "libfann-dev"),
    "tiny-dnn": ("tiny_dnn.cpp", ["g++", "-std=c++14", "-fopenmp", "-w"], [],
                 "tiny-dnn libcereal-dev libgemmlowp-dev libstb-dev"),
}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def find_python():
    """The interpreter of the environment, which is made if need be."""
    python, why = packages.find_python(FOLDER.name, "bench/requirements.txt", say)
    if not python:
        say(f"they cannot be installed ({why}); Debian's packages run in their place")
    return python or DEBIAN


def enter():
    """Goes on in the environment, for scripts that import what is in it."""
    python = find_python()
    if python != DEBIAN and pathlib.Path(sys.prefix) != FOLDER:
        os.execv(python, [python, *sys.argv])


def compile_worker(name):
    """The path of a worker in C or C++; None where its library is not there."""
    source, compiler, libraries, debian = NATIVE[name]
    source, program = ROOT / "bench/peers" / source, FOLDER / "native" / name
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return str(program)
    shims = program.parent / "third_party"  # where tiny-dnn looks for what Debian has elsewhere
    shims.mkdir(parents=True, exist_ok=True)
    if not (shims / "stb").is_symlink():
        (shims / "stb").symlink_to("/usr/include/stb")
    try:
        good, text = packages.run(*compiler, "-O3", "-march=native", f"-I{program.parent}", source, "-o", program, *libraries)
    except FileNotFoundError:
        good, text = False, f"no {compiler[0]}"
    if not good:
        reason = next((line for line in text.splitlines() if "error" in line or "cannot" in line), text)
        say(f"{name} is not there (Debian: {debian}): {reason}")
    return str(program) if good else None


def version_of(name):
    """Debian's version of a worker's library; empty elsewhere."""
    package = NATIVE[name][3].split()[0] if name in NATIVE else name
    try:
        good, text = packages.run("dpkg-query", "-W", "-f", "${Version}", package)
    except FileNotFoundError:
        return ""
    return text.split("+")[0] if good else ""
