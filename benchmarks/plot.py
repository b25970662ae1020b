#!/usr/bin/env python3
"""Plots of how builds grow, from the speed.json files of several sizes, as svg files in docs/images.

    pip install matplotlib==3.* && python benchmarks/plot.py FOLDER...
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
# The same bytes for the same figures.
matplotlib.rcParams["svg.hashsalt"] = "speed"
import matplotlib.pyplot as plt  # noqa: E402

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
TITLES = {"a": "floor", "b": "by hand", "c": "full build", "n": "full build without data tests", "d": "refresh, one new day", "e": "nothing new", "f": "a changed rule", "g": "backfill of 12 months"}


def plot(name: str, label: str, figures: list[dict], key: str) -> None:
    """Seconds of each measure over `key` (events or rules), both axes logarithmic."""
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for letter, title in TITLES.items():
        points = sorted((run[key], run["measures"][letter]["seconds"]) for run in figures if letter in run["measures"])
        if len(points) > 1:
            axes.plot(*zip(*points), marker="o", markersize=4, label=title)
    axes.set(xscale="log", yscale="log", xlabel=label, ylabel="seconds")
    axes.grid(True, which="major", linewidth=0.3)
    axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.savefig(IMAGES / f"{name}.svg", bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    runs = [json.loads((Path(folder) / "speed.json").read_text(encoding="utf-8")) for folder in sys.argv[1:]]
    common = max({run["rules"] for run in runs}, key=[run["rules"] for run in runs].count)
    plot("growth_by_events", "events", [run for run in runs if run["rules"] == common], "events")
    plot("growth_by_rules", "rules", [run for run in runs if run["events"] in {other["events"] for other in runs if other["rules"] != common}], "rules")
