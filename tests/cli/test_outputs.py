"""Nothing overwrites a result: every command that writes, against every state of what it is to write to."""

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ENVIRONMENT, PROGRAM, ProgramTest, main  # noqa: E402

SWEEP = {"parameters": {"training.epochs": {"values": [1, 2]}}}
TRAIN, SWEEPS, RESUME = ("train", "config.json"), ("sweep", "config.json"), ("resume", "source", "training.epochs=4")
PREDICT, TRACE = ("predict", "source", "new.csv"), ("trace", "config.json")
DESCRIBE = ("describe", "table.csv")

# What each command says of each state of the directory or file behind -o: None is done, and nothing that was there is lost;
# a text is refused with it (exit status 2), and all is as it was.
NO_RUN = "it exists already, and is no run; choose another directory with -o\n"
RUN_IS_THERE, NO_SWEEP = "it exists already, and a run never overwrites another", "it exists already, and holds no sweep; choose another directory with -o\n"
DIRECTORY = "that is a directory; name a file, such as target/out"
NOT_ITS_OWN = "it is there already, and is not what would be written"  # a config may have been edited
TABLE = {
    #              train, resume -o        sweep                     predict, trace, describe
    "missing":    (None,                   None,                     None),
    "empty":      (None,                   None,                     DIRECTORY),
    "file":       (NO_RUN,                 NO_SWEEP,                 None),
    "foreign":    (NO_RUN,                 NO_SWEEP,                 DIRECTORY),
    "run":        (RUN_IS_THERE,           NO_SWEEP,                 DIRECTORY),
    "same sweep": (NO_RUN,                 None,                     DIRECTORY),
    "sweep":      (NO_RUN,                 "it holds another sweep", DIRECTORY),
    "link to a run": (RUN_IS_THERE,        NO_SWEEP,                 DIRECTORY),
}
COLUMNS = {TRAIN: 0, RESUME: 0, SWEEPS: 1, PREDICT: 2, TRACE: 2, DESCRIBE: 2}


class Outputs(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_example(sweep=SWEEP)
        self.write("new.csv", "width,height\n1,2\n")
        self.run_program("train", "config.json", "-q", "-o", "source")

    def make(self, state, name="target"):
        if state == "empty":
            (self.dir / name).mkdir()
        elif state == "file":
            self.write(name, "old")
        elif state == "foreign":
            self.write(f"{name}/notes.txt", "mine")
        elif state == "run":
            self.run_program("train", "config.json", "-q", "-o", name)
        elif state == "same sweep":
            self.run_program("sweep", "config.json", "-q", "-o", name)
        elif state == "sweep":
            self.run_program("sweep", "config.json", "seed=5", "-q", "-o", name)
        elif state == "link to a run":
            self.make("run", "linked")
            (self.dir / name).symlink_to("linked")

    def contents(self):
        return {p: p.read_bytes() for p in self.dir.rglob("*") if p.is_file() and p.name not in ("lock", "sweep.json")}

    def test_every_command_against_every_state(self):
        for state, row in TABLE.items():
            for command, column in COLUMNS.items():
                with self.subTest(state=state, command=command[0]):
                    self.tearDown()
                    self.setUp()
                    self.make(state)
                    before = self.contents()
                    message = NOT_ITS_OWN if state == "file" and command == DESCRIBE else row[column]
                    done = self.run_program(*command, "-o", "target", status=0 if message is None else 2)
                    if message is None:
                        if state == "file":  # as with any -o
                            before.pop(self.dir / "target")
                            self.assertNotEqual((self.dir / "target").read_text(), "old")
                        self.assertTrue((self.dir / "target").exists())
                        self.assertEqual({p: b for p, b in self.contents().items() if p in before}, before)
                    else:
                        self.assertIn(message, done.stderr)
                        self.assertEqual(self.contents(), before)

    def refuse(self, message, *command):
        before = self.contents()
        done = self.run_program(*command, status=2)
        self.assertIn(message, done.stderr)
        self.assertEqual(self.contents(), before)

    def test_inputs(self):
        (self.dir / "link.csv").symlink_to("new.csv")
        for path in ("new.csv", "./new.csv", "link.csv"):
            self.refuse(f"-o {path}: that is the file to predict, which would be lost; name another", *PREDICT, "-o", path)
        self.refuse("-o table.csv: that is a file that the config names, which would be lost", *PREDICT, "-o", "table.csv")
        self.refuse("-o table.csv: that is a file that the config names, which would be lost", *TRACE, "-o", "table.csv")
        self.refuse("-o config.json: that is the config, which would be lost", *TRACE, "-o", "config.json")
        self.refuse("-o table.csv: that is what is described, which would be lost", *DESCRIBE, "-o", "table.csv")
        self.refuse("-o config.json: that is what is described, which would be lost", "describe", "config.json", "-o", "config.json")
        self.refuse("-o table.csv: that is a file that the config names, which would be lost", "describe", "config.json", "-o",
                    "table.csv")
        (self.dir / "copy.safetensors").write_bytes((self.dir / "source/model.safetensors").read_bytes())
        self.refuse("-o copy.safetensors: that is the model, which would be lost", "predict", "copy.safetensors", "new.csv", "-o",
                    "copy.safetensors")
        self.refuse("-o copy.safetensors: that is a file that the config names", *TRACE, "model.weights=copy.safetensors", "-o",
                    "copy.safetensors")

    def test_files_of_runs_and_sweeps(self):
        self.run_program("sweep", "config.json", "-q", "-o", "swept")
        names = [f"source/{n}" for n in ("model.safetensors", "best.safetensors", "metrics.csv", "config.json", "summary.json",
                                         "checkpoint-000000000006.safetensors", "checkpoint-1.safetensors")]
        names += ["swept/sweep.db", "swept/sweep.json", "swept/lock", "swept/best/model.safetensors"]
        for name in names:
            for command in (PREDICT, TRACE, DESCRIBE):
                self.refuse(f"-o {name}: that is a file of the run or sweep in that directory; name another", *command, "-o", name)
        for name in ("source/predictions.csv", "swept/predictions.csv", "model.safetensors"):
            self.run_program(*PREDICT, "-o", name)
        done = subprocess.run([PROGRAM, "predict", ".", "../new.csv", "-o", "metrics.csv"], capture_output=True, text=True,
                              env=ENVIRONMENT, cwd=self.dir / "source")
        self.assertIn("-o metrics.csv: that is a file of the run", done.stderr)

    def test_standard_output_over_an_input(self):
        """The shell has emptied it; at least it is said so."""
        self.write("before.json", self.run_program("bench", "config.json", "--seconds", "0.001", "--json").stdout)
        for command, name, what in (([*PREDICT], "new.csv", "the file to predict"), ([*TRACE], "config.json", "the config"),
                                    (["bench", "source/config.json", "--seconds", "0.001", "--json", "--compare", "before.json"],
                                     "before.json", "the file to compare with")):
            text = (self.dir / name).read_text()
            with open(self.dir / name, "a") as file:  # not emptied, so that there is a config to read
                done = subprocess.run([PROGRAM, *command], cwd=self.dir, stdout=file, stderr=subprocess.PIPE, text=True,
                                      env=ENVIRONMENT)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"standard output goes to {name}, which is {what}, and the shell has emptied it", done.stderr)
            self.assertEqual((self.dir / name).read_text(), text)

    def test_what_is_no_ordinary_file(self):
        """A device or a pipe is written to, and not replaced; a link stays one."""
        out = self.run_program(*PREDICT).stdout
        self.run_program(*PREDICT, "-o", "/dev/null")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        os.mkfifo(self.dir / "pipe")
        reader = subprocess.Popen(["cat", "pipe"], cwd=self.dir, stdout=subprocess.PIPE, text=True)
        self.run_program(*PREDICT, "-o", "pipe")
        self.assertEqual(reader.communicate(timeout=60)[0], out)
        self.assertTrue((self.dir / "pipe").is_fifo())
        self.write("elsewhere.csv", "old")
        (self.dir / "link").symlink_to("elsewhere.csv")
        self.run_program(*PREDICT, "-o", "link")
        self.assertTrue((self.dir / "link").is_symlink())
        self.assertEqual((self.dir / "elsewhere.csv").read_text(), out)
        self.assertEqual([p.name for p in self.dir.rglob("*.tmp")], [])

    def test_permissions_stay(self):
        self.write("out.csv", "old").chmod(0o600)
        self.run_program(*PREDICT, "-o", "out.csv")
        self.assertEqual(stat.S_IMODE((self.dir / "out.csv").stat().st_mode), 0o600)
        (self.dir / "nowhere").symlink_to("missing.csv")
        message = self.run_program(*PREDICT, "-o", "nowhere", status=2).stderr
        self.assertIn("-o nowhere: that is a link that leads nowhere", message)
        self.assertTrue((self.dir / "nowhere").is_symlink())
        if os.geteuid() != 0:  # root may write everything
            self.write("fixed.csv", "old").chmod(0o400)
            message = self.run_program(*PREDICT, "-o", "fixed.csv", status=2).stderr
            self.assertIn("-o fixed.csv: that file may not be written: Permission denied", message)

    def test_standard_input_is_not_written_over(self):
        for command, name in (("predict", "new.csv"), ("trace", "config.json")):
            text = (self.dir / name).read_text()
            with open(self.dir / name, encoding="utf-8") as file:
                arguments = [command, "-"] if command == "trace" else [command, "source", "-"]
                done = subprocess.run([PROGRAM, *arguments, "-o", name], cwd=self.dir, stdin=file, capture_output=True,
                                      text=True, env=ENVIRONMENT)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"-o {name}: that is ", done.stderr)
            self.assertEqual((self.dir / name).read_text(), text)

    def test_a_signal_ends_what_does_not_stop_itself(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([PROGRAM, *PREDICT[:2], "-", "-o", "out.csv"], cwd=self.dir, stdin=subprocess.PIPE,
                                       env=ENVIRONMENT)
            self.addCleanup(process.stdin.close)
            while not list(self.dir.glob("*.tmp")):
                time.sleep(0.01)
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=60), -number)  # a shell calls it 128 + number
            self.assertEqual(list(self.dir.glob("*.tmp")), [])
            self.assertFalse((self.dir / "out.csv").exists())
        for command in (("gradcheck", "config.json"), ("check", "config.json"), ("eval", "source"),
                        ("describe", "table.csv")):
            os.rename(self.dir / "table.csv", self.dir / "kept.csv")
            os.mkfifo(self.dir / "table.csv")  # nobody writes to it
            process = subprocess.Popen([PROGRAM, *command], cwd=self.dir, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=60)
            os.unlink(self.dir / "table.csv")
            os.rename(self.dir / "kept.csv", self.dir / "table.csv")
            self.assertEqual(status, -signal.SIGTERM, command)

    def test_names_that_are_none(self):
        for command in (TRAIN, SWEEPS, RESUME):
            self.assertIn("the name of the directory is empty", self.run_program(*command, "-o", "", status=2).stderr)
        self.assertIn("cannot write", self.run_program(*PREDICT, "-o", "", status=1).stderr)
        self.assertIn("cannot write", self.run_program(*PREDICT, "-o", "nowhere/out.csv", status=1).stderr)

    def test_resume_in_place_keeps_what_it_cannot_make_again(self):
        before = self.contents()
        self.assertIn("completed already", self.run_program("resume", "source").stdout)
        self.assertEqual(self.contents(), before)
        for name in ("foreign", "file", "missing"):
            self.make(name)
            self.refuse("not the directory of a run", "resume", "target")
            subprocess.run(["rm", "-rf", self.dir / "target"], check=True)

    def test_a_default_directory_is_never_one_that_is_there(self):
        self.make("foreign", "runs/config")
        self.make("file", "runs/config-2")
        self.make("run", "runs/config-3")
        before = self.contents()
        for command in (TRAIN, SWEEPS):
            self.run_program(*command, "-q")
        self.assertEqual({p: b for p, b in self.contents().items() if p in before}, before)
        self.assertEqual(sorted(os.listdir(self.dir / "runs")), ["config", "config-2", "config-3", "config-4", "config-5"])
        self.assertEqual(json.loads((self.dir / "runs/config-5/sweep.json").read_text())["completed"], True)


if __name__ == "__main__":
    main()
