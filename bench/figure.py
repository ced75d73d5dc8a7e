#!/usr/bin/python3
"""Draws the ratios of `bench/compare --json FILE` as SVG: bench/figure.py FILE.json FILE.svg"""

import json
import math
import pathlib
import sys
from xml.sax.saxutils import escape

COLOURS = {"torch": "#c44e52", "jax": "#55a868", "numpy": "#4c72b0", "sklearn": "#c97b2c"}
TITLES = {"torch": "PyTorch", "jax": "JAX", "numpy": "NumPy", "sklearn": "scikit-learn"}
NOTES = {"numpy": ", written by hand"}

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760, 200, 60, 92, 70
BAR, GAP, GROUP_GAP = 15, 2, 14
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def text(x, y, words, size=13, anchor="start", colour="#222222", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def draw(report, path):
    """The whole picture has a light ground of its own: it looks the same on a dark page."""
    results, peers = report["training"], [peer for peer in COLOURS if peer in report["versions"]]
    least_group = 2 * (BAR + GAP) - GAP  # room for the workload's name
    groups = [max(least_group, sum(peer in r for peer in peers) * (BAR + GAP) - GAP) for r in results]
    height = TOP + sum(groups) + (len(results) - 1) * GROUP_GAP + BOTTOM
    ratios = [r[peer]["ratio"] for r in results for peer in peers if peer in r]
    least, most = min(0.95, *ratios) * 0.95, max(ratios) * 1.1

    def x(ratio):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(ratio / least) / math.log(most / least)

    machine, ground = report["machine"], height - BOTTOM
    versions = {peer: ".".join(version.split(".")[:2]) for peer, version in report["versions"].items()}
    title = "How many times as fast chainrule trains"
    where = (f"{machine['processors']} cores of {machine['cpu']}; {machine['blas']['library']}, kernel {machine['blas']['kernel']}; "
             f"medians of {report['rounds']} rounds, {report['date']}")
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
           f'font-family="sans-serif" role="img">', f"<title>{escape(title)}</title>", f"<desc>{escape(where)}</desc>",
           f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6" fill="#ffffff" stroke="#cccccc"/>',
           text(20, 30, title, 16, weight="bold")]
    at = 20
    for peer in peers:
        words = f"as {TITLES[peer]} {versions[peer]}{NOTES.get(peer, '')}"
        out += [f'<rect x="{at}" y="45" width="13" height="13" fill="{COLOURS[peer]}"/>', text(at + 19, 56, words)]
        at += 19 + 7 * len(words) + 22
    for step in STEPS:
        if least < step < most:
            colour = "#555555" if step == 1 else "#dddddd"
            dash = ' stroke-dasharray="4 3"' if step == 1 else ""
            out += [f'<line x1="{x(step):.1f}" y1="{TOP - 12}" x2="{x(step):.1f}" y2="{ground + 6}" stroke="{colour}"{dash}/>',
                    text(x(step), ground + 22, f"{step:g} ×", 12, "middle")]
    y = TOP
    for result, group in zip(results, groups):
        middle, top = y + group / 2, y
        out += [text(LEFT - 12, middle - 2, result["name"], 13, "end", weight="bold"),
                text(LEFT - 12, middle + 14, f"{result['network']}, batch {result['batch']}", 11, "end", "#555555")]
        for peer in filter(result.__contains__, peers):
            ratio = result[peer]["ratio"]
            ends = sorted((x(1), x(ratio)))  # a bar begins at the same speed
            out += [f'<rect x="{ends[0]:.1f}" y="{y}" width="{ends[1] - ends[0]:.1f}" height="{BAR}" fill="{COLOURS[peer]}"/>',
                    text(ends[1] + 5, y + BAR - 3, f"{ratio:.1f} ×", 12)]
            y += BAR + GAP
        y = top + group + GROUP_GAP
    out += [text((LEFT + WIDTH - RIGHT) / 2, ground + 40, "samples per second of chainrule over those of the other, each with "
                 "its best number of threads (logarithmic)", 11, "middle", "#555555"),
            text(20, height - 12, where, 11, colour="#555555"), "</svg>"]
    pathlib.Path(path).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2])
