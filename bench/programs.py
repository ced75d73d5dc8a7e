"""The other programs of bench/compare: which are there, their settings, and workers that train in them."""

import functools
import json
import os
import re
import subprocess
import sys
import time

import environment
from environment import ROOT

PROGRAM = str(ROOT / "build/chainrule")
TITLES = {"torch": "PyTorch", "jax": "JAX", "numpy": "NumPy", "sklearn": "scikit-learn", "tiny-dnn": "tiny-dnn",
          "fann": "FANN"}
SETTINGS = {"torch": ["torch", "torch-foreach", "torch-compile", "torch-compile-max"], "jax": ["jax", "jax-scan"]}
IMAGE_SETTINGS = {"torch": ["torch", "torch-channels-last", "torch-compile", "torch-compile-channels-last"],
                  "numpy": [], "sklearn": [], "fann": []}
ON_ONE_THREAD = ["fann"]

SETTLING = 0.15  # seconds; the threads of OpenBLAS and of PyTorch spin for about 0.1 s behind their work


@functools.cache
def asked_for():
    """The environment without what forces a kernel, for all alike; and the kernel that chainrule asks for where
    Debian's OpenBLAS does not know the processor: all that use it get that one."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_"))}
    version = subprocess.run([PROGRAM, "--version"], check=True, text=True, capture_output=True, env=env).stdout
    asked = re.search(r"kernel (\w+) \(chosen by chainrule", version)
    return env, {"OPENBLAS_CORETYPE": asked[1]} if asked else {}


def variables(threads=None, debian=True):
    env, kernel = asked_for()
    env = env | (kernel if debian else {})
    if threads:
        env |= {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    return env


class Programs:
    """others: {name: path} of further workers."""

    def __init__(self, python, others):
        self.python = python or environment.find_python()
        self.debian = self.python == environment.DEBIAN
        self.workers = {name: path for name in environment.NATIVE if (path := environment.compile_worker(name))} | others
        modules = [name for name in TITLES if name not in environment.NATIVE]
        found = json.loads(self.run("-c", "import importlib.util as u, json, sys\n"
                                    "print(json.dumps({n: __import__(n).__version__ for n in sys.argv[1:] if u.find_spec(n)}))",
                                    *modules).stdout)
        for name in modules:
            if name not in found:
                environment.say(f"{TITLES[name]} is not there")
        self.versions = {name: found[name].split("+")[0] for name in modules if name in found}
        self.versions |= {name: environment.version_of(name) for name in self.workers}
        self.titles = {name: TITLES.get(name, name) for name in [*TITLES, *others] if name in self.versions}
        self.skipped = [] if "torch" in found and not found["torch"].startswith("1.") else ["compile"]

    def run(self, *arguments, threads=None):
        return subprocess.run([self.python, *map(str, arguments)], check=True, text=True, capture_output=True,
                              env=variables(threads, self.debian))

    def settings(self, network):
        """[(peer, setting)] for this network."""
        own = SETTINGS if "-" in network and network[0].isdigit() else IMAGE_SETTINGS
        return [(name, setting) for name in self.titles for setting in own.get(name, [name])
                if not any(word in setting for word in self.skipped)]

    def describe(self):
        return ", ".join(f"{title} {self.versions[name]}".strip() for name, title in self.titles.items())


class Worker:
    """A program with its libraries loaded that trains when told to: bench/peers/worker.py says how."""

    def __init__(self, programs, name, threads):
        self.name, own = name, programs.workers.get(name)
        command = [own] if own else [programs.python, str(ROOT / "bench/peers/worker.py"), name]
        self.process = subprocess.Popen([*command, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=variables(threads, programs.debian or own is not None))

    def ask(self, *words):
        """The numbers of the answer; None: it cannot do that."""
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"bench/compare: {self.name} ended at \"{' '.join(map(str, words))}\"")
        return None if answer.startswith("no") else [float(word) for word in answer.split()]

    def speed(self, network, batch, rows, seconds):
        time.sleep(SETTLING)
        answer = self.ask("speed", network, batch, rows, seconds)
        return answer and answer[0]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
