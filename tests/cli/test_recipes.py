"""Every optimizer, schedule, loss, initialiser and layer for networks has a ready config, and each of those learns."""

import json
import pathlib
import re
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ROOT, ProgramTest, main  # noqa: E402

RECIPES = sorted((ROOT / "configs/recipes").glob("*.json"))
GATES = {"max", "log", "sum", "mean"}  # of a graph rather than of a network; traced in test_trace


class Recipes(ProgramTest):
    def test_every_type_has_a_config(self):
        reference = self.run_program("check", "--keys").stdout
        configs = "\n".join(path.read_text() for path in (ROOT / "configs").rglob("*.json"))
        missing = []
        for section in ("Layers", "Losses", "Optimizers", "Learning rate schedules"):
            text = re.search(rf"(?ms)^## {section}\n(.*?)(?=^## |\Z)", reference)[1]
            names = [n for n in re.findall(r"(?m)^### (\w+)$", text) if n not in ("model", "loss", "sweep")]
            self.assertGreater(len(names), 4)
            missing += [n for n in names if n not in GATES and not re.search(rf'"type": "{n}"', configs)]
        for name in ("he", "xavier", "lecun", "orthogonal"):
            missing += [] if f'"init": "{name}"' in configs else [name]
        for key in ("momentum", "nesterov", "weight_decay", "warmup", "gradient_clipping", "early_stopping", "label_smoothing",
                    "class_weights", "l1", "missing", "columns", "health", "metrics"):
            missing += [] if f'"{key}":' in configs else [key]
        self.assertEqual(missing, [])

    def test_every_recipe_learns(self):
        self.assertGreater(len(RECIPES), 12)
        for path in RECIPES:
            out = self.run_program("train", path, "-q", "--json", "-o", path.stem).stdout
            figures = json.loads(out)["validation"]
            with self.subTest(path.stem):
                if path.stem in ("poisson", "sparse"):
                    self.assertLess(figures["rmse"], 60)  # the target's deviation is 77
                    self.assertGreater(self.zeros(path.stem), 0.02 if path.stem == "sparse" else -1)
                else:
                    self.assertGreater(figures["accuracy"], 0.92 if path.stem == "labels" else 0.955)

    def zeros(self, run):
        """Share of weights next to 0 of a model."""
        data = (self.dir / run / "model.safetensors").read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        begin, end = json.loads(data[8:8 + length])["linear1.weight"]["data_offsets"]
        values = struct.unpack(f"<{(end - begin) // 4}f", data[8 + length:][begin:end])
        return sum(abs(v) < 0.02 for v in values) / len(values)

    def test_recipes_are_sound(self):
        """Nothing that the doctor calls a failure."""
        for path in RECIPES:
            with self.subTest(path.stem):
                self.run_program("doctor", path)


if __name__ == "__main__":
    main()
