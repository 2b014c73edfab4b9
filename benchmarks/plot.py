"""Draws ``docs/images/growth.svg`` of ``results/growth.json``.

::

    .venv/bin/python -m pip install -e '.[bench]'
    .venv/bin/python benchmarks/plot.py
    .venv/bin/python benchmarks/plot.py --output /tmp/growth.png

Needs matplotlib, which is in no pins: nothing but this uses it.
"""

import argparse
from pathlib import Path
from typing import Any

import matplotlib as mpl
from results import known

mpl.use("Agg")
# The same figures make the same file.
mpl.rcParams["svg.hashsalt"] = "apiserver"

from matplotlib import pyplot as plt  # noqa: E402 (after the backend is chosen)

OUTPUT = Path(__file__).parent.parent / "docs/images/growth.svg"
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
COLORS = {"offset": "#d1495b", "cursor": "#00798c"}
STYLES = {"id": "-", "title": "--"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the growth of pages.")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    output: Path = parser.parse_args().output
    databases = known("growth")["databases"]
    figure, all_axes = plt.subplots(1, len(databases), sharey=True, squeeze=False)
    figure.set_size_inches(9, 4)
    for axes, (database, found) in zip(all_axes[0], databases.items(), strict=True):
        draw(axes, found["pages"])
        axes.set_title(TITLES[database])
    all_axes[0][0].set_ylabel("milliseconds a page of 20")
    all_axes[0][0].legend(frameon=False)
    figure.tight_layout()
    output.parent.mkdir(exist_ok=True)
    figure.savefig(output, dpi=100, metadata={"Date": None} if is_svg(output) else None)
    print(f"Drawn: {output}")


def is_svg(output: Path) -> bool:
    return output.suffix == ".svg"


def draw(axes: Any, pages: dict[str, Any]) -> None:
    """Draw a line for each order and way; the depths are at equal distances."""
    for sort, ways in pages.items():
        for way, times in ways.items():
            depths = [f"{int(depth):,}" for depth in times]
            label = f"{way}, by {sort}"
            style = {"color": COLORS[way], "linestyle": STYLES[sort], "marker": "o"}
            axes.plot(depths, list(times.values()), label=label, **style)
    axes.set_yscale("log")
    axes.set_xlabel("rows before the page")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y", alpha=0.3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


if __name__ == "__main__":
    main()
