"""Installs into a directory and builds a program there that knows the public headers and the pkg-config file alone."""

import json
import pathlib
import random
import re
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import BUILD, ENVIRONMENT, ROOT, ProgramTest, main  # noqa: E402


class Library(ProgramTest):
    def run_here(self, *command, **env):
        done = subprocess.run(command, cwd=self.dir, capture_output=True, text=True, env={**ENVIRONMENT, **env})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def check_headers(self, root, *flags):
        """Each installed header compiles alone, as C and as C++, and declares nothing of the inside."""
        for path in root.rglob("*.h"):
            unit = self.write("unit.c", f"#include <chainrule/{path.name}>\nint unit;\n")
            for language in (["cc", "-std=c11", "-Wstrict-prototypes"], ["g++", "-x", "c++", "-std=c++11"]):
                self.run_here(*language, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", *flags, str(unit))
            self.assertNotRegex(path.read_text(), "__builtin_(cpu|prefetch|ia32)")

    def link_all(self, root, flags):
        """A C++ program that takes the address of every function that the installed headers declare."""
        text = "".join(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in root.rglob("*.h"))
        declared = sorted(set(re.findall(r"^(?!#).*?\b(cr_\w+)\(", text, re.M)))
        self.assertIn("cr_fail", declared)
        self.assertIn("cr_train", declared)
        addresses = "".join(f"    reinterpret_cast<void *>({name}),\n" for name in declared)
        self.write("all.cpp", f"#include <chainrule/chainrule.h>\nvoid *volatile all[] = {{\n{addresses}}};\n"
                              "int main() { cr_error err = CR_ERROR_INIT; return (int)err.count; }\n")
        self.run_here("g++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "all.cpp", "-o", "all", *flags)

    def check_predictions(self, library):
        """Times in seconds, which a float cannot tell apart, and words: the same bits as the program's predict."""
        draw = random.Random(1)
        rows = [(1_700_000_000 + 7 * i + draw.randrange(5), draw.choice(("round", "square", "oval")), draw.choice("ab"),
                 1_690_000_000 + 3 * i) for i in range(40)]
        self.write("table.csv", "time,shape,kind,since\n" + "".join(f"{t},{s},{k},{v}\n" for t, s, k, v in rows))
        for name, target, loss, more in (("classes", "kind", "softmax", {}), ("two", "kind", "logistic", {}), ("svm", "kind", "svm", {}),
                                         ("value", "since", "l2", {"normalize_target": "standardize"})):
            self.write(f"{name}.json", {
                "data": {"train": "table.csv", "target": target, "normalize": "standardize", **more},
                "model": {"layers": [{"type": "linear", "units": 5}, {"type": "tanh"}, {"type": "linear"}]},
                "loss": {"type": loss}, "optimizer": {"type": "adam", "learning_rate": 0.05}, "training": {"epochs": 20, "batch_size": 8}})
            self.run_program("train", f"{name}.json", "-q", "-o", name)
            mine = [line.split() for line in self.run_here("./program", "predict", f"{name}/model.safetensors", "table.csv",
                                                           LD_LIBRARY_PATH=str(library)).splitlines()]
            for source in ("table.csv", "-"):
                text = (self.dir / "table.csv").read_text()
                theirs = [line.split(",") for line in self.run_program("predict", name, source, input=text).stdout.splitlines()[1:]]
                self.assertEqual(len(mine), len(rows))
                for (predicted, *values), cells in zip(mine, theirs, strict=True):
                    values = [float.fromhex(v) for v in values]
                    if loss == "l2":  # printed with as many digits as its spread asks for
                        self.assertIn(cells[0], [f"{values[0]:.{digits}g}" for digits in range(9, 18)])
                        continue
                    self.assertEqual(predicted, cells[0])
                    shown = [struct.unpack("f", struct.pack("f", float(cell)))[0] for cell in cells[1:]]
                    self.assertEqual(values, shown[-len(values):])
            self.assertGreater(len({tuple(row) for row in mine}), 30)

    def check_description(self, library):
        """The same figures and the same config as the program's describe."""
        table = ROOT / "data/iris.csv"
        mine = self.run_here("./program", "describe", str(table), LD_LIBRARY_PATH=str(library))
        theirs = self.run_program("describe", table, "data.ignore=0", "-o", "theirs.json").stdout
        figures = json.loads(self.run_program("describe", table, "data.ignore=0", "--json").stdout)
        self.assertEqual(mine.splitlines()[:2], theirs.splitlines()[:2])
        self.assertIn('150 rows, oddities ""\n' + (self.dir / "theirs.json").read_text(), mine)
        for line, c in zip(mine.splitlines()[2:], figures["columns"], strict=False):
            strength = f"{c['strength']:.2f}" if "strength" in c else "nan"
            self.assertEqual(line, f"{c['name']} {c['kind']} {int(c['role'] == 'ignored')} {c['different']} {strength} {c['examples'][0]}")

    def check_page(self, flags, library):
        """The program of docs/library.md."""
        page = (ROOT / "docs/library.md").read_text()
        program = next(text for text in re.findall(r"^```c\n(.*?)^```$", page, re.S | re.M) if "main(void)" in text)
        self.write("page.c", program)
        self.run_here("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "page.c", "-o", "page", *flags)
        self.assertEqual(self.run_here("./page", LD_LIBRARY_PATH=str(library)), "300 epochs, accuracy 1\n")
        out = self.run_program("predict", "xor.safetensors", self.write("x.csv", "0,1\n1,1\n")).stdout.splitlines()
        self.assertEqual([line.split(",")[0] for line in out], ["prediction", "other", "same"])

    def test_program_on_the_installed_library(self):
        root = self.dir / "root"
        self.run_here("meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir", str(root))
        file = next(root.rglob("chainrule.pc"))
        env = {"PKG_CONFIG_PATH": str(file.parent), "PKG_CONFIG_SYSROOT_DIR": str(root)}
        flags = self.run_here("pkg-config", "--cflags", "--libs", "chainrule", **env).split()
        self.run_here("cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                      str(ROOT / "tests/library/program.c"), "-o", "program", *flags)
        self.check_headers(root, *[flag for flag in flags if flag.startswith("-I")])
        self.link_all(root, flags)
        library = next(root.rglob("libchainrule.so")).parent
        out = self.run_here("./program", str(ROOT / "configs/iris.json"), "iris.safetensors",
                            LD_LIBRARY_PATH=str(library)).splitlines()
        self.assertEqual(out[1:3], ["epochs 40 40", "steps 320 320"])
        self.assertGreater(float(out[3].split()[1]), 0.9)
        self.assertEqual(out[5:7], ['the row:1: column 2 (from 0): found "high", expected a number',
                                    'the row:1: column 3 (from 0): found "?", a missing value, expected a number'])
        self.assertEqual(out[4:5] + out[7:], ['warnings ""', "setosa 1", "virginica 1", "nowhere.json: no such file"])
        self.check_page(flags, library)
        self.check_predictions(library)
        self.check_description(library)
        installed = root / next(root.rglob("bin/chainrule")).relative_to(root)
        self.assertTrue((installed.parent / "chainrule-f64").exists())
        out = self.run_here(str(installed), "gradcheck", str(ROOT / "configs/iris.json"))
        self.assertIn(" 0 wrong", out)


if __name__ == "__main__":
    main()
