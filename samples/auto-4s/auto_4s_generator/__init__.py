"""A year of a car dealer: prospects, visitors, test drives, orders and cars, and what is wrong in the registers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from made_up.registers import Truth

from auto_4s_generator.cars import write_cars
from auto_4s_generator.dealer import Dealer
from auto_4s_generator.people import write_people


def write_sample(
    out: Path, seed: int, scale: float, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Write `in/` and `truth/` below `out` and return the source rows per object."""
    truth = Truth(out / "truth")
    truth.headers |= {
        "balance": ("warehouse", "model", "opening", "in", "out", "moved", "closing"),
        "owners": ("origin", "groups"),
        "levels": ("origin", "level"),
        "lost_ids": ("origin",),
    }
    dealer = Dealer(seed, scale, truth)
    write_people(dealer, out / "in")
    if progress:
        progress(1, 2)
    write_cars(dealer, out / "in")
    if progress:
        progress(2, 2)
    return truth.close()
