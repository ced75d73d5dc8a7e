"""Installs into a directory and builds a program there that knows the public headers and the pkg-config file alone."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import BUILD, ROOT, ProgramTest, main  # noqa: E402


class Library(ProgramTest):
    def run_here(self, *command, **env):
        done = subprocess.run(command, cwd=self.dir, capture_output=True, text=True, env={**os.environ, **env})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    def test_program_on_the_installed_library(self):
        root = self.dir / "root"
        self.run_here("meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir", str(root))
        file = next(root.rglob("chainrule.pc"))
        env = {"PKG_CONFIG_PATH": str(file.parent), "PKG_CONFIG_SYSROOT_DIR": str(root)}
        flags = self.run_here("pkg-config", "--cflags", "--libs", "chainrule", **env).split()
        self.run_here("cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                      str(ROOT / "tests/library/program.c"), "-o", "program", *flags)
        library = next(root.rglob("libchainrule.so")).parent
        out = self.run_here("./program", str(ROOT / "configs/iris.json"), "iris.safetensors",
                            LD_LIBRARY_PATH=str(library)).splitlines()
        self.assertEqual(out[1:3], ["epochs 40 40", "steps 320 320"])
        self.assertGreater(float(out[3].split()[1]), 0.9)
        self.assertEqual(out[5:7], ['the row:1: column 2 (from 0): found "high", expected a number',
                                    'the row:1: column 3 (from 0): found "?", a missing value, expected a number'])
        self.assertEqual(out[4:5] + out[7:], ['warnings ""', "setosa 1", "virginica 1", "nowhere.json: no such file"])
        installed = root / next(root.rglob("bin/chainrule")).relative_to(root)
        self.assertTrue((installed.parent / "chainrule-f64").exists())
        out = self.run_here(str(installed), "gradcheck", str(ROOT / "configs/iris.json"))
        self.assertIn(" 0 wrong", out)


if __name__ == "__main__":
    main()
