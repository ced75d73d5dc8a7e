"""Jobs of several ranks, for tests: the MPIs that are installed, starting, finding and ending what they start."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from program import BUILD, ENVIRONMENT, PROGRAM, ProgramTest

PATIENCE = 300  # seconds in which a job is done, however busy the machine
MPIS = [name for name in ("openmpi", "mpich")
        if shutil.which(f"mpirun.{name}") and (BUILD / f"chainrule-{name}.so").exists()]
RANK = {"openmpi": "OMPI_COMM_WORLD_RANK", "mpich": "PMI_RANK"}
# Open MPI asks for the first two where root runs it, and MPI itself leaks a little.
SETTINGS = {**ENVIRONMENT, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "ASAN_OPTIONS": "detect_leaks=0"}
needs_mpi = unittest.skipUnless(MPIS, "beside the program is no module of Open MPI or MPICH: neither is installed, or this build has sanitizers")


def processes(directory):
    """The processes of a job that works in the directory: rank -> {"rank": pid, "nursery": pid, "worker": pid}."""
    parents, of_rank = {}, {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if "(chainrule)" not in status.read_text() or os.readlink(status.parent / "cwd") != str(directory):
                continue
            rest = status.read_text().rpartition(")")[2].split()
            environment = (status.parent / "environ").read_text().split("\0")
        except OSError:  # it has just ended
            continue
        rank = [e.partition("=")[2] for e in environment if e.partition("=")[0] in RANK.values()]
        if rank and rest[0] != "Z":
            parents[int(status.parent.name)] = int(rest[1])
            of_rank[int(status.parent.name)] = int(rank[0])
    found = {}
    for pid, parent in parents.items():
        depth = 0
        while parent in parents:
            depth, parent = depth + 1, parents[parent]
        if depth < 3:
            found.setdefault(of_rank[pid], {})[("rank", "nursery", "worker")[depth]] = pid
    return found


class JobTest(ProgramTest):
    def job(self, mpi, ranks, *arguments):
        """The command that starts so many ranks of the program."""
        more = ["--oversubscribe"] if mpi == "openmpi" else []
        return [f"mpirun.{mpi}", *more, "-n", str(ranks), PROGRAM, *map(str, arguments)]

    def start(self, command):
        job = subprocess.Popen(command, cwd=self.dir, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=SETTINGS)
        self.addCleanup(self.end, job)
        return job

    def end(self, job):
        if job.poll() is None:
            job.kill()
        for rank in processes(self.dir).values():
            for pid in rank.values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        job.communicate()

    def finish(self, job):
        """(status, output). All of its processes are gone soon after it."""
        out, err = job.communicate(timeout=PATIENCE)
        deadline = time.time() + 10
        while processes(self.dir) and time.time() < deadline:
            time.sleep(0.02)
        self.assertEqual(processes(self.dir), {})
        return job.returncode, out + err


class HostsTest(JobTest):
    """Network namespaces stand for hosts: with an address, a name and a view of the disk of their own."""

    def setUp(self):
        super().setUp()
        if "openmpi" not in MPIS:
            self.skipTest("Open MPI is not installed with its headers")
        if not shutil.which("ip"):
            self.skipTest("ip (iproute2) is not installed")
        self.names = [f"crtest{os.getpid()}{end}" for end in "ab"]
        for name in self.names:
            self.addCleanup(subprocess.run, ["ip", "netns", "del", name], capture_output=True)
        a, b = self.names
        done = subprocess.run(f"""set -e
            for n in {a} {b}; do ip netns add $n; ip -n $n link set lo up; done
            ip -n {a} link add eth0 type veth peer name eth0 netns {b}
            ip -n {a} addr add 10.99.0.1/24 dev eth0; ip -n {b} addr add 10.99.0.2/24 dev eth0
            ip -n {a} link set eth0 up; ip -n {b} link set eth0 up
            unshare --mount --uts true""", shell=True, capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"namespaces are not allowed: {done.stderr.strip()}")

    def on_hosts(self, *arguments):
        """The command of two ranks, the second on a host that sees neither the config nor the data."""
        a, b = self.names
        place = tempfile.TemporaryDirectory()  # which both see, as Open MPI asks for it on both
        self.addCleanup(place.cleanup)
        agent = pathlib.Path(place.name) / "agent"
        hide = f"mkdir -p {self.dir}/empty && mount --bind {self.dir}/empty {self.dir}"
        agent.write_text(f"""#!/bin/sh
            while [ "${{1#-}}" != "$1" ]; do shift; done
            shift
            exec ip netns exec {b} unshare --mount --uts sh -c "hostname far; {hide}; cd /; $*"
            """.replace("            ", ""))
        agent.chmod(0o755)
        return ["ip", "netns", "exec", a, "unshare", "--uts", "sh", "-c", 'hostname near; exec "$@"', "sh",
                "mpirun.openmpi", "--mca", "plm_rsh_agent", str(agent), "--mca", "btl", "tcp,self",
                "--mca", "btl_tcp_if_include", "eth0", "--mca", "oob_tcp_if_include", "eth0",
                "--host", "10.99.0.1:1,10.99.0.2:1", "-n", "2", PROGRAM, *map(str, arguments)]
