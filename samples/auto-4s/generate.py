"""Generate the auto-4s sample: the registers and the DMS of a car dealer, and the truth about them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

SEED = 20261031


def generate(
    out: Path, seed: int = SEED, scale: float = 1.0, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Write `in/` and `truth/` below `out`; files that are there already are replaced.

    Args:
        out: a folder; it is made where it is missing.
        seed: another seed is another dealer.
        scale: 1.0 is 4,200 prospects, 18,000 follow-ups and 5,500 rows of the register of visitors.
        progress: called now and then with the steps done and all steps.

    Returns:
        Source rows per object.
    """
    _find_neighbours()
    from auto_4s_generator import write_sample

    return write_sample(Path(out), seed, scale, progress)


def main() -> None:
    """Read the command line."""
    _find_neighbours()
    from made_up.command import run

    run(__doc__ or "", generate, SEED, "4,200 prospects")


def _find_neighbours() -> None:
    here = Path(__file__).resolve().parent
    for folder in (here.parent, here):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


if __name__ == "__main__":
    main()
