"""The command line that the generators of the samples share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run(description: str, generate: Callable[..., dict[str, int]], seed: int, full: str) -> None:
    """Read the command line, write the sample, and print the source rows per object.

    Args:
        description: of the sample.
        generate: writes it: `generate(out, seed, scale)`.
        seed: where none is given.
        full: what scale 1.0 is.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True, help="the folder that gets in/ and truth/")
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--scale", type=float, default=1.0, help=f"1.0 is {full}")
    arguments = parser.parse_args()
    for name, rows in generate(arguments.out, arguments.seed, arguments.scale).items():
        print(f"{name}\t{rows}")
