"""The rules of the house: who includes whom, headers that stand alone, no global state, formatting."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from program import BUILD, ROOT, main  # noqa: E402

SOURCE = ROOT / "src"
# A file includes only from its own folder or from one before it.
ORDER = ["base", "ranks", "math", "csource", "onnx", "config", "image", "data", "graph", "model", "measure", "train", "inspect",
         "runs", "exchange", "sweep", "report", "bench", "commands"]
# Words that every file uses, shorter than their file's stem would have them.
SHORT_NAMES = {"error": {"cr_fail"}, "memory": {"cr_alloc", "cr_alloc_raw", "cr_reserve", "cr_free"}}
# These headers have one includer each.
ONE_INCLUDER = {"cblas.h": "math/blas.c", "cjson/cJSON.h": "config/json.c", "csv.h": "data/csv.c",
                "xxhash.h": "base/hash.c", "sqlite3.h": "sweep/store_database.c",
                "mpi.h": "ranks/mpi_module.c", "spng.h": "image/png.c", "jpeglib.h": "image/jpeg.c"}


def files(*patterns):
    return sorted(p for pattern in patterns for folder in ("src", "include", "tests", "bench")
                  for p in (ROOT / folder).rglob(pattern))


def includes(path):
    return re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(), re.M)


class Structure(unittest.TestCase):
    def test_includes_go_one_way(self):
        for path in sorted(SOURCE.rglob("*.[ch]")):
            folder = path.relative_to(SOURCE).parts[0]
            if folder == "main.c":
                continue
            self.assertIn(folder, ORDER, path)
            for name in includes(path):  # in quotes or angles
                if (SOURCE / name).exists():
                    self.assertLessEqual(ORDER.index(name.split("/")[0]), ORDER.index(folder),
                                         f"{path} includes {name}")

    def test_functions_begin_with_their_files_stem(self):
        """cr_network_create stands in network.c, or network_table.c. The public headers' names are for their users."""
        public = set(re.findall(r"CR_API[^;]*?\b(cr_\w+)\(",
                                "".join(p.read_text() for p in (ROOT / "include").rglob("*.h"))))
        for path in sorted(SOURCE.rglob("*.c")):
            stem = path.stem.removesuffix("_table")
            for name in re.findall(r"(?m)^(?!static|typedef|[#/} \t])[\w *]*?\b(cr_\w+)\(", path.read_text()):
                if name in public | SHORT_NAMES.get(stem, set()):
                    continue
                self.assertRegex(name, rf"^cr_{stem}(_|$)", path)

    def test_no_circles_between_files(self):
        """No object file needs a function or table of one that needs it, directly or by others."""
        listing = subprocess.run(["nm", "-A", str(BUILD / "libchainrule-core.a")], capture_output=True, text=True,
                                 check=True).stdout
        home, needs = {}, {}
        for line in listing.splitlines():
            path, _, symbol = line.rpartition(":")
            kind, name = symbol.split()[-2:]
            file = path.split(":")[1].split("/")[-1]
            needs.setdefault(file, set())
            if kind in "TRDB":
                home[name] = file
            elif kind == "U":
                needs[file].add(name)
        self.assertGreater(len(home), 300)
        after = {file: {home[n] for n in names if n in home} - {file} for file, names in needs.items()}
        while free := [file for file, others in after.items() if not others & after.keys()]:
            for file in free:
                del after[file]
        circle = {file: sorted(others & after.keys()) for file, others in after.items()}
        self.assertEqual(circle, {})

    def test_sizes(self):
        """Functions of at most 45 lines, files of at most 450."""
        for path in sorted(SOURCE.rglob("*.[ch]")):
            lines = path.read_text().splitlines()
            self.assertLessEqual(len(lines), 450, path)
            start = None
            for i, line in enumerate(lines):
                if line == "{":
                    start = i
                elif line == "}" and start is not None:
                    self.assertLessEqual(i - start + 1, 45, f"{path}:{start + 1}")
                    start = None

    def test_library_headers_have_one_includer(self):
        for path in sorted(SOURCE.rglob("*.[ch]")):
            for name in includes(path):
                if name in ONE_INCLUDER:
                    self.assertEqual(str(path.relative_to(SOURCE)), ONE_INCLUDER[name], name)

    def test_headers_compile_alone(self):
        flags = subprocess.run(["pkg-config", "--cflags", "openblas", "libcjson"], capture_output=True, text=True)
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "unit.c"
            for path in [*files("*.h")]:
                if "tests" in path.relative_to(ROOT).parts[0]:
                    continue
                root = ROOT / "include" if "include" in path.parts else SOURCE
                unit.write_text(f"#include <{path.relative_to(root)}>\nint unit;\n")
                done = subprocess.run(["cc", "-std=c11", "-fopenmp-simd", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                                       "-D_POSIX_C_SOURCE=200809L", f"-I{ROOT}/include", f"-I{SOURCE}",
                                       *flags.stdout.split(), str(unit)], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{path}\n{done.stderr}")

    def test_public_headers_include_only_each_other(self):
        for path in (ROOT / "include").rglob("*.h"):
            for name in includes(path):
                self.assertRegex(name, r"^(chainrule/\w+|std\w+)\.h$", path)

    def test_library_has_no_mutable_globals(self):
        """Nothing in the data and bss sections of the library; tables are constant (relocated at load)."""
        core = BUILD / "libchainrule-core.a"
        symbols = subprocess.run(["nm", "--defined-only", str(core)], capture_output=True, text=True, check=True).stdout
        found = [line for line in symbols.splitlines() if re.match(r"^[0-9a-f]+ [bBcCgGsS] ", line)]
        self.assertEqual(found, [])
        sections = subprocess.run(["objdump", "-h", str(core)], capture_output=True, text=True, check=True).stdout
        sizes = re.findall(r" \.(data|bss)\s+([0-9a-f]+)", sections)
        self.assertTrue(sizes)
        self.assertEqual([s for s in sizes if int(s[1], 16) > 0], [])

    def test_library_exports_public_names_only(self):
        library = BUILD / "libchainrule.so"
        symbols = subprocess.run(["nm", "-D", "--defined-only", str(library)], capture_output=True, text=True,
                                 check=True).stdout
        names = {line.split()[-1].split("@")[0] for line in symbols.splitlines()}
        declared = set()
        for path in (ROOT / "include").rglob("*.h"):
            declared |= set(re.findall(r"CR_API[^;]*?\b(cr_\w+)\(", path.read_text()))
        self.assertTrue(names)
        self.assertEqual(names, declared)

    def test_nothing_but_commands_prints_or_exits(self):
        for path in sorted(SOURCE.rglob("*.c")):
            folder = path.relative_to(SOURCE).parts[0]
            if folder in ("main.c", "commands"):
                continue
            text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', path.read_text())  # C that is written to a file may print
            found = re.findall(r"\b(?:printf|puts|putchar|exit|abort|perror)\(|\bstderr\b", text)
            self.assertEqual(found, [], path)

    def test_commands_print_by_print(self):
        """What comes from outside is made visible on its way out: commands/print.c does the printing, and cells.c that of
        CSV. A constant may go out as it is."""
        for path in [SOURCE / "main.c", *sorted((SOURCE / "commands").glob("*.c"))]:
            if path.name != "print.c":
                found = re.findall(r"\b(?:v?f?printf|puts|putchar|perror|fwrite)\(|\bfputs\((?!\")", path.read_text())
                self.assertEqual(found, [], f"{path}: see print.h")

    def test_every_source_is_built(self):
        listed = set(re.findall(r"'(src/[^']+\.c)'", (ROOT / "meson.build").read_text()))
        present = {str(p.relative_to(ROOT)) for p in SOURCE.rglob("*.c")}
        self.assertEqual(listed, present)
        tests = (ROOT / "tests/meson.build").read_text()
        for path in (ROOT / "tests").rglob("test_*"):
            if path.suffix in (".c", ".py"):
                self.assertIn(f"'{path.relative_to(ROOT / 'tests').with_suffix('')}'", tests, path)

    def test_every_type_is_in_its_table(self):
        for folder, prefix in (("image/augmentations", "cr_augmentation_"), ("data/sources", "cr_source_"), ("graph/layers", "cr_layer_"), ("model/losses", "cr_loss_"),
                               ("train/optimizers", "cr_optimizer_"), ("sweep/schedules", "cr_sweep_schedule_")):
            table = next((SOURCE / folder).glob("*_table.c")).read_text()
            for path in (SOURCE / folder).glob("*.c"):
                name = prefix + path.stem
                if re.search(rf"(?m)^const cr_\w+_type {name} = ", path.read_text()) and path.stem != "copy":
                    self.assertIn(f"&{name},", table.replace("}", ","))

    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_formatting(self):
        names = [str(p) for p in files("*.c", "*.h") if p.name != "golden.h"]
        done = subprocess.run(["clang-format", "--dry-run", "--Werror", *names], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[:2000] + "\napply it with: clang-format -i FILE")


if __name__ == "__main__":
    main()
