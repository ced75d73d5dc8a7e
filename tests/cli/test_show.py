"""chainrule show: pages of pictures, decoded by hand."""

import csv
import io
import json
import pathlib
import random
import struct
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402

SIDE = 4
SCALE = 6
FRAME = (205, 205, 205)


def read_png(data):
    """The pixels of an RGB PNG, a list of tuples a row."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 2)
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, stride = zlib.decompress(packed), 3 * width
    rows, before = [], bytes(stride)
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        if kind == 2 and not any(line):  # most lines are those above them
            rows.append(rows[-1])
            continue
        for i in range(stride if kind else 0):
            a, b, c = (line[i - 3], before[i], before[i - 3]) if i >= 3 else (0, before[i], 0)
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line[i] = line[i] + (0, a, b, (a + b) // 2, nearest)[kind] & 255
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, 3)])
        before = bytes(line)
    return rows


def write_png(grey):
    """A grey PNG of SIDE x SIDE pixels."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    lines = b"".join(b"\0" + bytes(grey[i:i + SIDE]) for i in range(0, SIDE * SIDE, SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def tiles(page, side=SIDE, scale=SCALE):
    """The pictures on a page, [side, side] pixels each: what is inside of frames."""
    found, inner = [], side * scale
    for y in range(len(page) - inner - 1):
        x = 0 if FRAME in page[y] else len(page[0])
        while x < len(page[0]) - inner - 1:
            edge = [FRAME] * (inner + 2)
            if page[y][x] == FRAME and page[y][x:x + inner + 2] == edge == page[y + inner + 1][x:x + inner + 2]:
                found.append([page[y + 1 + i * scale][x + 1 + j * scale] for i in range(side) for j in range(side)])
                x += inner
            x += 1
    return found


def grey(values, black, white):
    return [(int(255 * (v - black) / (white - black) + 0.5),) * 3 for v in values]


class Show(ProgramTest):
    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        self.rows = []  # bright above, or bright on the left, hardly
        for i in range(60):
            bright = [(k // SIDE if i % 2 else k % SIDE) < 2 for k in range(SIDE * SIDE)]
            self.rows.append(([draw.randint(0, 200) + 55 * b for b in bright], "top" if i % 2 else "left"))
        self.write_table("pixels.csv", self.rows)

    def write_table(self, name, rows):
        self.write(name, "".join(",".join(map(str, x)) + "," + y + "\n" for x, y in rows))

    def config(self, layers=None, augment=None, loss="softmax", **data):
        augment = {"augment": augment} if augment else {}
        self.write("config.json", {
            "data": {k: v for k, v in {"train": "pixels.csv", "target": -1, "shape": [1, SIDE, SIDE], "normalize": "standardize",
                     "header": False, **augment, **data}.items() if v is not None},
            "model": {"layers": layers or [{"type": "linear"}]},
            "loss": {"type": loss},
            "training": {"epochs": 3, "batch_size": 20, "shuffle": False}})

    def show(self, *arguments, scale=SCALE):
        """The tiles of a page, and what was said on stderr; self.told: on stdout, but for its last line."""
        done = self.run_program("show", *arguments, "-o", "page.png", "--scale", scale)
        self.assertTrue(done.stdout.endswith("saved in page.png\n"), done.stdout)
        self.told = done.stdout.removesuffix("saved in page.png\n")
        return read_png((self.dir / "page.png").read_bytes()), done.stderr

    def test_inputs_of_a_config(self):
        self.config()
        page, said = self.show("config.json")
        found = tiles(page)
        self.assertEqual(said, "")
        self.assertEqual(len(found), 20)
        highest = max(v for x, _ in self.rows[:20] for v in x)
        for tile, (x, _) in zip(found, self.rows):
            for a, b in zip(tile, grey(x, 0, highest)):
                self.assertAlmostEqual(a[0], b[0], delta=1)  # normalisation is taken back
        self.assertEqual(self.files(), ["config.json", "page.png", "pixels.csv"])

    def test_inputs_are_augmented(self):
        self.config(augment=[{"type": "flip", "probability": 1}])
        page, _ = self.show("config.json", "--count", 3, "--columns", 1)
        found = tiles(page)
        self.assertEqual(len(found), 3)
        highest = max(v for x, _ in self.rows[:3] for v in x)
        for tile, (x, _) in zip(found, self.rows):
            mirrored = [x[i - i % SIDE + SIDE - 1 - i % SIDE] for i in range(SIDE * SIDE)]
            for a, b in zip(tile, grey(mirrored, 0, highest)):
                self.assertAlmostEqual(a[0], b[0], delta=1)
        again, _ = self.show("config.json", "--count", 3, "--columns", 1)
        self.assertEqual(again, page)
        self.config(augment=[{"type": "crop", "padding": 2}])
        first, _ = self.show("config.json")
        other, _ = self.show("config.json", "seed=2")
        self.assertNotEqual(tiles(first), tiles(other))
        black = sum(tile.count((0, 0, 0)) for tile in tiles(first))
        self.assertGreater(black, 40)

    def test_pictures_in_folders(self):
        """Bytes are drawn as they are, with the files' names below."""
        for i, (x, name) in enumerate(self.rows[:6]):
            self.write(f"pictures/{name}/{i}.png", write_png(x))
        self.config()
        table, _ = self.show("config.json", "--columns", 1, "--count", 6)
        self.config(train={"folder": "pictures"}, target=None, header=None, shape=None, normalize=255)
        page, _ = self.show("config.json", "--columns", 1)
        self.assertEqual(tiles(page), [grey(self.rows[i][0], 0, 255) for i in (0, 2, 4, 1, 3, 5)])
        self.assertEqual(self.told, "")
        line = (len(page) - len(table)) / 6
        self.assertEqual(line, 24)

    def test_mistakes_are_listed(self):
        """A line a file: what the network says, what is right, and where it is; names stand twice."""
        for i, (x, name) in enumerate(self.rows[:40]):
            self.write(f"pictures/{name}/{i // 2}.png", write_png(x))
        self.config(train={"folder": "pictures"}, target=None, header=None, shape=None, normalize=255)
        self.run_program("train", "config.json", "-q", "-o", "run", "training.epochs=1", "training.batch_size=40")
        answers = {r["file"]: r for r in csv.DictReader(io.StringIO(
            self.run_program("predict", "run", "pictures").stdout))}
        wrong = {f: r for f, r in answers.items() if r["prediction"] != f.split("/")[1]}
        self.assertGreater(len(wrong), 3)
        for on, of in (("pictures", "pictures"), ("train", "the training part")):
            self.show("run", "--on", on)
            summary, heads, *lines = self.told.splitlines()
            self.assertEqual(summary, f"{len(wrong)} of 40 examples of {of} are wrong "
                                      f"({len(wrong) / 40:.1%}), the worst first".replace("%", " %"))
            self.assertRegex(heads, "^says +is +file$")
            self.assertEqual(len(lines), len(wrong))
            for line in lines:
                says, share, right, _, path = line.split()
                path = str(pathlib.Path(path).relative_to(self.dir)) if path.startswith("/") else path
                self.assertEqual((says, right), (wrong[path]["prediction"], path.split("/")[1]))
                self.assertEqual(share, f"{float(wrong[path]['probability_' + says]):.0%}")
        self.show("run", "--on", "train", "--count", 2, "--what", "mistakes")
        self.assertIn("; the 2 worst\n", self.told)
        self.assertEqual(self.told.count("\n"), 4)
        self.show("run", "--what", "filters")
        self.assertEqual(self.told, "")

    def test_templates_of_a_run(self):
        self.config()
        self.run_program("train", "config.json", "-q", "-o", "run")
        page, _ = self.show("run", "--what", "filters")
        found = tiles(page)
        model = (self.dir / "run/model.safetensors").read_bytes()
        length = struct.unpack("<Q", model[:8])[0]
        weight = json.loads(model[8:8 + length])["linear1.weight"]
        self.assertEqual(weight["shape"], [SIDE * SIDE, 2])
        begin, end = weight["data_offsets"]
        values = struct.unpack(f"<{(end - begin) // 4}f", model[8 + length + begin:8 + length + end])
        self.assertEqual(len(found), 2)
        for unit, tile in enumerate(found):
            template = values[unit::2]
            most = max(map(abs, template))
            self.assertEqual(tile, grey(template, -most, most))

    def test_filters_of_a_convolution(self):
        self.config([{"type": "conv2d", "filters": 5, "kernel": 3}, {"type": "relu"}, {"type": "linear"}])
        self.run_program("train", "config.json", "-q", "-o", "run")
        page, _ = self.show("run", "--what", "filters")
        found = tiles(page, side=3)
        self.assertEqual(len(found), 5)
        for tile in found:  # the largest weight is black or white
            self.assertTrue({(0, 0, 0), (255, 255, 255)} & set(tile))

    def mistakes(self, path="pixels.csv"):
        """Rows that are wrong, the worst first, by what predict says."""
        done = self.run_program("predict", "run", path)
        wrong = []
        for i, row in enumerate(csv.DictReader(io.StringIO(done.stdout))):
            right = self.rows[i][1]
            if row["prediction"] != right:
                wrong.append((float(row[f"probability_{right}"]), i))
        return [i for _, i in sorted(wrong)]

    def test_mistakes_of_a_run(self):
        self.config()
        self.run_program("train", "config.json", "-q", "-o", "run", "training.epochs=1")
        wrong = self.mistakes()
        self.assertGreater(len(wrong), 5)
        for arguments in (["run", "--on", "train"], ["run/model.safetensors", "--on", "train"],
                          ["run", "--on", "pixels.csv"]):
            page, said = self.show(*arguments, "--what", "mistakes", "--count", 5)
            self.assertEqual(said, "")
            found = tiles(page)
            self.assertEqual(len(found), 5)
            highest = max(v for i in wrong[:5] for v in self.rows[i][0])
            for tile, i in zip(found, wrong):
                for a, b in zip(tile, grey(self.rows[i][0], 0, highest)):
                    self.assertAlmostEqual(a[0], b[0], delta=1)
        page, _ = self.show("run", "--columns", 2)  # both sheets on one page, mistakes first
        found = tiles(page)
        self.assertEqual(len(found), len(wrong) + 2)
        for a, b in zip(found[0], grey(self.rows[wrong[0]][0], 0, max(v for i in wrong for v in self.rows[i][0]))):
            self.assertAlmostEqual(a[0], b[0], delta=1)
        self.assertEqual(self.told, f"{len(wrong)} of 60 examples of the training part are wrong "
                                    f"({100 * len(wrong) / 60:.1f} %), the worst first\n")  # rows of a table have no files

    def test_no_mistakes(self):
        self.rows = [([200 * (k < 8) if i % 2 else 200 * (k >= 8) for k in range(16)], "ab"[i % 2]) for i in range(60)]
        self.write_table("pixels.csv", self.rows)
        self.config()
        self.run_program("train", "config.json", "-q", "-o", "run", "training.epochs=20")
        page, said = self.show("run", "--what", "mistakes")
        self.assertEqual(said, "")
        self.assertEqual(self.told, "no mistakes: 60 of 60 examples of the training part are right\n")
        self.assertEqual(tiles(page), [])
        self.assertLess(len(page), 200)

    def test_other_targets(self):
        """Scores of an SVM, two classes by one score, and numbers."""
        for loss in ("svm", "logistic"):
            self.config(loss=loss)
            self.run_program("train", "config.json", "-q", "-o", f"run-{loss}", "training.epochs=1")
            page, _ = self.show(f"run-{loss}", "--what", "mistakes")
            self.assertGreater(len(tiles(page)), 0)
        self.write_table("pixels.csv", [(x, str(i)) for i, (x, _) in enumerate(self.rows)])
        self.config(loss="l2", normalize_target="standardize")
        self.run_program("train", "config.json", "-q", "-o", "run")
        page, _ = self.show("run", "--what", "mistakes")
        self.assertEqual(len(tiles(page)), 48)
        self.assertEqual(self.told, "the 48 of 60 examples of the training part with the largest errors, "
                                    "the largest first\n")
        page, _ = self.show("config.json")
        self.assertEqual(len(tiles(page)), 20)

    def test_a_network_without_filters(self):
        self.config([{"type": "batch_norm"}, {"type": "max_pool2d", "size": 2}, {"type": "linear"}])
        self.run_program("train", "config.json", "-q", "-o", "run")
        page, said = self.show("run")
        self.assertIn("warning: no layer of this network has weights that are images", said)
        self.assertGreater(len(tiles(page)), 0)
        self.refuse("no layer of this network has weights", "run", "-o", "x.png", "--what", "filters")

    def refuse(self, message, *arguments, status=2):
        done = self.run_program("show", *arguments, status=status)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse((self.dir / "x.png").exists())

    def test_wrong_arguments(self):
        self.config()
        self.run_program("train", "config.json", "-q", "-o", "run")
        self.refuse("which CONFIG or RUN?", "-o", "x.png")
        self.refuse("where to? -o FILE names the page", "config.json")
        self.refuse("the page is a PNG", "config.json", "-o", "x.svg")
        self.refuse("cannot write", "config.json", "-o", "missing/x.png", status=1)
        self.refuse("unknown sheet \"filter\"; did you mean \"filters\"?", "run", "-o", "x.png", "--what", "filter")
        self.refuse("it is a config, whose network is not trained", "config.json", "-o", "x.png", "--what", "mistakes")
        self.refuse("--on says which data a RUN is looked at on", "config.json", "-o", "x.png", "--on", "train")
        self.refuse("chainrule show run/config.json", "run", "-o", "x.png", "--what", "inputs")
        self.refuse("overrides are for a CONFIG", "run", "-o", "x.png", "seed=2")
        self.refuse("the run's config has no test part", "run", "-o", "x.png", "--on", "test")
        self.refuse("expected a whole number from 1 to 1000", "run", "-o", "x.png", "--columns", "0")
        self.refuse("--count: found \"many\"", "run", "-o", "x.png", "--count", "many")
        self.refuse("it is a table", "pixels.csv", "-o", "x.png")
        self.refuse("a file of the run", "run", "-o", "run/model.safetensors")
        self.refuse("no such file", "nothing", "-o", "x.png")

    def test_only_images(self):
        self.write_example()
        self.run_program("train", "config.json", "-q", "-o", "run")
        for path in ("config.json", "run"):
            self.refuse("only images can be shown, but an example of this data is a flat row of 2 numbers; say \"shape\"",
                        path, "-o", "x.png")
        done = self.run_program("show", "run", "-o", "x.png", status=2)
        self.assertEqual(done.stderr.count("only images can be shown"), 1)


if __name__ == "__main__":
    main()
