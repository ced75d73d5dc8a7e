#!/usr/bin/env python3
"""Small picture files of every kind in pictures/, and what Pillow reads in them and makes of them in other sizes, as
pictures.json beside this script. Needs Pillow."""

import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "pictures"
HEIGHT, WIDTH = 11, 14


def png(name, samples, depth, colour, interlaced=False, width=None):
    """Kinds of PNG that Pillow does not write: samples[height, width, channels] as they stand in the file;
    width: of the picture where a byte has several pixels."""
    def lines(part):
        rows = part.astype(">u2" if depth == 16 else "u1")
        return b"".join(b"\0" + row.tobytes() for row in rows) if part.size else b""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b"".join(lines(samples[y::down, x::right]) for y, x, down, right in passes) if interlaced else lines(samples)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width or samples.shape[1], samples.shape[0], depth, colour, 0, 0, interlaced)
    (FOLDER / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) +
                                chunk(b"IEND", b""))


def write_files():
    draw = np.random.default_rng(1)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    smooth = np.stack([15 * y + 5 * x, 250 - 17 * x, 8 * x + 12 * y], axis=2)
    rgb = np.clip(smooth + draw.integers(-20, 21, smooth.shape), 0, 255).astype(np.uint8)
    colour = Image.fromarray(rgb)
    grey = colour.convert("L")
    wide = draw.integers(0, 65536, (HEIGHT, WIDTH, 4))
    alpha = draw.integers(0, 256, (HEIGHT, WIDTH, 1))
    colour.save(FOLDER / "rgb.png")
    grey.save(FOLDER / "grey.png")
    for bits in 1, 2, 4:
        few = grey.point(lambda v, b=bits: v >> (8 - b)).quantize(2 ** bits) if bits > 1 else grey.convert("1")
        few.save(FOLDER / f"few{bits}.png", bits=bits)
    colour.quantize(7).save(FOLDER / "palette.png", transparency=2)
    Image.fromarray(np.concatenate([rgb, alpha.astype(np.uint8)], axis=2)).save(FOLDER / "rgba.png")
    fours = np.asarray(grey) >> 4
    png("grey4.png", (fours[:, ::2] << 4 | fours[:, 1::2])[..., None], 4, 0, width=WIDTH)
    png("grey16.png", wide[..., :1], 16, 0)
    png("rgb16.png", wide[..., :3], 16, 2)
    png("grey_alpha.png", np.concatenate([np.asarray(grey)[..., None], alpha], axis=2), 8, 4)
    png("grey_alpha16.png", wide[..., :2], 16, 4)
    png("interlaced.png", rgb, 8, 2, interlaced=True)
    grey.save(FOLDER / "grey.jpg", quality=80)
    for name, options in {"full": {"subsampling": 0}, "halved": {"subsampling": 2},
                          "progressive": {"progressive": True}}.items():
        colour.save(FOLDER / f"{name}.jpg", quality=80, **options)
    colour.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)
    grey.save(FOLDER / "grey.pgm")
    colour.save(FOLDER / "rgb.ppm")
    (FOLDER / "text.pgm").write_text(f"P2 # in text\n{WIDTH} {HEIGHT}\n100\n" +
                                     "\n".join(" ".join(map(str, row)) for row in np.asarray(grey) * 100 // 255) + "\n")
    (FOLDER / "text.ppm").write_text(f"P3\n{WIDTH} {HEIGHT}\n255\n" + "\n".join(map(str, rgb.ravel())) + "\n")
    (FOLDER / "low.ppm").write_bytes(b"P6\n%d %d 31\n" % (WIDTH, HEIGHT) + (rgb // 8).tobytes())
    (FOLDER / "wide.pgm").write_bytes(b"P5 %d %d\n65535\n" % (WIDTH, HEIGHT) + wide[..., 0].astype(">u2").tobytes())


def read(path):
    """[height, width, channels] of bytes. Pillow keeps 16 bits of grey; the upper 8 are what is expected of PNG, the
    nearest level of a PGM."""
    with Image.open(path) as picture:
        if picture.mode.startswith("I"):
            wide = np.asarray(picture).astype(int)
            return (wide >> 8 if path.suffix == ".png" else (wide * 255 + 32767) // 65535)[..., None]
        is_grey = picture.mode in ("1", "L", "LA") or path.name.startswith("grey")
        pixels = np.asarray(picture.convert("L" if is_grey else "RGB"))
    return pixels[..., None] if is_grey else pixels


def main():
    FOLDER.mkdir(exist_ok=True)
    write_files()
    golden = {"pictures": [], "resized": []}
    for path in sorted(FOLDER.iterdir()):
        pixels = read(path)
        luma = np.asarray(Image.fromarray(pixels.astype(np.uint8)).convert("L")) if pixels.shape[2] == 3 else pixels
        golden["pictures"].append({"file": path.name, "shape": pixels.shape, "bytes": pixels.ravel().tolist(),
                                   "grey": luma.ravel().tolist()})
    for name in "rgb.png", "grey.png":
        with Image.open(FOLDER / name) as picture:
            for height, width in (4, 5), (1, 1), (3, 40), (25, 33), (11, 7), (11, 14):
                made = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
                golden["resized"].append({"file": name, "height": height, "width": width, "bytes": made.ravel().tolist()})
    (HERE / "pictures.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
