"""Pictures in folders: trained on, predicted, refused with a message that helps."""

import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ENVIRONMENT, PROGRAM, ROOT, ProgramTest, main  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "pictures"
LAYERS = [{"type": "linear", "units": 4}, {"type": "relu"}, {"type": "linear"}]


def pgm(level, height=4, width=3):
    """A grey picture, a little different from pixel to pixel."""
    return b"P5 %d %d 255\n" % (width, height) + bytes((level + 7 * i) % 20 + level for i in range(height * width))


def ppm(red, green, blue, height=4, width=3):
    return b"P6 %d %d 255\n" % (width, height) + bytes([red, green, blue] * (height * width))


def png(level, height=4, width=3):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    lines = b"".join(b"\0" + bytes([level] * width) for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


class Pictures(ProgramTest):
    def setUp(self):
        super().setUp()
        for i in range(10):
            self.write(f"train/dark/{i}.pgm", pgm(10 + i))
            self.write(f"train/light/{i}.pgm", pgm(180 + i))
        for i in range(3):
            self.write(f"test/dark/{i}.pgm", pgm(25 + i))
            self.write(f"test/light/{i}.pgm", pgm(200 + i))
        self.write_example(data={"train": {"folder": "train"}, "test": {"folder": "test"}, "validation": {"fraction": 0.2},
                                 "normalize": 255}, model={"layers": LAYERS},
                           optimizer={"type": "adam", "learning_rate": 0.05}, training={"epochs": 60, "batch_size": 4})

    def check(self, *overrides, status=0):
        return self.run_program("check", "config.json", *overrides, status=status)

    def refuse(self, message, *overrides):
        done = self.check(*overrides, status=2)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr


class Training(Pictures):
    def test_train_predict_eval(self):
        summary = self.train()
        self.assertEqual([summary[part]["accuracy"] for part in ("train", "validation", "test")], [1, 1, 1])
        lines = self.run_program("predict", "run", "test").stdout.splitlines()
        self.assertEqual(lines[0], "file,prediction,probability_dark,probability_light")
        self.assertEqual([line.split(",")[:2] for line in lines[1:]],
                         [[f"test/{c}/{i}.pgm", c] for c in ("dark", "light") for i in range(3)])
        two = self.run_program("predict", "run", "test/light/2.pgm", "test/dark/0.pgm", "--top", "1").stdout.splitlines()
        self.assertEqual([line.rsplit(",", 1)[0] for line in two],
                         ["file,prediction_1", "test/light/2.pgm,light", "test/dark/0.pgm,dark"])
        one = self.run_program("predict", "run", "test/light/2.pgm").stdout.splitlines()
        self.assertEqual(one, [lines[0], lines[-1]])
        flat = self.run_program("predict", "run", "test/dark/").stdout.splitlines()
        self.assertEqual(flat, lines[:4])
        self.assertRegex(self.run_program("eval", "run", "--on", "test").stdout, r"test +6 +\S+ +1\.0000")
        shutil.copytree(self.dir / "test", self.dir / "more")
        self.assertRegex(self.run_program("eval", "run", "--on", "more").stdout, r"folder +6 +\S+ +1\.0000")

    def test_bits_do_not_depend_on_threads(self):
        """Decoded by as many as there are processors, each of which takes some of forty files at a time; or by one."""
        models, cores = [], os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, cores)
        for i in range(10, 40):
            self.write(f"train/dark/{i}.pgm", pgm(10 + i))
        for some in {min(cores)}, cores, cores:
            os.sched_setaffinity(0, some)
            run = f"run{len(models)}"
            self.run_program("train", "config.json", "training.epochs=3", "training.threads=1", "-q", "-o", run)
            models.append((self.dir / run / "model.safetensors").read_bytes())
        self.assertEqual(models[1:], models[:1] * 2)

    def test_names_that_are_numbers_are_ordered_as_numbers(self):
        for name in "10", "2", "1":
            self.write(f"counted/{name}/a.pgm", pgm(9 * int(name)))
        self.train("data.train.folder=counted", "data.test=null", "data.validation=null", "training.epochs=1")
        self.assertEqual(self.run_program("predict", "run", "counted").stdout.splitlines()[0],
                         "file,prediction,probability_1,probability_2,probability_10")

    def test_resume_notices_other_pictures(self):
        self.train("training.epochs=2")
        self.write("train/dark/0.pgm", pgm(11))
        done = self.run_program("resume", "run", "training.epochs=3", status=2)
        self.assertIn("data.train.folder: the file changed since the run began", done.stderr)

    def test_a_network_of_bytes_predicts_pictures(self):
        """IDX images and the same pictures as files give the same predictions."""
        pixels = [(self.dir / f"train/{c}/{i}.pgm").read_bytes()[-12:] for c in ("dark", "light") for i in range(10)]
        self.write("i.idx", struct.pack(">BBBBIII", 0, 0, 8, 3, 20, 4, 3) + b"".join(pixels))
        self.write("l.idx", struct.pack(">BBBBI", 0, 0, 8, 1, 20) + bytes([0] * 10 + [1] * 10))
        self.train('data={"train": {"images": "i.idx", "labels": "l.idx"}, "normalize": 255}')
        images = self.run_program("predict", "run", "i.idx").stdout.splitlines()
        files = self.run_program("predict", "run", "train").stdout.splitlines()
        self.assertEqual([line.split(",", 1)[1] for line in files], images)

    def test_a_network_of_a_table_refuses_pictures(self):
        self.write_example()
        self.train()
        self.assertIn("test/dark/0.pgm: pictures, but the training data is a table",
                      self.run_program("predict", "run", "test/dark/0.pgm", status=2).stderr)


class Sizes(Pictures):
    def test_several_sizes(self):
        self.write("train/dark/3.pgm", pgm(13, 8, 6))
        self.refuse('train/dark/3.pgm: a picture 8 pixels high and 6 wide, expected 4 and 3 as of train/dark/0.pgm; '
                    '"size": [8, 8] beside "folder" makes them fit')
        for i in range(12):  # the cure does not come from the first one
            self.write(f"odd/a/{i}.pgm", pgm(i, 20, 50) if i == 0 else pgm(i, 32, 32))
        self.refuse('odd/a/1.pgm: a picture 32 pixels high and 32 wide, expected 20 and 50 as of odd/a/0.pgm; "size": [32, 32] beside '
                    '"folder" makes them fit', "data.train.folder=odd")
        self.assertIn("1x4x3", self.check("data.train.size=[4,3]").stdout)
        self.assertIn("1x5x6", self.check("data.train.size=[5,6]").stdout)  # the test part's are made to fit as well
        self.assertIn("1x5x6", self.check("data.train.size=[5,6]", "data.test.size=[5,6]").stdout)
        self.refuse("examples of 1x7x6, expected 1x5x6", "data.train.size=[5,6]", "data.test.size=[7,6]")
        (self.dir / "train/dark/3.pgm").unlink()
        self.write("test/dark/0.pgm", pgm(13, 8, 6))
        self.refuse('test/dark/0.pgm: a picture 8 pixels high and 6 wide, expected 4 and 3 as of the training data; '
                    '"size": [4, 3] beside "folder" makes them fit')
        for wrong in "[4]", "[0,3]", "[4,3.5]", "[4,9000]":
            self.refuse("expected [height, width], two whole numbers from 1 to 8192", f"data.train.size={wrong}")

    def test_predict_refuses_another_size_or_makes_it_fit(self):
        self.train()
        self.write("large.pgm", pgm(20, 40, 30))
        self.assertIn("large.pgm: a picture 40 pixels high and 30 wide, expected 4 and 3 as of the training data; --resize makes "
                      "them fit", self.run_program("predict", "run", "large.pgm", status=2).stderr)
        self.assertIn("\nlarge.pgm,dark,", self.run_program("predict", "run", "large.pgm", "--resize").stdout)
        shutil.copytree(self.dir / "test", self.dir / "more")
        self.write("more/dark/large.pgm", pgm(20, 40, 30))
        self.assertIn("--resize", self.run_program("eval", "run", "--on", "more", status=2).stderr)
        self.assertRegex(self.run_program("eval", "run", "--on", "more", "--resize").stdout, r"folder +7 +\S+ +1\.0000")

    def test_a_network_that_was_trained_on_other_sizes_makes_them_fit(self):
        """Where the config has "size" the files that it learned from had another one."""
        self.train("data.train.size=[8,6]", "data.test=null")
        lines = self.run_program("predict", "run", "train").stdout.splitlines()
        self.assertEqual(len(lines), 21)
        self.assertEqual(self.run_program("predict", "run", "train", "--resize").stdout.splitlines(), lines)
        (self.dir / "test").rename(self.dir / "more")
        self.assertRegex(self.run_program("eval", "run", "--on", "more").stdout, r"folder +6 ")
        self.run_program("show", "run", "--on", "more", "-o", "mistakes.png")

    def test_memory_is_bounded(self):
        self.refuse('20 pictures 4 pixels high and 3 wide take more than the 700 bytes that "max_bytes" in "data" allows',
                    "data.max_bytes=700")


class Channels(Pictures):
    def test_seen_or_said(self):
        """Grey where no pixel has a colour, whatever the files' kinds; one coloured picture makes all coloured."""
        self.assertIn("1x4x3", self.check().stdout)
        self.write("train/dark/grey.ppm", ppm(9, 9, 9))
        self.assertIn("1x4x3", self.check().stdout)
        self.assertIn("3x4x3", self.check("data.train.channels=3").stdout)
        self.write("train/light/red.ppm", ppm(200, 9, 9))
        self.assertIn("3x4x3", self.check().stdout)
        self.assertIn("1x4x3", self.check("data.train.channels=1").stdout)
        for wrong in (2, 4):
            self.refuse(f"found {wrong}, expected 1 (grey) or 3 (red, green, blue)", f"data.train.channels={wrong}")
        self.assertIn("| `channels` | 1 (grey) or 3 (red, green, blue) | ", self.run_program("check", "--keys").stdout)

    def test_grey_among_colours_is_repeated(self):
        self.write("train/light/red.ppm", ppm(200, 190, 190))
        self.train()
        grey = self.run_program("predict", "run", "test/dark/0.pgm").stdout
        self.write("same.ppm", b"P6 3 4 255\n" + bytes(v for v in pgm(25)[-12:] for _ in range(3)))
        self.assertEqual(self.run_program("predict", "run", "same.ppm").stdout.split("\n")[1].split(",")[1:],
                         grey.split("\n")[1].split(",")[1:])

    def test_colours_for_a_grey_network_are_said(self):
        self.train()
        self.write("red.ppm", ppm(200, 100, 50))  # L = 124.2, as Pillow has it
        self.write("grey.pgm", b"P5 3 4 255\n" + bytes([124] * 12))
        done = self.run_program("predict", "run", "red.ppm", "grey.pgm")
        self.assertIn("1 of 2 pictures has colours and was made grey, as the training data is", done.stderr)
        red, grey = (line.split(",")[1:] for line in done.stdout.splitlines()[1:])
        self.assertEqual(red, grey)
        self.write("test/light/red.ppm", ppm(200, 100, 50))
        self.assertIn("data.test: test: 1 of 7 pictures has colours and was", self.check().stderr)
        self.assertNotIn("colours", self.check("data.test.channels=1").stderr)


class Memory(Pictures):
    def limited(self, bytes, *arguments):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes, bytes))  # noqa: E731
        done = subprocess.run([PROGRAM, *arguments], cwd=self.dir, env=ENVIRONMENT, capture_output=True, text=True, preexec_fn=limit,
                              timeout=60)
        if "Sanitizer" in done.stderr:
            self.skipTest("a sanitizer needs more memory than this")
        return done

    def test_what_is_too_large_is_counted_and_not_taken(self):
        """5 pictures x 512 filters x 1000x1000 numbers are 9.5 GiB, and their gradients as much."""
        layers = [{"type": "conv2d", "filters": 512, "kernel": 1}, {"type": "global_avg_pool"}, {"type": "linear"}]
        large = (f'model={{"layers": {json.dumps(layers)}}}', "data.train.size=[1000,1000]", "data.test=null", "training.batch_size=5",
                 "training.threads=1")
        cure = (r'a training step over 5 pictures works in 19\.\d GiB: take smaller pictures \("size" beside "folder"\), a smaller '
                '"batch_size" in "training" or a smaller network\n')
        done = self.limited(3 << 30, "check", "config.json", *large)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, rf"^chainrule: warning: memory: there are 3\.0 GiB, and {cure}$")
        self.assertIn("memory of a training step, batch of 5, 1 thread: 19.", done.stdout)
        done = self.limited(3 << 30, "train", "config.json", *large)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, cure)
        self.assertIn("error: out of memory: ", done.stderr)
        self.assertFalse((self.dir / "runs").exists())


class BadInput(Pictures):
    def test_damage_is_reported_together(self):
        jpeg, good = (GOLDEN / "full.jpg").read_bytes(), png(30)
        self.write("train/dark/cut.jpg", jpeg[:400])
        self.write("train/dark/empty.png", b"")
        self.write("train/dark/wrong.png", good[:45] + b"\x99" + good[46:])
        self.write("train/light/text.png", "no picture")
        self.write("train/light/huge.png", good[:16] + struct.pack(">II", 30000, 30000) + good[24:29] + struct.pack(
            ">I", zlib.crc32(good[12:16] + struct.pack(">II", 30000, 30000) + good[24:29])) + good[33:])
        errors = self.refuse("train/dark/cut.jpg: a damaged JPEG: ")
        self.assertIn("train/dark/empty.png: the file is empty; a picture was expected", errors)
        self.assertIn("train/dark/wrong.png: a damaged PNG: ", errors)
        self.assertIn("train/light/text.png: no picture by its content; expected PNG, JPEG, PGM or PPM", errors)
        self.assertIn("train/light/huge.png: a picture 30000 pixels high and 30000 wide; the most is", errors)
        self.assertNotIn("cannot be read", errors)
        for i in range(3):
            self.write(f"train/light/x{i}.png", b"GIF89a")
        self.assertEqual(self.refuse("8 of 28 pictures cannot be read").count("\n"), 6)

    def test_every_picture_is_damaged(self):
        for c in "a", "b":
            self.write(f"bad/{c}/1.png", "no")
        self.refuse("bad/b/1.png: no picture by its content", "data.train.folder=bad")

    def test_content_decides_and_not_the_name(self):
        shutil.copy(GOLDEN / "full.jpg", self.dir / "a.png")
        shutil.copy(GOLDEN / "rgb.png", self.dir / "b.JPG")
        for c in "ab":
            (self.dir / "kinds" / c).mkdir(parents=True)
        shutil.move(self.dir / "a.png", self.dir / "kinds/a/a.png")
        shutil.move(self.dir / "b.JPG", self.dir / "kinds/b/b.JPG")
        self.assertIn("3x11x14", self.check("data.train.folder=kinds", "data.test=null", "data.validation=null").stdout)

    def test_folders_that_are_none_of_classes(self):
        (self.dir / "train/empty").mkdir()
        (self.dir / "train/another").mkdir()
        self.write("train/dark/bad.png", "no")
        for folder in "train", "train/":
            errors = self.refuse("train/empty: a class folder without pictures (.png, .jpg, .jpeg, .pgm, .ppm or .pnm); put some there, "
                                 "or remove it", f"data.train.folder={folder}")
            self.assertIn("train/another: a class folder without pictures", errors)
            self.assertIn("train/dark/bad.png: no picture by its content", errors)
        (self.dir / "train/dark/bad.png").unlink()
        self.refuse("train/dark: 10 pictures such as 0.pgm in the folder itself; expected a folder a class, with the pictures of the "
                    "class: train/dark/CLASS/0.pgm", "data.train.folder=train/dark")
        self.refuse("train/empty: no class folders in it; expected a folder a class", "data.train.folder=train/empty")
        self.write("set/train/a/0.pgm", pgm(1))
        self.refuse("set/train: no pictures in this class folder, but 1 folder; is it the folder of classes that is meant?",
                    "data.train.folder=set")
        self.refuse("it is a file, a folder was expected", "data.train.folder=table.csv")
        self.refuse("no such folder", "data.train.folder=missing")
        self.refuse('all rows are of class "a"', "data.train.folder=set/train")

    def test_a_share_or_a_folder(self):
        self.refuse('found "fraction" beside "folder"; expected either data of its own or a share of the training '
                    "data: remove one of the two", 'data.validation={"fraction": 0.2, "folder": "test"}')

    def test_lines_of_pictures(self):
        """Pictures have a shape, which "shape" in "data" cannot change."""
        said = self.refuse('give it a shape, such as {"type": "reshape", "shape": [1, ',
                           'model.layers=[{"type": "conv1d", "filters": 2, "kernel": 3}, {"type": "linear"}]')
        self.assertNotIn('in "data"', said)

    def test_folders_where_others_are_expected(self):
        self.refuse('"train" is a folder, a table was expected; {"folder": "train"} takes the pictures in it', 'data={"train": "train"}')
        self.refuse('a picture (PNG); pictures are given in a folder a class: {"folder": DIRECTORY}',
                    f'data={{"train": "{GOLDEN}/rgb.png", "target": "x"}}')
        for command, message in (("train", "chainrule describe train makes a config for it"), ("resume", "predict RUN train takes it"),
                                 ("eval", "chainrule eval RUN --on train take it")):
            self.assertIn("train: it is a folder of pictures; ", self.run_program(command, "train", status=2).stderr)
            self.assertIn(message, self.run_program(command, "train", status=2).stderr)

    def test_unknown_class(self):
        (self.dir / "test/dark").rename(self.dir / "test/drak")
        self.refuse('test/drak: there is no such class folder in the training data; its classes: dark, light; if "dark" is meant, '
                    "rename the folder")

    def test_targets_are_classes(self):
        self.refuse("override loss.type: this loss takes numbers, but the targets of pictures in folders are classes; use \"softmax\"",
                    'loss={"type": "l2"}')
        config = json.loads((self.dir / "config.json").read_text())
        self.write("numbers.json", {**config, "loss": {"type": "l1"}})
        self.assertRegex(self.run_program("check", "numbers.json", status=2).stderr,
                         r"numbers\.json:\d+:\d+: loss\.type: this loss takes numbers")

    def test_what_is_no_picture_is_skipped_and_said(self):
        self.assertEqual(self.check().stderr, "")
        for name in "train/.hidden.png", "train/.git/a.png", "train/dark/.DS_Store":
            self.write(name, png(1))
        self.assertEqual(self.check().stderr, "")
        for name in ("train/dark/Thumbs.db", "train/stray.png", "train/light/more/x.png", "train/dark/a.WEBP", "train/light/b.gif"):
            self.write(name, png(1))
        said = self.check().stderr
        for line in ("1 file such as dark/Thumbs.db was skipped: pictures end in .png, .jpg, .jpeg, .pgm, .ppm or .pnm",
                     "1 picture such as stray.png was skipped: beside the class folders there is no class",
                     "1 folder such as light/more was skipped: pictures lie in the class folders themselves",
                     "2 pictures of other formats such as dark/a.WEBP were skipped; convert them to PNG or JPEG"):
            self.assertIn(f"data.train: train: {line}\n", said)
        self.assertEqual(said.count("\n"), 4)

    def test_links(self):
        """A link to a picture or to a folder of a class is followed; one that leads in a circle ends."""
        os.symlink("../light/0.pgm", self.dir / "train/dark/link.pgm")
        os.symlink("../test/light", self.dir / "train/other")
        self.assertIn("train 19 validation 5", self.check().stdout)
        os.symlink(".", self.dir / "train/circle")
        self.refuse("train/circle: no pictures in this class folder, but 4 folders")
        (self.dir / "train/circle").unlink()
        os.symlink("self.pgm", self.dir / "train/dark/self.pgm")
        self.refuse("train/dark/self.pgm: Too many levels of symbolic links")
        (self.dir / "train/dark/self.pgm").unlink()
        os.symlink("nowhere", self.dir / "train/dark/broken.pgm")
        self.refuse("train/dark/broken.pgm: no such file")
        (self.dir / "train/dark/broken.pgm").unlink()
        os.mkfifo(self.dir / "pipe")
        os.symlink("../../pipe", self.dir / "train/dark/pipe.pgm")
        self.refuse("train/dark/pipe.pgm: it is no ordinary file")

    def test_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        os.chmod(self.dir / "train/dark/0.pgm", 0)
        self.refuse("train/dark/0.pgm: Permission denied")
        os.chmod(self.dir / "train/light", 0)
        self.addCleanup(os.chmod, self.dir / "train/light", 0o755)
        self.refuse("train/light: Permission denied")

    def test_names_that_are_not_utf8(self):
        folder = os.fsencode(self.dir) + b"/train/\xff"
        os.mkdir(folder)
        shutil.copy(self.dir / "train/dark/0.pgm", os.fsdecode(folder))
        self.refuse("train/\\xff: the name of this class folder is not UTF-8; rename it")

    def test_files_and_folders_beside_one_another(self):
        self.train()
        one, folder, more = (self.run_program("predict", "run", *paths).stdout.splitlines()
                             for paths in (["test/dark/0.pgm"], ["test/light"], ["train/dark/1.pgm", "train/dark/2.pgm"]))
        done = self.run_program("predict", "run", "test/dark/0.pgm", "test/light", "train/dark/1.pgm", "train/dark/2.pgm")
        self.assertEqual(done.stdout.splitlines(), one + folder[1:] + more[1:])
        self.assertEqual(self.run_program("predict", "run", "test/light", "test/light").stdout.splitlines(), folder + folder[1:])

    def test_tables_and_streams_for_a_network_of_pictures(self):
        self.train()
        self.write("new.csv", "length,width\n1,2\n")
        said = self.run_program("predict", "run", "new.csv", status=2).stderr
        self.assertIn("new.csv: found 2 columns, but the model learned from images of 1x4x3; expected files of images, or the 12 "
                      "values of one in each row", said)
        self.assertIn("new.csv: a table, but the model learned from images of 1x4x3",
                      self.run_program("eval", "run", "--on", "new.csv", status=2).stderr)
        self.write("row.csv", ",".join(map(str, pgm(25)[-12:])) + "\n")
        self.write("same.pgm", pgm(25))
        self.assertEqual(self.run_program("predict", "run", "row.csv").stdout.splitlines()[1],
                         self.run_program("predict", "run", "same.pgm").stdout.splitlines()[1].split(",", 1)[1])
        picture = (GOLDEN / "rgb.png").read_bytes()
        done = subprocess.run([PROGRAM, "predict", "run", "-"], input=picture, capture_output=True, env=ENVIRONMENT, cwd=self.dir)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.decode(), "chainrule: error: standard input: this is no table of text but a picture; pictures are "
                                               "read from files: name them in place of -\n")

    def test_arguments_that_do_not_fit(self):
        self.train()
        for message, *arguments in (
                ("table.csv: several files can be pictures, but this is none", "predict", "run", "table.csv", "test/dark/0.pgm"),
                ("--resize is for pictures, and table.csv holds none", "predict", "run", "table.csv", "--resize"),
                ("--keep all: test/dark holds images, which have no columns", "predict", "run", "test/dark", "--keep", "all"),
                ("-o test/dark/1.pgm: that is a file that the config names, which", "predict", "run", "test/dark/0.pgm", "test/dark/1.pgm", "-o",
                 "test/dark/1.pgm"),
                ("-o test/dark/1.pgm: that is the file to predict", "predict", "run", "test", "-o", "test/dark/1.pgm"),
                ("-o test/dark/1.pgm: that is the file to predict", "predict", "run", "test/dark", "-o", "test/dark/1.pgm"),
                ("-o train/dark/1.pgm: that is a file that the config names", "predict", "run", "test", "-o", "train/dark/1.pgm"),
                ("-o train/dark/1.pgm: that is a file that the config names", "show", "run", "-o", "train/dark/1.pgm"),
                ("-o train/dark/1.pgm: that is what is described", "describe", "train", "-o", "train/dark/1.pgm"),
                ("test/dark/0.pgm: a picture without a class", "eval", "run", "--on", "test/dark/0.pgm"),
                ("empty: no pictures (.png, .jpg, .jpeg, .pgm, .ppm or .pnm) in it, nor in the folders", "predict", "run", "empty")):
            (self.dir / "empty").mkdir(exist_ok=True)
            with self.subTest(message):
                self.assertIn(message, self.run_program(*arguments, status=2).stderr)
        self.write("config.json", (self.dir / "config.json").read_text().replace('"folder": "test"',
                                                                                 '"images": "table.csv", "labels": "table.csv"'))
        self.refuse("found images, but data.train is pictures in folders")


class Warnings(Pictures):
    def test_noise_that_is_lost_in_bytes(self):
        noise = lambda std: self.check(f'data.augment=[{{"type": "flip"}}, {{"type": "noise", "std": {std}}}]').stderr  # noqa: E731
        self.assertIn(": 0.1 is next to nothing where values are from 0 to 255, in whose units it is; a share of 0.1 "
                      "would be 25.5", noise(0.1))
        self.assertEqual(noise(5), "")

    def test_the_same_folder_twice(self):
        self.assertIn(': it is the same data as that of "train": its figures say what was learned by heart, and not how '
                      'good the network is at what it has not seen; {"fraction": 0.2} splits a part off',
                      self.check('data.validation={"folder": "train"}').stderr)
        shutil.copytree(self.dir / "train", self.dir / "copy")
        self.assertIn('data.test: it is the same data as that of "train"', self.check("data.test.folder=copy").stderr)

    def test_one_picture_of_a_class(self):
        for i in range(1, 10):
            (self.dir / f"train/light/{i}.pgm").unlink()
        self.assertIn('the validation part has no row of "light": its figures say nothing of that; it has no other row: gather more of '
                      "them", self.check().stderr)


class Describe(Pictures):
    def describe(self, *arguments, status=0):
        return self.run_program("describe", *arguments, status=status)

    def test_describe_train(self):
        """The config that describe prints trains as it is."""
        done = self.describe("train")
        self.assertEqual(done.stderr.splitlines(), [
            "train: 20 pictures, 0 with colours, 2 classes", "size: all 4x3 (height x width)", "class         pictures",
            "dark                10", "light               10"])
        self.write("made/made.json", done.stdout)
        self.assertEqual(self.describe("train/", "-o", "made/other.json").stdout, done.stderr.replace("train:", "train/:"))
        self.assertEqual(json.loads((self.dir / "made/other.json").read_text())["data"]["train"], {"folder": "../train"})
        self.run_program("train", "made/other.json", "-q", "-o", "run")
        (self.dir / "test").rename(self.dir / "tests")  # a folder with nearly the name of a part
        self.assertRegex(self.run_program("eval", "run", "--on", "tests").stdout, r"folder +6 +\S+ +1\.0000")

    def test_network_suits_the_pictures(self):
        def layers(height, width, count=2, colour=False):
            shutil.rmtree(self.dir / "set", ignore_errors=True)
            for i in range(count):
                self.write(f"set/{'ab'[i % 2]}/{i}.ppm", ppm(i, 9 if colour else i, i, height * (i + 1 if count > 2 else 1), width))
            made = json.loads(self.describe("set").stdout)
            kinds = [layer["type"] for layer in made["model"]["layers"]]
            return made["data"]["train"].get("size"), kinds.count("conv2d"), [a["type"] for a in made["data"].get("augment", [])]
        self.assertEqual(layers(1, 1), (None, 1, []))
        self.assertEqual(layers(28, 28), (None, 2, ["shift"]))
        self.assertEqual(layers(32, 32, colour=True), (None, 3, ["shift", "flip"]))
        self.assertEqual(layers(300, 150), ([64, 32], 3, ["shift"]))
        self.assertIn('size: all 300x150 (height x width); the config makes them 64x32: "size" in it changes that\n', self.describe("set").stderr)
        self.assertEqual(layers(40, 200, count=4), ([64, 64], 3, ["shift"]))
        self.assertEqual(layers(10, 12, count=4), ([16, 16], 2, ["shift"]))
        self.assertIn('; the config makes all 16x16: "size" in it changes that\n', self.describe("set").stderr)
        self.write("one.json", self.describe("set").stdout)
        self.assertIn("1x16x16", self.check_of("one.json"))

    def check_of(self, config):
        return self.run_program("check", config).stdout

    def test_figures_and_oddities(self):
        shutil.copy(self.dir / "train/dark/1.pgm", self.dir / "train/dark/copy.pgm")
        shutil.copy(self.dir / "train/dark/2.pgm", self.dir / "train/light/wrong.pgm")
        self.write("train/dark/large.ppm", ppm(1, 2, 3, 9, 9))
        self.write("train/dark/bad.png", "no")
        self.write("train/notes.txt", "")
        found = json.loads(self.describe("train", "--json").stdout)
        self.assertEqual(found["classes"], [{"name": "dark", "pictures": 13}, {"name": "light", "pictures": 11}])
        self.assertEqual(found["sizes"], [{"height": 4, "width": 3, "pictures": 22}, {"height": 9, "width": 9, "pictures": 1}])
        self.assertEqual([found[k] for k in ("pictures", "coloured", "different_sizes")], [24, 1, 2])
        odd = self.describe("train").stderr
        self.assertEqual(len(found["oddities"]), odd.count("odd: "))
        (self.dir / "train/empty").mkdir()
        odd = self.describe("train").stderr
        for line in ("train/dark/bad.png: no picture by its content", "train: 1 file such as notes.txt was skipped",
                     "a training refuses pictures that cannot be read: remove or replace the 1 first",
                     "train/empty: a class folder without pictures (",
                     "1 file stands there twice, such as dark/1.pgm and dark/copy.pgm",
                     "1 file stands there twice, in two classes, such as dark/2.pgm and light/wrong.pgm"):
            self.assertIn(f"odd: {line}", odd)
        shutil.rmtree(self.dir / "train/light")
        shutil.rmtree(self.dir / "train/empty")
        done = self.describe("train", status=2).stderr
        self.assertIn("train: one class alone: a network learns to tell two classes or more apart", done)
        self.assertEqual(done.count("one class alone"), 1)
        self.assertIn(" 1 class\n", done)

    def test_rare_class(self):
        for i in range(101):
            self.write(f"set/many/{i}.pgm", pgm(i))
        self.write("set/rare/0.pgm", pgm(199))
        self.assertIn('odd: 1 picture of "rare": too few to learn from', self.describe("set").stderr)
        for i in range(1, 10):
            self.write(f"set/rare/{i}.pgm", pgm(199 + i))
        self.assertIn('odd: 10 pictures of "rare" and 101 of "many": "class_weights": "balanced"', self.describe("set").stderr)

    def test_what_describe_refuses(self):
        self.assertIn("--target and key.path=value are for tables", self.describe("train", "--target", "x", status=2).stderr)
        self.assertIn("such as 0.pgm in the folder itself", self.describe("train/dark", status=2).stderr)
        self.train()
        for path in ("config.json", "run"):  # whose folder is described; a config there is already
            done = self.describe(path)
            self.assertEqual(done.stdout, self.describe("train").stderr)
            self.assertEqual(done.stderr, "")
        self.describe("run", "-o", "again.json")
        self.assertEqual((self.dir / "again.json").read_text(), self.describe("train").stdout)
        self.assertIn("chainrule describe looks at their folder: test",
                      self.describe("config.json", "data.train.folder=test", status=2).stderr)
        self.assertEqual(self.describe("train/dark/0.pgm", status=2).stderr,
                         "chainrule: error: train/dark/0.pgm: one picture; expected the folder of the class folders: "
                         "chainrule describe train\n")
        self.write("x.pgm", pgm(1))
        self.assertIn("FOLDER/CLASS/x.pgm\n", self.describe("x.pgm", status=2).stderr)
        self.assertEqual(self.describe("trian", status=2).stderr, "chainrule: error: trian: no such file\n")


class Doctor(Pictures):
    def doctor(self, *overrides):
        """Verdict and text of each check."""
        done = self.run_program("doctor", "config.json", "training.epochs=5", *overrides, status=None)
        lines = [line.split(None, 2) for line in done.stdout.splitlines()[:-1]]
        return {check: (verdict, text) for verdict, check, text in lines}

    def test_pictures_that_are_well(self):
        found = self.doctor()
        self.assertEqual(found["pictures"], ("ok", "16 of 1x4x3, values from 10 to 208"))
        self.assertNotIn("columns", found)
        self.assertEqual(found["targets"], ("ok", "2 classes of 8 rows each"))

    def test_odd_pictures(self):
        self.write("train/dark/black.png", png(0))
        for name in "train/dark/copy.pgm", "train/light/wrong.pgm", "test/dark/9.pgm":
            shutil.copy(self.dir / "train/dark/1.pgm", self.dir / name)
        found = self.doctor("data.validation=null")
        self.assertEqual(found["pictures"], (
            "warning", "23 of 1x4x3, values from 0 to 208; 1 has the same value in all pixels, such as train/dark/black.png: remove "
            "them; 1 stands in two classes, such as train/dark/1.pgm and train/light/wrong.pgm: one of the two is wrong; 1 is a copy "
            "of others, such as train/dark/copy.pgm of train/dark/1.pgm"))
        self.assertEqual(found["duplicates"][0], "warning")
        self.assertIn("1 of 7 rows of test are rows of training too, such as test/dark/9.pgm; its figures are too good: remove them "
                      "from one of the two", found["duplicates"][1])

    def test_dark_pictures(self):
        for i in range(10):
            self.write(f"low/a/{i}.pgm", b"P5 2 2 255\n" + bytes([i, 1, 2, 3]))
            self.write(f"low/b/{i}.pgm", b"P5 2 2 255\n" + bytes([3, i, 9, i]))
        verdict, text = self.doctor("data.train.folder=low", "data.test=null")["pictures"]
        self.assertEqual((verdict, text), ("warning", "16 of 1x2x2, values from 0 to 9; as dark as this, \"normalize\": "
                                           "\"standardize\" brings them to what networks expect, 255 does not"))


if __name__ == "__main__":
    main()
