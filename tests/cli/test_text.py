"""What a file, an argument or the system says is text, never a command: no command prints a control character of it."""

import csv
import io
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import unicodedata
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import BUILD, CONFIG, ENVIRONMENT, PROGRAM, ProgramTest, main  # noqa: E402

# a colour, a window's title, the same by the one-character form of ESC [, a line that says the opposite, letters that
# run to the left, and DEL
PLANTS = ["\x1b[31m", "\x1b]0;title\x07", "\x9b31m", "\nchainrule: error: INJECTED", "\u202eesrever", "\x7f\u2066\u2028", "\r"]
PLANT = "".join(p for p in PLANTS if "\n" not in p)


def commands_in(text):
    """Characters of the text that are none, but newlines."""
    return sorted({c for c in text if c != "\n" and (unicodedata.category(c) == "Cc" or c in "\u2028\u2029"
                   or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" or "\udc80" <= c <= "\udcff")})


class Planted(ProgramTest):
    """Each test plants commands in what it hands to the program."""

    terminal = True

    def run_planted(self, *arguments, status=None, json_out=False, data=False):
        """Runs it into a pipe and on a terminal; neither gets a command. data: stdout is data, on a pipe byte by byte."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, capture_output=True, timeout=300, env=ENVIRONMENT,
                              stdin=subprocess.DEVNULL)
        out, err = (b.decode(errors="surrogateescape") for b in (done.stdout, done.stderr))
        if status is not None:
            self.assertEqual(done.returncode, status, f"{arguments}\n{out}\n{err}")
        self.assertIn(done.returncode, (0, 1, 2), err)
        self.assertEqual(commands_in(err), [], f"{arguments}\n{err!r}")
        for line in err.splitlines():
            self.assertFalse(line.startswith("chainrule: error: INJECTED"), err)
        if not data:
            self.assertEqual(commands_in(out.replace("\t", "") if json_out else out), [], f"{arguments}\n{out!r}")
        seen = self.on_terminal(arguments) if self.terminal else ""
        self.assertEqual(commands_in(seen.replace("\t", "") if json_out else seen), [], f"{arguments}\n{seen!r}")
        return out, err

    def on_terminal(self, arguments):
        """What a terminal gets of both streams, without what is the program's own."""
        try:
            terminal, inner = pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminal: {error}")
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.dir, stdin=subprocess.DEVNULL, stdout=inner,
                                   stderr=inner, env={**ENVIRONMENT, "TERM": "xterm"})
        os.close(inner)
        out = b""
        try:
            while piece := os.read(terminal, 65536):
                out += piece
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        process.wait()
        text = out.decode(errors="surrogateescape").replace("\r\n", "\n")
        text = re.sub("\r[^\r\n]*\x1b\\[K", "", text)  # the bar, drawn and removed
        return re.sub("\x1b\\[3[12]m([^\x1b]*)\x1b\\[0m", r"\1", text) if arguments[0] == "trace" else text

    def plant_table(self):
        """Classes, words, columns and the file's name."""
        name = f"ta{PLANT}ble.csv"
        rows = [["width", f"we{PLANT}ight", f"ki{PLANT}nd", f"col{PLANT}or"]]
        for i in range(24):
            rows.append([i % 5, i * 7 % 11, f"word{i % 3}{PLANTS[i % 3]}", f"red{PLANT}" if i * 7 % 11 > 4 else f"blue{PLANTS[0]}"])
        out = io.StringIO()
        csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
        self.write(name, out.getvalue())
        config = json.loads(json.dumps(CONFIG))
        config["comment"] = PLANT
        config["data"].update(train=name, target=f"col{PLANT}or")
        self.write("config.json", config)
        return config, name

    def test_names_of_a_table(self):
        config, table = self.plant_table()
        out, err = self.run_planted("check", "config.json", status=0)
        self.run_planted("train", "config.json", "-o", f"run{PLANT}", status=0)
        run = f"run{PLANT}"
        out, _ = self.run_planted("eval", run, status=0)
        self.assertIn(r"red\x1b[31m\x1b]0;title\x07\u009b31m\u202eesrever\x7f\u2066\u2028", out)
        self.run_planted("eval", run, "--on", table, status=0)
        out, _ = self.run_planted("eval", run, "--json", status=0, json_out=True)
        names = [c["class"] for c in json.loads(out)["report"]["classes"]]
        self.assertEqual(names, [f"blue{PLANTS[0]}", f"red{PLANT}"])
        self.run_planted("resume", run)
        self.run_planted("resume", run, "training.epochs=5", status=0)
        self.run_planted("runs", run, status=0)
        self.run_planted("runs", run, "--format", "json", status=0, json_out=True)
        self.run_planted("runs", run, "--format", "csv", status=0, data=True)
        self.run_planted("doctor", "config.json")
        self.run_planted("gradcheck", "config.json", status=0)
        for form in ("text", "json", "dot") + (("svg",) if shutil.which("dot") else ()):
            self.run_planted("trace", "config.json", "--format", form, status=0, json_out=True)
        self.run_planted("bench", "config.json", "--seconds", "0.001", status=0)
        for what in (table, "config.json", run):
            self.run_planted("describe", what, status=0)
            self.run_planted("describe", what, "--json", status=0, json_out=True)
        self.run_planted("describe", table, "-o", f"own{PLANT}.json", "--target", f"col{PLANT}or", status=0)
        self.run_planted("check", f"own{PLANT}.json", status=0)
        self.run_planted("train", "config.json", "--json", "-o", f"other{PLANT}", json_out=True)

    def test_predictions_are_data_but_on_a_terminal(self):
        config, table = self.plant_table()
        self.run_program("train", "config.json", "-q", "-o", "run")
        out, _ = self.run_planted("predict", "run", table, status=0, data=True)
        rows = list(csv.reader(io.StringIO(out, newline="")))
        self.assertEqual(rows[0], ["prediction", f"probability_blue{PLANTS[0]}", f"probability_red{PLANT}"])
        self.assertEqual({row[0] for row in rows[1:]} - {f"blue{PLANTS[0]}", f"red{PLANT}"}, set())
        self.run_program("predict", "run", table, "-o", "out.csv")
        with open(self.dir / "out.csv", newline="") as file:
            self.assertEqual(file.read(), out)
        out, _ = self.run_planted("predict", "run", table, "--keep", "all", status=0, data=True)
        with open(self.dir / table, newline="") as file:
            kept = list(csv.reader(file))
        self.assertEqual([row[:4] for row in csv.reader(io.StringIO(out, newline=""))], kept)
        seen = self.on_terminal(("predict", "run", table))
        self.assertIn(r"probability_red\x1b[31m\x1b]0;title\x07\u009b31m", seen)

    def test_messages(self):
        """About arguments, paths, keys, words of a config, cells, and overrides."""
        config, table = self.plant_table()
        words = [*PLANTS, b"\xff\xfe".decode(errors="surrogateescape")]
        for word in words:
            self.terminal = word == words[0]
            for command in ("train", "check", "doctor", "gradcheck", "trace", "sweep", "bench"):
                self.run_planted(command, f"none{word}.json", status=2)
                self.run_planted(command, "config.json", f"training.epo{word}chs=3", status=2)
                self.run_planted(command, "config.json", f"training.epochs=3x{word}", status=2)
                self.run_planted(command, "config.json", f"--epo{word}chs=3", status=2)
            for command in ("eval", "predict", "resume", "runs", "describe"):
                self.run_planted(command, f"none{word}", "more", status=2)
            self.run_planted("eval", "config.json", "--on", f"te{word}st", status=2)
            self.run_planted("trace", "config.json", "--format", f"te{word}xt", status=2)
            self.run_planted("trace", "config.json", "--upstream", f"[{word}", status=2)
            self.run_planted("train", "config.json", "-o", f"config.json/{word}", status=1)
            self.run_planted("train", "config.json", "-t", f"4x{word}", status=2)
            self.run_planted("sweep", "config.json", "-j", f"4x{word}", status=2)
            self.run_planted("runs", ".", "--top", f"4x{word}", status=2)
            self.run_planted("runs", ".", "--sort", f"loss{word}", status=2)
            self.run_planted("bench", "--seconds", f"4x{word}", status=2)
            self.run_planted("bench", "--compare", f"4{word}", status=2)
            self.run_planted(f"tra{word}in", status=2)

    def test_words_of_a_config(self):
        for word in PLANTS:
            self.terminal = word == PLANTS[0]
            config, table = self.plant_table()
            for path, value in (("loss.type", word), ("model.layers.0.type", word), ("model.layers.0.name", word),
                                ("model.layers.0.inputs", [word]), ("optimizer.type", word), ("data.train", word),
                                ("data.target", word), ("data.ignore", [word]), ("data.normalize", word), (word, word),
                                (f"training.{word}", 3), ("model.weights", word), ("training.threads", word),
                                ("log", {"metrics": [word]}), ("early_stopping", {"monitor": word}),
                                ("model.layers.0.init", word), ("loss.class_weights", {word: 1})):
                planted = json.loads(json.dumps(config))
                *parents, last = path.split(".") if path != word else [word]
                at = planted
                for part in parents:
                    at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
                at[last] = value
                self.write("planted.json", planted)
                self.run_planted("check", "planted.json", status=2)
            self.write("planted.json", f'{{"data": {word}}}')
            self.run_planted("check", "planted.json", status=2)

    def test_cells(self):
        for word in PLANTS:
            self.write_example()
            out = io.StringIO()
            csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows([["width", f"he{word}ight", "color"], [1, 2, "red"], [3, f"x{word}", "blue"],
                                                            *([4, i, "red"] for i in range(20))])
            self.write("table.csv", out.getvalue())
            self.run_planted("check", "config.json")
            self.write("numbers.csv", "width,height,color\n" + "1,2,red\n2,3,blue\n" * 6)
            self.run_planted("train", "config.json", "data.train=numbers.csv", "data.normalize=standardize", "-o", f"r{word}", status=0)
            self.run_planted("predict", f"r{word}", "table.csv", status=2)
            self.run_planted("eval", f"r{word}", "--on", "table.csv", status=2)

    def test_sweeps(self):
        config, table = self.plant_table()
        config["sweep"] = {"parameters": {"optimizer.comment": {"values": [PLANT, f"={PLANT}"]},
                                          "optimizer.learning_rate": {"values": [0.1, 0.01]}}}
        self.write("config.json", config)
        self.run_planted("sweep", "config.json", "-n", status=0)
        self.run_planted("sweep", "config.json", "-o", f"sweep{PLANT}", status=0)
        self.run_planted("check", "config.json", status=0)
        self.run_planted("resume", f"sweep{PLANT}")
        self.run_planted("runs", ".", status=0)
        for form in ("table", "json", "csv"):
            self.run_planted("runs", f"sweep{PLANT}", "--format", form, status=0, json_out=form == "json", data=form == "csv")
        out, _ = self.run_planted("runs", f"sweep{PLANT}", "--format", "csv", data=True)
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertEqual({row["optimizer.comment"] for row in rows}, {PLANT, f"={PLANT}"})
        out, _ = self.run_planted("runs", f"sweep{PLANT}", "--format", "csv", "--spreadsheet", data=True)
        self.assertEqual({row["optimizer.comment"] for row in csv.DictReader(io.StringIO(out, newline=""))}, {PLANT, f"'={PLANT}"})
        config["sweep"]["parameters"] = {f"data.{PLANT}": {"values": [PLANT]}}
        self.write("config.json", config)
        self.run_planted("sweep", "config.json", status=2)
        config["sweep"] = {"parameters": {"training.epochs": {"values": [1, 2]}}, "metric": PLANT}
        self.write("config.json", config)
        self.run_planted("sweep", "config.json", status=2)

    def test_metadata_of_a_model_file(self):
        """A model file whose classes, columns or config were made by somebody else."""
        self.write_example()
        self.run_program("train", "config.json", "-q", "-o", "run")
        whole = (self.dir / "run/model.safetensors").read_bytes()
        length = int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8:8 + length])
        for plant in PLANTS:
            for key, old in (("classes", '"red"'), ("columns", '"width"'), ("config", '"softmax"'), ("config", '"relu1"'),
                             ("config", '"linear"'), ("version", header["__metadata__"]["version"])):
                planted = json.loads(json.dumps(header))
                metadata = planted["__metadata__"]
                if key not in metadata:
                    key = next(k for k in metadata if old in metadata[k])
                new = json.dumps(f"x{plant}") if old.startswith('"') else plant
                metadata[key] = metadata[key].replace(old, new)
                metadata["crc32"] = "00000000"
                text = json.dumps(planted, separators=(",", ":")).encode()
                text += b" " * (-len(text) % 8)
                file = len(text).to_bytes(8, "little") + text + whole[8 + length:]
                self.write("planted.safetensors", file.replace(b'"crc32":"00000000"', f'"crc32":"{zlib.crc32(file):08x}"'.encode()))
                self.run_planted("eval", "planted.safetensors", "--on", "table.csv")
                self.run_planted("predict", "planted.safetensors", "table.csv", data=True)
                self.run_planted("eval", "planted.safetensors")


class Tables(ProgramTest):
    def test_columns_line_up(self):
        """Wide, combined and planted characters: what stands to the right of a name begins where the others' does."""
        self.write("table.csv", "a,b,color\n" + "".join(f"{i},{i * i % 7},{c}\n" for i in range(8)
                                                      for c in ("赤い車", "re\u0301d", "blue", "\x1b[1mb", "ｶﾞ", "👍", "한국어를 쓰는 아주 긴 이름")))
        config = json.loads(json.dumps(CONFIG))
        config["training"]["epochs"] = 1
        self.write("config.json", config)
        self.run_program("train", "config.json", "-q", "-o", "run")
        out = self.run_program("eval", "run").stdout
        tables = [t.splitlines() for t in out.split("\n\n") if t.startswith("class ")]
        self.assertEqual(len(tables), 2)
        ends = {columns(line) for line in tables[0]}
        self.assertEqual(len(ends), 1, out)
        ends = {columns(line) for line in tables[1][1:]}
        self.assertEqual(len(ends), 1, out)

    def test_layers_line_up(self):
        name = "a_name_that_is_longer_than_most"
        self.write_example(model={"layers": [{"type": "linear", "units": 4, "name": name}, {"type": "relu"}, {"type": "linear"}]})
        out = self.run_program("check", "config.json").stdout
        lines = [line for line in out.splitlines() if re.match("  (layer |a_name|relu|linear)", line)]
        self.assertEqual(len(lines), 4)
        self.assertEqual({line.find(word) for line, word in zip(lines, ("type", "linear ", "relu ", "linear "))}, {2 + len(name) + 1}, out)

    def test_words_for_a_spreadsheet(self):
        self.write("table.csv", "a,b,color\n" + "p,1,=1+1\nq,2,@x\nr,3,-4\ns,4,+x\nt,5,-y\nu,6,red\n" * 5)
        self.write_config()
        self.run_program("train", "config.json", "-q", "-o", "run")
        plain = self.run_program("predict", "run", "table.csv").stdout
        guarded = self.run_program("predict", "run", "table.csv", "--spreadsheet").stdout
        self.assertEqual({row[0] for row in csv.reader(plain.splitlines()[1:])}, {"=1+1", "@x", "-4", "+x", "-y", "red"})
        self.assertEqual({row[0] for row in csv.reader(guarded.splitlines()[1:])}, {"'=1+1", "'@x", "-4", "'+x", "'-y", "red"})

    def write_config(self):
        config = json.loads(json.dumps(CONFIG))
        config["data"]["validation"] = None
        config["training"] = {"epochs": 400, "batch_size": 6}
        config["model"] = {"layers": [{"type": "linear", "units": 30}, {"type": "relu"}, {"type": "linear"}]}
        self.write("config.json", config)


def columns(text):
    """Of a terminal, by Python's database."""
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


if __name__ == "__main__":
    main()
