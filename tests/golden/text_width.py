#!/usr/bin/env python3
"""Writes src/base/text_width_table.c: the columns of characters on a terminal, by Python's copy of the Unicode database
(categories of characters, and Unicode Standard Annex 11, East Asian Width). Then: clang-format -i on the file."""

import pathlib
import unicodedata

OUT = pathlib.Path(__file__).resolve().parents[2] / "src/base/text_width_table.c"


# formatting that is shown nevertheless: a soft hyphen, and signs that stand around the digits behind them
SHOWN = {0xAD, *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def width(code):
    if code in SHOWN:
        return 1
    if 0x3248 <= code <= 0x324F or 0x4DC0 <= code <= 0x4DFF:  # wide in terminals, and the latter by later versions
        return 2
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:  # vowels and finals, joined to the Hangul before them
        return 0
    if 0x20000 <= code <= 0x2FFFD or 0x30000 <= code <= 0x3FFFD:  # planes of ideographs, whether or not in use
        return 2
    character = chr(code)
    if unicodedata.category(character) == "Cn":  # not in use; Python says F
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def ranges(wanted):
    start = None
    for code in range(0x80, 0x110001):
        inside = code < 0x110000 and width(code) == wanted
        if inside and start is None:
            start = code
        if not inside and start is not None:
            yield start, code - 1
            start = None


def table(name, wanted):
    found = list(ranges(wanted))
    rows = "".join(f"{{0x{first:X}, 0x{last:X}}}, " for first, last in found)
    return (f"const cr_text_range {name}[] = {{\n{rows.rstrip()}\n}};\n\n"
            f"const size_t {name}_count = CR_COUNT({name});\n")


OUT.write_text(f"""/* Columns of characters on a terminal; the others take one. Unicode {unicodedata.unidata_version}.
 * Written by tests/golden/text_width.py. */
#include "base/memory.h"
#include "base/text_width.h"

/* Combining marks, joiners and other formatting. */
{table("cr_text_width_none", 0)}
/* East Asian Width W and F. */
{table("cr_text_width_two", 2)}""")
